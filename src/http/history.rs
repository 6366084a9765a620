//! How prices moved. Everything is computed in `history`; nothing is decided here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Shared;
use super::evidence::blocking;
use super::problem::Problem;
use super::query::Pairs;
use crate::history::{self, HistoryAnswer, Question};

/// How the price of a GPU moved: changes, or steps of an hour, a day or a week. What is not known is a gap.
#[utoipa::path(
    get,
    path = "/api/v1/history",
    params(
        ("gpu" = String, Query, description = "slugs, aliases or families, separated by commas"),
        ("market" = Option<String>, Query, description = "`on_demand` (default), `spot`, `serverless`, separated by commas"),
        ("provider" = Option<String>, Query, description = "a series for each of these and each of its tiers; default: one of all together; with `origin` any that the import has"),
        ("several" = Option<String>, Query, description = "`true`: offers of more than one GPU; default: of one"),
        ("since" = Option<String>, Query, description = "`2026-11-20`, `2026-11-20T12:00:00Z`, `7d` (so long ago); default: 30 days before `until`"),
        ("until" = Option<String>, Query, description = "default: now"),
        ("step" = Option<String>, Query, description = "`changes`, `hour`, `day` (default) or `week`, UTC; at most 10000 in a window"),
        ("origin" = Option<String>, Query, description = "an import (`/api/v1/imports`): its series alone, one for each provider; default: what gpurate collected")
    ),
    responses((status = 200, description = "series", body = HistoryAnswer), (status = 400, description = "a parameter cannot be used", body = Problem), (status = 404, description = "no such import", body = Problem))
)]
pub(super) async fn history(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Json<HistoryAnswer>, Problem> {
    let now = shared.now();
    let given = pairs.0.clone();
    let question = Question::parse(pairs.0.into_iter(), now).map_err(|error| Problem::of_filter(error, &given))?;
    let answer = blocking(&shared, move |daemon| {
        history::history(&daemon.store.reader()?, &daemon.market(), &question, now).map_err(|error| Problem::of_past(error, &given))
    });
    Ok(Json(answer.await?))
}
