//! What a way of working costs with each offer. Work per request is bounded: the plan's own limits, and few at once.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use chrono::{DateTime, Utc};
use gpurate_domain::OfferId;
use utoipa::IntoParams;

use super::Shared;
use super::evidence::simulating;
use super::problem::Problem;
use super::query::{Pairs, Segment};
use crate::daemon::Daemon;
use crate::simulate::{self, BusyShare, Explanation, KEYS, Plan, PlanError, SimulationAnswer, TEXT_CHARACTERS_MAX};

/// So many plans are computed at once; others wait as long as any request may.
pub(super) const AT_ONCE_MAX: usize = 2;

/// The keys of a plan and the filters it takes, as parameters of a query.
pub(super) struct PlanQuery;

impl IntoParams for PlanQuery {
    fn into_params(_: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>) -> Vec<utoipa::openapi::path::Parameter> {
        use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
        use utoipa::openapi::{ObjectBuilder, Required, Type};
        let parameter = |name: &str, meaning: String| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some(meaning))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
                .build()
        };
        let keys = KEYS.iter().map(|key| parameter(key.name, format!("{} (as `{}`)", key.meaning, key.example)));
        keys.chain(simulate::filters_taken().map(|known| parameter(known.name, known.description.to_owned()))).collect()
    }
}

fn problem(error: PlanError) -> Problem {
    Problem::parameter(error.key, "", Vec::new(), error.message)
}

/// Computes one plan at a time per permit.
async fn answer<T: Send + 'static>(
    shared: &Arc<Shared>,
    plan: Plan,
    work: impl FnOnce(&Daemon, &Plan, DateTime<Utc>) -> Result<T, PlanError> + Send + 'static,
) -> Result<Json<T>, Problem> {
    let as_of = shared.as_of();
    simulating(shared, move |daemon| work(daemon, &plan, as_of).map_err(problem)).await.map(Json)
}

/// What a plan costs with each offer, cheapest by the dear end first. The plan is in the query: a link to this address
/// asks again.
#[utoipa::path(
    get,
    path = "/api/v1/simulate",
    params(PlanQuery),
    responses((status = 200, description = "rows, cheapest first, each with its bill", body = SimulationAnswer), (status = 400, description = "a key cannot be used", body = Problem))
)]
pub(super) async fn simulate_query(State(shared): State<Arc<Shared>>, Pairs(pairs): Pairs) -> Result<Json<SimulationAnswer>, Problem> {
    let plan = Plan::parse(pairs).map_err(problem)?;
    answer(&shared, plan, |daemon, plan, as_of| simulate::simulate(&daemon.market(), plan, as_of)).await
}

/// The same with the plan as a JSON object: keys with texts or numbers, `trace` as a list of
/// `[begin_minute, end_minute, images]`, `own_card` as an object.
#[utoipa::path(
    post,
    path = "/api/v1/simulate",
    request_body(content = Object, description = "a plan", content_type = "application/json", example = json!({"preset": "evenings", "country": "DE"})),
    responses(
        (status = 200, description = "rows, cheapest first, each with its bill", body = SimulationAnswer),
        (status = 400, description = "the body is no plan, or a key cannot be used", body = Problem)
    )
)]
pub(super) async fn simulate_body(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<Json<SimulationAnswer>, Problem> {
    if body.len() > 2 * TEXT_CHARACTERS_MAX {
        return Err(Problem::parameter(
            "plan",
            "",
            Vec::new(),
            format!("a plan has at most {TEXT_CHARACTERS_MAX} characters; shorten its trace"),
        ));
    }
    let value: serde_json::Value = serde_json::from_slice(&body).map_err(|error| {
        Problem::parameter("plan", "", Vec::new(), format!("not JSON: {error}; send a plan as `{{\"preset\": \"evenings\"}}`"))
    })?;
    let plan = Plan::parse_json(&value).map_err(problem)?;
    answer(&shared, plan, |daemon, plan, as_of| simulate::simulate(&daemon.market(), plan, as_of)).await
}

/// One offer's bill whole under a plan, with every fact it rests on.
#[utoipa::path(
    get,
    path = "/api/v1/simulate/offers/{id}",
    params(("id" = String, Path, description = "20 hex digits, from an answer"), PlanQuery),
    responses(
        (status = 200, description = "the bill", body = Explanation),
        (status = 400, description = "a key cannot be used, or the offer cannot do it", body = Problem),
        (status = 404, description = "no such offer now", body = Problem)
    )
)]
pub(super) async fn explain(
    State(shared): State<Arc<Shared>>,
    Segment(id): Segment,
    Pairs(pairs): Pairs,
) -> Result<Json<Explanation>, Problem> {
    let shown: String = id.chars().take(40).collect();
    let id: OfferId = id.parse().map_err(|_| {
        Problem::parameter(
            "id",
            shown.clone(),
            Vec::new(),
            format!("`{shown}` is not the id of an offer; it has 20 hex digits, see /api/v1/offers"),
        )
    })?;
    if shared.daemon.market().index.position(id).is_none() {
        return Err(Problem::not_found(format!("no offer has the id `{id}` now; see /api/v1/offers")));
    }
    let plan = Plan::parse(pairs).map_err(problem)?;
    answer(&shared, plan, move |daemon, plan, as_of| simulate::explain(&daemon.market(), plan, id, as_of)).await
}

/// When the dearer of two cards is the cheaper one for a plan's work: above which share of the time it computes.
#[utoipa::path(
    get,
    path = "/api/v1/busy-share/{gpu}/{other}",
    params(("gpu" = String, Path, description = "one card"), ("other" = String, Path, description = "the other"), PlanQuery),
    responses((status = 200, description = "the share, and the curve", body = BusyShare), (status = 400, description = "a key cannot be used, or a card has no offer or no known speed", body = Problem))
)]
pub(super) async fn busy_share(
    State(shared): State<Arc<Shared>>,
    axum::extract::Path((gpu, other)): axum::extract::Path<(String, String)>,
    Pairs(pairs): Pairs,
) -> Result<Json<BusyShare>, Problem> {
    let plan = Plan::parse(pairs).map_err(problem)?;
    answer(&shared, plan, move |daemon, plan, as_of| simulate::compare(&daemon.market(), plan, [&gpu, &other], as_of)).await
}
