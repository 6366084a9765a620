//! Sends a notice to its webhook: a POST of JSON, tried again where that may help. The address is a secret: what is said of
//! it names the host alone.

use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::StatusCode;

use super::Alert;
use super::address::{self, PublicOnly};

/// Tries beside the first.
const RETRIES: usize = 3;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(20);

/// A notice that did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The configured address is none that may be used.
    #[error("the webhook's address {0}")]
    Address(String),
    /// No answer.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable {
        /// Where.
        host: String,
        /// Why, without the address.
        reason: String,
    },
    /// An answer that is no success.
    #[error("{host} answered {status}")]
    Refused {
        /// Where.
        host: String,
        /// What.
        status: StatusCode,
    },
}

impl SendError {
    /// Another try may help.
    fn is_passing(&self) -> bool {
        match self {
            Self::Address(_) => false,
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

/// Sends notices. No redirect is followed and no proxy used: what was checked is what is asked.
pub struct Sender {
    public: reqwest::Client,
    private: reqwest::Client,
    first_pause: Duration,
}

impl Sender {
    /// A sender; `first_pause` is doubled from try to try.
    ///
    /// # Errors
    /// The TLS library's own, where the system's certificates cannot be read.
    pub fn new(first_pause: Duration) -> Result<Self, reqwest::Error> {
        let builder = || {
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TIMEOUT)
                .user_agent(concat!("gpurate/", env!("CARGO_PKG_VERSION")))
        };
        Ok(Self { public: builder().dns_resolver(Arc::new(PublicOnly)).build()?, private: builder().build()?, first_pause })
    }

    /// Sends a notice, as its JSON, to its alert's webhook; an alert without one is sent nowhere.
    ///
    /// # Errors
    /// [`SendError`], after the last try.
    pub async fn send(&self, alert: &Alert, notice: &serde_json::Value) -> Result<(), SendError> {
        let Some(secret) = &alert.webhook else { return Ok(()) };
        let url = address::parse(secret.expose(), alert.allow_private).map_err(SendError::Address)?;
        let client = if alert.allow_private { &self.private } else { &self.public };
        let host = url.host_str().unwrap_or_default().to_owned();
        let once = || async {
            let answer = client
                .post(url.clone())
                .json(notice)
                .send()
                .await
                .map_err(|error| SendError::Unreachable { host: host.clone(), reason: reason(error) })?;
            match answer.status() {
                status if status.is_success() => Ok(()),
                status => Err(SendError::Refused { host: host.clone(), status }),
            }
        };
        let pauses = ExponentialBuilder::default().with_min_delay(self.first_pause).with_factor(2.0).with_max_times(RETRIES).with_jitter();
        once.retry(pauses).when(SendError::is_passing).await
    }
}

/// The innermost reason: those further out repeat the address.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut inner: &dyn std::error::Error = &error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
