//! Exact amounts. Everything is whole nano-units (nine decimals, as Google's price API carries) in `i64`; text is
//! parsed without floats; each conversion rounds once, half away from zero.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::gpu::GpuCount;

/// One unit, in nano-units.
pub const NANOS_PER_UNIT: i64 = 1_000_000_000;

/// Hours of a month where the source divides its year: 365 days × 24 hours ÷ 12 months. Cloud price lists
/// (Azure, Scaleway, Linode) use it; Vast and Lambda use 30 days × 24 hours, so a [`Period::Month`] says its hours.
pub const HOURS_PER_YEAR_MONTH: u32 = 365 * 24 / 12;

/// A plain decimal number with nine places, exact: `0.34` is `340_000_000` nanos.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nanos(pub i64);

/// Why a text is not a usable decimal number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not digits with at most one point and an exponent.
    #[error("`{0}` is not a decimal number")]
    Malformed(String),
    /// Larger than nine billion.
    #[error("`{0}` is out of range")]
    OutOfRange(String),
}

impl Nanos {
    /// `value` whole units.
    pub const fn from_units(value: i64) -> Option<Self> {
        match value.checked_mul(NANOS_PER_UNIT) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// Above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl FromStr for Nanos {
    type Err = DecimalError;

    /// Reads `0.34`, `-2`, `1.3e-06`. More than nine decimals are rounded half away from zero.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        // A foreign text may be long; the message quotes only its beginning.
        let shown = || text.chars().take(40).collect::<String>();
        let malformed = || DecimalError::Malformed(shown());
        let out_of_range = || DecimalError::OutOfRange(shown());
        let trimmed = text.trim();
        let (negative, unsigned) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| malformed())?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(malformed());
        }
        // The value is digits × 10^(-scale); nanos are digits × 10^(9-scale).
        let fraction_digits = i32::try_from(fraction.len()).map_err(|_| malformed())?;
        let shift = exponent.saturating_sub(fraction_digits).saturating_add(9);
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).skip_while(|b| *b == b'0').map(|b| b - b'0').collect();
        let keep = i64::try_from(digits.len()).map_err(|_| malformed())? + i64::from(shift.min(0));
        let mut nanos: i128 = 0;
        let kept = usize::try_from(keep.max(0)).map_err(|_| malformed())?.min(digits.len());
        for digit in &digits[..kept] {
            nanos = nanos
                .checked_mul(10)
                .and_then(|n| n.checked_add(i128::from(*digit)))
                .filter(|n| *n <= i128::from(i64::MAX))
                .ok_or_else(out_of_range)?;
        }
        if keep >= 0 && digits.get(kept).is_some_and(|next| *next >= 5) {
            nanos += 1;
        }
        if nanos != 0 {
            for _ in 0..shift.max(0) {
                nanos = nanos.checked_mul(10).filter(|n| *n <= i128::from(i64::MAX)).ok_or_else(out_of_range)?;
            }
        }
        let signed = if negative { -nanos } else { nanos };
        i64::try_from(signed).map(Self).map_err(|_| out_of_range())
    }
}

impl fmt::Display for Nanos {
    /// Decimal text without trailing zeros: `0.34`, `12`, `-0.000000001`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let absolute = self.0.unsigned_abs();
        let (whole, fraction) = (absolute / NANOS_PER_UNIT.unsigned_abs(), absolute % NANOS_PER_UNIT.unsigned_abs());
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let text = format!("{fraction:09}");
        write!(f, "{sign}{whole}.{}", text.trim_end_matches('0'))
    }
}

impl Serialize for Nanos {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Nanos {
    /// From decimal text only: a float has already lost digits.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII letters are accepted")
    }
}

impl FromStr for Currency {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        match text.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_alphabetic) => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase(), c.to_ascii_uppercase()]))
            }
            _ => Err(DecimalError::Malformed(text.chars().take(40).collect())),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What one quoted price pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The whole offer, however many GPUs it holds.
    Instance,
    /// One GPU of the offer.
    Gpu,
}

