//! What goes wrong on a connection, in a few words for people. Never an address: its query may hold a secret.

use std::error::Error;
use std::io;

/// Why no answer began.
pub(super) fn unreachable(error: &reqwest::Error) -> String {
    let chain: Vec<_> = std::iter::successors(error.source(), |inner| (*inner).source()).collect();
    let texts: Vec<_> = chain.iter().map(|inner| inner.to_string().to_lowercase()).collect();
    let says = |words: &[&str]| texts.iter().any(|text| words.iter().any(|word| text.contains(word)));
    let kind = chain.iter().find_map(|inner| inner.downcast_ref::<io::Error>()).map(io::Error::kind);
    if says(&["dns error", "failed to lookup address"]) {
        "its name cannot be resolved".to_owned()
    } else if says(&["certificate", "unknownissuer"]) {
        "its certificate is not trusted; a private authority can be named in `transport.ca_file`".to_owned()
    } else if says(&["proxy", "tunnel"]) {
        "the proxy of the environment (HTTPS_PROXY) does not connect".to_owned()
    } else if error.is_timeout() {
        "no connection in time".to_owned()
    } else {
        match kind {
            Some(io::ErrorKind::ConnectionRefused) => "connection refused",
            Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe) => "connection reset",
            Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => "no route to it",
            _ if says(&["tls", "handshake", "alert", "corrupt message"]) => "no secure connection",
            _ if error.is_connect() => "no connection",
            _ => "the connection ended before an answer began",
        }
        .to_owned()
    }
}
