//! What is told, and what is not: a small market whose prices are moved by hand.

use gpurate_domain::MarketKind;

use super::*;
use crate::config::Config;
use crate::simulate::tests::{listing, market_of, now, offer, on};

fn alert(lines: &str) -> Alert {
    let text = format!("[[alerts]]\nname = \"evening\"\ngpu = \"rtx-4090\"\n{lines}\n");
    let config = Config::parse(&text, "x.toml").expect("a configuration");
    Alert::new(&config.alerts[0]).expect("an alert")
}

/// A market with a 4090 at that price; empty: without one.
fn at(usd: &str) -> Market {
    let others = [offer("runpod", "h", "H100 SXM", 80, "2.5"), on(MarketKind::Spot, offer("runpod", "s", "RTX 4090", 24, "0.05"))];
    let wanted = (!usd.is_empty()).then(|| offer("runpod", "a", "RTX 4090", 24, usd));
    market_of(others.into_iter().chain(wanted).collect())
}

/// Prices at minutes; after which minutes there is a message.
#[track_caller]
fn check(lines: &str, course: &[(i64, &str)], told: &[i64]) {
    let alerts = [alert(lines)];
    let (mut memory, mut minutes) = (Memory::new(), Vec::new());
    for (minute, usd) in course {
        let notices = judge(&alerts, &at(usd), &mut memory, now() + TimeDelta::minutes(*minute), "");
        minutes.extend(notices.iter().map(|_| *minute));
        // What is kept is what is read again after a restart.
        memory = serde_json::from_str(&serde_json::to_string(&memory).expect("JSON")).expect("a memory");
    }
    assert_eq!(minutes, told, "{lines} {course:?}");
}

#[test]
fn a_threshold_is_told_once_until_the_price_was_above_it_again() {
    let under = "at_most_usd_per_gpu_hour = \"0.35\"\nquiet_minutes = 0";
    check(under, &[(0, "0.40"), (1, "0.35"), (2, "0.30"), (3, "0.36"), (4, "0.34")], &[1, 4]);
    check(under, &[(0, "0.30"), (1, "0.30")], &[0]);
    // The spot price is no answer to a question for on-demand, and a card that is not offered has not risen.
    check(under, &[(0, "0.30"), (1, ""), (2, "0.30"), (3, "0.40"), (4, ""), (5, "0.30")], &[0, 5]);
}

#[test]
fn in_a_quiet_time_nothing_is_told_and_after_it_what_still_holds() {
    let under = "at_most_usd_per_gpu_hour = \"0.35\"\nquiet_minutes = 60";
    check(under, &[(0, "0.30"), (10, "0.40"), (20, "0.30"), (59, "0.30"), (60, "0.30"), (61, "0.30")], &[0, 60]);
    check(under, &[(0, "0.30"), (10, "0.40"), (20, "0.30"), (59, "0.40"), (61, "0.40")], &[0]);
    // A clock that was set back silences nothing for long.
    check(under, &[(0, "0.30"), (1, "0.40"), (-500, "0.30")], &[0, -500]);
}

#[test]
fn a_move_is_counted_from_what_was_told_last_so_that_a_slow_one_is_told_too() {
    let moved = "change_percent = \"10\"\nquiet_minutes = 0";
    check(moved, &[(0, "1"), (1, "1.05"), (2, "1.099999999"), (3, "1.1"), (4, "1.15"), (5, "0.99"), (6, "0.99")], &[3, 5]);
    check(moved, &[(0, "1"), (1, ""), (2, "1"), (3, "1.2")], &[3]);
    check("change_percent = \"10\"\nquiet_minutes = 60", &[(0, "1"), (1, "1.2"), (2, "2"), (61, "2")], &[1, 61]);
    check("change_percent = \"0.000000001\"\nquiet_minutes = 0", &[(0, "1"), (1, "1"), (2, "1.000000001")], &[2]);
}

#[test]
fn a_message_says_which_offer_at_which_price_how_old_and_where_it_comes_from() {
    let alerts = [alert("at_most_usd_per_gpu_hour = \"0.35\"")];
    let mut market = at("0.30");
    market.sample = true;
    let notices = judge(&alerts, &market, &mut Memory::new(), now(), "https://prices.example.com/");
    let [(_, notice)] = notices.as_slice() else { panic!("{notices:?}") };
    assert_eq!(
        notice.text,
        "SAMPLE DATA: evening: rtx-4090 on demand costs 0.30 USD per GPU-hour at runpod eu-1 (at or below 0.35; seen 5 min ago)"
    );
    let body = serde_json::to_value(notice).expect("JSON");
    assert_eq!((body["usd_per_gpu_hour"].as_str(), body["at_most_usd_per_gpu_hour"].as_str()), (Some("0.3"), Some("0.35")));
    assert_eq!(body["evidence"].as_str(), Some(format!("https://prices.example.com/api/v1/offers/{}", notice.offer).as_str()));
    assert_eq!((body["before_usd_per_gpu_hour"].is_null(), body["sample"].as_bool()), (true, Some(true)));
}

