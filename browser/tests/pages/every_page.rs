//! Every page, in both languages, wide and on a phone, light and dark: nothing sticks out, axe-core finds nothing, and a
//! picture is kept for looking at.

use gpurate_browser::daemon::Daemon;
use gpurate_browser::pages::{LANGUAGES, PAGES};
use gpurate_browser::tab::{Scheme, Tab, Width, in_browser};

async fn open(tab: &Tab, path: &str) {
    let status = match path.trim_start_matches("/fr") {
        "/nothing" => 404,
        "/?gpu=rtx4900" => 400,
        _ => return tab.open(path).await,
    };
    tab.open_error(path, status).await;
}

async fn check(language: usize, width: Width) {
    let daemon = Daemon::demo();
    let (code, prefix) = LANGUAGES[language];
    in_browser(&daemon, move |tab| async move {
        tab.be(width).await;
        let mut wrong = Vec::new();
        for (name, path) in PAGES {
            let path = format!("{prefix}{path}");
            tab.prefer(Scheme::Light).await;
            open(&tab, &path).await;
            assert_eq!(tab.eval("document.documentElement.lang").await, code);
            let mut note = |what: &str, found: Vec<String>| wrong.extend(found.iter().map(|line| format!("{path}, {what}: {line}")));
            note("closed", tab.sticking_out().await);
            let picture = |scheme: &str| format!("{name}-{code}-{width:?}-{scheme}").to_lowercase();
            tab.picture(&picture("light")).await;
            if width == Width::Wide {
                tab.prefer(Scheme::Dark).await;
                tab.picture(&picture("dark")).await;
                tab.prefer(Scheme::Light).await;
            }
            // What is folded away is a part of the page too.
            tab.eval("document.querySelectorAll('details').forEach(e => { e.open = true })").await;
            note("unfolded", tab.sticking_out().await);
            note("light", tab.violations().await);
            tab.prefer(Scheme::Dark).await;
            note("dark", tab.violations_of_colours().await);
        }
        assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
    })
    .await;
}

/// Between a wide window and a phone, and on the smallest one, nothing sticks out either.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn no_page_is_wider_than_its_window() {
    let daemon = Daemon::demo();
    in_browser(&daemon, |tab| async move {
        let mut wrong = Vec::new();
        for (name, path) in PAGES {
            for (_, prefix) in LANGUAGES {
                open(&tab, &format!("{prefix}{path}")).await;
                tab.eval("document.querySelectorAll('details').forEach(e => { e.open = true })").await;
                for width in [Width::Middle, Width::Narrow, Width::Phone, Width::Small] {
                    tab.be(width).await;
                    let mut found = tab.sticking_out().await;
                    found.truncate(3);
                    wrong.extend(found.iter().map(|line| format!("{name} {prefix} {width:?}: {line}")));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_page_is_sound_wide_in_english() {
    check(0, Width::Wide).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_page_is_sound_wide_in_french() {
    check(1, Width::Wide).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_page_is_sound_on_a_phone_in_english() {
    check(0, Width::Phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_page_is_sound_on_a_phone_in_french() {
    check(1, Width::Phone).await;
}
