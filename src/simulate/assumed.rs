//! What a fact may cost at most that nobody says: the dearest that any provider of the catalogue asks for it, so that
//! the bound has a source too.

use std::sync::LazyLock;

use gpurate_domain::Currency;
use gpurate_domain::bill::Assumed;
use gpurate_domain::billing::{BillingRule, DataUnit, Month, Steps, StorageRole, StorageUnit, Traffic};

use crate::catalogue;

/// The bounds, and who asks that much.
pub struct Bounds {
    /// The figures.
    pub value: Assumed,
    /// Per GB-month of 730 hours.
    pub storage_of: String,
    /// Per GB out.
    pub egress_of: String,
    /// Per GB in.
    pub ingress_of: String,
}

/// The dearest of the catalogue.
pub static ASSUMED: LazyLock<Bounds> = LazyLock::new(|| {
    let mut storage = (0, "nobody".to_owned());
    let mut egress = (0, "nobody".to_owned());
    let mut ingress = (0, "nobody".to_owned());
    let raise = |highest: &mut (i64, String), nanos: i64, slug: &str| {
        if nanos > highest.0 {
            *highest = (nanos, slug.to_owned());
        }
    };
    for (slug, layers) in catalogue::all_layers() {
        for layer in layers.all() {
            let rule = layer.rule();
            raise(&mut storage, dearest_storage(&rule), slug);
            raise(&mut egress, dearest_moved(&rule.egress), slug);
            raise(&mut ingress, dearest_moved(&rule.ingress), slug);
        }
    }
    // Nobody's list price asks more for data in than for data out; offers of marketplaces have their own.
    if ingress.0 < egress.0 {
        ingress.clone_from(&egress);
    }
    Bounds {
        value: Assumed {
            granularity_seconds: 3600,
            minimum_seconds: 3600,
            storage_nanos_per_gb_month: storage.0,
            egress_nanos_per_gb: egress.0,
            ingress_nanos_per_gb: ingress.0,
        },
        storage_of: storage.1,
        egress_of: egress.1,
        ingress_of: ingress.1,
    }
});

/// The dearest step in dollars; other currencies have no rate here.
fn dearest(steps: &Steps) -> i64 {
    steps.as_slice().iter().filter(|step| step.price.currency == Currency::USD).map(|step| step.price.amount.0).max().unwrap_or(0)
}

/// Of disks and volumes, per GB and month of 730 hours.
fn dearest_storage(rule: &BillingRule) -> i64 {
    let kinds = rule.storage.iter().filter(|kind| kind.role != StorageRole::Archive);
    let prices = kinds.flat_map(|kind| {
        let hours = match kind.month.as_ref().map(|fact| fact.value) {
            Some(Month::Hours(hours)) => i64::from(hours.get()),
            Some(Month::Calendar) | None => 730,
        };
        let steps = [kind.running(), kind.stopped()].into_iter().flatten();
        steps.map(move |fact| match kind.unit {
            StorageUnit::GbMonth | StorageUnit::GibMonth => dearest(&fact.value).saturating_mul(730) / hours,
            StorageUnit::GbHour | StorageUnit::GibHour => dearest(&fact.value).saturating_mul(730),
        })
    });
    prices.max().unwrap_or(0)
}

fn dearest_moved(traffic: &Traffic) -> i64 {
    let per_unit = traffic.price.as_ref().map_or(0, |fact| dearest(&fact.value));
    match traffic.unit.as_ref().map(|fact| fact.value) {
        Some(DataUnit::Gib) => i64::try_from(i128::from(per_unit) * 1_000_000_000 / (1 << 30)).unwrap_or(per_unit),
        Some(DataUnit::Gb) | None => per_unit,
    }
}