/// The time one quoted price pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// One second.
    Second,
    /// One minute.
    Minute,
    /// One hour.
    Hour,
    /// The provider's own month, in hours (720, 730, 744).
    Month {
        /// How many hours the provider counts in it.
        hours: u32,
    },
}

/// A price in the provider's own words: amount, currency, and what and how long it pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Decimal amount in `currency`.
    pub amount: Nanos,
    /// The currency as quoted.
    pub currency: Currency,
    /// One GPU or the whole offer.
    pub scope: Scope,
    /// How long the amount pays for.
    pub period: Period,
}

/// Why a quote cannot become a price per hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// Zero, or below: it means "not offered", never "free" (defect D7).
    #[error("price is not above zero")]
    NotPositive,
    /// A per-GPU price of an offer whose GPU count is unknown (defect D8).
    #[error("price is per GPU and the number of GPUs is unknown")]
    CountUnknown,
    /// Does not fit.
    #[error("price is out of range")]
    OutOfRange,
    /// A month of no hours.
    #[error("the provider's month has no hours")]
    EmptyMonth,
}

impl Quote {
    /// An amount in dollars per hour for the whole offer.
    pub const fn usd_per_instance_hour(amount: Nanos) -> Self {
        Self { amount, currency: Currency::USD, scope: Scope::Instance, period: Period::Hour }
    }

    /// An amount in dollars per hour for one GPU.
    pub const fn usd_per_gpu_hour(amount: Nanos) -> Self {
        Self { amount, currency: Currency::USD, scope: Scope::Gpu, period: Period::Hour }
    }

    /// The price per hour of the whole offer. This is the only place where periods and scopes are converted.
    ///
    /// # Errors
    /// [`QuoteError`] where the amount is not above zero, or the count is needed and unknown.
    pub fn per_hour(&self, gpu_count: Option<GpuCount>) -> Result<PerHour, QuoteError> {
        if !self.amount.is_positive() {
            return Err(QuoteError::NotPositive);
        }
        let (times, over) = match self.period {
            Period::Second => (3600, 1),
            Period::Minute => (60, 1),
            Period::Hour => (1, 1),
            Period::Month { hours: 0 } => return Err(QuoteError::EmptyMonth),
            Period::Month { hours } => (1, hours),
        };
        let (numerator, denominator) = match self.scope {
            Scope::Instance => (1, 1),
            Scope::Gpu => gpu_count.map(|count| (count.numerator(), count.denominator())).ok_or(QuoteError::CountUnknown)?,
        };
        let nanos = divide_rounded(
            i128::from(self.amount.0) * i128::from(times) * i128::from(numerator),
            i128::from(over) * i128::from(denominator),
        );
        let nanos = i64::try_from(nanos).map_err(|_| QuoteError::OutOfRange)?;
        if nanos <= 0 {
            return Err(QuoteError::NotPositive);
        }
        Ok(PerHour { nanos, currency: self.currency })
    }

    /// The unit in words, as the API shows it: `per_gpu_hour`, `per_instance_minute`, `per_instance_month_730h`.
    pub fn unit(&self) -> String {
        let scope = match self.scope {
            Scope::Instance => "instance",
            Scope::Gpu => "gpu",
        };
        match self.period {
            Period::Second => format!("per_{scope}_second"),
            Period::Minute => format!("per_{scope}_minute"),
            Period::Hour => format!("per_{scope}_hour"),
            Period::Month { hours } => format!("per_{scope}_month_{hours}h"),
        }
    }

    /// Reads what [`Quote::unit`] writes.
    pub fn parse_unit(unit: &str) -> Option<(Scope, Period)> {
        let rest = unit.strip_prefix("per_")?;
        let (scope, period) = match rest.split_once('_')? {
            ("instance", period) => (Scope::Instance, period),
            ("gpu", period) => (Scope::Gpu, period),
            _ => return None,
        };
        let period = match period {
            "second" => Period::Second,
            "minute" => Period::Minute,
            "hour" => Period::Hour,
            month => Period::Month { hours: month.strip_prefix("month_")?.strip_suffix('h')?.parse().ok()? },
        };
        Some((scope, period))
    }
}

