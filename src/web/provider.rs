//! Providers: how their collections go, and how they bill, every fact with its source and the day it was read.

use askama::Template;
use gpurate_domain::billing::{DataUnit, Known, StorageUnit};
use gpurate_domain::{BillingRule, Currency, Nanos};

use super::Frame;
use super::chart::{Series, StepChart};
use super::words::Lang;
use crate::market::{Freshness, Outcome};
use crate::prices::{Answer, PartRow, ProviderRow};
use crate::store::read::CollectionRow;

/// Every provider.
#[derive(Template)]
#[template(path = "providers.html")]
pub struct ProvidersPage {
    /// The page.
    pub p: Frame,
    /// The view's answer.
    pub answer: Answer<ProviderRow>,
    /// Slug and name of those whose billing alone is known.
    pub rules_only: Vec<(&'static str, String)>,
}

/// One row that is not in the prices.
#[derive(Clone, Debug, Default)]
pub struct ProblemRows {
    /// Rejected: part, code, why.
    pub rejected: Vec<(String, String, String)>,
    /// Seen and not believed: id, code, why, how often.
    pub held: Vec<(String, String, String, usize)>,
    /// GPU or count not known: id, code, name in the provider's words.
    pub unmapped: Vec<(String, String, String)>,
}

/// One provider.
#[derive(Template)]
#[template(path = "provider.html")]
pub struct ProviderPage {
    /// The page.
    pub p: Frame,
    /// The view's answer, with the one row.
    pub answer: Answer<ProviderRow>,
    /// Attempts, newest first.
    pub attempts: Vec<CollectionRow>,
    /// Rows that are not in its prices.
    pub problems: ProblemRows,
}

/// A provider whose billing alone is known.
#[derive(Template)]
#[template(path = "rules.html")]
pub struct RulesPage {
    /// The page.
    pub p: Frame,
    /// The name people know.
    pub name: String,
    /// Its own page.
    pub homepage: String,
    /// How it bills.
    pub rule: BillingRule,
}

/// Attempts in the table, at most.
const ATTEMPTS_SHOWN: usize = 30;

impl ProviderPage {
    fn row(&self) -> &ProviderRow {
        &self.answer.items[0]
    }

    fn shown(&self) -> impl Iterator<Item = &CollectionRow> {
        self.attempts.iter().take(ATTEMPTS_SHOWN)
    }

    /// Offers of each accepted answer over time, of the part that was asked last.
    fn counts(&self) -> Option<(String, StepChart)> {
        let part = self.attempts.first()?.part.clone();
        let mut of_part: Vec<&CollectionRow> = self.attempts.iter().filter(|row| row.part == part).collect();
        of_part.reverse();
        if of_part.len() < 2 {
            return None;
        }
        let end = self.p.as_of.max(of_part.last()?.finished_at);
        let until = |index: usize| of_part.get(index + 1).map_or(end, |next| next.finished_at);
        let points = of_part.iter().enumerate().map(|(index, row)| {
            // A refused or failed answer has no count that was believed.
            let count =
                (row.outcome == Outcome::Accepted.as_str()).then(|| row.offers.saturating_mul(gpurate_domain::money::NANOS_PER_UNIT));
            (row.finished_at, until(index), count)
        });
        let series = Series { class: "s1", points: points.collect(), band: Vec::new() };
        let label = |nanos: i64, _: i64| super::figures::decimal(self.p.lang, nanos, 0);
        let chart = StepChart::new(self.p.lang, &[series], (of_part.first()?.finished_at, end), &label)?;
        Some((part, chart))
    }
}

/// What the price of a fact is per.
#[derive(Clone, Copy)]
struct Unit {
    /// GiB, else GB.
    is_binary: bool,
    /// And for how long; `None` where data is moved.
    time: Option<Period>,
}

#[derive(Clone, Copy)]
enum Period {
    Hour,
    Month,
}

impl Unit {
    /// The unit of a fact's figures, where it has one.
    fn of(rule: &BillingRule, name: &str) -> Option<Self> {
        // What a manifest does not say of moved data is decimal.
        let moved = |unit: Option<DataUnit>| Some(Self { is_binary: unit == Some(DataUnit::Gib), time: None });
        match name.split_once('.')? {
            ("egress", _) => moved(rule.egress.unit.as_ref().map(|unit| unit.value)),
            ("ingress", _) => moved(rule.ingress.unit.as_ref().map(|unit| unit.value)),
            ("storage", rest) => {
                let (kind, _) = rest.rsplit_once('.')?;
                let (is_binary, time) = match rule.storage.iter().find(|known| known.name == kind)?.unit {
                    StorageUnit::GbMonth => (false, Period::Month),
                    StorageUnit::GibMonth => (true, Period::Month),
                    StorageUnit::GbHour => (false, Period::Hour),
                    StorageUnit::GibHour => (true, Period::Hour),
                };
                Some(Self { is_binary, time: Some(time) })
            }
            _ => None,
        }
    }
}

/// Facts of one section, for showing.
pub(super) struct Section<'a> {
    pub title: String,
    pub facts: Vec<Known<'a>>,
}

