//! A tariff: an offer's price and rule as plain numbers in dollars, ready to be multiplied.
//!
//! What the rule does not know is set to its cheapest or its dearest possible value, as the caller says for each
//! [`Unknown`] on its own: all cheap and all dear give the two ends of a bill, one at a time tells which fact decides.

use serde::{Deserialize, Serialize};

use crate::billing::{
    BillingRule, Counted, DataUnit, Fact, Fate, MeterStart, Money, Month, StateCharge, Step, Steps, Storage, StorageRole, StorageUnit,
};
use crate::money::{Currency, FxRates, PerHour, divide_rounded};
use crate::offer::{Term, TermKind, TermUnit};

const SECONDS_PER_HOUR: u64 = 3600;
const GB: u64 = 1_000_000_000;
const GIB: u64 = 1 << 30;

/// The shortest and longest calendar month, in hours: the bounds of a month whose hours nobody says.
pub const MONTH_HOURS: std::ops::RangeInclusive<u32> = 28 * 24..=31 * 24;

/// A fact that a bill needs and that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Unknown {
    /// To what multiple time is rounded up: between a second and [`Assumed::granularity_seconds`].
    Granularity,
    /// The least that is billed per start: between nothing and [`Assumed::minimum_seconds`].
    Minimum,
    /// Whether booting is billed.
    MeterStart,
    /// Whether pulling an image is billed.
    ImagePull,
    /// Whether a stopped machine is billed.
    Stopped,
    /// Whether a hibernated machine is billed.
    Hibernated,
    /// What the machine's disk costs.
    Disk,
    /// What the disk of a stopped machine costs.
    DiskStopped,
    /// What a volume costs that outlives the machine.
    NetworkVolume,
    /// How many hours the month of a storage price has.
    Month,
    /// What data out costs.
    Egress,
    /// What data in costs.
    Ingress,
    /// How many processors or how much memory is billed apart.
    Apart,
    /// What is said to come on top, without a price: it cannot be bounded, and both ends leave it out.
    MoreOnTop,
    /// How much more than its lower bound the hourly price is ([`crate::PriceKind::From`]): it cannot be bounded, and both ends
    /// count the lower bound. Said by who has the offer: a tariff does not know the kind of its price.
    AboveFrom,
}

impl Unknown {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Granularity,
        Self::Minimum,
        Self::MeterStart,
        Self::ImagePull,
        Self::Stopped,
        Self::Hibernated,
        Self::Disk,
        Self::DiskStopped,
        Self::NetworkVolume,
        Self::Month,
        Self::Egress,
        Self::Ingress,
        Self::Apart,
        Self::MoreOnTop,
        Self::AboveFrom,
    ];

    /// What is not known, in words.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Granularity => "to what multiple time is rounded up",
            Self::Minimum => "the least that is billed per start",
            Self::MeterStart => "whether booting is billed",
            Self::ImagePull => "whether pulling an image is billed",
            Self::Stopped => "whether a stopped machine is billed",
            Self::Hibernated => "whether a hibernated machine is billed",
            Self::Disk => "what the machine's disk costs",
            Self::DiskStopped => "what the disk of a stopped machine costs",
            Self::NetworkVolume => "what a network volume costs",
            Self::Month => "how many hours the month of a storage price has",
            Self::Egress => "what data out costs",
            Self::Ingress => "what data in costs",
            Self::Apart => "how much processor and memory is billed apart",
            Self::MoreOnTop => "what else comes on top of the price",
            Self::AboveFrom => "how much more than its \"from\" price is asked",
        }
    }
}

/// A set of unknowns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Unknowns(u16);

impl Unknowns {
    /// Every one.
    pub const ALL: Self = Self((1 << Unknown::ALL.len()) - 1);
    /// None.
    pub const NONE: Self = Self(0);

    /// With one more.
    pub fn insert(&mut self, unknown: Unknown) {
        self.0 |= 1 << unknown as u8;
    }

