//! Two cards side by side: what they are and cost, every workload on either, and when the dearer one is the cheaper one.

use std::borrow::Borrow;

use askama::Template;
use askama::filters::Safe;
use gpurate_domain::gpu::Gpu;
use gpurate_domain::{MarketKind, Nanos};

use super::Frame;
use super::chart::StepChart;
use super::figures::as_written;
use super::words::Lang;
use crate::compare::{Accumulate, ComparedGpu, ComparedWorkload, Comparison, ComparisonRow, Fit, RowId, ThousandCost, WorkloadOnCard};
use crate::market::Freshness;
use crate::prices::Figure;

/// The two that are compared where nothing is chosen.
pub const USUAL: [&str; 2] = ["rtx-5090", "rtx-4090"];

/// Two cards.
#[derive(Template)]
#[template(path = "compare.html")]
pub struct ComparePage {
    /// The page.
    pub p: Frame,
    /// The view's answer.
    pub comparison: Comparison,
}

/// What stands in a row for one of the two.
#[derive(Default)]
struct Cell<'a> {
    /// A figure with its exact value, or an age.
    figure: Option<Safe<String>>,
    /// Text; escaped by the template.
    words: Option<String>,
    /// What is to be known of it.
    note: Option<String>,
    /// The price is none of now.
    is_last: bool,
    /// The price it is, for its evidence.
    offer: Option<&'a Figure>,
    /// Where what it was made of is, for programs.
    data: Option<String>,
}

impl ComparePage {
    /// The address of the same answer for programs.
    pub fn data_address(comparison: &Comparison) -> String {
        let [one, other] = &comparison.gpus;
        format!("/api/v1/compare?gpus={},{}", one.slug, other.slug)
    }

