//! One GPU: what it is, what it costs and where, how that moved, what it runs.

use std::borrow::Borrow;

use askama::Template;
use gpurate_domain::{Availability, MarketKind};

use super::Frame;
use super::chart::{Series, StepChart};
use super::words::Lang;
use crate::history::{HistoryAnswer, PriceOf, SeriesFigures, SeriesView};
use crate::market::Freshness;
use crate::prices::{Answer, Figure, GpuRow, OfferView};
use crate::workloads::{Basis, GpuAnswer, Speed, VariantSpeed, WorkloadRow, WorkloadsAnswer};

/// One GPU.
#[derive(Template)]
#[template(path = "gpu.html")]
pub struct GpuPage {
    /// The page.
    pub p: Frame,
    /// The view's answer, with the one row.
    pub answer: Answer<GpuRow>,
    /// Its offers, cheapest first; the first page of them.
    pub offers: Answer<OfferView>,
    /// How its price moved.
    pub history: HistoryAnswer,
    /// The window that was asked for, in the words of an address.
    pub since: &'static str,
    /// Figures of the last weeks by the reader's clock.
    pub week: HistoryAnswer,
    /// What it runs.
    pub workloads: WorkloadsAnswer,
}

/// Windows that the chart is offered in, with their keys.
pub const WINDOWS: [(&str, &str); 4] = [("24h", "window-day"), ("7d", "window-week"), ("30d", "window-month"), ("365d", "window-year")];

impl GpuPage {
    fn row(&self) -> &GpuRow {
        &self.answer.items[0]
    }

    /// What is known of the part: name, figure, unit.
    fn specs(&self) -> Vec<(String, String)> {
        let (p, gpu) = (&self.p, &self.row().gpu);
        let written =
            |text: &Option<String>, unit: &str| text.as_ref().map(|text| format!("{}{unit}", super::figures::as_written(p.lang, text)));
        let yes = |known: Option<bool>| known.map(|known| p.t(if known { "yes" } else { "no" }));
        let segment = gpu.segment.as_deref().map(|segment| p.segment_name(segment));
        let memory = gpu.vram_gib.map(|gib| {
            let size = p.x("gib", gib);
            gpu.memory_type.as_ref().map_or_else(|| size.clone(), |kind| format!("{size} {kind}"))
        });
        let rows = [
            ("spec-manufacturer", gpu.manufacturer.clone()),
            ("spec-architecture", gpu.architecture.clone()),
            ("spec-memory", memory),
            ("spec-bandwidth", written(&gpu.bandwidth_gb_s, &format!("\u{a0}{}", p.t("unit-gb-s")))),
            ("spec-fp16", written(&gpu.fp16_tensor_dense_tflops, "\u{a0}TFLOPS")),
            ("spec-fp16-fp32", written(&gpu.fp16_tensor_fp32acc_dense_tflops, "\u{a0}TFLOPS")),
            ("spec-fp32", written(&gpu.fp32_tflops, "\u{a0}TFLOPS")),
            ("spec-bf16", yes(gpu.bf16_supported)),
            ("spec-fp8", yes(gpu.fp8_supported)),
            ("spec-fp4", yes(gpu.fp4_supported)),
            ("spec-tdp", gpu.tdp_w.map(|watts| format!("{watts}\u{a0}W"))),
            ("spec-interconnect", gpu.interconnect.clone()),
            ("spec-year", gpu.release_year.map(|year| year.to_string())),
            ("spec-segment", segment),
        ];
        rows.into_iter().map(|(key, value)| (p.t(key), value.unwrap_or_else(|| p.t("unknown")))).collect()
    }

    /// The lowest price of each market in steps.
    fn chart(&self) -> Option<StepChart> {
        let of = |item: &SeriesView| Series { class: class(item), points: points(item), band: band(item) };
        let series: Vec<Series> = self.history.items.iter().map(of).collect();
        StepChart::new(self.p.lang, &series, (self.history.since, self.history.until), &|nanos, step| self.p.axis(nanos, step))
    }

