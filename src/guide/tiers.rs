//! Memory as gates: what runs with so much of it, and which cards of the tier are offered now.

use gpurate_domain::Vram;
use gpurate_domain::gpu::Gpu;

use super::view::{Tier, TierGpu, TierPrice, TierVariant, TierWorkload, Usage};
use crate::catalogue;
use crate::compare::{Fit, WorkloadOnCard};
use crate::market::Market;
use crate::prices::{Figure, GpuRow};
use crate::workloads::{self, Feature, Variant, Workload, allows, fits};

/// Bounds in GiB as on the box: at least, and less than.
pub const TIERS: [(u32, Option<u32>); 3] = [(8, Some(16)), (16, Some(24)), (24, None)];

/// Every tier; `rows` are the prices of every card of the table.
pub(super) fn tiers(market: &Market, rows: &[GpuRow], workload: &Workload, usage: Option<Usage>) -> Vec<Tier> {
    TIERS.into_iter().map(|bounds| tier(market, rows, workload, usage, bounds)).collect()
}

fn tier(market: &Market, rows: &[GpuRow], workload: &Workload, usage: Option<Usage>, (least, below): (u32, Option<u32>)) -> Tier {
    let is_in = |gpu: &Gpu| gpu.vram_gib.is_some_and(|gib| gib >= least && below.is_none_or(|below| gib < below));
    let cards: Vec<&Gpu> = catalogue::gpus().gpus().iter().filter(|gpu| is_in(gpu)).collect();
    let (mut runs, mut nothing_fits) = (Vec::new(), Vec::new());
    for workload in workloads::table().workloads() {
        let variants = variants(workload, least, &cards);
        if variants.is_empty() {
            nothing_fits.push(workload.id.clone());
            continue;
        }
        let every = || variants.iter().filter(|variant| variant.on_every_card);
        let best = every().find(|variant| !variant.is_offload && !variant.is_compiled).or_else(|| every().next());
        runs.push(TierWorkload {
            workload: workload.id.clone(),
            name: workload.name.clone(),
            kind: workload.kind,
            best_on_every_card: best.map(|variant| variant.variant.clone()),
            variants,
        });
    }
    let in_tier = || rows.iter().filter(|row| is_in(&row.gpu));
    let is_offered = |row: &&GpuRow| row.on_demand.is_some() || row.spot.is_some();
    let mut gpus: Vec<TierGpu> = in_tier().filter(is_offered).map(|row| card(market, row, workload)).collect();
    // What may cost anything stands behind what is known.
    gpus.sort_by_cached_key(|gpu| {
        let place = place(gpu, usage);
        (place.is_none_or(|(.., high)| high == u64::MAX), place.map_or(u64::MAX, |(_, typical, _)| typical), gpu.gpu.clone())
    });
    let first = gpus.first().and_then(|gpu| place(gpu, usage));
    for gpu in gpus.iter_mut().skip(1) {
        let own = place(gpu, usage);
        gpu.tied_with_first = own.zip(first).is_some_and(|(own, first)| own.0 <= first.2 && first.0 <= own.2);
    }
    let cheapest = |figure: fn(&GpuRow) -> Option<&Figure>| {
        let rentable = in_tier().filter_map(|row| Some((row, figure(row).filter(|figure| figure.rentable)?)));
        // A lower bound stands here only where nothing is known better.
        let least = rentable.min_by_key(|(_, figure)| (figure.price_kind.is_from(), figure.usd_per_gpu_hour));
        least.map(|(row, figure)| TierPrice { gpu: row.gpu.slug.clone(), figure: figure.clone() })
    };
    let (cheapest_on_demand, cheapest_spot) = (cheapest(|row| row.on_demand.as_ref()), cheapest(|row| row.spot.as_ref()));
    let last_on_demand = cheapest(|row| row.last_on_demand.as_ref()).filter(|_| cheapest_on_demand.is_none());
    let last_spot = cheapest(|row| row.last_spot.as_ref()).filter(|_| cheapest_spot.is_none());
    Tier {
        vram_gib_min: least,
        vram_gib_below: below,
        workloads: runs,
        nothing_fits,
        not_offered: in_tier().filter(|row| !is_offered(row)).map(|row| row.gpu.slug.clone()).collect(),
        cheapest_on_demand,
        cheapest_spot,
        last_on_demand,
        last_spot,
        gpus,
    }
}

/// Variants that some card of the tier runs, best first.
fn variants(workload: &Workload, least_gib: u32, cards: &[&Gpu]) -> Vec<TierVariant> {
    let runs = |variant: &&Variant| {
        let on = |gpu: &&Gpu| allows(gpu, variant).is_ok() && gpu.vram().is_some_and(|vram| fits(variant, vram).is_ok());
        variant.is_the_workload() && cards.iter().any(on)
    };
    let mut running: Vec<&Variant> = workload.variants.iter().filter(runs).collect();
    running.sort_by_cached_key(|variant| workloads::rank(variant));
    let least = Vram::from_mib(least_gib.saturating_mul(1024));
    let view = |variant: &Variant| TierVariant {
        variant: variant.name.clone(),
        precision: variant.precision.clone(),
        on_every_card: fits(variant, least).is_ok(),
        vram_mib_needed: variant.vram_mib_needed,
        needs: (variant.needs != Feature::None).then(|| variant.needs.words()),
        quality_bits: variant.quality_bits,
        quality_note: variant.quality_note.clone(),
        speed_factor_millis: variant.speed_factor_millis,
        is_offload: variant.is_offload,
        is_compiled: variant.is_compiled,
        source: variant.source.clone(),
    };
    running.into_iter().map(view).collect()
}

fn card(market: &Market, row: &GpuRow, workload: &Workload) -> TierGpu {
    TierGpu {
        gpu: row.gpu.slug.clone(),
        name: row.gpu.name.clone(),
        vram_gib: row.gpu.vram_gib.unwrap_or(0),
        segment: row.gpu.segment.clone(),
        on_demand: row.on_demand.clone(),
        spot: row.spot.clone(),
        work: WorkloadOnCard::new(market, workload, row),
        tied_with_first: false,
    }
}

/// By what a card is placed: least, typical and most, which is unbounded for a lower bound; `None` for last.
fn place(gpu: &TierGpu, usage: Option<Usage>) -> Option<(u64, u64, u64)> {
    let amount = |nanos: i64| u64::try_from(nanos).unwrap_or(0);
    match usage {
        None => {
            let figure = gpu.on_demand.as_ref().filter(|figure| figure.rentable)?;
            let price = amount(figure.usd_per_gpu_hour.nanos);
            Some((price, price, if figure.price_kind.is_from() { u64::MAX } else { price }))
        }
        // Somebody waits: what can be taken away, and what moves weights about, is no choice.
        Some(Usage::Interactive) => {
            gpu.on_demand.as_ref().filter(|figure| figure.rentable)?;
            let time = gpu.work.milliseconds.filter(|_| gpu.work.fit == Fit::Resident)?;
            Some((time.low, time.typical, time.high))
        }
        Some(Usage::Batch) => {
            let cost = gpu.work.least_per_1000(true)?;
            let high = if cost.price_kind.is_from() { u64::MAX } else { amount(cost.high_usd.0) };
            Some((amount(cost.low_usd.0), amount(cost.typical_usd.0), high))
        }
    }
}
