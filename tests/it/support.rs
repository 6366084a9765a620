//! What the subjects share: a provider on loopback that answers as told, and the real binary under it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How a request is answered.
#[derive(Clone)]
pub enum Behaviour {
    /// Status, extra headers, body; with its true length.
    Answer(u16, Vec<(String, String)>, Vec<u8>),
    /// 200 with JSON, after a while.
    Late(Duration, Vec<u8>),
    /// Nothing, for ever.
    Silence,
    /// The body, one byte each tenth of a second.
    Drip(Vec<u8>),
    /// The body's first half under its whole length, then the end.
    Cut(Vec<u8>),
    /// A body of that length, of which nothing comes.
    Announce(usize),
    /// Zeros without end.
    Endless,
    /// Another place, which is this one again.
    Circle,
}

impl Behaviour {
    /// 200 with JSON.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::Answer(200, vec![("content-type".into(), "application/json".into())], body.into())
    }
}

/// Answers by the longest of its keys that is in the request's path.
pub type Answers = Arc<Mutex<HashMap<String, Behaviour>>>;

/// A provider on loopback. `path` is what `transport.via` makes of an address: `/https/host/path?query`.
pub struct Server {
    pub address: std::net::SocketAddr,
    pub answers: Answers,
    pub requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (answers, requests) = (Answers::default(), Arc::<Mutex<Vec<String>>>::default());
        let server = Self { address, answers: answers.clone(), requests: requests.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, answers.clone(), requests.clone()));
            }
        });
        server
    }

    pub fn set(&self, path: &str, behaviour: Behaviour) {
        self.answers.lock().expect("no panic holds it").insert(path.to_owned(), behaviour);
    }

    pub fn via(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn answer(mut stream: TcpStream, answers: Answers, requests: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let read = stream.read(&mut buffer).await.ok()?;
        if read == 0 {
            return None;
        }
        head.extend_from_slice(&buffer[..read]);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let end = text.find("\r\n\r\n")? + 4;
    let length =
        text.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(|value| value.trim().parse::<usize>()));
    let mut missing = length.and_then(Result::ok).unwrap_or(0).saturating_sub(head.len().saturating_sub(end));
    while missing > 0 {
        let read = stream.read(&mut buffer).await.ok()?;
        if read == 0 {
            return None;
        }
        missing = missing.saturating_sub(read);
    }
    let path = text.split(' ').nth(1)?.to_owned();
    requests.lock().expect("no panic holds it").push(path.clone());
    let behaviour = {
        let answers = answers.lock().expect("no panic holds it");
        answers
            .iter()
            .filter(|(key, _)| path.contains(key.as_str()))
            .max_by_key(|(key, _)| key.len())
            .map(|(_, behaviour)| behaviour.clone())
    };
    let behaviour = behaviour.unwrap_or(Behaviour::Answer(404, Vec::new(), b"nothing is set for this path".to_vec()));
    behave(&mut stream, behaviour, &path).await
}

