//! What changes, as it changes: server-sent events. A client that comes back says what it was told last
//! (`Last-Event-ID`), and is told what it missed. Which changes there are is decided in `changes`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::IntoParams;

use super::Shared;
use super::evidence::blocking;
use super::problem::Problem;
use super::query::Pairs;
use crate::changes::tail::{self, Place, Tail};
use crate::changes::{Change, Question};

/// Streams at once; more are answered 503.
pub(super) const AT_ONCE_MAX: usize = 64;
/// Commits often come in a row: they are looked at together.
const GATHER: Duration = Duration::from_millis(500);
/// A line that keeps the connection, and tells a client that is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The header by which a client says what it was told last.
const LAST_EVENT_ID: &str = "last-event-id";

/// The parameters, for the document; they are read by [`Question::parse`].
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document is made of it")]
struct StreamQuery {
    /// slugs, aliases or families, separated by commas; what is about no GPU is left out then
    gpu: Option<String>,
    /// `on_demand`, `spot`, `serverless`, separated by commas; what is about no single market is left out then
    market: Option<String>,
    /// slugs, separated by commas
    provider: Option<String>,
    /// kinds of changes, separated by commas; default: all
    kind: Option<String>,
    /// the same as the header `Last-Event-ID`, which goes before it: id of the last change that is known
    last_event_id: Option<String>,
}

/// The first event: from here on one is told.
#[derive(Serialize)]
struct Ready {
    sample: bool,
    version: u64,
}

/// More happened than is told at once.
#[derive(Serialize)]
struct Missed {
    after: String,
    detail: &'static str,
}

/// What changes, as it changes: an event `change` for each, its data a change as in `/api/v1/changes`, its id the change's.
/// First comes `ready`. With `Last-Event-ID` (browsers send it by themselves) what came since is told first, oldest first;
/// where that is too much an event `missed` says so, and `/api/v1/changes` has it.
#[utoipa::path(
    get,
    path = "/api/v1/changes/stream",
    params(StreamQuery, ("Last-Event-ID" = Option<String>, Header, description = "id of the last change that is known")),
    responses(
        (status = 200, description = "server-sent events, until the client or the service ends", body = String, content_type = "text/event-stream"),
        (status = 400, description = "a parameter cannot be used", body = Problem)
    )
)]
pub(super) async fn stream_of_changes(State(shared): State<Arc<Shared>>, headers: HeaderMap, pairs: Pairs) -> Result<Response, Problem> {
    let given = pairs.0.clone();
    let (known, asked): (Vec<_>, Vec<_>) = pairs.0.into_iter().partition(|(name, _)| name == "last_event_id");
    // A window and pages are questions about the past.
    if let Some((name, value)) = asked.iter().find(|(name, _)| matches!(name.as_str(), "since" | "until" | "limit" | "cursor")) {
        let detail = format!("`{name}` is of `/api/v1/changes`; a stream goes on from `last_event_id`");
        return Err(Problem::parameter(name.clone(), value.chars().take(40).collect::<String>(), Vec::new(), detail));
    }
    if known.len() > 1 {
        return Err(Problem::parameter("last_event_id", "", Vec::new(), crate::parameters::twice("last_event_id").message));
    }
    let question = Question::parse(asked.into_iter(), Utc::now()).map_err(|error| Problem::of_filter(error, &given))?;
    let header = headers.get(LAST_EVENT_ID).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let place = header.or_else(|| known.into_iter().next().map(|(_, value)| value)).filter(|text| !text.is_empty());
    let place = place.map(|text| Place::parse("last_event_id", &text)).transpose().map_err(|error| Problem::of_filter(error, &given))?;
    let permit = Arc::clone(&shared.streams)
        .try_acquire_owned()
        .map_err(|_| Problem::unavailable(format!("{AT_ONCE_MAX} clients listen already: ask `/api/v1/changes` now and then")))?;
    let mut commits = shared.daemon.committed.subscribe();
    let ready = Ready { sample: shared.daemon.is_sample(), version: *commits.borrow_and_update() };
    let place = match place {
        Some(place) => place,
        None => blocking(&shared, |daemon| Ok(tail::newest(&daemon.store.reader()?, Utc::now())?)).await?,
    };
    let first = Event::default()
        .event("ready")
        .id(place.text())
        .retry(Duration::from_secs(5))
        .json_data(&ready)
        .map_err(|_| Problem::internal())?;
    let listener = Listener { shared, question, place, commits, look_now: true, _permit: permit };
    let events = stream::once(async move { first }).chain(stream::unfold(listener, Listener::next).flat_map(stream::iter));
    let mut response = Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    // A proxy that gathers an answer before it passes it on would pass on nothing.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(response)
}

/// One client that listens.
struct Listener {
    shared: Arc<Shared>,
    question: Question,
    place: Place,
    commits: tokio::sync::watch::Receiver<u64>,
    /// What came before the first commit that is waited for.
    look_now: bool,
    _permit: OwnedSemaphorePermit,
}

impl Listener {
    /// What came after the next commits; `None` at the end of the service, or where the database cannot be read: the client
    /// comes back by itself.
    async fn next(mut self) -> Option<(Vec<Event>, Self)> {
        if !std::mem::take(&mut self.look_now) {
            let cancel = self.shared.cancel.clone();
            tokio::select! {
                () = cancel.cancelled() => return None,
                changed = self.commits.changed() => changed.ok()?,
            }
            tokio::select! {
                () = cancel.cancelled() => return None,
                () = tokio::time::sleep(GATHER) => {}
            }
            self.commits.mark_unchanged();
        }
        let (question, place) = (self.question.clone(), self.place);
        let told = blocking(&self.shared, move |daemon| Ok(tail::after(&daemon.store.reader()?, &question, place, Utc::now())?)).await;
        let Ok(Tail { items, missed, place }) = told else { return None };
        let mut events = Vec::with_capacity(items.len() + 1);
        if missed {
            let detail = "more changed than is told at once: `/api/v1/changes` has all of it";
            let event = Event::default().event("missed").json_data(Missed { after: self.place.text(), detail }).ok();
            events.extend(event.map(|event| if items.is_empty() { event.id(place.text()) } else { event }));
        }
        events.extend(items.iter().filter_map(event));
        // Without an event too: who comes back need not be told again what it did not ask for.
        if items.last().is_none_or(|last| last.id != place.text()) && place != self.place {
            events.push(Event::default().id(place.text()));
        }
        self.place = place;
        Some((events, self))
    }
}

fn event(change: &Change) -> Option<Event> {
    Event::default().event("change").id(&change.id).json_data(change).ok()
}
