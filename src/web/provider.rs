//! Providers: how their collections go, and how they bill, every fact with its source and the day it was read.

use askama::Template;
use gpurate_domain::BillingRule;
use gpurate_domain::billing::Known;

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
        let series = Series { class: "s1", points: points.collect() };
        let label = |nanos: i64, _: i64| super::figures::decimal(self.p.lang, nanos, 0);
        let chart = StepChart::new(self.p.lang, &[series], (of_part.first()?.finished_at, end), &label)?;
        Some((part, chart))
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
            "on_stop" => "fact-on-stop",
            "on_delete" => "fact-on-delete",
            "tied_to" => "fact-tied-to",
            "unit" => "fact-unit",
            "free_per_month" => "fact-free",
            "free_counted" => "fact-free-counted",
            "per_offer" => "fact-per-offer",
            "pricing" => "fact-spot-pricing",
            "notice_seconds" => "fact-notice",
            "on_eviction" => "fact-on-eviction",
            "max_runtime_hours" => "fact-max-runtime",
            "set_up_per_start" => "fact-set-up",
            "public_ip_per_hour" => "fact-public-ip",
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

    /// What a fact says, as far as it is one of this program's own words; else as the manifest writes it.
    pub(super) fn fact_value(&self, name: &str, value: &str) -> String {
        let bare = value.trim_matches('"');
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
            "stop" if name == "on_eviction" => "eviction-stop",
            "pause" if name == "on_eviction" => "eviction-pause",
            "hibernate" if name == "on_eviction" => "eviction-hibernate",
            "delete" if name == "on_eviction" => "eviction-delete",
            "wipe" if name == "on_eviction" => "eviction-wipe",
            _ if name.ends_with("_seconds") => {
                return bare.parse().map_or_else(|_| bare.to_owned(), |seconds: i64| self.span(seconds));
            }
            list if list.starts_with('[') => return self.fact_list(name, list).unwrap_or_else(|| list.to_owned()),
            words => return self.amount_in_words(words),
        };
        self.t(key)
    }

    /// Several values, or prices by how much is taken; `None` where a manifest writes it otherwise.
    fn fact_list(&self, name: &str, list: &str) -> Option<String> {
        let table: toml::Table = toml::from_str(&format!("list = {list}")).ok()?;
        let items = table.get("list")?.as_array()?;
        let words = items.iter().map(|item| {
            let Some(tier) = item.as_table() else { return Some(self.fact_value(name, item.as_str()?)) };
            let price = self.amount_in_words(tier.get("price")?.as_str()?);
            Some(match tier.get("up_to") {
                Some(up_to) => self.xy("tier-up-to", price, super::figures::as_written(self.lang, &up_to.to_string())),
                None => self.x("tier-beyond", price),
            })
        });
        Some(words.collect::<Option<Vec<_>>>()?.join(&self.t("semicolon")))
    }

    /// A text with its numbers in the reader's form.
    fn amount_in_words(&self, text: &str) -> String {
        text.split(' ').map(|word| super::figures::as_written(self.lang, word)).collect::<Vec<_>>().join(" ")
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
        match (bad, never) {
            (0, 0) => self.t("health-well"),
            (0, never) if never == row.parts.len() => self.t("reason-never-collected"),
            (0, never) => self.n("health-not-yet", never),
            (bad, _) => self.n("health-bad", bad),
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
