//! How a provider counts time, disks and data: the billing rule. What is left out is unknown, and unknown is a value.
//!
//! A manifest holds *layers* ([`Layer`]): each names its source, what it applies to (tiers, markets, SKUs, regions) and
//! since when. [`Layers::rule`] lays those that hold for an offer on a day over each other, the later over the
//! earlier, value by value: that is the offer's [`BillingRule`], and every value in it still knows its own source.

mod fact;
mod layers;

use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use fact::{Fact, Money, Source, Step, Steps};
pub use layers::{Asked, Layer, Layers, LayersError, Scope};

/// A section of a rule: facts that are optional each. Defines the struct, and how one lies over another.
macro_rules! section {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            /// Where this section was read, where it is not the layer's source.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub default_source: Option<Source>,
            $($(#[$field_meta])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<Fact<$type>>,)*
        }

        impl $name {
            /// Gives every fact without a source the section's, else the layer's.
            fn adopt(&mut self, layer: &Arc<Source>) {
                let source = self.default_source.take().map_or_else(|| layer.clone(), Arc::new);
                $(if let Some(fact) = &mut self.$field { fact.adopt(&source); })*
            }

            /// What `over` knows of a day replaces what is here.
            fn lay(&mut self, over: &Self, on: Option<NaiveDate>) {
                $(if over.$field.as_ref().is_some_and(|fact| fact.holds(on)) { self.$field.clone_from(&over.$field); })*
            }

            /// First days of its facts.
            fn days(&self, found: &mut Vec<NaiveDate>) {
                $(found.extend(self.$field.as_ref().and_then(Fact::valid_from));)*
            }

            /// Names and sources of the facts, as `section.field`.
            fn sources<'a>(&'a self, section: &str, found: &mut Vec<Known<'a>>) {
                $(if let Some(fact) = &self.$field {
                    Known::push(found, || format!("{section}.{}", stringify!($field)), fact);
                })*
            }
        }
    };
}

/// One fact of a resolved rule, for showing.
#[derive(Clone)]
pub struct Known<'a> {
    /// `section.field`, or `storage.<name>.<field>`.
    pub name: String,
    /// Where it was read.
    pub source: &'a Source,
    value: &'a dyn Shown,
}

trait Shown {
    fn shown(&self) -> String;
}

impl<T: Serialize> Shown for T {
    fn shown(&self) -> String {
        toml::Value::try_from(self).map(|value| value.to_string()).unwrap_or_default()
    }
}

impl<'a> Known<'a> {
    fn push<T: Serialize>(found: &mut Vec<Self>, name: impl FnOnce() -> String, fact: &'a Fact<T>) {
        if let Some(source) = fact.source.as_deref() {
            found.push(Self { name: name(), source, value: &fact.value });
        }
    }

    /// The value as a manifest writes it.
    pub fn value(&self) -> String {
        self.value.shown()
    }
}

impl std::fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = {} ({})", self.name, self.value(), self.source.source)
    }
}

/// When the meter starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeterStart {
    /// When the machine is asked for.
    Create,
    /// When it boots.
    Boot,
    /// When it runs and can be used.
    Running,
}

/// The unit of the price list; nothing is computed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PricingUnit {
    /// Per second.
    Second,
    /// Per minute.
    Minute,
    /// Per hour.
    Hour,
    /// Per month.
    Month,
}

section! {
    /// How time is counted.
    Time {
        /// Used time is rounded up to a multiple of it.
        granularity_seconds: NonZeroU32,
        /// The least that is billed per start; 0 where the source says there is none.
        minimum_charge_seconds: u32,
        /// The least amount that is billed per start.
        minimum_charge: Money,
        /// The unit the price list uses.
        pricing_unit: PricingUnit,
        /// When the meter starts.
        meter_starts: MeterStart,
        /// Whether the meter runs while the container's image is pulled.
        image_pull_is_billed: bool,
        /// Serverless: how long a worker waits for the next request, billed, before it stops.
        idle_timeout_seconds: u32,
    }
}

/// What computing costs in a state other than running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateCharge {
    /// Nothing; storage may still be billed.
    Free,
    /// As much as running.
    Full,
    /// There is no such state.
    None,
}

section! {
    /// What a machine costs that does not run. A deleted machine costs nothing but the storage that outlives it.
    States {
        /// Computing while stopped.
        stopped: StateCharge,
        /// What comes on top per hour while stopped.
        stopped_surcharge_per_hour: Money,
        /// Computing while hibernated (memory kept on disk).
        hibernated: StateCharge,
        /// A stopped machine keeps its GPU; where not, it may not come back.
        stopped_keeps_gpu: bool,
    }
}

/// What a storage belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageRole {
    /// The disk a machine is made with.
    System,
    /// A volume that is tied to one machine.
    MachineVolume,
    /// A volume that outlives the machine and is mounted into others.
    NetworkVolume,
    /// Object storage, snapshots and images: data at rest, not mounted.
    Archive,
}