    /// With those of another.
    #[must_use]
    pub const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Without one.
    #[must_use]
    pub const fn without(self, unknown: Unknown) -> Self {
        Self(self.0 & !(1 << unknown as u8))
    }

    /// Whether it is among them.
    pub const fn contains(self, unknown: Unknown) -> bool {
        self.0 & (1 << unknown as u8) != 0
    }

    /// None is.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in it.
    pub fn iter(self) -> impl Iterator<Item = Unknown> {
        Unknown::ALL.into_iter().filter(move |unknown| self.contains(*unknown))
    }
}

/// What an unknown fact may cost at the most; at the least it costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumed {
    /// Time is rounded up to at most this.
    pub granularity_seconds: u32,
    /// A start costs at most so many seconds.
    pub minimum_seconds: u32,
    /// A GB of disk or volume for a month of 730 hours, in nano-dollars.
    pub storage_nanos_per_gb_month: i64,
    /// A GB out, in nano-dollars.
    pub egress_nanos_per_gb: i64,
    /// A GB in, in nano-dollars.
    pub ingress_nanos_per_gb: i64,
}

/// The money facts of an offer.
#[derive(Clone, Copy, Debug)]
pub struct Priced<'a> {
    /// The whole offer per hour.
    pub per_hour: PerHour,
    /// Its own terms; they are before the rule's figures.
    pub terms: &'a [Term],
    /// Its processors, in thousandths, for rules that bill them apart.
    pub vcpu_millis: Option<u64>,
    /// Its memory, for rules that bill it apart.
    pub ram_mib: Option<u64>,
    /// Data out that it brings for a whole month of running, in GB: before the figure of the rule where that is one of machines, and
    /// beside it where that is one of the account.
    pub egress_free_gb_per_month: Option<u64>,
}

/// A price by volume in nano-dollars; at most [`Steps::MAX`] steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ladder {
    steps: [(u64, i64); Steps::MAX],
    count: u8,
}

impl Ladder {
    pub(super) const FREE: Self = Self::flat(0);

    pub(super) const fn flat(nanos: i64) -> Self {
        let mut steps = [(0, 0); Steps::MAX];
        steps[0] = (u64::MAX, nanos);
        Self { steps, count: 1 }
    }

    /// Upper bound and price of each step, ascending; the last bound is `u64::MAX`.
    pub(super) fn steps(&self) -> &[(u64, i64)] {
        &self.steps[..usize::from(self.count)]
    }

    pub(super) fn is_free(&self) -> bool {
        self.steps().iter().all(|(_, nanos)| *nanos == 0)
    }
}

/// What a disk or volume costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    pub(super) running: Ladder,
    pub(super) stopped: Ladder,
    /// Bytes of one unit.
    pub(super) unit_bytes: u64,
    /// Seconds one price pays for; 0 for the calendar month of the usage.
    pub(super) period_seconds: u64,
    pub(super) included: u64,
    pub(super) minimum: u64,
    /// Billed are as many units as the next power of two.
    pub(super) sizes_double: bool,
    pub(super) granularity_seconds: u32,
    /// Data is still there after a stop.
    pub survives_stop: bool,
}

/// What moved data costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) ladder: Ladder,
    pub(super) unit_bytes: u64,
    /// Free bytes of a month, however long machines exist.
    pub(super) free_bytes: u64,
    /// An allowance of the account, so what is used already counts.
    pub(super) pooled: bool,
    /// Bytes more that are earned hour by hour while a machine exists: the whole of them in [`Moved::earned_seconds`].
    pub(super) earned_bytes: u64,
    pub(super) earned_seconds: u64,
}

/// What a state other than running costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) exists: bool,
    pub(super) is_full: bool,
    pub(super) surcharge_per_hour: i64,
}

