//! Providers: what is known about each, and how its collections go.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Shared;
use super::problem::Problem;
use super::query::{Pairs, Segment};
use crate::prices::{Answer, ProviderRow};

/// Every provider, with its health.
#[utoipa::path(
    get,
    path = "/api/v1/providers",
    responses((status = 200, description = "providers", body = Answer<ProviderRow>), (status = 400, description = "a parameter cannot be used", body = Problem))
)]
pub(super) async fn providers(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Json<Answer<ProviderRow>>, Problem> {
    let [] = pairs.only([])?;
    Ok(Json(crate::prices::providers(&shared.daemon.market(), shared.as_of())))
}

/// One provider: health of each part, billing rule with its sources, hosts, redactions.
#[utoipa::path(
    get,
    path = "/api/v1/providers/{slug}",
    params(("slug" = String, Path, description = "the provider")),
    responses((status = 200, description = "the provider", body = Answer<ProviderRow>), (status = 404, description = "no such provider", body = Problem))
)]
pub(super) async fn provider(State(shared): State<Arc<Shared>>, Segment(slug): Segment) -> Result<Json<Answer<ProviderRow>>, Problem> {
    let missing =
        || Problem::not_found(format!("no provider is called `{}`; see /api/v1/providers", slug.chars().take(40).collect::<String>()));
    crate::prices::provider(&shared.daemon.market(), &slug, shared.as_of()).map(Json).ok_or_else(missing)
}
