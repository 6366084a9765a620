//! Where figures come from: archived answers, attempts, rows that were not believed.

use std::io::Read;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Shared;
use super::clients;
use super::problem::Problem;
use super::query::{Pairs, Segment, number, provider};
use crate::daemon::Daemon;
use crate::market::Market;
use crate::store::read::{CollectionRow, RejectedRow};

/// Attempts, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Collections {
    /// One per attempt.
    pub items: Vec<CollectionRow>,
    /// Give it as `cursor` for older ones; null at the end.
    pub next_cursor: Option<String>,
}

/// Attempts to collect, newest first: where the gaps are, and why.
#[utoipa::path(
    get,
    path = "/api/v1/collections",
    params(
        ("provider" = Option<String>, Query, description = "only of this provider"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the answer before")
    ),
    responses((status = 200, description = "attempts", body = Collections), (status = 400, description = "a parameter cannot be used", body = Problem))
)]
pub(super) async fn collections(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Json<Collections>, Problem> {
    let [of, limit, cursor] = pairs.only(["provider", "limit", "cursor"])?;
    let of = provider(of)?;
    let limit = number("limit", limit, 100, 1000)?;
    let before = match cursor {
        None => None,
        Some(text) => Some(before_of(&text).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            Problem::parameter("cursor", shown, Vec::new(), "this cursor is not of an answer of this service: begin without one")
        })?),
    };
    let items = blocking(&shared, move |daemon| Ok(daemon.store.reader()?.collections(of.as_deref(), before, limit)?)).await?;
    let next_cursor = if items.len() == limit as usize { items.last().map(|row| row.id.to_string()) } else { None };
    Ok(Json(Collections { items, next_cursor }))
}

/// Reads a `next_cursor`: digits, and no more of them than a row's number has.
fn before_of(cursor: &str) -> Option<i64> {
    let is_number = cursor.len() <= 18 && cursor.bytes().all(|byte| byte.is_ascii_digit());
    cursor.parse().ok().filter(|_| is_number)
}

/// Rows that are not in the prices, and why.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problems {
    /// `rejected`, `quarantine` or `unmapped`.
    pub kind: String,
    /// Rejected rows of the newest answers.
    pub rejected: Vec<RejectedRow>,
    /// Prices that were seen and not believed.
    pub quarantine: Vec<HeldRow>,
    /// Offers whose GPU or count is not known.
    pub unmapped: Vec<UnmappedRow>,
}

/// A price that was seen and not believed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct HeldRow {
    /// Id of the offer.
    pub id: String,
    /// Slug.
    pub provider: String,
    /// Name within the provider.
    pub part: String,
    /// The provider's own code; null where the row could not be read.
    pub sku: Option<String>,
    /// Why.
    pub reason: String,
    /// When it was seen so, with the price per hour in the provider's currency.
    pub seen: Vec<Sighting>,
    /// The last good price per hour, in the provider's currency; null where there is none.
    pub kept_price_per_hour: Option<String>,
}

/// One sighting.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Sighting {
    /// When.
    pub at: DateTime<Utc>,
    /// Price per hour in the provider's currency; null where the row could not be read.
    pub price_per_hour: Option<String>,
}

/// An offer whose GPU or count is not known.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct UnmappedRow {
    /// Id of the offer.
    pub id: String,
    /// Slug.
    pub provider: String,
    /// The provider's own code.
    pub sku: String,
    /// How it is sold.
    pub market: String,
    /// The provider's code of the place.
    pub region: String,
    /// The GPU in the provider's own words.
    pub gpu_name_raw: String,
    /// How many, where known.
    pub gpu_count: Option<String>,
    /// Price per hour of the whole offer, in the provider's currency.
    pub price_per_hour: String,
    /// That currency.
    pub currency: String,
}

