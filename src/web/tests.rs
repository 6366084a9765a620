//! Messages of both languages against each other and against their use; every page in both languages against its view.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use fluent_syntax::ast::{Entry as Message, Expression, InlineExpression, Pattern, PatternElement};
use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{Attributes, Availability, Currency, FxRates, GpuCount, Nanos, Offer, OfferKey, PerHour, PriceKind, Quote, Vram};

use super::*;
use crate::bench_data;
use crate::history::{HistoryAnswer, Point, SeriesView};
use crate::http::problem::Problem;
use crate::market::{Index, Market, Outcome};
use crate::prices::{self, Filters};
use crate::simulate::{Plan, simulate};
use crate::store::read::CollectionRow;

const FILES: [(&str, &str); 2] = [("en", include_str!("text/en.ftl")), ("fr", include_str!("text/fr.ftl"))];

/// The variables of a pattern, those that it chooses by included.
fn variables(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let (inline, variants) = match expression {
            Expression::Inline(inline) => (inline, &[][..]),
            Expression::Select { selector, variants } => (selector, variants.as_slice()),
        };
        if let InlineExpression::VariableReference { id } = inline {
            found.insert(id.name.to_owned());
        }
        variants.iter().for_each(|variant| variables(&variant.value, found));
    }
}

fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = fluent_syntax::parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let mut all = BTreeMap::new();
    for entry in &resource.body {
        match entry {
            Message::Message(message) => {
                let mut found = BTreeSet::new();
                variables(message.value.as_ref().expect("a message has words"), &mut found);
                assert!(all.insert(message.id.name.to_owned(), found).is_none(), "`{}` stands twice", message.id.name);
            }
            Message::Comment(_) | Message::GroupComment(_) | Message::ResourceComment(_) => {}
            other => panic!("neither a message nor a comment: {other:?}"),
        }
    }
    all
}

/// Everything that may name a message: templates and the code of the pages.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let mut all = Vec::new();
    for folder in [root.clone(), root.join("templates")] {
        for file in std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()) {
            let is_source = file.extension().is_some_and(|ending| ending == "rs" || ending == "html");
            if is_source && !file.ends_with("tests.rs") {
                all.push((file.display().to_string(), std::fs::read_to_string(&file).expect("text")));
            }
        }
    }
    assert!(all.len() > 20, "the pages' sources were not found");
    all
}

#[test]
fn both_languages_have_the_same_messages_about_the_same_things() {
    let [(_, english), (_, french)] = FILES.map(|(code, text)| (code, messages(text)));
    for (key, variables) in &english {
        assert_eq!(french.get(key), Some(variables), "`{key}` in French");
    }
    for key in french.keys() {
        assert!(english.contains_key(key), "`{key}` is in French only");
    }
}

/// Every sentence of the views, with its English text.
fn sentences() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    crate::said::TABLES.into_iter().flatten()
}

/// The names in braces of a view's text.
fn names(template: &str) -> BTreeSet<String> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_sentence_of_the_views_is_in_both_languages_with_all_its_figures() {
    let [english, french] = FILES.map(|(_, text)| text);
    let (in_english, in_french) = (messages(english), messages(french));
    let texts: BTreeMap<&str, &str> = english.lines().filter_map(|line| line.split_once(" = ")).collect();
    for (id, template) in sentences() {
        let key = format!("said-{id}");
        for known in [&in_english, &in_french] {
            assert_eq!(known.get(&key), Some(&names(template)), "{key}");
        }
        // The English sentence is the view's own, word for word.
        assert_eq!(texts.get(key.as_str()).map(|text| text.replace("{ $", "{").replace(" }", "}")).as_deref(), Some(*template), "{key}");
    }
    assert!(sentences().count() >= 60);
}

#[test]
fn no_message_is_unused_and_none_is_missing() {
    let sources = sources();
    let known = messages(FILES[0].1);
    // A view's sentence is found by its id.
    let is_said = |key: &str| key.strip_prefix("said-").is_some_and(|id| sentences().any(|(known, _)| *known == id));
    let is_used = |key: &String| is_said(key) || sources.iter().any(|(_, text)| text.contains(&format!("\"{key}\"")));
    let unused: Vec<&String> = known.keys().filter(|key| !is_used(key)).collect();
    assert!(unused.is_empty(), "named nowhere: {unused:?}");
    // What is asked for by name right there; the others are asked for by a name that a match gives, and by the pages below.
    let mut asked = 0;
    for (file, text) in &sources {
        for call in [".t(\"", ".n(\"", ".x(\"", ".xy(\"", ".xyz(\"", ".nx(\""] {
            for (place, _) in text.match_indices(call) {
                let rest = &text[place + call.len()..];
                let key = rest.split('"').next().unwrap_or_default();
                assert!(known.contains_key(key), "{file}: no message `{key}`");
                asked += 1;
            }
        }
    }
    assert!(asked > 150, "only {asked} messages are asked for by name: the search is broken");
    // And every name that looks like one of a match.
    for (file, text) in &sources {
        for line in text.lines().filter(|line| line.contains("=> \"")) {
            let word = line.split("=> \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            let is_key = word.contains('-')
                && !word.starts_with("g-")
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit());
            assert!(!is_key || known.contains_key(word), "{file}: no message `{word}`");
        }
    }
}

/// What a hostile source would like to run.
const FOREIGN: &str = "<script>alert(1)</script>\"'&";

fn now() -> DateTime<Utc> {
    bench_data::now()
}

fn offer(provider: &str, sku: &str, gpu: &str, gib: u32, market: MarketKind, price: (&str, Currency)) -> Offer {
    let nanos: Nanos = price.0.parse().expect("a price");
    Offer {
        key: OfferKey {
            provider: provider.into(),
            sku: sku.into(),
            tier: "secure".into(),
            region: if sku == FOREIGN { FOREIGN.into() } else { "eu-1".into() },
            market,
            gpu_count: Some(GpuCount::ONE),
        },
        country: "FR".parse().ok(),
        provider_term: None,
        gpu_name: gpu.into(),
        gpu_name_alternative: None,
        vram_per_gpu: Vram::from_marketed_gb(gib),
        vram_usable: None,
        gpu_count_max: None,
        price: OfferPrice {
            per_hour: PerHour { nanos: nanos.0, currency: price.1 },
            quote: Quote::usd_per_instance_hour(nanos),
            kind: PriceKind::Fixed,
            availability: Availability::Available,
            terms: Arc::from([]),
        },
        units: 1,
        attributes: Arc::new(Attributes::default()),
    }
}

/// Two lists of the catalogue with a few cards each, one of them stale and failing, and exchange rates.
fn market() -> Market {
    let mut market = crate::daemon::market_for_tests();
    let part_of = |market: &Market, slug: &str| market.parts.iter().position(|part| &*part.provider_slug == slug).expect("a part");
    let (runpod, scaleway) = (part_of(&market, "runpod"), part_of(&market, "scaleway"));
    for (number, age, hash) in [(runpod, TimeDelta::seconds(90), 'a'), (scaleway, TimeDelta::days(40), 'b')] {
        let part = Arc::make_mut(&mut market.parts[number]);
        part.last_accepted_at = Some(now() - age);
        part.last_attempt_at = Some(now() - TimeDelta::seconds(90));
        part.last_outcome = Some(Outcome::Accepted);
        part.pages = vec![hash.to_string().repeat(64)].into();
    }
    let failing = Arc::make_mut(&mut market.parts[scaleway]);
    failing.last_outcome = Some(Outcome::Failed);
    failing.last_error = Some(format!("no answer, said {FOREIGN}"));
    failing.failures = 3;
    let usd = |text: &'static str| (text, Currency::USD);
    let (on_demand, spot) = (MarketKind::OnDemand, MarketKind::Spot);
    let rows = [
        (runpod, offer("runpod", "four", "RTX 4090", 24, on_demand, usd("0.340000001"))),
        (runpod, offer("runpod", "four", "RTX 4090", 24, spot, usd("0.1975"))),
        (runpod, offer("runpod", "five", "RTX 5090", 32, on_demand, usd("0.69"))),
        (runpod, offer("runpod", FOREIGN, "RTX 3090", 24, on_demand, usd("0.22"))),
        (runpod, offer("runpod", "odd", FOREIGN, 24, on_demand, usd("0.01"))),
        (scaleway, offer("scaleway", "l", "L40S", 48, on_demand, usd("0.111"))),
        (scaleway, offer("scaleway", "old", "RTX 4090", 24, on_demand, usd("0.05"))),
    ];
    let entries = rows
        .into_iter()
        .enumerate()
        .map(|(row, (part, offer))| Arc::new(bench_data::entry(i64::try_from(row).unwrap_or(0) + 1, part, offer)));
    let provider_of_part: Vec<usize> = market.parts.iter().map(|part| part.provider).collect();
    market.index = Arc::new(Index::build(entries.collect(), &provider_of_part));
    let per_eur = [(Currency::USD, Nanos(1_250_000_000))].into_iter().collect();
    market.rates = Some(Arc::new(FxRates { date: now().date_naive(), per_eur }));
    market
}

fn frame(lang: Lang, path: &str, query: &str) -> Frame {
    let data = vec![DataLink::new("JSON", "/api/v1/x")];
    Frame { lang, path: path.to_owned(), query: query.to_owned(), as_of: now(), sample: false, data }
}

