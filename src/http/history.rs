//! How prices moved, and what listings of the past tell. Everything is computed in `history`; nothing is decided here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use utoipa::IntoParams;

use super::Shared;
use super::evidence::blocking;
use super::problem::Problem;
use super::query::Pairs;
use crate::history::bid::{self, BidAnswer, BidQuestion};
use crate::history::come_back::{self, ComeBackAnswer, ComeBackQuestion};
use crate::history::{self, HistoryAnswer, Question};

/// The parameters, for the document; they are read by [`Question::parse`].
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document is made of it")]
struct HistoryQuery {
    /// slugs, aliases or families, separated by commas
    gpu: String,
    /// `on_demand` (default), `spot`, `serverless`, separated by commas
    market: Option<String>,
    /// a series for each of these and each of its tiers; default: one of all together. With `origin` any that the import has
    provider: Option<String>,
    /// a series for each provider that has one of these tiers
    tier: Option<String>,
    /// a series for each of these regions, from rows of prices: slower, and no further back than listings are kept
    region: Option<String>,
    /// a series for each of these countries, from rows of prices: slower, and no further back than listings are kept
    country: Option<String>,
    /// `true`: offers of more than one GPU; default: of one
    several: Option<String>,
    /// `2026-11-20`, `2026-11-20T12:00:00Z`, `7d` (so long ago); default: 30 days before `until`
    since: Option<String>,
    /// default: now
    until: Option<String>,
    /// `changes`, `hour`, `day` (default) or `week`; at most 10000 in a window
    step: Option<String>,
    /// whose days, weeks and hours of the week are meant, as `Europe/Paris`; default: `UTC`
    time_zone: Option<String>,
    /// `true`: figures over the window too: volatility, the worst rise, spot over on demand, the price by hour of the week
    figures: Option<String>,
    /// dollars per GPU-hour: how long the price was at or under it; brings the figures with it
    budget: Option<String>,
    /// which price the figures are made of: `rentable` (default; `lowest` where the rows do not tell it) or `lowest`
    price: Option<String>,
    /// an import (`/api/v1/imports`): its series alone, one for each provider, of all tiers and places that are asked for;
    /// default: what gpurate collected
    origin: Option<String>,
}

/// How the price of a GPU moved: changes, or steps of an hour, a day or a week, and figures over the window. What is not known
/// is a gap.
#[utoipa::path(
    get,
    path = "/api/v1/history",
    params(HistoryQuery),
    responses((status = 200, description = "series", body = HistoryAnswer), (status = 400, description = "a parameter cannot be used", body = Problem), (status = 404, description = "no such import", body = Problem))
)]
pub(super) async fn history(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Json<HistoryAnswer>, Problem> {
    let now = shared.now();
    let given = pairs.0.clone();
    let question = Question::parse(pairs.0.into_iter(), now).map_err(|error| Problem::of_filter(error, &given))?;
    let answer = blocking(&shared, move |daemon| {
        let question = question.keeping(daemon.config.retention.marketplace_days_whole());
        history::history(&daemon.store.reader()?, &daemon.market(), &question, now).map_err(|error| Problem::of_past(error, &given))
    });
    Ok(Json(answer.await?))
}

/// The parameters, for the document; they are read by [`ComeBackQuestion::parse`].
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document is made of it")]
struct ComeBackQuery {
    /// slugs, aliases or families, separated by commas
    gpu: String,
    /// `on_demand` (default) or `spot`, separated by commas
    market: Option<String>,
    /// marketplaces, separated by commas; default: all
    provider: Option<String>,
    /// tiers, separated by commas; default: all
    tier: Option<String>,
    /// a row for each of these regions
    region: Option<String>,
    /// only machines that are listed in one of these
    country: Option<String>,
    /// `true`: offers of more than one GPU; default: of one
    several: Option<String>,
    /// `2026-11-20`, `2026-11-20T12:00:00Z`, `7d` (so long ago); default, and at most: as far back as listings are kept
    since: Option<String>,
    /// default: now
    until: Option<String>,
    /// `tier` (default), or `region`: a row for each
    by: Option<String>,
}

/// How often a machine of a marketplace that was free was free again 1, 4, 24 and 72 hours later: what one risks who stops it.
/// Null where too little was seen.
#[utoipa::path(
    get,
    path = "/api/v1/come-back",
    params(ComeBackQuery),
    responses((status = 200, description = "counts and shares", body = ComeBackAnswer), (status = 400, description = "a parameter cannot be used", body = Problem))
)]
pub(super) async fn come_back(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Json<ComeBackAnswer>, Problem> {
    let now = shared.now();
    let given = pairs.0.clone();
    let question = ComeBackQuestion::parse(pairs.0.into_iter(), now).map_err(|error| Problem::of_filter(error, &given))?;
    let answer = blocking(&shared, move |daemon| {
        let question = question.keeping(daemon.config.retention.marketplace_days_whole());
        come_back::come_back(&daemon.store.reader()?, &daemon.market(), &question, now).map_err(|error| Problem::of_past(error, &given))
    });
    Ok(Json(answer.await?))
}

/// The parameters, for the document; they are read by [`BidQuestion::parse`].
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document is made of it")]
struct BidQuery {
    /// slugs, aliases or families, separated by commas
    gpu: String,
    /// evenings of each of these and each of its tiers; default: of all together
    provider: Option<String>,
    /// evenings of each provider that has one of these tiers
    tier: Option<String>,
    /// `true`: offers of more than one GPU; default: of one
    several: Option<String>,
    /// dollars per GPU-hour, as `0.25`
    bid: String,
    /// so many evenings, the last that are over; default: 30
    evenings: Option<u32>,
    /// when an evening begins, as `19:00` (default)
    from: Option<String>,
    /// how long it lasts: 1 to 24, default: 3
    hours: Option<u32>,
    /// whose time of day that is, as `Europe/Paris`; default: `UTC`
    time_zone: Option<String>,
}

/// On how many of the last evenings a bid for a spot machine would have held: by the lowest price of any machine.
#[utoipa::path(
    get,
    path = "/api/v1/bid",
    params(BidQuery),
    responses((status = 200, description = "evenings", body = BidAnswer), (status = 400, description = "a parameter cannot be used", body = Problem))
)]
pub(super) async fn bid(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Json<BidAnswer>, Problem> {
    let now = shared.now();
    let given = pairs.0.clone();
    let question = BidQuestion::parse(pairs.0.into_iter(), now).map_err(|error| Problem::of_filter(error, &given))?;
    let answer = blocking(&shared, move |daemon| {
        bid::bid(&daemon.store.reader()?, &daemon.market(), &question, now).map_err(|error| Problem::of_past(error, &given))
    });
    Ok(Json(answer.await?))
}
