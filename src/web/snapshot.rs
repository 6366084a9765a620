//! What a page in a folder says that a page of a running daemon need not: of which moment it is, and where forms have gone.

use askama::Template;

use super::Frame;
use super::words::Lang;

/// At the top of every page.
#[derive(Template)]
#[template(path = "snapshot.html")]
pub struct SnapshotNotice {
    /// Language and moment.
    pub p: Frame,
    /// The same page of a running daemon.
    pub live: Option<String>,
    /// The document that says what is in the snapshot.
    pub contents: String,
}

/// In the place of a form.
#[derive(Template)]
#[template(path = "snapshot_form.html")]
pub struct SnapshotForm {
    /// Language.
    pub p: Frame,
    /// The same page of a running daemon.
    pub live: Option<String>,
}

/// After the words of a link that leads nowhere, as markup.
pub fn left_out_of_snapshot(lang: Lang) -> String {
    format!(" <span class=\"gone\">({})</span>", lang.t("snapshot-left-out"))
}