/// All numbers of a bill, in nano-dollars and seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tariff {
    pub(super) compute_per_hour: i64,
    pub(super) granularity_seconds: u32,
    pub(super) minimum_seconds: u32,
    pub(super) minimum_amount: i64,
    pub(super) bills_boot: bool,
    pub(super) bills_image_pull: bool,
    pub(super) idle_timeout_seconds: Option<u32>,
    pub(super) stopped: State,
    pub(super) hibernated: State,
    pub(super) ip_per_hour: i64,
    /// A machine that is stopped holds no address.
    pub(super) ip_goes_at_stop: bool,
    pub(super) set_up: i64,
    pub(super) cap_seconds: Option<u64>,
    /// The most that a month of computing costs.
    pub(super) cap_amount: Option<i64>,
    pub(super) disk: Disk,
    pub(super) network_volume: Option<Disk>,
    pub(super) egress: Moved,
    pub(super) ingress: Moved,
}

/// A price in a currency without a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no exchange rate is known for {0}")]
pub struct NoRate(pub Currency);

/// Turns facts into numbers, and remembers what was missing.
struct Compiler<'a> {
    rates: Option<&'a FxRates>,
    dear: Unknowns,
    assumed: &'a Assumed,
    met: Unknowns,
}

impl Compiler<'_> {
    fn usd(&self, nanos: i64, currency: Currency) -> Result<i64, NoRate> {
        if currency == Currency::USD {
            return Ok(nanos);
        }
        self.rates.and_then(|rates| rates.convert(nanos, currency, Currency::USD)).ok_or(NoRate(currency))
    }

    fn money(&self, fact: Option<&Fact<Money>>) -> Result<i64, NoRate> {
        fact.map_or(Ok(0), |fact| self.usd(fact.value.amount.0, fact.value.currency))
    }

    /// Notes that a fact is missing, and says whether to take its dear end.
    fn missing(&mut self, unknown: Unknown) -> bool {
        self.met.insert(unknown);
        self.dear.contains(unknown)
    }

    fn flag(&mut self, known: Option<bool>, unknown: Unknown) -> bool {
        known.unwrap_or_else(|| self.missing(unknown))
    }

    /// `beyond` is what a unit costs past a bounded last step.
    fn ladder(&mut self, steps: &[Step], unknown: Unknown, beyond: i64) -> Result<Ladder, NoRate> {
        let mut ladder = Ladder::FREE;
        for (place, step) in ladder.steps.iter_mut().zip(steps) {
            *place = (step.up_to.unwrap_or(u64::MAX), self.usd(step.price.amount.0, step.price.currency)?);
        }
        ladder.count = u8::try_from(steps.len().clamp(1, Steps::MAX)).unwrap_or(1);
        let last = usize::from(ladder.count) - 1;
        if ladder.steps[last].0 != u64::MAX {
            let price = if self.missing(unknown) { beyond.max(ladder.steps[last].1) } else { 0 };
            if last + 1 < Steps::MAX {
                ladder.steps[last + 1] = (u64::MAX, price);
                ladder.count += 1;
            } else {
                ladder.steps[last].0 = u64::MAX;
            }
        }
        Ok(ladder)
    }
}

fn unit_bytes(unit: DataUnit) -> u64 {
    match unit {
        DataUnit::Gb => GB,
        DataUnit::Gib => GIB,
    }
}

