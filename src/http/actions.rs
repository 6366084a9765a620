//! Requests that change state: collect now, believe what a person vouches for. They need a token.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use gpurate_providers::Part;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::problem::Problem;
use super::query::{Pairs, Segment};
use crate::catalogue::{self, Known};
use crate::collect::run::{Report, collect};

/// What a collection came to, part by part.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reports {
    /// One per part.
    pub reports: Vec<Report>,
}

/// Collects a provider (or one part of it) now, and answers when it is done.
#[utoipa::path(
    post,
    path = "/api/v1/providers/{slug}/collect",
    params(("slug" = String, Path, description = "the provider"), ("part" = Option<String>, Query, description = "only this part")),
    responses(
        (status = 200, description = "what each part came to", body = Reports),
        (status = 400, description = "a parameter cannot be used", body = Problem),
        (status = 401, description = "no token, or a wrong one", body = Problem),
        (status = 403, description = "no token is configured", body = Problem),
        (status = 404, description = "no such provider or part", body = Problem)
    ),
    security(("token" = []))
)]
pub(super) async fn collect_now(
    State(shared): State<Arc<Shared>>,
    Segment(slug): Segment,
    headers: HeaderMap,
    pairs: Pairs,
) -> Result<Json<Reports>, Problem> {
    act(&shared, &slug, &headers, pairs, false).await
}

/// Collects a provider (or one part of it) now and believes the answer, even where the gate would hold it back. Rows
/// that contradict themselves are held all the same.
#[utoipa::path(
    post,
    path = "/api/v1/providers/{slug}/accept",
    params(("slug" = String, Path, description = "the provider"), ("part" = Option<String>, Query, description = "only this part")),
    responses(
        (status = 200, description = "what each part came to", body = Reports),
        (status = 400, description = "a parameter cannot be used", body = Problem),
        (status = 401, description = "no token, or a wrong one", body = Problem),
        (status = 403, description = "no token is configured", body = Problem),
        (status = 404, description = "no such provider or part", body = Problem)
    ),
    security(("token" = []))
)]
pub(super) async fn accept_now(
    State(shared): State<Arc<Shared>>,
    Segment(slug): Segment,
    headers: HeaderMap,
    pairs: Pairs,
) -> Result<Json<Reports>, Problem> {
    act(&shared, &slug, &headers, pairs, true).await
}

async fn act(shared: &Arc<Shared>, slug: &str, headers: &HeaderMap, pairs: Pairs, by_hand: bool) -> Result<Json<Reports>, Problem> {
    allow(shared, headers)?;
    let [part] = pairs.only(["part"])?;
    let known =
        catalogue::by_slug(slug).ok_or_else(|| Problem::not_found(format!("no provider is called `{slug}`; see /api/v1/providers")))?;
    let mut parts = shared.daemon.parts(known);
    if let Some(name) = part {
        parts.retain(|part| part.name == name);
        if parts.is_empty() {
            return Err(Problem::not_found(format!("`{slug}` has no part `{name}`; see /api/v1/providers/{slug}")));
        }
    }
    // The work goes on when the client goes away: a half-done collection helps nobody.
    let (shared, known) = (Arc::clone(shared), Arc::clone(known));
    let work = tokio::spawn(async move { collect_parts(&shared, &known, parts, by_hand).await });
    let reports = work.await.map_err(|error| {
        tracing::error!(%error, "a requested collection ended badly");
        Problem::internal()
    })?;
    Ok(Json(Reports { reports }))
}

async fn collect_parts(shared: &Arc<Shared>, known: &Arc<Known>, parts: Vec<Part>, by_hand: bool) -> Vec<Report> {
    let at_once = shared.daemon.config.collection.parts_at_once_per_provider_max as usize;
    futures_util::stream::iter(parts)
        .map(|part| async move { collect(&shared.daemon, known, &part, by_hand, &shared.cancel).await })
        .buffered(at_once)
        .collect()
        .await
}

fn allow(shared: &Shared, headers: &HeaderMap) -> Result<(), Problem> {
    if shared.tokens.is_empty() {
        return Err(Problem::disabled("requests that change state are off: set `server.token_env` or `server.token_file`"));
    }
    let offered = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    match offered {
        Some(token) if shared.tokens.iter().any(|known| known.matches(token)) => Ok(()),
        Some(_) => Err(Problem::unauthorised("the token is not the configured one")),
        None => Err(Problem::unauthorised("send the configured token as `Authorization: Bearer ...`")),
    }
}
