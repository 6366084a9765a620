//! From the schedule to an accepted part: how providers are asked, what is kept of their answers, and how they are judged.
//! Only [`client`] opens a connection to a provider.

pub mod archive;
pub mod client;
pub mod record;
pub mod replay;
