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
use crate::collect::reparse::{self, ReparseReport};
use crate::collect::run::{Report, collect};
use crate::config::Secret;

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

/// What reading the past anew came to, part by part.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reparsed {
    /// One per part.
    pub reports: Vec<ReparseReport>,
}

/// Reads a provider's archived answers (or those of one part) anew with the adapter of now, and corrects rows of prices and
/// series of GPUs that say otherwise. Corrections are revisions and no events. Answers when it is done.
#[utoipa::path(
    post,
    path = "/api/v1/providers/{slug}/reparse",
    params(
        ("slug" = String, Path, description = "the provider"),
        ("since" = String, Query, description = "answers from then on: `2026-11-20`, `2026-11-20T12:00:00Z`, `7d` (so long ago)"),
        ("part" = Option<String>, Query, description = "only this part"),
        ("dry_run" = Option<bool>, Query, description = "compares and writes nothing")
    ),
    responses(
        (status = 200, description = "what each part came to", body = Reparsed),
        (status = 400, description = "a parameter cannot be used", body = Problem),
        (status = 401, description = "no token, or a wrong one", body = Problem),
        (status = 403, description = "no token is configured", body = Problem),
        (status = 404, description = "no such provider or part", body = Problem)
    ),
    security(("token" = []))
)]
pub(super) async fn reparse_now(
    State(shared): State<Arc<Shared>>,
    Segment(slug): Segment,
    headers: HeaderMap,
    pairs: Pairs,
) -> Result<Json<Reparsed>, Problem> {
    allow(&shared, &headers)?;
    let given = pairs.0.clone();
    let [since, part, dry_run] = pairs.only(["since", "part", "dry_run"])?;
    let dry_run = match dry_run.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => {
            let shown: String = other.chars().take(40).collect();
            let allowed = vec!["true".to_owned(), "false".to_owned()];
            return Err(Problem::parameter("dry_run", shown.clone(), allowed, format!("`{shown}` is not one of `true`, `false`")));
        }
    };
    let now = crate::store::now_ms();
    let since = reparse::since(since.as_deref(), now).map_err(|error| Problem::of_filter(error, &given))?;
    let known = collected(&slug)?;
    let parts = reparse::parts(&shared.daemon, known, part.as_deref())
        .ok_or_else(|| Problem::not_found(format!("`{slug}` has no such part; see /api/v1/providers/{slug}")))?;
    let (shared, known) = (Arc::clone(&shared), Arc::clone(known));
    // As with collecting: half of it helps nobody.
    let tracker = shared.daemon.work.clone();
    let work = tracker.spawn(async move {
        let mut reports = Vec::with_capacity(parts.len());
        for part in parts {
            if shared.cancel.is_cancelled() {
                return Err("the program is stopping".to_owned());
            }
            reports.push(reparse::claimed(&shared.daemon, &known, &part, since, dry_run).await?);
        }
        Ok(reports)
    });
    let reports = work.await.map_err(|error| {
        tracing::error!(%error, "a requested reading ended badly");
        Problem::internal()
    })?;
    reports.map(|reports| Json(Reparsed { reports })).map_err(|reason: String| {
        tracing::error!(reason, "archived answers cannot be read anew");
        Problem::unavailable("the database or the archive cannot be read or written now")
    })
}

async fn act(shared: &Arc<Shared>, slug: &str, headers: &HeaderMap, pairs: Pairs, by_hand: bool) -> Result<Json<Reports>, Problem> {
    allow(shared, headers)?;
    let [part] = pairs.only(["part"])?;
    let known = collected(slug)?;
    let mut parts = shared.daemon.parts(known);
    if let Some(name) = part {
        parts.retain(|part| part.name == name);
        if parts.is_empty() {
            return Err(Problem::not_found(format!("`{slug}` has no part `{name}`; see /api/v1/providers/{slug}")));
        }
    }
    // The work goes on when the client goes away: a half-done collection helps nobody.
    let (shared, known) = (Arc::clone(shared), Arc::clone(known));
    let tracker = shared.daemon.work.clone();
    let work = tracker.spawn(async move { collect_parts(&shared, &known, parts, by_hand).await });
    let reports = work.await.map_err(|error| {
        tracing::error!(%error, "a requested collection ended badly");
        Problem::internal()
    })?;
    Ok(Json(Reports { reports }))
}

async fn collect_parts(shared: &Arc<Shared>, known: &Arc<Known>, parts: Vec<Part>, by_hand: bool) -> Vec<Report> {
    let at_once = shared.daemon.config.collection.parts_at_once_per_provider_max as usize;
    futures_util::stream::iter(parts)
        .map(|part| async move {
            // At the end no part begins, and one that runs has its time.
            if shared.cancel.is_cancelled() {
                return Report::of_the_end(known, &part);
            }
            collect(&shared.daemon, known, &part, by_hand, &shared.daemon.stop).await
        })
        .buffered(at_once)
        .collect()
        .await
}

/// A provider whose prices are collected.
fn collected(slug: &str) -> Result<&'static Arc<Known>, Problem> {
    let told = || catalogue::not_collected(slug).unwrap_or_else(|| format!("no provider is called `{slug}`; see /api/v1/providers"));
    catalogue::by_slug(slug).ok_or_else(|| Problem::not_found(told()))
}

pub(super) fn allow(shared: &Shared, headers: &HeaderMap) -> Result<(), Problem> {
    let server = &shared.daemon.config.server;
    allowed(&shared.tokens, server.token_env.is_some() || server.token_file.is_some(), headers)
}

/// `is_configured`: one of `tokens` is the configuration's. The daemon's own commands have that of its run, which nobody else can know.
fn allowed(tokens: &[Secret], is_configured: bool, headers: &HeaderMap) -> Result<(), Problem> {
    let offered = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    match offered {
        Some(token) if tokens.iter().any(|known| known.matches(token)) => Ok(()),
        _ if !is_configured => {
            Err(Problem::disabled("requests that change state are off: set `server.token_env` or `server.token_file`, and restart"))
        }
        Some(_) => Err(Problem::unauthorised("the token is not the configured one")),
        None => Err(Problem::unauthorised("send the configured token as `Authorization: Bearer ...`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_configured_token_the_way_out_is_the_configuration() {
        let run = [Secret::of_this_run("hunter2".to_owned())];
        let asked = |authorization: Option<&str>, is_configured| {
            let headers = authorization.map(|value| (header::AUTHORIZATION, value.parse().expect("a header")));
            allowed(&run, is_configured, &headers.into_iter().collect()).map_err(|problem| (problem.status, problem.detail))
        };
        for authorization in [None, Some("Bearer guess")] {
            let (status, detail) = asked(authorization, false).expect_err("off");
            assert_eq!(status, 403, "{detail}");
            assert!(detail.contains("`server.token_env`") && detail.contains("`server.token_file`"), "{detail}");
            let (status, detail) = asked(authorization, true).expect_err("no token, or a wrong one");
            assert!(status == 401 && detail.contains("configured"), "{detail}");
        }
        assert_eq!(asked(Some("Bearer hunter2"), false), Ok(()), "the daemon's own commands go on");
    }
}
