//! The client against a server on this machine that answers what a test tells it to, byte by byte.

use super::*;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Mutex;

use gpurate_providers::{Manifest, template};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What the server does with one connection.
#[derive(Clone)]
enum Reply {
    /// Sends this and closes.
    Send(Vec<u8>),
    /// Sends this, then a byte every few milliseconds for ever.
    Drip(Vec<u8>),
    /// Reads the request and says nothing.
    Silence,
}

struct Server {
    address: SocketAddr,
    /// Heads and bodies of the requests that came.
    asked: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Answers the n-th request with the n-th reply, and all further ones with the last.
    async fn start(replies: Vec<Reply>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve_one(stream, replies.clone(), Arc::clone(&log)));
            }
        });
        Self { address, asked, task }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }

    fn via(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn serve_one(mut stream: tokio::net::TcpStream, replies: Vec<Reply>, log: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    let mut buffer = [0_u8; 4096];
    let length = |head: &str| head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if text.split_once("\r\n\r\n").is_some_and(|(head, body)| body.len() >= length(head)) {
            break;
        }
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let reply = {
        let mut log = log.lock().expect("not poisoned");
        log.push(String::from_utf8_lossy(&request).into_owned());
        replies[(log.len() - 1).min(replies.len() - 1)].clone()
    };
    match reply {
        Reply::Send(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Drip(bytes) => {
            let _ = stream.write_all(&bytes).await;
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        // The connection stays open until the client gives up.
        Reply::Silence => while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {},
    }
}

fn reply(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
    let mut bytes = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n", body.as_ref().len());
    for (name, value) in headers {
        bytes += &format!("{name}: {value}\r\n");
    }
    bytes += "\r\n";
    Reply::Send([bytes.as_bytes(), body.as_ref()].concat())
}

fn raw(text: &str) -> Reply {
    Reply::Send(text.as_bytes().to_vec())
}

/// A provider that asks `api.example.com` and `other.example.com`, in front of one server.
struct Bench {
    server: Server,
    folder: tempfile::TempDir,
    transport: TransportSection,
    archive: Archive,
    validators: HashMap<String, Validator>,
    redactions: &'static str,
    cancel: CancellationToken,
}

impl Bench {
    async fn new(replies: Vec<Reply>) -> Self {
        let server = Server::start(replies).await;
        let folder = tempfile::tempdir().expect("a folder");
        let transport = TransportSection {
            via: Some(server.via()),
            retry_pause_ms: 1,
            retries_max: 2,
            page_megabytes_max: 1,
            ..TransportSection::default()
        };
        let archive = Archive::open(folder.path().join("archive")).expect("opened");
        Self { server, folder, transport, archive, validators: HashMap::new(), redactions: "[]", cancel: CancellationToken::new() }
    }

    fn attempt(&self) -> Attempt {
        let manifest = template().manifest().replace(
            "hosts = [\"api.example.com\"]",
            &format!("hosts = [\"api.example.com\", \"other.example.com\"]\nredactions = {}", self.redactions),
        );
        let known = Known { provider: template(), manifest: Manifest::parse("example", &manifest).expect("a manifest") };
        let client = Client::new(&self.transport, &self.folder.path().join("spool")).expect("a client");
        client.attempt(&known, &ProviderSection::default(), "all", self.validators.clone(), &self.archive, self.cancel.clone())
    }

    async fn get(&self, url: &str) -> Result<Page, FetchError> {
        self.attempt().send(secret_request(url)).await
    }

    fn spooled(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("spool")).expect("the spool").count()
    }
}

const URL: &str = "https://api.example.com/v1/gpus?api_key=hunter2&page=1";

fn secret_request(url: &str) -> Request {
    Request::get(url).header("authorization", "Bearer hunter2").header("accept", "application/json")
}

fn text(page: &Page) -> String {
    page.text().expect("text")
}

fn host() -> String {
    "api.example.com".to_owned()
}

#[tokio::test]
async fn a_500_is_repeated_until_it_is_200_and_the_headers_that_matter_are_kept() {
    let headers =
        [("Content-Type", "application/json"), ("Set-Cookie", "a=b"), ("X-RateLimit-Left", "7"), ("Server", "x"), ("ETag", "\"1\"")];
    let bench = Bench::new(vec![reply("500 No", &[], ""), reply("200 OK", &headers, "{}")]).await;
    let attempt = bench.attempt();
    let page = attempt.send(secret_request(URL)).await.expect("a page");
    assert_eq!((text(&page).as_str(), page.hash.as_str()), ("{}", blake3::hash(b"{}").to_hex().as_str()));
    let mut names: Vec<_> = page.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-type", "etag", "x-ratelimit-left"]);
    assert_eq!((attempt.requests(), attempt.bytes()), (2, 2));
    let asked = bench.server.asked();
    assert!(asked[1].to_lowercase().contains("user-agent: gpurate/") && asked[1].contains("Bearer hunter2"), "{}", asked[1]);
}

#[tokio::test]
async fn a_server_that_stays_broken_is_asked_as_often_as_configured_and_its_last_error_stands() {
    let bench = Bench::new(vec![reply("500 No", &[], ""), reply("503 No", &[], ""), reply("502 No", &[], "")]).await;
    assert_eq!(bench.get(URL).await.expect_err("an error"), FetchError::Status { host: host(), status: 502 });
    assert_eq!(bench.server.asked().len(), 3);
}

#[tokio::test]
async fn d35_a_404_is_an_error_and_is_not_repeated() {
    for status in [404, 401, 400, 304] {
        let bench = Bench::new(vec![reply(&format!("{status} No"), &[], "")]).await;
        assert_eq!(bench.get(URL).await.expect_err("an error"), FetchError::Status { host: host(), status });
        assert_eq!(bench.server.asked().len(), 1);
    }
}

#[tokio::test]
async fn d22_a_short_retry_after_is_waited_for() {
    let bench = Bench::new(vec![reply("429 Slow", &[("Retry-After", "1")], ""), reply("200 OK", &[], "x")]).await;
    let started = Instant::now();
    assert_eq!(text(&bench.get(URL).await.expect("a page")), "x");
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn d22_a_long_retry_after_ends_the_attempt_at_once() {
    for status in ["429 Slow", "503 Slow"] {
        let bench = Bench::new(vec![reply(status, &[("Retry-After", "3600")], "")]).await;
        let outcome = tokio::time::timeout(Duration::from_secs(20), bench.get(URL)).await;
        let error = outcome.expect("no pause of an hour").expect_err("an error");
        assert_eq!(error, FetchError::RateLimited { host: host(), retry_after_seconds: 3600 });
        assert_eq!(bench.server.asked().len(), 1);
    }
}

#[test]
fn a_retry_after_may_be_seconds_or_a_date() {
    let now = DateTime::parse_from_rfc3339("2026-11-20T10:00:00Z").expect("a date").to_utc();
    for (text, seconds) in [
        ("120", Some(120)),
        (" 0 ", Some(0)),
        ("Fri, 20 Nov 2026 10:00:30 GMT", Some(30)),
        ("Fri, 20 Nov 2026 09:00:00 GMT", Some(0)),
        ("soon", None),
        ("-5", None),
    ] {
        let headers = HeaderMap::from_iter([(reqwest::header::RETRY_AFTER, HeaderValue::from_str(text).expect("a value"))]);
        assert_eq!(retry_after_seconds(&headers, now), seconds, "{text}");
    }
}

#[tokio::test]
async fn silence_and_a_slow_drip_end_at_the_requests_limit() {
    let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1000000\r\n\r\n".to_vec();
    for reply in [Reply::Silence, Reply::Drip(head), Reply::Drip(b"HTTP/1.1 200 OK\r\nx-slow:".to_vec())] {
        let bench = Bench::new(vec![reply]).await;
        let mut attempt = bench.attempt();
        attempt.request_timeout = Duration::from_millis(60);
        assert_eq!(attempt.send(secret_request(URL)).await.expect_err("an error"), FetchError::Timeout { host: host(), seconds: 0 });
        assert_eq!(attempt.requests(), 3, "a time-out is repeated");
    }
}

#[tokio::test]
async fn the_parts_limit_holds_over_repetitions_and_pauses_and_cancelling_ends_it_at_once() {
    let bench = Bench::new(vec![reply("429 Slow", &[("Retry-After", "50")], "")]).await;
    let mut attempt = bench.attempt();
    attempt.deadline = Instant::now() + Duration::from_millis(80);
    let started = Instant::now();
    assert_eq!(attempt.send(secret_request(URL)).await.expect_err("an error"), FetchError::Timeout { host: host(), seconds: 600 });
    let attempt = bench.attempt();
    let (outcome, ()) = tokio::join!(attempt.send(secret_request(URL)), async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        bench.cancel.cancel();
    });
    assert!(matches!(outcome, Err(FetchError::Incomplete { reason }) if reason.contains("stopping")));
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_cut_body_is_repeated_and_never_taken_for_whole() {
    let by_length = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 50\r\n\r\n[{\"price\": 1}]";
    let chunked = "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[1,2]\r\n";
    for cut in [by_length, chunked] {
        let bench = Bench::new(vec![raw(cut)]).await;
        let error = bench.get(URL).await.expect_err("an error");
        assert!(matches!(&error, FetchError::CutShort { host, .. } if *host == self::host()), "{error:?}");
        assert_eq!(bench.server.asked().len(), 3);
    }
    let whole = gzip(b"[1,2,3]").await;
    let encoding = [("content-encoding", "gzip")];
    let bench = Bench::new(vec![reply("200 OK", &encoding, &whole[..whole.len() - 9]), reply("200 OK", &encoding, &whole)]).await;
    assert_eq!(text(&bench.get(URL).await.expect("a page")), "[1,2,3]");
    assert_eq!(bench.server.asked().len(), 2);
}

/// One gzip member, as a server sends it.
async fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    async_compression::tokio::bufread::GzipEncoder::new(bytes).read_to_end(&mut out).await.expect("compressed");
    out
}

#[tokio::test]
async fn compressed_answers_are_read_whatever_the_encoding() {
    let body = r#"{"gpus": []}"#.repeat(100);
    let mut brotli = Vec::new();
    async_compression::tokio::bufread::BrotliEncoder::new(body.as_bytes()).read_to_end(&mut brotli).await.expect("compressed");
    let zstd = zstd::encode_all(body.as_bytes(), 3).expect("compressed");
    for (name, bytes) in [("gzip", gzip(body.as_bytes()).await), ("br", brotli), ("zstd", zstd), ("identity", body.clone().into_bytes())] {
        let bench = Bench::new(vec![reply("200 OK", &[("Content-Encoding", name)], &bytes)]).await;
        let attempt = bench.attempt();
        assert_eq!(text(&attempt.send(secret_request(URL)).await.expect(name)), body, "{name}");
        assert_eq!(attempt.bytes(), bytes.len() as u64, "{name}");
    }
    let bench = Bench::new(vec![reply("200 OK", &[("Content-Encoding", "lzma")], &body)]).await;
    assert!(matches!(bench.get(URL).await, Err(FetchError::CutShort { .. })));
}

#[tokio::test]
async fn a_gzip_bomb_ends_at_the_limit_and_leaves_nothing_on_disk() {
    let bomb = gzip(&vec![0_u8; 8_000_000]).await;
    assert!(bomb.len() < 100_000);
    let bench = Bench::new(vec![reply("200 OK", &[("content-encoding", "gzip")], &bomb)]).await;
    assert_eq!(bench.get(URL).await.expect_err("an error"), FetchError::TooLarge { host: host(), limit_bytes: 1_000_000 });
    assert_eq!((bench.server.asked().len(), bench.spooled()), (1, 0));
}

#[tokio::test]
async fn more_bytes_than_the_limit_are_refused_announced_or_not() {
    let announced = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10000000000\r\n\r\n";
    let unannounced = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "x".repeat(1_000_001));
    // Compressed nothing: empty members, for ever.
    let nothing = gzip(b"").await.repeat(60_000);
    let error = FetchError::TooLarge { host: host(), limit_bytes: 1_000_000 };
    let mut wire = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-encoding: gzip\r\n\r\n".to_vec();
    wire.extend_from_slice(&nothing);
    for reply in [raw(announced), raw(&unannounced), Reply::Send(wire)] {
        let bench = Bench::new(vec![reply]).await;
        assert_eq!(bench.get(URL).await.expect_err("an error"), error);
        assert_eq!(bench.server.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_large_answer_is_spooled_can_be_read_twice_and_goes_with_its_page() {
    let body = "0123456789".repeat(90_000);
    let bench = Bench::new(vec![reply("200 OK", &[], &body)]).await;
    let page = bench.get(URL).await.expect("a page");
    assert_eq!(bench.spooled(), 1);
    assert_eq!(page.body.length(), 900_000);
    let (mut one, mut other) = (String::new(), String::new());
    let mut first = page.open().expect("open");
    first.by_ref().take(10).read_to_string(&mut one).expect("read");
    page.open().expect("open").read_to_string(&mut other).expect("read");
    first.read_to_string(&mut one).expect("read");
    assert!(one == body && other == body);
    assert_eq!(page.hash, blake3::hash(body.as_bytes()).to_hex().as_str());
    drop(first);
    drop(page);
    assert_eq!(bench.spooled(), 0);
}

#[tokio::test]
async fn a_redirect_is_followed_by_the_original_address_with_credentials_only_to_the_same_host() {
    let bench = Bench::new(vec![
        reply("301 Moved", &[("Location", "/v2/gpus?page=1")], ""),
        reply("302 Moved", &[("Location", "https://other.example.com/v3")], ""),
        reply("200 OK", &[], "x"),
    ])
    .await;
    let page = bench.get(URL).await.expect("a page");
    assert_eq!(page.request.url, URL, "a page answers the request that was made");
    let asked = bench.server.asked();
    assert!(asked[1].starts_with("GET /https/api.example.com/v2/gpus?page=1 ") && asked[1].contains("hunter2"), "{}", asked[1]);
    assert!(asked[2].starts_with("GET /https/other.example.com/v3 ") && !asked[2].contains("hunter2"), "{}", asked[2]);
    assert!(asked[2].contains("accept: application/json"), "{}", asked[2]);
}

#[tokio::test]
async fn a_redirect_in_a_circle_or_to_where_one_must_not_follow_is_refused() {
    let circle = [("Location", URL)];
    let cases = [
        ("https://evil.example.org/x?token=hunter2", "`evil.example.org`, which is not among"),
        ("http://api.example.com/", "not secure"),
        ("file:///etc/passwd", "not secure"),
        (URL, "circle"),
    ];
    for (location, reason) in cases {
        let bench = Bench::new(vec![reply("302 Moved", &[("Location", location)], "")]).await;
        let error = bench.get(URL).await.expect_err("an error");
        assert!(matches!(&error, FetchError::Redirect { .. }) && error.to_string().contains(reason), "{error}");
        assert!(!error.to_string().contains("hunter2"));
        assert_eq!(bench.server.asked().len(), 1);
    }
    let back = [("Location", "https://api.example.com/b")];
    let bench = Bench::new(vec![reply("302 Moved", &back, ""), reply("302 Moved", &circle, "")]).await;
    assert!(bench.get(URL).await.expect_err("an error").to_string().contains("circle"));
    let bench = Bench::new((0..9).map(|number| reply("307 Moved", &[("Location", &format!("/{number}"))], "")).collect()).await;
    assert!(bench.get(URL).await.expect_err("an error").to_string().contains("more than 5 times"));
    assert_eq!(bench.server.asked().len(), 6);
    let bench = Bench::new(vec![reply("302 Moved", &back, "")]).await;
    let post = Request::post_json("https://api.example.com/", &serde_json::json!({}));
    assert!(matches!(bench.attempt().send(post).await, Err(FetchError::Redirect { .. })));
}

#[tokio::test]
async fn an_address_that_a_page_named_is_asked_only_at_the_manifests_hosts() {
    let bench = Bench::new(vec![reply("200 OK", &[], "x")]).await;
    for url in
        ["https://evil.example.org/?key=hunter2", "ftp://api.example.com/", "http://169.254.169.254/", "nonsense hunter2", "data:hunter2"]
    {
        let error = bench.get(url).await.expect_err("an error").to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
    assert!(bench.server.asked().is_empty());
}

#[tokio::test]
async fn via_keeps_port_path_query_method_headers_and_body_and_is_mapped_back_where_it_is_named() {
    let bench = Bench::new(vec![reply("200 OK", &[], "x")]).await;
    let body = serde_json::json!({"query": "gpuTypes"});
    let request = Request::post_json("https://api.example.com:8443/graphql?a=%7B%2F&b", &body).header("x-key", "hunter2");
    bench.attempt().send(request).await.expect("a page");
    let asked = bench.server.asked();
    assert!(asked[0].starts_with("POST /https/api.example.com:8443/graphql?a=%7B%2F&b HTTP/1.1\r\n"), "{}", asked[0]);
    assert!(asked[0].contains("content-type: application/json") && asked[0].ends_with(r#"{"query":"gpuTypes"}"#), "{}", asked[0]);
    assert!(asked[0].contains("x-key: hunter2"));

    // Where a gateway rewrites addresses to its own, they are mapped back, so that limits and checks see the provider's.
    let mut bench = Bench::new(vec![reply("200 OK", &[], "x")]).await;
    let own = format!("{}/https/other.example.com/x", bench.server.via());
    bench.server = Server::start(vec![Reply::Silence]).await;
    bench.transport.via = Some(own.split("/https/").next().expect("an origin").to_owned());
    let attempt = bench.attempt();
    let at = Url::parse(URL).expect("an address");
    let target = attempt.follow(&Request::get(URL), &at, &own, &[]).expect("followed");
    assert_eq!(target.as_str(), "https://other.example.com/x");
    let foreign = own.replace("other.example.com", "evil.example.org");
    assert!(attempt.follow(&Request::get(URL), &at, &foreign, &[]).is_err());
    assert!(attempt.follow(&Request::get(URL), &at, &own.replace("/https/", "/"), &[]).is_err());
}

#[tokio::test]
async fn not_modified_brings_the_archived_page_and_says_so_only_for_one_that_is_archived() {
    let mut bench = Bench::new(vec![
        reply("200 OK", &[("ETag", "W/\"7\"")], "[1]"),
        reply("304 Same", &[], ""),
        reply("304 Same", &[], ""),
        reply("200 OK", &[("ETag", "\"8\"")], "[2]"),
    ])
    .await;
    let first = bench.get(URL).await.expect("a page");
    let validator = Validator::of(&first).expect("a validator");
    bench.validators.insert(request_key(&first.request), validator.clone());

    // Not archived yet: the validator is not sent. (The second reply, 304, then is an error.)
    assert_eq!(bench.get(URL).await.expect_err("an error"), FetchError::Status { host: host(), status: 304 });
    assert!(!bench.server.asked()[1].contains("if-none-match"));

    bench.archive.put("example", &first).expect("archived");
    let second = bench.get(URL).await.expect("a page");
    assert!(bench.server.asked()[2].contains("if-none-match: W/\"7\""));
    assert_eq!((text(&second).as_str(), &second.hash, second.header("etag")), ("[1]", &first.hash, Some("W/\"7\"")));
    assert!(second.received_at >= first.received_at);
    assert_eq!(Validator::of(&second), Some(validator));
    assert_eq!(text(&bench.get(URL).await.expect("a page")), "[2]");
}

#[tokio::test]
async fn a_damaged_archived_page_is_asked_for_anew_and_kept_whole_again() {
    let other = zstd::encode_all(&b"[9]"[..], 3).expect("compressed");
    for damage in [&other[..], &other[..4], b"no zstd"] {
        let modified = reply("200 OK", &[("Last-Modified", "x")], "[1]");
        let mut bench = Bench::new(vec![modified.clone(), reply("304 Same", &[], ""), modified]).await;
        let first = bench.get(URL).await.expect("a page");
        bench.validators.insert(request_key(&first.request), Validator::of(&first).expect("a validator"));
        bench.archive.put("example", &first).expect("archived");
        let path = bench.folder.path().join(format!("archive/example/{}/{}.zst", &first.hash[..2], first.hash));
        std::fs::write(path, damage).expect("damaged");
        let again = bench.get(URL).await.expect("a page");
        assert_eq!(text(&again), "[1]");
        let asked = bench.server.asked();
        assert!(asked[1].contains("if-modified-since: x") && !asked[2].contains("if-modified-since"));
        bench.archive.put("example", &again).expect("archived");
        let mut kept = String::new();
        bench.archive.get("example", &first.hash).expect("readable").expect("there").read_to_string(&mut kept).expect("whole");
        assert_eq!(kept, "[1]");
    }
}

#[tokio::test]
async fn a_page_whose_headers_speak_has_no_validator() {
    let bench = Bench::new(vec![reply("200 OK", &[("X-Total-Count", "107"), ("ETag", "\"1\"")], "[]")]).await;
    let page = bench.get(URL).await.expect("a page");
    assert_eq!((page.header("x-total-count"), Validator::of(&page)), (Some("107"), None));
}

#[tokio::test]
async fn addresses_of_hosts_are_removed_before_the_page_is_hashed_and_unredactable_ones_have_no_name() {
    let body = r#"{"offers":[{"public_ipaddr":"203.0.113.7","dph":0.1}]}"#;
    let large = format!(r#"{{"pad":"{}","offers":[{{"public_ipaddr":"203.0.113.7"}}]}}"#, "x".repeat(300_000));
    for body in [body, &large] {
        let mut bench = Bench::new(vec![reply("200 OK", &[], body)]).await;
        bench.redactions = r#"["/offers/*/public_ipaddr"]"#;
        let page = bench.get(URL).await.expect("a page");
        let kept = text(&page);
        assert!(kept.contains(r#""public_ipaddr":null"#) && !kept.contains("203.0.113"));
        assert_eq!(page.hash, blake3::hash(kept.as_bytes()).to_hex().as_str());
        bench.archive.put("example", &page).expect("archived");
        assert!(bench.archive.contains("example", &page.hash));
    }
    let mut bench = Bench::new(vec![reply("200 OK", &[("ETag", "1")], "<html>203.0.113.7</html>")]).await;
    bench.redactions = r#"["/offers/*/public_ipaddr"]"#;
    let page = bench.get(URL).await.expect("a page");
    assert_eq!((page.hash.as_str(), Validator::of(&page)), ("", None));
    assert_eq!(bench.archive.put("example", &page).expect("not an error"), 0);
}

#[tokio::test]
async fn no_error_shows_a_secret_or_a_query() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address")
    };
    let mut bench = Bench::new(vec![raw("nonsense hunter2\r\n\r\n"), raw("")]).await;
    let garbled = bench.get(URL).await.expect_err("an error");
    bench.transport.via = Some(format!("http://{closed}"));
    let refused = bench.get(URL).await.expect_err("an error");
    let told = refused.to_string();
    assert!(told.starts_with(&format!("`{closed}` cannot be reached: connection refused")), "the gateway, not the provider: {told}");
    assert!(told.contains("`transport.via`") && !told.contains(&host()), "{told}");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    bench.transport.via = Some(format!("https://{}", listener.local_addr().expect("an address")));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"this is not TLS\r\n").await;
        }
    });
    let not_tls = bench.get(URL).await.expect_err("an error");
    assert!(matches!(&not_tls, FetchError::Unreachable { reason, .. } if reason.starts_with("no secure connection;")), "{not_tls:?}");
    let header = bench.attempt().send(Request::get(URL).header("authorization", "Bearer\nhunter2")).await.expect_err("an error");
    for error in [garbled, refused, not_tls, header] {
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains("hunter2") && !shown.contains("page=1"), "{shown}");
        }
    }
}

#[test]
fn a_file_of_authorities_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ca.pem");
    for content in [None, Some("nothing"), Some("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n")] {
        if let Some(content) = content {
            std::fs::write(&path, content).expect("written");
        }
        let section = TransportSection { ca_file: Some(path.clone()), ..TransportSection::default() };
        let error = Client::new(&section, folder.path()).err().expect("an error").to_string();
        assert!(error.contains("transport.ca_file") && error.contains("ca.pem"), "{error}");
        let before = Client::check(&section).expect_err("found without a folder for answers").to_string();
        assert_eq!(before, error);
    }
}
