//! A bare handler that gives the bytes of a file, beside which a load generator measures the daemon:
//! `cargo run --release --example bare -- FILE`. A file whose name ends in `.gz` is sent as compressed JSON.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let Some(file) = std::env::args().nth(1) else {
        return Err(std::io::Error::other("name the file whose bytes are given, as `answer.json`"));
    };
    let bytes = bytes::Bytes::from(std::fs::read(&file)?);
    let compressed = file.ends_with(".gz");
    let answer = move || async move {
        let mut response = ([(header::CONTENT_TYPE, "application/json")], bytes).into_response();
        if compressed {
            response.headers_mut().insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
        }
        response
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/api/v1/cheapest", get(answer))).await
}
