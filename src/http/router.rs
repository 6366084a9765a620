//! Which address is answered by what. One registration serves the route and the OpenAPI document.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use futures_util::StreamExt;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::cors::{Any, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::clients::{Scarce, holding};
use super::problem::Problem;
use super::{
    Shared, actions, cache, changes, csv, evidence, export, guides, health, history, imports, openapi, pages, prices, providers, simulate,
    stream, workloads,
};

#[derive(OpenApi)]
#[openapi(info(title = "gpurate", description = "GPU-cloud prices: what is cheapest now, and where each figure comes from"))]
struct Document;

fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(prices::cheapest))
        .routes(routes!(prices::offers))
        .routes(routes!(prices::offer))
        .routes(routes!(prices::gpus))
        .routes(routes!(prices::gpu))
        .routes(routes!(workloads::workloads))
        .routes(routes!(workloads::workload))
        .routes(routes!(simulate::simulate_query, simulate::simulate_body))
        .routes(routes!(simulate::explain))
        .routes(routes!(simulate::busy_share))
        .routes(routes!(guides::compare))
        .routes(routes!(guides::guide))
        .routes(routes!(providers::providers))
        .routes(routes!(providers::provider))
        .routes(routes!(evidence::collections))
        .routes(routes!(evidence::problems))
        .routes(routes!(evidence::page))
        .routes(routes!(export::export))
        .routes(routes!(history::history))
        .routes(routes!(history::come_back))
        .routes(routes!(history::bid))
        .routes(routes!(imports::imports, imports::import_now))
        .routes(routes!(changes::changes))
        .routes(routes!(changes::feed))
        .routes(routes!(stream::stream_of_changes))
        .routes(routes!(actions::collect_now))
        .routes(routes!(actions::accept_now))
        .routes(routes!(actions::reparse_now))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
}

/// The OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = routes().into_openapi();
    openapi::complete(&mut document);
    csv::describe(&mut document);
    document
}

/// The whole service.
pub fn router(shared: Arc<Shared>) -> Router {
    let (router, mut document) = routes().split_for_parts();
    openapi::complete(&mut document);
    csv::describe(&mut document);
    if let Some(url) = &shared.daemon.config.server.public_url {
        document.servers = Some(vec![utoipa::openapi::Server::new(url.clone())]);
    }
    let document = Arc::new(document);
    let server = &shared.daemon.config.server;
    let patience = Duration::from_secs(u64::from(server.request_timeout_seconds));
    let at_once = Arc::new(Semaphore::new((server.requests_at_once_max as usize).min(Semaphore::MAX_PERMITS)));
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let api = router.clone().with_state(Arc::clone(&shared));
    csv::routes(pages::routes(router), &api)
        .route("/api/v1/openapi.json", axum::routing::get(move || async move { Json((*document).clone()) }))
        .fallback(|| async { Problem::nothing_here() })
        .method_not_allowed_fallback(|| async { Problem::method() })
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), kept))
        // Parquet is compressed by itself.
        .layer(
            CompressionLayer::new()
                .gzip(true)
                .compress_when(DefaultPredicate::new().and(NotForContentType::const_new(crate::export::PARQUET_MEDIA_TYPE))),
        )
        .layer(middleware::from_fn(move |request, next| in_time(patience, request, next)))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Problem::internal().into_response()))
        .layer(middleware::from_fn(move |request, next| not_too_many(Arc::clone(&at_once), request, next)))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), a_share))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), whole_body))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), not_too_often))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), pages::errors))
        .layer(CorsLayer::new().allow_origin(Any).allow_methods([Method::GET, Method::HEAD]))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), counted))
        .with_state(shared)
}

/// Requests of all addresses together: tower's limit would be one of each route, as a layer is put around every one of them. Whoever watches over
/// the service asks when it is full, too.
async fn not_too_many(at_once: Arc<Semaphore>, request: Request, next: Next) -> Response {
    if matches!(request.uri().path(), "/healthz" | "/readyz" | "/metrics") {
        return next.run(request).await;
    }
    let Ok(_until_answered) = at_once.try_acquire() else {
        return Problem::unavailable("too many requests at once: ask again in a moment").into_response();
    };
    next.run(request).await
}

/// Health is asked by machines that must not be kept out.
async fn not_too_often(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<std::net::SocketAddr>>();
    let health = matches!(request.uri().path(), "/healthz" | "/readyz");
    if peer.is_some_and(|ConnectInfo(peer)| !health && !shared.clients.allow(*peer, request.headers())) {
        return Problem::too_often().into_response();
    }
    next.run(request).await
}

