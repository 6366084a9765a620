//! Two cards side by side, and guides. Both are computed by pure views; nothing is decided here.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::Shared;
use super::evidence::{blocking, simulating};
use super::prices::json;
use super::problem::Problem;
use super::query::{Pairs, Segment};
use crate::compare::{self, CompareError, Comparison};
use crate::guide::{self, Guide, GuideError, Options};

/// The two cards.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameter; `compare::pair` reads it")]
struct CompareQuery {
    /// Exactly two different GPUs, by slug, name or alias, with a comma: `rtx-5090,rtx-4090`.
    gpus: String,
}

/// What may be said of a guide.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; `Options` reads them")]
struct GuideQuery {
    /// A workload that makes images, such as `flux-dev`: what speeds and costs are of, and what the picks make.
    workload: Option<String>,
    /// `interactive` or `batch`: orders the tiers' GPUs by time or by cost, and puts its pick first.
    usage: Option<String>,
}

/// Exactly two GPUs side by side: what they are, what they cost now, every workload on either, and above which share of
/// computing the dearer one costs less.
#[utoipa::path(
    get,
    path = "/api/v1/compare",
    params(CompareQuery),
    responses((status = 200, description = "the two", body = Comparison), (status = 400, description = "not two different GPUs", body = Problem))
)]
pub(super) async fn compare(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Response, Problem> {
    let [gpus] = pairs.only(["gpus"])?;
    let gpus = gpus.unwrap_or_default();
    compare::pair(&gpus).and_then(compare::slugs).map_err(not_two)?;
    let as_of = shared.as_of();
    blocking(&shared, move |daemon| {
        let market = daemon.market();
        let comparison = compare::pair(&gpus).and_then(|pair| compare::compare(&market, pair, as_of)).map_err(not_two)?;
        Ok(json(&market, as_of, &comparison))
    })
    .await
}

/// A guide with the figures of now: memory as gates, the cards of each tier, an offer for each pattern of use held against
/// the usual advice, what to look at beside speed and price, and the usual questions answered.
#[utoipa::path(
    get,
    path = "/api/v1/guides/{slug}",
    params(("slug" = String, Path, description = "`image-generation`"), GuideQuery),
    responses((status = 200, description = "the guide", body = Guide), (status = 400, description = "an option cannot be used", body = Problem), (status = 404, description = "no such guide", body = Problem))
)]
pub(super) async fn guide(State(shared): State<Arc<Shared>>, Segment(slug): Segment, pairs: Pairs) -> Result<Response, Problem> {
    let [workload, usage] = pairs.only(["workload", "usage"])?;
    let options = Options::parse(workload.as_deref(), usage.as_deref()).map_err(problem)?;
    // Its picks are three plans: they take their turn among those.
    let as_of = shared.as_of();
    simulating(&shared, move |daemon| {
        let market = daemon.market();
        let guide = guide::guide(&slug, options, &market, as_of).map_err(problem)?;
        Ok(json(&market, as_of, &guide))
    })
    .await
}

pub(super) fn not_two(error: CompareError) -> Problem {
    Problem::parameter("gpus", error.value, Vec::new(), error.message)
}

pub(super) fn problem(error: GuideError) -> Problem {
    match error {
        GuideError::Unknown(detail) => Problem::not_found(detail),
        GuideError::Option { option, value, message } => Problem::parameter(option, value, Vec::new(), message),
    }
}
