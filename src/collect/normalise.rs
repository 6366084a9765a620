//! From a provider's words to ours: units, regions, bounds. Pure; what cannot be mapped is kept, what cannot be true is
//! rejected with its reason.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{Attributes, Country, GpuMatch, Offer, OfferKey, RawOffer, Rejected, Term, Vram};
use gpurate_providers::Manifest;

use crate::catalogue;
use crate::market::group_slug_of;

/// A text of a foreign answer is kept up to so many characters; a longer one is no code of anything.
const TEXT_CHARACTERS_MAX: usize = 300;

/// Shares equal texts, terms and attributes between offers.
#[derive(Debug, Default)]
pub struct Interner {
    texts: HashSet<Arc<str>, RandomState>,
    terms: HashSet<Arc<[Term]>, RandomState>,
    attributes: HashSet<Arc<Attributes>, RandomState>,
}

impl Interner {
    /// The shared copy of a text.
    pub fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(shared) = self.texts.get(text) {
            return shared.clone();
        }
        let shared: Arc<str> = text.into();
        self.texts.insert(shared.clone());
        shared
    }

    /// The shared copy of terms.
    pub fn terms(&mut self, terms: Vec<Term>) -> Arc<[Term]> {
        if let Some(shared) = self.terms.get(terms.as_slice()) {
            return shared.clone();
        }
        let shared: Arc<[Term]> = terms.into();
        self.terms.insert(shared.clone());
        shared
    }

    /// The shared copy of attributes.
    pub fn attributes(&mut self, attributes: Attributes) -> Arc<Attributes> {
        if let Some(shared) = self.attributes.get(&attributes) {
            return shared.clone();
        }
        let shared = Arc::new(attributes);
        self.attributes.insert(shared.clone());
        shared
    }

    /// Forgets what no offer uses any more.
    pub fn tidy(&mut self) {
        self.texts.retain(|text| Arc::strong_count(text) > 1);
        self.terms.retain(|terms| Arc::strong_count(terms) > 1);
        self.attributes.retain(|attributes| Arc::strong_count(attributes) > 1);
    }
}

/// One row in our words.
///
/// # Errors
/// [`Rejected`] with the reason: a price that is none, a text or a size that cannot be meant.
pub fn normalise(slug: &str, manifest: &Manifest, raw: RawOffer, interner: &mut Interner) -> Result<Offer, Rejected> {
    let reject = |reason: String| Rejected::new(raw.sku.chars().take(TEXT_CHARACTERS_MAX).collect::<String>(), reason);
    for (name, text) in [("sku", &raw.sku), ("tier", &raw.tier), ("region", &raw.region.0), ("GPU name", &raw.gpu_name)] {
        if text.trim().is_empty() {
            return Err(reject(format!("the {name} is empty")));
        }
        if !text.chars().all(crate::words::is_plain) {
            return Err(reject(format!("the {name} holds control characters")));
        }
        if text.chars().count() > TEXT_CHARACTERS_MAX {
            return Err(reject(format!("the {name} has more than {TEXT_CHARACTERS_MAX} characters")));
        }
    }
    check_sizes(&raw).map_err(reject)?;
    let per_hour = total_per_hour(&raw).map_err(reject)?;
    let country =
        raw.country.as_deref().and_then(|code| code.parse::<Country>().ok()).or_else(|| manifest.regions.get(&raw.region.0).copied());
    let mut terms = raw.terms;
    terms.sort_unstable();
    terms.dedup();
    Ok(Offer {
        key: OfferKey {
            provider: interner.text(slug),
            // A code is mostly its offer's own.
            sku: raw.sku.as_str().into(),
            tier: interner.text(&raw.tier),
            region: interner.text(&raw.region.0),
            market: raw.market,
            gpu_count: raw.gpu_count,
        },
        country,
        provider_term: raw.provider_term.map(|term| interner.text(term)),
        gpu_name: interner.text(&raw.gpu_name),
        gpu_name_alternative: raw.gpu_name_alternative.as_deref().map(|name| interner.text(name)),
        vram_per_gpu: raw.vram_per_gpu,
        vram_usable: raw.vram_usable,
        gpu_count_max: raw.gpu_count_max,
        price: OfferPrice {
            per_hour,
            quote: raw.price,
            kind: raw.price_kind,
            availability: raw.availability,
            terms: interner.terms(terms),
        },
        units: raw.units.max(1),
        attributes: interner.attributes(raw.attributes),
    })
}

