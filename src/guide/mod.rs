//! Guides: which card for which work, with every figure recomputed from the market.
//!
//! Pure: market and moment are arguments. Prices are those of the cheapest view, times those of the workloads' table,
//! bills those of the simulator; nothing is assumed that they do not say. What is not known stays unknown.

mod view;

pub use view::{
    Argument, ArgumentKind, BeyondColumn, BeyondValue, Guide, GuideAnswer, GuideWorkload, LessWaiting, Message, Pick, PickId, PickRow,
    PickVerdict, ProviderBeyond, Tier, TierGpu, TierPrice, TierVariant, TierWorkload, Usage,
};
