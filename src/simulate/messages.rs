//! Why offers are left out and what to do about an answer without rows, in English.

use crate::said::Table;

/// Every sentence: its id, and its English text with the names of figures in braces.
pub const MESSAGES: Table = &[
    ("left-card-unknown", "which card it is is not known exactly (memory or form is missing)"),
    ("left-memory-unknown", "how much memory one gets is not known"),
    ("left-less-memory", "less usable memory than the plan asks for"),
    ("left-no-variant", "no variant of the model fits or runs on the card"),
    ("left-untrusted", "a host that is neither verified nor secure (`hosts = any` takes it)"),
    ("left-policy", "the plan's policy is not possible there"),
    ("left-budget", "above the budget, even at its cheap end"),
    ("left-no-index", "no diffusion index relates the card to the plan's card"),
    (
        "nothing-fresh",
        "what passes the plan's filters is stale or missing from its newest answer: run `gpurate collect`, or see `/api/v1/providers` for what failed",
    ),
    ("nothing-left-out", "{offers} offers were left out: {why}"),
    (
        "nothing-passes",
        "no offer passes the plan's filters: widen them (`market`, `country`, `gpu`, `hosts = any`), or look at `gpurate cheapest`",
    ),
];
