//! `gpurate health`: does the daemon live? For a container that has neither shell nor curl.

use std::time::Duration;

use clap::Args;

use super::{Context, Outcome, ask, block_on, out};
use crate::store::Lock;

const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate health                                      the daemon of this database, else the configured address\n  gpurate health --url https://prices.example.com\n\nExits with 0 where it lives, 1 where it does not answer within 3 s."
)]
pub(super) struct Arguments {
    /// Another daemon's address.
    #[arg(long)]
    url: Option<String>,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let base = arguments.url.as_deref().map(with_scheme).unwrap_or_else(|| {
        let announced = Lock::holder(&context.database).and_then(|holder| holder.address);
        ask::base_address(&announced.unwrap_or_else(|| context.config.server.listen.to_string()))
    });
    let url = format!("{}/healthz", base.trim_end_matches('/'));
    let given = arguments.url.is_some();
    match block_on(lives(&url, given)) {
        Ok(()) => {
            out::text("ok")?;
            Ok(Outcome::Ok)
        }
        Err(error) => {
            out::note(&format!("error: {error:#}"));
            Ok(Outcome::No)
        }
    }
}

/// `127.0.0.1:8080` is asked by plain `http`, as it is served.
fn with_scheme(url: &str) -> String {
    if url.contains("://") { url.to_owned() } else { format!("http://{url}") }
}

async fn lives(url: &str, through_proxy: bool) -> anyhow::Result<()> {
    let mut builder = reqwest::Client::builder().timeout(PATIENCE);
    if !through_proxy {
        builder = builder.no_proxy();
    }
    let response = builder.build()?.get(url).send().await.map_err(|error| {
        let reason = if error.is_timeout() {
            "no answer within 3 s"
        } else if error.is_connect() {
            "nobody listens there"
        } else {
            "no usable answer"
        };
        anyhow::anyhow!("`{url}`: {reason}; is `gpurate serve` running?")
    })?;
    let status = response.status();
    anyhow::ensure!(status.is_success(), "`{url}` answers {}", status.as_u16());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_living_daemon_is_told_from_a_failing_one_and_from_none() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (sender, receiver) = std::sync::mpsc::channel();
        let server = std::thread::spawn(move || {
            for status in ["200 OK", "500 Broken"] {
                let (mut stream, _) = listener.accept().expect("a client");
                let mut buffer = [0; 1024];
                let _read = std::io::Read::read(&mut stream, &mut buffer).expect("a request");
                let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 3\r\n\r\nok\n");
                std::io::Write::write_all(&mut stream, answer.as_bytes()).expect("answered");
            }
            drop(listener);
            sender.send(()).expect("heard");
        });
        let url = format!("{base}/healthz");
        let without_scheme = format!("{}/healthz", with_scheme(base.strip_prefix("http://").expect("a scheme")));
        assert!(block_on(lives(&without_scheme, false)).is_ok());
        let error = block_on(lives(&url, false)).expect_err("broken").to_string();
        assert!(error.contains("500"), "{error}");
        receiver.recv().expect("ended");
        server.join().expect("ended well");
        let error = block_on(lives(&url, false)).expect_err("nobody").to_string();
        assert!(error.contains("nobody listens there"), "{error}");
    }
}
