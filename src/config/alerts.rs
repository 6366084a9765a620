//! `[[alerts]]`: which prices are worth a message, and where it goes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gpurate_domain::Nanos;
use serde::{Deserialize, Serialize, Serializer};

use super::{ConfigError, Secret, SecretError, value_error};
use crate::alerts::address;
use crate::prices::Filters;

/// More alerts than anybody reads.
const ALERTS_MAX: usize = 100;
/// A name stands in the log and in messages.
const NAME_CHARS_MAX: usize = 60;
/// Amounts and percentages are below this: a million.
const AMOUNT_MAX: Nanos = Nanos(1_000_000_000_000_000);

/// One alert. Exactly one of `at_most_usd_per_gpu_hour` and `change_percent` is given.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AlertSection {
    /// Its name in the log and in messages, each once.
    pub name: String,
    /// Slugs, aliases or families, separated by commas; each card is watched for itself.
    pub gpu: String,
    /// `on_demand`, `spot` or `serverless`.
    #[serde(default = "on_demand")]
    pub market: String,
    /// Other parameters of `cheapest`, such as `country` or `reliability_min`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filters: BTreeMap<String, String>,
    /// Told when the cheapest rentable price comes to this or below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most_usd_per_gpu_hour: Option<Nanos>,
    /// Told when it moved by so much, up or down, since it was told last (or first seen).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<Nanos>,
    /// After a message none for so long about the same card.
    #[serde(default = "an_hour")]
    pub quiet_minutes: u32,
    /// Address a message is sent to; where the address itself is a secret use one of the next two.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "without_path")]
    pub webhook: Option<String>,
    /// Variable that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_env: Option<String>,
    /// File that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_file: Option<PathBuf>,
    /// The webhook may be on a private network or this machine, and speak plain `http`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_private: bool,
}

fn on_demand() -> String {
    gpurate_domain::MarketKind::OnDemand.as_str().to_owned()
}

const fn an_hour() -> u32 {
    60
}

/// What follows an address's host often is a secret.
fn without_path<S: Serializer>(webhook: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    let host = webhook.as_deref().and_then(|text| url::Url::parse(text).ok()).map(|url| url.origin().ascii_serialization());
    serializer.serialize_str(&format!("{}/***", host.unwrap_or_default()))
}

impl AlertSection {
    /// The question it asks of each market: that of `cheapest`.
    ///
    /// # Errors
    /// [`ConfigError`] that names the alert, the option and what would be right.
    pub fn question(&self) -> Result<Filters, ConfigError> {
        let fixed = [("gpu".to_owned(), self.gpu.clone()), ("market".to_owned(), self.market.clone())];
        if let Some(name) =
            self.filters.keys().find(|name| matches!(name.as_str(), "gpu" | "market" | "by" | "limit" | "currency" | "vat_percent"))
        {
            let reason = match name.as_str() {
                "gpu" | "market" => "is an option of the alert itself; give it there",
                _ => "means nothing for an alert, which watches each card in dollars; leave it out",
            };
            return Err(self.error(&format!("filters.{name}"), reason));
        }
        let others = self.filters.iter().map(|(name, value)| (name.clone(), value.clone()));
        Filters::parse(fixed.into_iter().chain(others)).map_err(|error| match error.parameter.as_str() {
            own @ ("gpu" | "market") => self.error(own, error.message),
            other => self.error(&format!("filters.{other}"), error.message),
        })
    }

