//! The bill: what an offer costs for a use of it. Pure and exact: lines in whole nano-dollars whose sum is the total.
//!
//! [`Tariff::compile`] turns an offer, its rule and the rates of the day into plain numbers; [`bill`] multiplies them
//! with a [`Usage`]. The same code writes the lines ([`Lines`]) and adds up the total alone ([`Total`]), so that a
//! ranking and the bill that explains it cannot disagree.

mod tariff;

use serde::{Deserialize, Serialize};

pub use tariff::{Assumed, Disk, MONTH_HOURS, NoRate, Priced, Tariff, Unknown, Unknowns, disk_kind};

use crate::billing::billed_seconds;
use crate::money::divide_rounded;
use tariff::{Ladder, Moved, narrow};

const SECONDS_PER_HOUR: u64 = 3600;

/// Equal runs of a machine, each from one start to its stop. Seconds of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// How many.
    pub count: u64,
    /// From the order until the machine runs.
    pub boot_seconds: u64,
    /// Pulling the container's image before it runs.
    pub image_pull_seconds: u64,
    /// Fetching models and data.
    pub download_seconds: u64,
    /// Loading, compiling, starting the user interface.
    pub set_up_seconds: u64,
    /// Computing what one wants.
    pub work_seconds: u64,
    /// Running and waiting for its user.
    pub idle_seconds: u64,
    /// Work that an eviction destroyed.
    pub lost_seconds: u64,
}

impl Runs {
    /// From the order to the stop.
    pub const fn seconds(&self) -> u64 {
        self.boot_seconds
            + self.image_pull_seconds
            + self.download_seconds
            + self.set_up_seconds
            + self.work_seconds
            + self.idle_seconds
            + self.lost_seconds
    }
}

/// What is used of an offer.
#[derive(Clone, Copy, Debug)]
pub struct Usage<'a> {
    /// The runs, in groups of equal ones.
    pub runs: &'a [Runs],
    /// All runs are of one machine that is stopped between them: a monthly cap counts them together.
    pub is_one_machine: bool,
    /// How long it is stopped in all.
    pub stopped_seconds: u64,
    /// How long it is hibernated in all.
    pub hibernated_seconds: u64,
    /// Size of the machine's disk; it is billed while the machine exists.
    pub disk_bytes: u64,
    /// Size of a volume that outlives the machine.
    pub network_bytes: u64,
    /// How long that volume exists.
    pub network_seconds: u64,
    /// Data out.
    pub egress_bytes: u64,
    /// Data out that the account has used already in each of the months.
    pub egress_used_bytes: u64,
    /// Data in.
    pub ingress_bytes: u64,
    /// Over how many months it is spread evenly: allowances and caps are counted per month.
    pub months: u32,
    /// The hours of such a month, for storage whose month is the calendar's.
    pub month_hours: u32,
}

impl Default for Usage<'_> {
    /// Nothing, in one month of 730 hours.
    fn default() -> Self {
        Self {
            runs: &[],
            is_one_machine: false,
            stopped_seconds: 0,
            hibernated_seconds: 0,
            disk_bytes: 0,
            network_bytes: 0,
            network_seconds: 0,
            egress_bytes: 0,
            egress_used_bytes: 0,
            ingress_bytes: 0,
            months: 1,
            month_hours: crate::money::HOURS_PER_YEAR_MONTH,
        }
    }
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Computing what one wants.
    Work,
    /// Running and waiting for its user.
    Idle,
    /// From the order until the machine runs.
    Boot,
    /// Pulling the image.
    ImagePull,
    /// Fetching models and data.
    Download,
    /// Loading and compiling.
    SetUp,
    /// Work that evictions destroyed, and what starting again costs.
    Lost,
    /// Time that is billed and was not used: granularity and minimum.
    Rounding,
    /// What a start costs at the least, above its time.
    MinimumAmount,
    /// What is above the monthly cap, taken off.
    MonthlyCap,
    /// The machine while stopped.
    Stopped,
    /// The machine while hibernated.
    Hibernated,
    /// A public address.
    PublicIp,
    /// Paid per start.
    SetUpFee,
    /// The machine's disk while it runs.
    DiskRunning,
    /// The machine's disk while it does not.
    DiskStopped,
    /// The volume that outlives the machine.
    NetworkVolume,
    /// Data out.
    Egress,
    /// Data in.
    Ingress,
    /// Off every line.
    Discount,
    /// Taken off the total.
    Credit,
    /// Tax on top.
    Tax,
    /// Writing off a card of one's own.
    WriteOff,
    /// Electricity.
    Electricity,
}

