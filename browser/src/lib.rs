//! What the tests of the pages share: a daemon, an upstream that can fail, a real Chromium, and the list of pages.
//!
//! Nothing here waits for time to pass: it asks until something is so, with a bound.

pub mod daemon;
pub mod pages;
pub mod tab;

/// What `.ci/browser` sets. Without it there is nothing to test, and a test that tests nothing must fail.
///
/// # Panics
/// Where it is not set.
pub fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("`{name}` is not set: run `.ci/browser BINARY`, which sets it"))
}
