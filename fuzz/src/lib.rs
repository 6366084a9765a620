//! What the fuzz targets share: an adapter asked with answers that a fuzzer made of the provider's samples, and how such
//! answers are changed. `README.md` says what each target checks.

use std::sync::OnceLock;

use gpurate_providers::{all, template};

mod adapter;
mod mutate;

pub use adapter::check;
pub use mutate::mutate;

/// The adapter whose turn it is: a provider of the catalogue, or the template.
///
/// # Panics
/// Where `GPURATE_FUZZ_ADAPTER` names none.
pub fn adapter() -> &'static str {
    static SLUG: OnceLock<&'static str> = OnceLock::new();
    SLUG.get_or_init(|| {
        let named = std::env::var("GPURATE_FUZZ_ADAPTER").unwrap_or_default();
        let mut slugs = all().into_iter().chain([template()]).map(|provider| provider.slug());
        slugs.find(|slug| *slug == named).unwrap_or_else(|| panic!("GPURATE_FUZZ_ADAPTER=`{named}` is no adapter's slug"))
    })
}
