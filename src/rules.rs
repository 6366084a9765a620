//! Billing rules as facts that can be kept and compared: what a provider's rule is today, and what became of it since a
//! program looked last. Pure: the day is an argument.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use gpurate_domain::billing::{Layer, Layers};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue;

/// A value of a rule, with where it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleValue {
    /// As a manifest writes it: `3600`, `"0.10 USD"`.
    pub value: String,
    /// Address of the page or document.
    pub source: String,
    /// The day it was read.
    #[schema(value_type = String, format = Date)]
    pub read_on: NaiveDate,
    /// The first day it holds, where the source says it.
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_from: Option<NaiveDate>,
}

/// One fact of a rule that is not what it was. Without `before` it was not known; without `after` it is not known any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangedFact {
    /// `time.granularity_seconds`, `storage.<name>.price`.
    pub fact: String,
    /// What it applies to: `everything`, `tiers community; regions us-*`.
    pub applies_to: String,
    /// As it was.
    pub before: Option<RuleValue>,
    /// As it is.
    pub after: Option<RuleValue>,
}

/// What is known, by what it applies to and its name. Written as a list, because JSON has no such keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<(String, String), RuleValue>);

#[derive(Serialize, Deserialize)]
struct Kept {
    applies_to: String,
    fact: String,
    #[serde(flatten)]
    value: RuleValue,
}

/// The rules of all providers on a day, also of those whose prices are not collected.
pub fn all(today: NaiveDate) -> Vec<(&'static str, Facts)> {
    catalogue::all_layers().filter(|(_, layers)| !layers.is_empty()).map(|(slug, layers)| (slug, Facts::of(layers, today))).collect()
}

impl Facts {
    /// What holds on a day: layers that have begun and not ended, the later over the earlier.
    pub fn of(layers: &Layers, today: NaiveDate) -> Self {
        let begun = |from: Option<NaiveDate>| from.is_none_or(|from| from <= today);
        let holds = |layer: &&Layer| begun(layer.default_source.valid_from) && layer.valid_until.is_none_or(|until| today <= until);
        let mut facts = BTreeMap::new();
        for layer in layers.all().iter().filter(holds) {
            let applies_to = layer.applies_to.to_string();
            let rule = layer.rule();
            for known in rule.sources().into_iter().filter(|known| begun(known.source.valid_from)) {
                let source = known.source;
                let value = RuleValue {
                    value: known.value(),
                    source: source.source.clone(),
                    read_on: source.read_on,
                    valid_from: source.valid_from,
                };
                facts.insert((applies_to.clone(), known.name), value);
            }
            // What a storage is and what its prices pay for has the layer's source.
            let source = &layer.default_source;
            for kind in &layer.storage {
                let written = |value: Result<toml::Value, _>| value.map(|value| value.to_string()).unwrap_or_default();
                let own = [
                    ("role", written(toml::Value::try_from(kind.role))),
                    ("unit", written(toml::Value::try_from(kind.unit))),
                    ("per_offer", kind.per_offer.to_string()),
                ];
                for (name, value) in own {
                    let value = RuleValue { value, source: source.source.clone(), read_on: source.read_on, valid_from: source.valid_from };
                    facts.insert((applies_to.clone(), format!("storage.{}.{name}", kind.name)), value);
                }
            }
        }
        Self(facts)
    }

    /// What became of `before`. Another source or day of the same value is no change.
    pub fn changed(&self, before: &Self) -> Vec<ChangedFact> {
        let names: std::collections::BTreeSet<_> = self.0.keys().chain(before.0.keys()).collect();
        let pairs = names.into_iter().map(|name| (name, before.0.get(name), self.0.get(name)));
        let differs = pairs.filter(|(_, before, after)| before.map(|value| &value.value) != after.map(|value| &value.value));
        differs
            .map(|((applies_to, fact), before, after)| ChangedFact {
                fact: fact.clone(),
                applies_to: applies_to.clone(),
                before: before.cloned(),
                after: after.cloned(),
            })
            .collect()
    }

