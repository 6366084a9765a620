//! The pages in a real Chromium: what a person does on them, and what every page must be.

mod every_page;
mod scenarios;
