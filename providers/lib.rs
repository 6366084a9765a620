//! One folder per provider, with all that is known about it: what is asked (`mod.rs`), how the answer reads
//! (`parse.rs`), what its bill says (`manifest.toml`), and sample answers that are its tests (`samples/`).
//!
//! Nothing here opens a socket or a database: an adapter asks through [`Transport`] and returns rows in the
//! provider's own words. Adding a provider is one folder and one line in [`all`].
#![warn(clippy::float_arithmetic)]

pub mod exchanges;
pub mod json;
pub mod manifest;
pub mod transport;

#[cfg(test)]
mod testing;

mod akash;
mod aws;
mod azure;
mod ecb;
mod example;
mod linode;
mod lium;
mod nebius;
mod oci;
mod runpod;
mod runpodserverless;
mod scaleway;
mod thundercompute;
mod vastai;
mod vultr;

use async_trait::async_trait;
use gpurate_domain::{FxRates, RawOffer, Rejected};

pub use manifest::{Manifest, ManifestError, RulesOnly};
pub use transport::{FetchError, MemoryBody, Method, PAUSE_SECONDS_MAX, Page, PageBody, Request, Transport};

/// What is collected on its own: a region, a feed, one GPU's book. A part is whole or an error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// Stable name, unique within the provider; small providers have the one part `all`.
    pub name: String,
    /// Parts with a lower number are collected first: what people wait for.
    pub priority: u8,
}

impl Part {
    /// A part of ordinary priority.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), priority: 100 }
    }

    /// A part people wait for.
    pub fn first(name: impl Into<String>) -> Self {
        Self { name: name.into(), priority: 0 }
    }
}

/// What an adapter may be told.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Only these parts, from the configuration; `None` means all.
    pub parts: Option<Vec<String>>,
    /// Parts that an earlier answer named ([`Parsed::discovered_parts`]), kept by the daemon.
    pub discovered_parts: Vec<String>,
    /// Values of the credentials that the manifest names, by option name.
    pub credentials: std::collections::BTreeMap<String, String>,
}

impl Settings {
    /// Keeps of `parts` those the configuration asks for. A configured part that is not among them is added as it is,
    /// so that a new region can be tracked before this list knows it.
    pub fn choose(&self, parts: Vec<Part>) -> Vec<Part> {
        let Some(wanted) = &self.parts else { return parts };
        wanted
            .iter()
            .map(|name| parts.iter().find(|part| part.name == *name).cloned().unwrap_or_else(|| Part::new(name.as_str())))
            .collect()
    }
}

/// What a part's pages say.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Rows in the provider's own words.
    pub offers: Vec<RawOffer>,
    /// Rows that cannot be used, with their reasons.
    pub rejected: Vec<Rejected>,
    /// Reference rates, from a source of currencies.
    pub rates: Option<FxRates>,
    /// Parts the source names that may not be known yet.
    pub discovered_parts: Vec<String>,
    /// The answer's shape proves that no offer means "nothing on sale" (an empty book, a zone with processors only).
    pub empty_is_an_answer: bool,
    /// The source's own date, where it has one: a frozen source is stale (defect D36).
    pub source_dated_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// The answer lost its known shape: the adapter needs work, retrying will not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown shape at `{pointer}`: {reason}")]
pub struct ShapeError {
    /// JSON pointer, or another place a person finds.
    pub pointer: String,
    /// What was expected and what was found, in a few words; never a whole body.
    pub reason: String,
}

impl ShapeError {
    /// A shape error.
    pub fn new(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), reason: reason.into() }
    }
}

/// One provider's adapter.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The folder's name, in lower case; also the `provider` of its offers.
    fn slug(&self) -> &'static str;

    /// The text of the folder's `manifest.toml`.
    fn manifest(&self) -> &'static str;

    /// Raised whenever `parse` reads the same page differently: the difference is then a correction.
    fn version(&self) -> u32;

    /// What is collected on its own. Pure.
    fn parts(&self, settings: &Settings) -> Vec<Part>;

    /// All pages of the part or an error, never some of them. A page carries the request it answers.
    ///
    /// # Errors
    /// [`FetchError`], as the transport gave it, or [`FetchError::Incomplete`] where the source's own count disagrees.
    async fn fetch(&self, part: &Part, settings: &Settings, transport: &dyn Transport) -> Result<Vec<Page>, FetchError>;

    /// Pure: the same pages give the same rows. An unusable row goes to `rejected`, with its reason.
    ///
    /// # Errors
    /// [`ShapeError`] where the answer as a whole is not what the adapter knows.
    fn parse(&self, part: &Part, pages: &[Page]) -> Result<Parsed, ShapeError>;
}

