//! The binary under test, on its samples or on an upstream of this program's own; both on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long something may take to become so.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A running `gpurate serve` in a folder of its own, ended when dropped.
pub struct Daemon {
    child: Child,
    folder: tempfile::TempDir,
    /// `127.0.0.1:PORT`.
    pub address: String,
}

impl Daemon {
    /// On its samples, when every part was asked once.
    pub fn demo() -> Self {
        let daemon = Self::start("", &["--demo"]);
        daemon.wait("/api/v1/providers", |answer| {
            let rows = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
            let mut parts = rows.iter().flat_map(|row| row["parts"].as_array().map(Vec::as_slice).unwrap_or_default());
            !rows.is_empty() && parts.all(|part| !part["last_attempt_at"].is_null())
        });
        daemon
    }

    /// With RunPod alone, which is asked at the upstream, when its prices are in.
    pub fn of(upstream: &Upstream) -> Self {
        let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../providers")).expect("the providers");
        let collected = folders.map(|folder| folder.expect("a folder").path()).filter(|folder| folder.join("mod.rs").exists());
        let slugs = collected.filter_map(|folder| Some(folder.file_name()?.to_str()?.to_owned()));
        let others = slugs.filter(|slug| !["runpod", "example"].contains(&slug.as_str()));
        let others: String = others.map(|slug| format!("[providers.{slug}]\nenabled = false\n")).collect();
        let transport = format!("[transport]\nvia = \"http://{}\"\nretries_max = 0\n", upstream.address);
        let daemon = Self::start(&format!("{transport}{others}"), &[]);
        daemon.wait("/api/v1/cheapest", |answer| answer["items"].as_array().is_some_and(|items| items.len() == CARDS.len()));
        daemon
    }

    fn start(config: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Pages are asked for faster than a person would.
        let config = format!("[server]\nrequests_per_second_per_client_max = 0\n{config}");
        std::fs::write(folder.path().join("daemon.toml"), config).expect("written");
        let mut child = command(folder.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let address = said(child.stderr.take().expect("piped"), "http://", "it says where it listens");
        Self { child, folder, address }
    }

    /// Runs another command beside it: whether it succeeded, and what it printed on both streams.
    pub fn run(&self, arguments: &[&str]) -> (bool, String) {
        run(self.folder.path(), arguments)
    }

    /// Asks the API.
    pub fn json(&self, path: &str) -> Value {
        let text = get(&self.address, path);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    /// Asks until the answer is as wanted.
    #[track_caller]
    pub fn wait(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let answer = self.json(path);
            if wanted(&answer) {
                return answer;
            }
            assert!(Instant::now() < end, "{path} never became as wanted: {answer:#}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn command(folder: &std::path::Path) -> Command {
    let mut command = Command::new(crate::setting("GPURATE_BINARY"));
    command
        .current_dir(folder)
        .env_remove("GPURATE_LOG")
        .env("GPURATE_CONFIG", folder.join("daemon.toml"))
        .env("GPURATE_DATABASE", folder.join("gpurate.db"))
        .env("NO_COLOR", "1");
    command
}

fn run(folder: &std::path::Path, arguments: &[&str]) -> (bool, String) {
    let output = command(folder).args(arguments).output().expect("it runs");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), text.concat())
}

/// Reads lines until one has what stands before an address or a port, and keeps reading so that nobody blocks.
pub(crate) fn said(stream: impl Read + Send + 'static, before: &str, what: &str) -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    let before = before.to_owned();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if let Some((_, rest)) = line.split_once(&before) {
                let found: String = rest.chars().take_while(|sign| sign.is_ascii_digit() || ".:".contains(*sign)).collect();
                let _unheard = sender.send(found.trim_end_matches('.').to_owned());
            }
        }
    });
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("never: {what}"))
}

fn get(address: &str, path: &str) -> String {
    // Of 1.0, so that the body comes in one piece and ends with the connection.
    let head = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n");
    let mut answer = Vec::new();
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.write_all(head.as_bytes()).and_then(|()| stream.read_to_end(&mut answer)).expect("an answer");
    let text = String::from_utf8_lossy(&answer);
    text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}

/// Cards and prices in cents an hour of the upstream. Made up.
pub const CARDS: [(&str, &str, u32, u32); 6] = [
    ("NVIDIA GeForce RTX 3090", "RTX 3090", 24, 50),
    ("NVIDIA GeForce RTX 4090", "RTX 4090", 24, 74),
    ("NVIDIA GeForce RTX 5090", "RTX 5090", 32, 99),
    ("NVIDIA L4", "L4", 24, 49),
    ("NVIDIA L40S", "L40S", 48, 109),
    ("NVIDIA H100 80GB HBM3", "H100 SXM", 80, 349),
];

/// A provider's side on loopback: RunPod's list, or 500 to everything while it fails.
pub struct Upstream {
    address: SocketAddr,
    fails: Arc<AtomicBool>,
}

impl Upstream {
    /// Starts it; it ends with the test's process.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let fails = Arc::new(AtomicBool::new(false));
        let failing = Arc::clone(&fails);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let fails = failing.load(Ordering::SeqCst);
                std::thread::spawn(move || answer(stream, fails));
            }
        });
        Self { address, fails }
    }

    /// From now on every answer is a 500.
    pub fn fail(&self) {
        self.fails.store(true, Ordering::SeqCst);
    }
}

fn answer(mut stream: TcpStream, fails: bool) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut length = 0_usize;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if let Some(given) = line.strip_prefix("content-length:") {
            length = given.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    std::io::copy(&mut reader.take(u64::try_from(length).ok()?), &mut std::io::sink()).ok()?;
    let rows: Vec<String> = CARDS
        .iter()
        .map(|(id, name, gb, cents)| {
            format!(
                r#"{{"id":"{id}","displayName":"{name}","memoryInGb":{gb},"secureCloud":true,"communityCloud":false,"securePrice":{}.{:02},"communityPrice":null}}"#,
                cents / 100,
                cents % 100
            )
        })
        .collect();
    let (status, body) = if fails { (500, "{}".to_owned()) } else { (200, format!(r#"{{"data":{{"gpuTypes":[{}]}}}}"#, rows.join(","))) };
    let head = format!("HTTP/1.1 {status} Status\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}", body.len());
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).ok()
}