impl LineKind {
    /// What it is for, in words.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Work => "computing",
            Self::Idle => "running, waiting for you",
            Self::Boot => "booting",
            Self::ImagePull => "pulling the image",
            Self::Download => "fetching models",
            Self::SetUp => "loading models",
            Self::Lost => "evictions",
            Self::Rounding => "rounding and minimum",
            Self::MinimumAmount => "minimum per start",
            Self::MonthlyCap => "above the monthly cap",
            Self::Stopped => "stopped",
            Self::Hibernated => "hibernated",
            Self::PublicIp => "public address",
            Self::SetUpFee => "set-up fee",
            Self::DiskRunning => "disk, running",
            Self::DiskStopped => "disk, stopped",
            Self::NetworkVolume => "network volume",
            Self::Egress => "data out",
            Self::Ingress => "data in",
            Self::Discount => "discount",
            Self::Credit => "credit",
            Self::Tax => "tax",
            Self::WriteOff => "writing off",
            Self::Electricity => "electricity",
        }
    }

    /// The facts of the rule it comes from, as [`crate::billing::Known::name`] has them; `storage` stands for the kind
    /// of storage that was chosen. Empty where it is the offer's price alone.
    pub const fn facts(self) -> &'static [&'static str] {
        match self {
            Self::Work | Self::Idle | Self::Download | Self::SetUp | Self::Lost => &[],
            Self::Discount | Self::Credit | Self::Tax | Self::WriteOff | Self::Electricity => &[],
            Self::Boot => &["time.meter_starts"],
            Self::ImagePull => &["time.image_pull_is_billed", "time.meter_starts"],
            Self::Rounding => &["time.granularity_seconds", "time.minimum_charge_seconds"],
            Self::MinimumAmount => &["time.minimum_charge"],
            Self::MonthlyCap => &["fees.monthly_cap_hours"],
            Self::Stopped => &["states.stopped", "states.stopped_surcharge_per_hour"],
            Self::Hibernated => &["states.hibernated"],
            Self::PublicIp => &["fees.public_ip_per_hour", "fees.public_ip_goes_at_stop"],
            Self::SetUpFee => &["fees.set_up_per_start"],
            Self::DiskRunning | Self::DiskStopped | Self::NetworkVolume => &["storage"],
            Self::Egress => &["egress.price", "egress.free_per_month"],
            Self::Ingress => &["ingress.price"],
        }
    }
}

/// How much of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum Quantity {
    /// Time at a price per hour.
    Time {
        /// Seconds.
        seconds: u64,
    },
    /// Starts at a price each.
    Starts {
        /// How many.
        starts: u64,
    },
    /// Bytes at a price per unit of so many bytes.
    Data {
        /// Bytes.
        bytes: u64,
        /// Bytes of one unit.
        unit_bytes: u64,
    },
    /// Bytes for a time, at a price per unit and period.
    Storage {
        /// Bytes.
        bytes: u64,
        /// Bytes of one unit.
        unit_bytes: u64,
        /// Seconds.
        seconds: u64,
        /// Seconds of one period.
        period_seconds: u64,
    },
    /// A share of an amount: the unit price is that amount.
    Share {
        /// Millionths.
        ppm: u64,
    },
    /// Evictions on average; the unit price is what one of them costs on average.
    Evictions {
        /// Thousandths.
        milli: u64,
    },
    /// Energy at a price per kWh.
    Energy {
        /// Wh.
        watt_hours: u64,
    },
}

/// One line of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is for.
    pub kind: LineKind,
    /// How much of it.
    pub quantity: Quantity,
    /// Nano-dollars for one unit (an hour, a start, a GB, a GB-month).
    pub unit_price_nanos: i64,
    /// Nano-dollars.
    pub amount_nanos: i64,
}

/// Takes the lines of a bill.
pub trait Ledger {
    /// One line. Lines of nothing are left out.
    fn line(&mut self, line: Line);

