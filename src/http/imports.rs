//! What was imported. Its rows are in `/api/v1/export/prices` and `/api/v1/history`, where an origin is asked for.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use futures_util::StreamExt as _;
use serde::Serialize;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Semaphore;

use super::Shared;
use super::actions::allow;
use super::evidence::blocking;
use super::problem::Problem;
use super::query::Pairs;
use crate::daemon::{Daemon, archive_folder};
use crate::import::ImportError;
use crate::import::job::{ImportReport, Job, JobError};
use crate::import::map::{FileFormat, Map};
use crate::store::imports::ImportView;
use crate::store::now_ms;

/// A file that is sent to be imported has at most so many bytes.
pub(super) const FILE_BYTES_MAX: u64 = 1_000_000_000;
/// And its map.
pub(super) const MAP_BYTES_MAX: u32 = 1_000_000;

/// One at a time: what a file holds is in memory until it is written.
static AT_ONCE: Semaphore = Semaphore::const_new(1);

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

/// Imports a file: the body is its map (TOML, `docs/import.md`), of `map_bytes` bytes, and behind it the file as it is. Answers when
/// it is written. Nothing of it is in an answer about now.
#[utoipa::path(
    post,
    path = "/api/v1/imports",
    params(
        ("format" = String, Query, description = "`csv`, `ndjson`, or `parquet` where it is built in"),
        ("map_bytes" = u32, Query, description = "so many bytes of the body are the map"),
        ("file" = Option<String>, Query, description = "how the file is called in the list of imports; default: `unnamed`"),
        ("replace" = Option<bool>, Query, description = "everything that was imported of this origin before goes")
    ),
    request_body(content = String, description = "the map, and the file", content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "what was taken, and what not", body = ImportReport),
        (status = 400, description = "a parameter, the map or the file cannot be used", body = Problem),
        (status = 401, description = "no token, or a wrong one", body = Problem),
        (status = 403, description = "no token is configured", body = Problem)
    ),
    security(("token" = []))
)]
pub(super) async fn import_now(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    pairs: Pairs,
    request: Request,
) -> Result<Json<ImportReport>, Problem> {
    allow(&shared, &headers)?;
    let [format, map_bytes, file, replace] = pairs.only(["format", "map_bytes", "file", "replace"])?;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let format = match format.as_deref() {
        Some("csv") => FileFormat::Csv,
        Some("ndjson") => FileFormat::Ndjson,
        Some("parquet") => FileFormat::Parquet,
        other => {
            let shown: String = other.unwrap_or_default().chars().take(40).collect();
            return Err(Problem::parameter(
                "format",
                shown,
                words(&["csv", "ndjson", "parquet"]),
                "say how the file is written: `csv`, `ndjson` or `parquet`",
            ));
        }
    };
    let map_bytes = map_bytes.as_deref().and_then(|text| text.parse::<u32>().ok()).filter(|bytes| (1..=MAP_BYTES_MAX).contains(bytes));
    let Some(map_bytes) = map_bytes else {
        let detail = format!("say how many bytes of the body are the map: 1 to {MAP_BYTES_MAX}");
        return Err(Problem::parameter("map_bytes", "", Vec::new(), detail));
    };
    let replaces = match replace.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Problem::parameter("replace", "", words(&["true", "false"]), "`replace` is `true` or `false`")),
    };
    let name = file.unwrap_or_else(|| "unnamed".to_owned());
    let name: String = name.chars().filter(|character| crate::words::is_plain(*character)).take(200).collect();
    let place = AT_ONCE.try_acquire().map_err(|_| Problem::unavailable("another import is running: ask again when it has ended"))?;
    let (map, spooled) = receive(&shared, request, map_bytes as usize).await?;
    let map = Map::parse(&map).map_err(|error| Problem::parameter("map", "", Vec::new(), error.to_string()))?;
    let work = shared.daemon.work.token();
    blocking(&shared, move |daemon| {
        // Also where its client has gone: no other begins, and the lock is held.
        let _until_it_ends = (place, work);
        write(daemon, map, format, spooled.path(), &name, replaces)
    })
    .await
    .map(Json)
}

/// The map as text, and the file as a temporary one, which is gone when dropped.
async fn receive(shared: &Shared, request: Request, map_bytes: usize) -> Result<(String, tempfile::NamedTempFile), Problem> {
    let failed = |error: std::io::Error| {
        tracing::error!(%error, "a file to import cannot be kept");
        Problem::unavailable("the file cannot be kept for the import: is there room on the disk?")
    };
    // Beside the archive: on a disk that has room for answers.
    let folder = archive_folder(shared.daemon.store.path()).join("spool");
    let spooled = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let mut file = tokio::fs::File::from_std(spooled.reopen().map_err(failed)?);
    let (mut map, mut bytes) = (Vec::with_capacity(map_bytes.min(64 * 1024)), 0_u64);
    let mut body = request.into_body().into_data_stream();
    loop {
        let piece = tokio::time::timeout(shared.patience.body, body.next()).await;
        let Some(piece) = piece.map_err(|_| Problem::too_slow("nothing more of the file came: send it again"))? else { break };
        let broke = |_| Problem::parameter("file", "", Vec::new(), "the body broke off: send it again");
        let piece = piece.map_err(broke)?;
        let of_map = piece.len().min(map_bytes - map.len());
        map.extend_from_slice(&piece[..of_map]);
        bytes += (piece.len() - of_map) as u64;
        if bytes > FILE_BYTES_MAX {
            let detail = format!("the file has more than {FILE_BYTES_MAX} bytes: split it, or import it while no daemon runs");
            return Err(Problem::parameter("file", "", Vec::new(), detail));
        }
        file.write_all(&piece[of_map..]).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    if map.len() < map_bytes {
        return Err(Problem::parameter("map_bytes", map_bytes.to_string(), Vec::new(), "the body is shorter than its map"));
    }
    let map = String::from_utf8(map).map_err(|_| Problem::parameter("map", "", Vec::new(), "the map is not UTF-8"))?;
    Ok((map, spooled))
}

fn write(
    daemon: &Daemon,
    map: Map,
    format: FileFormat,
    file: &std::path::Path,
    name: &str,
    replaces: bool,
) -> Result<ImportReport, Problem> {
    let told = |error: ImportError| match error {
        ImportError::File(error) => {
            tracing::error!(%error, "a file to import cannot be read back");
            Problem::unavailable("the file cannot be read back")
        }
        other => Problem::parameter("map", "", Vec::new(), other.to_string()),
    };
    // Reading takes its time; collections wait for the writing only.
    let job = Job::read(map, format, file, name, now_ms()).map_err(told)?;
    let report = job.write(&daemon.store, &mut daemon.write_side().writer, replaces).map_err(|error| match error {
        JobError::Import(error) => told(error),
        JobError::Store(error) => error.into(),
    })?;
    let ImportReport { origin, prices_new, offers_changed, refused_count, .. } = &report;
    tracing::info!("import {origin}: {prices_new} prices of {offers_changed} offers are new, {refused_count} rows refused");
    Ok(report)
}
