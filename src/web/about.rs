//! What the figures mean and where they come from.

use askama::Template;

use super::Frame;
use super::words::Lang;

/// The page about the method.
#[derive(Template)]
#[template(path = "about.html")]
pub struct About {
    /// The page.
    pub p: Frame,
}