/// A body has at most so many bytes: a plan with the longest of traces.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// A request takes part only when its body is there: one that is never finished takes no share from its client, and no place. A file to import
/// is read by its handler, as it comes.
async fn whole_body(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || request.uri().path() == "/api/v1/imports" {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let read = async {
        let (mut whole, mut pieces) = (Vec::new(), body.into_data_stream());
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Problem::parameter("body", "", Vec::new(), "the body broke off: send it again"))?;
            if whole.len() + piece.len() > BODY_BYTES_MAX {
                return Err(Problem::too_large(format!("a body has at most {BODY_BYTES_MAX} bytes: send less")));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    };
    let read = tokio::time::timeout(shared.patience.body, read).await;
    match read.unwrap_or_else(|_| Err(Problem::too_slow("the body did not come in time: send it again, whole"))) {
        Ok(whole) => next.run(Request::from_parts(parts, whole.into())).await,
        Err(problem) => problem.into_response(),
    }
}

/// One client's share of what is scarce.
async fn a_share(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<std::net::SocketAddr>>();
    let (Some(ConnectInfo(peer)), Some(scarce)) = (peer, Scarce::of(request.uri().path())) else { return next.run(request).await };
    let client = shared.clients.of(*peer, request.headers());
    let Some(share) = shared.shares.enter(client, scarce).await else { return Problem::too_much_at_once().into_response() };
    let share = Arc::new(share);
    let response = holding(Arc::clone(&share), next.run(request)).await;
    if !scarce.lasts() {
        return response;
    }
    // Until the last of it is sent, or the connection is gone.
    response.map(|body| {
        axum::body::Body::from_stream(body.into_data_stream().map(move |piece| {
            let _until_sent = &share;
            piece
        }))
    })
}

/// Counts every request, those that are turned away too.
async fn counted(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
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
    let response = match repeated(&shared, &request) {
        Some(response) => response,
        None => next.run(request).await,
    };
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    crate::metrics::request(method, route, response.status().as_u16(), started.elapsed());
    response
}

/// The kept answer to a question that was asked before: it passes none of the layers below, so it has their headers here.
fn repeated(shared: &Shared, request: &Request) -> Option<Response> {
    if request.method() != Method::GET || !prices::depends_on_market_alone(request.uri().path()) {
        return None;
    }
    let question = request.uri().path_and_query()?.as_str();
    let kept = shared.cache.get(shared.daemon.market().version, shared.as_of(), question)?;
    let peer = request.extensions().get::<ConnectInfo<std::net::SocketAddr>>();
    if peer.is_some_and(|ConnectInfo(peer)| !shared.clients.allow(*peer, request.headers())) {
        return Some(Problem::too_often().into_response());
    }
    let mut response = answer(&kept, &Asked::of(request.headers()));
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Some(response)
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
    let question: Box<str> = request.uri().path_and_query().map_or("", |question| question.as_str()).into();
    let asked = Asked::of(request.headers());
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
    let Ok(etag) = HeaderValue::from_str(&format!("W/\"{version}-{}\"", as_of.timestamp())) else {
        return Problem::internal().into_response();
    };
    let kept = cache::Kept::new(body, etag);
    shared.cache.put(version, as_of, &question, kept.clone());
    answer(&kept, &asked)
}

/// What a request says about the answer's form.
struct Asked {
    none_match: Option<HeaderValue>,
    gzip: bool,
}

impl Asked {
    fn of(headers: &HeaderMap) -> Self {
        let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
        let gzip = accepts.split(',').any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        });
        Self { none_match: headers.get(header::IF_NONE_MATCH).cloned(), gzip }
    }

    fn has(&self, etag: &HeaderValue) -> bool {
        let (Some(given), Ok(etag)) = (self.none_match.as_ref().and_then(|value| value.to_str().ok()), etag.to_str()) else { return false };
        given.split(',').any(|one| one.trim() == etag)
    }
}

/// Shorter answers are not worth compressing.
const COMPRESSED_FROM_BYTES: usize = 1000;

fn answer(kept: &cache::Kept, asked: &Asked) -> Response {
    let mut response = if asked.has(&kept.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let gzip = asked.gzip && kept.body.len() >= COMPRESSED_FROM_BYTES;
        let mut response = if gzip { kept.gzip() } else { kept.body.clone() }.into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if gzip {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response.headers_mut().insert(header::ETAG, kept.etag.clone());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=10"));
    response
}