/// A page that holds together: in its language, with the menu, and with nothing foreign that runs.
#[track_caller]
fn page(lang: Lang, page: &impl askama::Template) -> String {
    let html = render(page).expect("a page");
    assert!(html.starts_with("<!doctype html>") && html.contains(&format!("<html lang=\"{}\">", lang.code())), "{html}");
    assert!(!html.contains("<script"), "{html}");
    assert!(!html.contains("onclick") && !html.contains(" style=") && !html.contains("javascript:"), "{html}");
    for tag in ["table", "tr", "td", "details", "form", "select", "svg", "ul", "span", "data", "main"] {
        let (open, close) = (
            html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count(),
            html.matches(&format!("</{tag}>")).count(),
        );
        assert_eq!(open, close, "{tag} in {html}");
    }
    let menu = match lang {
        Lang::En => "Providers</a>",
        Lang::Fr => "Fournisseurs</a>",
    };
    assert!(html.contains(menu), "{html}");
    html
}

#[track_caller]
fn holds(html: &str, wanted: &str) {
    assert!(html.contains(wanted), "no `{wanted}` in {html}");
}

#[test]
fn a_lower_bound_of_a_price_has_its_word_on_every_page() {
    let mut market = market();
    let mut offer = offer("runpod", "four", "RTX 4090", 24, MarketKind::OnDemand, ("0.34", Currency::USD));
    offer.price.kind = PriceKind::From;
    let part = market.parts.iter().position(|part| &*part.provider_slug == "runpod").expect("a part");
    let provider_of_part: Vec<usize> = market.parts.iter().map(|part| part.provider).collect();
    market.index = Arc::new(Index::build(vec![Arc::new(bench_data::entry(1, part, offer))], &provider_of_part));
    for (lang, word) in [(Lang::En, "from <data value=\"0.34\">"), (Lang::Fr, "dès <data value=\"0.34\">")] {
        let answer = prices::cheapest(&market, &filters(&[]), now());
        let html = page(lang, &Home::new(frame(lang, "/", ""), answer, Given::default(), Sort::Price));
        assert_eq!(html.matches(word).count(), 2, "price and floor: {html}");
        let gpu = prices::gpu(&market, "rtx-4090", now()).expect("a GPU");
        let offers = prices::offers(&market, &filters(&[("gpu", "rtx-4090")]), now());
        let p = frame(lang, "/gpus/rtx-4090", "");
        let html = page(
            lang,
            &GpuPage { p, answer: gpu, offers, history: history(), since: "30d", week: week(), workloads: workloads("rtx-4090") },
        );
        assert_eq!(html.matches(word).count(), 2, "figure and offer: {html}");
        let comparison = compared(&market, ["rtx-5090", "rtx-4090"]);
        holds(&page(lang, &ComparePage { p: frame(lang, "/compare", ""), comparison }), word);
        let (simulated, given) = simulated(&market, &[("preset", "evenings")], lang);
        assert!(simulated.answer.items[0].total_is_open);
        let p = frame(lang, "/", "");
        let bounds: Vec<_> = simulated.answer.assumptions.iter().filter(|one| one.key == "unknown").map(|one| p.bound(one)).collect();
        assert!(bounds.iter().all(Option::is_some) && bounds.contains(&Some((p.t("bound-at-that"), p.t("bound-from")))), "{bounds:?}");
        let html = page(lang, &SimulatePage::new(frame(lang, "/simulate", ""), &given, simulated));
        holds(&html, word);
        holds(&html, &lang.t("total-open"));
    }
}

#[test]
fn last_prices_stand_where_nothing_is_fresh_and_say_so() {
    let market = market();
    for lang in Lang::ALL {
        let mark = lang.t("last-price-only");
        // Of the L40S there is only a price of forty days ago.
        let answer = prices::gpu(&market, "l40s", now()).expect("a GPU");
        let offers = prices::offers(&market, &filters(&[("gpu", "l40s")]), now());
        let p = frame(lang, "/gpus/l40s", "");
        let html = page(lang, &GpuPage { p, answer, offers, history: history(), since: "30d", week: week(), workloads: workloads("l40s") });
        assert_eq!(html.matches(&mark).count(), 1, "{html}");
        holds(&html, "<p class=\"big\"><data value=\"0.111\">");
        let shown = ComparePage { p: frame(lang, "/compare", ""), comparison: compared(&market, ["l40s", "rtx-4090"]) };
        let html = page(lang, &shown);
        assert_eq!(html.matches(&mark).count(), 1, "{html}");
        holds(&html, "<data value=\"0.111\">");
        holds(&html, &lang.x("share-stale", "L40S"));
        // And its provider is not well.
        let all = prices::providers(&market, now());
        let row = |slug: &str| all.items.iter().find(|row| &*row.slug.0 == slug).expect("a provider");
        let p = frame(lang, "/", "");
        assert_eq!(p.health(row("runpod")), lang.t("health-well"));
        assert_eq!(p.health(row("scaleway")), lang.n("health-bad", 1_u32));
        let mut aged = row("runpod").clone();
        for (word, key) in [(Freshness::Ageing, "health-ageing"), (Freshness::Stale, "health-stale")] {
            aged.parts[0].freshness = Some(word);
            assert_eq!(p.health(&aged), lang.n(key, 1_u32));
        }
    }
}

#[test]
fn means_and_cautions_stand_beside_a_time() {
    for lang in Lang::ALL {
        let market = market();
        let gpu_page = |slug: &str| {
            let answer = prices::gpu(&market, slug, now()).expect("a GPU");
            let offers = prices::offers(&market, &filters(&[("gpu", slug)]), now());
            let p = frame(lang, &format!("/gpus/{slug}"), "");
            page(lang, &GpuPage { p, answer, offers, history: history(), since: "30d", week: week(), workloads: workloads(slug) })
        };
        holds(&gpu_page("rtx-3060"), &format!("<span class=\"mark\">{}</span>", lang.t("said-means-offload")));
        let [as_form, steps_only] = match lang {
            Lang::En => ["H100 without its form: read as H100 SXM", "steps only: encoding of text"],
            Lang::Fr => ["H100 sans sa forme\u{a0}: lu comme H100 SXM", "les pas seuls\u{a0}: l’encodage du texte"],
        };
        holds(&gpu_page("h100-sxm"), as_form);
        holds(&gpu_page("rtx-4090"), steps_only);
        assert!(lang == Lang::En || !gpu_page("h100-sxm").contains("read as"), "no caution is English on a French page");
        let comparison = compared(&market, ["h100-sxm", "rtx-4090"]);
        let html = page(lang, &ComparePage { p: frame(lang, "/compare", ""), comparison });
        holds(&html, as_form);
        holds(&html, steps_only);
        // A GiB-hour has three digits that count: 0.69 / 32 and 0.340000001 / 24.
        let comparison = compared(&market, ["rtx-5090", "rtx-4090"]);
        let html = page(lang, &ComparePage { p: frame(lang, "/compare", ""), comparison });
        let small = |nanos| figures::small_rate(lang, nanos, Currency::USD).0;
        for (nanos, digits) in [(21_562_500, "0216"), (14_166_667, "0142")] {
            assert!(small(nanos).contains(digits), "{}", small(nanos));
            holds(&html, &small(nanos));
        }
        assert!(small(1_234_567).contains("00123") && small(250_000_000).contains("250"), "{}", small(1_234_567));
    }
}

#[test]
fn how_a_speed_is_known_is_a_sentence_in_both_languages() {
    let mut told = BTreeSet::new();
    for workload in crate::workloads::table().workloads() {
        for gpu in crate::catalogue::gpus().gpus() {
            for variant in &workload.variants {
                let Ok(speed) = crate::workloads::seconds(workload, variant, gpu, None, None) else { continue };
                let text = |lang, said: &crate::said::Said| {
                    let pieces = frame(lang, "/", "").said_as(said.message_id, &said.arguments);
                    assert!(lang == Lang::En || pieces.iter().all(|piece| !piece.is_english), "no French of {pieces:?}");
                    pieces.into_iter().map(|piece| piece.text).collect::<String>()
                };
                let texts = |lang, all: &[crate::said::Said]| all.iter().map(|said| text(lang, said)).collect::<Vec<String>>();
                assert_eq!(texts(Lang::En, &speed.cautions_said), speed.cautions, "the view's own words");
                let head = texts(Lang::En, &speed.basis_said).join(", ");
                let words: Vec<String> = std::iter::once(head).chain(speed.cautions.iter().cloned()).collect();
                assert_eq!(words.join("; "), speed.words, "the view's own words");
                for said in speed.basis_said.iter().chain(&speed.cautions_said) {
                    assert_ne!(text(Lang::Fr, said), text(Lang::En, said));
                    told.insert(said.message_id);
                }
            }
        }
    }
    assert!(told.len() >= 20 && !told.contains("caution-other"), "{told:?}");
}

#[test]
fn a_french_bill_says_in_french_how_its_speed_is_known() {
    let market = market();
    for pairs in [&[("preset", "evenings")][..], &[("preset", "lora-weekly")], &[("seconds_per_image", "6.5"), ("images", "20")]] {
        let (simulated, given) = simulated(&market, pairs, Lang::Fr);
        let bases: Vec<String> = simulated.answer.items.iter().map(|row| row.speed_basis.clone()).collect();
        let html = page(Lang::Fr, &SimulatePage::new(frame(Lang::Fr, "/simulate", ""), &given, simulated));
        assert!(!bases.is_empty());
        for english in bases {
            assert!(!html.contains(&*english.replace('\'', "&#39;")), "{english}");
        }
        holds(&html, "<label>Pendant le calcul <select");
        holds(&html, "<label>Hôtes <select");
    }
}

