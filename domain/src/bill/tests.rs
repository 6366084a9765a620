//! Worked examples with the arithmetic of their sources, and what holds for every bill.

use proptest::prelude::*;

use super::*;
use crate::billing::BillingRule;
use crate::money::{Currency, Nanos, PerHour};
use crate::offer::{Term, TermKind, TermUnit};

const GB: u64 = 1_000_000_000;
const GIB: u64 = 1 << 30;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

const ASSUMED: Assumed = Assumed {
    granularity_seconds: 3600,
    minimum_seconds: 3600,
    storage_nanos_per_gb_month: 300_000_000,
    egress_nanos_per_gb: 150_000_000,
    ingress_nanos_per_gb: 50_000_000,
};

fn nanos(text: &str) -> i64 {
    text.parse::<Nanos>().expect("an amount").0
}

fn rule(text: &str) -> BillingRule {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))
}

fn tariff_of(per_hour: &str, terms: &[Term], rule: &BillingRule, dear: Unknowns) -> (Tariff, Unknowns) {
    let priced = Priced {
        per_hour: PerHour { nanos: nanos(per_hour), currency: Currency::USD },
        terms,
        vcpu_millis: None,
        ram_mib: None,
        egress_free_gb_per_month: None,
    };
    Tariff::compile(&priced, rule, None, &ASSUMED, dear).expect("dollars need no rate")
}

/// A rule of which time is known; the rest as `text` says.
fn timed(granularity: u32, minimum: u32, text: &str) -> BillingRule {
    rule(&format!("{text}\n[time]\ngranularity_seconds = {granularity}\nminimum_charge_seconds = {minimum}\nmeter_starts = \"running\"\n"))
}

fn one_run(work_seconds: u64) -> [Runs; 1] {
    [Runs { count: 1, work_seconds, ..Runs::default() }]
}

/// The bill at the cheap end; its lines add up to the total that the ranking uses.
#[track_caller]
fn check(per_hour: &str, rule: &BillingRule, usage: &Usage<'_>, expected: &str) -> Vec<Line> {
    let (tariff, _) = tariff_of(per_hour, &[], rule, Unknowns::NONE);
    let mut lines = Lines::default();
    bill(&tariff, usage, &mut lines);
    assert_eq!(Nanos(lines.total()).to_string(), expected, "{lines:#?}");
    assert_eq!(total(&tariff, usage), lines.total());
    lines.0
}

#[test]
fn ninety_seconds_at_34_cents_an_hour_under_three_rules() {
    let usage = |runs| Usage { runs, ..Usage::default() };
    let runs = one_run(90);
    check("0.34", &timed(1, 0, ""), &usage(&runs), "0.0085");
    check("0.34", &timed(3600, 3600, ""), &usage(&runs), "0.34");
    // 0.34 x 2/60, rounded once to a nano-dollar.
    check("0.34", &timed(60, 0, ""), &usage(&runs), "0.011333333");
    let lines = check("0.36", &timed(1, 60, ""), &usage(&one_run(12)), "0.006");
    let billed: u64 = lines.iter().map(|line| if let Quantity::Time { seconds } = line.quantity { seconds } else { 0 }).sum();
    assert_eq!(billed, 60, "12 s used bill 60 s");
}

#[test]
fn tensordock_running_and_outbid() {
    let rule = timed(
        1,
        0,
        r#"
        states = { stopped = "free" }
        [[storage]]
        name = "disk"
        role = "system"
        unit = "gb_hour"
        price = "0.00005 USD"
        on_stop = "kept"
        "#,
    );
    let usage = Usage { disk_bytes: 200 * GB, ..Usage::default() };
    check("0.35", &rule, &Usage { runs: &one_run(HOUR), ..usage }, "0.36");
    check("0.35", &rule, &Usage { stopped_seconds: HOUR, ..usage }, "0.01");
}

#[test]
fn lambda_filesystem_has_a_month_of_720_hours() {
    let rule = timed(
        60,
        0,
        r#"
        states = { stopped = "none" }
        [[storage]]
        name = "filesystem"
        role = "network_volume"
        unit = "gib_month"
        month = 720
        price = "0.20 USD"
        granularity_seconds = 3600
        "#,
    );
    let usage = |hours: u64| Usage { network_bytes: 1000 * GIB, network_seconds: hours * HOUR, ..Usage::default() };
    check("1", &rule, &usage(720), "200");
    check("1", &rule, &usage(24), "6.666666667");
}

