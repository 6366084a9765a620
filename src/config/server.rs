//! `[server]`: the HTTP service.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use super::{ConfigError, Secret, value_error};

/// The HTTP service.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSection {
    /// Address and port to listen on.
    #[serde(deserialize_with = "listen")]
    pub listen: SocketAddr,
    /// Environment variable that holds the token of requests that change state. Without a token they are off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_env: Option<String>,
    /// File that holds it instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<std::path::PathBuf>,
    /// The address under which users reach the service, for links.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "super::shown::option")]
    pub public_url: Option<String>,
    /// A request that takes longer is answered 503.
    pub request_timeout_seconds: u32,
    /// At most so many requests are worked on at once, in all; more are answered 503. Health and metrics do not count.
    pub requests_at_once_max: u32,
    /// One client may ask so often, in the long run; more is answered 429. 0 switches it off. This machine is exempt.
    pub requests_per_second_per_client_max: u32,
    /// One client may hold so many connections; more are closed at once. 0 switches it off. This machine and trusted
    /// proxies are exempt.
    pub connections_per_client_max: u32,
    /// Networks of reverse proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for ServerSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            token_env: None,
            token_file: None,
            public_url: None,
            request_timeout_seconds: 30,
            requests_at_once_max: 512,
            requests_per_second_per_client_max: 50,
            connections_per_client_max: 128,
            trusted_proxies: Vec::new(),
        }
    }
}

fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    listen_address(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// An address to listen on, from a configuration or a command line.
///
/// # Errors
/// What is wrong, and what to write.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let error = match text.parse() {
        Ok(address) => return Ok(address),
        Err(_) => format!("`{}` is no IP address with a port", crate::words::plain(text)),
    };
    // A port alone says nothing about who may ask.
    let port = text.rsplit_once(':').map_or(text, |(_, port)| port).parse::<u16>().ok();
    let host = text.rsplit_once(':').map_or("", |(host, _)| host);
    if let Some(port) = port
        && matches!(host, "" | "localhost" | "*")
    {
        return Err(format!("{error}; write `127.0.0.1:{port}` for this machine alone, or `0.0.0.0:{port}` for others too"));
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Err(format!("{error}; write `{}`", SocketAddr::new(address, 8080)));
    }
    Err(format!("{error}; write it like `127.0.0.1:8080`, in figures and with its port"))
}

/// The address of a service, that paths can be put behind: without the slash at its end.
///
/// # Errors
/// What to write. The address is not repeated: it may hold a password.
pub fn base_address(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    let url =
        url.ok_or("this is no address of a service, without a name, a password or a question in it: write `https://prices.example.com`")?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

impl ServerSection {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if let Some(url) = &self.public_url {
            base_address(url).map_err(|reason| value_error("server.public_url", reason))?;
        }
        if self.token_env.is_some() && self.token_file.is_some() {
            return Err(value_error("server.token_env", "is given beside `server.token_file`; give one of them"));
        }
        if self.request_timeout_seconds == 0 || self.requests_at_once_max == 0 {
            return Err(value_error("server.request_timeout_seconds", "and `server.requests_at_once_max` must be above zero"));
        }
        Ok(())
    }

    /// The token of requests that change state.
    ///
    /// # Errors
    /// The variable or file that is named is not there.
    pub fn token(&self) -> Result<Option<Secret>, super::SecretError> {
        Secret::read("server.token", self.token_env.as_deref(), self.token_file.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn an_address_to_listen_on_that_is_none_is_told_what_to_write() {
        for (typed, told) in [
            ("localhost:8080", "write `127.0.0.1:8080` for this machine alone, or `0.0.0.0:8080` for others too"),
            (":9000", "write `127.0.0.1:9000` for this machine alone"),
            ("8080", "write `127.0.0.1:8080` for this machine alone"),
            ("127.0.0.1", "write `127.0.0.1:8080`"),
            ("::1", "write `[::1]:8080`"),
            ("prices.example.com:80", "write it like `127.0.0.1:8080`"),
            ("foo", "write it like `127.0.0.1:8080`"),
            (":99999", "write it like `127.0.0.1:8080`"),
        ] {
            let error = listen_address(typed).expect_err(typed);
            assert!(error.contains(&format!("`{typed}`")) && error.contains(told), "{error}");
            let error = Config::parse(&format!("[server]\nlisten = \"{typed}\"\n"), "x.toml").expect_err(typed).to_string();
            assert!(error.contains(told) && error.contains("line 2"), "{error}");
        }
        assert_eq!(listen_address("[::1]:80"), Ok(SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 80))));
        let config = Config::parse("[server]\nlisten = \"0.0.0.0:1\"\n", "x.toml").expect("an address");
        let written = toml::to_string(&config).expect("TOML");
        assert_eq!(Config::parse(&written, "x.toml").expect("what is shown can be read").server.listen, config.server.listen);
    }

    #[test]
    fn a_base_is_an_address_without_a_question() {
        assert_eq!(base_address("https://prices.example.com/").expect("an address"), "https://prices.example.com");
        assert_eq!(base_address("http://127.0.0.1:8080/gpu/").expect("an address"), "http://127.0.0.1:8080/gpu");
        for wrong in [
            "prices.example.com",
            "foo",
            "ftp://example.com",
            "https://example.com/?a=b",
            "https://example.com/#a",
            "javascript:alert(1)",
            "https://me:hunter2@example.com",
        ] {
            assert!(base_address(wrong).is_err(), "{wrong}");
            let error = Config::parse(&format!("[server]\npublic_url = \"{wrong}\"\n"), "x.toml").expect_err(wrong).to_string();
            assert!(
                error.contains("`server.public_url`") && error.contains("https://prices.example.com") && !error.contains("hunter2"),
                "{error}"
            );
        }
    }
}