#[test]
fn a_french_page_names_its_workload_in_french() {
    let upscaling = crate::workloads::table().workloads().iter().find(|workload| workload.name.starts_with("Upscaling"));
    let id = upscaling.map(|workload| workload.id.clone()).expect("an upscaler");
    let pairs = [("model", id.as_str()), ("images", "20"), ("steps", "20"), ("looking_minutes", "30")];
    let given = Given(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
    let answer = simulate(&market(), &Plan::parse(given.0.clone()).expect("a plan"), now()).expect("an answer");
    assert!(answer.workload.as_deref().is_some_and(|name| name.starts_with("Upscaling")));
    let cards = BusyCards::of(&answer, None, None);
    let simulated = Simulated { answer, busy: None, cards };
    let html = page(Lang::Fr, &SimulatePage::new(frame(Lang::Fr, "/simulate", ""), &given, simulated));
    let ranking = html.split("<h2 id=\"ranking\">").nth(1).expect("the ranking");
    assert!(!ranking.contains("Upscaling"), "{ranking}");
    let html = page(Lang::Fr, &GuidePage { p: frame(Lang::Fr, "/guides/image-generation", ""), guide: guided(&market(), Some(&id), None) });
    assert!(!html.contains("Upscaling"), "{html}");
}

#[test]
fn links_to_data_say_in_the_page_s_language_what_is_behind_them() {
    let labels = ["JSON", "CSV (offers)", "JSON (history)", "JSON (hours of the week)", "JSON (collections)", "JSON (problems)"];
    assert!(labels.iter().all(|label| frame(Lang::En, "/", "").data_label(label) == *label));
    let french = labels.map(|label| frame(Lang::Fr, "/", "").data_label(label));
    assert_eq!(
        french,
        ["JSON", "CSV (offres)", "JSON (historique)", "JSON (heures de la semaine)", "JSON (collectes)", "JSON (lignes écartées)"]
    );
    let mut p = frame(Lang::Fr, "/", "");
    p.data = vec![crate::web::DataLink::new("CSV (offers)", "/x")];
    holds(&page(Lang::Fr, &About { p }), "<a href=\"/x\">CSV (offres)</a>");
}

#[test]
fn medians_and_frontiers_lead_to_what_they_rest_on() {
    let market = market();
    let asked = [("gpu", "rtx-4090"), ("by", "provider"), ("currency", "EUR")];
    let given = Given(asked.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
    let answer = prices::cheapest(&market, &filters(&asked), now());
    let row = answer.items.first().expect("a row").clone();
    let home = page(Lang::En, &Home::new(frame(Lang::En, "/", ""), answer, given, Sort::Price));
    holds(&home, &format!("/api/v1/offers?gpu=rtx-4090&#38;provider={}&#38;currency=EUR&#38;market=on_demand&#38;", row.offer.provider));
    let answer = prices::gpu(&market, "rtx-4090", now()).expect("a GPU");
    let figure = answer.items[0].on_demand.clone().expect("a price");
    let offers = prices::offers(&market, &filters(&[("gpu", "rtx-4090")]), now());
    let p = frame(Lang::En, "/gpus/rtx-4090", "");
    let gpu =
        page(Lang::En, &GpuPage { p, answer, offers, history: history(), since: "30d", week: week(), workloads: workloads("rtx-4090") });
    let comparison = compared(&market, ["rtx-4090", "rtx-5090"]);
    let compare = page(Lang::En, &ComparePage { p: frame(Lang::En, "/compare", ""), comparison });
    let mut followed = 0;
    for html in [home, gpu, compare] {
        for address in html.split("href=\"/api/v1/offers?").skip(1).filter_map(|rest| rest.split('"').next()) {
            let pairs = url::form_urlencoded::parse(address.replace("&#38;", "&").as_bytes()).into_owned().collect::<Vec<_>>();
            let asked = Filters::parse_for_offers(pairs.iter().cloned()).unwrap_or_else(|error| panic!("{address}: {error:?}"));
            let offers = prices::offers(&market, &asked, now()).items;
            assert!(!offers.is_empty(), "{address}");
            // The median's own offers, and what is too old for it, which says so: what the defaults hid is not among them.
            if address.starts_with("gpu=rtx-4090&#38;market=on_demand") {
                let fresh = offers.iter().filter(|offer| offer.freshness != crate::market::Freshness::Stale).count();
                assert_eq!(fresh, figure.offers as usize, "{address}");
            }
            followed += 1;
        }
    }
    assert!(followed >= 4, "{followed}");
    let (simulated, given) = simulated(&market, &[("preset", "evenings")], Lang::En);
    let first = simulated.answer.frontier.first().expect("a frontier").rank;
    let offer = simulated.answer.items.iter().find(|row| row.rank == first).expect("its row").offer.id;
    let html = page(Lang::En, &SimulatePage::new(frame(Lang::En, "/simulate", ""), &given, simulated));
    let list = html.split("<ol class=\"frontier\">").nth(1).and_then(|rest| rest.split("</ol>").next()).expect("the list");
    holds(list, &format!("<a href=\"/api/v1/offers/{offer}\">evidence</a>"));
    let guide = guided(&market, None, None);
    let steps: Vec<String> = guide.picks.iter().flat_map(|pick| &pick.less_waiting).map(|step| step.row.offer.to_string()).collect();
    let html = page(Lang::En, &GuidePage { p: frame(Lang::En, "/guides/image-generation", ""), guide });
    let list: String = html.split("<details><summary>").skip(1).filter_map(|rest| rest.split("</details>").next()).collect();
    steps.iter().for_each(|offer| holds(&list, &format!("/api/v1/offers/{offer}")));
}

#[test]
fn the_ends_of_a_busy_share_are_said_where_they_differ() {
    use crate::simulate::{Side, busy_share};
    use crate::workloads::Range;
    let side = |gpu, price: i64, low, typical, high| Side { gpu, price, kind: PriceKind::Fixed, time: Range { low, typical, high } };
    let slow = side("rtx-4090", 200_000_000, 3600, 4000, 4400);
    let told = |fast| {
        let share = busy_share(slow, fast);
        Lang::ALL.map(|lang| frame(lang, "/", "").share_range(&share))
    };
    let percent = |number: u32| Lang::Fr.x("percent", number);
    let said = |english: &str, french: &str| [Some(english.to_owned()), Some(french.to_owned())];
    assert_eq!(
        told(side("rtx-5090", 380_000_000, 1800, 2000, 2200)),
        said(
            "By the ranges of times and prices: 80% to never.",
            &format!("D’après les intervalles de durées et de prix\u{a0}: de {} à jamais.", percent(80))
        )
    );
    assert_eq!(
        told(side("rtx-5090", 190_000_000, 1800, 2000, 4200)),
        said(
            "By the ranges of times and prices: always to only below 32%.",
            &format!("D’après les intervalles de durées et de prix\u{a0}: de toujours à seulement en dessous de {}.", percent(32))
        )
    );
    assert_eq!(told(side("rtx-5090", 900_000_000, 1800, 2000, 2200)), [None, None]);
}

fn filters(pairs: &[(&str, &str)]) -> Filters {
    Filters::parse(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).expect("a question")
}

#[test]
fn the_first_page_shows_the_view_s_own_figures_in_both_languages() {
    let market = market();
    for lang in Lang::ALL {
        let answer = prices::cheapest(&market, &filters(&[]), now());
        assert_eq!(answer.items.len(), 3, "the view's rows");
        let html = page(lang, &Home::new(frame(lang, "/", ""), answer.clone(), Given::default(), Sort::Price));
        for row in &answer.items {
            holds(&html, &format!("<data value=\"{}\">", row.offer.price_usd_per_gpu_hour.expect("a price")));
            holds(&html, &format!("<data value=\"{}\">", row.floor.usd_per_gpu_hour));
            holds(&html, &format!("<data value=\"{}\">", row.median_usd_per_gpu_hour));
            holds(&html, &format!("/api/v1/offers/{}", row.offer.id));
            holds(&html, &format!("/api/v1/offers/{}", row.floor.id));
            holds(&html, &format!("/api/v1/pages/{}", "a".repeat(64)));
        }
        // The default hid the spot price, the age is said, and the stale provider is named with its last price.
        let words = match lang {
            Lang::En => [
                "<data value=\"0.340000001\">$0.340</data>",
                "1 cheaper as spot",
                "1\u{a0}min ago",
                "the last attempt got no answer",
                "per GPU-hour",
            ],
            Lang::Fr => [
                "<data value=\"0.340000001\">0,340\u{a0}$</data>",
                "1 moins chère en spot",
                "il y a 1\u{a0}min",
                "le dernier essai n’a pas eu de réponse",
                "par GPU et par heure",
            ],
        };
        words.iter().for_each(|words| holds(&html, words));
        holds(&html, "<data value=\"0.05\">");
    }
}

/// Two are marked whatever is chosen: a card has one row to mark, and the first two cards are.
#[test]
fn two_cards_can_be_marked_in_the_table_and_the_first_two_are() {
    let market = market();
    for lang in Lang::ALL {
        let of = |pairs: &[(&str, &str)]| {
            let answer = prices::cheapest(&market, &filters(pairs), now());
            page(lang, &Home::new(frame(lang, "/", ""), answer, Given::default(), Sort::Price))
        };
        let html = of(&[]);
        let marks = |name: &str| html.matches(&format!("<input type=\"radio\" form=\"pick\" name=\"{name}\" value=\"")).count();
        assert_eq!((marks("a"), marks("b")), (3, 3), "one mark of each kind a card: {html}");
        assert_eq!(html.matches(" checked>").count(), 2);
        holds(&html, "name=\"a\" value=\"rtx-3090\" checked>");
        holds(&html, "name=\"b\" value=\"rtx-4090\" checked>");
        holds(&html, &format!("<form id=\"pick\" class=\"pick\" action=\"{}/compare\" method=\"get\">", lang.prefix()));
        // One card is not compared with itself.
        assert!(!of(&[("gpu", "rtx-4090")]).contains("form=\"pick\""));
    }
}

#[test]
fn euros_and_tax_are_the_view_s_and_the_dollars_stay_beside_them() {
    let market = market();
    let pairs = [("currency", "EUR"), ("vat_percent", "20"), ("gpu", "rtx-4090")];
    for (lang, shown) in [(Lang::En, "€0.326"), (Lang::Fr, "0,326\u{a0}€")] {
        let answer = prices::cheapest(&market, &filters(&pairs), now());
        let display = answer.items[0].offer.display_price.clone().expect("in euros");
        let with_vat = display.per_gpu_hour_with_vat.expect("with tax");
        let html = page(lang, &Home::new(frame(lang, "/", "currency=EUR"), answer, Given::default(), Sort::Price));
        holds(&html, &format!("<data value=\"{with_vat}\">{shown}</data>"));
        holds(&html, "<data value=\"0.340000001\">");
        // One offer: its median is the same amount, and in no other currency.
        assert_eq!(html.matches(&format!("<data value=\"{with_vat}\">{shown}</data>")).count(), 2, "{html}");
        holds(&html, &format!("{} <data value=\"{with_vat}\">", lang.t("median")));
    }
}

#[test]
fn what_is_stale_says_so_and_a_sample_has_a_banner() {
    let mut market = market();
    market.sample = true;
    let offers = |lang| {
        let gpu = prices::gpu(&market, "l40s", now()).expect("a GPU");
        let offers = prices::offers(&market, &filters(&[("gpu", "l40s")]), now());
        let p = Frame { sample: market.sample, ..frame(lang, "/gpus/l40s", "") };
        page(lang, &GpuPage { p, answer: gpu, offers, history: history(), since: "30d", week: week(), workloads: workloads("l40s") })
    };
    let (english, french) = (offers(Lang::En), offers(Lang::Fr));
    holds(&english, "<span class=\"age stale\">stale, 40\u{a0}d ago</span>");
    holds(&french, "<span class=\"age stale\">périmé, il y a 40\u{a0}j</span>");
    holds(&english, "<tr class=\"is-stale\">");
    holds(&english, "Every figure on this page is made up");
    holds(&french, "Tous les chiffres de cette page sont inventés");
    // Where nothing fresh is left, the last prices stand there with a warning.
    let answer = prices::cheapest(&market, &filters(&[("gpu", "l40s")]), now());
    assert!(answer.items.is_empty() && answer.last_known.len() == 1);
    let html = page(Lang::En, &Home::new(frame(Lang::En, "/", "gpu=l40s"), answer, Given::default(), Sort::Price));
    holds(&html, "These are the last prices");
    holds(&html, "<span class=\"age stale\">");
}

fn history() -> HistoryAnswer {
    let point = |from: i64, until: i64, nanos: Option<i64>| Point {
        from: now() - TimeDelta::hours(from),
        until: now() - TimeDelta::hours(until),
        min_usd_per_gpu_hour: nanos.map(Nanos),
        rentable_usd_per_gpu_hour: nanos.map(Nanos),
        quartile_usd_per_gpu_hour: nanos.map(Nanos),
        median_usd_per_gpu_hour: nanos.map(|nanos| Nanos(nanos + 50_000_000)),
        offers: 1,
        machines: 1,
        providers: Some(1),
        providers_not_fresh: 0,
        corrected: false,
        gap: nanos.is_none(),
    };
    let points = vec![point(20, 12, Some(300_000_000)), point(12, 6, None), point(6, 0, Some(200_000_000))];
    let series = SeriesView {
        gpu: "l40s".into(),
        market: MarketKind::OnDemand,
        tier: None,
        provider: None,
        region: None,
        country: None,
        origin: None,
        several: false,
        known_seconds: 14 * 3600,
        gap_seconds: 6 * 3600,
        points,
        figures: None,
    };
    HistoryAnswer {
        as_of: now(),
        sample: false,
        since: now() - TimeDelta::hours(24),
        until: now(),
        step: crate::history::Step::Hour,
        time_zone: "UTC",
        counted_from: "rows".to_owned(),
        items: vec![series],
        spot_over_on_demand: None,
        notes: Vec::new(),
        advice: None,
    }
}

/// Known on Mondays only, dearest at noon.
fn week() -> HistoryAnswer {
    let cell = |place: usize| crate::history::WeekHour {
        weekday: "monday",
        hour: place % 24,
        usd_per_gpu_hour: (place < 24).then_some(Nanos(if place == 12 { 400_000_000 } else { 200_000_000 })),
        known_seconds: if place < 24 { 3600 } else { 0 },
    };
    let figures = crate::history::SeriesFigures {
        of: crate::history::PriceOf::Rentable,
        known_seconds: 86_400,
        nothing_offered_seconds: 0,
        not_known_seconds: 29 * 86_400,
        median_usd_per_gpu_hour: Some(Nanos(200_000_000)),
        budget: None,
        volatility: Some(crate::history::Volatility {
            median_change_percent: Nanos(2_500_000_000),
            mean_change_percent: Nanos(2_500_000_000),
            largest_change_percent: Nanos(2_500_000_000),
            days_compared: 3,
        }),
        worst_rise: Some(crate::history::WorstRise {
            from_usd_per_gpu_hour: Nanos(200_000_000),
            to_usd_per_gpu_hour: Nanos(400_000_000),
            from_at: now(),
            to_at: now(),
            percent: Nanos(100_000_000_000),
        }),
        hour_of_week: (0..168).map(cell).collect(),
    };
    let mut answer = HistoryAnswer { time_zone: "Europe/Paris", ..history() };
    answer.items[0].figures = Some(figures);
    answer.spot_over_on_demand = Some(vec![crate::history::SpotOverOnDemand {
        gpu: "l40s".into(),
        tier: None,
        provider: None,
        region: None,
        country: None,
        of: crate::history::PriceOf::Rentable,
        ratio: Some(Nanos(435_000_000)),
        spot_usd_per_gpu_hour: Some(Nanos(87_000_000)),
        on_demand_usd_per_gpu_hour: Some(Nanos(200_000_000)),
        both_known_seconds: 3600,
    }]);
    answer
}

fn workloads(gpu: &str) -> crate::workloads::WorkloadsAnswer {
    let question = crate::workloads::Question::parse([Some(gpu.to_owned()), None, None, None, None, None, None]).expect("a question");
    crate::workloads::workloads(crate::workloads::table(), &question).expect("an answer")
}

#[test]
fn a_gpu_s_page_shows_its_offers_its_past_and_its_work() {
    let market = market();
    for lang in Lang::ALL {
        let answer = prices::gpu(&market, "rtx-4090", now()).expect("a GPU");
        let offers = prices::offers(&market, &filters(&[("gpu", "rtx-4090")]), now());
        let (figure, count) = (answer.items[0].on_demand.clone().expect("a price"), offers.items.len());
        let gpu = GpuPage {
            p: frame(lang, "/gpus/rtx-4090", ""),
            answer,
            offers,
            history: history(),
            since: "30d",
            week: week(),
            workloads: workloads("rtx-4090"),
        };
        let html = page(lang, &gpu);
        holds(&html, &format!("<data value=\"{}\">", figure.usd_per_gpu_hour));
        assert_eq!(count, 3);
        for id in gpu.offers.items.iter().map(|offer| offer.id) {
            holds(&html, &format!("/api/v1/offers/{id}"));
        }
        // Two pieces of line with a gap between them.
        let d = html.split("class=\"line s1\" d=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a line");
        assert_eq!(d.matches('M').count(), 2, "{d}");
        let d = html.split("class=\"band s1\" d=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a band");
        assert_eq!(d.matches('Z').count(), 2, "{d}");
        let heat = html.split("<table class=\"heat\">").nth(1).and_then(|rest| rest.split("</table>").next()).expect("a table");
        assert_eq!((heat.matches("<td class=\"num").count(), heat.matches("num h0").count(), heat.matches("num h4").count()), (168, 23, 1));
        holds(heat, "<data value=\"0.4\">");
        let of_week = match lang {
            Lang::En => ["by hour in Europe/Paris", ">Sun<", ">not known<", "44\u{a0}% of on demand", "2.5 % (median)"],
            Lang::Fr => ["l’heure de Europe/Paris", ">dim.<", ">inconnu<", "44\u{a0}% du prix à la demande", "2,5\u{a0}% (médiane)"],
        };
        of_week.iter().for_each(|words| holds(&html, words));
        let words = match lang {
            Lang::En => ["GDDR6X", "1,008\u{a0}GB/s", "330.3\u{a0}TFLOPS", "FLUX.1 dev", "measured on this card"],
            Lang::Fr => ["GDDR6X", "1\u{202f}008\u{a0}Go/s", "330,3\u{a0}TFLOPS", "FLUX.1 dev", "mesuré sur cette carte"],
        };
        words.iter().for_each(|words| holds(&html, words));
    }
}

#[test]
fn providers_are_shown_with_their_failures_and_every_rule_with_its_source() {
    let market = market();
    let attempt = |id: i64, outcome: &str, offers: i64| CollectionRow {
        id,
        provider: "scaleway".into(),
        part: "all".into(),
        started_at: now() - TimeDelta::hours(10 - id),
        finished_at: now() - TimeDelta::hours(10 - id),
        outcome: outcome.into(),
        error: (outcome != "accepted").then(|| FOREIGN.to_owned()),
        offers,
        changed: 0,
        rejected: 0,
        quarantined: 0,
        unmapped: 0,
        bytes: 12_345,
        duration_ms: 10,
    };
    for lang in Lang::ALL {
        let all = prices::providers(&market, now());
        let names: Vec<String> = all.items.iter().map(|row| row.name.clone()).collect();
        let html =
            page(lang, &ProvidersPage { p: frame(lang, "/providers", ""), answer: all, rules_only: vec![("modal", "Modal".to_owned())] });
        names.iter().for_each(|name| holds(&html, &format!(">{}</a>", name.replace('&', "&#38;"))));
        let answer = prices::provider(&market, "scaleway", now()).expect("a provider");
        let rule = answer.items[0].billing_rule.clone().expect("a rule");
        let attempts = vec![attempt(4, "failed", 0), attempt(3, "accepted", 7), attempt(2, "accepted", 5)];
        let problems = ProblemRows {
            rejected: vec![("all".into(), FOREIGN.into(), FOREIGN.into())],
            held: vec![("0".repeat(20), FOREIGN.into(), FOREIGN.into(), 2)],
            unmapped: vec![("1".repeat(20), FOREIGN.into(), FOREIGN.into())],
        };
        let html = page(lang, &ProviderPage { p: frame(lang, "/providers/scaleway", ""), answer, attempts, problems });
        let failures = match lang {
            Lang::En => "3 failures since the last accepted answer",
            Lang::Fr => "3 échecs depuis la dernière réponse acceptée",
        };
        holds(&html, failures);
        holds(&html, "class=\"line s1\"");
        for fact in rule.sources() {
            holds(&html, &format!("<time datetime=\"{}\">", fact.source.read_on));
            let address = fact.source.source.split(' ').next().unwrap_or_default().replace('&', "&#38;");
            holds(&html, &address);
        }
    }
}

#[test]
fn no_billing_fact_is_shown_as_the_manifest_writes_it() {
    let (mut facts, mut steps) = (0, 0);
    for (slug, layers) in crate::catalogue::all_layers() {
        let rule = layers.general(Some(now().date_naive()));
        for known in rule.sources() {
            for lang in Lang::ALL {
                let told = frame(lang, "/", "").fact_of(&rule, &known);
                // Free text is the manifest's own.
                if known.name == "fees.more_on_top" {
                    continue;
                }
                assert!(!told.is_empty() && !told.contains(['[', ']', '{', '}', '"', '=']), "{slug} {}: {told}", known.name);
                assert!(!told.contains("USD") && !told.contains("EUR"), "{slug} {}: {told}", known.name);
                let is_price = known.name.starts_with("storage.") && known.name.contains(".price");
                let unit = if lang == Lang::En { " per G" } else { " par G" };
                assert!(!is_price || told.contains(unit) || told == lang.t("value-free"), "{slug} {}: {told}", known.name);
                facts += 1;
                steps += usize::from(known.value().starts_with("[{"));
            }
        }
    }
    assert!(facts > 400 && steps >= 8, "{facts} facts, {steps} prices by steps");
    let rule = gpurate_domain::BillingRule::default();
    let told = |lang: Lang, name: &str, value: &str| frame(lang, "/", "").fact_in_for_tests(&rule, name, value);
    let price = "[{ price = \"0.07 USD\", up_to = 1000 }, { price = \"0.05 USD\" }]";
    assert_eq!(told(Lang::En, "egress.price", price), "up to 1,000 GB: $0.07; beyond: $0.05 per GB");
    assert_eq!(told(Lang::En, "spot.on_eviction", "[\"delete\"]"), "it is deleted");
    assert_eq!(told(Lang::Fr, "spot.on_eviction", "[\"delete\"]"), Lang::Fr.t("eviction-delete"));
    assert_eq!(told(Lang::En, "egress.free_per_month", "2000"), "2,000 GB");
    assert_eq!(told(Lang::En, "time.minimum_charge", "\"0.01 USD\""), "$0.01");
}

#[test]
fn every_rule_and_every_provider_has_a_page_in_both_languages() {
    let market = market();
    for lang in Lang::ALL {
        for (slug, rules) in crate::catalogue::rules_only() {
            let p = frame(lang, &format!("/providers/{slug}"), "");
            page(lang, &RulesPage { p, name: rules.name.clone(), homepage: rules.homepage.clone(), rule: rules.billing.general(None) });
        }
        for known in crate::catalogue::all() {
            let answer = prices::provider(&market, known.slug(), now()).expect("a provider");
            let p = frame(lang, &format!("/providers/{}", known.slug()), "");
            page(lang, &ProviderPage { p, answer, attempts: Vec::new(), problems: ProblemRows::default() });
        }
    }
}

fn simulated(market: &Market, pairs: &[(&str, &str)], lang: Lang) -> (Simulated, Given) {
    let given = Given(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    let plan = Plan::parse(given.0.clone()).expect("a plan");
    let answer = simulate(market, &plan, now()).expect("an answer");
    let cards = BusyCards::of(&answer, None, None);
    let busy = crate::simulate::compare(market, &plan, [&cards.card, &cards.other], now()).ok();
    assert!(!answer.items.is_empty(), "{lang:?} {:?}", answer.advice);
    (Simulated { answer, busy, cards }, given)
}

#[test]
fn a_simulation_shows_totals_bills_and_frontier_of_the_view() {
    let market = market();
    let plans: [&[(&str, &str)]; 3] = [
        &[("preset", "evenings"), ("own_card", "rtx-4090"), ("own_card_price_usd", "1900"), ("currency", "EUR"), ("vat_percent", "20")],
        &[("preset", "overnight"), ("images", "2000"), ("runs", "10")],
        &[("preset", "lora-weekly")],
    ];
    for lang in Lang::ALL {
        for plan in plans {
            let (simulated, given) = simulated(&market, plan, lang);
            let answer = simulated.answer.clone();
            let html = page(lang, &SimulatePage::new(frame(lang, "/simulate", ""), &given, simulated));
            for row in &answer.items {
                holds(&html, &format!("<data value=\"{}\">", row.total_high_usd));
                holds(&html, &format!("/api/v1/simulate/offers/{}?", row.offer.id));
                row.lines.iter().for_each(|line| holds(&html, &format!("<data value=\"{}\">", line.amount_usd)));
                let bar: Vec<_> = row.lines.iter().filter(|line| line.amount_usd.0 > 0).collect();
                assert!(html.matches("<rect class=\"g-").count() >= bar.len());
                let timeline = &row.timeline;
                assert!(timeline.sums.iter().map(|sum| sum.seconds).sum::<u64>() == timeline.seconds && timeline.seconds > 0);
                for sum in &timeline.sums {
                    let words = Frame::line(&frame(lang, "/", ""), sum.kind);
                    let colon = lang.t("colon");
                    let free = if sum.billed { "" } else { [" (not paid)", " (non payé)"][lang as usize] };
                    let span = figures::long_span(lang, sum.seconds);
                    holds(&html, &format!("\">{words}</span>{colon}<data value=\"{}\">{span}</data>{free}</li>", sum.seconds));
                }
            }
            for point in &answer.frontier {
                holds(&html, &format!("<data value=\"{}\">", point.total_high_usd));
            }
            if let Some(own) = &answer.own_card {
                holds(&html, &format!("<data value=\"{}\">", own.total_high_usd));
            }
        }
    }
}

fn compared(market: &Market, gpus: [&str; 2]) -> crate::compare::Comparison {
    crate::compare::compare(market, gpus, now()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn two_cards_stand_side_by_side_with_the_view_s_own_figures_in_both_languages() {
    let market = market();
    for lang in Lang::ALL {
        let comparison = compared(&market, ["rtx-5090", "rtx-4090"]);
        let html = page(lang, &ComparePage { p: frame(lang, "/compare", ""), comparison: comparison.clone() });
        let data = |nanos: Nanos| holds(&html, &format!("<data value=\"{nanos}\">"));
        let mut prices = 0;
        for figure in comparison.gpus.iter().flat_map(|gpu| [&gpu.on_demand, &gpu.spot]).flatten() {
            data(Nanos(figure.usd_per_gpu_hour.nanos));
            data(Nanos(figure.median_usd_per_gpu_hour.nanos));
            holds(&html, &format!("/api/v1/offers/{}", figure.id));
            prices += 1;
        }
        assert_eq!(prices, 3, "both on demand, one as spot");
        holds(&html, &format!("<td>{}</td>", frame(lang, "/", "").t("no-offer-now")));
        comparison.gpus.iter().filter_map(|gpu| gpu.vram_hour.on_demand_usd_per_gib_hour).for_each(data);
        let (mut costs, mut shares) = (0, 0);
        for row in &comparison.workloads {
            for on in &row.on {
                for cost in on.per_1000_on_demand.iter().chain(&on.per_1000_spot) {
                    [cost.low_usd, cost.typical_usd, cost.high_usd].into_iter().for_each(data);
                    costs += 1;
                }
                if let Some(time) = on.milliseconds {
                    holds(&html, &frame(lang, "/", "").milliseconds(time.typical));
                }
                let addresses = on.sources.iter().filter(|known| known.source.starts_with("https://"));
                addresses.for_each(|known| holds(&html, &known.source.split(' ').next().unwrap_or_default().replace('&', "&#38;")));
            }
            if let Some(share) = &row.busy_share {
                holds(&html, &frame(lang, "/", "").verdict(share));
                shares += 1;
            }
        }
        assert!(costs > 20 && shares > 5, "{costs} costs and {shares} shares: hardly anything was compared");
        assert_eq!(html.matches("<svg class=\"chart\"").count(), shares, "a curve for each share");
        assert_eq!(html.matches("<path class=\"line s").count(), 2 * shares);
        for slug in ["rtx-5090", "rtx-4090"] {
            holds(&html, &format!("<option value=\"{slug}\" selected>"));
        }
        assert_eq!(html.matches(" selected>").count(), 2);
        let words = match lang {
            Lang::En => ["RTX 5090 or RTX 4090", "1,792\u{a0}GB/s", "Cheapest, on demand", "1,000 images, spot:", "FP16 accumulate; "],
            Lang::Fr => {
                ["RTX 5090 ou RTX 4090", "1\u{202f}792\u{a0}Go/s", "Le moins cher, à la demande", "1 000 images, spot", "cumul en FP16"]
            }
        };
        words.iter().for_each(|words| holds(&html, words));
        holds(&html, &frame(lang, "/", "").t("in-dollars").replace('\'', "&#39;"));
        holds(&html, if lang == Lang::En { "compiled on 22 Nov 2026" } else { "22 nov. 2026" });
        assert!(!html.contains(&format!("{})", comparison.compiled_on)) && !html.contains(&format!(" {}<", comparison.compiled_on)));
        // Before it is compressed; the drawings are the most of it.
        assert!(html.len() < 100_000, "{} bytes", html.len());
    }
}

#[test]
fn any_two_cards_make_a_page_and_what_is_not_known_of_them_has_words() {
    let market = market();
    let slugs: Vec<&str> = super::simulate::cards().iter().map(|gpu| gpu.slug.as_str()).collect();
    assert!(slugs.len() > 20);
    let mut unknown = 0;
    for (place, slug) in slugs.iter().enumerate() {
        let comparison = compared(&market, [slug, compare::beside(slug)]);
        let lang = Lang::ALL[place % 2];
        let shown = ComparePage { p: frame(lang, "/compare", ""), comparison };
        page(lang, &shown);
        for why in shown.comparison.workloads.iter().filter_map(|row| row.busy_share_unknown.as_ref()) {
            assert!(shown.no_share(why).is_some(), "{why}");
            unknown += 1;
        }
    }
    assert!(unknown > 0);
    assert_eq!((compare::beside("rtx-4090"), compare::beside("l4")), ("rtx-5090", "rtx-4090"));
}

fn guided(market: &Market, workload: Option<&str>, usage: Option<&str>) -> crate::guide::Guide {
    let options = crate::guide::Options::parse(workload, usage).unwrap_or_else(|error| panic!("{error}"));
    crate::guide::guide("image-generation", options, market, now()).unwrap_or_else(|error| panic!("{error}"))
}

/// Every sentence of a guide, those of the billing rules with them.
fn told(guide: &crate::guide::Guide) -> Vec<crate::said::Message> {
    let picks = guide.picks.iter().flat_map(|pick| [&pick.usual_advice, &pick.finding]);
    let all = picks.chain(guide.answers.iter().flat_map(|answer| &answer.sentences)).cloned();
    let of = |row: &crate::guide::ProviderBeyond| {
        let columns = [
            &row.granularity,
            &row.minimum,
            &row.on_eviction,
            &row.persistent_storage,
            &row.volume_price,
            &row.prebuilt_images,
            &row.egress,
        ];
        columns.into_iter().flat_map(|column| column.values.clone()).collect::<Vec<_>>()
    };
    let beyond = guide.providers.iter().flat_map(of);
    let beyond = beyond.map(|value| crate::said::Message { message_id: value.message_id, arguments: value.arguments, text: value.words });
    all.chain(beyond).collect()
}

#[test]
fn a_guide_has_the_view_s_own_figures_in_both_languages() {
    let market = market();
    for (workload, usage) in [(None, None), (Some("sdxl"), Some("interactive")), (None, Some("batch")), (Some("flux2-dev"), None)] {
        for lang in Lang::ALL {
            let guide = guided(&market, workload, usage);
            let html = page(lang, &GuidePage { p: frame(lang, "/guides/image-generation", ""), guide: guide.clone() });
            let data = |nanos: Nanos| holds(&html, &format!("<data value=\"{nanos}\">"));
            let (mut prices, mut costs) = (0, 0);
            for tier in &guide.tiers {
                holds(&html, &format!("id=\"tier-{}\"", tier.vram_gib_min));
                for gpu in &tier.gpus {
                    holds(&html, &format!("id=\"gpu-{}\"", gpu.gpu));
                    for figure in [&gpu.on_demand, &gpu.spot].into_iter().flatten() {
                        data(Nanos(figure.usd_per_gpu_hour.nanos));
                        holds(&html, &format!("/api/v1/offers/{}", figure.id));
                        prices += 1;
                    }
                    for cost in gpu.work.per_1000_on_demand.iter().chain(&gpu.work.per_1000_spot) {
                        [cost.low_usd, cost.typical_usd, cost.high_usd].into_iter().for_each(data);
                        costs += 1;
                    }
                    if let Some(time) = gpu.work.milliseconds {
                        holds(&html, &frame(lang, "/", "").milliseconds(time.typical));
                    }
                }
            }
            assert_eq!(prices, 4, "each card's price on demand, and one as spot");
            assert!(costs == 4 || workload == Some("flux2-dev"), "{costs}");
            assert_eq!(
                html.matches("<svg class=\"span ").count(),
                if workload == Some("flux2-dev") {
                    0
                } else if usage == Some("interactive") {
                    6
                } else {
                    8
                }
            );
            for pick in &guide.picks {
                for row in pick.row.iter().chain(&pick.tied) {
                    [row.total_low_usd, row.total_high_usd].into_iter().for_each(data);
                }
                pick.row.iter().for_each(|row| holds(&html, &format!("/api/v1/offers/{}", row.offer)));
                let own = pick.permalink.split_once('?').expect("a query").1.replace('&', "&#38;");
                // A plan that cannot be made, or has no row, is no place to go to.
                assert_eq!(html.contains(&format!("href=\"{}/simulate?{own}\"", lang.prefix())), pick.rows > 0, "{own}");
            }
            // Every exact amount of a sentence stands beside what is read.
            for message in told(&guide) {
                for argument in &message.arguments {
                    use crate::said::ArgumentKind::{ImageSeconds, Usd, UsdPerHour};
                    if matches!(argument.kind, Usd | UsdPerHour | ImageSeconds) {
                        holds(&html, &format!("<data value=\"{}\">", argument.value));
                    }
                }
            }
            for provider in &guide.providers {
                for value in provider.granularity.values.iter().chain(&provider.egress.values).chain(&provider.volume_price.values) {
                    holds(&html, &format!("<time datetime=\"{}\">", value.read_on));
                    holds(&html, &value.source.split(' ').next().unwrap_or_default().replace('&', "&#38;"));
                }
            }
            let words = match lang {
                Lang::En => ["Which cloud GPU for image generation?", "24 GiB and more", "22 Nov 2026", "Is a faster GPU worth it?"],
                Lang::Fr => ["Quel GPU louer", "24\u{a0}Gio et plus", "22 nov. 2026", "Un GPU plus rapide vaut-il son prix"],
            };
            words.iter().for_each(|words| holds(&html, words));
            assert!(html.len() < 150_000, "{} bytes", html.len());
        }
    }
}

#[test]
fn sentences_are_the_view_s_in_english_and_lose_no_figure_in_french() {
    let mut said = BTreeSet::new();
    let markets = [market(), Market::clone(&crate::daemon::market_for_tests())];
    for market in &markets {
        for workload in [None, Some("sdxl"), Some("flux2-dev")] {
            for message in told(&guided(market, workload, None)) {
                let english = frame(Lang::En, "/", "").said_text(message.message_id, &message.arguments);
                assert_eq!(english, message.text, "{}", message.message_id);
                let p = frame(Lang::Fr, "/", "");
                let french = p.said(&message);
                let text: String = french.iter().map(|piece| piece.text.as_str()).collect();
                for argument in &message.arguments {
                    let alone: String = p.figure(argument).iter().map(|piece| piece.text.as_str()).collect();
                    assert!(!alone.is_empty() && text.contains(&alone), "`{alone}` in {text}");
                }
                assert!(!text.chars().any(|character| u32::from(character) >= 0xf0000), "{text}");
                said.insert(message.message_id);
            }
        }
    }
    assert!(said.len() >= 20, "{said:?}");
}

#[test]
fn dates_of_the_workloads_table_are_in_the_reader_s_form() {
    let (en, fr) = (frame(Lang::En, "/", ""), frame(Lang::Fr, "/", ""));
    assert_eq!((en.compiled("2026-11-22"), fr.compiled("2026-11-01")), ("22 Nov 2026".into(), "1er nov. 2026".into()));
    assert_eq!((en.compiled("2024-10"), fr.compiled("2024-08")), ("Oct 2024".into(), "août 2024".into()));
    assert_eq!(
        (en.compiled("2023-11..2025-03"), fr.compiled("2023-11..2025-03")),
        ("Nov 2023 to Mar 2025".into(), "nov. 2023 à mars 2025".into())
    );
    assert_eq!((en.compiled("2023-24"), fr.compiled("no date")), ("2023-24".into(), "no date".into()));
}

#[test]
fn a_sentence_s_figures_are_in_the_reader_s_form() {
    use crate::said::{self, say};
    let message = say(
        "vram-price-open",
        vec![
            said::count("from", 24),
            said::price("price", gpurate_domain::UsdPerGpuHour { nanos: 1_246_666_667 }, PriceKind::Fixed),
            said::gpu("gpu", "rtx-4090"),
            said::provider("provider", "vastai"),
            said::seen("age", 345_600),
        ],
    );
    let p = frame(Lang::Fr, "/", "");
    assert_eq!(
        p.said_text(message.message_id, &message.arguments),
        "À partir de 24\u{a0}Gio, une carte coûte au moins 1,2467\u{a0}$ l’heure\u{a0}: RTX 4090 chez Vast.ai, prix vu il y a 4\u{a0}j."
    );
    let pieces = p.said(&message);
    assert!(pieces.iter().any(|piece| piece.value.as_deref() == Some("1.246666667")));
    assert!(pieces.iter().any(|piece| piece.href.as_deref() == Some("/fr/gpus/rtx-4090")));
    assert!(pieces.iter().any(|piece| piece.href.as_deref() == Some("/fr/providers/vastai")));
    let volume = say("beyond-steps", vec![said::money_of("first", "0.07 USD"), said::money_of("last", "0.05 USD"), said::unit("gb_month")]);
    assert_eq!(p.said_text(volume.message_id, &volume.arguments), "de 0,07\u{a0}$ à 0,05\u{a0}$ par Go et par mois selon le volume");
    let evicted = say("beyond-evicted", vec![said::eviction("stop,delete")]);
    assert_eq!(p.said_text(evicted.message_id, &evicted.arguments), "arrêtée, disque gardé, ou au choix supprimée");
    let foreign = say("finding-no-plan", vec![said::workload("lora_flux"), said::english("reason", FOREIGN)]);
    let pieces = p.said(&foreign);
    assert!(pieces.iter().any(|piece| piece.text == FOREIGN && piece.is_english));
    assert!(pieces.iter().any(|piece| piece.text == "Entraînement de LoRA, FLUX.1"));
}

/// The French of an English text of this program; `None` where a piece of it stays English.
fn in_french(english: &str) -> Option<String> {
    let pieces = frame(Lang::Fr, "/", "").in_own_words(english);
    pieces.iter().all(|piece| !piece.is_english).then(|| pieces.into_iter().map(|piece| piece.text).collect())
}

#[test]
fn the_commonest_errors_have_french_words() {
    use crate::{compare as two, guide, simulate};
    let filter = |name: &str, value: &str| Filters::parse(std::iter::once((name.to_owned(), value.to_owned()))).expect_err(value).message;
    let plan = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Plan::parse(pairs).and_then(|plan| plan.resolve().map(|_| ())).expect_err("no plan").message
    };
    let pair = |list: &str| two::pair(list).and_then(two::slugs).expect_err(list).message;
    let option = |workload, usage| guide::Options::parse(workload, usage).expect_err("no options").to_string();
    let busy = |gpus| {
        let plan = Plan::parse([("preset".to_owned(), "evenings".to_owned())]).expect("a plan");
        simulate::compare(&market(), &plan, gpus, now()).expect_err("not two cards").message
    };
    let all = [
        filter("gpu", "rtx4900"),
        filter("gpu", "zzzzzzzz"),
        filter("provider", "vastia"),
        filter("provider", "nobody-at-all"),
        filter("gpus", "x"),
        filter("zzzzzzzz", "x"),
        plan(&[("preset", "mornings")]),
        plan(&[("imagse", "1")]),
        plan(&[("zzzzzzzz", "1")]),
        plan(&[("preset", "evenings"), ("model", "flux2_dev"), ("steps", "28")]),
        plan(&[("preset", "evenings"), ("images", "100000")]),
        pair(""),
        pair("rtx-4090"),
        pair("rtx-4090,rtx-5090,l4"),
        pair("rtx-4090,RTX 4090"),
        pair("h100,rtx-4090"),
        pair("rtx5900,rtx-4090"),
        option(Some("flux-devv"), None),
        option(Some("zzzzzzzz"), None),
        option(Some("lora-sdxl"), None),
        option(Some("svd"), None),
        option(None, Some("fast")),
        guide::guide("image-generatoin", guide::Options::default(), &market(), now()).expect_err("no guide").to_string(),
        guide::guide("zzzzzzzz", guide::Options::default(), &market(), now()).expect_err("no guide").to_string(),
        busy(["rtx-4090", "a100-80gb-sxm"]),
        filter("vat_percent", "500"),
        filter("vat_percent", "many"),
        filter("price_max", "99999999999999"),
        filter("country", "Germany"),
        filter("currency", "euros"),
        filter("gpu_count", "x"),
        filter("by", "gpuu"),
        filter("segment", "consumr"),
        filter("segment", "zzzzzzzzzz"),
        filter("continent", "europe"),
        filter("granularity_max_seconds", "x"),
        filter("region", &"x".repeat(300)),
        filter("limit", "0"),
        filter("cursor", "x"),
        filter("currency", ""),
        Filters::parse(
            [("vram_min_gib", "80"), ("vram_max_gib", "8")].map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter(),
        )
        .expect_err("no card is both")
        .message,
        crate::history::Question::parse(
            [("gpu", "rtx-4090"), ("time_zone", "Foo")].map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter(),
            now(),
        )
        .expect_err("no zone")
        .message,
        plan(&[("preset", "evenings"), ("hours", "-1")]),
        plan(&[("preset", "evenings"), ("days", "0")]),
        plan(&[("preset", "evenings"), ("evenings", "0")]),
        plan(&[("preset", "evenings"), ("evenings", "90"), ("hours", "20")]),
        plan(&[("preset", "evenings"), ("budget_usd", "x")]),
        plan(&[("preset", "evenings"), ("policy", "wait")]),
        plan(&[("preset", "evenings"), ("presence", "away")]),
        plan(&[("preset", "evenings"), ("present_card", "h100")]),
        plan(&[("preset", "evenings"), ("own_card", "rtx-4090")]),
        plan(&[("preset", "evenings"), ("country", "Germany")]),
        plan(&[("preset", "evenings"), ("rules_on", "then")]),
        plan(&[("preset", "evenings"), ("images", "")]),
        plan(&[("preset", "overnight"), ("by", "8 am")]),
        plan(&[("presence", "there"), ("hours", "1"), ("work_hours", "9")]),
        plan(&[("model", "flux1-dev"), ("work_hours", "3")]),
        plan(&[("model", "flux1-dev")]),
        plan(&[("model", "lora-sdxl")]),
        plan(&[("hours", "2")]),
        plan(&[("model", "zzzzzzzz")]),
        plan(&[("model", "flux-devv")]),
        plan(&[("model", "flux1-dev"), ("images", "9"), ("trace", "x")]),
        plan(&[("model", "flux1-dev"), ("trace", "0-9:1;5-20:1")]),
        Problem::method().detail,
        Problem::too_often().detail,
        Problem::too_much_at_once().detail,
        Problem::internal().detail,
    ];
    for english in all {
        let french = in_french(&english).unwrap_or_else(|| panic!("no French of: {english}"));
        assert_ne!(french, english);
        assert!(!french.contains("did you mean") && !french.contains(" is "), "{french}");
    }
    assert_eq!(
        in_french("no GPU is called `rtx4900`; did you mean `rtx-4090`?").as_deref(),
        Some("aucun GPU ne s’appelle «\u{a0}rtx4900\u{a0}»\u{a0}; vouliez-vous dire «\u{a0}rtx-4090\u{a0}»\u{a0}?")
    );
    // What is in no table stays as it is, and says so.
    assert_eq!(in_french("something else"), None);
    let html = page(Lang::Fr, &ProblemPage { p: frame(Lang::Fr, "/x", ""), problem: Problem::not_found("something else") });
    holds(&html, "<span lang=\"en\">something else</span>");
}

#[test]
fn an_error_on_a_page_leads_to_a_page() {
    let plan = |name: &str| Plan::parse([(name.to_owned(), "1".to_owned())]).expect_err(name).message;
    let workload = |id: &str| crate::guide::Options::parse(Some(id), None).expect_err(id).to_string();
    for lang in Lang::ALL {
        for (detail, to, label) in [
            (crate::catalogue::no_one_gpu("zzzzzzzz"), "/", "nav-prices"),
            (workload("zzzzzzzz"), "/compare#workloads", "compare-workloads"),
            (workload("flux-devv"), "/compare#workloads", "compare-workloads"),
            (plan("zzzzzzzz"), "/simulate", "nav-simulate"),
            (plan("imagse"), "/simulate", "nav-simulate"),
        ] {
            assert!(detail.contains("`gpurate "), "{detail}");
            let html = page(lang, &ProblemPage { p: frame(lang, "/x", ""), problem: Problem::not_found(detail) });
            let warning = html.split("class=\"warning\">").nth(1).and_then(|rest| rest.split("</p>").next()).expect("words");
            assert!(!warning.contains("gpurate ") && !warning.contains("/api/"), "{warning}");
            holds(warning, &format!(" <a href=\"{}{to}\">{}</a>", lang.prefix(), lang.t(label)));
        }
    }
}

#[test]
fn why_a_card_does_not_fit_and_what_to_do_about_nothing_are_in_french_too() {
    let mut whys = BTreeSet::new();
    for slug in ["rtx-4090", "rtx-3070", "v100-16gb-pcie", "mi300x", "p4"] {
        let comparison = compared(&market(), [slug, "rtx-5090"]);
        for why in comparison.workloads.iter().filter_map(|row| row.on[0].why_said.as_ref()) {
            let english = frame(Lang::En, "/", "").said_text(why.message_id, &why.arguments);
            let row = comparison.workloads.iter().find(|row| row.on[0].why_said.as_ref() == Some(why)).expect("its row");
            assert_eq!(Some(english), row.on[0].why, "the view's own words");
            assert_ne!(frame(Lang::Fr, "/", "").said_text(why.message_id, &why.arguments), row.on[0].why.clone().unwrap_or_default());
            whys.insert(why.message_id);
        }
    }
    assert!(whys.len() >= 4, "{whys:?}");
    for pairs in
        [&[("gpu", "l40s")][..], &[("region", "eu-9")], &[("region", "zzzzzzzz")], &[("vram_min_gib", "900")], &[("market", "serverless")]]
    {
        let answer = prices::cheapest(&market(), &filters(pairs), now());
        let said = answer.advice_said.clone().expect("advice");
        assert_eq!(Some(frame(Lang::En, "/", "").said_text(said.message_id, &said.arguments)), answer.advice);
        let html = page(Lang::Fr, &Home::new(frame(Lang::Fr, "/", ""), answer.clone(), Given::default(), Sort::Price));
        assert!(!html.contains(&*answer.advice.expect("advice").replace('`', "&#96;")), "{pairs:?}");
    }
    let plan = Plan::parse([("preset", "evenings"), ("budget_usd", "0.01")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    let answer = simulate(&market(), &plan.expect("a plan"), now()).expect("an answer");
    let said = answer.advice_said.expect("advice");
    assert_eq!(Some(frame(Lang::En, "/", "").said_text(said.message_id, &said.arguments)), answer.advice);
    let french = frame(Lang::Fr, "/", "").said_text(said.message_id, &said.arguments);
    assert!(french.starts_with("offres laissées de côté"), "{french}");
}

#[test]
fn pieces_of_a_bill_s_bar_end_at_its_total() {
    let market = market();
    let (simulated, _) = simulated(&market, &[("preset", "evenings")], Lang::En);
    let most = simulated.most();
    for row in &simulated.answer.items {
        let pieces = simulated.bar(&frame(Lang::En, "/simulate", ""), &row.lines);
        let end = pieces.last().map(|piece| piece.x + piece.width).expect("a piece");
        assert!((end - row.total_high_usd.0 / (most / chart::BAR_WIDTH)).abs() <= 1, "{end}");
        assert!(pieces.windows(2).all(|pair| pair[0].x + pair[0].width == pair[1].x), "they touch");
    }
}

#[test]
fn what_a_source_writes_never_becomes_markup() {
    let market = market();
    let escaped = "&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#38;";
    for lang in Lang::ALL {
        let answer = prices::cheapest(&market, &filters(&[]), now());
        let given = Given(vec![("gpu".to_owned(), FOREIGN.to_owned())]);
        let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("gpu", FOREIGN).finish();
        let html = page(lang, &Home::new(frame(lang, "/", &query), answer, given, Sort::Gpu));
        assert!(html.matches(escaped).count() >= 3, "region, value of the form, reason of a failure: {html}");
        let offers = prices::offers(&market, &filters(&[("gpu", "rtx-3090")]), now());
        let answer = prices::gpu(&market, "rtx-3090", now()).expect("a GPU");
        let html = page(
            lang,
            &GpuPage {
                p: frame(lang, "/gpus/rtx-3090", ""),
                answer,
                offers,
                history: history(),
                since: "7d",
                week: week(),
                workloads: workloads("rtx-3090"),
            },
        );
        assert!(html.matches(escaped).count() >= 2, "code and region: {html}");
        let problem = Problem::parameter("gpu", FOREIGN, vec![FOREIGN.to_owned()], format!("no GPU is called `{FOREIGN}`"));
        let html = page(lang, &ProblemPage { p: frame(lang, FOREIGN, FOREIGN), problem });
        assert!(html.matches(escaped).count() >= 3, "{html}");
    }
}

#[test]
fn every_kind_of_problem_and_the_method_are_pages() {
    let problems = [
        Problem::parameter("a", "b", vec!["c".to_owned()], "d"),
        Problem::not_found("a"),
        Problem::method(),
        Problem::unauthorised("a"),
        Problem::disabled("a"),
        Problem::too_often(),
        Problem::unavailable("a"),
        Problem::internal(),
    ];
    for lang in Lang::ALL {
        for problem in problems.clone() {
            let (status, detail) = (problem.status, problem.detail.clone());
            let html = page(lang, &ProblemPage { p: frame(lang, "/x", ""), problem });
            holds(&html, &format!("{status} · "));
            let shown = if lang == Lang::En { Some(detail.clone()) } else { in_french(&detail) };
            holds(&html, &shown.unwrap_or(detail).replace('<', "&#60;"));
        }
        // Nothing at an address: a person is not sent to the document for programs.
        let html = page(lang, &ProblemPage { p: frame(lang, "/x", ""), problem: Problem::nothing_here() });
        holds(&html, &lang.t("problem-nothing-here"));
        assert!(!html.contains("<p class=\"warning\">nothing") && html.matches("openapi.json").count() <= 1, "{html}");
        holds(&html, &format!("{}/compare\"", lang.prefix()));
        let html = page(lang, &About { p: frame(lang, "/about", "") });
        holds(&html, "id=\"ages\"");
    }
}

#[test]
fn a_page_leads_to_itself_in_the_other_language_and_to_its_data() {
    let p = frame(Lang::Fr, "/gpus/rtx-4090", "since=7d&a=%3C");
    assert_eq!(
        (p.here_in(Lang::En), p.here_in(Lang::Fr)),
        ("/gpus/rtx-4090?since=7d&a=%3C".into(), "/fr/gpus/rtx-4090?since=7d&a=%3C".into())
    );
    assert_eq!(p.here_with("since", "24h"), "/fr/gpus/rtx-4090?a=%3C&since=24h");
    let html = page(Lang::Fr, &About { p });
    holds(&html, "<link rel=\"alternate\" hreflang=\"en\" href=\"/gpus/rtx-4090?since=7d&#38;a=%3C\">");
    holds(&html, "<a href=\"/api/v1/x\">JSON</a>");
}

#[test]
fn the_words_of_the_views_have_words_in_both_languages() {
    let p = frame(Lang::Fr, "/", "");
    for unknown in gpurate_domain::bill::Unknown::ALL {
        assert!(p.unknown_fact(unknown.in_words()).is_some(), "{unknown:?}");
    }
    for default in prices::cheapest(&market(), &filters(&[]), now()).defaults {
        assert_ne!(p.assumed(default.parameter), default.parameter);
    }
    for plan in [
        &[("preset", "evenings")][..],
        &[("preset", "overnight")],
        &[("preset", "lora-weekly")],
        &[("model", "sdxl_base"), ("images", "40"), ("own_card", "rtx-4090"), ("own_card_price_usd", "1900")],
    ] {
        let (simulated, _) = simulated(&market(), plan, Lang::Fr);
        for assumption in &simulated.answer.assumptions {
            assert!(p.plan_default(assumption).is_some() != p.bound(assumption).is_some(), "{assumption:?}");
        }
        for left in &simulated.answer.left_out {
            assert!(!p.left_out(left).iter().any(|piece| piece.is_english), "{left:?}");
        }
        for spot in simulated.answer.items.iter().filter_map(|row| row.spot.as_ref()) {
            assert!(p.on_eviction(&spot.on_eviction).is_some(), "{}", spot.on_eviction);
        }
    }
    for gpu in ["rtx-4090", "rtx-3060", "l40s", "h100-sxm"] {
        for why in workloads(gpu).items.iter().flat_map(|row| &row.on).filter_map(|on| on.chosen.as_ref()?.speed_unknown.clone()) {
            assert!(p.no_speed(&why).is_some(), "{why}");
        }
    }
    for (name, value, words) in [
        (
            "on_eviction",
            "[\"delete\", \"stop\"]",
            "elle est supprimée ; ou, si on le choisit : elle est arrêtée, son disque est gardé et facturé",
        ),
        ("price", "[{ price = \"0 USD\", up_to = 1024 }, { price = \"0.09 USD\" }]", "jusqu’à 1\u{202f}024 : gratuit ; au-delà : 0,09 $"),
        ("vcpu_per_hour", "\"0.04716 USD\"", "0,04716 $"),
        ("other", "[1, 2]", "[1, 2]"),
    ] {
        assert_eq!(p.fact_value(name, value).replace('\u{a0}', " "), words);
    }
    // No line begins with a colon.
    assert_eq!((p.t("colon"), p.t("same-data")), ("\u{a0}: ".into(), "Les mêmes données pour un programme\u{a0}:".into()));
    assert_eq!(p.quantity("10.45 h (37609 s)"), "10,45 h (37609 s)");
    assert_eq!(p.quantity("GB month of 720 h"), "Go mois de 720 h");
}