/// Every provider that is collected, one line each. The template in `example/` is not among them.
pub fn all() -> Vec<Box<dyn Provider>> {
    vec![
        Box::new(akash::Akash),
        Box::new(aws::Aws),
        Box::new(azure::Azure),
        Box::new(ecb::Ecb),
        Box::new(linode::Linode),
        Box::new(lium::Lium),
        Box::new(nebius::Nebius),
        Box::new(oci::Oci),
        Box::new(runpod::RunPod),
        Box::new(runpodserverless::RunPodServerless),
        Box::new(scaleway::Scaleway),
        Box::new(thundercompute::ThunderCompute),
        Box::new(vastai::VastAi),
        Box::new(vultr::Vultr),
        // `gpurate providers new` adds its line above this one.
    ]
}

/// Providers whose billing is known and whose prices are not collected: slug and text of the manifest, one line each.
pub const RULES_ONLY: &[(&str, &str)] = &[
    ("alibaba", include_str!("alibaba/manifest.toml")),
    ("baseten", include_str!("baseten/manifest.toml")),
    ("cerebrium", include_str!("cerebrium/manifest.toml")),
    ("civo", include_str!("civo/manifest.toml")),
    ("coreweave", include_str!("coreweave/manifest.toml")),
    ("crusoe", include_str!("crusoe/manifest.toml")),
    ("cudo", include_str!("cudo/manifest.toml")),
    ("dataoorts", include_str!("dataoorts/manifest.toml")),
    ("deepinfra", include_str!("deepinfra/manifest.toml")),
    ("digitalocean", include_str!("digitalocean/manifest.toml")),
    ("exoscale", include_str!("exoscale/manifest.toml")),
    ("fal", include_str!("fal/manifest.toml")),
    ("fptcloud", include_str!("fptcloud/manifest.toml")),
    ("gcp", include_str!("gcp/manifest.toml")),
    ("gmicloud", include_str!("gmicloud/manifest.toml")),
    ("gpuai", include_str!("gpuai/manifest.toml")),
    ("gpuhub", include_str!("gpuhub/manifest.toml")),
    ("hetzner", include_str!("hetzner/manifest.toml")),
    ("hivenet", include_str!("hivenet/manifest.toml")),
    ("hotaisle", include_str!("hotaisle/manifest.toml")),
    ("hyperstack", include_str!("hyperstack/manifest.toml")),
    ("ibm", include_str!("ibm/manifest.toml")),
    ("jarvislabs", include_str!("jarvislabs/manifest.toml")),
    ("lambda", include_str!("lambda/manifest.toml")),
    ("lightning", include_str!("lightning/manifest.toml")),
    ("modal", include_str!("modal/manifest.toml")),
    ("ovh", include_str!("ovh/manifest.toml")),
    ("paperspace", include_str!("paperspace/manifest.toml")),
    ("primeintellect", include_str!("primeintellect/manifest.toml")),
    ("qubrid", include_str!("qubrid/manifest.toml")),
    ("quickpod", include_str!("quickpod/manifest.toml")),
    ("replicate", include_str!("replicate/manifest.toml")),
    ("salad", include_str!("salad/manifest.toml")),
    ("sesterce", include_str!("sesterce/manifest.toml")),
    ("spheron", include_str!("spheron/manifest.toml")),
    ("tencent", include_str!("tencent/manifest.toml")),
    ("tensordock", include_str!("tensordock/manifest.toml")),
    ("tensorpool", include_str!("tensorpool/manifest.toml")),
    ("together", include_str!("together/manifest.toml")),
    ("upcloud", include_str!("upcloud/manifest.toml")),
    ("verda", include_str!("verda/manifest.toml")),
    ("voltagepark", include_str!("voltagepark/manifest.toml")),
];

/// The template, for tests of the machinery.
pub fn template() -> Box<dyn Provider> {
    Box::new(example::Example)
}
