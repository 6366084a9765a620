//! From the schedule to a committed part: who is due, one part once, judged against its own past. Only [`client`] opens a
//! connection to a provider.

pub mod accept;
pub mod archive;
pub mod client;
pub mod due;
pub mod normalise;
pub mod record;
pub mod reparse;
pub mod replay;
pub mod run;
pub mod schedule;
