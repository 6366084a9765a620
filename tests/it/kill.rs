//! kill -9 at any instant: the database opens, is whole, and holds every collection that was reported.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Behaviour, Served, Server, all_but, gpurate, runpod_list};

const KILLS: u32 = 50;

/// Many parts, so that commits follow one another while the process dies.
const REGIONS: [&str; 12] = [
    "australiaeast",
    "brazilsouth",
    "canadacentral",
    "centralindia",
    "francecentral",
    "germanywestcentral",
    "italynorth",
    "japaneast",
    "norwayeast",
    "polandcentral",
    "swedencentral",
    "westeurope",
];

const CONFIG: &str = r#"
[collection]
parts_at_once_max = 4
jitter_percent = 0
[providers.runpod]
interval_seconds = 1
[providers.azure]
interval_seconds = 1
"#;

/// Azure's answer for a region: one machine, on demand and spot.
fn azure(region: &str, cents: u32) -> String {
    let row = |meter: &str, cents: u32| {
        format!(
            r#"{{"armRegionName":"{region}","armSkuName":"Standard_NC4as_T4_v3","meterName":"{meter}","skuName":"{meter}","productName":"Virtual Machines NCasT4 v3 Series","serviceName":"Virtual Machines","type":"Consumption","unitOfMeasure":"1 Hour","currencyCode":"USD","tierMinimumUnits":0,"retailPrice":0.{cents}}}"#
        )
    };
    format!(
        r#"{{"BillingCurrency":"USD","CustomerEntityId":"Default","CustomerEntityType":"Retail","Items":[{},{}],"NextPageLink":null,"Count":2}}"#,
        row("NC4as T4 v3", cents),
        row("NC4as T4 v3 Spot", cents / 2)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_daemon_loses_nothing_it_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    let regions = REGIONS.map(|region| format!("\"{region}\"")).join(", ");
    let others = all_but(&["azure", "runpod"]);
    let text = format!("{others}[transport]\nvia = \"{}\"\n{CONFIG}parts = [{regions}]\n", server.via());
    std::fs::write(folder.path().join("daemon.toml"), text).expect("written");
    let mut reported = 0;
    let mut in_the_middle = 0;
    for kill in 0..KILLS {
        // Other prices each time: every commit has something to write.
        server.set("api.runpod.io", Behaviour::json(runpod_list(1 + i64::from(kill % 2))));
        for region in REGIONS {
            server.set(region, Behaviour::json(azure(region, 50 + kill % 7)));
        }
        let mut served = Served::start(folder.path(), &[]);
        // Parts that were asked a moment ago are not due: a person asks for them.
        let mut asking = gpurate(folder.path()).args(["collect", "azure", "runpod"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        // Killed after so many reports, while the next commits are on their way.
        let (wanted, patience) = ((kill % 12) as usize, Instant::now() + Duration::from_secs(10));
        while reports(&served) < wanted && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        served.child.kill().expect("SIGKILL");
        served.child.wait().expect("reaped");
        if let Ok(asking) = &mut asking {
            asking.wait().expect("it ends without its daemon");
        }
        let now = reports(&served) as i64;
        reported += now;
        in_the_middle += i64::from(now > 0 && now < 13);
        check(&folder.path().join("gpurate.db"), reported, kill);
    }
    assert!(reported > i64::from(KILLS), "commits were made: {reported}");
    assert!(in_the_middle > 5, "kills fell between commits: {in_the_middle}");
    let served = Served::start(folder.path(), &[]);
    let (status, ready) = served.get("/readyz");
    assert_eq!(status, 200, "{ready}");
    assert!(ready["offers"].as_i64().is_some_and(|offers| offers >= 10), "{ready}");
    assert!(served.end().success());
}

/// Collections that were reported as accepted so far.
fn reports(served: &Served) -> usize {
    let lines = served.lines.lock().expect("no panic");
    lines.iter().filter(|line| line.contains(" offers, ") && line.contains("changed")).count()
}

#[track_caller]
fn check(database: &std::path::Path, reported: i64, kill: u32) {
    let connection = rusqlite::Connection::open(database).expect("the database opens");
    let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checked");
    assert_eq!(whole, "ok", "after kill {kill}");
    let accepted: i64 =
        connection.query_row("SELECT count(*) FROM collection WHERE outcome = 'accepted'", [], |row| row.get(0)).expect("counted");
    assert!(accepted >= reported, "after kill {kill}: {reported} collections were reported, {accepted} are there");
    let orphans: i64 = connection
        .query_row("SELECT count(*) FROM offer WHERE NOT EXISTS (SELECT 1 FROM price WHERE offer_id = offer.id)", [], |row| row.get(0))
        .expect("counted");
    assert_eq!(orphans, 0, "every offer has its price row");
}