impl Tariff {
    /// The numbers of an offer under a rule. `dear` are the unknowns to take at their dearest; the second result are
    /// those that were met.
    ///
    /// # Errors
    /// [`NoRate`] where a price is in a currency that has no rate.
    pub fn compile(
        priced: &Priced<'_>,
        rule: &BillingRule,
        rates: Option<&FxRates>,
        assumed: &Assumed,
        dear: Unknowns,
    ) -> Result<(Self, Unknowns), NoRate> {
        let mut compiler = Compiler { rates, dear, assumed, met: Unknowns::NONE };
        let granularity = rule.granularity_seconds().map(std::num::NonZeroU32::get);
        let minimum = rule.minimum_charge_seconds();
        let (bills_boot, bills_image_pull) = meter(&mut compiler, rule);
        let term = |kind: TermKind| priced.terms.iter().find(|term| term.kind == kind);
        let set_up = match term(TermKind::SetUp) {
            Some(term) => compiler.usd(term.amount.0, term.currency)?,
            None => compiler.money(rule.fees.set_up_per_start.as_ref())?,
        };
        if rule.fees.more_on_top.is_some() {
            compiler.missing(Unknown::MoreOnTop);
        }
        let tariff = Self {
            compute_per_hour: compiler.usd(priced.per_hour.nanos, priced.per_hour.currency)? + apart(&mut compiler, priced, rule)?,
            granularity_seconds: granularity
                .unwrap_or_else(|| if compiler.missing(Unknown::Granularity) { assumed.granularity_seconds.max(1) } else { 1 }),
            minimum_seconds: minimum.unwrap_or_else(|| if compiler.missing(Unknown::Minimum) { assumed.minimum_seconds } else { 0 }),
            minimum_amount: compiler.money(rule.time.minimum_charge.as_ref())?,
            bills_boot,
            bills_image_pull,
            idle_timeout_seconds: rule.time.idle_timeout_seconds.as_ref().map(|fact| fact.value),
            stopped: state(&mut compiler, rule.states.stopped.as_ref(), rule.states.stopped_surcharge_per_hour.as_ref(), Unknown::Stopped)?,
            hibernated: hibernated(&mut compiler, rule)?,
            ip_per_hour: compiler.money(rule.fees.public_ip_per_hour.as_ref())?,
            ip_goes_at_stop: rule.fees.public_ip_goes_at_stop.as_ref().is_some_and(|fact| fact.value),
            set_up,
            cap_seconds: rule.fees.monthly_cap_hours.as_ref().map(|fact| u64::from(fact.value.get()) * SECONDS_PER_HOUR),
            cap_amount: match term(TermKind::MonthlyCap) {
                Some(term) => Some(compiler.usd(term.amount.0, term.currency)?),
                None => None,
            },
            disk: disk(&mut compiler, priced, rule)?,
            network_volume: network_volume(&mut compiler, priced, rule)?,
            egress: moved(
                &mut compiler,
                term(TermKind::Egress),
                priced.egress_free_gb_per_month,
                &rule.egress,
                (Unknown::Egress, assumed.egress_nanos_per_gb),
            )?,
            ingress: moved(&mut compiler, term(TermKind::Ingress), None, &rule.ingress, (Unknown::Ingress, assumed.ingress_nanos_per_gb))?,
        };
        Ok((tariff, compiler.met))
    }

    /// What is linear in the seconds of running and waiting, without what is rounded up, has a minimum or a cap; and
    /// apart from it what each start costs, in nano-dollars.
    pub(crate) const fn linear(&self) -> (Self, i64) {
        let disk = Disk { granularity_seconds: 1, ..self.disk };
        let linear = Self {
            granularity_seconds: 1,
            minimum_seconds: 0,
            minimum_amount: 0,
            set_up: 0,
            cap_seconds: None,
            cap_amount: None,
            disk,
            ..*self
        };
        (linear, self.set_up)
    }

    /// To what multiple time is rounded up, and the least of a start, in seconds.
    pub(crate) fn rounding(&self) -> (u64, u64) {
        (u64::from(self.granularity_seconds.max(1)), u64::from(self.minimum_seconds))
    }

    /// Computing time is paid while a machine boots.
    pub const fn bills_boot(&self) -> bool {
        self.bills_boot
    }

    /// Computing time is paid while the image is pulled.
    pub const fn bills_image_pull(&self) -> bool {
        self.bills_image_pull
    }