#[test]
fn runpod_volume_disk_costs_double_while_stopped() {
    // The documentation does not say the month's hours; in a 30-day month they are its own 720.
    let rule = timed(
        1,
        0,
        r#"
        states = { stopped = "free" }
        [[storage]]
        name = "volume disk"
        role = "machine_volume"
        unit = "gb_month"
        month = "calendar"
        price_running = "0.10 USD"
        price_stopped = "0.20 USD"
        on_stop = "kept"
        "#,
    );
    let (tariff, _) = tariff_of("0.34", &[], &rule, Unknowns::NONE);
    let usage = Usage {
        runs: &one_run(10 * DAY),
        stopped_seconds: 20 * DAY,
        is_one_machine: true,
        disk_bytes: 100 * GB,
        month_hours: 720,
        ..Usage::default()
    };
    let mut lines = Lines::default();
    bill(&tariff, &usage, &mut lines);
    let disk: Vec<_> = lines.0.iter().filter(|line| matches!(line.kind, LineKind::DiskRunning | LineKind::DiskStopped)).collect();
    assert_eq!(disk.iter().map(|line| Nanos(line.amount_nanos).to_string()).collect::<Vec<_>>(), ["3.333333333", "13.333333333"]);
    // Together 16.67, as the documentation's example rounds it.
    assert_eq!(Nanos(disk.iter().map(|line| line.amount_nanos).sum()).to_string(), "16.666666666");
}

#[test]
fn fpt_half_an_hour_of_an_h100_with_a_terabyte() {
    // The provider's page prints 0.0015 for the storage; 1000 x 0.00013 x 0.5 is 0.065.
    let rule = timed(
        1,
        1,
        r#"
        [[storage]]
        name = "disk"
        role = "system"
        unit = "gb_hour"
        price = "0.00013 USD"
        "#,
    );
    check("2.31", &rule, &Usage { runs: &one_run(HOUR / 2), disk_bytes: 1000 * GB, ..Usage::default() }, "1.22");
}

const AWS: &str = r#"
    [egress]
    free_per_month = 100
    free_counted = "account_month"
    price = [
        { up_to = 10240, price = "0.09 USD" }, { up_to = 51200, price = "0.085 USD" },
        { up_to = 153600, price = "0.07 USD" }, { price = "0.05 USD" },
    ]
"#;

#[test]
fn aws_egress_takes_the_free_hundred_first_and_then_climbs() {
    let rule = timed(1, 60, AWS);
    let usage = Usage { egress_bytes: 15_000 * GB, ..Usage::default() };
    let lines = check("1", &rule, &usage, "1317.7");
    assert_eq!(lines.len(), 2, "10,240 x 0.09 and 4,660 x 0.085: {lines:?}");
    // What the account has used already counts, and so does the month.
    check("1", &rule, &Usage { egress_used_bytes: 10_340 * GB, egress_bytes: GB, ..usage }, "0.085");
    check("1", &rule, &Usage { egress_bytes: 200 * GB, months: 2, ..usage }, "0");
}

#[test]
fn oci_gives_ten_terabytes_of_egress() {
    let rule = timed(1, 60, "[egress]\nfree_per_month = 10000\nprice = \"0.0085 USD\"\n");
    check("1", &rule, &Usage { egress_bytes: 10_000 * GB, ..Usage::default() }, "0");
    check("1", &rule, &Usage { egress_bytes: 10_001 * GB, ..Usage::default() }, "0.0085");
}

#[test]
fn gcp_from_parts() {
    // a2-highgpu-1g in us-central1: 12 processors, 85 GiB and one A100.
    let rule = timed(1, 60, "[fees]\nvcpu_per_hour = \"0.031611 USD\"\nram_gib_per_hour = \"0.004237 USD\"\n");
    let priced = Priced {
        per_hour: PerHour { nanos: nanos("2.933908"), currency: Currency::USD },
        terms: &[],
        vcpu_millis: Some(12_000),
        ram_mib: Some(85 * 1024),
        egress_free_gb_per_month: None,
    };
    let (tariff, met) = Tariff::compile(&priced, &rule, None, &ASSUMED, Unknowns::NONE).expect("dollars");
    assert_eq!(Nanos(total(&tariff, &Usage { runs: &one_run(HOUR), ..Usage::default() })).to_string(), "3.673385");
    assert!(!met.contains(Unknown::Apart));
}

