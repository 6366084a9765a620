//! `[transport]`: how providers are asked.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ConfigError, shown, value_error};

/// How providers are asked. HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment are obeyed.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransportSection {
    /// Every request goes here instead, with scheme and host as the first path segments.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shown::option")]
    pub via: Option<String>,
    /// To connect.
    pub connect_timeout_seconds: u32,
    /// For one answer, from request to last byte.
    pub request_timeout_seconds: u32,
    /// For all of a part, retries and pauses included.
    pub part_timeout_seconds: u32,
    /// A page may have so many megabytes (10^6 bytes), on the wire and after decompression.
    pub page_megabytes_max: u32,
    /// All pages of a part's answer together may have so many.
    pub answer_megabytes_max: u32,
    /// A request that met 429, 5xx or a broken connection is repeated so often.
    pub retries_max: u32,
    /// The first pause before a repetition; doubled for each further one.
    pub retry_pause_ms: u32,
    /// A `Retry-After` above this ends the attempt and sets the next one.
    pub retry_after_seconds_max: u32,
    /// So many redirects are followed.
    pub redirects_max: u32,
    /// A PEM file with certificate authorities to trust beside the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

impl Default for TransportSection {
    fn default() -> Self {
        Self {
            via: None,
            connect_timeout_seconds: 10,
            request_timeout_seconds: 60,
            part_timeout_seconds: 600,
            page_megabytes_max: 32,
            answer_megabytes_max: 64,
            retries_max: 3,
            retry_pause_ms: 2000,
            retry_after_seconds_max: 60,
            redirects_max: 5,
            ca_file: None,
        }
    }
}

impl TransportSection {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if let Some(via) = &self.via {
            let url = url::Url::parse(via).ok().filter(|url| {
                matches!(url.scheme(), "http" | "https") && url.host_str().is_some() && url.path() == "/" && url.query().is_none()
            });
            if url.is_none() {
                let typed = shown::address(via);
                return Err(value_error("transport.via", format!("`{typed}` must be like `http://127.0.0.1:9000`, without a path")));
            }
        }
        for (key, value) in [
            ("connect_timeout_seconds", self.connect_timeout_seconds),
            ("request_timeout_seconds", self.request_timeout_seconds),
            ("part_timeout_seconds", self.part_timeout_seconds),
            ("page_megabytes_max", self.page_megabytes_max),
            ("answer_megabytes_max", self.answer_megabytes_max),
        ] {
            if value == 0 {
                return Err(value_error(format!("transport.{key}"), "must be above zero"));
            }
        }
        Ok(())
    }
}