/// What the words of an offer mean, by the table: its first name, and its second where the first does not decide.
pub fn identify(offer: &Offer) -> GpuMatch {
    identify_words(&offer.gpu_name, offer.gpu_name_alternative.as_deref(), offer.vram_per_gpu)
}

/// The same for an offer of the past, of which only the words are at hand.
pub fn identify_words(gpu_name: &str, alternative: Option<&str>, vram_per_gpu: Option<Vram>) -> GpuMatch {
    let table = catalogue::gpus();
    let first = table.resolve(gpu_name, vram_per_gpu);
    match (&first, alternative) {
        (GpuMatch::Known(_), _) | (_, None) => first,
        (_, Some(name)) => match table.resolve(name, vram_per_gpu) {
            // An unknown second wording takes nothing away from what the first says.
            GpuMatch::Unmapped => first,
            second => second,
        },
    }
}

/// What names mean, each looked up once: a list repeats few of them, and shares their texts.
#[derive(Default)]
pub struct Identities(HashMap<(usize, usize, Option<Vram>), Identity, RandomState>);

/// The names, kept so that their addresses stay theirs; what they mean; the group's slug.
struct Identity {
    _names: (Arc<str>, Option<Arc<str>>),
    gpu: GpuMatch,
    slug: Arc<str>,
}

impl Identities {
    /// The identity of an offer and its group's slug.
    pub fn of(&mut self, offer: &Offer) -> (GpuMatch, Arc<str>) {
        let address = |text: &Arc<str>| text.as_ptr() as usize;
        let key = (address(&offer.gpu_name), offer.gpu_name_alternative.as_ref().map_or(0, address), offer.vram_per_gpu);
        let known = self.0.entry(key).or_insert_with(|| {
            let gpu = identify(offer);
            let slug = group_slug_of(&gpu, offer).into();
            Identity { _names: (offer.gpu_name.clone(), offer.gpu_name_alternative.clone()), gpu, slug }
        });
        (known.gpu.clone(), known.slug.clone())
    }

    /// The slugs of all groups that were looked up.
    pub fn slugs(&self) -> HashSet<Arc<str>> {
        self.0.values().map(|identity| identity.slug.clone()).collect()
    }
}

/// The base price and everything that cannot be declined, per hour of the whole offer.
fn total_per_hour(raw: &RawOffer) -> Result<gpurate_domain::PerHour, String> {
    let mut total = raw.price.per_hour(raw.gpu_count).map_err(|error| error.to_string())?;
    for part in &raw.mandatory_parts {
        let more = part.quote.per_hour(raw.gpu_count).map_err(|error| format!("`{}`: {error}", part.name))?;
        if more.currency != total.currency {
            return Err(format!("`{}` is in {} and the price in {}", part.name, more.currency, total.currency));
        }
        total.nanos = total.nanos.checked_add(more.nanos).ok_or("price is out of range")?;
    }
    Ok(total)
}