/// What one unit of a storage price pays for. GB are decimal, GiB binary: never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageUnit {
    /// One GB for a month.
    GbMonth,
    /// One GiB for a month.
    GibMonth,
    /// One GB for an hour.
    GbHour,
    /// One GiB for an hour.
    GibHour,
}

/// What the provider calls a month: `720` hours, or `"calendar"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Month {
    /// So many hours, every month.
    Hours(NonZeroU32),
    /// The hours of the calendar month.
    Calendar,
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Hours(hours) => hours.serialize(serializer),
            Self::Calendar => serializer.serialize_str("calendar"),
        }
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let error = || serde::de::Error::custom("a month is a number of hours (`720`, `730`) or `\"calendar\"`");
        match toml::Value::deserialize(deserializer)? {
            toml::Value::Integer(hours) => u32::try_from(hours)
                .ok()
                .and_then(NonZeroU32::new)
                .filter(|hours| hours.get() <= 31 * 24)
                .map(Self::Hours)
                .ok_or_else(error),
            toml::Value::String(word) if word == "calendar" => Ok(Self::Calendar),
            _ => Err(error()),
        }
    }
}

/// What becomes of data when the machine stops or is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It stays, and is billed as long as it stays.
    Kept,
    /// It is gone.
    Wiped,
}

/// Where a volume can be mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// On its own machine only.
    Machine,
    /// In its zone or data centre.
    Zone,
    /// In its region.
    Region,
    /// Anywhere at this provider.
    Provider,
}

/// One kind of storage. Its price is `price` (the same whether the machine runs or not), or `price_running` and
/// `price_stopped`; `per_offer` where every offer carries its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// The provider's name of it. A later layer replaces the kind of the same name.
    pub name: String,
    /// What it belongs to.
    pub role: StorageRole,
    /// What the prices pay for.
    pub unit: StorageUnit,
    /// Where this kind was read, where it is not the layer's source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_source: Option<Source>,
    /// The month of the prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Fact<Month>>,
    /// Price while it exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Fact<Steps>>,
    /// Price while the machine runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_running: Option<Fact<Steps>>,
    /// Price while the machine is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_stopped: Option<Fact<Steps>>,
    /// The offers carry the price as a term.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_offer: bool,
    /// So many units are in the price of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included: Option<Fact<u64>>,
    /// The least one can take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Fact<u64>>,
    /// It is sold in sizes of which each is twice the one before: billed are as many units as the next power of two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizes_double: Option<Fact<bool>>,
    /// Time is rounded up to a multiple of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granularity_seconds: Option<Fact<NonZeroU32>>,
    /// When the machine stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_stop: Option<Fact<Fate>>,
    /// When the machine is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_delete: Option<Fact<Fate>>,
    /// Where it can be mounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tied_to: Option<Fact<Place>>,
}

/// Hands the names of a storage's facts to a macro: each stands in one list.
macro_rules! each_fact_of_storage {
    ($each:ident) => {
        $each!(
            month,
            price,
            price_running,
            price_stopped,
            included,
            minimum,
            sizes_double,
            granularity_seconds,
            on_stop,
            on_delete,
            tied_to
        )
    };
}

impl Storage {
    /// The price while the machine runs.
    pub fn running(&self) -> Option<&Fact<Steps>> {
        self.price_running.as_ref().or(self.price.as_ref())
    }

    /// The price while it does not.
    pub fn stopped(&self) -> Option<&Fact<Steps>> {
        self.price_stopped.as_ref().or(self.price.as_ref())
    }
}

/// What a volume of data is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataUnit {
    /// 10^9 bytes.
    #[default]
    Gb,
    /// 2^30 bytes.
    Gib,
}

/// How a free allowance is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Once a month for the whole account.
    AccountMonth,
    /// Once a month for each machine, pooled in the account.
    MachineMonth,
    /// Earned with every hour a machine runs, pooled in the account.
    MachineHour,
}

section! {
    /// Data out or in.
    Traffic {
        /// What the prices and allowances count.
        unit: DataUnit,
        /// Price by volume of a month, after the free allowance.
        price: Steps,
        /// Free of a month, taken off first.
        free_per_month: u64,
        /// How that is counted.
        free_counted: Counted,
        /// Hours of a machine that earn the whole of an allowance that is earned by the hour; a twelfth of a year (730) where nobody says it.
        earned_in_hours: NonZeroU32,
        /// The offers carry the price as a term.
        per_offer: bool,
    }
}

