//! Workloads: what people run on GPUs, in which variants, and how fast a GPU is at it. Read from the table that is compiled
//! in; no price is in it.

use axum::Json;

use super::problem::Problem;
use super::query::{Pairs, Segment};
use crate::workloads::{self, Question, QuestionError, WorkloadAnswer, WorkloadsAnswer};

/// What may be asked beside the workload.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; `Question` reads them")]
struct WorkloadQuery {
    /// GPUs: slugs, names or families, with commas.
    gpu: Option<String>,
    /// A variant by name, instead of the best that fits; of one workload only.
    variant: Option<String>,
    /// Memory that the card reports, in GiB, where it is not the size on the box.
    vram_gib: Option<String>,
    /// Steps of one picture or clip.
    steps: Option<u32>,
    /// Such as `1024x1024`, or `832x480x81` for a clip of 81 frames.
    resolution: Option<String>,
    /// Variants whose weights move between host and card: `include` or `exclude`; where neither of the two is given, only where nothing else fits.
    offload: Option<String>,
    /// Variants that are compiled for minutes before the first picture: `include` or `exclude`; as `offload`.
    compiled: Option<String>,
}

/// Every workload in short; with `gpu`, the variant each of these GPUs runs and how long a picture, step or clip takes.
#[utoipa::path(
    get,
    path = "/api/v1/workloads",
    params(WorkloadQuery),
    responses((status = 200, description = "workloads", body = WorkloadsAnswer), (status = 400, description = "a parameter cannot be used", body = Problem))
)]
pub(super) async fn workloads(pairs: Pairs) -> Result<Json<WorkloadsAnswer>, Problem> {
    let question = question(pairs)?;
    workloads::workloads(workloads::table(), &question).map(Json).map_err(parameter)
}

/// One workload with its variants and sources; with `gpu`, the variant each of these GPUs runs, why the others are not
/// the one, and how long a picture, step or clip takes: measured, or an estimate with its range.
#[utoipa::path(
    get,
    path = "/api/v1/workloads/{id}",
    params(("id" = String, Path, description = "such as `flux1_dev`, or another of its names"), WorkloadQuery),
    responses((status = 200, description = "the workload", body = WorkloadAnswer), (status = 400, description = "a parameter cannot be used", body = Problem), (status = 404, description = "no such workload", body = Problem))
)]
pub(super) async fn workload(Segment(id): Segment, pairs: Pairs) -> Result<Json<WorkloadAnswer>, Problem> {
    let question = question(pairs)?;
    let answer = workloads::workload(workloads::table(), &id, &question).map_err(parameter)?;
    answer.map(Json).map_err(|unknown| Problem::not_found(format!("{unknown}; see /api/v1/workloads")))
}

fn question(pairs: Pairs) -> Result<Question, Problem> {
    Question::parse(pairs.only(Question::PARAMETERS)?).map_err(parameter)
}

fn parameter(error: QuestionError) -> Problem {
    Problem::parameter(error.parameter, error.value, Vec::new(), error.message)
}
