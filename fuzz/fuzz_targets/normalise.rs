//! From a provider's words to ours: what comes out is a price and plain words, or a reason.
#![no_main]

use gpurate::catalogue;
use gpurate::collect::normalise::{Interner, identify, normalise};
use gpurate_domain::money::{Period, Quote, Scope};
use gpurate_domain::offer::{PricePart, Term, TermKind, TermUnit};
use gpurate_domain::{Currency, GpuCount, MarketKind, Nanos, RawOffer, RegionCode, Vram};
use libfuzzer_sys::arbitrary::{Result, Unstructured};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok((raw, known)) = row(&mut Unstructured::new(data)) else { return };
    let known = &catalogue::all()[known % catalogue::all().len()];
    let once = |raw: RawOffer| normalise(known.slug(), &known.manifest, raw, &mut Interner::default());
    let (first, second) = (once(raw.clone()), once(raw));
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    match first {
        Ok(offer) => {
            assert!(offer.price.per_hour.nanos > 0 && offer.units > 0, "{offer:?}");
            for text in [&offer.key.sku, &offer.key.tier, &offer.key.region, &offer.gpu_name] {
                assert!(!text.trim().is_empty() && text.chars().count() <= 300 && !text.contains(char::is_control), "{text:?}");
            }
            let _any = identify(&offer);
        }
        Err(rejected) => assert!(!rejected.reason.is_empty() && rejected.reason.len() < 1000, "{rejected:?}"),
    }
});

fn quote(bytes: &mut Unstructured<'_>) -> Result<Quote> {
    let period = match bytes.int_in_range(0..=3)? {
        0 => Period::Second,
        1 => Period::Minute,
        2 => Period::Hour,
        _ => Period::Month { hours: bytes.arbitrary()? },
    };
    Ok(Quote {
        amount: Nanos(bytes.arbitrary()?),
        currency: if bytes.arbitrary()? { Currency::USD } else { Currency::EUR },
        scope: if bytes.arbitrary()? { Scope::Gpu } else { Scope::Instance },
        period,
    })
}

fn row(bytes: &mut Unstructured<'_>) -> Result<(RawOffer, usize)> {
    let known = bytes.arbitrary()?;
    let price = quote(bytes)?;
    let mut raw = RawOffer::new("a", "b", RegionCode("c".to_owned()), *bytes.choose(&MarketKind::ALL)?, "d", price);
    raw.gpu_count = if bytes.arbitrary()? { GpuCount::ratio(bytes.arbitrary()?, bytes.arbitrary()?) } else { None };
    raw.gpu_count_max = bytes.arbitrary()?;
    raw.vram_per_gpu = bytes.arbitrary::<Option<u32>>()?.map(Vram::from_mib);
    raw.vram_usable = bytes.arbitrary::<Option<u32>>()?.map(Vram::from_mib);
    raw.units = bytes.arbitrary()?;
    for _ in 0..bytes.int_in_range(0..=2)? {
        raw.mandatory_parts.push(PricePart { name: "disk".to_owned(), quote: quote(bytes)? });
        let unit = if bytes.arbitrary()? { TermUnit::Gb } else { TermUnit::GbMonth { hours: bytes.arbitrary()? } };
        raw.terms.push(Term { kind: TermKind::Egress, amount: Nanos(bytes.arbitrary()?), currency: Currency::USD, unit });
    }
    raw.attributes.ram_mib = bytes.arbitrary()?;
    raw.attributes.vcpu_millis = bytes.arbitrary()?;
    raw.country = bytes.arbitrary()?;
    raw.gpu_name_alternative = bytes.arbitrary()?;
    for text in [&mut raw.sku, &mut raw.tier, &mut raw.region.0, &mut raw.gpu_name] {
        *text = bytes.arbitrary()?;
    }
    Ok((raw, known))
}
