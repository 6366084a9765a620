//! The data as it is, the rule of choosing, and what is measured, multiplied, estimated and unknown.

use std::collections::BTreeSet;

use gpurate_domain::gpu::Gpu;
use proptest::prelude::*;

use super::speed::is_implausible;
use super::*;
use crate::catalogue;

fn gpu(slug: &str) -> &'static Gpu {
    let gpus = catalogue::gpus();
    gpus.gpu(gpus.by_slug(slug).unwrap_or_else(|| panic!("{slug} is in the table")))
}

fn find(id: &str) -> &'static Workload {
    table().find(id).unwrap_or_else(|error| panic!("{error}"))
}

fn mib(gib_tenths: u32) -> Vram {
    Vram::from_mib(gib_tenths * 1024 / 10)
}

fn best(id: &str, card: &str) -> Choice<'static> {
    choose_variant(find(id), gpu(card), gpu(card).vram().expect("a size"), true, true)
}

fn name(variant: Option<&Variant>) -> &str {
    variant.map_or("none", |variant| &variant.name)
}

#[track_caller]
fn check(id: &str, cards: &[&str], expected: &str) {
    for card in cards {
        assert_eq!(name(best(id, card).chosen), expected, "{id} on {card}");
    }
}

fn speed(id: &str, variant: &str, card: &str, steps: Option<u32>) -> Result<Speed, NoSpeed> {
    let workload = find(id);
    seconds(workload, workload.variant(variant).expect("a variant"), gpu(card), steps, None)
}

#[track_caller]
fn check_speed(id: &str, variant: &str, card: &str, steps: u32, kind: &str, milliseconds: [u64; 3]) {
    let speed = speed(id, variant, card, Some(steps)).unwrap_or_else(|error| panic!("{id} {variant} on {card}: {error}"));
    let found = match speed.basis {
        Basis::Measured { .. } => "measured",
        Basis::Scaled { .. } => "scaled",
        Basis::Estimated { .. } => "estimated",
    };
    let Range { low, typical, high } = speed.milliseconds_per_unit;
    assert_eq!((found, [low, typical, high]), (kind, milliseconds), "{id} {variant} on {card}: {}", speed.words);
}

#[test]
fn every_row_is_read_and_names_what_exists() {
    let table = table();
    let variants: usize = table.workloads().iter().map(|workload| workload.variants.len()).sum();
    let own = |workload: &Workload| workload.benchmarks.iter().filter(|row| row.lent_by.is_none()).count();
    let benchmarks: usize = table.workloads().iter().map(own).sum::<usize>() + table.others.len();
    assert_eq!((table.workloads().len(), variants, benchmarks), (48, 207, 307));
    for workload in table.workloads() {
        assert!(!workload.variants.is_empty(), "{}", workload.id);
        for variant in &workload.variants {
            assert!(!variant.source.is_empty() && variant.workload == workload.id, "{} {}", workload.id, variant.name);
        }
        for row in &workload.benchmarks {
            assert!(!row.source.is_empty() && !row.date.is_empty(), "{} {}", workload.id, row.gpu_label);
        }
    }
}