    fn cards(&self) -> &'static [Gpu] {
        super::simulate::cards()
    }

    fn included(&self) -> usize {
        self.comparison.coverage.providers.iter().filter(|provider| provider.included).count()
    }

    /// Workloads that have a time on one of the two at least.
    fn timed(&self) -> Vec<&ComparedWorkload> {
        self.comparison.workloads.iter().filter(|row| has_time(row)).collect()
    }

    /// The others, by how they fit.
    fn untimed(&self) -> Vec<(String, Vec<String>)> {
        let [one, other] = &self.comparison.gpus;
        let fits = |row: &ComparedWorkload, side: usize| row.on[side].fit != Fit::None;
        let names = |both: [bool; 2]| -> Vec<String> {
            let rows = self.comparison.workloads.iter().filter(|row| !has_time(row));
            rows.filter(|row| [fits(row, 0), fits(row, 1)] == both).map(|row| self.p.workload_name(&row.name)).collect()
        };
        let groups = [
            (self.p.t("compare-fit-both"), names([true, true])),
            (self.p.x("compare-fit-one", &one.name), names([true, false])),
            (self.p.x("compare-fit-one", &other.name), names([false, true])),
            (self.p.t("compare-fit-neither"), names([false, false])),
        ];
        groups.into_iter().filter(|(_, names)| !names.is_empty()).collect()
    }

    /// The name of a row.
    fn label(&self, row: &ComparisonRow) -> String {
        let p = &self.p;
        let market = |key: &str, market: MarketKind| p.x(key, p.market(market));
        match row.id {
            RowId::Manufacturer => p.t("spec-manufacturer"),
            RowId::Architecture => p.t("spec-architecture"),
            RowId::Vram => p.t("spec-memory"),
            RowId::Bandwidth => p.t("spec-bandwidth"),
            RowId::Fp16Tensor => p.t("spec-fp16"),
            RowId::Fp32 => p.t("spec-fp32"),
            RowId::Tdp => p.t("spec-tdp"),
            RowId::ReleaseYear => p.t("spec-year"),
            RowId::Segment => p.t("spec-segment"),
            RowId::Bf16 => p.t("spec-bf16"),
            RowId::Fp8 => p.t("spec-fp8"),
            RowId::Fp4 => p.t("spec-fp4"),
            RowId::OnDemand => market("compare-cheapest", MarketKind::OnDemand),
            RowId::Spot => market("compare-cheapest", MarketKind::Spot),
            RowId::OnDemandProviders => market("compare-providers", MarketKind::OnDemand),
            RowId::SpotProviders => market("compare-providers", MarketKind::Spot),
            RowId::OnDemandMedian => market("compare-median", MarketKind::OnDemand),
            RowId::SpotMedian => market("compare-median", MarketKind::Spot),
            RowId::OnDemandAge => market("compare-seen", MarketKind::OnDemand),
            RowId::SpotAge => market("compare-seen", MarketKind::Spot),
            RowId::OnDemandVramHour => market("compare-gib-hour", MarketKind::OnDemand),
            RowId::SpotVramHour => market("compare-gib-hour", MarketKind::Spot),
        }
    }

    /// What a row has for one of the two.
    fn cell(&self, row: &ComparisonRow, side: impl Borrow<usize>) -> Cell<'_> {
        let (p, gpu) = (&self.p, &self.comparison.gpus[*side.borrow()]);
        let specs = &gpu.specs;
        let words = |words: Option<String>| Cell { words, ..Cell::default() };
        let written = |text: &Option<String>, unit: &str| text.as_ref().map(|text| format!("{}\u{a0}{unit}", as_written(p.lang, text)));
        let yes = |known: Option<bool>| words(known.map(|known| p.t(if known { "yes" } else { "no" })));
        // Of an offer that is not there, only the row of its price says so.
        let none = || Cell { words: Some("–".to_owned()), ..Cell::default() };
        let of = |figure: &Option<Figure>, html: &dyn Fn(&Figure) -> Option<Safe<String>>| {
            figure.as_ref().map_or_else(none, |figure| Cell { figure: html(figure), ..Cell::default() })
        };
        let providers = |figure: &Option<Figure>| figure.as_ref().map_or_else(none, |figure| words(Some(p.whole(figure.providers))));
        let median = |figure: &Option<Figure>, market: MarketKind| Cell {
            data: figure.as_ref().map(|figure| p.offers_of(&gpu.slug, market, figure.rentable)),
            ..of(figure, &|figure| Some(p.rate(figure.median_usd_per_gpu_hour.nanos)))
        };
        let seen = |figure: &Option<Figure>| of(figure, &|figure| Some(p.age(figure.age_seconds, figure.freshness)));
        let gib_hour = |figure, usd: Option<Nanos>| {
            let small = |usd: Nanos| super::figures::small_rate(p.lang, usd.0, gpurate_domain::Currency::USD);
            of(figure, &|figure| usd.map(|usd| self.asked(small(usd), figure)))
        };
        match row.id {
            RowId::Manufacturer => words(specs.manufacturer.clone()),
            RowId::Architecture => words(specs.architecture.clone()),
            RowId::Vram => words(specs.vram_gib.map(|gib| {
                let kind = specs.memory_type.as_deref().unwrap_or_default();
                format!("{} {kind}", p.x("gib", gib)).trim_end().to_owned()
            })),
            RowId::Bandwidth => words(written(&specs.bandwidth_gb_s, &p.t("unit-gb-s"))),
            RowId::Fp16Tensor => Cell {
                note: self.accumulate(gpu),
                ..words(specs.fp16_tensor_tflops.as_ref().map(|text| format!("{}\u{a0}TFLOPS", rate(p.lang, text))))
            },
            RowId::Fp32 => words(written(&specs.fp32_tflops, "TFLOPS")),
            RowId::Tdp => words(specs.tdp_w.map(|watts| format!("{watts}\u{a0}W"))),
            RowId::ReleaseYear => words(specs.release_year.map(|year| year.to_string())),
            RowId::Segment => words(specs.segment.as_deref().map(|segment| p.segment_name(segment))),
            RowId::Bf16 => yes(specs.bf16),
            RowId::Fp8 => yes(specs.fp8),
            RowId::Fp4 => yes(specs.fp4),
            RowId::OnDemand => self.price(gpu.on_demand.as_ref(), gpu.last_on_demand.as_ref()),
            RowId::Spot => self.price(gpu.spot.as_ref(), gpu.last_spot.as_ref()),
            RowId::OnDemandProviders => providers(&gpu.on_demand),
            RowId::SpotProviders => providers(&gpu.spot),
            RowId::OnDemandMedian => median(&gpu.on_demand, MarketKind::OnDemand),
            RowId::SpotMedian => median(&gpu.spot, MarketKind::Spot),
            RowId::OnDemandAge => seen(&gpu.on_demand),
            RowId::SpotAge => seen(&gpu.spot),
            RowId::OnDemandVramHour => gib_hour(&gpu.on_demand, gpu.vram_hour.on_demand_usd_per_gib_hour),
            RowId::SpotVramHour => gib_hour(&gpu.spot, gpu.vram_hour.spot_usd_per_gib_hour),
        }
    }

    /// A price, or the last one where there is none now.
    fn price<'a>(&self, figure: Option<&'a Figure>, last: Option<&'a Figure>) -> Cell<'a> {
        let is_last = figure.is_none();
        let Some(figure) = figure.or(last) else { return Cell { words: Some(self.p.t("no-offer-now")), ..Cell::default() } };
        Cell {
            is_last,
            figure: Some(self.asked(self.p.rate(figure.usd_per_gpu_hour.nanos), figure)),
            note: Some(self.p.provider_name(&figure.provider)),
            offer: Some(figure),
            ..Cell::default()
        }
    }

    /// An amount that rests on a price, with its word where that is a lower bound.
    fn asked(&self, amount: Safe<String>, figure: &Figure) -> Safe<String> {
        Safe(format!("{}{amount}", self.p.from(figure.price_kind)))
    }

    /// How the products of the matrix rate are summed up.
    fn accumulate(&self, gpu: &ComparedGpu) -> Option<String> {
        let specs = &gpu.specs;
        specs.fp16_tensor_tflops.as_ref()?;
        Some(match (specs.fp16_tensor_accumulate, &specs.fp16_tensor_fp32_accumulate_tflops) {
            (Accumulate::Fp16, Some(fp32)) => self.p.x("accumulate-fp16", rate(self.p.lang, fp32)),
            (Accumulate::Either, _) => self.p.t("accumulate-either"),
            _ => self.p.t("accumulate-unknown"),
        })
    }

    /// A thousand of what a workload makes, at the prices of a market.
    fn thousand(&self, row: &ComparedWorkload, market: MarketKind) -> String {
        let key = match row.unit {
            "clip" => "thousand-clips",
            "training step" => "thousand-steps",
            _ => "thousand-images",
        };
        self.p.x(key, self.p.market(market))
    }

    fn costs<'a>(&self, on: &'a WorkloadOnCard) -> Vec<(MarketKind, &'a ThousandCost)> {
        let markets = [(MarketKind::OnDemand, &on.per_1000_on_demand), (MarketKind::Spot, &on.per_1000_spot)];
        markets.into_iter().filter_map(|(market, cost)| Some((market, cost.as_ref()?))).collect()
    }

    /// Why it is not known when the dearer card is the cheaper one; `None` where the view's own words must do.
    pub(super) fn no_share(&self, why: &str) -> Option<String> {
        const BEGINNINGS: [(&str, &str); 4] = [
            ("nothing fresh is known of `", "share-stale"),
            ("nothing rentable is offered of `", "share-no-offer"),
            ("it does not run on `", "share-no-fit"),
            ("how long it takes on `", "share-no-speed"),
        ];
        let (rest, key) = BEGINNINGS.iter().find_map(|(beginning, key)| Some((why.strip_prefix(beginning)?, key)))?;
        Some(self.p.x(key, self.p.gpu_name(rest.split('`').next().unwrap_or_default())))
    }
}

fn has_time(row: &ComparedWorkload) -> bool {
    row.on.iter().any(|on| on.milliseconds.is_some())
}

/// The card that another is compared with by the link on its page.
pub(super) fn beside(slug: &str) -> &'static str {
    USUAL.into_iter().rev().find(|usual| *usual != slug).unwrap_or(USUAL[0])
}

/// A matrix rate as it is read: from 100 on without decimals, as the comparison's own words have it.
fn rate(lang: super::Lang, text: &str) -> String {
    match text.parse::<Nanos>() {
        Ok(Nanos(nanos)) if nanos >= 100 * gpurate_domain::money::NANOS_PER_UNIT => super::figures::decimal(lang, nanos, 0),
        _ => as_written(lang, text),
    }
}
