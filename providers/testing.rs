//! What tests of several adapters share. An answer is changed in every place, one at a time: whatever comes of it, reading
//! must not panic, and what is offered must have a price (defect D14).

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{FetchError, Page, Parsed, Request, Transport};

/// Gives every request the same answer.
pub(crate) struct Always(pub(crate) Result<&'static str, FetchError>);

#[async_trait]
impl Transport for Always {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let body = self.0.clone()?;
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, Vec::new(), body.as_bytes()))
    }
}

/// Reads `basic` with every value replaced by odd ones, and with every field and row left out. `read` gives what the
/// adapter makes of it, and an error where it refuses the whole. How many changes were tried comes back: few mean little.
///
/// # Panics
/// Where an offer has no price.
pub(crate) fn survives_changes<E>(basic: &Value, read: impl Fn(&Value) -> Result<Parsed, E>) -> usize {
    let odd = [
        json!(null),
        json!("é"),
        json!(""),
        json!(0),
        json!(-3.5),
        json!(1.5e300),
        json!(99_999_999_999_999_u64),
        json!([1]),
        json!({"a": 1}),
        json!(true),
    ];
    let mut all = Vec::new();
    pointers(basic, "", &mut all);
    let mut tried = 0;
    let mut try_one = |changed: &Value, pointer: &str| {
        tried += 1;
        let Ok(parsed) = read(changed) else { return };
        assert!(parsed.offers.iter().all(|offer| offer.price.per_hour(offer.gpu_count).is_ok()), "{pointer}");
    };
    for pointer in &all {
        for other in &odd {
            let mut changed = basic.clone();
            *changed.pointer_mut(pointer).expect("the pointer was just found") = other.clone();
            try_one(&changed, pointer);
        }
        if let Some(shorter) = without(basic, pointer) {
            try_one(&shorter, pointer);
        }
    }
    tried
}

/// The pointer of every value in `value`, itself included.
fn pointers(value: &Value, pointer: &str, found: &mut Vec<String>) {
    found.push(pointer.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, inner)| pointers(inner, &format!("{pointer}/{}", escaped(key)), found)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, inner)| pointers(inner, &format!("{pointer}/{at}"), found)),
        _ => {}
    }
}

/// A key as a JSON pointer holds it (RFC 6901).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Without the field or row at `pointer`; the whole cannot be left out.
fn without(basic: &Value, pointer: &str) -> Option<Value> {
    let (parent, last) = pointer.rsplit_once('/')?;
    let mut shorter = basic.clone();
    match shorter.pointer_mut(parent)? {
        Value::Object(fields) => drop(fields.remove(&last.replace("~1", "/").replace("~0", "~"))),
        Value::Array(rows) => drop(rows.remove(last.parse().ok()?)),
        _ => return None,
    }
    Some(shorter)
}

#[cfg(test)]
mod tests {
    use gpurate_domain::{MarketKind, Nanos, Quote, RawOffer, RegionCode};

    use super::*;

    #[test]
    fn every_value_is_found_and_left_out_by_its_pointer() {
        let basic = json!({"a/b": [{"c": 1}, 2]});
        let mut all = Vec::new();
        pointers(&basic, "", &mut all);
        assert_eq!(all, ["", "/a~1b", "/a~1b/0", "/a~1b/0/c", "/a~1b/1"]);
        let left: Vec<_> = all.iter().map(|pointer| without(&basic, pointer)).collect();
        let expected = [None, Some(json!({})), Some(json!({"a/b": [2]})), Some(json!({"a/b": [{}, 2]})), Some(json!({"a/b": [{"c": 1}]}))];
        assert_eq!(left, expected);
    }

    #[test]
    #[should_panic(expected = "/rows/3/price")]
    fn an_offer_without_a_price_is_found() {
        let rows: Vec<Value> = (0..60).map(|_| json!({"price": 1})).collect();
        let _tried = survives_changes::<()>(&json!({ "rows": rows }), |changed| {
            let amount = if changed["rows"][3]["price"] == 0 { 0 } else { 1 };
            let region = RegionCode("north".to_owned());
            let price = Quote::usd_per_gpu_hour(Nanos(amount));
            let mut offer = RawOffer::new("a", "b", region, MarketKind::OnDemand, "c", price);
            offer.gpu_count = Some(gpurate_domain::GpuCount::ONE);
            Ok(Parsed { offers: vec![offer], ..Parsed::default() })
        });
    }
}
