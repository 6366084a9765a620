//! Connections: how many at once, of all and of one client, how long a request's head may take, how large it may be. What a stranger sends is
//! bounded before any handler sees it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::clients::Connections;

/// More connections are closed at once: each costs memory while it is open.
const CONNECTIONS_MAX: usize = 2048;
/// From the connection (or the answer before) to the end of the next request's head.
const HEAD_PATIENCE: Duration = Duration::from_secs(20);
/// A request's head has at most so many bytes.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// At the end requests that run get so long.
const END_PATIENCE: Duration = Duration::from_secs(5);
/// After a connection could not be taken (no file descriptor left) the next try waits a little.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until cancelled; requests that run then get a few seconds to end.
pub(super) async fn listen(router: Router, listener: TcpListener, connections: Connections, cancel: CancellationToken) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).max_buf_size(HEAD_BYTES_MAX);
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(place) = connections.enter(peer.ip()) else { continue };
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else { continue };
        let connection = graceful.watch(connection(&server, stream, peer, router.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::trace!(%error, "a connection ended early");
            }
            drop((slot, place));
        });
    }
    // A client that never ends its request does not keep the program.
    let _late = tokio::time::timeout(END_PATIENCE, graceful.shutdown()).await;
}

fn connection(
    server: &http1::Builder,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> http1::Connection<
    TokioIo<TcpStream>,
    impl hyper::service::HttpService<hyper::body::Incoming, ResBody = Body, Error = std::convert::Infallible, Future: Send> + use<>,
> {
    // Answers are whole: waiting to fill a packet only delays them.
    let _as_before = stream.set_nodelay(true);
    let answer = move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    };
    server.serve_connection(TokioIo::new(stream), hyper::service::service_fn(answer))
}
