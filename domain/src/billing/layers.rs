//! Layers of a provider's rule, and which of them hold for an offer on a day.

use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{BillingRule, Contradiction, Environment, Fees, Source, Spot, States, Storage, Time, Traffic};
use crate::{Country, MarketKind};

/// What a layer applies to. An empty list means all; `*` at the end of a SKU or region stands for any rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    /// Tiers of the offers.
    pub tiers: Vec<String>,
    /// Markets.
    pub markets: Vec<MarketKind>,
    /// The provider's own codes.
    pub skus: Vec<String>,
    /// The provider's codes of places.
    pub regions: Vec<String>,
    /// Countries.
    pub countries: Vec<Country>,
    /// Continents, by their codes (`EU`, `NA`).
    pub continents: Vec<String>,
}

/// Facts of one source, with what they apply to and when.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Where everything here was read that names no source of its own.
    pub default_source: Source,
    /// What it applies to.
    #[serde(default)]
    pub applies_to: Scope,
    /// The last day it held, for a rule of the past.
    #[serde(default)]
    pub valid_until: Option<NaiveDate>,
    /// Time.
    #[serde(default)]
    pub time: Time,
    /// States.
    #[serde(default)]
    pub states: States,
    /// Storage kinds.
    #[serde(default)]
    pub storage: Vec<Storage>,
    /// Data out.
    #[serde(default)]
    pub egress: Traffic,
    /// Data in.
    #[serde(default)]
    pub ingress: Traffic,
    /// Spot machines.
    #[serde(default)]
    pub spot: Spot,
    /// Fees.
    #[serde(default)]
    pub fees: Fees,
    /// Images and persistence.
    #[serde(default)]
    pub environment: Environment,
    /// What the figures cannot say.
    #[serde(default)]
    pub note: Option<String>,
    /// Sources that disagree with a value chosen here.
    #[serde(default)]
    pub contradictions: Vec<Contradiction>,
}

impl std::fmt::Display for Scope {
    /// `tiers bare_metal; regions us-*`, or `everything`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = |name: &str, list: Vec<&str>| (!list.is_empty()).then(|| format!("{name} {}", list.join(", ")));
        let texts = |list: &'_ [String]| -> Vec<String> { list.to_vec() };
        let lists = [
            ("tiers", texts(&self.tiers)),
            ("markets", self.markets.iter().map(ToString::to_string).collect()),
            ("SKUs", texts(&self.skus)),
            ("regions", texts(&self.regions)),
            ("countries", self.countries.iter().map(ToString::to_string).collect()),
            ("continents", texts(&self.continents)),
        ];
        let parts: Vec<String> = lists.iter().filter_map(|(name, list)| words(name, list.iter().map(String::as_str).collect())).collect();
        f.write_str(if parts.is_empty() { "everything" } else { "" })?;
        f.write_str(&parts.join("; "))
    }
}

/// Which offer, on which day.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The offer's tier.
    pub tier: &'a str,
    /// Its market.
    pub market: MarketKind,
    /// Its code.
    pub sku: &'a str,
    /// Its place.
    pub region: &'a str,
    /// Its country; for an offer of everywhere the country one asks for.
    pub country: Option<Country>,
    /// The day of the bill; `None` for the newest rule.
    pub on: Option<NaiveDate>,
}

/// Layers that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayersError {
    /// More than a machine word has bits.
    #[error("a provider has at most 64 layers of billing")]
    TooMany,
    /// `valid_from` after `valid_until`.
    #[error("layer {number} of billing ends ({until}) before it begins ({from})")]
    Backwards {
        /// Which one, from 1.
        number: usize,
        /// Its first day.
        from: NaiveDate,
        /// Its last day.
        until: NaiveDate,
    },
}

/// A set of layers, and how many of the days lie behind.
type Made = (u64, usize);

/// All layers of a provider, and the rules made of them so far.
#[derive(Debug, Default)]
pub struct Layers {
    layers: Vec<Layer>,
    // The days from which single facts hold, ascending: between two of them a set of layers makes one rule.
    days: Vec<NaiveDate>,
    // One slot per set of layers and such a time met so far. Few occur (tiers × places with a rule of their own), so a list
    // is searched.
    made: std::sync::RwLock<Vec<(Made, Arc<BillingRule>)>>,
    none: OnceLock<Arc<BillingRule>>,
}

impl Clone for Layers {
    fn clone(&self) -> Self {
        Self { layers: self.layers.clone(), days: self.days.clone(), ..Self::default() }
    }
}