/// Bounds per column: a size outside them means that columns were swapped or units mixed (defects D21, D24).
fn check_sizes(raw: &RawOffer) -> Result<(), String> {
    const GIB: u64 = 1024;
    let vram_max = Vram::from_mib(1024 * 1024);
    for (name, vram) in [("memory per GPU", raw.vram_per_gpu), ("usable memory per GPU", raw.vram_usable)] {
        if let Some(vram) = vram
            && (vram.mib < 512 || vram > vram_max)
        {
            return Err(format!("the {name} of {} MiB is outside 512 MiB to 1 TiB", vram.mib));
        }
    }
    if raw.vram_usable.zip(raw.vram_per_gpu).is_some_and(|(usable, whole)| usable > whole) {
        return Err("the usable memory is above the whole card's".to_owned());
    }
    if let Some(ram) = raw.attributes.ram_mib
        && !(GIB / 4..=64 * GIB * GIB).contains(&ram)
    {
        return Err(format!("the machine's memory of {ram} MiB is outside 256 MiB to 64 TiB"));
    }
    if raw.attributes.vcpu_millis.is_some_and(|vcpu| vcpu > 10_000_000) {
        return Err("more than 10 000 processors".to_owned());
    }
    if raw.gpu_count.is_some_and(|count| count.numerator() > 100_000) {
        return Err("more than 100 000 GPUs".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gpurate_domain::offer::PricePart;
    use gpurate_domain::{Currency, GpuCount, MarketKind, Nanos, Quote, RegionCode};

    fn manifest() -> Manifest {
        Manifest::parse("example", gpurate_providers::template().manifest()).expect("the template's manifest")
    }

    fn raw() -> RawOffer {
        let price = Quote::usd_per_instance_hour(Nanos(1_000_000_000));
        let mut raw = RawOffer::new("a", "standard", RegionCode("north".into()), MarketKind::OnDemand, "RTX 4090", price);
        raw.gpu_count = Some(GpuCount::ONE);
        raw.vram_per_gpu = Vram::from_marketed_gb(24);
        raw
    }

    #[test]
    fn d15_what_cannot_be_declined_is_in_the_price() {
        let mut with_disk = raw();
        with_disk.mandatory_parts.push(PricePart { name: "local disk".into(), quote: Quote::usd_per_instance_hour(Nanos(20_000_000)) });
        let offer = normalise("example", &manifest(), with_disk, &mut Interner::default()).expect("an offer");
        assert_eq!(offer.price.per_hour.nanos, 1_020_000_000);
        let mut mixed = raw();
        let euros = Quote { currency: Currency::EUR, ..Quote::usd_per_instance_hour(Nanos(1)) };
        mixed.mandatory_parts.push(PricePart { name: "local disk".into(), quote: euros });
        assert!(normalise("example", &manifest(), mixed, &mut Interner::default()).is_err());
    }

    #[test]
    fn d21_a_size_outside_its_column_is_rejected() {
        let mut swapped = raw();
        swapped.attributes.ram_mib = Some(24);
        let mut megabytes = raw();
        megabytes.vram_per_gpu = Some(Vram::from_mib(24));
        let mut more_than_whole = raw();
        more_than_whole.vram_usable = Vram::from_marketed_gb(48);
        // GPU memory in host memory's column, as one catalogue had it, and the other way round.
        let mut in_the_other = raw();
        in_the_other.vram_per_gpu = Some(Vram::from_mib(16_777_216));
        for (row, reason) in [
            (swapped, "the machine's memory of 24 MiB"),
            (megabytes, "of 24 MiB is outside"),
            (more_than_whole, "whole"),
            (in_the_other, "of 16777216 MiB is outside"),
        ] {
            let rejected = normalise("example", &manifest(), row, &mut Interner::default()).expect_err(reason);
            assert!(rejected.reason.contains(reason), "{rejected:?} does not say `{reason}`");
        }
        assert!(normalise("example", &manifest(), raw(), &mut Interner::default()).is_ok(), "the same row with its own sizes");
    }

    #[test]
    fn d29_a_country_comes_from_the_source_or_the_manifest_only() {
        let offer = normalise("example", &manifest(), raw(), &mut Interner::default()).expect("an offer");
        assert_eq!(offer.country.map(|country| country.to_string()), Some("NO".to_owned()));
        let mut unknown = raw();
        unknown.region = RegionCode("Paris-looking-name".into());
        let offer = normalise("example", &manifest(), unknown, &mut Interner::default()).expect("an offer");
        assert_eq!(offer.country, None);
    }

    #[test]
    fn d10_an_unknown_gpu_is_kept() {
        let mut unknown = raw();
        unknown.gpu_name = "RTX 9999".into();
        let offer = normalise("example", &manifest(), unknown, &mut Interner::default()).expect("an offer");
        assert_eq!(identify(&offer), GpuMatch::Unmapped);
    }

    #[test]
    fn equal_texts_are_shared() {
        let mut interner = Interner::default();
        let (a, b) = (interner.text("global"), interner.text("global"));
        assert!(Arc::ptr_eq(&a, &b));
        drop((a, b));
        interner.tidy();
        assert!(interner.texts.is_empty());
    }
}