impl Frame {
    /// The facts of a rule by section.
    pub(super) fn sections<'a>(&self, rule: &'a BillingRule) -> Vec<Section<'a>> {
        let mut sections: Vec<Section<'a>> = Vec::new();
        for known in rule.sources() {
            let mut words = known.name.split('.');
            let title = match (words.next().unwrap_or_default(), words.next()) {
                ("storage", Some(kind)) => self.x("section-storage", kind.replace('_', " ")),
                (section, _) => self.t(match section {
                    "time" => "section-time",
                    "states" => "section-states",
                    "egress" => "section-egress",
                    "ingress" => "section-ingress",
                    "spot" => "section-spot",
                    "fees" => "section-fees",
                    _ => "section-environment",
                }),
            };
            match sections.last_mut() {
                Some(last) if last.title == title => last.facts.push(known),
                _ => sections.push(Section { title, facts: vec![known] }),
            }
        }
        sections
    }

    /// What a fact is called.
    pub(super) fn fact_name(&self, name: &str) -> String {
        let field = name.rsplit('.').next().unwrap_or(name);
        let key = match field {
            "granularity_seconds" => "fact-granularity",
            "minimum_charge_seconds" => "fact-minimum-seconds",
            "minimum_charge" => "fact-minimum",
            "pricing_unit" => "fact-pricing-unit",
            "meter_starts" => "fact-meter-starts",
            "image_pull_is_billed" => "fact-image-pull",
            "idle_timeout_seconds" => "fact-idle-timeout",
            "stopped" => "fact-stopped",
            "stopped_surcharge_per_hour" => "fact-stopped-surcharge",
            "hibernated" => "fact-hibernated",
            "stopped_keeps_gpu" => "fact-keeps-gpu",
            "month" => "fact-month",
            "price" => "fact-price",
            "price_running" => "fact-price-running",
            "price_stopped" => "fact-price-stopped",
            "included" => "fact-included",
            "minimum" => "fact-minimum-size",
            "sizes_double" => "fact-sizes-double",
            "on_stop" => "fact-on-stop",
            "on_delete" => "fact-on-delete",
            "tied_to" => "fact-tied-to",
            "unit" => "fact-unit",
            "free_per_month" => "fact-free",
            "free_counted" => "fact-free-counted",
            "earned_in_hours" => "fact-earned",
            "per_offer" => "fact-per-offer",
            "pricing" => "fact-spot-pricing",
            "notice_seconds" => "fact-notice",
            "on_eviction" => "fact-on-eviction",
            "max_runtime_hours" => "fact-max-runtime",
            "set_up_per_start" => "fact-set-up",
            "public_ip_per_hour" => "fact-public-ip",
            "public_ip_goes_at_stop" => "fact-public-ip-at-stop",
            "vcpu_per_hour" => "fact-vcpu",
            "ram_gib_per_hour" => "fact-ram",
            "more_on_top" => "fact-more-on-top",
            "prepaid_minimum" => "fact-prepaid",
            "monthly_cap_hours" => "fact-cap",
            "prebuilt_images" => "fact-prebuilt",
            "persistent_storage" => "fact-persistent",
            _ => return field.replace('_', " "),
        };
        self.t(key)
    }

    /// What a fact of a rule says, with its unit.
    pub(super) fn fact_of(&self, rule: &BillingRule, known: &Known<'_>) -> String {
        self.fact_in(&known.name, &known.value(), Unit::of(rule, &known.name))
    }

    /// The same where the unit stands beside it.
    pub(super) fn fact_value(&self, name: &str, value: &str) -> String {
        self.fact_in(name, value, None)
    }

    /// What a fact says in the reader's form; free text stays as the manifest writes it.
    fn fact_in(&self, name: &str, value: &str, unit: Option<Unit>) -> String {
        let Some(parsed) = format!("value = {value}").parse::<toml::Table>().ok().and_then(|mut table| table.remove("value")) else {
            return value.to_owned();
        };
        match parsed {
            // What happens by itself stands first.
            toml::Value::Array(words) if name.ends_with("on_eviction") => {
                let words: Vec<String> = words.iter().filter_map(toml::Value::as_str).map(|word| self.eviction(word)).collect();
                match words.split_first() {
                    Some((first, [])) => first.clone(),
                    Some((first, others)) => self.xy("value-or-chosen", first, others.join(", ")),
                    None => self.t("unknown"),
                }
            }
            toml::Value::Array(steps) => {
                let steps = steps.iter().map(|step| {
                    let price = self.money_of(step.get("price")?.as_str()?)?;
                    Some(match step.get("up_to").and_then(toml::Value::as_integer) {
                        Some(most) => self.xy("value-up-to", self.amount(most, unit), price),
                        None => self.x("value-beyond", price),
                    })
                });
                let steps: Option<Vec<String>> = steps.collect();
                steps.map_or_else(|| value.to_owned(), |steps| self.per(steps.join(&self.t("semicolon")), unit))
            }
            toml::Value::Integer(number) if name.ends_with("_seconds") => self.span(number),
            toml::Value::Integer(number) if name.ends_with(".free_per_month") => self.amount(number, unit),
            toml::Value::Integer(number) if name.ends_with(".included") || name.ends_with(".minimum") => self.amount(number, unit),
            toml::Value::String(text) => match self.money_of(&text) {
                Some(free) if free == self.t("value-free") => free,
                Some(money) => self.per(money, unit),
                None => self.word_of(&text),
            },
            other => self.word_of(&other.to_string()),
        }
    }

    #[cfg(test)]
    pub(super) fn fact_in_for_tests(&self, rule: &BillingRule, name: &str, value: &str) -> String {
        self.fact_in(name, value, Unit::of(rule, name))
    }

    /// `0.07 USD` as money; what costs nothing is free.
    fn money_of(&self, text: &str) -> Option<String> {
        let (amount, currency) = text.split_once(' ')?;
        let (amount, currency) = (amount.parse::<Nanos>().ok()?, currency.parse::<Currency>().ok()?);
        Some(if amount.0 == 0 { self.t("value-free") } else { super::figures::exact_money(self.lang, amount.0, currency) })
    }

    fn amount(&self, number: i64, unit: Option<Unit>) -> String {
        let number = self.whole(number);
        match unit.map(|unit| unit.is_binary) {
            Some(true) => self.x("gib", number),
            Some(false) => self.x("gb", number),
            None => number,
        }
    }

    /// A price with what it is per.
    fn per(&self, price: String, unit: Option<Unit>) -> String {
        let Some(unit) = unit else { return price };
        self.x(
            match (unit.is_binary, unit.time) {
                (false, None) => "per-gb",
                (true, None) => "per-gib",
                (false, Some(Period::Month)) => "per-gb-month",
                (true, Some(Period::Month)) => "per-gib-month",
                (false, Some(Period::Hour)) => "per-gb-hour",
                (true, Some(Period::Hour)) => "per-gib-hour",
            },
            price,
        )
    }

    /// What happens to a machine that is taken away.
    fn eviction(&self, word: &str) -> String {
        self.t(match word {
            "stop" => "eviction-stop",
            "pause" => "eviction-pause",
            "hibernate" => "eviction-hibernate",
            "delete" => "eviction-delete",
            "wipe" => "eviction-wipe",
            _ => return word.to_owned(),
        })
    }

    /// One of this program's own words; else the text itself.
    fn word_of(&self, bare: &str) -> String {
        let key = match bare {
            "true" => "yes",
            "false" => "no",
            "create" => "value-create",
            "boot" => "value-boot",
            "running" => "value-running",
            "second" => "value-second",
            "minute" => "value-minute",
            "hour" => "value-hour",
            "month" => "value-month",
            "free" => "value-free",
            "full" => "value-full",
            "kept" => "value-kept",
            "wiped" => "value-wiped",
            "none" => "value-none",
            "machine" => "value-machine",
            "zone" => "value-zone",
            "region" => "value-region",
            "provider" => "value-provider",
            "market" => "value-market",
            "bid" => "value-bid",
            "fixed" => "value-fixed",
            "account_month" => "value-account-month",
            "machine_month" => "value-machine-month",
            "machine_hour" => "value-machine-hour",
            "gb" => "value-gb",
            "gib" => "value-gib",
            "calendar" => "value-calendar",
            _ => return super::figures::as_written(self.lang, bare),
        };
        self.t(key)
    }

    /// What an attempt came to.
    pub(super) fn outcome(&self, word: &str) -> String {
        self.t(match Outcome::from_word(word) {
            Some(Outcome::Accepted) => "outcome-accepted",
            Some(Outcome::Refused) => "outcome-refused",
            Some(Outcome::Failed) => "outcome-failed",
            None => return word.to_owned(),
        })
    }

    /// How the collections of a provider go, in a few words.
    pub(super) fn health(&self, row: &ProviderRow) -> String {
        if !row.enabled {
            return self.t("reason-disabled");
        }
        let never = row.parts.iter().filter(|part| part.last_outcome.is_none()).count();
        let bad = row.parts.iter().filter(|part| part.last_outcome.is_some() && part.failures > 0).count();
        // What nobody has asked for long is not well either, although nothing failed.
        let of = |word| row.parts.iter().filter(|part| part.freshness == Some(word)).count();
        match (bad, of(Freshness::Stale), of(Freshness::Ageing), never) {
            (0, 0, 0, 0) => self.t("health-well"),
            (0, 0, 0, never) if never == row.parts.len() => self.t("reason-never-collected"),
            (0, 0, 0, never) => self.n("health-not-yet", never),
            (0, 0, ageing, _) => self.n("health-ageing", ageing),
            (0, stale, ..) => self.n("health-stale", stale),
            (bad, ..) => self.n("health-bad", bad),
        }
    }

    /// How a provider bills in general.
    pub(super) fn rule_billing(&self, rule: &BillingRule) -> String {
        self.billing(rule.granularity_seconds().map(std::num::NonZeroU32::get), rule.minimum_charge_seconds())
    }

    pub(super) fn kind(&self, kind: &str) -> String {
        self.t(match kind {
            "marketplace" => "kind-marketplace",
            "rates" => "kind-rates",
            _ => "kind-catalogue",
        })
    }
}

pub(super) fn fresh_parts(row: &ProviderRow) -> usize {
    row.parts.iter().filter(|part| part.freshness == Some(Freshness::Fresh)).count()
}

pub(super) fn oldest(row: &ProviderRow) -> Option<&PartRow> {
    row.parts.iter().filter(|part| part.age_seconds.is_some()).max_by_key(|part| part.age_seconds)
}

pub(super) fn is_failing(row: &ProviderRow) -> bool {
    row.parts.iter().any(|part| part.failures > 0)
}