#[test]
fn stale_prices_unverified_hosts_and_other_filters_are_obeyed() {
    let told = |alert: Alert, market: &Market, at: DateTime<Utc>| judge(&[alert], market, &mut Memory::new(), at, "").len();
    let under = "at_most_usd_per_gpu_hour = \"0.35\"";
    assert_eq!(told(alert(under), &at("0.30"), now()), 1);
    assert_eq!(told(alert(under), &at("0.30"), now() + TimeDelta::days(4)), 0, "a stale price is no news");
    assert_eq!(told(alert(&format!("{under}\nfilters = {{ country = \"DE\" }}")), &at("0.30"), now()), 0);
    assert_eq!(told(alert(&format!("{under}\nmarket = \"spot\"")), &at("0.30"), now()), 1);
    let mut unverified = listing("1", "RTX 4090", 24, "0.10", 500);
    unverified.attributes = std::sync::Arc::new(gpurate_domain::Attributes { verified: Some(false), ..Default::default() });
    assert_eq!(told(alert(under), &market_of(vec![unverified]), now()), 0, "not rentable by the defaults of `cheapest`");
    let family = Config::parse("[[alerts]]\nname = \"a\"\ngpu = \"rtx-4090,h100\"\nat_most_usd_per_gpu_hour = \"3\"\n", "x.toml");
    let family = Alert::new(&family.expect("a configuration").alerts[0]).expect("an alert");
    assert_eq!(told(family, &at("0.30"), now()), 2, "each card is watched for itself");
}

#[test]
fn two_alerts_about_the_same_are_both_told() {
    let text = "[[alerts]]\nname = \"one\"\ngpu = \"rtx-4090\"\nat_most_usd_per_gpu_hour = \"0.35\"\n";
    let config = Config::parse(&format!("{text}{}", text.replace("one", "two")), "x.toml").expect("a configuration");
    let alerts: Vec<Alert> = config.alerts.iter().map(|section| Alert::new(section).expect("an alert")).collect();
    let notices = judge(&alerts, &at("0.30"), &mut Memory::new(), now(), "");
    assert_eq!(notices.iter().map(|(_, notice)| notice.alert.as_str()).collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn a_provider_that_falls_silent_has_not_gone_up() {
    let both = || market_of(vec![offer("runpod", "a", "RTX 4090", 24, "0.30"), offer("vultr", "b", "RTX 4090", 24, "0.90")]);
    let silent = || {
        let mut market = both();
        let mut part = (*market.parts[0]).clone();
        part.last_accepted_at = Some(now() - TimeDelta::days(4));
        market.parts[0] = std::sync::Arc::new(part);
        market
    };
    // It answers, and its own date has stood still.
    let frozen = || {
        let mut market = both();
        let mut part = (*market.parts[0]).clone();
        part.source_dated_at = Some(now() - TimeDelta::days(4));
        market.parts[0] = std::sync::Arc::new(part);
        market
    };
    let (alerts, mut memory) = ([alert("change_percent = \"10\"\nquiet_minutes = 0")], Memory::new());
    let notices: usize = [both(), frozen(), both()].iter().map(|market| judge(&alerts, market, &mut memory, now(), "").len()).sum();
    assert_eq!(notices, 0, "a source that stands still (defect D36)");
    for (lines, told) in [("at_most_usd_per_gpu_hour = \"0.35\"\nquiet_minutes = 0", 1), ("change_percent = \"10\"\nquiet_minutes = 0", 0)]
    {
        let (alerts, mut memory) = ([alert(lines)], Memory::new());
        let course = [both(), silent(), silent(), both()];
        let notices: usize = course.iter().map(|market| judge(&alerts, market, &mut memory, now(), "").len()).sum();
        assert_eq!(notices, told, "{lines}");
        let risen = market_of(vec![offer("runpod", "a", "RTX 4090", 24, "0.80"), offer("vultr", "b", "RTX 4090", 24, "0.90")]);
        let after: usize = [risen, both()].iter().map(|market| judge(&alerts, market, &mut memory, now(), "").len()).sum();
        assert_eq!(after, if told == 1 { 1 } else { 2 }, "a true rise counts: {lines}");
    }
}
