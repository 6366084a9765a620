//! The providers this program knows: adapters with their manifests, read once.

use std::sync::{Arc, LazyLock};

use gpurate_domain::GpuTable;
use gpurate_providers::{Manifest, Provider};

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

/// The provider with this slug.
pub fn by_slug(slug: &str) -> Option<&'static Arc<Known>> {
    KNOWN.iter().find(|known| known.slug() == slug)
}

/// Every slug.
pub fn slugs() -> Vec<&'static str> {
    KNOWN.iter().map(|known| known.slug()).collect()
}

/// The canonical GPU table.
pub fn gpus() -> &'static GpuTable {
    &GPUS
}