#[test]
fn a_word_where_a_number_belongs_is_refused() {
    let head = "id,aliases,name,kind,precision,vram_min_gib,vram_min_basis,vram_recommended_gib,vram_recommended_basis,checkpoint_gb,download_gb,default_steps,default_resolution,passes_per_step,tflop_per_step,tflop_source,speed_as,output_mb,output_basis,vram_source,size_source,steps_source,note\n";
    let read = |row: &str| {
        let workloads = format!("{head}{row}\n");
        let [variants, benchmarks, labels] = [
            "workload,variant,precision,quality_bits,needs,offload,compiled,gpus,resolution,other_work,vram_gib_needed,vram_basis,vram_basis_text,quality_note,weights_gb,speed_factor,batch_vram_gib_per_extra_image,batch_speedup,licence_commercial,source,source_date\n",
            "workload,model,variant,unused,caution,resolution,steps,batch,precision,software,gpu,it_per_s,seconds,source,date,evidence,series,note\n",
            "label,slug,why\n",
        ];
        Table::read(catalogue::gpus(), &workloads, variants, benchmarks, labels).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(read("a,,A,image,,4,,,,,,28,1024x1024,1,,,,1.31,,,,,"), Ok(()));
    for bad in [
        "a,,A,image,,not found,,,,,,28,1024x1024,1,,,,1.31,,,,,",
        "a,,A,image,,4,,,,,,1-4,1024x1024,1,,,,1.31,,,,,",
        "a,,A,image,,4,,,,,,28,1024,1,,,,1.31,,,,,",
        "a,,A,sound,,4,,,,,,28,1024x1024,1,,,,1.31,,,,,",
        "a,,A,image,,4,,,,,,28,1024x1024,1,,,nobody,1.31,,,,,",
    ] {
        assert!(read(bad).is_err_and(|error| error.contains("workloads.csv")), "{bad}");
    }
}

#[test]
fn a_benchmark_s_card_is_a_part_of_the_table_or_known_not_to_be() {
    let table = table();
    let rows = table.workloads().iter().flat_map(|workload| &workload.benchmarks).chain(&table.others);
    let mut unresolved = BTreeSet::new();
    for row in rows {
        match &row.gpu {
            Some(slug) => assert!(catalogue::gpus().by_slug(slug).is_some(), "{slug}"),
            None => {
                unresolved.insert(row.gpu_label.as_str());
                assert!(row.gpu_label == "H800 NVL 80GB" || row.variant.is_none(), "{} is of no card", row.gpu_label);
            }
        }
    }
    let known = ["GPU not named in the table", "H800 NVL 80GB", "RTX 2000E Ada", "RTX 3090, 3090 Ti and 4090 mixed", "not stated"];
    assert_eq!(unresolved.into_iter().collect::<Vec<_>>(), known);
}

#[test]
fn a_name_is_found_however_it_is_written_and_a_wrong_one_is_hinted_at() {
    for (typed, id) in [
        ("flux1-dev", "flux1_dev"),
        ("FLUX.1 dev", "flux1_dev"),
        ("sdxl", "sdxl_base"),
        ("sd15", "sd15"),
        ("SD 1.5", "sd15"),
        ("lora_flux", "lora_flux"),
        ("wan2.2-5b", "wan22_5b"),
    ] {
        assert_eq!(find(typed).id, id, "{typed}");
    }
    let error = table().find("flux1-dve").expect_err("no such");
    assert_eq!(error.near.first().map(String::as_str), Some("flux1_dev"));
    assert_eq!(error.to_string().matches("did you mean").count(), 1, "{error}");
    let many = table().find("sdx").expect_err("no such").near;
    assert!(many.contains(&"sdxl_base".to_owned()) && many.len() == 3, "{many:?}");
    assert!(table().find("").expect_err("no such").near.is_empty());
    assert!(table().find("zzzzzz").expect_err("no such").near.is_empty());
}

#[test]
fn flux_dev_by_card() {
    let forty = ["a100-40gb-sxm", "a40", "rtx-a6000", "l40s", "l20", "rtx-6000-ada", "rtx-4090-48gb", "h100-sxm", "h200-sxm", "b200"];
    check("flux1-dev", &forty, "bf16_compiled");
    check("flux1-dev", &["rtx-5090", "rtx-5000-ada"], "fp8_te_bf16");
    check("flux1-dev", &["rtx-4090", "l4"], "fp8_resident");
    check("flux1-dev", &["rtx-3090", "rtx-a5000", "a10", "a10g", "a30"], "int8_resident");
    check("flux1-dev", &["rtx-4080", "rtx-4060-ti-16gb", "t4", "rtx-a4000"], "svdq_int4_te_fp8");
    check("flux1-dev", &["rtx-5080"], "svdq_fp4_te_fp8");
    check("flux1-dev", &["v100-32gb-sxm"], "nf4_resident");
    check("flux1-dev", &["v100-16gb-sxm"], "gguf_q8_te_cpu");
    check("flux1-dev", &["rtx-3060", "rtx-4060"], "svdq_int4_layer_offload");
    check("flux1-dev", &["mi300x"], "bf16_resident");
    check("flux1-dev", &["tpu-v5e"], "none");
}

#[test]
fn what_may_be_offloaded_and_compiled_is_asked() {
    let (flux, card) = (find("flux1-dev"), gpu("rtx-4090"));
    let choose = |offload, compiled| name(choose_variant(flux, card, mib(240), offload, compiled).chosen).to_owned();
    assert_eq!(choose(true, false), "fp8_resident_eager");
    assert_eq!(name(choose_variant(flux, gpu("h100-sxm"), mib(800), true, false).chosen), "bf16_resident");
    let small = choose_variant(flux, gpu("rtx-3060"), mib(120), false, true);
    assert!(small.chosen.is_none() && !small.will_do);
    let offload: Vec<_> = small.passed_over.iter().filter(|(_, reason)| *reason == Reason::Offload).collect();
    assert!(offload.len() > 5, "{offload:?}");
    // What is offloaded in 16 bit is the same picture: a second answer.
    assert_eq!(name(best("flux1-dev", "rtx-4090").second), "bf16_block_offload_16g");
    assert_eq!(name(best("flux1-dev", "h100-sxm").second), "none");
}

#[test]
fn memory_counts_as_the_card_reports_it() {
    let choose = |tenths| name(choose_variant(find("flux1-dev"), gpu("l4"), mib(tenths), true, true).chosen).to_owned();
    assert_eq!(choose(225), "fp8_resident", "20.9 and one more");
    assert_eq!(choose(218), "svdq_int4_te_fp8");
    let twelve = choose_variant(find("sdxl"), gpu("rtx-3060"), mib(120), true, false);
    assert_eq!((name(twelve.chosen), twelve.tight), ("fp16_resident", true), "10.47 are tensors only");
    let roomy = choose_variant(find("sdxl"), gpu("rtx-4090"), mib(240), true, false);
    assert_eq!((name(roomy.chosen), roomy.tight), ("fp16_resident", false));
    check("sdxl", &["rtx-4060"], "none");
    check("sdxl", &["rtx-3080"], "fp16_model_offload");
}

#[test]
fn a_card_without_the_feature_is_told_so() {
    let reason = |id: &str, variant: &str, card: &str| {
        let choice = best(id, card);
        choice.passed_over.into_iter().find(|(other, _)| other.name == variant).map(|(_, reason)| reason)
    };
    for variant in ["fp8_te_bf16", "fp8_resident", "fp8_model_offload"] {
        assert_eq!(reason("flux1-dev", variant, "t4"), Some(Reason::Lacks(Feature::Fp8)), "{variant}");
        assert_eq!(reason("flux1-dev", variant, "rtx-3090"), Some(Reason::Lacks(Feature::Fp8)), "{variant}");
    }
    assert_eq!(reason("flux1-dev", "bf16_resident", "v100-32gb-sxm"), Some(Reason::Lacks(Feature::Bf16)));
    assert_eq!(reason("flux1-dev", "svdq_fp4", "rtx-4090"), Some(Reason::Lacks(Feature::Fp4)));
    assert_eq!(reason("flux1-dev", "svdq_int4_layer_offload", "gtx-1660"), Some(Reason::Lacks(Feature::Int4Svdquant)));
    assert_eq!(reason("flux1-dev", "svdq_int4_layer_offload", "v100-16gb-sxm"), Some(Reason::Lacks(Feature::Int4Svdquant)));
    assert_eq!(reason("flux1-dev", "fp8_resident", "mi300x"), Some(Reason::OtherMake));
    assert_eq!(reason("wan22_a14b", "bf16_model_offload_480p", "h100-sxm"), Some(Reason::OtherWork("at 832x480x81".into())));
    assert_eq!(reason("ltx2", "bf16_tp4", "b200"), Some(Reason::SeveralGpus(4)));
    let refused = speed("flux1-dev", "fp8_resident", "t4", None).expect_err("it lacks fp8");
    assert!(refused.to_string().contains("lacks fp8"), "{refused}");
}

#[test]
fn a_variant_may_be_named_and_memory_may_be_a_gate() {
    let (flux, card) = (find("flux1-dev"), gpu("rtx-4090"));
    let named = choose(flux, card, mib(240), Wish::Named("nf4-resident")).expect("a variant");
    assert_eq!((name(named.chosen), named.will_do), ("nf4_resident", true));
    let large = choose(flux, card, mib(240), Wish::Named("bf16_resident")).expect("a variant");
    assert!(large.chosen.is_none() && !large.will_do);
    assert!(matches!(large.passed_over.first(), Some((variant, Reason::TooLarge { .. })) if variant.name == "bf16_resident"));
    let unknown = choose(flux, card, mib(240), Wish::Named("nf4_residnet")).expect_err("no such");
    assert!(unknown.to_string().contains("did you mean `nf4_resident`?"), "{unknown}");
    for (gib, will_do) in [(24, true), (32, false)] {
        // A "24 GB" card reports 23.99 GiB, and with error correction 22.5.
        assert_eq!(choose(flux, card, mib(225), Wish::VramGib(gib)).expect("a gate").will_do, will_do, "{gib}");
    }
}

#[test]
fn what_was_measured_there_is_said_as_measured() {
    check_speed("sdxl", "fp16_resident", "rtx-3090", 20, "measured", [5_720; 3]);
    check_speed("sdxl", "fp16_resident", "rtx-4090", 20, "measured", [2_760; 3]);
    check_speed("sdxl", "fp16_compiled", "rtx-4090", 20, "measured", [1_560; 3]);
    // Steps in proportion.
    check_speed("sdxl", "fp16_resident", "rtx-3090", 50, "measured", [14_300; 3]);
    // 6.5 s at 20 steps, and 3.51 steps a second.
    check_speed("flux1-dev", "fp8_resident", "rtx-4090", 28, "measured", [7_977, 8_539, 9_100]);
    // 9.3 s at 50 steps and 6.431 at 28.
    check_speed("flux1-dev", "bf16_resident", "h100-sxm", 28, "measured", [5_208, 5_820, 6_431]);
    check_speed("wan22_a14b", "bf16_model_offload", "h100-sxm", 40, "measured", [1_041_500; 3]);
    let words = speed("sdxl", "fp16_resident", "rtx-3090", Some(30)).expect("measured").words;
    assert!(words.starts_with("measured on this card (siliconflow/onediff") && words.contains("from 20 to 30 steps"), "{words}");
    // Two users' reports of steps per second.
    let training = speed("lora_sdxl", "bf16_resident", "rtx-4090", None).expect("measured");
    assert_eq!((training.unit, training.steps, training.milliseconds_per_unit.low), ("training step", None, 926));
    assert!(training.words.contains("one user's report"), "{}", training.words);
}

#[test]
fn another_variant_of_the_same_card_is_multiplied_and_says_so() {
    // 5.82 s in bf16 there, by 1000 / 800.
    check_speed("flux1-dev", "int8_resident", "h100-sxm", 28, "scaled", [6_510, 7_274, 8_039]);
    // 9.1 and 7.977 s × 1.61, 16.471 × 0.8 and 10.98 × 1.2, by 2; not 32.6 s, whose steps had to be assumed.
    check_speed("flux1-dev", "svdq_int4", "rtx-4090", 28, "scaled", [6_422, 6_588, 7_326]);
    // The steps of FLUX.1 schnell are those of FLUX.1 dev: 8.539 s × 4 / 28.
    check_speed("flux1-schnell", "fp8_resident", "rtx-4090", 4, "scaled", [1_140, 1_220, 1_300]);
    let words = speed("flux1-schnell", "fp8_resident", "rtx-4090", None).expect("scaled").words;
    assert!(words.contains("as flux1_dev fp8_resident") && words.contains("per step as FLUX.1 dev"), "{words}");
}

#[test]
fn another_card_gives_an_estimate_with_a_range() {
    // 1.56 s on the RTX 4090; index 0.34 (0.252 to 0.458) here, 1.0 (0.833 to 1.2) there.
    let l4 = speed("sdxl", "fp16_compiled", "l4", Some(20)).expect("an estimate");
    assert!(l4.is_estimate && l4.words.starts_with("estimate: measured on rtx-4090"), "{}", l4.words);
    assert!(l4.words.contains("0.34 here (measured in 1 series)"), "{}", l4.words);
    assert_eq!(l4.milliseconds_per_unit.typical, 4_588);
    let Range { low, typical, high } = l4.milliseconds_per_unit;
    assert!(low < typical && typical < high);
    let Basis::Estimated { anchor_gpu, evidence, .. } = speed("flux1-dev", "bf16_compiled", "a40", None).expect("an estimate").basis else {
        panic!("not measured there")
    };
    assert!(anchor_gpu != "a40" && !evidence.is_empty());
}

#[test]
fn what_nobody_published_stays_unknown() {
    let unknown = |id: &str, variant: &str, card: &str| speed(id, variant, card, None).expect_err("unknown");
    assert_eq!(unknown("lora_flux", "int8_base", "rtx-4090"), NoSpeed::NothingPublished);
    assert_eq!(unknown("flux1-dev", "gguf_q4_te_cpu", "rtx-4090"), NoSpeed::FactorUnknown("gguf_q4_te_cpu".into()));
    assert_eq!(unknown("flux2_klein4b", "bf16_resident", "rtx-4090"), NoSpeed::StepsUnknown);
    assert!(matches!(unknown("flux1-dev", "bf16_resident", "rtx-4090"), NoSpeed::DoesNotRun { .. }));
    let flux = find("flux1-dev");
    let at = |resolution: &str| {
        let resolution = resolution.parse().expect("a resolution");
        seconds(flux, flux.variant("fp8_resident").expect("a variant"), gpu("rtx-4090"), Some(28), Some(resolution))
    };
    assert!(matches!(at("512x512"), Err(NoSpeed::OtherResolution { .. })));
    assert_eq!(at("768x768").map(|speed| speed.milliseconds_per_unit.typical), Ok(4_516), "6.2 steps a second");
}

#[test]
fn a_figure_above_the_peak_is_refused() {
    let (flux, card) = (find("flux1-dev"), gpu("rtx-4090"));
    let variant = |name: &str| flux.variant(name).expect("a variant");
    let size = flux.default_resolution;
    // A page claims 30 steps in 6.2 s in 16 bit: 288 TFLOPS of 165.
    assert!(is_implausible(flux, variant("bf16_resident"), card, Some(30), size, 6_200_000));
    assert!(!is_implausible(flux, variant("bf16_resident"), card, Some(30), size, 11_000_000));
    // The same time in fp8 is below that peak: it is not what this check can refuse.
    assert!(!is_implausible(flux, variant("fp8_resident"), card, Some(30), size, 6_200_000));
    // At another size the work of a step is not known.
    assert!(!is_implausible(flux, variant("bf16_resident"), card, Some(30), "512x512".parse().ok(), 1_000));

    let mut workload = flux.clone();
    let claimed = Benchmark {
        variant: Some("bf16_resident".into()),
        micros: Some(2_000_000),
        steps: Some(28),
        gpu: Some("a100-40gb-sxm".into()),
        ..flux.benchmarks[0].clone()
    };
    workload.benchmarks = vec![claimed];
    let claimed = seconds(&workload, variant("bf16_resident"), gpu("a100-40gb-sxm"), None, None);
    assert_eq!(claimed.err(), Some(NoSpeed::Implausible));
}

#[test]
fn no_row_that_is_used_is_above_its_card_s_peak() {
    let mut checked = 0;
    for workload in table().workloads().iter().filter(|workload| workload.gflop_per_step.is_some()) {
        for row in workload.benchmarks.iter().filter(|row| row.variant.is_some() && row.resolution == workload.default_resolution) {
            let Some(card) = row.gpu.as_deref().map(gpu) else { continue };
            let variant = row.variant.as_deref().and_then(|name| workload.variant(name)).expect("a variant");
            let rate = row.steps_per_second_nanos.map(|nanos| 1_000_000_000_000_000 / nanos);
            let one_step = row.micros.zip(row.steps).map(|(micros, steps)| micros / u64::from(steps)).or(rate).expect("a figure");
            assert!(!is_implausible(workload, variant, card, Some(1), row.resolution, one_step), "{} {}", workload.id, row.gpu_label);
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}

#[test]
fn every_pair_of_workload_and_card_is_answered_in_order() {
    for workload in table().workloads() {
        for card in catalogue::gpus().gpus() {
            let Some(vram) = card.vram() else { continue };
            let choice = choose_variant(workload, card, vram, true, true);
            assert_eq!(choice.passed_over.len() + usize::from(choice.chosen.is_some()), workload.variants.len());
            let Some(variant) = choice.chosen else { continue };
            let Ok(speed) = seconds(workload, variant, card, None, None) else { continue };
            let Range { low, typical, high } = speed.milliseconds_per_unit;
            assert!(0 < low && low <= typical && typical <= high, "{} on {}: {speed:?}", workload.id, card.slug);
            assert_eq!(speed.is_estimate, speed.words.starts_with("estimate"), "{}", speed.words);
        }
    }
}

#[test]
fn a_question_is_read_or_refused_with_the_way_out() {
    let parse = |pairs: &[(&str, &str)]| {
        let value = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Question::parse(Question::PARAMETERS.map(value))
    };
    assert!(parse(&[("gpu", "rtx-4090, h100"), ("steps", "20"), ("vram_gib", "22.5"), ("offload", "exclude")]).is_ok());
    for (pairs, parameter, part) in [
        (&[("gpu", "rtx4900")][..], "gpu", "did you mean"),
        (&[("gpu", "t4"), ("steps", "0")], "steps", "1 to 10000"),
        (&[("gpu", "t4"), ("resolution", "1024")], "resolution", "1024x1024"),
        (&[("gpu", "t4"), ("vram_gib", "-1")], "vram_gib", "22.5"),
        (&[("gpu", "t4"), ("vram_gib", "nan")], "vram_gib", "22.5"),
        (&[("gpu", "t4"), ("offload", "no")], "offload", "exclude"),
        (&[("steps", "20")], "steps", "which with `gpu`"),
    ] {
        let error = parse(pairs).expect_err("refused");
        assert!(error.parameter == parameter && error.message.contains(part), "{error:?}");
    }
    let question = parse(&[("gpu", "rtx-4090"), ("variant", "nothing")]).expect("a question");
    assert!(workload(table(), "flux1-dev", &question).is_err_and(|error| error.parameter == "variant"));
    assert!(workloads(table(), &question).is_err_and(|error| error.parameter == "variant"));
}

proptest! {
    #[test]
    fn more_memory_never_gives_a_lower_quality(index in any::<prop::sample::Index>(), card in any::<prop::sample::Index>(), a in 0_u32..200_000, b in 0_u32..200_000) {
        let workload = index.get(table().workloads());
        let card = card.get(catalogue::gpus().gpus());
        let bits = |mib| choose_variant(workload, card, Vram::from_mib(mib), false, true).chosen.map(|variant| variant.quality_bits);
        prop_assert!(bits(a.min(b)) <= bits(a.max(b)));
    }

    #[test]
    fn what_is_chosen_fits_and_runs(index in any::<prop::sample::Index>(), card in any::<prop::sample::Index>(), mib in 0_u32..200_000, offload: bool, compiled: bool) {
        let workload = index.get(table().workloads());
        let card = card.get(catalogue::gpus().gpus());
        if let Some(variant) = choose_variant(workload, card, Vram::from_mib(mib), offload, compiled).chosen {
            prop_assert!(allows(card, variant).is_ok() && fits(variant, Vram::from_mib(mib)).is_ok() && variant.is_the_workload());
            prop_assert!((offload || !variant.is_offload) && (compiled || !variant.is_compiled));
        }
    }

    #[test]
    fn twice_the_steps_take_twice_the_time(steps in 1_u32..1_000) {
        let time = |steps| speed("sdxl", "fp16_resident", "rtx-3090", Some(steps)).expect("measured").milliseconds_per_unit.typical;
        prop_assert!((time(2 * steps)).abs_diff(2 * time(steps)) <= 2);
    }

    #[test]
    fn any_text_is_a_name_or_an_error(typed in ".{0,80}") {
        if let Err(error) = table().find(&typed) {
            prop_assert!(error.to_string().chars().count() < 200);
        }
        let _resolution = typed.parse::<Resolution>();
    }
}