    /// Whether the parts of the computing time are wanted, or their sum is enough.
    const WANTS_PARTS: bool;
}

/// Keeps every line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(pub Vec<Line>);

impl Lines {
    /// Their sum, in nano-dollars.
    pub fn total(&self) -> i64 {
        narrow(self.0.iter().map(|line| i128::from(line.amount_nanos)).sum())
    }
}

impl Ledger for Lines {
    const WANTS_PARTS: bool = true;
    fn line(&mut self, line: Line) {
        self.0.push(line);
    }
}

/// Keeps the sum alone, in nano-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total(pub i64);

impl Ledger for Total {
    const WANTS_PARTS: bool = false;
    fn line(&mut self, line: Line) {
        self.0 = self.0.saturating_add(line.amount_nanos);
    }
}

/// What `usage` costs under a tariff, written into `ledger`. Every line is rounded once, half away from zero, to a
/// nano-dollar; parts of the computing time are rounded so that they add up to their sum.
pub fn bill<L: Ledger>(tariff: &Tariff, usage: &Usage<'_>, ledger: &mut L) {
    let existing = compute(tariff, usage, ledger);
    let down = usage.stopped_seconds + usage.hibernated_seconds;
    let with_address = existing + if tariff.ip_goes_at_stop { 0 } else { down };
    time_line(LineKind::PublicIp, tariff.ip_per_hour, with_address, ledger);
    let starts: u64 = usage.runs.iter().map(|runs| runs.count).sum();
    starts_line(LineKind::SetUpFee, tariff.set_up, starts, ledger);
    if usage.disk_bytes > 0 {
        storage(LineKind::DiskRunning, &tariff.disk, &tariff.disk.running, usage.disk_bytes, existing, usage, ledger);
        storage(LineKind::DiskStopped, &tariff.disk, &tariff.disk.stopped, usage.disk_bytes, down, usage, ledger);
    }
    if let Some(volume) = tariff.network_volume.as_ref().filter(|_| usage.network_bytes > 0) {
        storage(LineKind::NetworkVolume, volume, &volume.running, usage.network_bytes, usage.network_seconds, usage, ledger);
    }
    moved(LineKind::Egress, &tariff.egress, (usage.egress_bytes, usage.egress_used_bytes), usage.months, existing + down, ledger);
    moved(LineKind::Ingress, &tariff.ingress, (usage.ingress_bytes, 0), usage.months, existing + down, ledger);
}

/// The total alone, in nano-dollars.
pub fn total(tariff: &Tariff, usage: &Usage<'_>) -> i64 {
    let mut total = Total::default();
    bill(tariff, usage, &mut total);
    total.0
}

/// `seconds` at a price per hour, unrounded seconds in, nano-dollars out.
fn cost(per_hour: i64, seconds: u64) -> i64 {
    narrow(divide_rounded(i128::from(per_hour) * i128::from(seconds), i128::from(SECONDS_PER_HOUR)))
}

fn time_line<L: Ledger>(kind: LineKind, per_hour: i64, seconds: u64, ledger: &mut L) {
    if per_hour != 0 && seconds > 0 {
        ledger.line(Line { kind, quantity: Quantity::Time { seconds }, unit_price_nanos: per_hour, amount_nanos: cost(per_hour, seconds) });
    }
}

fn starts_line<L: Ledger>(kind: LineKind, each: i64, starts: u64, ledger: &mut L) {
    if each != 0 && starts > 0 {
        let amount_nanos = narrow(i128::from(each) * i128::from(starts));
        ledger.line(Line { kind, quantity: Quantity::Starts { starts }, unit_price_nanos: each, amount_nanos });
    }
}