/// Price per hour of a whole offer, in the provider's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerHour {
    /// Nano-units of `currency` per hour.
    pub nanos: i64,
    /// The currency as quoted.
    pub currency: Currency,
}

macro_rules! usd_type {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// Whole nano-dollars.
            pub nanos: i64,
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Nanos(self.nanos).fmt(f)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Nanos(self.nanos).serialize(serializer)
            }
        }
    };
}

usd_type!(
    /// An exact amount of United States dollars (1 USD = 1 000 000 000 nanos).
    Usd
);
usd_type!(
    /// Dollars per hour for a whole offer.
    UsdPerHour
);
usd_type!(
    /// Dollars per hour for one whole GPU.
    UsdPerGpuHour
);

impl UsdPerHour {
    /// Cost of `billed_seconds` at this rate, rounded half up to a nano-dollar.
    ///
    /// Takes *billed* seconds: apply [`crate::BillingRule::billed_seconds`] first. `None` where it does not fit.
    pub fn cost(self, billed_seconds: u64) -> Option<Usd> {
        let nanos = divide_rounded(i128::from(self.nanos).checked_mul(i128::from(billed_seconds))?, 3600);
        i64::try_from(nanos).ok().map(|nanos| Usd { nanos })
    }

    /// The price of one whole GPU: divided by the exact count, so an eighth of a card at 0.10 is 0.80 per GPU.
    pub fn per_gpu(self, count: GpuCount) -> Option<UsdPerGpuHour> {
        let nanos = divide_rounded(i128::from(self.nanos) * i128::from(count.denominator()), i128::from(count.numerator()));
        i64::try_from(nanos).ok().map(|nanos| UsdPerGpuHour { nanos })
    }
}

/// One day's reference rates: units of each currency for one euro, as the European Central Bank publishes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FxRates {
    /// The day the rates are of.
    pub date: NaiveDate,
    /// Currency to units per euro; the euro itself is implied.
    pub per_eur: BTreeMap<Currency, Nanos>,
}

impl FxRates {
    /// Dollars for `price`; `None` where no rate is known (missing is missing, never 1:1).
    pub fn to_usd(&self, price: PerHour) -> Option<UsdPerHour> {
        let nanos = self.convert(price.nanos, price.currency, Currency::USD)?;
        Some(UsdPerHour { nanos })
    }

    /// `nanos` of `from` in `to`, rounded once.
    pub fn convert(&self, nanos: i64, from: Currency, to: Currency) -> Option<i64> {
        if from == to {
            return Some(nanos);
        }
        let rate = |currency: Currency| {
            if currency == Currency::EUR {
                return Some(NANOS_PER_UNIT);
            }
            self.per_eur.get(&currency).map(|rate| rate.0).filter(|rate| *rate > 0)
        };
        let converted = divide_rounded(i128::from(nanos) * i128::from(rate(to)?), i128::from(rate(from)?));
        i64::try_from(converted).ok()
    }
}

/// Dollars for a price: dollars need no rate, others need `rates`.
pub fn usd_per_hour(price: PerHour, rates: Option<&FxRates>) -> Option<UsdPerHour> {
    if price.currency == Currency::USD {
        return Some(UsdPerHour { nanos: price.nanos });
    }
    rates?.to_usd(price)
}

