//! "commit", "start" and "on disk" of the design's bounds: 200 000 made-up offers, seeded. Each line gives what was
//! measured, the bound, and their ratio; the ratio is what one compares between machines.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::{TimeDelta, Utc};
use gpurate::collect::accept::{Answer, Gate, Verdict, accept};
use gpurate::collect::normalise::Interner;
use gpurate::config::{Config, GateSection, ProviderSection};
use gpurate::market::{Counts, Market, Outcome, PartState, ProviderState};
use gpurate::store::{Commit, Store, Writer};
use gpurate_domain::Offer;

const OFFERS: usize = 200_000;
/// Rounds in which every price changes: with 200 000 offers a year of what lists and marketplaces really change.
const ROUNDS: u32 = 8;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(position) = arguments.iter().position(|argument| argument == "--load") {
        return load(Path::new(&arguments[position + 1]));
    }
    let folder = tempfile::tempdir().expect("a folder");
    // A path of one's own keeps the database, to look at its start alone with `--load`.
    let path = arguments.iter().position(|argument| argument == "--keep").map(|position| arguments[position + 1].clone().into());
    let path: std::path::PathBuf = path.unwrap_or_else(|| folder.path().join("bench.db"));
    let offers: Vec<Offer> = gpurate::bench_data::offers(7, OFFERS).into_iter().map(|(_, offer)| offer).collect();
    let (_, mut writer) = Store::open(&path).expect("a store");
    let mut now = Utc::now();
    let mut market = Arc::new(writer.load(blank(), &mut Interner::default(), now).expect("loads"));
    let (seconds, changed) = round(&mut writer, &mut market, offers.clone(), now);
    println!("commit, all new           {changed:>7} changes  {seconds:>7.3} s");
    for _ in 0..3 {
        now += TimeDelta::minutes(10);
        let (seconds, changed) = round(&mut writer, &mut market, offers.clone(), now);
        assert_eq!(changed, 0);
        report("commit, all unchanged", seconds, 0.3, "s");
    }
    let before = size(&writer, &path);
    let mut changes = 0;
    for number in 1..=ROUNDS {
        now += TimeDelta::minutes(10);
        let (seconds, changed) = round(&mut writer, &mut market, moved(&offers, number), now);
        assert_eq!(changed as usize, offers.len());
        changes += changed;
        report("commit, all changed", seconds, 3.0, "s");
    }
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    let bytes_per_change = (size(&writer, &path) - before) as f64 / changes as f64;
    report("on disk, per change", bytes_per_change, 60.0, "bytes");
    drop(writer);
    let loaded = std::process::Command::new(std::env::current_exe().expect("this program")).arg("--load").arg(&path).status();
    assert!(loaded.expect("it starts").success());
}

/// Start and memory at rest, in a process of their own.
fn load(path: &Path) {
    let started = Instant::now();
    let (_, mut writer) = Store::open(path).expect("a store");
    let mut interner = Interner::default();
    let market = writer.load(blank(), &mut interner, Utc::now()).expect("loads");
    report("start to ready", started.elapsed().as_secs_f64(), 1.0, "s");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).and_then(|rest| rest.trim().split(' ').next());
    if let Some(kilobytes) = resident.and_then(|text| text.parse::<u32>().ok()) {
        report("memory at rest", f64::from(kilobytes) / 1000.0, 150.0, "MB");
    }
    black_box((market, writer, interner));
}

fn round(writer: &mut Writer, market: &mut Arc<Market>, offers: Vec<Offer>, now: chrono::DateTime<Utc>) -> (f64, u64) {
    let now = chrono::DateTime::from_timestamp_millis(now.timestamp_millis()).expect("a time");
    let known = gpurate::catalogue::by_slug("runpod").expect("in the catalogue");
    let numbers = GateSection { offers_max: u32::MAX, ..Config::default().gate };
    let gate = Gate::new(&numbers, &known.manifest, &ProviderSection::default());
    let started = Instant::now();
    let plan = match accept(market, 0, Answer { offers, ..Answer::default() }, &gate, now, true) {
        Verdict::Accepted(plan) => plan,
        Verdict::Refused { reason, .. } => panic!("refused: {reason}"),
    };
    let commit = Commit {
        part: 0,
        started_at: now,
        finished_at: now,
        outcome: Outcome::Accepted,
        error: None,
        counts: Counts::default(),
        adapter_version: 1,
        not_before: None,
        refused: None,
        rejected: Some(Vec::new()),
        plan: Some(plan),
        pages: Vec::new(),
        source_dated_at: None,
        discovered_parts: Vec::new(),
        rates: None,
    };
    let committed = writer.commit(market, commit).expect("commits");
    *market = committed.market;
    (started.elapsed().as_secs_f64(), committed.counts.changed)
}

/// Every price a little off: small enough to be believed.
fn moved(offers: &[Offer], round: u32) -> Vec<Offer> {
    let mut offers = offers.to_vec();
    for offer in &mut offers {
        offer.price.per_hour.nanos += i64::from(round) * 1_000_000;
        offer.price.quote.amount.0 += i64::from(round) * 1_000_000;
    }
    offers
}

fn size(writer: &Writer, path: &Path) -> u64 {
    let checkpoint: Result<i64, _> = writer.connection().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    checkpoint.expect("a checkpoint");
    std::fs::metadata(path).expect("the file").len()
}

fn blank() -> Market {
    let provider = ProviderState {
        slug: "runpod".into(),
        name: "bench".into(),
        enabled: true,
        fresh_seconds: 86_400,
        stale_seconds: 259_200,
        launch_url: String::new(),
    };
    let part = PartState::new(0, "runpod".into(), "all".into());
    Market { providers: vec![Arc::new(provider)], parts: vec![Arc::new(part)], ..Market::default() }
}

fn report(what: &str, measured: f64, bound: f64, unit: &str) {
    println!("{what:<25} {measured:>10.3} {unit:<5}  bound {bound} {unit}, ratio {:.2}", measured / bound);
}
