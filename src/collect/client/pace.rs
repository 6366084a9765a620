//! How often and how many at once a host is asked. Nothing here knows what is asked.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Every host that was asked, by the host of the original address: a gateway in between does not merge them.
#[derive(Default)]
pub(super) struct Hosts(Mutex<HashMap<String, Arc<Host>>>);

/// One host.
pub(super) struct Host {
    /// One request at a time.
    turn: Arc<Semaphore>,
    pace: Mutex<Option<(NonZeroU32, Arc<DefaultDirectRateLimiter>)>>,
}

impl Hosts {
    /// The host of that name.
    pub(super) fn host(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Host { turn: Arc::new(Semaphore::new(1)), pace: Mutex::new(None) });
        Arc::clone(hosts.entry(name.to_owned()).or_insert_with(new))
    }
}

impl Host {
    /// Waits for the one place; it is free again when the permit is dropped.
    pub(super) async fn turn(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.turn).acquire_owned().await.expect("the semaphore is never closed")
    }

    /// Waits until a host that is asked `requests_per_minute` times at most may be asked again. Where two providers name
    /// one host, the lower number holds.
    pub(super) async fn pace(&self, requests_per_minute: NonZeroU32) {
        let limiter = {
            let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
            match &*pace {
                Some((limit, limiter)) if *limit <= requests_per_minute => Arc::clone(limiter),
                _ => {
                    // A burst of one: a minute's requests are spread over the minute.
                    let quota = Quota::per_minute(requests_per_minute).allow_burst(NonZeroU32::MIN);
                    let limiter = Arc::new(RateLimiter::direct(quota));
                    *pace = Some((requests_per_minute, Arc::clone(&limiter)));
                    limiter
                }
            }
        };
        limiter.until_ready().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn per_minute(requests: u32) -> NonZeroU32 {
        NonZeroU32::new(requests).expect("above zero")
    }

    #[tokio::test]
    async fn d22_a_host_is_not_asked_more_often_than_allowed_and_hosts_do_not_wait_for_each_other() {
        let hosts = Hosts::default();
        let started = Instant::now();
        for _ in 0..3 {
            hosts.host("api.example.com").pace(per_minute(1200)).await;
        }
        let paced = started.elapsed();
        assert!(paced >= Duration::from_millis(95), "two pauses of 50 ms, not {paced:?}");
        let slow = hosts.host("slow.example.com");
        slow.pace(per_minute(1)).await;
        let started = Instant::now();
        hosts.host("other.example.com").pace(per_minute(1)).await;
        assert!(started.elapsed() < Duration::from_secs(10), "another host's first request waits for nothing");
    }

    #[tokio::test]
    async fn d22_of_two_limits_for_one_host_the_lower_holds() {
        let host = Hosts::default().host("api.example.com");
        host.pace(per_minute(600)).await;
        let started = Instant::now();
        host.pace(per_minute(60_000)).await;
        assert!(started.elapsed() >= Duration::from_millis(90));
    }

    #[tokio::test]
    async fn a_host_answers_one_request_at_a_time() {
        let host = Hosts::default().host("api.example.com");
        let turn = host.turn().await;
        assert!(tokio::time::timeout(Duration::from_millis(20), host.turn()).await.is_err());
        drop(turn);
        assert!(tokio::time::timeout(Duration::from_secs(5), host.turn()).await.is_ok());
    }
}
