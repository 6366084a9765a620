//! `[providers.<slug>]`: departures from a provider's manifest.

use std::collections::BTreeMap;
use std::path::Path;

use gpurate_providers::manifest::Freshness;
use serde::{Deserialize, Serialize};

use super::{ConfigError, Secret, value_error};

/// Departures from a provider's manifest; what is left out keeps the manifest's value.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderSection {
    /// Whether it is collected; default: yes, unless it needs a credential that is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Seconds between two collections of a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_seconds: Option<u32>,
    /// For one answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_timeout_seconds: Option<u32>,
    /// For all of a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_timeout_seconds: Option<u32>,
    /// At most so many requests a minute to one of its hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// A price is fresh up to this age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh_seconds: Option<u32>,
    /// And ageing up to this one; then stale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_seconds: Option<u32>,
    /// A part with less than so many percent of its last accepted offers is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_percent_of_last: Option<u32>,
    /// A part with more than so many percent of bad rows is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bad_rows_percent_max: Option<u32>,
    /// Only these parts (regions, zones, GPU models).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Vec<String>>,
    /// `<credential>_env` or `<credential>_file` for each credential of the manifest.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub credentials: BTreeMap<String, String>,
}

impl ProviderSection {
    /// `usual`: how long a price stays fresh by the manifest. What is left out here is the manifest's.
    /// `credentials`: the names of those it takes.
    pub(super) fn check(&self, slug: &str, usual: &Freshness, credentials: &[String]) -> Result<(), ConfigError> {
        let key = |name: &str| format!("providers.{slug}.{name}");
        for (name, value) in [
            ("interval_seconds", self.interval_seconds),
            ("request_timeout_seconds", self.request_timeout_seconds),
            ("part_timeout_seconds", self.part_timeout_seconds),
            ("requests_per_minute", self.requests_per_minute),
        ] {
            if value == Some(0) {
                return Err(value_error(key(name), "must be above zero"));
            }
        }
        for (name, value) in [("least_percent_of_last", self.least_percent_of_last), ("bad_rows_percent_max", self.bad_rows_percent_max)] {
            if value.is_some_and(|percent| percent > 100) {
                return Err(value_error(key(name), "must be a percentage from 0 to 100"));
            }
        }
        let (fresh, stale) = (self.fresh_seconds.unwrap_or(usual.fresh_seconds), self.stale_seconds.unwrap_or(usual.stale_seconds));
        if fresh > stale {
            return Err(match (self.fresh_seconds, self.stale_seconds) {
                (None, Some(_)) => value_error(
                    key("stale_seconds"),
                    format!("is below the manifest's `fresh_seconds` ({fresh}); set `fresh_seconds` to at most {stale} too"),
                ),
                (Some(_), None) => value_error(
                    key("fresh_seconds"),
                    format!("is above the manifest's `stale_seconds` ({stale}); set `stale_seconds` to at least {fresh} too"),
                ),
                _ => value_error(key("fresh_seconds"), "is above `stale_seconds`"),
            });
        }
        if self.parts.as_ref().is_some_and(Vec::is_empty) {
            return Err(value_error(key("parts"), "is empty; to collect nothing set `enabled = false`"));
        }
        for option in self.credentials.keys() {
            let Some(name) = option.strip_suffix("_env").or_else(|| option.strip_suffix("_file")) else {
                return Err(value_error(
                    key("credentials"),
                    format!("`{option}` must end in `_env` or `_file`: a secret never stands in this file"),
                ));
            };
            if !credentials.iter().any(|known| known == name) {
                let taken: Vec<String> = credentials.iter().map(|known| format!("`{known}_env` or `{known}_file`")).collect();
                let reason = match taken.as_slice() {
                    [] => format!("`{slug}` takes no credential; leave `[providers.{slug}.credentials]` out"),
                    taken => format!("`{slug}` takes no such credential; write {}", taken.join(", ")),
                };
                return Err(value_error(key(&format!("credentials.{option}")), reason));
            }
        }
        Ok(())
    }

    /// The value of a credential of the manifest; `None` where it is not given.
    ///
    /// # Errors
    /// The variable or file that is named is not there.
    pub fn credential(&self, slug: &str, name: &str) -> Result<Option<Secret>, super::SecretError> {
        let variable = self.credentials.get(&format!("{name}_env")).map(String::as_str);
        let file = self.credentials.get(&format!("{name}_file")).map(Path::new);
        Secret::read(&format!("providers.{slug}.credentials.{name}"), variable, file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_that_the_provider_does_not_take_is_an_error() {
        let check = |option: &str, taken: &[&str]| {
            let section =
                ProviderSection { credentials: BTreeMap::from([(option.to_owned(), "X".to_owned())]), ..ProviderSection::default() };
            let freshness = &crate::catalogue::by_slug("vastai").expect("a provider").manifest.freshness;
            let taken: Vec<String> = taken.iter().map(|name| (*name).to_owned()).collect();
            section.check("vastai", freshness, &taken).map_err(|error| error.to_string())
        };
        let none = check("foo_env", &[]).expect_err("it takes none");
        assert!(none.contains("providers.vastai.credentials.foo_env") && none.contains("takes no credential"), "{none}");
        let other = check("foo_file", &["key"]).expect_err("it takes another");
        assert!(other.contains("credentials.foo_file") && other.contains("`key_env` or `key_file`"), "{other}");
        assert!(check("key_env", &["key"]).is_ok() && check("key_file", &["key"]).is_ok());
        let bare = check("key", &["key"]).expect_err("a secret never stands there");
        assert!(bare.contains("`_env` or `_file`"), "{bare}");
    }
}