impl Layers {
    /// Checked layers, in the order in which they lie over each other.
    ///
    /// # Errors
    /// [`LayersError`].
    pub fn new(mut layers: Vec<Layer>) -> Result<Self, LayersError> {
        if layers.len() > 64 {
            return Err(LayersError::TooMany);
        }
        for (index, layer) in layers.iter_mut().enumerate() {
            if let (Some(from), Some(until)) = (layer.default_source.valid_from, layer.valid_until)
                && from > until
            {
                return Err(LayersError::Backwards { number: index + 1, from, until });
            }
            let source = Arc::new(layer.default_source.clone());
            layer.time.adopt(&source);
            layer.states.adopt(&source);
            layer.storage.iter_mut().for_each(|kind| kind.facts(&source));
            for section in [&mut layer.egress, &mut layer.ingress] {
                section.adopt(&source);
            }
            layer.spot.adopt(&source);
            layer.fees.adopt(&source);
            layer.environment.adopt(&source);
        }
        let mut days = Vec::new();
        for layer in &layers {
            layer.days(&mut days);
        }
        days.sort_unstable();
        days.dedup();
        Ok(Self { layers, days, ..Self::default() })
    }

    /// The layers, lowest first.
    pub fn all(&self) -> &[Layer] {
        &self.layers
    }

    /// The layers that hold for every offer on a day, laid over each other: what a provider's page shows first.
    pub fn general(&self, on: Option<NaiveDate>) -> BillingRule {
        let asked = Asked { tier: "", market: MarketKind::OnDemand, sku: "", region: "", country: None, on };
        let general = |layer: &Layer| layer.applies_to == Scope::default() && layer.holds(asked);
        self.lay(self.layers.iter().enumerate().filter(|(_, layer)| general(layer)).fold(0_u64, |set, (bit, _)| set | (1 << bit)), on)
    }

    /// Nothing is known of the provider's billing.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// The rule of an offer on a day. The same `Arc` for the same set of layers, so that it can be compared cheaply.
    pub fn rule(&self, asked: Asked<'_>) -> Arc<BillingRule> {
        let set = self.layers.iter().enumerate().filter(|(_, layer)| layer.holds(asked)).fold(0_u64, |set, (bit, _)| set | (1 << bit));
        if set == 0 {
            return self.none.get_or_init(Arc::default).clone();
        }
        let behind = asked.on.map_or(self.days.len(), |on| self.days.partition_point(|day| *day <= on));
        let key = (set, behind);
        let find = |made: &[(Made, Arc<BillingRule>)]| made.iter().find(|(known, _)| *known == key).map(|(_, rule)| rule.clone());
        // A rule is pushed whole, so a list that another thread left while panicking is still right.
        if let Some(rule) = find(&self.made.read().unwrap_or_else(std::sync::PoisonError::into_inner)) {
            return rule;
        }
        let mut made = self.made.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(rule) = find(&made) {
            return rule;
        }
        let rule = Arc::new(self.lay(set, asked.on));
        made.push((key, rule.clone()));
        rule
    }

    fn lay(&self, set: u64, on: Option<NaiveDate>) -> BillingRule {
        let mut rule = BillingRule::default();
        for (_, layer) in self.layers.iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0) {
            rule.time.lay(&layer.time, on);
            rule.states.lay(&layer.states, on);
            for kind in &layer.storage {
                match rule.storage.iter_mut().find(|known| known.name == kind.name) {
                    Some(known) => *known = kind.on(on),
                    None => rule.storage.push(kind.on(on)),
                }
            }
            rule.egress.lay(&layer.egress, on);
            rule.ingress.lay(&layer.ingress, on);
            rule.spot.lay(&layer.spot, on);
            rule.fees.lay(&layer.fees, on);
            rule.environment.lay(&layer.environment, on);
            rule.notes.extend(layer.note.clone());
            rule.contradictions.extend(layer.contradictions.iter().cloned());
        }
        rule
    }
}

impl Layer {
    /// First days of its facts.
    fn days(&self, found: &mut Vec<NaiveDate>) {
        self.time.days(found);
        self.states.days(found);
        self.storage.iter().for_each(|kind| kind.days(found));
        self.egress.days(found);
        self.ingress.days(found);
        self.spot.days(found);
        self.fees.days(found);
        self.environment.days(found);
    }

    /// What it knows, for showing.
    pub fn rule(&self) -> BillingRule {
        let layers = Layers { layers: vec![self.clone()], ..Layers::default() };
        layers.lay(1, None)
    }

    fn holds(&self, asked: Asked<'_>) -> bool {
        let scope = &self.applies_to;
        let any = |list: &[String], word: &str| list.is_empty() || list.iter().any(|pattern| matches(pattern, word));
        let (from, until) = (self.default_source.valid_from, self.valid_until);
        asked.on.map_or(until.is_none(), |on| from.is_none_or(|from| from <= on) && until.is_none_or(|until| on <= until))
            && (scope.markets.is_empty() || scope.markets.contains(&asked.market))
            && any(&scope.tiers, asked.tier)
            && any(&scope.skus, asked.sku)
            && any(&scope.regions, asked.region)
            && (scope.countries.is_empty() || asked.country.is_some_and(|country| scope.countries.contains(&country)))
            && (scope.continents.is_empty()
                || asked.country.is_some_and(|country| scope.continents.iter().any(|continent| continent == country.continent())))
    }
}