impl Traffic {
    /// Every unit is free.
    pub fn is_free(&self) -> bool {
        self.price.as_ref().is_some_and(|price| price.value.is_free())
    }
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
    /// Stopped, disk kept and billed; started again by hand or by the provider.
    Stop,
    /// Paused until the bid leads again, disk kept and billed.
    Pause,
    /// Hibernated, disk kept and billed.
    Hibernate,
    /// Deleted; volumes that outlive a machine stay.
    Delete,
    /// Moved to another node with an empty disk.
    Wipe,
}

section! {
    /// What holds for spot machines only.
    Spot {
        /// How the price is made.
        pricing: SpotPricing,
        /// Warning before a machine is taken away; 0 where the source says there is none.
        notice_seconds: u32,
        /// What then happens to it: the renter's choices, the default first.
        on_eviction: Vec<OnEviction>,
        /// The longest it may run.
        max_runtime_hours: u32,
    }
}

section! {
    /// What is paid beside time, storage and traffic.
    Fees {
        /// Once per start.
        set_up_per_start: Money,
        /// A public address, per hour while the machine exists.
        public_ip_per_hour: Money,
        /// The address that comes with a machine goes back at a stop: then it costs nothing.
        public_ip_goes_at_stop: bool,
        /// A virtual processor, per hour, where it is not in the price.
        vcpu_per_hour: Money,
        /// A GiB of memory, per hour, where it is not in the price.
        ram_gib_per_hour: Money,
        /// Something comes on top of the price that only an order tells.
        more_on_top: String,
        /// Deposit one has to make before the first start.
        prepaid_minimum: Money,
        /// A month's computing of one machine costs no more than so many hours.
        monthly_cap_hours: NonZeroU32,
    }
}

section! {
    /// What one finds on the machine, and what outlives it.
    Environment {
        /// Images with drivers and frameworks, at no charge.
        prebuilt_images: bool,
        /// Data can outlive the machine.
        persistent_storage: bool,
    }
}

/// Two sources that disagree: what the other one says, and why it was not chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contradiction {
    /// Which fact (`time.granularity_seconds`).
    pub fact: String,
    /// What the other source says.
    pub says: String,
    /// Its address.
    pub source: String,
    /// The day it was read.
    pub read_on: NaiveDate,
    /// Why it was not chosen.
    pub why: String,
}

/// The rule of one offer on one day; every fact has its source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BillingRule {
    /// Time.
    pub time: Time,
    /// States.
    pub states: States,
    /// Storage kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<Storage>,
    /// Data out.
    pub egress: Traffic,
    /// Data in.
    pub ingress: Traffic,
    /// Spot machines.
    pub spot: Spot,
    /// Fees.
    pub fees: Fees,
    /// Images and persistence.
    pub environment: Environment,
    /// What the figures cannot say, one text per layer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Sources that disagree.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<Contradiction>,
}

impl BillingRule {
    /// Used time is rounded up to a multiple of it; `None` where not known.
    pub fn granularity_seconds(&self) -> Option<NonZeroU32> {
        self.time.granularity_seconds.as_ref().map(|fact| fact.value)
    }

    /// The least that is billed per start; `None` where not known.
    pub fn minimum_charge_seconds(&self) -> Option<u32> {
        self.time.minimum_charge_seconds.as_ref().map(|fact| fact.value)
    }

    /// The seconds that are paid for when `used_seconds` ran between one start and its stop: raised to the minimum,
    /// rounded up to the granularity. `None` where either is unknown, or the result does not fit.
    pub fn billed_seconds(&self, used_seconds: u64) -> Option<u64> {
        billed_seconds(used_seconds, self.granularity_seconds()?.get().into(), self.minimum_charge_seconds()?.into())
    }

    /// Where time is read from, else the first fact's source: the one to show beside the rule in short.
    pub fn main_source(&self) -> Option<Source> {
        self.sources().first().map(|known| known.source.clone())
    }

    /// Nothing is known.
    pub fn is_empty(&self) -> bool {
        self.sources().is_empty()
    }

    /// Every fact with its source.
    pub fn sources(&self) -> Vec<Known<'_>> {
        let mut found = Vec::new();
        self.time.sources("time", &mut found);
        self.states.sources("states", &mut found);
        for kind in &self.storage {
            kind.sources(&mut found);
        }
        self.egress.sources("egress", &mut found);
        self.ingress.sources("ingress", &mut found);
        self.spot.sources("spot", &mut found);
        self.fees.sources("fees", &mut found);
        self.environment.sources("environment", &mut found);
        found
    }

    /// The rule in a few words: `per second, 60 s minimum`.
    pub fn in_words(&self) -> String {
        let granularity = match self.granularity_seconds().map(NonZeroU32::get) {
            None => "granularity unknown".to_owned(),
            Some(1) => "per second".to_owned(),
            Some(60) => "per minute".to_owned(),
            Some(3600) => "per hour".to_owned(),
            Some(seconds) => format!("per {seconds} s"),
        };
        match self.minimum_charge_seconds() {
            None => format!("{granularity}, minimum unknown"),
            Some(0) => format!("{granularity}, no minimum"),
            Some(seconds) => format!("{granularity}, {seconds} s minimum"),
        }
    }
}