    /// As it is kept.
    pub fn to_text(&self) -> String {
        let list = self.0.iter().map(|((applies_to, fact), value)| Kept {
            applies_to: applies_to.clone(),
            fact: fact.clone(),
            value: value.clone(),
        });
        serde_json::to_string(&list.collect::<Vec<_>>()).expect("facts are plain values")
    }

    /// Reads [`Facts::to_text`]; `None` of another form.
    pub fn from_text(text: &str) -> Option<Self> {
        let list: Vec<Kept> = serde_json::from_str(text).ok()?;
        Some(Self(list.into_iter().map(|Kept { applies_to, fact, value }| ((applies_to, fact), value)).collect()))
    }
}

/// Facts that are named in words; the rest is counted.
const NAMED_MAX: usize = 5;

/// `time.granularity_seconds: 3600 to 1; fees.prepaid_minimum: not known any more`.
pub fn in_words(changed: &[ChangedFact]) -> String {
    let value = |value: &Option<RuleValue>| value.as_ref().map(|value| value.value.clone());
    let mut words: Vec<String> = changed
        .iter()
        .take(NAMED_MAX)
        .map(|one| {
            let of = if one.applies_to == "everything" { String::new() } else { format!(" ({})", one.applies_to) };
            let what = match (value(&one.before), value(&one.after)) {
                (Some(before), Some(after)) => format!("{before} to {after}"),
                (None, Some(after)) => format!("{after}, not known before"),
                (Some(before), None) => format!("was {before}, not known any more"),
                (None, None) => "nothing".to_owned(),
            };
            format!("{}{of}: {what}", one.fact)
        })
        .collect();
    if changed.len() > NAMED_MAX {
        words.push(format!("and {} more", changed.len() - NAMED_MAX));
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::{self, Kind, Question};
    use crate::store::{Store, Writer, now_ms};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn facts(text: &str, today: &str) -> Facts {
        #[derive(Deserialize)]
        struct File {
            billing: Vec<Layer>,
        }
        let layers = toml::from_str::<File>(text).expect("layers").billing;
        Facts::of(&Layers::new(layers).expect("valid"), day(today))
    }

    const OLD: &str = r#"
        [[billing]]
        default_source = { source = "https://docs.example.com/billing", read_on = "2026-01-05" }
        time = { granularity_seconds = 3600, minimum_charge_seconds = 60 }
        fees = { prepaid_minimum = "10 USD" }
        [[billing]]
        default_source = { source = "https://docs.example.com/billing", read_on = "2026-01-05" }
        applies_to = { tiers = ["community"] }
        time = { minimum_charge_seconds = 0 }
    "#;
    /// Read again; per second from a day on, the fee is not told any more, a disk is.
    const NEW: &str = r#"
        [[billing]]
        default_source = { source = "https://docs.example.com/billing", read_on = "2026-06-05" }
        time = { granularity_seconds = 3600, minimum_charge_seconds = 60 }
        [[billing]]
        default_source = { source = "https://docs.example.com/seconds", read_on = "2026-06-05", valid_from = "2026-07-01" }
        time = { granularity_seconds = 1 }
        [[billing]]
        default_source = { source = "https://docs.example.com/disks", read_on = "2026-06-05" }
        applies_to = { tiers = ["community"] }
        time = { minimum_charge_seconds = 0 }
        [[billing.storage]]
        name = "disk"
        role = "system"
        unit = "gb_month"
        price = "0.10 USD"
    "#;

    fn writer() -> (tempfile::TempDir, Store, Writer) {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, writer) = Store::open(&folder.path().join("a.db")).expect("a store");
        (folder, store, writer)
    }

    #[test]
    fn another_value_is_a_change_and_another_reading_of_the_same_is_none() {
        let old = facts(OLD, "2026-06-10");
        let names = |changed: &[ChangedFact]| changed.iter().map(|one| format!("{} {}", one.applies_to, one.fact)).collect::<Vec<_>>();
        let disk = ["per_offer", "price", "role", "unit"].map(|name| format!("tiers community storage.disk.{name}"));
        let all = [&["everything fees.prepaid_minimum".to_owned()][..], &disk].concat();
        assert_eq!(names(&facts(NEW, "2026-06-10").changed(&old)), all);
        let other_unit = facts(&NEW.replace("gb_month", "gib_month"), "2026-06-10").changed(&facts(NEW, "2026-06-10"));
        assert_eq!(names(&other_unit), ["tiers community storage.disk.unit"]);
        let changed = facts(NEW, "2026-07-01").changed(&old);
        assert_eq!(names(&changed)[1], "everything time.granularity_seconds", "on its first day it is one");
        assert_eq!(
            in_words(&changed),
            "fees.prepaid_minimum: was \"10 USD\", not known any more; time.granularity_seconds: 3600 to 1; \
             storage.disk.per_offer (tiers community): false, not known before; \
             storage.disk.price (tiers community): \"0.1 USD\", not known before; \
             storage.disk.role (tiers community): \"system\", not known before; and 1 more"
        );
        assert!(facts(NEW.replace("2026-06-05", "2026-09-09").as_str(), "2026-06-10").changed(&facts(NEW, "2026-06-10")).is_empty());
    }

    #[test]
    fn d25_a_rule_that_changed_with_a_new_program_is_told_once_with_before_after_and_sources() {
        let (_folder, store, mut writer) = writer();
        let (now, day) = (now_ms(), "2026-07-01");
        let changes = |store: &Store, pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let question = Question::parse(pairs, now).expect("a question");
            changes::changes(&store.reader().expect("a reader"), false, &question, now).expect("an answer").items
        };
        assert_eq!(writer.keep_rules(&[("runpod", facts(OLD, day))], now).expect("kept"), 0, "what was known at first is no change");
        assert_eq!(writer.keep_rules(&[("runpod", facts(OLD, day))], now).expect("kept"), 0);
        assert!(changes(&store, &[]).is_empty());
        assert_eq!(writer.keep_rules(&[("runpod", facts(NEW, day)), ("vastai", facts(NEW, day))], now).expect("kept"), 1);
        assert_eq!(writer.keep_rules(&[("runpod", facts(NEW, day))], now).expect("kept"), 0, "once");
        let told = changes(&store, &[("kind", "rule_changed")]);
        let [change] = told.as_slice() else { panic!("{told:#?}") };
        assert_eq!((change.kind, change.provider.to_string(), change.at), (Kind::RuleChanged, "runpod".to_owned(), now));
        let granularity = &change.rule[1];
        let source = |value: &Option<RuleValue>| value.as_ref().map(|value| (value.value.clone(), value.source.clone()));
        assert_eq!(source(&granularity.before), Some(("3600".to_owned(), "https://docs.example.com/billing".to_owned())));
        assert_eq!(source(&granularity.after), Some(("1".to_owned(), "https://docs.example.com/seconds".to_owned())));
        assert!(change.detail.as_deref().is_some_and(|detail| detail.contains("time.granularity_seconds: 3600 to 1")), "{change:#?}");
        assert!(changes(&store, &[("provider", "vastai")]).is_empty() && changes(&store, &[("market", "spot")]).is_empty());
        // The place of a rule is no part that anybody collects.
        let market =
            writer.load(crate::daemon::market_for_tests(), &mut crate::collect::normalise::Interner::default(), now).expect("loads");
        assert!(market.part_index("runpod", "rule").is_none());
    }

    #[test]
    fn every_rule_is_kept_and_read_back() {
        let rules = all(day("2026-11-25"));
        assert!(rules.len() > 20, "{}", rules.len());
        for (slug, facts) in rules {
            assert!(!facts.0.is_empty(), "{slug}");
            assert_eq!(Facts::from_text(&facts.to_text()).as_ref(), Some(&facts), "{slug}");
        }
        assert_eq!(Facts::from_text("{}"), None);
    }
}