#[test]
fn vast_storage_is_the_offers_own_for_a_month_of_720_hours() {
    let rule = timed(1, 0, "[states]\nstopped = \"free\"\n");
    let terms = [TermKind::StorageRunning, TermKind::StorageStopped].map(|kind| Term {
        kind,
        amount: Nanos(nanos("0.15")),
        currency: Currency::USD,
        unit: TermUnit::GbMonth { hours: 720 },
    });
    let (tariff, met) = tariff_of("0.2", &terms, &rule, Unknowns::ALL);
    let usage = Usage { runs: &one_run(HOUR), disk_bytes: 48 * GB, ..Usage::default() };
    assert_eq!(Nanos(total(&tariff, &usage)).to_string(), "0.21");
    assert!(!met.contains(Unknown::Disk) && !met.contains(Unknown::Month));
}

#[test]
fn powered_off_is_billed_in_full_where_the_rule_says_so() {
    let usage = Usage { runs: &one_run(2 * HOUR), stopped_seconds: 22 * HOUR, is_one_machine: true, ..Usage::default() };
    check("1", &timed(1, 60, "[states]\nstopped = \"full\"\n"), &usage, "24");
    check("1", &timed(1, 60, "[states]\nstopped = \"free\"\n"), &usage, "2");
}

#[test]
fn a_hibernated_machine_pays_for_disk_and_address_only() {
    let rule = timed(
        60,
        0,
        r#"
        states = { stopped = "full", hibernated = "free" }
        fees = { public_ip_per_hour = "0.00672043 USD" }
        [[storage]]
        name = "root disk"
        role = "system"
        unit = "gb_hour"
        price = "0.000096774 USD"
        "#,
    );
    let usage = Usage { hibernated_seconds: HOUR, disk_bytes: 100 * GB, is_one_machine: true, ..Usage::default() };
    check("2.50", &rule, &usage, "0.01639783");
}

#[test]
fn vultr_eight_mi300x_for_730_hours_before_and_after_the_cap() {
    let usage = Usage { runs: &one_run(730 * HOUR), is_one_machine: true, ..Usage::default() };
    check("17.52", &timed(3600, 3600, ""), &usage, "12789.6");
    let lines = check("17.52", &timed(3600, 3600, "[fees]\nmonthly_cap_hours = 672\n"), &usage, "11773.44");
    assert_eq!(lines.last().map(|line| line.kind), Some(LineKind::MonthlyCap));
    check("17.52", &timed(3600, 3600, "[fees]\nmonthly_cap_hours = 672\n"), &Usage { is_one_machine: false, ..usage }, "11773.44");
}

#[test]
fn a_monthly_price_of_the_offer_is_the_most_of_a_month() {
    // Linode, one RTX6000: 1.50 an hour, 1,000 a month, which 667 hours reach.
    let terms = [Term { kind: TermKind::MonthlyCap, amount: Nanos(nanos("1000")), currency: Currency::USD, unit: TermUnit::Month }];
    let rule = timed(3600, 3600, "[states]\nstopped = \"full\"\n");
    let (tariff, _) = tariff_of("1.50", &terms, &rule, Unknowns::NONE);
    let of = |hours: u64, months: u32| {
        let usage = Usage { runs: &one_run(hours * HOUR), is_one_machine: true, months, ..Usage::default() };
        let mut lines = Lines::default();
        bill(&tariff, &usage, &mut lines);
        assert_eq!(lines.total(), total(&tariff, &usage));
        Nanos(lines.total()).to_string()
    };
    assert_eq!(
        (of(666, 1), of(667, 1), of(730, 1), of(1460, 2)),
        ("999".to_owned(), "1000".to_owned(), "1000".to_owned(), "2000".to_owned())
    );
}

