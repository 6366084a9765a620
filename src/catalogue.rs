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

/// What to know where prices of a provider are asked for of which only the billing is known.
pub fn not_collected(slug: &str) -> Option<String> {
    let (slug, rules) = RULES_ONLY.iter().find(|(known, _)| *known == slug)?;
    Some(format!("prices of {} are not collected: only its billing is known; see `gpurate providers show {slug}`", rules.name))
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
    let named = with_words(typed);
    if let Some(cards) = one_of(&named) {
        return format!("no GPU is called `{typed}`; did you mean {cards}?");
    }
    let known = table.gpus().iter().flat_map(|gpu| [gpu.slug.as_str(), gpu.name.as_str(), gpu.family.as_str()]);
    let way_out = crate::words::nearest(typed, known)
        .map_or_else(|| "; `gpurate gpus` and `/api/v1/gpus` have the names".to_owned(), |near| format!("; did you mean `{near}`?"));
    format!("no GPU is called `{typed}`{way_out}")
}

/// Cards whose slug or name has all words of `typed` (`4090`, `pro 6000`), shortest first; of a card and its variants the card.
fn with_words(typed: &str) -> Vec<&'static str> {
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let wanted = words(typed);
    let has_all = |gpu: &gpurate_domain::gpu::Gpu| {
        let (slug, name) = (words(&gpu.slug), words(&gpu.name));
        !wanted.is_empty() && wanted.iter().all(|word| slug.contains(word) || name.contains(word))
    };
    let mut slugs: Vec<&str> = gpus().gpus().iter().filter(|gpu| has_all(gpu)).map(|gpu| gpu.slug.as_str()).collect();
    slugs.sort_by_key(|slug| (slug.matches('-').count(), slug.len()));
    let is_variant = |slug: &str| slugs.iter().any(|other| slug.strip_prefix(other).is_some_and(|rest| rest.starts_with('-')));
    slugs.iter().copied().filter(|slug| !is_variant(slug)).collect()
}

/// More names than a hint has room for are no hint.
const HINTS_MAX: usize = 5;

/// "`a`, `b`"; `None` where there is none, or more than anybody reads. No word stands between them: the sentence is known by
/// its words ([`crate::said::ERRORS`]) in other languages too.
fn one_of(slugs: &[&str]) -> Option<String> {
    let quoted: Vec<String> = slugs.iter().map(|slug| format!("`{slug}`")).collect();
    (1..=HINTS_MAX).contains(&quoted.len()).then(|| quoted.join(", "))
}

/// The canonical GPU table.
pub fn gpus() -> &'static GpuTable {
    &GPUS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_or_word_of_a_card_s_name_is_told_the_card() {
        for (typed, told) in [
            ("4090", "no GPU is called `4090`; did you mean `rtx-4090`?"),
            ("5090", "no GPU is called `5090`; did you mean `rtx-5090`?"),
            ("pro 6000", "no GPU is called `pro 6000`; did you mean `rtx-pro-6000-blackwell`?"),
            ("6000 Ada", "no GPU is called `6000 Ada`; did you mean `rtx-6000-ada`?"),
            ("a6000 ada", "no GPU is called `a6000 ada`; did you mean `RTX 6000 Ada`?"),
            ("rtx4900", "no GPU is called `rtx4900`; did you mean `rtx-4090`?"),
        ] {
            assert_eq!(no_one_gpu(typed), told);
        }
        let several = no_one_gpu("4000");
        assert!(several.contains("`rtx-4000-ada`") && several.contains("`quadro-rtx-4000`"), "{several}");
        let said = crate::said::recognised(&several).expect("known by its words");
        assert_eq!(said.message_id, "error-no-gpu-near");
        let all = no_one_gpu("quadro");
        assert!(all.ends_with("have the names"), "a word of many cards is no hint: {all}");
        assert!(no_one_gpu("...").contains("have the names"));
    }
}
