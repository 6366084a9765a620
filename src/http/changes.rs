//! What changed. Everything is computed in `changes`; nothing is decided here.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use utoipa::IntoParams;

use super::Shared;
use super::evidence::blocking;
use super::problem::Problem;
use super::query::Pairs;
use crate::changes::{self, ChangesAnswer, Question, atom};
use crate::daemon::Daemon;

/// The parameters, for the document; they are read by [`Question::parse`].
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document is made of it")]
struct ChangesQuery {
    /// slugs, aliases or families, separated by commas; what is about no GPU is left out then
    gpu: Option<String>,
    /// `on_demand`, `spot`, `serverless`, separated by commas; what is about no single market is left out then
    market: Option<String>,
    /// slugs, separated by commas
    provider: Option<String>,
    /// kinds of changes, separated by commas; default: all
    kind: Option<String>,
    /// told from then on: `2026-11-20`, `2026-11-20T12:00:00Z`, `7d` (so long ago); default: 7 days before `until`
    since: Option<String>,
    /// told before then; default: now
    until: Option<String>,
    /// at most so many: 1 to 1000, default 100
    limit: Option<u32>,
    /// `next_cursor` of the answer before
    cursor: Option<String>,
}

/// What changed, newest first: prices, offers, GPUs of providers, answers that were not believed. With before and after and
/// what it rests on. Corrections are no changes.
#[utoipa::path(
    get,
    path = "/api/v1/changes",
    params(ChangesQuery),
    responses((status = 200, description = "changes", body = ChangesAnswer), (status = 400, description = "a parameter cannot be used", body = Problem))
)]
pub(super) async fn changes(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Json<ChangesAnswer>, Problem> {
    Ok(Json(answered(&shared, pairs, false).await?.0))
}

/// The same as an Atom feed: one entry per change, its evidence as links.
#[utoipa::path(
    get,
    path = "/api/v1/changes.atom",
    params(ChangesQuery),
    responses(
        (status = 200, description = "an Atom feed (RFC 4287)", body = String, content_type = "application/atom+xml"),
        (status = 400, description = "a parameter cannot be used", body = Problem)
    )
)]
pub(super) async fn feed(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery, pairs: Pairs) -> Result<Response, Problem> {
    let (answer, before) = answered(&shared, pairs, true).await?;
    let base = shared.daemon.config.server.public_url.as_deref().unwrap_or_default();
    let mut response = atom::feed(&answer, before, base, query.as_deref().unwrap_or_default()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(atom::MEDIA_TYPE));
    Ok(response)
}

/// The answer, and where it has no items and that is asked for: when the last change before its window was told.
async fn answered(shared: &Arc<Shared>, pairs: Pairs, ask_before: bool) -> Result<(ChangesAnswer, Option<DateTime<Utc>>), Problem> {
    let now = shared.now();
    let given = pairs.0.clone();
    let question = Question::parse(pairs.0.into_iter(), now).map_err(|error| Problem::of_filter(error, &given))?;
    let work = move |daemon: &Daemon| {
        let (reader, sample) = (daemon.store.reader()?, daemon.market().sample);
        let answer = changes::changes(&reader, sample, &question, now)?;
        if !ask_before || !answer.items.is_empty() {
            return Ok((answer, None));
        }
        let before = changes::changes(&reader, sample, &question.newest_before(), now)?;
        Ok((answer, before.items.first().map(|change| change.told_at)))
    };
    blocking(shared, work).await
}
