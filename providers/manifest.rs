//! `manifest.toml`: what is known about a provider beside its answers. Typed, checked by a test for every folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use gpurate_domain::billing::{Asked, Layer, Layers};
use gpurate_domain::{BillingRule, Country, MarketKind};
use serde::Deserialize;

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{slug}/manifest.toml: {reason}")]
pub struct ManifestError {
    /// The provider.
    pub slug: String,
    /// With line and column where the TOML is at fault.
    pub reason: String,
}

/// All that is known about a provider beside its answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name people know.
    pub name: String,
    /// What kind of source it is.
    pub kind: ProviderKind,
    /// Its own page.
    pub homepage: String,
    /// Where one rents; shown with every offer.
    pub launch_url: String,
    /// Every host that is asked.
    pub hosts: Vec<String>,
    /// Which markets it is known to sell. A `required` one that vanishes is a lost shape (defect D26).
    pub markets: BTreeMap<MarketKind, Presence>,
    /// How long a price stays fresh, by the nature of the source.
    pub freshness: Freshness,
    /// Seconds between two collections of a part.
    pub interval_seconds: u32,
    /// At most so many requests a minute to one host.
    pub requests_per_minute: u32,
    /// JSON pointers (`*` stands for every element) whose values are removed before a page is hashed or kept.
    #[serde(default)]
    pub redactions: Vec<String>,
    /// Options of the configuration that hold credentials, each given as `<option>_env` or `<option>_file`.
    #[serde(default)]
    pub credentials: Vec<String>,
    /// The provider's code of a place to its country.
    #[serde(default)]
    pub regions: BTreeMap<String, Country>,
    /// Departures from the gate's default numbers.
    #[serde(default)]
    pub gate: GateSettings,
    /// How long pages are kept in the archive; `None` means the daemon's default.
    #[serde(default)]
    pub archive_hours: Option<u32>,
    /// How it bills: layers, the later over the earlier.
    #[serde(default, deserialize_with = "layers")]
    pub billing: Layers,
}

fn layers<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Layers, D::Error> {
    Layers::new(Vec::<Layer>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// A provider whose billing is known and whose prices are not collected: a folder with a manifest alone. Its `kind` is
/// `rules_only`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesOnly {
    /// The name people know.
    pub name: String,
    /// Says that there is no adapter.
    pub kind: RulesOnlyKind,
    /// Its own page.
    pub homepage: String,
    /// How it bills: layers, the later over the earlier.
    #[serde(deserialize_with = "layers")]
    pub billing: Layers,
}

/// The one kind of [`RulesOnly`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RulesOnlyKind {
    /// No adapter.
    RulesOnly,
}

impl RulesOnly {
    /// Reads and checks a manifest without an adapter.
    ///
    /// # Errors
    /// [`ManifestError`] that names the line.
    pub fn parse(slug: &str, text: &str) -> Result<Self, ManifestError> {
        toml::from_str(text).map_err(|error| ManifestError { slug: slug.to_owned(), reason: error.to_string() })
    }
}

/// What kind of source it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Prices from a list.
    Catalogue,
    /// Machines of many hosts, which come and go.
    Marketplace,
    /// Reference rates of currencies.
    Rates,
}

/// Whether a market must be in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Its absence is a lost shape.
    Required,
    /// It may be empty.
    Optional,
}

/// When a price stops being fresh, and when it leaves the cheapest view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freshness {
    /// Fresh up to this age.
    pub fresh_seconds: u32,
    /// Ageing up to this age, then stale.
    pub stale_seconds: u32,
}

/// Departures from the gate's default numbers; `None` keeps the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GateSettings {
    /// A part with less than so many percent of its last accepted offers is refused.
    pub least_percent_of_last: Option<u32>,
    /// A part with more than so many percent of bad rows is refused.
    pub bad_rows_percent_max: Option<u32>,
}

impl Manifest {
    /// Reads and checks the manifest of a provider.
    ///
    /// # Errors
    /// [`ManifestError`] that names the line, or the figure that contradicts another.
    pub fn parse(slug: &str, text: &str) -> Result<Self, ManifestError> {
        let error = |reason: String| ManifestError { slug: slug.to_owned(), reason };
        let manifest: Self = toml::from_str(text).map_err(|inner| error(inner.to_string()))?;
        if manifest.freshness.fresh_seconds > manifest.freshness.stale_seconds {
            return Err(error("`freshness.fresh_seconds` is above `freshness.stale_seconds`".to_owned()));
        }
        if manifest.interval_seconds == 0 || manifest.requests_per_minute == 0 {
            return Err(error("`interval_seconds` and `requests_per_minute` must be above zero".to_owned()));
        }
        if manifest.hosts.is_empty() {
            return Err(error("`hosts` must name every host that is asked".to_owned()));
        }
        if let Some(bad) = manifest.redactions.iter().find(|pointer| !pointer.starts_with('/')) {
            return Err(error(format!("redaction `{bad}` is not a JSON pointer; it begins with `/`")));
        }
        Ok(manifest)
    }

    /// The billing rule of an offer on a day; empty where nothing is known.
    pub fn billing_rule(&self, asked: Asked<'_>) -> Arc<BillingRule> {
        self.billing.rule(asked)
    }
}