#[test]
fn a_minimum_amount_tops_up_every_start() {
    // DigitalOcean: 60 s or 0.01 USD, whichever is more.
    let rule = timed(1, 60, "").time;
    let mut rule = BillingRule { time: rule, ..BillingRule::default() };
    rule.time.minimum_charge = Some(crate::billing::Fact { value: "0.01 USD".parse().expect("money"), source: None });
    let runs = [Runs { count: 3, work_seconds: 10, ..Runs::default() }];
    check("0.06", &rule, &Usage { runs: &runs, ..Usage::default() }, "0.03");
}

#[test]
fn a_price_without_a_rate_gives_no_bill() {
    let priced = Priced {
        per_hour: PerHour { nanos: 1, currency: Currency::EUR },
        terms: &[],
        vcpu_millis: None,
        ram_mib: None,
        egress_free_gb_per_month: None,
    };
    let result = Tariff::compile(&priced, &BillingRule::default(), None, &ASSUMED, Unknowns::NONE);
    assert_eq!(result.map(|_| ()), Err(NoRate(Currency::EUR)));
}

fn any_runs() -> impl Strategy<Value = Runs> {
    (1_u64..40, 0_u64..900, 0_u64..600, 0_u64..3_000, 0_u64..20_000, 0_u64..20_000).prop_map(|(count, boot, pull, download, work, idle)| {
        Runs {
            count,
            boot_seconds: boot,
            image_pull_seconds: pull,
            download_seconds: download,
            set_up_seconds: 60,
            work_seconds: work,
            idle_seconds: idle,
            lost_seconds: 0,
        }
    })
}

#[derive(Debug, Clone)]
struct Amounts {
    stopped: u64,
    disk: u64,
    network: u64,
    egress: u64,
    ingress: u64,
    months: u32,
    is_one_machine: bool,
}

fn any_amounts() -> impl Strategy<Value = Amounts> {
    (0_u64..3_000_000, 0_u64..2_000, 0_u64..2_000, 0_u64..60_000, 0_u64..1_000, 1_u32..4, any::<bool>()).prop_map(
        |(stopped, disk, network, egress, ingress, months, is_one_machine)| Amounts {
            stopped,
            disk: disk * GB,
            network: network * GB,
            egress: egress * GB,
            ingress: ingress * GB,
            months,
            is_one_machine,
        },
    )
}

fn usage<'a>(runs: &'a [Runs], amounts: &Amounts) -> Usage<'a> {
    Usage {
        runs,
        is_one_machine: amounts.is_one_machine,
        stopped_seconds: amounts.stopped,
        hibernated_seconds: 0,
        disk_bytes: amounts.disk,
        network_bytes: amounts.network,
        network_seconds: 720 * HOUR,
        egress_bytes: amounts.egress,
        egress_used_bytes: 0,
        ingress_bytes: amounts.ingress,
        months: amounts.months,
        month_hours: 730,
    }
}

/// Rules with every part known, and without caps or allowances.
fn any_known_rule() -> impl Strategy<Value = String> {
    let granularity = prop::sample::select(vec![1_u32, 6, 60, 3600]);
    let meter = prop::sample::select(vec!["create", "boot", "running"]);
    let stopped = prop::sample::select(vec!["free", "full"]);
    (granularity, 0_u32..7200, meter, stopped, 0_u32..300, 0_u32..200).prop_map(|(granularity, minimum, meter, stopped, disk, egress)| {
        format!(
            r#"
            states = {{ stopped = "{stopped}" }}
            egress = {{ price = [{{ up_to = 1000, price = "0.{egress:03} USD" }}, {{ price = "0.001 USD" }}] }}
            ingress = {{ price = "0.01 USD" }}
            [time]
            granularity_seconds = {granularity}
            minimum_charge_seconds = {minimum}
            meter_starts = "{meter}"
            image_pull_is_billed = true
            [[storage]]
            name = "disk"
            role = "system"
            unit = "gb_month"
            month = 720
            price_running = "0.{disk:03} USD"
            price_stopped = "0.{disk:03} USD"
            [[storage]]
            name = "volume"
            role = "network_volume"
            unit = "gib_month"
            month = "calendar"
            price = [{{ up_to = 1000, price = "0.07 USD" }}, {{ price = "0.05 USD" }}]
            "#
        )
    })
}