    /// What is shown of the last weeks; `None` where nothing is known of them.
    fn figures_of_weeks(&self) -> Option<&SeriesFigures> {
        let figures = self.week.items.first()?.figures.as_ref()?;
        figures.median_usd_per_gpu_hour.map(|_| figures)
    }

    /// How much it moves from day to day.
    fn volatility(&self, figures: &SeriesFigures) -> Option<String> {
        let change = figures.volatility.as_ref()?.median_change_percent;
        Some(self.p.x("week-volatility", super::figures::as_written(self.p.lang, &change.to_string())))
    }

    /// Spot against on demand, where both are known.
    fn spot_share(&self) -> Option<String> {
        let ratio = self.week.spot_over_on_demand.as_ref()?.first()?.ratio?;
        let percent = super::figures::decimal(self.p.lang, ratio.0.saturating_mul(100), 0);
        Some(self.p.x("week-spot", format!("{percent}\u{a0}%")))
    }

    /// The hours of the week: hour, and seven cells of price, class and time known.
    fn hours(&self, figures: &SeriesFigures) -> Vec<(String, Vec<HeatCell>)> {
        const LEVELS: [&str; 5] = ["h0", "h1", "h2", "h3", "h4"];
        let prices = || figures.hour_of_week.iter().filter_map(|cell| cell.usd_per_gpu_hour.map(|price| price.0));
        let (least, most) = (prices().min().unwrap_or(0), prices().max().unwrap_or(0));
        let level = |price: i64| {
            let part = i128::from(price - least) * 5 / i128::from((most - least).max(1));
            LEVELS[usize::try_from(part).unwrap_or(0).min(4)]
        };
        let cell = |day: usize, hour: usize| {
            let price = figures.hour_of_week.get(day * 24 + hour).and_then(|cell| cell.usd_per_gpu_hour).map(|price| price.0);
            (price, price.map_or("", level))
        };
        (0..24).map(|hour| (format!("{hour:02}:00"), (0..7).map(|day| cell(day, hour)).collect())).collect()
    }

    /// A price in a narrow cell: its unit stands above the table.
    fn in_cell(&self, nanos: &i64) -> askama::filters::Safe<String> {
        super::figures::number(self.p.lang, *nanos, 3)
    }

    /// The price of each market, or the last one where there is none now.
    fn figures(&self) -> [(MarketKind, Option<&Figure>, bool); 2] {
        let row = self.row();
        [
            (MarketKind::OnDemand, row.on_demand.as_ref().or(row.last_on_demand.as_ref()), row.on_demand.is_none()),
            (MarketKind::Spot, row.spot.as_ref().or(row.last_spot.as_ref()), row.spot.is_none()),
        ]
    }
}

pub(super) fn class(series: &SeriesView) -> &'static str {
    match series.market {
        MarketKind::OnDemand => "s1",
        MarketKind::Spot => "s2",
        MarketKind::Serverless => "s3",
    }
}

fn points(series: &SeriesView) -> Vec<super::chart::Step> {
    series.points.iter().map(|point| (point.from, point.until, point.min_usd_per_gpu_hour.map(|nanos| nanos.0))).collect()
}

/// From the lower quartile to the median, of what is on demand.
fn band(series: &SeriesView) -> Vec<super::chart::BandStep> {
    if series.market != MarketKind::OnDemand {
        return Vec::new();
    }
    let ends = |point: &crate::history::Point| {
        point.quartile_usd_per_gpu_hour.zip(point.median_usd_per_gpu_hour).map(|(low, high)| (low.0, high.0))
    };
    series.points.iter().map(|point| (point.from, point.until, ends(point))).collect()
}