/// Computing, in all states; returns how long machines ran, whether billed or not.
fn compute<L: Ledger>(tariff: &Tariff, usage: &Usage<'_>, ledger: &mut L) -> u64 {
    let rate = tariff.compute_per_hour;
    let mut parts = Parts { rate, so_far: 0, nanos: 0, ledger };
    let (mut existing, mut capped, mut top_up) = (0, 0, 0_i64);
    let (granularity, minimum) = (u64::from(tariff.granularity_seconds.max(1)), u64::from(tariff.minimum_seconds));
    for runs in usage.runs.iter().filter(|runs| runs.count > 0) {
        let metered = [
            (LineKind::Work, runs.work_seconds),
            (LineKind::Idle, runs.idle_seconds),
            (LineKind::Boot, if tariff.bills_boot { runs.boot_seconds } else { 0 }),
            (LineKind::ImagePull, if tariff.bills_image_pull { runs.image_pull_seconds } else { 0 }),
            (LineKind::Download, runs.download_seconds),
            (LineKind::SetUp, runs.set_up_seconds),
            (LineKind::Lost, runs.lost_seconds),
        ];
        let used: u64 = metered.iter().map(|(_, seconds)| seconds).sum();
        let billed = billed_seconds(used, granularity, minimum).unwrap_or(u64::MAX / 2);
        for (kind, seconds) in metered {
            parts.add(kind, seconds.saturating_mul(runs.count));
        }
        parts.add(LineKind::Rounding, (billed - used).saturating_mul(runs.count));
        existing += runs.seconds().saturating_mul(runs.count);
        if !usage.is_one_machine {
            let most = tariff.cap_seconds.unwrap_or(u64::MAX);
            capped += billed.min(most.saturating_mul(u64::from(usage.months.max(1)))).saturating_mul(runs.count);
        }
        if tariff.minimum_amount > 0 {
            let short = tariff.minimum_amount.saturating_sub(cost(rate, billed)).max(0);
            top_up = top_up.saturating_add(narrow(i128::from(short) * i128::from(runs.count)));
        }
    }
    for (kind, state, seconds) in
        [(LineKind::Stopped, &tariff.stopped, usage.stopped_seconds), (LineKind::Hibernated, &tariff.hibernated, usage.hibernated_seconds)]
    {
        if state.is_full {
            parts.add(kind, seconds);
            capped = capped.saturating_add(seconds);
        }
    }
    let (all, nanos) = parts.end();
    let mut nanos = nanos;
    if let Some(cap) = tariff.cap_seconds {
        let cap = cap.saturating_mul(u64::from(usage.months.max(1)));
        let most = if usage.is_one_machine { all.min(cap) } else { capped };
        if most < all {
            let amount_nanos = cost(rate, most).saturating_sub(nanos);
            nanos = cost(rate, most);
            ledger.line(Line {
                kind: LineKind::MonthlyCap,
                quantity: Quantity::Time { seconds: all - most },
                unit_price_nanos: -rate,
                amount_nanos,
            });
        }
    }
    // Of one machine only: whether several starts of others count together is not said by those who have such a price.
    let cap = tariff.cap_amount.filter(|_| usage.is_one_machine || usage.runs.iter().map(|runs| runs.count).sum::<u64>() == 1);
    if let Some(cap) = cap {
        let months = u64::from(usage.months.max(1));
        let most = narrow(i128::from(cap) * i128::from(months));
        if most < nanos {
            let quantity = Quantity::Starts { starts: months };
            ledger.line(Line { kind: LineKind::MonthlyCap, quantity, unit_price_nanos: cap, amount_nanos: most - nanos });
        }
    }
    if top_up > 0 {
        let starts = usage.runs.iter().map(|runs| runs.count).sum();
        ledger.line(Line {
            kind: LineKind::MinimumAmount,
            quantity: Quantity::Starts { starts },
            unit_price_nanos: tariff.minimum_amount,
            amount_nanos: top_up,
        });
    }
    time_line(LineKind::Stopped, tariff.stopped.surcharge_per_hour, usage.stopped_seconds, ledger);
    existing
}

/// Splits one rounded product into lines that add up to it.
struct Parts<'a, L: Ledger> {
    rate: i64,
    so_far: u64,
    nanos: i64,
    ledger: &'a mut L,
}

impl<L: Ledger> Parts<'_, L> {
    fn add(&mut self, kind: LineKind, seconds: u64) {
        if seconds == 0 {
            return;
        }
        self.so_far = self.so_far.saturating_add(seconds);
        if L::WANTS_PARTS {
            let upto = cost(self.rate, self.so_far);
            let amount_nanos = upto.saturating_sub(self.nanos);
            self.nanos = upto;
            self.ledger.line(Line { kind, quantity: Quantity::Time { seconds }, unit_price_nanos: self.rate, amount_nanos });
        }
    }

    /// All seconds, and what they cost.
    fn end(self) -> (u64, i64) {
        let nanos = if L::WANTS_PARTS { self.nanos } else { cost(self.rate, self.so_far) };
        if !L::WANTS_PARTS && self.so_far > 0 {
            let quantity = Quantity::Time { seconds: self.so_far };
            self.ledger.line(Line { kind: LineKind::Work, quantity, unit_price_nanos: self.rate, amount_nanos: nanos });
        }
        (self.so_far, nanos)
    }
}