fn price_text(nanos: i64) -> String {
    Nanos(nanos).to_string()
}

proptest! {
    #[test]
    fn lines_add_up_to_the_total(text in any_known_rule(), runs in prop::collection::vec(any_runs(), 0..4), amounts in any_amounts(), price in 1_i64..20_000_000_000) {
        let (tariff, met) = tariff_of(&price_text(price), &[], &rule(&text), Unknowns::ALL);
        prop_assert!(met.is_empty(), "{met:?}");
        let usage = usage(&runs, &amounts);
        let mut lines = Lines::default();
        bill(&tariff, &usage, &mut lines);
        prop_assert_eq!(lines.total(), total(&tariff, &usage));
    }

    #[test]
    fn never_below_what_was_used_times_the_rate(text in any_known_rule(), runs in prop::collection::vec(any_runs(), 0..4), amounts in any_amounts(), price in 1_i64..20_000_000_000) {
        let (tariff, _) = tariff_of(&price_text(price), &[], &rule(&text), Unknowns::NONE);
        let used: u64 = runs.iter().map(|runs| (runs.work_seconds + runs.idle_seconds) * runs.count).sum();
        prop_assert!(total(&tariff, &usage(&runs, &amounts)) >= cost(price, used));
    }

    #[test]
    fn finer_granularity_is_never_dearer(runs in prop::collection::vec(any_runs(), 1..4), minimum in 0_u32..7200, (fine, times) in (1_u32..600, 1_u32..60), price in 1_i64..20_000_000_000) {
        let of = |granularity: u32| {
            let (tariff, _) = tariff_of(&price_text(price), &[], &timed(granularity, minimum, ""), Unknowns::NONE);
            total(&tariff, &Usage { runs: &runs, ..Usage::default() })
        };
        prop_assert!(of(fine) <= of(fine * times));
    }

    #[test]
    fn more_of_anything_never_costs_less(
        text in any_known_rule(), runs in prop::collection::vec(any_runs(), 1..4), amounts in any_amounts(), price in 1_i64..20_000_000_000,
        more in (0_u64..10_000, 0_u64..10_000, 0_u64..100_000, 0_u64..500, 0_u64..500, 0_i64..1_000_000_000),
    ) {
        let (work, idle, stopped, disk, egress, dearer) = more;
        let (tariff, _) = tariff_of(&price_text(price), &[], &rule(&text), Unknowns::NONE);
        let base = total(&tariff, &usage(&runs, &amounts));
        let mut longer = runs.clone();
        longer[0].work_seconds += work;
        longer[0].idle_seconds += idle;
        let bigger = Amounts {
            stopped: amounts.stopped + stopped,
            disk: amounts.disk + disk * GB,
            egress: amounts.egress + egress * GB,
            ingress: amounts.ingress + egress * GB,
            ..amounts.clone()
        };
        let (dearer, _) = tariff_of(&price_text(price + dearer), &[], &rule(&text), Unknowns::NONE);
        // Splitting one product into cumulative parts may round the same cost by a nano-dollar per line at the most: none here, for the total is rounded once.
        prop_assert!(total(&tariff, &usage(&longer, &amounts)) >= base);
        prop_assert!(total(&tariff, &usage(&runs, &bigger)) >= base);
        prop_assert!(total(&dearer, &usage(&runs, &amounts)) >= base);
    }

    #[test]
    fn splitting_a_burst_is_never_cheaper(work in 2_u64..50_000, cut in 1_u64..1000, granularity in 1_u32..4000, minimum in 0_u32..7200, price in 1_i64..20_000_000_000) {
        let first = (work * cut / 1000).clamp(1, work - 1);
        let (tariff, _) = tariff_of(&price_text(price), &[], &timed(granularity, minimum, ""), Unknowns::NONE);
        let parts = [Runs { count: 1, work_seconds: first, ..Runs::default() }, Runs { count: 1, work_seconds: work - first, ..Runs::default() }];
        let (whole, split) = (one_run(work), parts);
        let of = |runs: &[Runs]| total(&tariff, &Usage { runs, ..Usage::default() });
        prop_assert!(of(&split) >= of(&whole));
    }

    #[test]
    fn the_two_ends_of_a_bill_hold_the_bill_of_every_value_between(
        runs in prop::collection::vec(any_runs(), 1..4), amounts in any_amounts(), price in 1_i64..20_000_000_000,
        // What a provider could round to divides an hour; 3,599 s would bill 3,600 used ones as 7,198.
        granularity in prop::sample::select(vec![1_u32, 6, 10, 15, 30, 60, 300, 600, 900, 1200, 1800, 3600]), minimum in 0_u32..=3600, storage in 0_i64..300_000_000, egress in 0_i64..150_000_000, ingress in 0_i64..50_000_000,
        meter in prop::sample::select(vec!["create", "boot", "running"]), stopped in prop::sample::select(vec!["free", "full"]), pull in any::<bool>(), month in 672_u32..=744,
    ) {
        let unknown = rule("[[storage]]\nname = \"v\"\nrole = \"network_volume\"\nunit = \"gb_month\"\nprice = \"0.07 USD\"\n");
        let between = rule(&format!(
            r#"
            states = {{ stopped = "{stopped}" }}
            egress = {{ price = "{} USD" }}
            ingress = {{ price = "{} USD" }}
            [time]
            granularity_seconds = {granularity}
            minimum_charge_seconds = {minimum}
            meter_starts = "{meter}"
            image_pull_is_billed = {pull}
            [[storage]]
            name = "v"
            role = "network_volume"
            unit = "gb_month"
            month = {month}
            price = "0.07 USD"
            [[storage]]
            name = "disk"
            role = "system"
            unit = "gb_month"
            month = 730
            price = "{} USD"
            "#,
            Nanos(egress), Nanos(ingress), Nanos(storage),
        ));
        let usage = usage(&runs, &amounts);
        let of = |rule: &BillingRule, dear| total(&tariff_of(&price_text(price), &[], rule, dear).0, &usage);
        let (low, high, inside) = (of(&unknown, Unknowns::NONE), of(&unknown, Unknowns::ALL), of(&between, Unknowns::NONE));
        prop_assert!(low <= inside && inside <= high, "{low} <= {inside} <= {high}");
    }
}

