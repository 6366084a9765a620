//! Years of a made-up market through the gate and the writer, and what comes of them on disk: 38 lists that are asked four
//! times a day and two marketplaces of 10 000 listings that are asked every hour, of which 17 % are there at a time. Prices
//! move, offers go and come back, attempts fail, providers are silent for a day, the euro moves. Seeded: the same every time.
//!
//! `cargo bench --bench years -- --days 730 --keep FILE`; `--measure FILE` asks a kept database again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use gpurate::bench_data::{self, Numbers};
use gpurate::collect::accept::{Answer, Gate, Verdict, accept};
use gpurate::collect::normalise::Interner;
use gpurate::config::{Config, ProviderSection};
use gpurate::export::{Export, FormatKind, Table};
use gpurate::market::{Counts, Market, Outcome, PartState, ProviderState};
use gpurate::store::{Commit, Store, Writer};
use gpurate::{changes, export, history};
use gpurate_domain::money::FxRates;
use gpurate_domain::{Currency, GpuCount, MarketKind, Nanos, Offer};

/// Marketplaces, and listings of each.
const MARKETPLACES: usize = 2;
const LISTINGS: usize = 10_000;
/// Providers with a list, and rows of each.
const LISTS: usize = 38;
const ROWS: usize = 100;
/// Of a thousand listings so many are there at a time.
const PRESENT_PER_MILLE: u64 = 170;
/// Of a thousand machines that are there so many go in an hour.
const LEAVE_PER_MILLE: u64 = 60;
/// What the design promises of a change on disk, and of an export's memory.
const BYTES_PER_CHANGE: f64 = 60.0;
const EXPORT_MEGABYTES: f64 = 200.0;
/// A GPU's daily cheapest over two years, from disk.
const DAILY_MS: f64 = 50.0;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1));
    if let (Some(path), Some(format)) = (value("--export"), value("--format")) {
        return exported(Path::new(path), value("--table").map_or("prices", String::as_str), format);
    }
    if let Some(path) = value("--measure") {
        return measure(Path::new(path), None);
    }
    let days: i64 = value("--days").map_or(3, |days| days.parse().expect("days"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = value("--keep").map_or_else(|| folder.path().join("years.db"), PathBuf::from);
    let written = generate(&path, days);
    measure(&path, Some(written));
}

/// One provider: what it could offer, and what of it is there.
struct Source {
    part: usize,
    offers: Vec<Offer>,
    present: Vec<bool>,
    is_marketplace: bool,
    silent_until: DateTime<Utc>,
}

/// What was written.
struct Written {
    days: i64,
    attempts: u64,
    failed: u64,
    changes: u64,
    forgotten: u64,
    commits: Vec<Duration>,
}

fn slug(provider: usize) -> Arc<str> {
    format!("bench{:02}", provider + 1).into()
}

fn sources(numbers: &mut Numbers) -> Vec<Source> {
    let everything = bench_data::offers(7, 200_000);
    let of = |provider: usize| {
        let of_it = move |(part, _): &&(usize, Offer)| part / bench_data::PARTS_EACH == provider;
        everything.iter().filter(of_it).map(|(_, offer)| offer)
    };
    let mut sources = Vec::new();
    for provider in 0..MARKETPLACES + LISTS {
        let is_marketplace = provider < MARKETPLACES;
        // The made-up offers have more marketplaces than these: their places are taken by lists once more.
        let model = if is_marketplace || provider >= bench_data::MARKETPLACES { provider } else { provider + 20 };
        let count = if is_marketplace { LISTINGS } else { ROWS };
        let offers = of(model).take(count).cloned().map(|mut offer| {
            offer.key.provider = slug(provider);
            if provider % 8 == 7 {
                offer.price.per_hour.currency = Currency::EUR;
                offer.price.quote.currency = Currency::EUR;
            }
            if offer.key.gpu_count.is_none() {
                offer.key.gpu_count = Some(GpuCount::ONE);
            }
            offer
        });
        let offers: Vec<Offer> = offers.collect();
        assert_eq!(offers.len(), count, "enough made-up offers of provider {provider}");
        let mut present = vec![true; offers.len()];
        if is_marketplace {
            machines(&offers, |rows| present[rows].fill(numbers.below(1000) < PRESENT_PER_MILLE));
        }
        sources.push(Source { part: provider, offers, present, is_marketplace, silent_until: DateTime::UNIX_EPOCH });
    }
    sources
}

/// Runs of rows that are one machine: they come and go together.
fn machines(offers: &[Offer], mut each: impl FnMut(std::ops::Range<usize>)) {
    let mut start = 0;
    for at in 1..=offers.len() {
        if at == offers.len() || offers[at].key.sku != offers[start].key.sku {
            each(start..at);
            start = at;
        }
    }
}

impl Source {
    /// What happens to it between two attempts.
    fn moves(&mut self, numbers: &mut Numbers) {
        if self.is_marketplace {
            let come = LEAVE_PER_MILLE * PRESENT_PER_MILLE * 1000 / (1000 - PRESENT_PER_MILLE);
            let (present, offers) = (&mut self.present, &mut self.offers);
            let mut moved = Vec::new();
            machines(offers, |rows| {
                let is_there = present[rows.start];
                let turns = if is_there { numbers.below(1000) < LEAVE_PER_MILLE } else { numbers.below(1_000_000) < come };
                present[rows.clone()].fill(is_there != turns);
                // Hosts reprice now and then.
                if is_there && numbers.below(1000) < 10 {
                    moved.push((rows, 97 + numbers.below(7)));
                }
            });
            for (rows, percent) in moved {
                rows.for_each(|row| scale(&mut self.offers[row], percent));
            }
            return;
        }
        for row in 0..self.offers.len() {
            let per_million = if self.offers[row].key.market == MarketKind::Spot { 30_000 } else { 500 };
            if numbers.below(1_000_000) < per_million {
                scale(&mut self.offers[row], 92 + numbers.below(17));
            }
            let turn = if self.present[row] { 100 } else { 25_000 };
            if numbers.below(1_000_000) < turn {
                self.present[row] = !self.present[row];
            }
        }
    }

    fn answer(&self) -> Vec<Offer> {
        self.offers.iter().zip(&self.present).filter(|(_, present)| **present).map(|(offer, _)| offer.clone()).collect()
    }
}

/// A price times so many percent, to the tenth of a cent, and not off the scale in the long run.
fn scale(offer: &mut Offer, percent: u64) {
    let nanos = offer.price.per_hour.nanos * i64::try_from(percent).expect("small") / 100 / 1_000_000 * 1_000_000;
    let nanos = nanos.clamp(20_000_000, 60_000_000_000);
    offer.price.per_hour.nanos = nanos;
    offer.price.quote.amount = Nanos(nanos);
}

fn blank() -> Market {
    let provider = |provider: usize| {
        let (fresh_seconds, stale_seconds) = if provider < MARKETPLACES { (5_400, 10_800) } else { (86_400, 259_200) };
        Arc::new(ProviderState {
            slug: slug(provider),
            name: format!("Bench {}", provider + 1),
            enabled: true,
            fresh_seconds,
            stale_seconds,
            launch_url: String::new(),
        })
    };
    let count = MARKETPLACES + LISTS + 1;
    let providers = (0..count).map(provider).collect();
    let parts = (0..count).map(|provider| Arc::new(PartState::new(provider, slug(provider), "all".into()))).collect();
    Market { providers, parts, ..Market::default() }
}

fn commit(part: usize, moment: DateTime<Utc>) -> Commit {
    Commit {
        part,
        started_at: moment,
        finished_at: moment,
        outcome: Outcome::Failed,
        error: None,
        counts: Counts::default(),
        adapter_version: 1,
        not_before: None,
        refused: None,
        rejected: None,
        plan: None,
        pages: Vec::new(),
        source_dated_at: None,
        discovered_parts: Vec::new(),
        rates: None,
    }
}

fn generate(path: &Path, days: i64) -> Written {
    let (_, mut writer) = Store::open(path).expect("a store");
    let first = bench_data::now() - TimeDelta::days(days);
    let mut market = Arc::new(writer.load(blank(), &mut Interner::default(), first).expect("loads"));
    let mut numbers = Numbers::new(11);
    let mut sources = sources(&mut numbers);
    let mut written = Written { days, attempts: 0, failed: 0, changes: 0, forgotten: 0, commits: Vec::new() };
    let gate_of = |slug: &str| {
        let known = gpurate::catalogue::by_slug(slug).expect("in the catalogue");
        Gate::new(&Config::default().gate, &known.manifest, &ProviderSection::default())
    };
    let gates = [gate_of("vastai"), gate_of("runpod")];
    let mut euro: i64 = 1_100_000_000;
    let marketplaces: Vec<Arc<str>> = (0..MARKETPLACES).map(slug).collect();
    let marketplaces: Vec<&str> = marketplaces.iter().map(|slug| &**slug).collect();
    let started = Instant::now();
    for hour in 0..days * 24 {
        let now = first + TimeDelta::hours(hour);
        if now.hour() == 15 && !matches!(now.weekday(), Weekday::Sat | Weekday::Sun) {
            euro += i64::try_from(numbers.below(10_000_001)).expect("small") - 5_000_000;
            let per_eur = [(Currency::USD, Nanos(euro))].into();
            let rates = FxRates { date: now.date_naive(), per_eur };
            let commit =
                Commit { outcome: Outcome::Accepted, rejected: Some(Vec::new()), rates: Some(rates), ..commit(MARKETPLACES + LISTS, now) };
            market = writer.commit(&market, commit).expect("commits").market;
        }
        if now.hour() == 4 {
            for slug in &marketplaces {
                let mut after = Some(0);
                while let Some(row) = after {
                    let batch = writer.forget_prices(slug, now - TimeDelta::days(30), row).expect("forgets");
                    written.forgotten += batch.deleted;
                    after = batch.next;
                }
            }
        }
        for (number, source) in sources.iter_mut().enumerate() {
            if !source.is_marketplace && (hour + number as i64) % 6 != 0 {
                continue;
            }
            source.moves(&mut numbers);
            if numbers.below(10_000) < 5 {
                source.silent_until = now + TimeDelta::hours(30);
            }
            let moment = now + TimeDelta::milliseconds(1 + 40_000 * number as i64);
            let fails = numbers.percent(1) || now < source.silent_until;
            attempt(&mut writer, &mut market, source, fails, &gates[usize::from(!source.is_marketplace)], moment, &mut written);
        }
        writer.summarise_all(&market, now + TimeDelta::minutes(50)).expect("summaries");
        if hour % (24 * 30) == 24 * 30 - 1 {
            let size = std::fs::metadata(path).expect("the file").len();
            eprintln!(
                "day {:>4}: {:>5} s, {} MB, {} changes",
                hour / 24 + 1,
                started.elapsed().as_secs(),
                size / 1_000_000,
                written.changes
            );
        }
    }
    let checkpoint: Result<i64, _> = writer.connection().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    checkpoint.expect("a checkpoint");
    println!("generated                 {days} days in {:.0} s", started.elapsed().as_secs_f64());
    written
}

fn attempt(
    writer: &mut Writer,
    market: &mut Arc<Market>,
    source: &Source,
    fails: bool,
    gate: &Gate,
    moment: DateTime<Utc>,
    written: &mut Written,
) {
    written.attempts += 1;
    let failed = |reason: String| Commit { error: Some(reason), ..commit(source.part, moment) };
    let answer = source.answer();
    let begun = Instant::now();
    let commit = if fails {
        written.failed += 1;
        failed("made up: no answer".to_owned())
    } else {
        match accept(market, source.part, Answer { offers: answer, ..Answer::default() }, gate, moment, false) {
            Verdict::Accepted(plan) => {
                Commit { outcome: Outcome::Accepted, rejected: Some(Vec::new()), plan: Some(plan), ..commit(source.part, moment) }
            }
            Verdict::Refused { reason, refused } => {
                written.failed += 1;
                Commit { outcome: Outcome::Refused, refused: Some(refused), ..failed(reason) }
            }
        }
    };
    let committed = writer.commit(market, commit).expect("commits");
    if source.is_marketplace {
        written.commits.push(begun.elapsed());
    }
    written.changes += committed.counts.changed;
    *market = committed.market;
}

fn measure(path: &Path, written: Option<Written>) {
    let bytes = std::fs::metadata(path).expect("the file").len();
    let store = Store::open_read_only(path).expect("a store");
    let reader = store.reader().expect("a reader");
    let started = Instant::now();
    let market = reader.market(blank()).expect("a market");
    println!(
        "market read               {:.2} s, {} offers, {:.0} MB resident",
        started.elapsed().as_secs_f64(),
        market.index.entries.len(),
        resident("VmRSS:")
    );
    let check = reader.check().expect("a check");
    println!("integrity                 {}", check.integrity);
    println!(
        "database                  {:.1} MB: {} price rows, {} gpu_price rows, {} attempts",
        megabytes(bytes),
        check.prices,
        check.gpu_prices,
        check.collections
    );
    for (table, size) in sizes(path) {
        println!("  {table:<24}{:>9.1} MB", megabytes(size));
    }
    if let Some(Written { days, attempts, failed, changes, forgotten, mut commits }) = written {
        println!(
            "written                   {attempts} attempts ({failed} failed or refused), {changes} changes, {forgotten} rows of listings forgotten"
        );
        println!("growth                    {:.1} MB a year at this rate", megabytes(bytes) * 365.0 / float(days));
        commits.sort_unstable();
        let at = |percent: usize| commits[(commits.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
        println!("a marketplace's commit    p50 {:.1} ms, p99 {:.1} ms", at(50), at(99));
    }
    let of = |prefix: &str| sizes(path).into_iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, size)| size).sum::<u64>();
    report("on disk, per price row", float(of("price").try_into().expect("small")) / float(check.prices.max(1)), BYTES_PER_CHANGE, "bytes");
    report(
        "on disk, per summary row",
        float(of("gpu_price").try_into().expect("small")) / float(check.gpu_prices.max(1)),
        BYTES_PER_CHANGE,
        "bytes",
    );
    let gpu = busiest(path);
    println!("the GPU that moved most   {gpu}");
    queries(&reader, &market, &gpu);
    drop(reader);
    for table in ["prices", "series"] {
        for format in ["csv", "ndjson", "parquet"] {
            let this = std::env::current_exe().expect("this program");
            let status = std::process::Command::new(this).arg("--export").arg(path).args(["--format", format, "--table", table]).status();
            assert!(status.expect("it starts").success());
        }
    }
}

/// Bytes of each table and index, the largest first; a table's index begins with its name.
fn sizes(path: &Path) -> Vec<(String, u64)> {
    let connection = rusqlite::Connection::open(path).expect("opens");
    let Ok(mut statement) = connection.prepare("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 12") else {
        return Vec::new();
    };
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

/// The GPU whose price moved most often, over all providers.
fn busiest(path: &Path) -> String {
    let connection = rusqlite::Connection::open(path).expect("opens");
    let sql =
        "SELECT gpu FROM gpu_price JOIN gpu_scope ON gpu_scope.id = scope_id WHERE provider = '' AND market = 'on_demand' AND several = 0
      AND gpu GLOB '[a-z]*' GROUP BY scope_id ORDER BY count(*) DESC LIMIT 1";
    connection.query_row(sql, [], |row| row.get(0)).expect("a GPU")
}

fn queries(reader: &gpurate::store::Reader, market: &Market, gpu: &str) {
    let now = bench_data::now();
    let pairs =
        |pairs: &[(&str, &str)]| -> Vec<(String, String)> { pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect() };
    let daily =
        history::Question::parse(pairs(&[("gpu", gpu), ("market", "on_demand"), ("since", "730d"), ("step", "day")]).into_iter(), now);
    let daily = daily.expect("a question");
    let mut times = Vec::new();
    for _ in 0..11 {
        let started = Instant::now();
        let answer = history::history(reader, market, &daily, now).expect("an answer");
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        assert!(!answer.items.is_empty());
    }
    times.sort_unstable_by(f64::total_cmp);
    println!("daily, 2 years, first     {:>10.1} ms", times[10]);
    report("daily, 2 years, median", times[5], DAILY_MS, "ms");
    for (what, asked) in [
        ("changes, a page", pairs(&[])),
        ("changes of a GPU", pairs(&[("gpu", gpu)])),
        ("changes, kind = currency", pairs(&[("kind", "currency")])),
    ] {
        let question = changes::Question::parse(asked.into_iter(), now).expect("a question");
        let started = Instant::now();
        let answer = changes::changes(reader, false, &question, now).expect("an answer");
        println!("{what:<25} {:>10.1} ms, {} items", started.elapsed().as_secs_f64() * 1000.0, answer.items.len());
    }
}

/// An export in a process of its own: rows a second and the most memory it took.
fn exported(path: &Path, table: &str, format: &str) {
    let table = match table {
        "series" => Table::Series,
        _ => Table::Prices,
    };
    let store = Store::open_read_only(path).expect("a store");
    let market = Arc::new(Market::default());
    let asked = [("format".to_owned(), format.to_owned())];
    let question = export::Question::parse(table, asked.into_iter(), bench_data::now() + TimeDelta::days(1));
    let Ok(question) = question else { return println!("export {format}: not in this build") };
    assert!(question.format.as_str() == format || matches!(question.format, FormatKind::Csv));
    let mut export = Export::new(question, store, market, bench_data::now());
    let (started, mut bytes) = (Instant::now(), 0_u64);
    while let Some(page) = export.next_bytes().expect("bytes") {
        bytes += page.len() as u64;
    }
    let seconds = started.elapsed().as_secs_f64();
    let rows = float(i64::try_from(export.written).expect("small"));
    println!("export {table:?} {format}: {rows} rows in {seconds:.2} s, {:.0} rows a second, {:.1} MB", rows / seconds, megabytes(bytes));
    report("  memory of it", resident("VmHWM:"), EXPORT_MEGABYTES, "MB");
}

/// A line of this process's status, in megabytes.
fn resident(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|found| found.strip_prefix(line)).and_then(|rest| rest.trim().split(' ').next());
    kilobytes.and_then(|text| text.parse::<u32>().ok()).map_or(0.0, |kilobytes| f64::from(kilobytes) / 1000.0)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn float(number: i64) -> f64 {
    number as f64
}

fn megabytes(bytes: u64) -> f64 {
    float(i64::try_from(bytes).unwrap_or(i64::MAX)) / 1e6
}

fn report(what: &str, measured: f64, bound: f64, unit: &str) {
    println!("{what:<25} {measured:>10.3} {unit:<5}  bound {bound} {unit}, ratio {:.2}", measured / bound);
}
