//! How a provider counts time and data: the billing rule. What is left out is unknown, and unknown is a value.

use std::num::NonZeroU32;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Nanos};

/// Where a fact was read, and since when it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Address of the page or document.
    pub source: String,
    /// The day it was read.
    pub read_on: NaiveDate,
    /// The first day it holds, where the source says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// The regions it holds for; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
}

/// When the meter starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeterStart {
    /// When the machine is asked for.
    Create,
    /// When it boots.
    Boot,
    /// When it runs.
    Running,
}

/// What computing costs while a machine is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoppedCompute {
    /// Nothing; storage may still be billed.
    Free,
    /// As much as running.
    Full,
    /// One can only delete.
    NoStoppedState,
}

/// How a spot price is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpotPricing {
    /// Moves with the market; everybody pays it.
    Market,
    /// One pays one's bid.
    Bid,
    /// A list price.
    Fixed,
}

/// What happens to a spot machine that is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnEviction {
    /// Stopped, disk kept.
    Stop,
    /// Paused until the bid leads again.
    Pause,
    /// Deleted.
    Delete,
}

/// One step of a price by volume. Bounds are the source's own GB figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EgressTier {
    /// This price holds up to so many GB of a month; `None` for the last tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to_gb: Option<u64>,
    /// Price of one GB.
    pub price_per_gb: Nanos,
}

/// What data out costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Egress {
    /// Free GB of a month, taken off first; `None` where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_gb_per_month: Option<u64>,
    /// Currency of the tiers.
    pub currency: Currency,
    /// Ascending by bound.
    pub tiers: Vec<EgressTier>,
}

impl Egress {
    /// Every GB is free.
    pub fn is_free(&self) -> bool {
        !self.tiers.is_empty() && self.tiers.iter().all(|tier| tier.price_per_gb.0 == 0)
    }
}

/// The rule of one provider (or one of its tiers or markets).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillingRule {
    /// Default source of every fact here.
    pub default_source: Source,
    /// Used time is rounded up to a multiple of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granularity_seconds: Option<NonZeroU32>,
    /// The least that is billed per start; 0 where the source says there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_charge_seconds: Option<u32>,
    /// The unit the price list uses, in words (`hour`, `minute`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing_unit: Option<String>,
    /// When the meter starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter_starts: Option<MeterStart>,
    /// Computing while stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_compute: Option<StoppedCompute>,
    /// Whether data can outlive the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistent_storage: Option<bool>,
    /// Data out, where it does not depend on the offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress: Option<Egress>,
    /// Data in is free; `None` where not said or it depends on the offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingress_is_free: Option<bool>,
    /// How spot prices are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot_pricing: Option<SpotPricing>,
    /// Warning before a spot machine is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot_notice_seconds: Option<u32>,
    /// What then happens to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot_on_eviction: Option<OnEviction>,
    /// Deposit one has to make before the first start, in whole dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prepaid_minimum_usd: Option<u32>,
    /// What the figures above cannot say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl BillingRule {
    /// The seconds that are paid for when `used_seconds` ran between one start and its stop: raised to the minimum,
    /// rounded up to the granularity. `None` where either is unknown, or the result does not fit.
    pub fn billed_seconds(&self, used_seconds: u64) -> Option<u64> {
        let granularity = u64::from(self.granularity_seconds?.get());
        let minimum = u64::from(self.minimum_charge_seconds?);
        used_seconds.max(minimum).div_ceil(granularity).checked_mul(granularity)
    }

    /// The rule in a few words: `per second, 60 s minimum`.
    pub fn in_words(&self) -> String {
        let granularity = match self.granularity_seconds.map(NonZeroU32::get) {
            None => "granularity unknown".to_owned(),
            Some(1) => "per second".to_owned(),
            Some(60) => "per minute".to_owned(),
            Some(3600) => "per hour".to_owned(),
            Some(seconds) => format!("per {seconds} s"),
        };
        match self.minimum_charge_seconds {
            None => format!("{granularity}, minimum unknown"),
            Some(0) => format!("{granularity}, no minimum"),
            Some(seconds) => format!("{granularity}, {seconds} s minimum"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(granularity: u32, minimum: u32) -> BillingRule {
        let text = format!(
            "granularity_seconds = {granularity}\nminimum_charge_seconds = {minimum}\n[default_source]\nsource = \"https://docs.example.com\"\nread_on = \"2026-11-22\"\n"
        );
        toml::from_str(&text).expect("a rule")
    }

    #[track_caller]
    fn check(granularity: u32, minimum: u32, used: u64, billed: u64) {
        assert_eq!(rule(granularity, minimum).billed_seconds(used), Some(billed));
    }

    #[test]
    fn per_second_billing_still_charges_the_minimum() {
        check(1, 60, 12, 60);
        check(1, 0, 90, 90);
        check(60, 0, 61, 120);
        check(3600, 3600, 1, 3600);
    }

    #[test]
    fn an_unknown_granularity_bills_nothing_known() {
        let unknown = BillingRule { granularity_seconds: None, ..rule(1, 0) };
        assert_eq!(unknown.billed_seconds(10), None);
    }

    #[test]
    fn a_granularity_of_zero_cannot_be_built() {
        let text = "granularity_seconds = 0\n[default_source]\nsource = \"x\"\nread_on = \"2026-11-22\"\n";
        assert!(toml::from_str::<BillingRule>(text).is_err());
    }

    proptest! {
        #[test]
        fn never_bills_less_than_was_used(granularity in 1_u32..=86_400, minimum in 0_u32..=86_400, used in 0_u64..=31_536_000) {
            let billed = rule(granularity, minimum).billed_seconds(used).expect("fits");
            prop_assert!(billed >= used && billed >= u64::from(minimum) && billed.is_multiple_of(u64::from(granularity)));
        }
    }
}
