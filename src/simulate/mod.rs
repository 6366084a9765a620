//! What a way of working costs with each offer: plan in, ranked bills out. Pure: market, plan and moment are arguments.
//!
//! The way of a question: [`Plan::parse`] takes keys and values, [`Plan::resolve`] makes numbers of them and lists what
//! it assumed, [`simulate`] puts every offer that can be had through its policies and ranks the outcomes by their dear
//! end. Formulas and limits: `docs/simulator.md`.

pub mod assumed;
mod busy_share;
mod evaluate;
mod messages;
mod own_card;
mod plan;
mod presets;
mod rank;
mod saved;
mod spot;
mod timeline;
mod view;

#[cfg(test)]
pub(crate) mod tests;

pub use busy_share::{BusyShare, BusySharePoint, Side, Verdict, busy_share};
pub use evaluate::{CardWork, Case, End, Outcome};
pub use messages::MESSAGES;
pub use plan::{Assumption, KEYS, Key, Plan, PlanError, Policy, Resolved, Session, TEXT_CHARACTERS_MAX, Work, filters_taken};
pub use presets::PRESETS;
pub use rank::{compare, explain, simulate, simulate_whole};
pub use saved::{Saved, SavedError, Verified, folder_of, pinned_pages, save, verify};
pub use timeline::{PhaseSum, PhaseView, TimelineView};
pub use view::{
    Deciding, Explanation, FactView, FrontierPoint, LeftOut, LineView, OwnCardView, PolicyCost, RowView, SimulationAnswer, SpotView,
};
