//! Clients that do not end what they began, a service that is full, a second writer that cannot see the first, a database that cannot be written.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use gpurate::config::Config;
use gpurate::daemon::Daemon;
use gpurate::http::{self, Patience, Shared};
use tokio_util::sync::CancellationToken;

use crate::support::{Behaviour, Served, Server, all_but, config, get, gpurate, post, runpod_list, vast};

/// A service in this process, less patient than usual, over an empty database.
struct Impatient {
    _folder: tempfile::TempDir,
    address: String,
    cancel: CancellationToken,
}

impl Impatient {
    async fn new(patience: Patience) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config::parse(&all_but(&[]), "test").expect("a configuration");
        let daemon = Daemon::open(config, &folder.path().join("a.db"), false).expect("opens");
        let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder().handle();
        let cancel = CancellationToken::new();
        let shared = Shared::with_patience(daemon, Vec::new(), metrics, cancel.clone(), patience);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        tokio::spawn(http::serve(shared, listener));
        Self { _folder: folder, address, cancel }
    }

    fn connect(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream.write_all(bytes).expect("sent");
        stream
    }
}

impl Drop for Impatient {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Reads until the end: how many answers began, and whether the connection ended as it should.
fn answers(stream: &mut TcpStream, pause: Duration) -> (usize, bool) {
    let (mut all, mut buffer) = (Vec::new(), vec![0; 256 * 1024]);
    let ended = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break true,
            Ok(read) => all.extend_from_slice(&buffer[..read]),
            Err(_) => break false,
        }
        std::thread::sleep(pause);
    };
    (all.windows(12).filter(|window| *window == b"HTTP/1.1 200").count(), ended)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_nothing_is_cut_off_and_a_slow_one_is_not() {
    const QUESTIONS: usize = 150;
    let taking = Duration::from_millis(700);
    let service = Impatient::new(Patience { taking, ..Patience::default() }).await;
    let one = "GET /api/v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n";
    let many = one.repeat(QUESTIONS - 1) + "GET /api/v1/openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut stalled: Vec<TcpStream> = (0..5).map(|_| service.connect(many.as_bytes())).collect();
    let mut slow = service.connect(many.as_bytes());
    let slow = tokio::task::spawn_blocking(move || {
        let begun = Instant::now();
        (answers(&mut slow, Duration::from_millis(15)), begun.elapsed())
    });
    let (slow, took) = slow.await.expect("no panic");
    assert_eq!(slow, (QUESTIONS, true), "whoever takes its answers has all of them");
    tokio::time::sleep((3 * taking).saturating_sub(took)).await;
    for stream in &mut stalled {
        let (begun, _) = answers(stream, Duration::ZERO);
        assert!(begun < QUESTIONS, "it took nothing for {:?} and has all of them", 3 * taking);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_never_whole_takes_no_share_and_is_not_waited_for() {
    let body = Duration::from_secs(2);
    let service = Impatient::new(Patience { body, ..Patience::default() }).await;
    let begun = Instant::now();
    let head = "POST /api/v1/simulate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    let mut unfinished: Vec<TcpStream> = (0..50).map(|_| service.connect(head.as_bytes())).collect();
    // One that sends a byte now and then is no better.
    let mut dripping = unfinished[0].try_clone().expect("the same connection");
    std::thread::spawn(move || {
        while dripping.write_all(b" ").is_ok() && begun.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let address = service.address.clone();
    let whole = tokio::task::spawn_blocking(move || post(&format!("http://{address}/api/v1/simulate"), r#"{"preset": "evenings"}"#));
    let (status, answer) = whole.await.expect("no panic");
    assert_eq!(status, 200, "{answer}");
    assert!(begun.elapsed() < body, "it did not wait for the others: {:?}", begun.elapsed());
    for stream in &mut unfinished {
        let mut answer = Vec::new();
        // The one that goes on sending may be told so by a reset.
        let _ended = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("urn:gpurate:too-slow"), "{answer}");
    }
    assert!((body..body * 4).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    let large = format!("POST /api/v1/simulate HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n{}", " ".repeat(300_000));
    let mut answer = [0; 12];
    service.connect(large.as_bytes()).read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_once_are_bounded_in_all_and_health_is_outside() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("token"), "hunter2").expect("written");
    let text = format!("[server]\ntoken_file = \"token\"\nrequests_at_once_max = 1\n{}", all_but(&[]));
    std::fs::write(folder.path().join("daemon.toml"), text).expect("written");
    let served = Served::start(folder.path(), &[]);
    assert_eq!(served.get("/api/v1/gpus").0, 200);
    // A file that does not come yet: its request is worked on all the time.
    let mut busy = TcpStream::connect(&served.address).expect("connects");
    let head =
        "POST /api/v1/imports?format=csv&map_bytes=10 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer hunter2\r\ncontent-length: 100\r\n\r\n";
    busy.write_all(head.as_bytes()).expect("sent");
    let begun = Instant::now();
    let mut number = 0;
    // Each question is asked once: what was answered before is kept, and outside of this.
    let full = loop {
        number += 1;
        let answer = served.get(&format!("/api/v1/offers?limit={number}"));
        if answer.0 == 503 || begun.elapsed() > Duration::from_secs(5) {
            break answer;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(full.0, 503, "another address than that of the request that runs: {}", full.1);
    assert!(full.1["detail"].as_str().is_some_and(|detail| detail.contains("at once")), "{}", full.1);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(served.get(path).0, 200, "{path}");
    }
    drop(busy);
    served.wait("/api/v1/offers?limit=999", |answer| answer["items"].is_array());
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A `serve` that must not come up: what it says, or none where it runs.
fn second(folder: &Path, database: &Path) -> Option<String> {
    let mut child = gpurate(folder)
        .env("GPURATE_DATABASE", database)
        .arg("serve")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let patience = Instant::now() + Duration::from_secs(10);
    while Instant::now() < patience {
        if child.try_wait().expect("asked").is_some() {
            return Some(text(&child.wait_with_output().expect("its words")));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("killed");
    child.wait().expect("reaped");
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_is_refused_without_the_lock_file_and_by_another_name() {
    if !cfg!(target_os = "linux") {
        eprintln!("the database's file is locked on Linux alone");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    server.set("api.runpod.io", Behaviour::json(runpod_list(1)));
    server.set("console.vast.ai", Behaviour::json(vast("0.31")));
    std::fs::write(folder.path().join("daemon.toml"), config(&server.via())).expect("written");
    let database = folder.path().join("gpurate.db");
    // The database is made by the first start, and there at the second: it is locked either way.
    for _ in 0..2 {
        let served = Served::start(folder.path(), &[]);
        served.wait("/api/v1/cheapest?gpu=rtx-4090", |answer| answer["items"][0]["providers"].as_i64() == Some(2));
        let other = folder.path().join("other");
        std::fs::create_dir_all(&other).expect("made");
        let linked = other.join("linked.db");
        std::fs::hard_link(&database, &linked).expect("linked");
        let said = second(folder.path(), &linked).expect("a second writer by another name is refused");
        assert!(said.contains("another gpurate") && said.contains("is writing to"), "{said}");
        std::fs::remove_file(folder.path().join("gpurate.db.lock")).expect("there");
        let said = second(folder.path(), &database).expect("a second writer that sees no lock file is refused");
        assert!(said.contains("another gpurate") && said.contains("stop it first"), "{said}");
        assert!(!folder.path().join("gpurate.db.lock").exists(), "one that is refused makes none");
        // Whoever reads is let in, and leaves SQLite's own locks as they are: the daemon goes on.
        let read = gpurate(folder.path()).args(["cheapest", "rtx-4090"]).output().expect("it runs");
        assert!(read.status.success(), "{}", text(&read));
        assert_eq!(get(&format!("http://{}/readyz", served.address)).0, 200);
        assert!(served.end().success());
        std::fs::remove_file(&linked).expect("there");
        let whole: String = rusqlite::Connection::open(&database)
            .and_then(|connection| connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)))
            .expect("checked");
        assert_eq!(whole, "ok");
    }
}

/// The binary as somebody who may not write the folder: root may write everywhere.
fn as_nobody(command: &mut Command) -> &mut Command {
    #[cfg(unix)]
    if Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n") {
        std::os::unix::process::CommandExt::uid(command, 65_534);
    }
    command
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_a_folder_that_cannot_be_written_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start().await;
    server.set("api.runpod.io", Behaviour::json(runpod_list(1)));
    server.set("console.vast.ai", Behaviour::json(vast("0.31")));
    std::fs::write(folder.path().join("daemon.toml"), config(&server.via())).expect("written");
    let collected = gpurate(folder.path()).arg("collect").output().expect("it runs");
    assert!(collected.status.success(), "{}", text(&collected));
    // A name that an address would have to write otherwise.
    let database = folder.path().join("a%20?b #.db");
    std::fs::rename(folder.path().join("gpurate.db"), &database).expect("renamed");
    for ending in ["-wal", "-shm"] {
        assert!(!folder.path().join(format!("gpurate.db{ending}")).exists(), "the last connection tidies up");
    }
    let allow = |mode| std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).expect("allowed");
    // The binary may lie where others cannot reach it.
    let binary = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(binary.path(), std::fs::Permissions::from_mode(0o755)).expect("allowed");
    let copy = binary.path().join("gpurate");
    std::fs::copy(env!("CARGO_BIN_EXE_gpurate"), &copy).expect("copied");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&copy);
        command.current_dir(folder.path()).env("GPURATE_DATABASE", &database).env("GPURATE_CONFIG", folder.path().join("daemon.toml"));
        as_nobody(command.args(arguments)).output().expect("it runs")
    };
    allow(0o555);
    for arguments in
        [["check"].as_slice(), &["history", "rtx-4090"], &["export", "offers"], &["export", "prices"], &["cheapest", "rtx-4090"]]
    {
        let output = run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    }
    let output = run(&["cheapest", "rtx-4090"]);
    assert!(text(&output).contains("0.31"), "{}", text(&output));
    // With a log beside it somebody may be writing: it is not read as if nobody were.
    allow(0o755);
    std::fs::write(folder.path().join("a%20?b #.db-wal"), b"what is not merged yet").expect("written");
    std::fs::set_permissions(folder.path().join("a%20?b #.db-wal"), std::fs::Permissions::from_mode(0o644)).expect("allowed");
    allow(0o555);
    let output = run(&["cheapest", "rtx-4090"]);
    assert!(!output.status.success() && text(&output).contains("and its folder too"), "{}", text(&output));
    allow(0o755);
}

#[test]
fn the_password_of_an_address_is_in_no_message_and_no_listing() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |text: &str, arguments: &[&str]| {
        std::fs::write(folder.path().join("daemon.toml"), text).expect("written");
        gpurate(folder.path()).args(arguments).output().expect("it runs")
    };
    let output = run("[transport]\nvia = \"http://user:SECRET@host/p?key=SECRET\"\n", &["serve"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("http://***@host/p?***") && !text(&output).contains("SECRET"), "{}", text(&output));
    let output = run("[transport]\nvia = \"http://user:SECRET@host:9000\"\n", &["config", "show"]);
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("http://***@host:9000") && !text(&output).contains("SECRET"), "{}", text(&output));
}