#[test]
fn the_disk_of_a_machine_is_the_one_that_stays_after_a_stop_and_a_volumes_terms_are_the_volumes() {
    let two = timed(
        1,
        0,
        r#"
        states = { stopped = "free" }
        [[storage]]
        name = "instance store"
        role = "machine_volume"
        unit = "gb_month"
        on_stop = "wiped"
        [[storage]]
        name = "EBS"
        role = "system"
        unit = "gb_month"
        month = 730
        price = "0.08 USD"
        on_stop = "kept"
        "#,
    );
    let usage = Usage { stopped_seconds: 730 * HOUR, disk_bytes: 100 * GB, is_one_machine: true, ..Usage::default() };
    check("1", &two, &usage, "8");
    let linode = timed(
        1,
        0,
        r#"
        [[storage]]
        name = "local disk"
        role = "system"
        unit = "gb_month"
        month = 730
        price = "0 USD"
        on_stop = "kept"
        [[storage]]
        name = "Block Storage"
        role = "network_volume"
        unit = "gb_month"
        per_offer = true
        "#,
    );
    let terms = [Term { kind: TermKind::StorageRunning, amount: Nanos(nanos("0.00015")), currency: Currency::USD, unit: TermUnit::GbHour }];
    let (tariff, met) = tariff_of("1", &terms, &linode, Unknowns::ALL);
    let usage =
        Usage { runs: &one_run(HOUR), disk_bytes: 100 * GB, network_bytes: 60 * GB, network_seconds: 720 * HOUR, ..Usage::default() };
    let mut lines = Lines::default();
    bill(&tariff, &usage, &mut lines);
    let volume: Vec<_> =
        lines.0.iter().filter(|line| line.kind != LineKind::Work).map(|line| (line.kind, Nanos(line.amount_nanos).to_string())).collect();
    assert_eq!(volume, [(LineKind::NetworkVolume, "6.48".to_owned())], "the local disk is in the price");
    assert!(!met.contains(Unknown::NetworkVolume) && !met.contains(Unknown::Disk));
}

