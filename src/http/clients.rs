//! Who asks, how often, and over how many connections: one client cannot take the service from the others.
//!
//! The peer's address counts, unless it is a trusted proxy: then the last address of `X-Forwarded-For` that is none. A
//! stranger's header is never believed.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Clients are forgotten after so many requests of all: those that were quiet since have their full allowance anyway.
const TIDY_EVERY: u32 = 4096;

/// Counts requests by client.
pub(super) struct Clients {
    limiter: Option<DefaultKeyedRateLimiter<IpAddr>>,
    trusted: Vec<IpNet>,
    asked: AtomicU32,
}

impl Clients {
    /// `per_second` 0: no limit. A burst of twice that is allowed.
    pub(super) fn new(per_second: u32, trusted: Vec<IpNet>) -> Self {
        let limiter = NonZeroU32::new(per_second).map(|rate| {
            let burst = rate.saturating_mul(NonZeroU32::MIN.saturating_add(1));
            RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst))
        });
        Self { limiter, trusted, asked: AtomicU32::new(0) }
    }

    /// Whether this request may be answered. This machine always may.
    pub(super) fn allow(&self, peer: SocketAddr, headers: &HeaderMap) -> bool {
        let Some(limiter) = &self.limiter else { return true };
        let client = self.client(peer.ip(), headers);
        if client.is_loopback() {
            return true;
        }
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            limiter.retain_recent();
        }
        limiter.check_key(&network(client)).is_ok()
    }

    /// Whose a request is: an address, of IPv6 a network.
    pub(super) fn of(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        network(self.client(peer.ip(), headers))
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let trusted = |address: &IpAddr| self.trusted.iter().any(|network| network.contains(address));
        if !trusted(&peer) {
            return peer;
        }
        let forwarded =
            headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        let addresses: Vec<IpAddr> = forwarded.filter_map(|address| address.trim().parse().ok()).collect();
        addresses.into_iter().rev().find(|address| !trusted(address)).unwrap_or(peer)
    }
}

/// What of a service is scarce, so that one client may have only a part of it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scarce {
    /// Answers that are computed from many rows.
    Question,
    /// Bodies that are sent for as long as the client takes them.
    Long,
    /// Streams without an end.
    Stream,
}

impl Scarce {
    /// What an address takes, if anything.
    pub(super) fn of(path: &str) -> Option<Self> {
        // A page in another language, and a table, take what the answer itself takes.
        let begins = |prefix: &str| path.strip_prefix(prefix).filter(|rest| rest.starts_with('/'));
        let (path, is_api) = match (begins("/api/v1/csv").or_else(|| begins("/api/v1")), begins("/fr")) {
            (Some(rest), _) => (rest, true),
            (None, rest) => (rest.unwrap_or(path), false),
        };
        let is_among = |questions: &[&str]| {
            questions.iter().any(|question| match question.strip_suffix('/') {
                Some(_) => path.starts_with(question),
                None => path.strip_prefix(question).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.'])),
            })
        };
        match path {
            "/changes/stream" if is_api => Some(Self::Stream),
            _ if is_api && is_among(&["/export/", "/pages/"]) => Some(Self::Long),
            _ if is_api && is_among(QUESTIONS_OF_THE_API) || !is_api && is_among(QUESTIONS_OF_PAGES) => Some(Self::Question),
            _ => None,
        }
    }

    /// At once of one client.
    const fn most(self) -> usize {
        match self {
            Self::Question => 4,
            Self::Long => 3,
            Self::Stream => 16,
        }
    }

    /// So many more wait for their turn; of what may last long none does.
    const fn waiting(self) -> usize {
        match self {
            Self::Question => 32,
            Self::Long | Self::Stream => 0,
        }
    }

    /// The body is what is scarce, not its beginning.
    pub(super) const fn lasts(self) -> bool {
        matches!(self, Self::Long | Self::Stream)
    }
}

/// What is computed from many rows, or from many offers one by one.
const QUESTIONS_OF_THE_API: &[&str] = &["/changes", "/history", "/bid", "/come-back", "/simulate", "/busy-share/", "/compare", "/guides/"];
const QUESTIONS_OF_PAGES: &[&str] = &["/simulate", "/compare", "/guides/", "/gpus/"];

/// How long a question waits for others of its client.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who has or waits for what.
type Taken = HashMap<(IpAddr, Scarce), Arc<Semaphore>>;

/// Shares by client. This machine and a proxy that is not trusted by name are clients as any other.
#[derive(Clone, Default)]
pub(super) struct Shares(Arc<Mutex<Taken>>);

