//! The providers this program knows: adapters with their manifests, read once.

use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;
use gpurate_domain::billing::{Asked, BillingRule, Layers};
use gpurate_domain::{Country, GpuTable, OfferKey};
use gpurate_providers::{Manifest, Provider, RulesOnly};

/// One adapter and what is known about its provider.
pub struct Known {
    /// The adapter.
    pub provider: Box<dyn Provider>,
    /// Its manifest.
    pub manifest: Manifest,
}

impl Known {
    /// The provider's slug.
    pub fn slug(&self) -> &'static str {
        self.provider.slug()
    }
}

static KNOWN: LazyLock<Vec<Arc<Known>>> = LazyLock::new(|| {
    gpurate_providers::all()
        .into_iter()
        .map(|provider| {
            let manifest = Manifest::parse(provider.slug(), provider.manifest()).expect("every manifest is parsed by a test");
            Arc::new(Known { provider, manifest })
        })
        .collect()
});

static GPUS: LazyLock<GpuTable> = LazyLock::new(GpuTable::builtin);

/// Every provider.
pub fn all() -> &'static [Arc<Known>] {
    &KNOWN
}

/// Billing of every provider of which it is known, also of those whose prices are not collected.
pub fn all_layers() -> impl Iterator<Item = (&'static str, &'static Layers)> {
    KNOWN.iter().map(|known| (known.slug(), &known.manifest.billing)).chain(RULES_ONLY.iter().map(|(slug, rules)| (*slug, &rules.billing)))
}

static RULES_ONLY: LazyLock<Vec<(&'static str, RulesOnly)>> = LazyLock::new(|| {
    let parse = |(slug, text): &(&'static str, &str)| (*slug, RulesOnly::parse(slug, text).expect("every manifest is parsed by a test"));
    gpurate_providers::RULES_ONLY.iter().map(parse).collect()
});

/// Providers whose billing is known and whose prices are not collected.
pub fn rules_only() -> &'static [(&'static str, RulesOnly)] {
    &RULES_ONLY
}

/// The provider with this slug.
pub fn by_slug(slug: &str) -> Option<&'static Arc<Known>> {
    KNOWN.iter().find(|known| known.slug() == slug)
}

/// The billing rule of an offer on a day (`None`: the newest); empty where nothing is known.
pub fn billing_rule(key: &OfferKey, country: Option<Country>, on: Option<NaiveDate>) -> Arc<BillingRule> {
    let asked = Asked { tier: &key.tier, market: key.market, sku: &key.sku, region: &key.region, country, on };
    by_slug(&key.provider).map_or_else(|| EMPTY_RULE.clone(), |known| known.manifest.billing_rule(asked))
}

static EMPTY_RULE: LazyLock<Arc<BillingRule>> = LazyLock::new(Arc::default);

/// Every slug.
pub fn slugs() -> Vec<&'static str> {
    KNOWN.iter().map(|known| known.slug()).collect()
}

/// What is wrong with a name that is not the one GPU it should be, and what to write: the members of the family it means,
/// the nearest name, or where the names are. `typed` may be shown as it is.
pub fn no_one_gpu(typed: &str) -> String {
    let table = gpus();
    if let Some(meant) = table.find_one(typed) {
        return format!("no GPU is called `{typed}`; did you mean `{}`?", table.gpu(meant).slug);
    }
    let members = table.find(typed);
    if members.len() > 1 {
        let members: Vec<String> = members.iter().map(|index| format!("`{}`", table.gpu(*index).slug)).collect();
        return format!("`{typed}` is a family of several cards; write one of {}", members.join(", "));
    }
    let known = table.gpus().iter().flat_map(|gpu| [gpu.slug.as_str(), gpu.name.as_str(), gpu.family.as_str()]);
    let way_out = crate::words::nearest(typed, known)
        .map_or_else(|| "; `gpurate gpus` and `/api/v1/gpus` have the names".to_owned(), |near| format!("; did you mean `{near}`?"));
    format!("no GPU is called `{typed}`{way_out}")
}

/// The canonical GPU table.
pub fn gpus() -> &'static GpuTable {
    &GPUS
}
