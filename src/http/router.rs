//! Which address is answered by what. One registration serves the route and the OpenAPI document.

use std::sync::Arc;
use std::time::Duration;

use axum::error_handling::HandleErrorLayer;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{BoxError, Json, Router};
use tower::ServiceBuilder;
use tower::limit::ConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use super::{Shared, actions, cache, evidence, health, prices, providers};

#[derive(OpenApi)]
#[openapi(
    info(title = "gpurate", description = "GPU-cloud prices: what is cheapest now, and where each figure comes from"),
    modifiers(&Token)
)]
struct Document;

struct Token;

impl utoipa::Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("the configured token")).build();
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(prices::cheapest))
        .routes(routes!(prices::offers))
        .routes(routes!(prices::offer))
        .routes(routes!(prices::gpus))
        .routes(routes!(prices::gpu))
        .routes(routes!(providers::providers))
        .routes(routes!(providers::provider))
        .routes(routes!(evidence::collections))
        .routes(routes!(evidence::problems))
        .routes(routes!(evidence::page))
        .routes(routes!(actions::collect_now))
        .routes(routes!(actions::accept_now))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
}

/// The OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}

/// The whole service.
pub fn router(shared: Arc<Shared>) -> Router {
    let (router, document) = routes().split_for_parts();
    let document = Arc::new(document);
    let server = &shared.daemon.config.server;
    let (patience, at_once) = (Duration::from_secs(u64::from(server.request_timeout_seconds)), server.requests_at_once_max as usize);
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    router
        .route("/api/v1/openapi.json", axum::routing::get(move || async move { Json((*document).clone()) }))
        .fallback(|| async { Problem::not_found("nothing is at this address; see /api/v1/openapi.json") })
        .method_not_allowed_fallback(|| async { Problem::method() })
        .layer(CompressionLayer::new().gzip(true))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), kept))
        .layer(middleware::from_fn(move |request, next| in_time(patience, request, next)))
        .layer(RequestBodyLimitLayer::new(64 * 1024))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Problem::internal().into_response()))
        .layer(
            ServiceBuilder::new()
                .layer(HandleErrorLayer::new(|_: BoxError| async {
                    Problem::unavailable("too many requests at once: ask again in a moment")
                }))
                .layer(LoadShedLayer::new())
                .layer(ConcurrencyLimitLayer::new(at_once)),
        )
        .layer(CorsLayer::new().allow_origin(Any).allow_methods([Method::GET, Method::HEAD]))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(middleware::from_fn(counted))
        .with_state(shared)
}

/// Counts every request, those that are turned away too.
async fn counted(request: Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    // A stranger's address or verb is never a label.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = match *request.method() {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    };
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    crate::metrics::request(method, route, response.status().as_u16(), started.elapsed());
    response
}

/// Requests that change state may take as long as the providers; answers from memory may not.
async fn in_time(patience: Duration, request: Request, next: Next) -> Response {
    if request.method() == Method::POST {
        return next.run(request).await;
    }
    match tokio::time::timeout(patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable("the answer took too long").into_response(),
    }
}

/// Answers that depend on the market and the question alone are kept for their ten seconds, with a validator.
async fn kept(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET || !prices::depends_on_market_alone(request.uri().path()) {
        return next.run(request).await;
    }
    let version = shared.daemon.market().version;
    let as_of = prices::as_of_now();
    let question: Box<str> = request.uri().path_and_query().map_or("", |question| question.as_str()).into();
    let none_match = request.headers().get(header::IF_NONE_MATCH).cloned();
    if let Some(kept) = shared.cache.get(version, as_of, &question) {
        return answer(&kept, none_match.as_ref());
    }
    let response = next.run(request).await;
    // What was computed may be of the next ten seconds already: its own headers say of which.
    let Some((version, as_of)) = response.extensions().get::<prices::Generation>().map(|generation| (generation.0, generation.1)) else {
        return response;
    };
    if response.status() != StatusCode::OK {
        return response;
    }
    let (_, body) = response.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else { return Problem::internal().into_response() };
    let Ok(etag) = HeaderValue::from_str(&format!("\"{version}-{}\"", as_of.timestamp())) else {
        return Problem::internal().into_response();
    };
    let kept = cache::Kept { body, etag };
    shared.cache.put(version, as_of, &question, kept.clone());
    answer(&kept, none_match.as_ref())
}

fn answer(kept: &cache::Kept, none_match: Option<&HeaderValue>) -> Response {
    let mut response = if none_match == Some(&kept.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = kept.body.clone().into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    };
    response.headers_mut().insert(header::ETAG, kept.etag.clone());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=10"));
    response
}
