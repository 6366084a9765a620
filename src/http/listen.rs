//! Connections: how many at once, of all and of one client, how long a request's head may take, how large it may be, and how long a client may
//! take nothing of its answer. What a stranger sends is bounded before any handler sees it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::Patience;
use super::clients::Connections;

/// More connections are closed at once: each costs memory while it is open.
const CONNECTIONS_MAX: usize = 2048;
/// A request's head has at most so many bytes.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// So much of an answer waits in the system for its client; it would take megabytes by itself.
const SEND_BUFFER_BYTES: usize = 128 * 1024;
/// At the end requests that run get so long.
const END_PATIENCE: Duration = Duration::from_secs(5);
/// After a connection could not be taken (no file descriptor left) the next try waits a little.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until cancelled; requests that run then get a few seconds to end.
pub(super) async fn listen(router: Router, listener: TcpListener, connections: Connections, patience: Patience, cancel: CancellationToken) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(HEAD_BYTES_MAX);
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
        let connection = graceful.watch(connection(&server, Taken::new(stream, patience.taking), peer, router.clone()));
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
    stream: Taken,
    peer: SocketAddr,
    router: Router,
) -> http1::Connection<
    TokioIo<Taken>,
    impl hyper::service::HttpService<hyper::body::Incoming, ResBody = Body, Error = std::convert::Infallible, Future: Send> + use<>,
> {
    let answer = move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    };
    server.serve_connection(TokioIo::new(stream), hyper::service::service_fn(answer))
}

/// A connection whose client takes what it asked for: where it takes nothing for so long the write fails, and the connection with it. An answer
/// that is not there yet is no fault of the client: only a write that waits counts.
struct Taken {
    stream: TcpStream,
    patience: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Taken {
    fn new(stream: TcpStream, patience: Duration) -> Self {
        // Answers are whole: waiting to fill a packet only delays them.
        let _as_before = stream.set_nodelay(true);
        let _as_before = socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER_BYTES);
        Self { stream, patience, stalled: None }
    }

    fn in_time<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        if stalled.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        // What it did not take is not kept for it by the system either.
        let _kept_longer = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing of its answer")))
    }
}

impl AsyncRead for Taken {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Taken {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.in_time(context, written)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, pieces: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.in_time(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
