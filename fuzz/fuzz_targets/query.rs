//! Everything a stranger can ask `/api/v1/cheapest`, `/offers`, `/history`, `/changes` and `/export/...`: from the query string to
//! the question, and the answers from a small market. The first byte chooses the address, the rest is the query string.
#![no_main]

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use gpurate::export::{self, Table};
use gpurate::market::Market;
use gpurate::prices::{self, FilterError, Filters};
use gpurate::{bench_data, changes, history, http};

/// An error may list what is allowed; it is never as long as what was sent.
const MESSAGE_CHARACTERS_MAX: usize = 2000;

static MARKET: LazyLock<Market> = LazyLock::new(|| bench_data::market(7, 60));

libfuzzer_sys::fuzz_target!(|question: &str| {
    let mut rest = question.chars();
    let (address, query) = (rest.next().unwrap_or('c'), rest.as_str());
    let now = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
    let Ok(pairs) = http::pairs(query) else { return };
    let asked = || pairs.clone().into_iter();
    match address {
        'o' => filters(Filters::parse_for_offers(asked()), Filters::parse_for_offers(asked()), |filters| {
            assert!(prices::offers(&MARKET, filters, now).items.len() <= prices::LIMIT_MAX);
        }),
        'h' => short(history::Question::parse(asked(), now).err()),
        'g' => short(changes::Question::parse(asked(), now).err()),
        'p' => export(Table::Prices, &pairs, now),
        's' => export(Table::Series, &pairs, now),
        'e' => export(Table::Offers, &pairs, now),
        _ => filters(Filters::parse(asked()), Filters::parse(asked()), |filters| {
            let answer = prices::cheapest(&MARKET, filters, now);
            let dear = |nanos| filters.price_max_nanos.is_some_and(|most| nanos > most);
            assert!(!answer.items.iter().any(|row| row.offer.price_usd_per_gpu_hour.is_some_and(|price| dear(price.nanos))));
        }),
    }
});

fn filters(first: Result<Filters, FilterError>, second: Result<Filters, FilterError>, answer: impl Fn(&Filters)) {
    assert_eq!(first, second);
    match first {
        Ok(filters) => {
            for name in filters.narrowing() {
                assert_ne!(filters.without(name), filters, "{name}");
            }
            answer(&filters);
        }
        Err(error) => short(Some(error)),
    }
}

fn export(table: Table, pairs: &[(String, String)], now: DateTime<Utc>) {
    short(export::Question::parse(table, pairs.to_vec().into_iter(), now).err());
}

fn short(error: Option<FilterError>) {
    let Some(error) = error else { return };
    assert!(!error.message.is_empty() && error.message.chars().count() <= MESSAGE_CHARACTERS_MAX, "{}", error.message.len());
    assert!(error.parameter.chars().count() <= 40, "{}", error.parameter);
}