impl Shares {
    /// A share until dropped; `None` where the client has all it may.
    pub(super) async fn enter(&self, client: IpAddr, scarce: Scarce) -> Option<Share> {
        let key = (client, scarce);
        let semaphore = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let semaphore = all.entry(key).or_insert_with(|| Arc::new(Semaphore::new(scarce.most())));
            // Whoever holds a share or waits for one has the semaphore, beside this map.
            if Arc::strong_count(semaphore) > scarce.most() + scarce.waiting() {
                return None;
            }
            Arc::clone(semaphore)
        };
        let mut share = Share { of: self.clone(), key, holds: None };
        share.holds = if scarce.waiting() == 0 {
            semaphore.try_acquire_owned().ok()
        } else {
            tokio::time::timeout(PATIENCE, semaphore.acquire_owned()).await.ok()?.ok()
        };
        share.holds.is_some().then_some(share)
    }
}

tokio::task_local! {
    /// Of the request that is being answered.
    static HELD: Arc<Share>;
}

/// Answers a request that has a share.
pub(super) async fn holding<T>(share: Arc<Share>, answer: impl Future<Output = T>) -> T {
    HELD.scope(share, answer).await
}

/// The share of the request that is being answered. Work that goes on where nobody waits for it any more holds it until it has
/// ended: else a client that goes away, or waits too long, has another one while the first is still computed.
pub(super) fn held() -> Option<Arc<Share>> {
    HELD.try_with(Arc::clone).ok()
}

/// A share of what is scarce.
pub(super) struct Share {
    of: Shares,
    key: (IpAddr, Scarce),
    holds: Option<OwnedSemaphorePermit>,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.holds = None;
        let mut all = self.of.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Who has gone is forgotten: strangers' addresses do not pile up.
        if all.get(&self.key).is_some_and(|semaphore| Arc::strong_count(semaphore) == 1) {
            all.remove(&self.key);
        }
    }
}

/// How many connections are open, by client.
type Open = Arc<Mutex<HashMap<IpAddr, u32>>>;

/// Counts open connections by client. Behind a trusted proxy nobody can tell whose a connection is before it asks: the
/// proxy's own are not bounded here, nor are those of this machine.
#[derive(Clone)]
pub(super) struct Connections {
    open: Open,
    most: u32,
    trusted: Arc<[IpNet]>,
}

impl Connections {
    /// `most` of one client at once; 0: no bound.
    pub(super) fn new(most: u32, trusted: &[IpNet]) -> Self {
        Self { open: Arc::default(), most, trusted: trusted.into() }
    }

    /// A place for one more connection, until dropped; `None` where the client has all it may.
    pub(super) fn enter(&self, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        if self.most == 0 || peer.is_loopback() || self.trusted.iter().any(|network| network.contains(&peer)) {
            return Some(Place { counted: None });
        }
        let client = network(peer);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(client).or_default();
        if *count == self.most {
            return None;
        }
        *count += 1;
        Some(Place { counted: Some((Arc::clone(&self.open), client)) })
    }
}

/// One open connection.
pub(super) struct Place {
    counted: Option<(Open, IpAddr)>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((open, client)) = &self.counted else { return };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(client) {
            *count -= 1;
            // Who has gone is forgotten: strangers' addresses do not pile up.
            if *count == 0 {
                open.remove(client);
            }
        }
    }
}