/// `used_seconds` raised to the minimum, then rounded up to a multiple of `granularity` (above zero).
pub fn billed_seconds(used_seconds: u64, granularity: u64, minimum: u64) -> Option<u64> {
    used_seconds.max(minimum).div_ceil(granularity).checked_mul(granularity)
}

impl Storage {
    fn facts(&mut self, source: &Arc<Source>) {
        let source = self.default_source.take().map_or_else(|| source.clone(), Arc::new);
        macro_rules! adopt {
            ($($field:ident),*) => { $(if let Some(fact) = &mut self.$field { fact.adopt(&source); })* };
        }
        each_fact_of_storage!(adopt);
    }

    /// The kind with those of its facts that hold on a day.
    fn on(&self, on: Option<NaiveDate>) -> Self {
        let mut kind = self.clone();
        macro_rules! keep {
            ($($field:ident),*) => { $(kind.$field = kind.$field.filter(|fact| fact.holds(on));)* };
        }
        each_fact_of_storage!(keep);
        kind
    }

    /// First days of its facts.
    fn days(&self, found: &mut Vec<NaiveDate>) {
        macro_rules! each {
            ($($field:ident),*) => { $(found.extend(self.$field.as_ref().and_then(Fact::valid_from));)* };
        }
        each_fact_of_storage!(each);
    }

    fn sources<'a>(&'a self, found: &mut Vec<Known<'a>>) {
        macro_rules! each {
            ($($field:ident),*) => {
                $(if let Some(fact) = &self.$field {
                    Known::push(found, || format!("storage.{}.{}", self.name, stringify!($field)), fact);
                })*
            };
        }
        each_fact_of_storage!(each);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(granularity: u32, minimum: u32) -> BillingRule {
        toml::from_str(&format!("[time]\ngranularity_seconds = {granularity}\nminimum_charge_seconds = {minimum}\n")).expect("a rule")
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
        let mut unknown = rule(1, 0);
        unknown.time.granularity_seconds = None;
        assert_eq!(unknown.billed_seconds(10), None);
    }

    #[test]
    fn a_granularity_of_zero_cannot_be_built() {
        assert!(toml::from_str::<BillingRule>("[time]\ngranularity_seconds = 0\n").is_err());
    }

    #[track_caller]
    fn refused(text: &str, words: &str) {
        let error = toml::from_str::<BillingRule>(text).expect_err(text).to_string();
        assert!(error.contains(words), "{error}");
    }

    #[test]
    fn a_mistake_in_a_rule_names_its_line_and_the_way_out() {
        refused("[time]\ngranularity = 1\n", "granularity");
        refused("[fees]\nset_up_per_start = \"0.10\"\n", "write an amount as `0.10 USD`");
        refused("[egress]\nprice = [{ up_to = 10, price = \"1 USD\" }, { up_to = 5, price = \"1 USD\" }]\n", "steps go up");
        refused("[egress]\nprice = [{ price = \"1 USD\" }, { up_to = 5, price = \"1 USD\" }]\n", "only the last one has none");
        refused("[egress]\nprice = [{ up_to = 1, price = \"1 USD\" }, { price = \"1 EUR\" }]\n", "one currency");
        refused("[[storage]]\nname = \"d\"\nrole = \"system\"\nunit = \"gb_month\"\nmonth = 9000\n", "a month is a number of hours");
        refused("[time]\ngranularity_seconds = { value = 1, source = \"x\" }\n", "read_on");
    }

    #[test]
    fn a_rule_reads_back_from_json_as_it_was() {
        let text = r#"
            [time]
            granularity_seconds = { value = 60, source = "https://docs.example.com/a", read_on = "2026-11-20" }
            [[storage]]
            name = "volume"
            role = "machine_volume"
            unit = "gb_month"
            month = "calendar"
            price = { value = [{ up_to = 10, price = "0.10 USD" }, { price = "0.05 USD" }], source = "b", read_on = "2026-11-20" }
            [spot]
            on_eviction = ["stop", "delete"]
        "#;
        let rule: BillingRule = toml::from_str(text).expect("a rule");
        let json = serde_json::to_string(&rule).expect("serialises");
        assert_eq!(serde_json::from_str::<BillingRule>(&json).expect("reads back"), rule);
    }

    proptest! {
        #[test]
        fn never_bills_less_than_was_used(granularity in 1_u32..=86_400, minimum in 0_u32..=86_400, used in 0_u64..=31_536_000) {
            let billed = rule(granularity, minimum).billed_seconds(used).expect("fits");
            prop_assert!(billed >= used && billed >= u64::from(minimum) && billed.is_multiple_of(u64::from(granularity)));
        }
    }
}