/// A price, and how dear it is as a class of the style sheet.
type HeatCell = (Option<i64>, &'static str);

/// Days of the week, from Monday.
pub const WEEKDAYS: [&str; 7] = ["weekday-mon", "weekday-tue", "weekday-wed", "weekday-thu", "weekday-fri", "weekday-sat", "weekday-sun"];

pub(super) fn on(row: &WorkloadRow) -> Option<&GpuAnswer> {
    row.on.first()
}

impl Frame {
    /// Milliseconds of one picture, step or clip.
    pub(super) fn milliseconds(&self, milliseconds: impl Borrow<u64>) -> String {
        let milliseconds = *milliseconds.borrow();
        let nanos = i64::try_from(milliseconds.saturating_mul(1_000_000)).unwrap_or(i64::MAX);
        match milliseconds {
            0..10_000 => format!("{}\u{a0}s", super::figures::decimal(self.lang, nanos, 2)),
            10_000..600_000 => format!("{}\u{a0}s", super::figures::decimal(self.lang, nanos, 1)),
            _ => super::figures::long_span(self.lang, milliseconds / 1_000),
        }
    }

    /// What kind of card it is.
    pub(super) fn segment_name(&self, segment: &str) -> String {
        match segment {
            "consumer" => self.t("segment-consumer"),
            "workstation" => self.t("segment-workstation"),
            "datacenter" => self.t("segment-datacenter"),
            other => other.to_owned(),
        }
    }

    /// By which means a variant fits, where it takes some.
    pub(super) fn means(&self, variant: &VariantSpeed) -> Option<String> {
        Some(self.t(match (variant.is_offload, variant.is_compiled) {
            (true, true) => "said-means-both",
            (true, false) => "said-means-offload",
            (false, true) => "said-means-compile",
            (false, false) => return None,
        }))
    }

    /// How a speed is known.
    pub(super) fn basis(&self, speed: &Speed) -> String {
        match &speed.basis {
            Basis::Measured { evidence } => self.n("basis-measured", evidence.len()),
            Basis::Scaled { from_variants, evidence } => self.lang.nx("basis-scaled", evidence.len(), from_variants.join(", ")),
            Basis::Estimated { anchor_gpu, index, anchor_index, .. } => self.lang.xyz(
                "basis-estimated",
                self.gpu_name(anchor_gpu),
                super::figures::as_written(self.lang, index),
                super::figures::as_written(self.lang, anchor_index),
            ),
        }
    }

    /// What a time is counted in.
    pub(super) fn unit(&self, unit: &str) -> String {
        self.t(match unit {
            "clip" => "unit-clip",
            "training step" => "unit-step",
            _ => "unit-image",
        })
    }

    /// Dollars at an axis: with cents where its steps have some.
    pub(super) fn axis(&self, nanos: i64, step: i64) -> String {
        let whole = step % gpurate_domain::money::NANOS_PER_UNIT == 0;
        super::figures::money(self.lang, nanos, gpurate_domain::Currency::USD, if whole { 0 } else { 2 })
    }

    /// Why a speed is not known; `None` where the view's own words must do.
    pub(super) fn no_speed(&self, words: &str) -> Option<String> {
        const BEGINNINGS: [(&str, &str); 6] = [
            ("the workload has no usual number of steps", "speed-steps-unknown"),
            ("not known at ", "speed-other-resolution"),
            ("no published figure of this workload", "speed-nothing-published"),
            ("how fast `", "speed-factor-unknown"),
            ("measured on other cards only", "speed-no-index"),
            ("what is published would need more", "speed-implausible"),
        ];
        BEGINNINGS.iter().find(|(beginning, _)| words.starts_with(beginning)).map(|(_, key)| self.t(key))
    }

    /// From the least to the most, where they differ.
    pub(super) fn time_range(&self, speed: &Speed) -> Option<String> {
        let range = speed.milliseconds_per_unit;
        (range.low != range.high).then(|| self.xy("range", self.milliseconds(range.low), self.milliseconds(range.high)))
    }

    pub(super) fn gib(&self, gib: impl Borrow<crate::prices::Gib>) -> String {
        self.x("gib", super::figures::as_written(self.lang, &gib.borrow().to_string()))
    }

    pub(super) fn availability(&self, availability: impl Borrow<Availability>) -> String {
        self.t(match availability.borrow() {
            Availability::Available => "stock-available",
            Availability::Low => "stock-low",
            Availability::Unavailable => "stock-out",
            Availability::NotStated => "stock-not-stated",
        })
    }
}
