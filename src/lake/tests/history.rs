//! A made-up history through the gate and the writer, and what the lake and the history view say of the same days.
//!
//! `GPURATE_HISTORY_FILE=FILE cargo test --lib --features lake lake::tests::history` leaves the database there, with days up
//! to now: `.ci/lake` reads the lake of it with other programs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike as _, Utc};
use gpurate_domain::money::FxRates;
use gpurate_domain::offer::OfferPrice;
use gpurate_domain::{Availability, Currency, GpuCount, MarketKind, Nanos, Offer, OfferKey, PerHour, PriceKind, Quote, Vram};

use super::{Ask, files, rows, write_with};
use crate::bench_data::{self, Numbers};
use crate::collect::accept::{Answer, Gate, Verdict, accept};
use crate::collect::normalise::Interner;
use crate::config::{Config, ProviderSection};
use crate::history;
use crate::market::{Counts, Market, Outcome};
use crate::store::{Commit, Store, Writer};

/// Provider, part, hours between two answers, offers, and the currency.
const SOURCES: [(&str, usize, usize, Currency); 3] =
    [("vastai", 3, 120, Currency::USD), ("runpod", 12, 40, Currency::USD), ("scaleway", 12, 20, Currency::EUR)];
const GPUS: [(&str, u32); 4] = [("RTX 4090", 24), ("RTX 3090", 24), ("H100 SXM", 80), ("L40S", 48)];

/// Its part, hours between two answers, each offer with the answers it is missing from so far, and its gate.
type Source = (usize, usize, Vec<(Offer, u32)>, Gate);

fn offer(provider: &str, number: usize, currency: Currency, numbers: &mut Numbers) -> Offer {
    let (gpu, vram) = GPUS[number % GPUS.len()];
    let count = [1, 1, 2, 8][numbers.below(4) as usize];
    let market = if number.is_multiple_of(3) { MarketKind::Spot } else { MarketKind::OnDemand };
    let key = OfferKey {
        provider: provider.into(),
        sku: format!("m{number}").into(),
        tier: if number.is_multiple_of(2) { "secure" } else { "community" }.into(),
        region: "global".into(),
        market,
        gpu_count: GpuCount::whole(count),
    };
    let nanos = (300_000_000 + i64::try_from(numbers.below(400)).expect("small") * 1_000_000) * i64::from(count);
    let mut offer = bench_data::offers(1, 1).remove(0).1;
    offer.price = price(nanos, currency, Availability::Available);
    offer.gpu_name = gpu.into();
    offer.gpu_name_alternative = None;
    offer.vram_per_gpu = Vram::from_marketed_gb(vram);
    offer.vram_usable = None;
    offer.country = None;
    offer.gpu_count_max = None;
    offer.key = key;
    offer
}

fn price(nanos: i64, currency: Currency, availability: Availability) -> OfferPrice {
    let quote = Quote {
        amount: Nanos(nanos),
        currency,
        scope: gpurate_domain::money::Scope::Instance,
        period: gpurate_domain::money::Period::Hour,
    };
    OfferPrice { per_hour: PerHour { nanos, currency }, quote, kind: PriceKind::Fixed, availability, terms: [].into() }
}

fn commit(part: usize, at: DateTime<Utc>) -> Commit {
    Commit {
        part,
        started_at: at,
        finished_at: at,
        outcome: Outcome::Accepted,
        error: None,
        counts: Counts::default(),
        adapter_version: 1,
        not_before: None,
        refused: None,
        rejected: Some(Vec::new()),
        plan: None,
        pages: Vec::new(),
        source_dated_at: None,
        discovered_parts: Vec::new(),
        rates: None,
    }
}

