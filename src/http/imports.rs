//! What was imported. Its rows are in `/api/v1/export/prices` and `/api/v1/history`, where an origin is asked for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::Shared;
use super::evidence::blocking;
use super::problem::Problem;
use super::query::Pairs;
use crate::store::imports::ImportView;

/// Prices of elsewhere that were imported.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Imports {
    /// By name.
    pub items: Vec<ImportView>,
}

/// Prices of elsewhere that were imported: where each comes from, and from when until when it goes. None of them is in an
/// answer about now.
#[utoipa::path(get, path = "/api/v1/imports", responses((status = 200, description = "imports", body = Imports), (status = 400, description = "it takes no parameter", body = Problem)))]
pub(super) async fn imports(State(shared): State<Arc<Shared>>, pairs: Pairs) -> Result<Json<Imports>, Problem> {
    let [] = pairs.only([])?;
    Ok(Json(Imports { items: blocking(&shared, |daemon| Ok(daemon.store.reader()?.imports()?)).await? }))
}
