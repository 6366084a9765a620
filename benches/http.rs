//! "Cheapest" over HTTP against a bare handler that returns the same bytes, in one run on the same machine: the ratio of
//! the two rates is the bound (at least 0.8).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::http::header;
use axum::routing::get;
use gpurate::config::Config;
use gpurate::daemon::Daemon;
use gpurate::http::{Shared, router};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

const CONNECTIONS: usize = 16;
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;
const QUESTION: &str = "/api/v1/cheapest?gpu=rtx-4090,rtx-5090,rtx-3090";

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::open(Config::default(), &folder.path().join("bench.db"), true).expect("opens");
    daemon.replace_market_for_benches(gpurate::bench_data::market(7, 200_000));
    let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder().expect("the first recorder");
    let shared = Shared::new(daemon, Vec::new(), metrics, CancellationToken::new());
    let ours = start(router(shared)).await;
    let body = ask_once(ours).await;
    println!("answer of {} bytes", body.len());
    let bytes = bytes::Bytes::from(body);
    let bare =
        axum::Router::new().route("/api/v1/cheapest", get(move || async move { ([(header::CONTENT_TYPE, "application/json")], bytes) }));
    let bare = start(bare).await;
    let (mut best_ours, mut best_bare) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        let (a, b) = (rate(ours).await, rate(bare).await);
        println!("gpurate {a:>9.0} requests/s   bare {b:>9.0} requests/s   ratio {:.2}", a / b);
        best_ours = best_ours.max(a);
        best_bare = best_bare.max(b);
    }
    println!("best of each: ratio {:.2}, bound 0.8", best_ours / best_bare);
}

async fn start(router: axum::Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn ask_once(address: SocketAddr) -> Vec<u8> {
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("connects");
    stream.write_all(request().as_bytes()).await.expect("asks");
    let mut buffer = Vec::new();
    read_answer(&mut stream, &mut buffer).await
}

/// Requests a second over some connections that are kept open.
async fn rate(address: SocketAddr) -> f64 {
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let started = Instant::now();
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (stop, answered) = (stop.clone(), answered.clone());
            tokio::spawn(async move {
                let mut stream = tokio::net::TcpStream::connect(address).await.expect("connects");
                stream.set_nodelay(true).expect("a socket");
                let (question, mut buffer) = (request(), Vec::new());
                while !stop.load(Ordering::Relaxed) {
                    stream.write_all(question.as_bytes()).await.expect("asks");
                    read_answer(&mut stream, &mut buffer).await;
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    tokio::time::sleep(ROUND).await;
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("a client");
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let answered = answered.load(Ordering::Relaxed) as f64;
    answered / started.elapsed().as_secs_f64()
}

fn request() -> String {
    format!("GET {QUESTION} HTTP/1.1\r\nhost: bench\r\n\r\n")
}

async fn read_answer(stream: &mut tokio::net::TcpStream, buffer: &mut Vec<u8>) -> Vec<u8> {
    buffer.clear();
    loop {
        stream.read_buf(buffer).await.expect("answers");
        let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end]).expect("a head");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|text| text.parse::<usize>().ok());
        let length = length.expect("a length");
        while buffer.len() < end + 4 + length {
            stream.read_buf(buffer).await.expect("answers");
        }
        return buffer[end + 4..].to_vec();
    }
}
