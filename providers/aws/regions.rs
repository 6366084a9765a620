//! Regions by their codes, and the labels that the addresses of the price lists are made of.
//!
//! The labels of Europe's older regions begin with "EU" ("EU (Frankfurt)" seen working on 2026-09-26, "EU (London)" and
//! "EU (Stockholm)" before), those of newer ones with "Europe" ("Europe (Zurich)"). Amazon's other pages say "Europe"
//! throughout, so the lists may follow one day: both spellings are tried.
//! Source of codes and labels: SpareCores/sc-crawler _aws.py at 4bcc0b1 (2026-07-24).

use serde_json::Value;

/// Regions people ask for first.
pub(super) const FIRST: [&str; 5] = ["us-east-1", "us-east-2", "us-west-2", "eu-central-1", "eu-west-1"];

/// Every region of the public partition: code and label.
pub(super) const ALL: [(&str, &str); 34] = [
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-west-2", "US West (Oregon)"),
    ("eu-central-1", "EU (Frankfurt)"),
    ("eu-west-1", "EU (Ireland)"),
    ("us-west-1", "US West (N. California)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-north-1", "EU (Stockholm)"),
    ("eu-south-1", "EU (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-2", "EU (London)"),
    ("eu-west-3", "EU (Paris)"),
    ("af-south-1", "Africa (Cape Town)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-east-2", "Asia Pacific (Taipei)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-6", "Asia Pacific (New Zealand)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
];

/// What the spot feed of before 2024-05 called its regions, should these names come back.
const OLD_NAMES: [(&str, &str); 6] = [
    ("us-east", "us-east-1"),
    ("us-west", "us-west-1"),
    ("eu-ireland", "eu-west-1"),
    ("apac-sin", "ap-southeast-1"),
    ("apac-syd", "ap-southeast-2"),
    ("apac-tokyo", "ap-northeast-1"),
];

/// A region's code for a name of the spot feed.
pub(super) fn code_of(name: &str) -> &str {
    OLD_NAMES.iter().find(|(old, _)| *old == name).map_or(name, |(_, code)| code)
}

/// The labels under which a region's list may be found, the likeliest first; empty for a region that is not known here.
pub(super) fn labels(code: &str) -> Vec<String> {
    ALL.iter().find(|(known, _)| *known == code).map(|(_, label)| spellings(label)).unwrap_or_default()
}

/// The label that Amazon's directory of places gives a region: an object whose values have `code`, `type` and `name`.
pub(super) fn labels_from_directory(directory: &Value, code: &str) -> Vec<String> {
    let text = |place: &Value, field: &str| place.get(field).and_then(Value::as_str).map(str::to_owned);
    let is_asked = |place: &&Value| text(place, "code").as_deref() == Some(code) && text(place, "type").as_deref() == Some("AWS Region");
    let place = directory.as_object().and_then(|places| places.values().find(is_asked));
    place.and_then(|place| text(place, "name")).map(|label| spellings(&label)).unwrap_or_default()
}

/// A label, and the same with the other word for Europe.
fn spellings(label: &str) -> Vec<String> {
    let other = match (label.strip_prefix("EU ("), label.strip_prefix("Europe (")) {
        (Some(rest), _) => Some(format!("Europe ({rest}")),
        (_, Some(rest)) => Some(format!("EU ({rest}")),
        _ => None,
    };
    std::iter::once(label.to_owned()).chain(other).collect()
}

/// A region's code: `us-east-1`, and no local zone (`us-east-1-atl-1`).
pub(super) fn is_code(name: &str) -> bool {
    let mut words = name.split('-');
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    name.len() <= 40
        && words.next().is_some_and(|area| area.len() == 2 && is_word(area))
        && words.next().is_some_and(is_word)
        && words.next().is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn every_region_stands_once_and_those_asked_first_come_first() {
        let codes: BTreeSet<_> = ALL.iter().map(|(code, _)| code).collect();
        let labels: BTreeSet<_> = ALL.iter().map(|(_, label)| label).collect();
        assert_eq!((codes.len(), labels.len()), (ALL.len(), ALL.len()));
        assert!(ALL.iter().all(|(code, _)| is_code(code)));
        assert!(FIRST.iter().zip(ALL).all(|(first, (code, _))| *first == code));
    }

    #[test]
    fn d35_europe_is_tried_in_both_spellings() {
        assert_eq!(labels("eu-central-1"), ["EU (Frankfurt)", "Europe (Frankfurt)"]);
        assert_eq!(labels("eu-central-2"), ["Europe (Zurich)", "EU (Zurich)"]);
        assert_eq!(labels("us-east-1"), ["US East (N. Virginia)"]);
        assert!(labels("us-east-1-atl-1").is_empty());
    }

    #[test]
    fn a_local_zone_is_no_region() {
        for (name, expected) in [
            ("us-east-1", true),
            ("ap-southeast-12", true),
            ("us-east-1-atl-1", false),
            ("us-east", false),
            ("spot", false),
            ("us-east-", false),
            ("US-EAST-1", false),
            ("us-éast-1", false),
            ("", false),
        ] {
            assert_eq!(is_code(name), expected, "{name}");
        }
    }

    #[test]
    fn old_names_of_regions_mean_todays() {
        assert_eq!((code_of("us-east"), code_of("apac-tokyo"), code_of("us-west-2")), ("us-east-1", "ap-northeast-1", "us-west-2"));
    }

    #[test]
    fn d29_the_directory_names_a_region_that_is_not_known_here() {
        let place = |code: &str, kind: &str| json!({"name": "Europe (Oslo)", "code": code, "type": kind});
        let asked = |directory: &Value| labels_from_directory(directory, "eu-north-2");
        assert_eq!(asked(&json!({"Europe (Oslo)": place("eu-north-2", "AWS Region")})), ["Europe (Oslo)", "EU (Oslo)"]);
        assert!(asked(&json!({"Europe (Oslo)": place("eu-north-2", "AWS Local Zone")})).is_empty());
        for odd in [json!(null), json!([]), json!({}), json!({"x": null}), json!({"x": {"code": 7}}), json!("x")] {
            assert!(asked(&odd).is_empty(), "{odd}");
        }
    }
}
