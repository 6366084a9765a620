//! The one shape of every error (RFC 9457), and the only place where an error becomes an HTTP status.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::past::PastError;
use crate::prices::FilterError;
use crate::store::StoreError;

/// Of an address that leads nowhere; a page says it in its own words.
pub const NOTHING_HERE: &str = "nothing is at this address; see /api/v1/openapi.json";

/// An error as a program reads it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Names the kind of error, stable.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The kind in words.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened, and what to do.
    pub detail: String,
    /// The parameter at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub parameter: Option<Box<str>>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub value: Option<Box<str>>,
    /// Values that are allowed, or the nearest ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, title, status: status.as_u16(), detail: detail.into(), parameter: None, value: None, allowed: Vec::new() }
    }

    /// 400: a parameter that cannot be used.
    pub fn parameter(parameter: impl Into<String>, value: impl Into<String>, allowed: Vec<String>, detail: impl Into<String>) -> Self {
        Self {
            parameter: Some(parameter.into().into()),
            value: Some(value.into().into()),
            allowed,
            ..Self::new(StatusCode::BAD_REQUEST, "urn:gpurate:bad-parameter", "a parameter cannot be used", detail)
        }
    }

    /// 400: a question that cannot be used, with the value it was asked with.
    pub(super) fn of_filter(error: FilterError, pairs: &[(String, String)]) -> Self {
        let value =
            pairs.iter().rev().find(|(name, _)| *name == error.parameter).map(|(_, value)| value.chars().take(40).collect::<String>());
        Self::parameter(error.parameter, value.unwrap_or_default(), Vec::new(), error.message)
    }

    /// A question about the past that has no answer.
    pub(super) fn of_past(error: PastError, pairs: &[(String, String)]) -> Self {
        match error {
            PastError::Question(error) => Self::of_filter(error, pairs),
            PastError::NoImport(error) => Self::not_found(error.message),
            PastError::Store(error) => error.into(),
        }
    }

    /// 404: no such address.
    pub fn nothing_here() -> Self {
        Self::not_found(NOTHING_HERE)
    }

    /// 404: what was named is not there.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "urn:gpurate:not-found", "not found", detail)
    }

    /// 405: there, but not with this method.
    pub fn method() -> Self {
        let detail = "this address takes another method; see /api/v1/openapi.json";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "urn:gpurate:method", "method not allowed", detail)
    }

    /// 401: no token, or a wrong one.
    pub fn unauthorised(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "urn:gpurate:unauthorised", "a valid token is needed", detail)
    }

    /// 403: switched off.
    pub fn disabled(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "urn:gpurate:disabled", "switched off", detail)
    }

    /// 408: what was to come did not come in time. The connection ends: nobody waits for the rest.
    pub fn too_slow(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "urn:gpurate:too-slow", "the request took too long", detail)
    }

    /// 413: a body that is too large.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "urn:gpurate:too-large", "the body is too large", detail)
    }

    /// 429: too often.
    pub fn too_often() -> Self {
        let detail = "this client asks too often: wait a second; see `server.requests_per_second_per_client_max`";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "urn:gpurate:too-often", "too many requests", detail)
    }

    /// 429: too much at once.
    pub fn too_much_at_once() -> Self {
        let detail = "this client has as much running at once as it may: wait until some of it has ended";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "urn:gpurate:too-much-at-once", "too much at once", detail)
    }

    /// 503: not now.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "urn:gpurate:unavailable", "not available now", detail)
    }

    /// 500: a fault of this program.
    pub fn internal() -> Self {
        let detail = "a fault of this program; its log says more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "urn:gpurate:internal", "internal error", detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request could not read the database");
        Self::unavailable("the database cannot be read now; /readyz says more")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // A page address shows it as a page.
        response.extensions_mut().insert(self);
        response
    }
}
