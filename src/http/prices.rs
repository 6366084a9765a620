//! Prices of now: cheapest, offers, GPUs. Everything is computed by the views in `prices`; nothing is decided here.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use gpurate_domain::{MarketKind, OfferId};
use serde::Serialize;

use super::Shared;
use super::evidence::blocking;
use super::problem::Problem;
use super::query::{Pairs, Segment};
use crate::daemon::Daemon;
use crate::market::Market;
use crate::metrics::Prices;
use crate::prices::{self, Answer, CheapestRow, Filters, GpuRow, OfferDetail, OfferView};
use crate::store::read::{PageFact, PriceRow};

/// Which market and moment an answer is of: it may be kept for others who ask the same.
#[derive(Clone, Copy)]
pub(super) struct Generation(pub(super) u64, pub(super) DateTime<Utc>);

/// Whether an address is answered from the market alone, so that the answer may be kept.
pub(super) fn depends_on_market_alone(path: &str) -> bool {
    matches!(path, "/api/v1/cheapest" | "/api/v1/offers" | "/api/v1/gpus" | "/api/v1/compare")
        || ["/api/v1/gpus/", "/api/v1/guides/"].iter().any(|under| path.starts_with(under))
}

/// The cheapest offer of each GPU (or provider, region, market) that passes the filters: the floor, and what one can
/// rent without taking a risk unawares.
#[utoipa::path(
    get,
    path = "/api/v1/cheapest",
    params(PriceQuery),
    responses((status = 200, description = "one row per GPU, cheapest first", body = Answer<CheapestRow>), (status = 400, description = "a parameter cannot be used", body = Problem))
)]
pub(super) async fn cheapest(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Response, Problem> {
    let filters = filters(pairs, Filters::parse)?;
    answer(&shared, |market, as_of| prices::cheapest(market, &filters, as_of))
}

/// Offers that pass the filters, page by page: by GPU, then price.
#[utoipa::path(
    get,
    path = "/api/v1/offers",
    params(OfferQuery),
    responses((status = 200, description = "offers", body = Answer<OfferView>), (status = 400, description = "a parameter cannot be used", body = Problem))
)]
pub(super) async fn offers(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Response, Problem> {
    let filters = filters(pairs, Filters::parse_for_offers)?;
    answer(&shared, |market, as_of| prices::offers(market, &filters, as_of))
}

/// One offer with where its price comes from.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OfferAnswer {
    /// The offer, its rule and what is known about its provider.
    #[serde(flatten)]
    pub offer: OfferDetail,
    /// The archived answers that hold it, with the requests they answer.
    pub pages: Vec<PageFact>,
    /// Its past, newest first, at most 100 changes.
    pub history: Vec<PriceRow>,
}

/// One offer: its price down to the archived answer, the request, the billing rule and the currency's rate.
#[utoipa::path(
    get,
    path = "/api/v1/offers/{id}",
    params(("id" = String, Path, description = "20 hex digits, from an answer")),
    responses((status = 200, description = "the offer", body = OfferAnswer), (status = 400, description = "not an id", body = Problem), (status = 404, description = "no such offer now", body = Problem))
)]
pub(super) async fn offer(State(shared): State<Arc<Shared>>, Segment(id): Segment) -> Result<axum::Json<OfferAnswer>, Problem> {
    let shown: String = id.chars().take(40).collect();
    let id: OfferId = id.parse().map_err(|_| {
        Problem::parameter(
            "id",
            shown.clone(),
            Vec::new(),
            format!("`{shown}` is not the id of an offer; it has 20 hex digits, see /api/v1/offers"),
        )
    })?;
    let as_of = shared.as_of();
    let answer = blocking(&shared, move |daemon| {
        let market = daemon.market();
        let Some(offer) = prices::show(&market, id, as_of) else { return Ok(None) };
        Ok(Some(with_evidence(daemon.store.reader()?, &market, id, offer)?))
    });
    let gone = || Problem::not_found(format!("no offer `{shown}` is on sale now: withdrawn, or never seen"));
    answer.await?.map(axum::Json).ok_or_else(gone)
}

/// Adds what only the database knows; the command line shows the same.
///
/// # Errors
/// [`crate::store::StoreError`].
pub fn with_evidence(
    reader: crate::store::Reader,
    market: &Market,
    id: OfferId,
    offer: OfferDetail,
) -> Result<OfferAnswer, crate::store::StoreError> {
    let (mut pages, mut history) = (Vec::new(), Vec::new());
    if let Some(entry) = market.entry(id) {
        let part = &market.parts[entry.part];
        // The source's own date may be older than the answer that carried it: the answer is what was archived.
        let at = match entry.presence {
            crate::market::Presence::Present => part.last_accepted_at.unwrap_or_else(|| market.observed_at(entry)),
            _ => market.observed_at(entry),
        };
        pages = reader.pages_at(&part.provider_slug, &part.name, at)?;
        history = reader.prices(entry.row, 100)?;
    }
    Ok(OfferAnswer { offer, pages, history })
}