async fn behave(stream: &mut TcpStream, behaviour: Behaviour, path: &str) -> Option<()> {
    let head = |status: u16, headers: &[(String, String)], length: usize| {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("HTTP/1.1 {status} Status\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n")
    };
    let json = [("content-type".to_owned(), "application/json".to_owned())];
    match behaviour {
        Behaviour::Answer(status, headers, body) => {
            stream.write_all(head(status, &headers, body.len()).as_bytes()).await.ok()?;
            stream.write_all(&body).await.ok()?;
        }
        Behaviour::Late(after, body) => {
            tokio::time::sleep(after).await;
            stream.write_all(head(200, &json, body.len()).as_bytes()).await.ok()?;
            stream.write_all(&body).await.ok()?;
        }
        Behaviour::Silence => tokio::time::sleep(Duration::from_secs(600)).await,
        Behaviour::Drip(body) => {
            stream.write_all(head(200, &json, body.len()).as_bytes()).await.ok()?;
            for byte in body {
                stream.write_all(&[byte]).await.ok()?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Behaviour::Cut(body) => {
            stream.write_all(head(200, &json, body.len()).as_bytes()).await.ok()?;
            stream.write_all(&body[..body.len() / 2]).await.ok()?;
        }
        Behaviour::Announce(length) => {
            stream.write_all(head(200, &json, length).as_bytes()).await.ok()?;
            tokio::time::sleep(Duration::from_secs(600)).await;
        }
        Behaviour::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n").await.ok()?;
            let zeros = vec![b'0'; 64 * 1024];
            while stream.write_all(&zeros).await.is_ok() {}
        }
        Behaviour::Circle => {
            let headers = [("location".to_owned(), path.to_owned())];
            stream.write_all(head(302, &headers, 0).as_bytes()).await.ok()?;
        }
    }
    stream.shutdown().await.ok()
}

/// Switches every other provider off.
pub fn all_but(wanted: &[&str]) -> String {
    let others = gpurate::catalogue::slugs().into_iter().filter(|slug| !wanted.contains(slug));
    others.map(|slug| format!("[providers.{slug}]\nenabled = false\n")).collect()
}

/// The configuration of a small market: `via`, quick retries, few parts.
pub fn config(via: &str) -> String {
    let others = all_but(&["runpod", "vastai"]);
    format!(
        r#"
{others}
[transport]
via = "{via}"
request_timeout_seconds = 1
part_timeout_seconds = 4
page_megabytes_max = 2
retries_max = 1
retry_pause_ms = 1

[providers.vastai]
parts = ["RTX 4090"]
"#
    )
}

/// RunPod's answer with so many GPU types, each at its own price in cents.
pub fn runpod(cents: &[(&str, &str, u32, i64)]) -> String {
    let rows: Vec<String> = cents
        .iter()
        .map(|(id, name, gb, cents)| {
            format!(
                r#"{{"id":"{id}","displayName":"{name}","memoryInGb":{gb},"secureCloud":true,"communityCloud":false,"securePrice":{}.{:02},"communityPrice":0.5}}"#,
                cents / 100,
                cents % 100
            )
        })
        .collect();
    format!(r#"{{"data":{{"gpuTypes":[{}]}}}}"#, rows.join(","))
}

/// A list of ten cards, each `factor` times its usual price.
pub fn runpod_list(factor: i64) -> String {
    runpod(&runpod_cards(factor))
}

/// The cards of [`runpod_list`].
pub fn runpod_cards(factor: i64) -> Vec<(&'static str, &'static str, u32, i64)> {
    [
        ("NVIDIA GeForce RTX 3090", "RTX 3090", 24, 50),
        ("NVIDIA GeForce RTX 4090", "RTX 4090", 24, 74),
        ("NVIDIA GeForce RTX 5090", "RTX 5090", 32, 99),
        ("NVIDIA L4", "L4", 24, 49),
        ("NVIDIA L40S", "L40S", 48, 109),
        ("NVIDIA RTX A6000", "RTX A6000", 48, 53),
        ("NVIDIA RTX A5000", "RTX A5000", 24, 27),
        ("NVIDIA H100 80GB HBM3", "H100 SXM", 80, 349),
        ("NVIDIA H100 PCIe", "H100 PCIe", 80, 289),
        ("NVIDIA B200", "B200", 180, 679),
    ]
    .map(|(id, name, gb, cents)| (id, name, gb, cents * factor))
    .to_vec()
}

/// Vast's answer with one machine.
pub fn vast(dollars: &str) -> String {
    format!(
        r#"{{"offers":[{{"id":1,"machine_id":7,"gpu_name":"RTX 4090","num_gpus":1,"gpu_ram":24564,"dph_base":{dollars},"dph_total":{dollars},"min_bid":0.1,"storage_cost":0.1,"inet_up_cost":0.001,"inet_down_cost":0.001,"hosting_type":1,"verification":"verified","reliability2":0.99,"geolocation":"Texas, US","rentable":true,"rented":false}}]}}"#
    )
}

/// The real binary.
pub fn gpurate(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gpurate"));
    command
        .current_dir(folder)
        .env_remove("GPURATE_LOG")
        .env("GPURATE_CONFIG", folder.join("daemon.toml"))
        .env("GPURATE_DATABASE", folder.join("gpurate.db"))
        .env("GPURATE_LISTEN", "127.0.0.1:0")
        .env("NO_COLOR", "1");
    command
}

/// A running `gpurate serve`, killed when dropped.
pub struct Served {
    pub child: Child,
    pub address: String,
    pub lines: Arc<Mutex<Vec<String>>>,
}

impl Served {
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = gpurate(folder)
            .arg("serve")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let errors = child.stderr.take().expect("piped");
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let (sender, receiver) = std::sync::mpsc::channel();
        let kept = lines.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                if let Some(address) = line.split("http://").nth(1).filter(|_| line.contains("listening")) {
                    let address: String = address.chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c)).collect();
                    let _unheard = sender.send(address);
                }
                kept.lock().expect("no panic holds it").push(line);
            }
        });
        let address =
            receiver.recv_timeout(Duration::from_secs(30)).unwrap_or_else(|_| panic!("it says where it listens: {:?}", lines.lock()));
        Self { child, address, lines }
    }

    pub fn get(&self, path: &str) -> (u16, serde_json::Value) {
        get(&format!("http://{}{path}", self.address))
    }

    /// Asks until the answer is as wanted.
    #[track_caller]
    pub fn wait(&self, path: &str, wanted: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        let patience = Instant::now() + Duration::from_secs(30);
        loop {
            let (_, answer) = self.get(path);
            if wanted(&answer) {
                return answer;
            }
            assert!(Instant::now() < patience, "{path} never became as wanted: {answer:#}\n{:#?}", self.lines.lock());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Asks it to end, as a service manager does.
    pub fn end(mut self) -> std::process::ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill is there").success());
        self.child.wait().expect("it ends")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A GET over plain HTTP/1.1, without a client library: status and JSON.
pub fn get(url: &str) -> (u16, serde_json::Value) {
    let (status, body) = request("GET", url, &[]);
    (status, serde_json::from_slice(&body).unwrap_or_else(|_| serde_json::Value::String(String::from_utf8_lossy(&body).into_owned())))
}

/// A JSON body, and the JSON answer.
pub fn post(url: &str, body: &str) -> (u16, serde_json::Value) {
    let (status, _, answer) = send("POST", url, &[("content-type", "application/json")], body);
    (status, serde_json::from_slice(&answer).unwrap_or_else(|_| serde_json::Value::String(String::from_utf8_lossy(&answer).into_owned())))
}

/// A request over plain HTTP/1.1 without a body: status and body.
pub fn request(method: &str, url: &str, headers: &[(&str, &str)]) -> (u16, Vec<u8>) {
    let (status, _, body) = send(method, url, headers, "");
    (status, body)
}

/// The same with the head, in lower case.
pub fn request_whole(method: &str, url: &str, headers: &[(&str, &str)]) -> (u16, String, Vec<u8>) {
    send(method, url, headers, "")
}

fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> (u16, String, Vec<u8>) {
    use std::io::{Read, Write};
    let rest = url.strip_prefix("http://").expect("plain HTTP");
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let Ok(mut stream) = std::net::TcpStream::connect(host) else { return (0, String::new(), Vec::new()) };
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head =
        format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len());
    let mut answer = Vec::new();
    if stream.write_all(head.as_bytes()).and_then(|()| stream.read_to_end(&mut answer)).is_err() {
        return (0, String::new(), Vec::new());
    }
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return (0, String::new(), Vec::new()) };
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = answer[end + 4..].to_vec();
    let body = if head.contains("transfer-encoding: chunked") { unchunk(&body) } else { body };
    (status, head, body)
}

fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|window| window == b"\r\n") {
        let Ok(length) = usize::from_str_radix(String::from_utf8_lossy(&body[..end]).trim(), 16) else { break };
        if length == 0 || body.len() < end + 2 + length {
            break;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + length]);
        body = body.get(end + 4 + length..).unwrap_or(&[]);
    }
    whole
}

/// The folder of recorded answers, where it is there.
pub fn recordings() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/recordings");
    folder.is_dir().then_some(folder)
}
