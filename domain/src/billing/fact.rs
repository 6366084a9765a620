//! A known value with where it was read. A value that nobody has read is not here at all.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::money::{Currency, DecimalError, Nanos};

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
}

/// A value and its source. In a manifest either the bare value (then the section's or the layer's source holds), or
/// `{ value = …, source = "…", read_on = "…" }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact<T> {
    /// What is known.
    pub value: T,
    /// Where it was read; every fact of a resolved rule has one.
    pub source: Option<Arc<Source>>,
}

impl<T> Fact<T> {
    /// Gives a fact without a source of its own the one of its section.
    pub(super) fn adopt(&mut self, source: &Arc<Source>) {
        self.source.get_or_insert_with(|| source.clone());
    }

    /// The first day it holds, where its source says it.
    pub(super) fn valid_from(&self) -> Option<NaiveDate> {
        self.source.as_ref().and_then(|source| source.valid_from)
    }

    /// Whether it holds on a day; the newest rule (`None`) has every fact.
    pub(super) fn holds(&self, on: Option<NaiveDate>) -> bool {
        on.zip(self.valid_from()).is_none_or(|(on, from)| from <= on)
    }
}

impl<T: Serialize> Serialize for Fact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(source) = &self.source else { return self.value.serialize(serializer) };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("value", &self.value)?;
        map.serialize_entry("source", &source.source)?;
        map.serialize_entry("read_on", &source.read_on)?;
        if let Some(valid_from) = source.valid_from {
            map.serialize_entry("valid_from", &valid_from)?;
        }
        map.end()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithSource {
    value: toml::Value,
    source: String,
    read_on: NaiveDate,
    valid_from: Option<NaiveDate>,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Fact<T> {
    // Not an untagged enum: its error would be "did not match any variant" instead of the key at fault.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        let error = |error: toml::de::Error| serde::de::Error::custom(error.message());
        if !value.as_table().is_some_and(|table| table.contains_key("value")) {
            return Ok(Self { value: value.try_into().map_err(error)?, source: None });
        }
        let WithSource { value, source, read_on, valid_from } = value.try_into().map_err(error)?;
        Ok(Self { value: value.try_into().map_err(error)?, source: Some(Arc::new(Source { source, read_on, valid_from })) })
    }
}

/// An exact amount in a currency, written `0.10 USD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// How much.
    pub amount: Nanos,
    /// Of what.
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

impl FromStr for Money {
    type Err = DecimalError;
    /// # Errors
    /// Not a decimal number, a space and three letters; or below zero.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let malformed = || DecimalError::Malformed(text.chars().take(40).collect());
        let (amount, currency) = text.split_once(' ').ok_or_else(malformed)?;
        let amount: Nanos = amount.parse()?;
        if amount.0 < 0 {
            return Err(malformed());
        }
        Ok(Self { amount, currency: currency.trim().parse()? })
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| serde::de::Error::custom(format!("{error}; write an amount as `0.10 USD`")))
    }
}

/// One step of a price by volume. Bounds are the source's own figures (AWS's "10 TB" is 10,240 GB).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// This price holds up to so many units in all; `None` for the last step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u64>,
    /// Price of one unit.
    pub price: Money,
}

/// A price by volume: `"0.10 USD"`, or steps in ascending order. What lies beyond a bounded last step is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps(Vec<Step>);

impl Steps {
    /// The most steps a price has; Amazon's egress, the longest found, has four.
    pub const MAX: usize = 6;

    /// Steps in ascending order, all in one currency.
    ///
    /// # Errors
    /// Words that say which of these is broken.
    pub fn new(steps: Vec<Step>) -> Result<Self, &'static str> {
        let Some(first) = steps.first() else { return Err("a price has one step at least") };
        if steps.len() > Self::MAX {
            return Err("a price has at most six steps");
        }
        if steps.iter().any(|step| step.price.currency != first.price.currency) {
            return Err("the steps of one price have one currency");
        }
        let ascending = steps.windows(2).all(|pair| match (pair[0].up_to, pair[1].up_to) {
            (Some(left), Some(right)) => left < right,
            (Some(_), None) => true,
            (None, _) => false,
        });
        if !ascending {
            return Err("steps go up by `up_to`; only the last one has none");
        }
        Ok(Self(steps))
    }

    /// One price for every unit.
    pub fn flat(price: Money) -> Self {
        Self(vec![Step { up_to: None, price }])
    }

    /// The steps.
    pub fn as_slice(&self) -> &[Step] {
        &self.0
    }

    /// Every unit is free.
    pub fn is_free(&self) -> bool {
        self.0.iter().all(|step| step.price.amount.0 == 0) && self.0.last().is_some_and(|last| last.up_to.is_none())
    }
}

impl Serialize for Steps {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [Step { up_to: None, price }] => price.serialize(serializer),
            steps => steps.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        let error = |error: toml::de::Error| serde::de::Error::custom(error.message());
        match value {
            toml::Value::Array(_) => Self::new(value.try_into().map_err(error)?).map_err(serde::de::Error::custom),
            _ => Ok(Self::flat(value.try_into().map_err(error)?)),
        }
    }
}
