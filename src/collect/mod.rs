//! From the schedule to a committed part: who is due, one part once, judged against its own past.

pub mod accept;
pub mod archive;
pub mod client;
pub mod due;
pub mod normalise;
pub mod run;
pub mod schedule;