/// `word` is `pattern`, or begins with it where it ends in `*`.
fn matches(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => pattern == word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        billing: Vec<Layer>,
    }

    fn layers(text: &str) -> Layers {
        Layers::new(toml::from_str::<File>(text).expect("layers").billing).expect("valid")
    }

    const TEXT: &str = r#"
        [[billing]]
        default_source = { source = "https://docs.example.com/old", read_on = "2025-05-07" }
        valid_until = "2025-12-31"
        time = { granularity_seconds = 3600, minimum_charge_seconds = 3600 }
        states = { stopped = "full" }
        [[billing]]
        default_source = { source = "https://docs.example.com/new", read_on = "2026-11-20", valid_from = "2026-01-01" }
        time = { granularity_seconds = 1, minimum_charge_seconds = { value = 60, source = "https://docs.example.com/minimum", read_on = "2026-11-21" } }
        [[billing]]
        default_source = { source = "https://docs.example.com/big", read_on = "2026-11-20" }
        applies_to = { skus = ["big-*"], markets = ["spot"], continents = ["EU"] }
        time = { minimum_charge_seconds = 600 }
        note = "big ones"
    "#;

    fn asked(on: &str) -> Asked<'static> {
        let country = Some("FR".parse().expect("a country"));
        Asked { tier: "standard", market: MarketKind::Spot, sku: "big-1", region: "r", country, on: Some(on.parse().expect("a day")) }
    }

    #[test]
    fn a_bill_of_last_year_uses_last_years_rule() {
        let layers = layers(TEXT);
        let of = |on| layers.rule(Asked { sku: "small", ..asked(on) });
        assert_eq!(of("2025-06-01").in_words(), "per hour, 3600 s minimum");
        assert_eq!(of("2026-06-01").in_words(), "per second, 60 s minimum");
    }

    #[test]
    fn a_narrower_layer_lies_over_the_wider_one_value_by_value_and_keeps_each_source() {
        let layers = layers(TEXT);
        let rule = layers.rule(asked("2026-06-01"));
        assert_eq!(rule.in_words(), "per second, 600 s minimum");
        assert_eq!(rule.notes, ["big ones"]);
        let sources: Vec<_> = rule.sources().into_iter().map(|known| (known.name, known.source.source.clone())).collect();
        assert_eq!(
            sources,
            [
                ("time.granularity_seconds".to_owned(), "https://docs.example.com/new".to_owned()),
                ("time.minimum_charge_seconds".to_owned(), "https://docs.example.com/big".to_owned()),
            ]
        );
        let small = layers.rule(Asked { sku: "small", ..asked("2026-06-01") });
        let minimum = small.time.minimum_charge_seconds.as_ref().and_then(|fact| fact.source.as_ref()).expect("a source");
        assert_eq!(minimum.source, "https://docs.example.com/minimum", "a value's own source is before the layer's");
    }

    #[test]
    fn a_layer_of_a_place_does_not_hold_where_the_place_is_not_known() {
        let layers = layers(TEXT);
        assert_eq!(layers.rule(Asked { country: None, ..asked("2026-06-01") }).in_words(), "per second, 60 s minimum");
        assert!(Arc::ptr_eq(&layers.rule(asked("2026-06-01")), &layers.rule(asked("2026-06-02"))));
    }

    #[test]
    fn a_layer_that_ends_before_it_begins_is_refused() {
        let text = TEXT
            .replace("valid_until = \"2025-12-31\"", "")
            .replace("read_on = \"2025-05-07\"", "read_on = \"2025-05-07\", valid_from = \"2026-02-01\"");
        let text = text.replacen("time = {", "valid_until = \"2026-01-01\"\ntime = {", 1);
        let error = Layers::new(toml::from_str::<File>(&text).expect("layers").billing).expect_err("backwards");
        assert!(error.to_string().contains("ends (2026-01-01) before it begins (2026-02-01)"), "{error}");
    }

    #[test]
    fn a_fact_with_a_first_day_of_its_own_does_not_hold_before_it() {
        let text = r#"
            [[billing]]
            default_source = { source = "https://docs.example.com/all", read_on = "2026-11-20" }
            time = { granularity_seconds = 1 }
            fees = { public_ip_per_hour = { value = "0.005 USD", source = "https://docs.example.com/ip", read_on = "2026-11-20", valid_from = "2024-02-01" } }
        "#;
        let layers = layers(text);
        let of = |on: Option<&str>| {
            let on = on.map(|on| on.parse().expect("a day"));
            layers.rule(Asked { on, ..asked("2026-01-01") }).fees.public_ip_per_hour.is_some()
        };
        assert_eq!((of(Some("2024-01-31")), of(Some("2024-02-01")), of(None)), (false, true, true));
    }
}