/// Prices move, offers go and come back, some are out of stock, the euro moves, and once RunPod is silent for four days.
fn make(path: &Path, days: i64, now: DateTime<Utc>) -> Writer {
    let (_, mut writer) = Store::open(path).expect("a store");
    let first = now - TimeDelta::days(days);
    let blank = crate::daemon::market_for_tests();
    let mut market = Arc::new(writer.load(blank, &mut Interner::default(), first).expect("loads"));
    let mut numbers = Numbers::new(5);
    let part_of = |market: &Market, slug: &str| market.parts.iter().position(|part| *part.provider_slug == *slug).expect("a part");
    let mut sources: Vec<Source> = SOURCES
        .iter()
        .map(|(slug, hours, count, currency)| {
            let known = crate::catalogue::by_slug(slug).expect("in the catalogue");
            let gate = Gate::new(&Config::default().gate, &known.manifest, &ProviderSection::default());
            let offers = (0..*count).map(|number| (offer(slug, number, *currency, &mut numbers), 0)).collect();
            (part_of(&market, slug), *hours, offers, gate)
        })
        .collect();
    let rates_part = part_of(&market, "ecb");
    let silent = (first + TimeDelta::days(days / 2), first + TimeDelta::days(days / 2 + 4));
    for hour in 0..days * 24 {
        let at = first + TimeDelta::hours(hour);
        // Dollars of a day are by one rate in the lake, and by the rate of the moment in summaries: they agree where it comes at midnight.
        if hour == 0 || at.hour() == 0 {
            let usd = 1_050_000_000 + i64::try_from(numbers.below(100)).expect("small") * 1_000_000;
            let rates = FxRates { date: at.date_naive(), per_eur: [(Currency::USD, Nanos(usd))].into() };
            market = writer.commit(&market, Commit { rates: Some(rates), ..commit(rates_part, at) }).expect("commits").market;
        }
        for (number, (part, hours, offers, gate)) in sources.iter_mut().enumerate() {
            let at = at + TimeDelta::seconds(60 * i64::try_from(number).expect("small") + 7);
            if hour % i64::try_from(*hours).expect("small") != 0 || (number == 1 && at >= silent.0 && at < silent.1) {
                continue;
            }
            for (offer, absent) in offers.iter_mut() {
                let price = &mut offer.price;
                let nanos = price.per_hour.nanos * (95 + i64::try_from(numbers.below(11)).expect("small")) / 100;
                if numbers.percent(20) {
                    let nanos = nanos.clamp(50_000_000, 20_000_000_000);
                    (price.per_hour.nanos, price.quote.amount) = (nanos, Nanos(nanos));
                }
                price.availability = if numbers.percent(10) { Availability::Unavailable } else { Availability::Available };
                // What is missed once is withdrawn by nobody, and in no summary meanwhile: here it stays away for longer.
                *absent = match *absent {
                    0 => u32::from(numbers.percent(6)),
                    rounds if rounds >= 2 && numbers.percent(40) => 0,
                    rounds => rounds + 1,
                };
            }
            let answer: Vec<Offer> = offers.iter().filter(|(_, absent)| *absent == 0).map(|(offer, _)| offer.clone()).collect();
            let plan = match accept(&market, *part, Answer { offers: answer, ..Answer::default() }, gate, at, true) {
                Verdict::Accepted(plan) => plan,
                Verdict::Refused { reason, .. } => panic!("refused: {reason}"),
            };
            market = writer.commit(&market, Commit { plan: Some(plan), ..commit(*part, at) }).expect("commits").market;
        }
        writer.summarise_all(&market, at + TimeDelta::minutes(50)).expect("summaries");
    }
    writer
}

#[test]
fn the_cheapest_of_a_day_is_the_one_of_the_history_view() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, days, now) = match std::env::var_os("GPURATE_HISTORY_FILE") {
        Some(path) => (PathBuf::from(path), 40, Utc::now()),
        None => (folder.path().join("a.db"), 12, "2026-11-20T12:00:00Z".parse().expect("a time")),
    };
    let now = DateTime::from_timestamp(now.timestamp() / 3600 * 3600, 0).expect("a time");
    drop(make(&path, days, now));
    let store = Store::open_read_only(&path).expect("a store");
    let market = Arc::new(store.reader().expect("a reader").market(crate::daemon::market_for_tests()).expect("a market"));
    let lake = folder.path().join("lake");
    let report = write_with(&store, &lake, &market, &Ask { now, marketplace_days: 90, ..Ask::default() }).expect("written");
    assert_eq!(report.days, u64::try_from(days).expect("small"));
    let mut compared = 0;
    for (gpu, market_kind) in
        [("rtx-4090", "on_demand"), ("rtx-4090", "spot"), ("h100-sxm", "on_demand"), ("rtx-3090", "spot"), ("l40s", "on_demand")]
    {
        let since = format!("{days}d");
        let pairs = [("gpu", gpu), ("market", market_kind), ("since", since.as_str()), ("step", "day")];
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let question = history::Question::parse(pairs, now).expect("a question");
        let answer = history::history(&store.reader().expect("a reader"), &market, &question, now).expect("an answer");
        for point in &answer.items[0].points {
            let day: NaiveDate = point.from.date_naive();
            if day >= now.date_naive() {
                continue;
            }
            let least = rows(&lake, "daily_state", &day.to_string())
                .into_iter()
                .filter(|row| row["gpu_group"] == gpu && row["market"] == market_kind && row["gpu_count"] == "1")
                .filter_map(|row| row["lowest_usd_per_gpu_hour"].parse::<Nanos>().ok())
                .min();
            assert_eq!(least, point.min_usd_per_gpu_hour, "{gpu} {market_kind} {day}");
            compared += i64::from(least.is_some());
        }
    }
    assert!(compared > days * 4, "most of the days have a price: {compared}");
    let before = files(&lake);
    write_with(&store, &lake, &market, &Ask { now, marketplace_days: 90, ..Ask::default() }).expect("written");
    assert_eq!(files(&lake), before);
}