    /// Seconds that one of these runs is billed for and does not use.
    pub fn rounding_of(&self, runs: &super::Runs) -> u64 {
        let (granularity, minimum) = self.rounding();
        let used = self.metered_seconds(runs);
        crate::billing::billed_seconds(used, granularity, minimum).unwrap_or(u64::MAX / 2) - used
    }

    /// Seconds of one of these runs for which the meter runs.
    const fn metered_seconds(&self, runs: &super::Runs) -> u64 {
        let free =
            (if self.bills_boot { 0 } else { runs.boot_seconds }) + (if self.bills_image_pull { 0 } else { runs.image_pull_seconds });
        runs.seconds() - free
    }

    /// So many seconds of computing, unrounded, in nano-dollars.
    pub(crate) fn computing(&self, seconds: u64) -> i64 {
        narrow(divide_rounded(i128::from(self.compute_per_hour) * i128::from(seconds), i128::from(SECONDS_PER_HOUR)))
    }

    /// A machine can be stopped (also where nobody says so: then the bill carries the unknown).
    pub const fn can_stop(&self) -> bool {
        self.stopped.exists
    }

    /// A machine can be hibernated.
    pub const fn can_hibernate(&self) -> bool {
        self.hibernated.exists
    }

    /// There is a volume that outlives the machine.
    pub const fn has_network_volume(&self) -> bool {
        self.network_volume.is_some()
    }

    /// A stopped machine costs as much as a running one.
    pub const fn stopped_is_full(&self) -> bool {
        self.stopped.is_full
    }

    /// Data on the machine's disk is still there after a stop.
    pub const fn disk_survives_stop(&self) -> bool {
        self.disk.survives_stop
    }

    /// Serverless: how long a worker waits, billed, after its last request.
    pub const fn idle_timeout_seconds(&self) -> Option<u32> {
        self.idle_timeout_seconds
    }
}

fn meter(compiler: &mut Compiler<'_>, rule: &BillingRule) -> (bool, bool) {
    let starts = rule.time.meter_starts.as_ref().map(|fact| fact.value);
    let boot = compiler.flag(starts.map(|start| start != MeterStart::Running), Unknown::MeterStart);
    // A meter that starts when the machine is asked for runs while its image is pulled; one that starts when it runs does not.
    let by_start = match starts {
        Some(MeterStart::Create) => Some(true),
        Some(MeterStart::Running) => Some(false),
        Some(MeterStart::Boot) | None => None,
    };
    let said = rule.time.image_pull_is_billed.as_ref().map(|fact| fact.value);
    (boot, compiler.flag(said.or(by_start), Unknown::ImagePull))
}

fn state(
    compiler: &mut Compiler<'_>,
    charge: Option<&Fact<StateCharge>>,
    surcharge: Option<&Fact<Money>>,
    unknown: Unknown,
) -> Result<State, NoRate> {
    let surcharge_per_hour = compiler.money(surcharge)?;
    Ok(match charge.map(|fact| fact.value) {
        Some(StateCharge::None) => State { exists: false, is_full: false, surcharge_per_hour },
        Some(StateCharge::Free) => State { exists: true, is_full: false, surcharge_per_hour },
        Some(StateCharge::Full) => State { exists: true, is_full: true, surcharge_per_hour },
        None => State { exists: true, is_full: compiler.missing(unknown), surcharge_per_hour },
    })
}

/// Where nobody speaks of hibernating, one cannot.
fn hibernated(compiler: &mut Compiler<'_>, rule: &BillingRule) -> Result<State, NoRate> {
    match &rule.states.hibernated {
        None => Ok(State { exists: false, is_full: false, surcharge_per_hour: 0 }),
        said => state(compiler, said.as_ref(), None, Unknown::Hibernated),
    }
}