#[test]
fn an_allowance_that_is_earned_by_the_hour_grows_with_the_hours() {
    let rule = timed(1, 0, "[egress]\nfree_per_month = 730\nfree_counted = \"machine_hour\"\nprice = \"1 USD\"\n");
    let of = |hours: u64| {
        let (tariff, _) = tariff_of("0.000000001", &[], &rule, Unknowns::NONE);
        let usage = Usage { runs: &one_run(hours * HOUR), egress_bytes: 730 * GB, ..Usage::default() };
        let mut lines = Lines::default();
        bill(&tariff, &usage, &mut lines);
        lines.0.iter().filter(|line| line.kind == LineKind::Egress).map(|line| line.amount_nanos / 1_000_000_000).sum::<i64>()
    };
    assert_eq!((of(0), of(73), of(730)), (730, 657, 0));
}

#[test]
fn an_address_that_goes_back_at_a_stop_costs_nothing_until_the_next_start() {
    let rule =
        |more: &str| timed(1, 1, &format!("states = {{ stopped = \"free\" }}\nfees = {{ public_ip_per_hour = \"0.005 USD\"{more} }}\n"));
    let usage = Usage { runs: &one_run(2 * HOUR), stopped_seconds: 100 * HOUR, is_one_machine: true, ..Usage::default() };
    check("1", &rule(""), &usage, "2.51");
    check("1", &rule(", public_ip_goes_at_stop = true"), &usage, "2.01");
}

#[test]
fn what_a_machine_brings_goes_before_a_rule_of_machines_and_beside_one_of_the_account() {
    let egress = |rule: &BillingRule, brought: Option<u64>, hours: u64, gb: u64| {
        let per_hour = PerHour { nanos: 1, currency: Currency::USD };
        let priced = Priced { per_hour, terms: &[], vcpu_millis: None, ram_mib: None, egress_free_gb_per_month: brought };
        let (tariff, _) = Tariff::compile(&priced, rule, None, &ASSUMED, Unknowns::NONE).expect("dollars");
        let mut lines = Lines::default();
        bill(&tariff, &Usage { runs: &one_run(hours * HOUR), egress_bytes: gb * GB, ..Usage::default() }, &mut lines);
        lines.0.iter().filter(|line| line.kind == LineKind::Egress).map(|line| line.amount_nanos / 1_000_000_000).sum::<i64>()
    };
    let of = |text: &str| timed(1, 0, &format!("[egress]\nprice = \"1 USD\"\n{text}"));
    // Linode: the machine's own, by the hour of 730; the rule's figure only where the machine says none. Zero is said.
    let by_hour = of("free_counted = \"machine_hour\"\nfree_per_month = 7300\n");
    assert_eq!([None, Some(14_600), Some(0)].map(|brought| egress(&by_hour, brought, 73, 2000)), [1270, 540, 2000]);
    // Vultr: 2,000 GB of the account, and beside it the plan's 6,720 by the hour of 672: 10 an hour.
    let account = of("free_counted = \"account_month\"\nfree_per_month = 2000\nearned_in_hours = 672\n");
    assert_eq!([None, Some(6720)].map(|brought| egress(&account, brought, 50, 3000)), [1000, 500]);
    let by_machine = of("free_counted = \"machine_month\"\nfree_per_month = 100\n");
    assert_eq!([None, Some(300)].map(|brought| egress(&by_machine, brought, 1, 1000)), [900, 700]);
}

#[test]
fn a_disk_that_is_billed_by_size_costs_as_much_as_the_next_doubling() {
    let rule = timed(
        1,
        0,
        r#"
        [[storage]]
        name = "Standard SSD"
        role = "system"
        unit = "gib_month"
        month = 730
        price = "0.075 USD"
        minimum = 4
        sizes_double = true
        on_stop = "kept"
        "#,
    );
    let of = |bytes: u64| Usage { stopped_seconds: 730 * HOUR, disk_bytes: bytes, is_one_machine: true, ..Usage::default() };
    // E10 of 128 GiB 9.60, E30 of 1 TiB 76.80; E1 of 4 GiB is the least.
    for (bytes, expected) in [(1, "0.3"), (65 << 30, "9.6"), (128 << 30, "9.6"), ((128 << 30) + 1, "19.2"), (1000 << 30, "76.8")] {
        check("1", &rule, &of(bytes), expected);
    }
}
