//! An error as a page: what happened, what to do, and the way back. The status is the problem's own.

use askama::Template;

use super::Frame;
use super::words::Lang;
use crate::http::problem::Problem;

/// An error.
#[derive(Template)]
#[template(path = "problem.html")]
pub struct ProblemPage {
    /// The page.
    pub p: Frame,
    /// What happened.
    pub problem: Problem,
}

impl ProblemPage {
    fn title(&self) -> String {
        self.p.t(match self.problem.kind.rsplit(':').next().unwrap_or_default() {
            "bad-parameter" => "problem-bad-parameter",
            "not-found" => "problem-not-found",
            "method" => "problem-method",
            "too-often" => "problem-too-often",
            "unavailable" => "problem-unavailable",
            "unauthorised" | "disabled" => "problem-not-allowed",
            _ => "problem-internal",
        })
    }

    /// What happened, in the problem's own words; `None` where this page has words of its own.
    fn detail(&self) -> Option<&str> {
        (self.problem.detail != crate::http::problem::NOTHING_HERE).then_some(self.problem.detail.as_str())
    }

    fn fix(&self) -> String {
        self.p.t(match self.problem.kind.rsplit(':').next().unwrap_or_default() {
            "bad-parameter" => "fix-bad-parameter",
            "not-found" => "fix-not-found",
            "too-often" | "unavailable" => "fix-later",
            _ => "fix-other",
        })
    }
}