/// Every GPU of the table, with its prices of now.
#[utoipa::path(
    get,
    path = "/api/v1/gpus",
    responses((status = 200, description = "GPUs", body = Answer<GpuRow>), (status = 400, description = "a parameter cannot be used", body = Problem))
)]
pub(super) async fn gpus(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Response, Problem> {
    let [] = pairs.only([])?;
    answer(&shared, prices::gpus)
}

/// One GPU: specifications with their sources, and its prices of now.
#[utoipa::path(
    get,
    path = "/api/v1/gpus/{slug}",
    params(("slug" = String, Path, description = "such as `rtx-4090`")),
    responses((status = 200, description = "the GPU", body = Answer<GpuRow>), (status = 404, description = "no such GPU", body = Problem))
)]
pub(super) async fn gpu(State(shared): State<Arc<Shared>>, Segment(slug): Segment) -> Result<Response, Problem> {
    let (market, as_of) = (shared.daemon.market(), shared.as_of());
    match prices::gpu(&market, &slug, as_of) {
        Some(row) => Ok(json(&market, as_of, &row)),
        None => Err(no_gpu(&slug)),
    }
}

/// 404 with the family's members or the nearest name.
pub(super) fn no_gpu(slug: &str) -> Problem {
    let shown: String = slug.chars().take(40).collect();
    Problem::not_found(crate::catalogue::no_one_gpu(&shown))
}

fn filters(
    pairs: Pairs,
    parse: impl FnOnce(std::vec::IntoIter<(String, String)>) -> Result<Filters, prices::FilterError>,
) -> Result<Filters, Problem> {
    let value = |name: &str| pairs.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.chars().take(200).collect::<String>());
    parse(pairs.0.clone().into_iter()).map_err(|error| {
        let value = value(&error.parameter).unwrap_or_default();
        Problem::parameter(error.parameter, value, Vec::new(), error.message)
    })
}

fn answer<T: Serialize>(shared: &Shared, view: impl FnOnce(&Market, DateTime<Utc>) -> T) -> Result<Response, Problem> {
    let (market, as_of) = (shared.daemon.market(), shared.as_of());
    Ok(json(&market, as_of, &view(&market, as_of)))
}

/// A document of one market and moment, which may be kept for others who ask the same.
pub(super) fn json<T: Serialize>(market: &Market, as_of: DateTime<Utc>, value: &T) -> Response {
    let body = match serde_json::to_vec(value) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written as JSON");
            return Problem::internal().into_response();
        }
    };
    let mut response = ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    response.extensions_mut().insert(Generation(market.version, as_of));
    response
}

/// The parameters of prices, from the one list of them.
struct PriceQuery;

impl utoipa::IntoParams for PriceQuery {
    fn into_params(_: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>) -> Vec<utoipa::openapi::path::Parameter> {
        prices::PARAMETERS.iter().map(documented).collect()
    }
}

/// The same for a list of offers.
struct OfferQuery;

impl utoipa::IntoParams for OfferQuery {
    fn into_params(_: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>) -> Vec<utoipa::openapi::path::Parameter> {
        prices::PARAMETERS.iter().filter(|parameter| parameter.name != "by").map(documented).collect()
    }
}

/// As the document names it; `openapi` says which values it takes.
fn documented(parameter: &prices::Parameter) -> utoipa::openapi::path::Parameter {
    use utoipa::openapi::Required;
    use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
    let begun = ParameterBuilder::new().name(parameter.name).parameter_in(ParameterIn::Query);
    begun.required(Required::False).description(Some(parameter.description)).build()
}

/// The cheapest price of each canonical GPU and market as metrics: labels are bounded by the table.
pub(super) fn measure(daemon: &Daemon) {
    let (market, as_of) = (daemon.market(), prices::floor_as_of(Utc::now()));
    let mut prices = Vec::new();
    for kind in MarketKind::ALL {
        let pairs = [("market".to_owned(), kind.as_str().to_owned())];
        let Ok(filters) = Filters::parse(pairs.into_iter()) else { continue };
        let answer = prices::cheapest(&market, &filters, as_of);
        let rows: std::collections::HashMap<String, Prices> = answer
            .items
            .iter()
            .filter_map(|row| {
                let cheapest_nanos = row.offer.price_usd_per_gpu_hour?.nanos;
                let prices = Prices { cheapest_nanos, median_nanos: row.median_usd_per_gpu_hour.nanos };
                Some((row.offer.gpu.as_ref()?.0.to_string(), prices))
            })
            .collect();
        for group in market.index.groups.iter().filter(|group| group.gpu.is_some()) {
            prices.push((group.slug.to_string(), kind, rows.get(&*group.slug).copied()));
        }
    }
    crate::metrics::prices(prices.into_iter());
}