/// One client of IPv6 has a whole network of addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let mut octets = address.octets();
            octets[8..].fill(0);
            IpAddr::from(octets)
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().expect("an address"), 4000)
    }

    fn forwarded(value: &str) -> HeaderMap {
        HeaderMap::from_iter([("x-forwarded-for".parse().expect("a name"), value.parse().expect("a value"))])
    }

    #[test]
    fn one_client_s_flood_is_its_own() {
        let clients = Clients::new(5, Vec::new());
        let allowed = (0..100).filter(|_| clients.allow(peer("203.0.113.1"), &HeaderMap::new())).count();
        assert!((10..=12).contains(&allowed), "{allowed}");
        assert!(clients.allow(peer("203.0.113.2"), &HeaderMap::new()));
        assert!((0..100).all(|_| clients.allow(peer("127.0.0.1"), &HeaderMap::new())));
        assert!((0..100).all(|_| Clients::new(0, Vec::new()).allow(peer("203.0.113.1"), &HeaderMap::new())));
    }

    #[test]
    fn a_stranger_s_header_is_not_believed_and_a_trusted_proxy_s_is() {
        let clients = Clients::new(1, vec!["10.0.0.0/8".parse().expect("a network")]);
        let client = |address: &str, value: &str| clients.client(address.parse().expect("an address"), &forwarded(value)).to_string();
        assert_eq!(client("203.0.113.1", "198.51.100.7"), "203.0.113.1");
        assert_eq!(client("10.1.1.1", "198.51.100.9, 198.51.100.7, 10.2.2.2"), "198.51.100.7");
        assert_eq!(client("10.1.1.1", "nonsense"), "10.1.1.1");
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let clients = Clients::new(1, Vec::new());
        let allowed = (0..50).filter(|number| clients.allow(peer(&format!("2001:db8::{number:x}")), &HeaderMap::new())).count();
        assert!(allowed <= 3, "{allowed}");
    }

    #[tokio::test]
    async fn one_client_has_a_share_of_what_is_scarce_and_leaves_the_rest_to_others() {
        let shares = Shares::default();
        let [one, other] = ["203.0.113.1", "203.0.113.2"].map(|address| address.parse::<IpAddr>().expect("an address"));
        let mut long = Vec::new();
        while let Some(share) = shares.enter(one, Scarce::Long).await {
            long.push(share);
        }
        assert_eq!(long.len(), Scarce::Long.most());
        assert!(shares.enter(other, Scarce::Long).await.is_some() && shares.enter(one, Scarce::Stream).await.is_some());
        long.pop();
        assert!(shares.enter(one, Scarce::Long).await.is_some());
        // A hundred questions at once: a few are answered, some wait for their turn, the others are told so.
        let mut asked = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let shares = shares.clone();
            asked.spawn(async move {
                let share = shares.enter(one, Scarce::Question).await;
                tokio::time::sleep(Duration::from_millis(5)).await;
                share.is_some()
            });
        }
        let answered = asked.join_all().await.into_iter().filter(|answered| *answered).count();
        assert_eq!(answered, Scarce::Question.most() + Scarce::Question.waiting());
        drop(long);
        assert!(shares.0.lock().expect("not poisoned").is_empty(), "who has gone is forgotten");
    }

    #[test]
    fn what_is_scarce_is_known_by_its_address() {
        for (path, scarce) in [
            ("/api/v1/changes", Some(Scarce::Question)),
            ("/api/v1/changes.atom", Some(Scarce::Question)),
            ("/api/v1/changes/stream", Some(Scarce::Stream)),
            ("/api/v1/history", Some(Scarce::Question)),
            ("/api/v1/export/prices", Some(Scarce::Long)),
            ("/fr/gpus/rtx-4090", Some(Scarce::Question)),
            ("/api/v1/csv/history", Some(Scarce::Question)),
            ("/api/v1/csv/simulate", Some(Scarce::Question)),
            ("/api/v1/csv/busy-share/rtx-4090/h100-sxm", Some(Scarce::Question)),
            ("/api/v1/bid", Some(Scarce::Question)),
            ("/api/v1/come-back", Some(Scarce::Question)),
            ("/api/v1/simulate/offers/0011", Some(Scarce::Question)),
            ("/api/v1/guides/image-generation", Some(Scarce::Question)),
            ("/fr/guides/image-generation", Some(Scarce::Question)),
            ("/fr/compare", Some(Scarce::Question)),
            ("/api/v1/pages/abc", Some(Scarce::Long)),
            ("/api/v1/cheapest", None),
            ("/api/v1/csv/cheapest", None),
            ("/simulated", None),
            ("/", None),
            ("/fr/", None),
            ("/healthz", None),
        ] {
            assert_eq!(Scarce::of(path), scarce, "{path}");
        }
    }

    /// What each address takes: one that is new says it here.
    #[test]
    fn every_address_is_counted_as_what_it_takes() {
        const QUESTIONS: [&str; 10] = [
            "/api/v1/bid",
            "/api/v1/busy-share/{gpu}/{other}",
            "/api/v1/changes",
            "/api/v1/changes.atom",
            "/api/v1/come-back",
            "/api/v1/compare",
            "/api/v1/guides/{slug}",
            "/api/v1/history",
            "/api/v1/simulate",
            "/api/v1/simulate/offers/{id}",
        ];
        const NOTHING: [&str; 14] = [
            "/api/v1/cheapest",
            "/api/v1/collections",
            "/api/v1/gpus",
            "/api/v1/gpus/{slug}",
            "/api/v1/imports",
            "/api/v1/offers",
            "/api/v1/offers/{id}",
            "/api/v1/problems",
            "/api/v1/providers",
            "/api/v1/providers/{slug}",
            "/api/v1/workloads",
            "/api/v1/workloads/{id}",
            "/healthz",
            "/metrics",
        ];
        const PAGES: [(&str, bool); 9] = [
            ("/", false),
            ("/about", false),
            ("/compare", true),
            ("/gpus/{slug}", true),
            ("/guides", false),
            ("/guides/{slug}", true),
            ("/providers", false),
            ("/providers/{slug}", false),
            ("/simulate", true),
        ];
        let document = crate::http::document();
        let gets: Vec<&String> = document.paths.paths.iter().filter(|(_, item)| item.get.is_some()).map(|(path, _)| path).collect();
        assert!(gets.len() > 30, "{gets:?}");
        for path in gets {
            // A table takes what its answer takes.
            let answer = path.replace("/api/v1/csv/", "/api/v1/");
            let wanted = match answer.as_str() {
                "/api/v1/changes/stream" => Some(Scarce::Stream),
                "/api/v1/export/{table}" | "/api/v1/pages/{hash}" => Some(Scarce::Long),
                "/readyz" => None,
                question if QUESTIONS.contains(&question) => Some(Scarce::Question),
                other => {
                    assert!(NOTHING.contains(&other), "`{path}` is new: say here what it takes");
                    None
                }
            };
            assert_eq!(Scarce::of(&path.replace(['{', '}'], "")), wanted, "{path}");
        }
        let routed: Vec<&str> = include_str!("pages.rs").split("&at(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(routed.len(), PAGES.len(), "{routed:?}");
        for path in routed {
            let (_, asks) =
                PAGES.iter().find(|(page, _)| *page == path).unwrap_or_else(|| panic!("`{path}` is new: say here what it takes"));
            for address in [path.to_owned(), format!("/fr{path}")] {
                assert_eq!(Scarce::of(&address.replace(['{', '}'], "")), asks.then_some(Scarce::Question), "{address}");
            }
        }
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_keeps_its_place_and_its_share_until_it_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = crate::daemon::Daemon::open(crate::config::Config::default(), &folder.path().join("a.db"), false).expect("opens");
        let shared = crate::http::Shared::of_moment(daemon, crate::store::now_ms());
        let client = peer("203.0.113.1").ip();
        let share = shared.shares.enter(client, Scarce::Question).await.expect("a share");
        let (release, until) = std::sync::mpsc::channel::<()>();
        let (begun, begins) = tokio::sync::oneshot::channel();
        let question = {
            let shared = Arc::clone(&shared);
            holding(Arc::new(share), async move {
                let computed = crate::http::evidence::simulating(&shared, move |_| {
                    begun.send(()).expect("awaited");
                    let _told_or_tired = until.recv_timeout(Duration::from_secs(5));
                    Ok(())
                });
                computed.await.is_ok()
            })
        };
        let question = tokio::spawn(question);
        begins.await.expect("it is computed");
        question.abort();
        assert!(question.await.is_err(), "its client has gone");
        let free = || (shared.simulations.available_permits(), shared.shares.0.lock().expect("not poisoned").len());
        let most = crate::http::simulate::AT_ONCE_MAX;
        assert_eq!(free(), (most - 1, 1), "and it goes on");
        release.send(()).expect("it goes on");
        let since = std::time::Instant::now();
        while free() != (most, 0) {
            assert!(since.elapsed() < Duration::from_secs(5), "{:?}", free());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[test]
    fn one_client_s_connections_are_bounded_and_given_back() {
        let connections = Connections::new(3, &["10.0.0.0/8".parse().expect("a network")]);
        let enter = |address: &str| connections.enter(address.parse().expect("an address"));
        let mut held: Vec<_> = (0..5).filter_map(|_| enter("203.0.113.1")).collect();
        assert_eq!(held.len(), 3);
        // The same client by its mapped address; another is not kept out.
        assert!(enter("::ffff:203.0.113.1").is_none() && enter("203.0.113.2").is_some());
        held.pop();
        assert!(enter("203.0.113.1").is_some());
        let many = |address: &str| (0..9).filter_map(|_| enter(address)).collect::<Vec<_>>().len();
        assert_eq!((many("10.1.1.1"), many("127.0.0.1"), many("::1"), many("2001:db8::7")), (9, 9, 9, 3));
        drop(held);
        assert!(connections.open.lock().expect("not poisoned").is_empty(), "who has gone is forgotten");
        let unbounded = Connections::new(0, &[]);
        assert_eq!((0..9).filter_map(|_| unbounded.enter("203.0.113.1".parse().expect("an address"))).collect::<Vec<_>>().len(), 9);
    }
}