/// Processors and memory that are billed beside the price, per hour.
fn apart(compiler: &mut Compiler<'_>, priced: &Priced<'_>, rule: &BillingRule) -> Result<i64, NoRate> {
    let mut sum = 0;
    let parts = [(&rule.fees.vcpu_per_hour, priced.vcpu_millis, 1000), (&rule.fees.ram_gib_per_hour, priced.ram_mib, 1024)];
    for (price, quantity, unit) in parts {
        let Some(price) = price else { continue };
        let nanos = compiler.usd(price.value.amount.0, price.value.currency)?;
        match quantity {
            Some(quantity) => sum += narrow(divide_rounded(i128::from(nanos) * i128::from(quantity), unit)),
            // How much one takes is not known: at the dear end 64 processors and 256 GiB, the most that offers usually carry per GPU.
            None => {
                if compiler.missing(Unknown::Apart) {
                    sum += nanos.saturating_mul(if unit == 1000 { 64 } else { 256 });
                }
            }
        }
    }
    Ok(sum)
}

/// The disk a machine of the plan would have: of the kinds that come with a machine or are tied to one, first what stays
/// after a stop, then what has a price, then the system's own.
pub fn disk_kind(rule: &BillingRule) -> Option<&Storage> {
    let kinds = rule.storage.iter().filter(|kind| matches!(kind.role, StorageRole::System | StorageRole::MachineVolume));
    kinds.min_by_key(|kind| {
        let fate = match kind.on_stop.as_ref().map(|fact| fact.value) {
            Some(Fate::Kept) => 0,
            None => 1,
            Some(Fate::Wiped) => 2,
        };
        let has_price = kind.per_offer || (kind.running().is_some() && kind.stopped().is_some());
        (fate, !has_price, kind.role != StorageRole::System)
    })
}

/// What the storage terms of an offer are the price of: the kind that says so, else the machine's disk.
fn kind_of_terms(rule: &BillingRule) -> Option<&Storage> {
    rule.storage.iter().find(|kind| kind.per_offer)
}

fn disk(compiler: &mut Compiler<'_>, priced: &Priced<'_>, rule: &BillingRule) -> Result<Disk, NoRate> {
    let of_terms = kind_of_terms(rule);
    let terms_are_of_a_volume = of_terms.is_some_and(|kind| kind.role == StorageRole::NetworkVolume);
    let kind = of_terms.filter(|_| !terms_are_of_a_volume).or_else(|| disk_kind(rule));
    let from_terms = if terms_are_of_a_volume { None } else { by_terms(compiler, priced, kind, Unknown::DiskStopped)? };
    match (from_terms, kind) {
        (Some(disk), _) => Ok(disk),
        (None, Some(kind)) => kind_of(compiler, kind, Unknown::Disk, Unknown::DiskStopped),
        (None, None) => Ok(unknown_disk(compiler, true)),
    }
}

fn network_volume(compiler: &mut Compiler<'_>, priced: &Priced<'_>, rule: &BillingRule) -> Result<Option<Disk>, NoRate> {
    let Some(kind) = rule.storage.iter().find(|kind| kind.role == StorageRole::NetworkVolume) else { return Ok(None) };
    if kind.per_offer
        && let Some(volume) = by_terms(compiler, priced, Some(kind), Unknown::NetworkVolume)?
    {
        return Ok(Some(volume));
    }
    kind_of(compiler, kind, Unknown::NetworkVolume, Unknown::NetworkVolume).map(Some)
}

