//! How a speed is known and what is to be known of that, in English.

use crate::said::Table;

/// How a speed is known: each id, and its English text with the names of figures in braces. One or more of them, joined by commas.
pub const BASES: Table = &[
    ("speed-measured-one", "measured on this card ({source}, {date})"),
    ("speed-measured", "measured on this card ({count} figures)"),
    ("speed-scaled-one", "measured on this card as {variants} ({source}, {date})"),
    ("speed-scaled", "measured on this card as {variants} ({count} figures)"),
    ("speed-estimated-one", "estimate: measured on {gpu} ({source}, {date})"),
    ("speed-estimated", "estimate: measured on {gpu} ({count} figures)"),
    ("speed-estimated-as-one", "estimate: measured on {gpu} ({source}, {date}) as {variants}"),
    ("speed-estimated-as", "estimate: measured on {gpu} ({count} figures) as {variants}"),
    ("speed-factors", "multiplied by the factors of the variants"),
    ("speed-ratio", "by the ratio of the diffusion indices: {index} here ({index_basis}), {anchor_index} there ({anchor_index_basis})"),
    ("speed-of-plan", "as the plan says, on this very card"),
    ("speed-from-plan", "estimate: the plan's time on {gpu} by the ratio of the diffusion indices"),
];

/// How a card's diffusion index is known, in the words of the GPU table.
pub const INDEX_BASES: Table = &[
    ("index-measured", "measured in {count} series"),
    ("index-estimate", "ESTIMATE (model)"),
    ("index-estimate-fp32", "ESTIMATE (model) fp32 rate used"),
    ("index-estimate-a10", "ESTIMATE (set equal to A10: own rate is low confidence)"),
    ("index-not-estimated", "not estimated"),
];

/// What was assumed in reading figures of speed, and what is not in them; the table of figures words most of them. The last one
/// is of any words, which there are in English only.
pub const CAUTIONS: Table = &[
    ("caution-steps-three", "from {one} and {two} and {three} to {steps} steps in proportion"),
    ("caution-steps-two", "from {one} and {two} to {steps} steps in proportion"),
    ("caution-steps", "from {other} to {steps} steps in proportion"),
    ("caution-index-training", "the index is of generating, not of training"),
    ("caution-steps-only", "steps only: encoding of text and decoding of the picture may not be in it"),
    ("caution-lent", "per step as {workload}: encoding and decoding weigh more where steps are few"),
    ("caution-fp16-mostly", "fp16 mostly: users chose"),
    ("caution-fp16-or-bf16", "fp16 or bf16: users chose"),
    ("caution-resolution-default", "resolution not recorded: the tool's default is assumed"),
    ("caution-resolution", "resolution not stated: the default is assumed"),
    ("caution-frames-size", "frames not stated: {count} assumed, and {resolution}"),
    ("caution-frames", "frames not stated: {count} assumed"),
    ("caution-steps-assumed", "steps not stated by the source: {count} assumed"),
    ("caution-one-report", "one user's report"),
    ("caution-transformer", "the transformer alone: one call is one step"),
    ("caution-approximate", "the authors' approximate figure"),
    ("caution-checkpointing", "gradient checkpointing not stated: read as without"),
    ("caution-form", "{name} without its form: read as {gpu}"),
    ("caution-section", "named by the section of the page, not beside the figure"),
    ("caution-other", "{words}"),
];