/// Rows that are not in the prices: rejected, quarantined or unmapped.
#[utoipa::path(
    get,
    path = "/api/v1/problems",
    params(
        ("kind" = Option<String>, Query, description = "`rejected`, `quarantine`, `unmapped`; without it all of them"),
        ("provider" = Option<String>, Query, description = "only of this provider"),
        ("limit" = Option<u32>, Query, description = "of each kind; 1 to 1000, default 200")
    ),
    responses((status = 200, description = "rows", body = Problems), (status = 400, description = "a parameter cannot be used", body = Problem))
)]
pub(super) async fn problems(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Json<Problems>, Problem> {
    const KINDS: [&str; 3] = ["rejected", "quarantine", "unmapped"];
    let [kind, of, limit] = pairs.only(["kind", "provider", "limit"])?;
    let of = provider(of)?;
    let limit = number("limit", limit, 200, 1000)?;
    if let Some(kind) = kind.as_deref().filter(|kind| !KINDS.contains(kind)) {
        let allowed = KINDS.iter().map(|kind| (*kind).to_owned()).collect();
        return Err(Problem::parameter("kind", kind, allowed, format!("`{kind}` is not one of `rejected`, `quarantine`, `unmapped`")));
    }
    let wants = |name: &str| kind.as_deref().is_none_or(|kind| kind == name);
    let market = shared.daemon.market();
    let quarantine = if wants("quarantine") { held_rows(&market, of.as_deref(), limit as usize) } else { Vec::new() };
    let unmapped = if wants("unmapped") { unmapped_rows(&market, of.as_deref(), limit as usize) } else { Vec::new() };
    let rejected = if wants("rejected") {
        blocking(&shared, move |daemon| Ok(daemon.store.reader()?.rejected(of.as_deref(), limit)?)).await?
    } else {
        Vec::new()
    };
    Ok(Json(Problems { kind: kind.unwrap_or_else(|| "all".to_owned()), rejected, quarantine, unmapped }))
}

pub(super) fn held_rows(market: &Market, of: Option<&str>, limit: usize) -> Vec<HeldRow> {
    let decimal = |nanos: i64| gpurate_domain::Nanos(nanos).to_string();
    let mut rows: Vec<HeldRow> = market
        .held
        .iter()
        .filter(|(_, held)| of.is_none_or(|slug| *market.parts[held.part].provider_slug == *slug))
        .map(|(id, held)| {
            let entry = market.entry(*id);
            HeldRow {
                id: id.to_string(),
                provider: market.parts[held.part].provider_slug.to_string(),
                part: market.parts[held.part].name.to_string(),
                sku: held.offer.as_ref().or_else(|| entry.map(|entry| &entry.offer)).map(|offer| offer.key.sku.to_string()),
                reason: held.reason.clone(),
                seen: held
                    .seen
                    .iter()
                    .map(|(at, nanos)| Sighting { at: *at, price_per_hour: (*nanos > 0).then(|| decimal(*nanos)) })
                    .collect(),
                kept_price_per_hour: entry.map(|entry| decimal(entry.offer.price.per_hour.nanos)),
            }
        })
        .collect();
    rows.sort_by(|a, b| (&a.provider, &a.part, &a.id).cmp(&(&b.provider, &b.part, &b.id)));
    rows.truncate(limit);
    rows
}

pub(super) fn unmapped_rows(market: &Market, of: Option<&str>, limit: usize) -> Vec<UnmappedRow> {
    let unmapped =
        |entry: &&Arc<crate::market::Entry>| entry.offer.key.gpu_count.is_none() || entry.gpu == gpurate_domain::GpuMatch::Unmapped;
    market
        .index
        .entries
        .iter()
        .filter(unmapped)
        .filter(|entry| of.is_none_or(|slug| *entry.offer.key.provider == *slug))
        .take(limit)
        .map(|entry| UnmappedRow {
            id: entry.id.to_string(),
            provider: entry.offer.key.provider.to_string(),
            sku: entry.offer.key.sku.to_string(),
            market: entry.offer.key.market.to_string(),
            region: entry.offer.key.region.to_string(),
            gpu_name_raw: entry.offer.gpu_name.to_string(),
            gpu_count: entry.offer.key.gpu_count.map(|count| count.to_string()),
            price_per_hour: gpurate_domain::Nanos(entry.offer.price.per_hour.nanos).to_string(),
            currency: entry.offer.price.per_hour.currency.to_string(),
        })
        .collect()
}

/// Archived pages that are sent at once, at most.
pub(super) const PAGES_AT_ONCE_MAX: usize = 8;

/// More of an archived page than this is not sent; the command line reads the whole.
const PAGE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// An archived answer, as the provider sent it but for redacted personal data. A download in plain text: a foreign page
/// never runs here.
#[utoipa::path(
    get,
    path = "/api/v1/pages/{hash}",
    params(("hash" = String, Path, description = "64 hex digits, from the `evidence` of an offer")),
    responses(
        (status = 200, description = "the answer", body = String, content_type = "text/plain"),
        (status = 404, description = "never archived, or no more", body = Problem)
    )
)]
pub(super) async fn page(State(shared): State<Arc<Shared>>, Segment(hash): Segment) -> Result<Response, Problem> {
    let missing = || Problem::not_found("no such answer is kept: never archived, or past its time; see `archive` in the configuration");
    if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
        return Err(missing());
    }
    // A page may be large, and a reader slow: only a few are sent at once.
    let place = Arc::clone(&shared.pages).try_acquire_owned();
    let place = place.map_err(|_| Problem::unavailable("too many archived answers are being sent: ask again in a moment"))?;
    let wanted = hash.clone();
    let read = blocking(&shared, move |daemon| {
        let Some(fact) = daemon.store.reader()?.page(&wanted)? else { return Ok(None) };
        let read = daemon.archive.get(&fact.provider, &wanted).and_then(|page| {
            page.map(|page| {
                let mut bytes = Vec::new();
                page.take(PAGE_BYTES_MAX).read_to_end(&mut bytes).map(|_| bytes)
            })
            .transpose()
        });
        // Its place goes with it: it is held while it is read, whoever waits.
        read.map(|body| body.map(|body| (body, place))).map_err(|error| {
            tracing::error!(%error, "an archived page cannot be read");
            Problem::unavailable("the archived page cannot be read now")
        })
    })
    .await?;
    let (body, place) = read.ok_or_else(missing)?;
    let chunks = futures_util::stream::once(std::future::ready(Ok::<_, std::convert::Infallible>(bytes::Bytes::from(body))));
    let held = futures_util::StreamExt::map(chunks, move |chunk| {
        let _until_sent = &place;
        chunk
    });
    let mut response = axum::body::Body::from_stream(held).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    let disposition = format!("attachment; filename=\"{hash}.txt\"");
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(|_| Problem::internal())?);
    Ok(response)
}

/// Computes as [`blocking`] does, so many at once over all clients. Its place is given back when it has ended, also where nobody
/// waits for it any more.
pub(super) async fn simulating<T: Send + 'static>(
    shared: &Arc<Shared>,
    work: impl FnOnce(&Daemon) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let permit = Arc::clone(&shared.simulations).acquire_owned().await.map_err(|_| Problem::internal())?;
    blocking(shared, move |daemon| {
        let _until_it_ends = permit;
        work(daemon)
    })
    .await
}

/// Runs what blocks where blocking is allowed.
pub(super) async fn blocking<T: Send + 'static>(
    shared: &Arc<Shared>,
    work: impl FnOnce(&Daemon) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let (daemon, share) = (Arc::clone(&shared.daemon), clients::held());
    let work = move || {
        let _until_it_ends = share;
        work(&daemon)
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a request's work ended badly");
        Problem::internal()
    })?
}

#[cfg(test)]
mod tests {
    use super::before_of;

    #[test]
    fn a_cursor_of_collections_is_digits_as_documented() {
        assert_eq!(before_of("120"), Some(120));
        for other in ["", "-1", "+1", " 1", "0000000000000000000", "1e3"] {
            assert_eq!(before_of(other), None, "{other}");
        }
    }
}