/// A storage by the offer's own terms, where it has them; the rest of its facts are the kind's.
fn by_terms(
    compiler: &mut Compiler<'_>,
    priced: &Priced<'_>,
    kind: Option<&Storage>,
    unknown_stopped: Unknown,
) -> Result<Option<Disk>, NoRate> {
    let [running, stopped] =
        [TermKind::StorageRunning, TermKind::StorageStopped].map(|kind| priced.terms.iter().find(|term| term.kind == kind));
    let Some(running) = running else { return Ok(None) };
    let survives_stop = kind.and_then(|kind| kind.on_stop.as_ref()).is_none_or(|fact| fact.value == Fate::Kept);
    let (unit_bytes, period_seconds) = match running.unit {
        TermUnit::GbMonth { hours } => (GB, u64::from(hours) * SECONDS_PER_HOUR),
        TermUnit::GibMonth { hours } => (GIB, u64::from(hours) * SECONDS_PER_HOUR),
        TermUnit::GibHour => (GIB, SECONDS_PER_HOUR),
        TermUnit::GbHour | TermUnit::Gb | TermUnit::Gib | TermUnit::Start | TermUnit::Month => (GB, SECONDS_PER_HOUR),
    };
    let running_ladder = Ladder::flat(compiler.usd(running.amount.0, running.currency)?);
    let is_volume = kind.is_some_and(|kind| kind.role == StorageRole::NetworkVolume);
    let stopped = match stopped {
        Some(term) => Ladder::flat(compiler.usd(term.amount.0, term.currency)?),
        // A volume costs the same whether a machine runs or not.
        None if is_volume => running_ladder,
        // "May be higher while stopped" without a figure: at the least as much as running.
        None => {
            let dear = compiler.missing(unknown_stopped);
            let nanos = running_ladder.steps[0].1;
            Ladder::flat(if dear { nanos.max(per_unit(compiler.assumed, unit_bytes, period_seconds)) } else { nanos })
        }
    };
    let (included, minimum) = kind.map_or((0, 0), |kind| (value(kind.included.as_ref()), value(kind.minimum.as_ref())));
    let granularity_seconds = kind.and_then(|kind| kind.granularity_seconds.as_ref()).map_or(1, |fact| fact.value.get());
    let period_seconds = period_seconds.max(1);
    let sizes_double = kind.is_some_and(sizes_double);
    Ok(Some(Disk {
        running: running_ladder,
        stopped,
        unit_bytes,
        period_seconds,
        included,
        minimum,
        sizes_double,
        granularity_seconds,
        survives_stop,
    }))
}

fn sizes_double(kind: &Storage) -> bool {
    kind.sizes_double.as_ref().is_some_and(|fact| fact.value)
}

fn value(fact: Option<&Fact<u64>>) -> u64 {
    fact.map_or(0, |fact| fact.value)
}

/// The assumed dearest price of a unit for a period, in nano-dollars.
fn per_unit(assumed: &Assumed, unit_bytes: u64, period_seconds: u64) -> i64 {
    let month = i128::from(crate::money::HOURS_PER_YEAR_MONTH) * i128::from(SECONDS_PER_HOUR);
    let nanos = i128::from(assumed.storage_nanos_per_gb_month) * i128::from(unit_bytes) * i128::from(period_seconds);
    narrow(divide_rounded(nanos, i128::from(GB) * month))
}

fn unknown_disk(compiler: &mut Compiler<'_>, survives_stop: bool) -> Disk {
    let month = u64::from(crate::money::HOURS_PER_YEAR_MONTH) * SECONDS_PER_HOUR;
    let dear = Ladder::flat(compiler.assumed.storage_nanos_per_gb_month);
    let running = if compiler.missing(Unknown::Disk) { dear } else { Ladder::FREE };
    let stopped = if compiler.missing(Unknown::DiskStopped) { dear } else { Ladder::FREE };
    Disk {
        running,
        stopped,
        unit_bytes: GB,
        period_seconds: month,
        included: 0,
        minimum: 0,
        sizes_double: false,
        granularity_seconds: 1,
        survives_stop,
    }
}

