//! `[server]`: the HTTP service.

use std::net::SocketAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{ConfigError, Secret, value_error};

/// The HTTP service.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSection {
    /// Address and port to listen on.
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

impl ServerSection {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
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