    /// Where its messages go; `None`: to the log alone.
    ///
    /// # Errors
    /// The variable or file that is named is not there.
    pub fn address(&self) -> Result<Option<Secret>, SecretError> {
        match &self.webhook {
            Some(address) => Ok(Some(Secret::of_this_run(address.clone()))),
            None => Secret::read(&format!("alerts `{}` webhook", self.name), self.webhook_env.as_deref(), self.webhook_file.as_deref()),
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        let name_is_plain = self.name.chars().all(crate::words::is_plain) && !self.name.trim().is_empty();
        if !name_is_plain || self.name.chars().count() > NAME_CHARS_MAX {
            return Err(value_error("alerts.name", format!("must have 1 to {NAME_CHARS_MAX} printable characters")));
        }
        match (self.at_most_usd_per_gpu_hour, self.change_percent) {
            (Some(_), Some(_)) => {
                return Err(self.error("change_percent", "is given beside `at_most_usd_per_gpu_hour`; make two alerts of it"));
            }
            (None, None) => {
                return Err(self.error("at_most_usd_per_gpu_hour", "or `change_percent` must say when there is something to tell"));
            }
            (Some(amount), None) | (None, Some(amount)) if amount.0 <= 0 || amount > AMOUNT_MAX => {
                return Err(self.error("at_most_usd_per_gpu_hour", "and `change_percent` must be above zero, and at most a million"));
            }
            _ => {}
        }
        let named = [self.webhook.is_some(), self.webhook_env.is_some(), self.webhook_file.is_some()];
        if named.into_iter().filter(|is_named| *is_named).count() > 1 {
            return Err(self.error("webhook", "is named in more than one way; give `webhook`, `webhook_env` or `webhook_file`"));
        }
        if let Some(webhook) = &self.webhook {
            address::parse(webhook, self.allow_private).map_err(|reason| self.error("webhook", reason))?;
        }
        self.question().map(|_| ())
    }

    /// An error of one of its options.
    pub(crate) fn error(&self, option: &str, reason: impl std::fmt::Display) -> ConfigError {
        value_error(format!("alerts.{option}"), format!("(alert `{}`) {reason}", self.name))
    }
}

pub(super) fn check(alerts: &[AlertSection]) -> Result<(), ConfigError> {
    if alerts.len() > ALERTS_MAX {
        return Err(value_error("alerts", format!("there are {}; at most {ALERTS_MAX} are watched", alerts.len())));
    }
    for (position, alert) in alerts.iter().enumerate() {
        alert.check()?;
        if alerts[..position].iter().any(|other| other.name == alert.name) {
            return Err(value_error("alerts.name", format!("`{}` is given twice; messages could not be told apart", alert.name)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[track_caller]
    fn check(lines: &str, wanted: &str) {
        let text = format!("[[alerts]]\nname = \"a\"\n{lines}\n");
        match Config::parse(&text, "x.toml") {
            Ok(_) => assert_eq!(wanted, "", "{lines} is taken"),
            Err(error) => assert!(!wanted.is_empty() && error.to_string().contains(wanted), "{lines}: {error}"),
        }
    }

    #[test]
    fn an_alert_that_cannot_be_meant_is_an_error_that_says_what_would_be_right() {
        let good = "gpu = \"rtx-4090\"\nat_most_usd_per_gpu_hour = \"0.35\"\n";
        check(good, "");
        check(&format!("{good}filters = {{ country = \"FR\", reliability_min = \"0.99\" }}"), "");
        check("gpu = \"rtx-4900\"\nat_most_usd_per_gpu_hour = \"0.35\"", "rtx-4090");
        check("gpu = \"rtx-4090\"", "must say when");
        check(&format!("{good}change_percent = \"5\""), "make two");
        check("gpu = \"rtx-4090\"\nchange_percent = \"0\"", "above zero");
        check(&format!("{good}market = \"spott\""), "alerts.market");
        check(&format!("{good}filters = {{ contry = \"FR\" }}"), "country");
        check(&format!("{good}filters = {{ by = \"region\" }}"), "alerts.filters.by");
        check(&format!("{good}webhook = \"ftp://example.com\""), "https");
        check(&format!("{good}webhook = \"foo\""), "write it like `https://hooks.example.com/");
        check(&format!("{good}webhook = \"https://10.1.2.3/x\""), "allow_private");
        check(&format!("{good}webhook = \"http://10.1.2.3/x\"\nallow_private = true"), "");
        check(&format!("{good}webhook = \"https://example.com/x\"\nwebhook_env = \"X\""), "more than one way");
        check(&format!("{good}quiet = 5"), "quiet");
        check(&format!("{good}[[alerts]]\nname = \"a\"\n{good}"), "twice");
    }

    #[test]
    fn what_follows_a_webhook_s_host_is_not_shown() {
        let text = "[[alerts]]\nname = \"a\"\ngpu = \"l4\"\nchange_percent = \"5\"\nwebhook = \"https://hooks.example.com/secret/path\"\n";
        let shown = toml::to_string(&Config::parse(text, "x.toml").expect("a configuration")).expect("TOML");
        assert!(shown.contains("https://hooks.example.com/***") && !shown.contains("secret/path"), "{shown}");
    }
}
