//! Rows for programs, streamed. A page is read, given away, and only then the next one is read: neither memory nor the
//! database is held at a slow client's speed, and a client that is gone ends the work.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::Shared;
use super::clients::{self, Share};
use super::evidence::blocking;
use super::problem::Problem;
use super::query::Pairs;
use crate::export::{Export, Question, Table};

/// Exports at once, of all clients together.
pub(super) const AT_ONCE_MAX: usize = 8;
/// A client that takes nothing for so long gets no more.
const STALLED: Duration = Duration::from_secs(60);

/// What goes to the body. An export that ends without the last of them is cut, and the connection with it: half an
/// export must not look whole.
enum Piece {
    Bytes(Bytes),
    End,
}

/// Rows for programs: the offers of now, every price, or what GPUs cost per market. The columns are documented in
/// `docs/data.md`. An answer that breaks off is not whole.
#[utoipa::path(
    get,
    path = "/api/v1/export/{table}",
    params(
        ("table" = String, Path, description = "`offers`, `prices` or `series`"),
        ("format" = Option<String>, Query, description = "`csv` (default), `ndjson`, or `parquet` where it is built in"),
        ("gpu" = Option<String>, Query, description = "slugs, aliases or families, separated by commas"),
        ("provider" = Option<String>, Query, description = "slugs, separated by commas; series: those of single providers; with `origin` any that the import has"),
        ("since" = Option<String>, Query, description = "prices, series: from then on; `2026-11-20`, `2026-11-20T12:00:00Z`, `7d` (so long ago)"),
        ("until" = Option<String>, Query, description = "prices, series: before then; default now"),
        ("revisions" = Option<String>, Query, description = "prices: `true` gives every revision, not only the one that holds"),
        ("origin" = Option<String>, Query, description = "prices: those of this import (`/api/v1/imports`) alone; default: what gpurate collected")
    ),
    responses(
        (status = 200, description = "rows", content((String = "text/csv"), (String = "application/x-ndjson"), (String = "application/vnd.apache.parquet"))),
        (status = 400, description = "a parameter cannot be used", body = Problem),
        (status = 404, description = "no such table or import", body = Problem),
        (status = 503, description = "too many exports at once, or the database cannot be read", body = Problem)
    )
)]
pub(super) async fn export(State(shared): State<Arc<Shared>>, Path(table): Path<String>, pairs: Pairs) -> Result<Response, Problem> {
    let table: Table = table.parse().map_err(|error: crate::prices::FilterError| Problem::not_found(error.message))?;
    let now = shared.now();
    let given = pairs.0.clone();
    let question = Question::parse(table, pairs.0.into_iter(), now).map_err(|error| Problem::of_filter(error, &given))?;
    let (asked, of) = (question.clone(), given);
    blocking(&shared, move |daemon| asked.check(&daemon.store).map_err(|error| Problem::of_past(error, &of))).await?;
    let permit = Arc::clone(&shared.exports)
        .try_acquire_owned()
        .map_err(|_| Problem::unavailable(format!("{AT_ONCE_MAX} exports run already: ask again in a moment")))?;
    let (format, market) = (question.format, shared.daemon.market());
    let sample = market.sample;
    let export = Export::new(question, shared.daemon.store.clone(), market, now);
    // A database that cannot be read is told with a status, not with a body that breaks off.
    let ((export, held), first) = step(export, (permit, clients::held())).await?;
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(feed(export, first, sender, held, Arc::clone(&shared)));
    let mut response = Response::new(Body::from_stream(stream(receiver)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let disposition = format!("attachment; filename=\"gpurate-{}.{}\"", table.as_str(), format.as_str());
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(|_| Problem::internal())?);
    if sample {
        // The rows have no place to say it.
        headers.insert(HeaderName::from_static("x-gpurate-sample"), HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Its place among all exports and its client's share: held while it is read, whoever waits for it.
type Held = (OwnedSemaphorePermit, Option<Arc<Share>>);

/// Reads the next bytes where blocking is allowed.
async fn step(mut export: Export, held: Held) -> Result<((Export, Held), Option<Vec<u8>>), Problem> {
    let read = tokio::task::spawn_blocking(move || export.next_bytes().map(|bytes| ((export, held), bytes))).await;
    let read = read.map_err(|error| {
        tracing::error!(%error, "an export ended badly");
        Problem::internal()
    })?;
    Ok(read?)
}

/// Gives pages away until the end, or until nobody takes them.
async fn feed(mut export: Export, first: Option<Vec<u8>>, sender: mpsc::Sender<Piece>, mut held: Held, shared: Arc<Shared>) {
    let mut next = first;
    loop {
        let (piece, ended) = match next {
            Some(bytes) => (Piece::Bytes(bytes.into()), false),
            None => (Piece::End, true),
        };
        let taken = tokio::select! {
            taken = tokio::time::timeout(STALLED, sender.send(piece)) => matches!(taken, Ok(Ok(()))),
            () = shared.cancel.cancelled() => false,
        };
        if ended || !taken {
            return;
        }
        // What went wrong is in the log already.
        let Ok(read) = step(export, held).await else { return };
        ((export, held), next) = read;
    }
}

fn stream(receiver: mpsc::Receiver<Piece>) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    futures_util::stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(receiver))),
            Some(Piece::End) => None,
            None => Some((Err(std::io::Error::other("the export was cut")), None)),
        }
    })
    // Compression asks again after the end.
    .fuse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_export_that_was_cut_ends_in_an_error_and_a_whole_one_does_not() {
        for whole in [true, false] {
            let (sender, receiver) = mpsc::channel(2);
            assert!(sender.send(Piece::Bytes(Bytes::from_static(b"id\n"))).await.is_ok());
            if whole {
                assert!(sender.send(Piece::End).await.is_ok());
            }
            drop(sender);
            let mut stream = std::pin::pin!(stream(receiver));
            let pieces: Vec<_> = stream.by_ref().collect().await;
            assert_eq!(pieces.iter().all(Result::is_ok), whole, "{pieces:?}");
            assert!(stream.next().await.is_none(), "whoever asks again after the end is told so");
        }
    }
}