fn kind_of(compiler: &mut Compiler<'_>, kind: &Storage, running: Unknown, stopped: Unknown) -> Result<Disk, NoRate> {
    let (unit_bytes, is_month) = match kind.unit {
        StorageUnit::GbMonth => (GB, true),
        StorageUnit::GibMonth => (GIB, true),
        StorageUnit::GbHour => (GB, false),
        StorageUnit::GibHour => (GIB, false),
    };
    let hours = |hours: u32| u64::from(hours) * SECONDS_PER_HOUR;
    let period_seconds = match (is_month, kind.month.as_ref().map(|fact| fact.value)) {
        (false, _) => SECONDS_PER_HOUR,
        (true, Some(Month::Hours(month))) => hours(month.get()),
        (true, Some(Month::Calendar)) => 0,
        // The same price for a shorter month is a dearer hour.
        (true, None) => hours(if compiler.missing(Unknown::Month) { *MONTH_HOURS.start() } else { *MONTH_HOURS.end() }),
    };
    let beyond = per_unit(compiler.assumed, unit_bytes, if period_seconds == 0 { hours(*MONTH_HOURS.end()) } else { period_seconds });
    let mut price = |fact: Option<&Fact<Steps>>, unknown: Unknown| match fact {
        Some(fact) => compiler.ladder(fact.value.as_slice(), unknown, beyond),
        None => Ok(if compiler.missing(unknown) { Ladder::flat(beyond) } else { Ladder::FREE }),
    };
    Ok(Disk {
        running: price(kind.running(), running)?,
        stopped: price(kind.stopped(), stopped)?,
        unit_bytes,
        period_seconds,
        included: value(kind.included.as_ref()),
        minimum: value(kind.minimum.as_ref()),
        sizes_double: sizes_double(kind),
        granularity_seconds: kind.granularity_seconds.as_ref().map_or(1, |fact| fact.value.get()),
        survives_stop: kind.on_stop.as_ref().is_none_or(|fact| fact.value == Fate::Kept),
    })
}

/// `brought` is what the machine itself brings in GB for a month. `unknown` is what it is called where no price is known, with the most
/// that a GB may cost then.
fn moved(
    compiler: &mut Compiler<'_>,
    term: Option<&Term>,
    brought: Option<u64>,
    rule: &crate::billing::Traffic,
    (unknown, assumed_per_gb): (Unknown, i64),
) -> Result<Moved, NoRate> {
    let unit_bytes = match term {
        Some(term) if term.unit == TermUnit::Gib => GIB,
        Some(_) => GB,
        None => unit_bytes(rule.unit.as_ref().map_or(DataUnit::Gb, |fact| fact.value)),
    };
    let of_rule = value(rule.free_per_month.as_ref()).saturating_mul(unit_bytes);
    let brought = brought.map(|gb| gb.saturating_mul(GB));
    let counted = rule.free_counted.as_ref().map_or(Counted::AccountMonth, |fact| fact.value);
    let (free_bytes, earned_bytes) = match counted {
        Counted::AccountMonth => (of_rule, brought.unwrap_or(0)),
        Counted::MachineMonth => (brought.unwrap_or(of_rule), 0),
        Counted::MachineHour => (0, brought.unwrap_or(of_rule)),
    };
    let month_hours = rule.earned_in_hours.as_ref().map_or(crate::money::HOURS_PER_YEAR_MONTH, |fact| fact.value.get());
    let ladder = match (term, &rule.price) {
        (Some(term), _) => Ladder::flat(compiler.usd(term.amount.0, term.currency)?),
        (None, price) => {
            let dear = narrow(divide_rounded(i128::from(assumed_per_gb) * i128::from(unit_bytes), i128::from(GB)));
            match price {
                Some(price) => compiler.ladder(price.value.as_slice(), unknown, dear)?,
                None if compiler.missing(unknown) => Ladder::flat(dear),
                None => Ladder::FREE,
            }
        }
    };
    let pooled = counted == Counted::AccountMonth;
    Ok(Moved { ladder, unit_bytes, free_bytes, pooled, earned_bytes, earned_seconds: u64::from(month_hours) * SECONDS_PER_HOUR })
}

/// Into 64 bits; what does not fit (over nine billion dollars) is the most that does.
pub(super) fn narrow(nanos: i128) -> i64 {
    i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
}
