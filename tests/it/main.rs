//! End to end, in one binary, a module per subject. No test leaves this machine: providers are answered by servers on
//! loopback that the tests start themselves.

mod alerts;
mod changes;
mod defects;
mod export;
mod faults;
mod fixtures;
mod hostile;
mod imports;
mod kill;
mod life;
mod pages;
mod publish;
mod readme;
mod recordings;
mod reparse;
mod support;
