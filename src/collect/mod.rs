//! From the schedule to an accepted part: how providers are asked, what is kept of their answers, and how they are judged.

pub mod archive;