/// `numerator / denominator`, rounded half away from zero. `denominator` must be above zero.
pub(crate) fn divide_rounded(numerator: i128, denominator: i128) -> i128 {
    debug_assert!(denominator > 0, "a divisor is a count, a month or a rate, all above zero");
    let half = denominator / 2;
    if numerator >= 0 { (numerator + half) / denominator } else { -((-numerator + half) / denominator) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, nanos: i64) {
        assert_eq!(text.parse::<Nanos>(), Ok(Nanos(nanos)), "{text}");
    }

    #[test]
    fn decimal_text_is_read_exactly() {
        check("0.34", 340_000_000);
        check("98.32", 98_320_000_000);
        check("1.3e-06", 1_300);
        check("1e2", 100_000_000_000);
        check("0.24666666666666665", 246_666_667);
        check("0.0000000005", 1);
        check("0.0000000004", 0);
        check("-2", -2_000_000_000);
        check("0e99", 0);
        check("5e-400", 0);
    }

    #[test]
    fn d20_text_that_is_no_number_is_an_error() {
        for text in ["", "NaN", "inf", "1.2.3", "0x10", "1e", "1,5", "--1", ".", "99999999999", "1e300"] {
            assert!(text.parse::<Nanos>().is_err(), "{text}");
        }
    }

    #[test]
    fn d07_a_price_of_zero_is_not_free() {
        for amount in [0, -340_000_000] {
            let quote = Quote::usd_per_instance_hour(Nanos(amount));
            assert_eq!(quote.per_hour(None), Err(QuoteError::NotPositive));
        }
    }

    #[test]
    fn d08_a_price_per_gpu_needs_a_count() {
        let quote = Quote::usd_per_gpu_hour(Nanos(500_000_000));
        assert_eq!(quote.per_hour(None), Err(QuoteError::CountUnknown));
        let eight = GpuCount::whole(8).expect("eight is a count");
        assert_eq!(quote.per_hour(Some(eight)), Ok(PerHour { nanos: 4_000_000_000, currency: Currency::USD }));
    }

    #[test]
    fn d24_a_minute_and_a_month_become_an_hour() {
        let minute = Quote { amount: Nanos(13_125_000), currency: Currency::EUR, scope: Scope::Instance, period: Period::Minute };
        assert_eq!(minute.per_hour(None).map(|price| price.nanos), Ok(787_500_000));
        let month = Quote { amount: Nanos(574_875_000_000), period: Period::Month { hours: HOURS_PER_YEAR_MONTH }, ..minute };
        assert_eq!(month.per_hour(None).map(|price| price.nanos), Ok(787_500_000));
    }

    #[test]
    fn euros_become_dollars_only_with_a_rate() {
        let price = PerHour { nanos: 787_500_000, currency: Currency::EUR };
        assert_eq!(usd_per_hour(price, None), None);
        let date = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
        let rates = FxRates { date, per_eur: BTreeMap::from([(Currency::USD, Nanos(1_100_000_000))]) };
        assert_eq!(usd_per_hour(price, Some(&rates)), Some(UsdPerHour { nanos: 866_250_000 }));
        let pounds = PerHour { nanos: 1, currency: "GBP".parse().expect("a currency") };
        assert_eq!(usd_per_hour(pounds, Some(&rates)), None);
    }

    #[test]
    fn d12_a_slice_divides_by_its_fraction() {
        let eighth = GpuCount::ratio(1, 8).expect("a count");
        assert_eq!(UsdPerHour { nanos: 100_000_000 }.per_gpu(eighth), Some(UsdPerGpuHour { nanos: 800_000_000 }));
    }

    proptest! {
        #[test]
        fn text_survives_a_round_trip(nanos in any::<i64>()) {
            prop_assert_eq!(Nanos(nanos).to_string().parse::<Nanos>(), Ok(Nanos(nanos)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _outcome = text.parse::<Nanos>();
        }

        #[test]
        fn d24_seconds_minutes_and_hours_agree(amount in 1_i64..1_000_000_000_000) {
            let quote = |period, times: i64| Quote { amount: Nanos(amount * times), currency: Currency::USD, scope: Scope::Instance, period }.per_hour(None);
            prop_assert_eq!(quote(Period::Second, 1), quote(Period::Minute, 60));
            prop_assert_eq!(quote(Period::Minute, 1), quote(Period::Hour, 60));
        }

        #[test]
        fn a_unit_reads_back(hours in 1_u32..10_000, gpu in any::<bool>()) {
            let scope = if gpu { Scope::Gpu } else { Scope::Instance };
            for period in [Period::Second, Period::Minute, Period::Hour, Period::Month { hours }] {
                let quote = Quote { amount: Nanos(1), currency: Currency::USD, scope, period };
                prop_assert_eq!(Quote::parse_unit(&quote.unit()), Some((scope, period)));
            }
        }
    }
}