fn storage<L: Ledger>(kind: LineKind, disk: &Disk, ladder: &Ladder, bytes: u64, seconds: u64, usage: &Usage<'_>, ledger: &mut L) {
    if seconds == 0 || ladder.is_free() {
        return;
    }
    let unit_bytes = disk.unit_bytes;
    let period_seconds =
        if disk.period_seconds == 0 { u64::from(usage.month_hours.max(1)) * SECONDS_PER_HOUR } else { disk.period_seconds };
    let granularity = u64::from(disk.granularity_seconds.max(1));
    let seconds = seconds.div_ceil(granularity).saturating_mul(granularity);
    let bytes = bytes.max(disk.minimum.saturating_mul(unit_bytes));
    let size = bytes.div_ceil(unit_bytes).checked_next_power_of_two().and_then(|units| units.checked_mul(unit_bytes));
    let bytes = size.filter(|_| disk.sizes_double).unwrap_or(bytes).saturating_sub(disk.included.saturating_mul(unit_bytes));
    steps(ladder, bytes, 0, unit_bytes, |bytes, price| {
        let numerator = i128::from(price) * i128::from(bytes) * i128::from(seconds);
        let amount_nanos = narrow(divide_rounded(numerator, i128::from(unit_bytes) * i128::from(period_seconds)));
        let quantity = Quantity::Storage { bytes, unit_bytes, seconds, period_seconds };
        ledger.line(Line { kind, quantity, unit_price_nanos: price, amount_nanos });
    });
}

/// Data of several equal months, and of one that takes the rest of the division.
/// `existing` is how long machines exist in all of them.
fn moved<L: Ledger>(kind: LineKind, moved: &Moved, (bytes, used): (u64, u64), months: u32, existing: u64, ledger: &mut L) {
    if bytes == 0 || moved.ladder.is_free() {
        return;
    }
    let months = u64::from(months.max(1));
    let each = bytes / months;
    let month = |bytes: u64, times: u64, ledger: &mut L| {
        if bytes == 0 || times == 0 {
            return;
        }
        let earned = u128::from(moved.earned_bytes) * u128::from(existing / months) / u128::from(moved.earned_seconds.max(1));
        let free = moved.free_bytes.saturating_add(u64::try_from(earned).unwrap_or(u64::MAX));
        let used = if moved.pooled { used } else { 0 };
        // What is used already stands before these bytes: it uses up the allowance first, then the lower steps.
        let beyond = (used.saturating_add(bytes)).saturating_sub(free.max(used));
        let before = used.saturating_sub(free);
        steps(&moved.ladder, beyond, before, moved.unit_bytes, |bytes, price| {
            let amount = narrow(divide_rounded(i128::from(price) * i128::from(bytes), i128::from(moved.unit_bytes)));
            let quantity = Quantity::Data { bytes: bytes.saturating_mul(times), unit_bytes: moved.unit_bytes };
            ledger.line(Line { kind, quantity, unit_price_nanos: price, amount_nanos: narrow(i128::from(amount) * i128::from(times)) });
        });
    };
    month(each, months - 1, ledger);
    month(bytes - each * (months - 1), 1, ledger);
}

/// Calls `each` with the bytes and the price of every step that `bytes` reach, `before` bytes having been counted.
fn steps(ladder: &Ladder, bytes: u64, before: u64, unit_bytes: u64, mut each: impl FnMut(u64, i64)) {
    let (mut position, end) = (before, before.saturating_add(bytes));
    for (up_to, price) in ladder.steps() {
        let bound = up_to.saturating_mul(unit_bytes).min(end);
        if bound > position {
            if *price != 0 {
                each(bound - position, *price);
            }
            position = bound;
        }
    }
}

#[cfg(test)]
mod tests;
