//! What money, time, a GPU and an offer mean in `gpurate`: plain values in and out.
//!
//! Nothing here reads a clock, a file or the network. Money is whole nano-units in `i64`
//! ([`money`]), a GPU count is an exact ratio ([`gpu::GpuCount`]), and every unit has one place where it is
//! converted.
#![warn(clippy::float_arithmetic)]

pub mod bill;
pub mod billing;
pub mod gpu;
pub mod money;
pub mod offer;
pub mod region;
pub mod spot;

pub use billing::{BillingRule, Layers, Money};
pub use gpu::{GpuCount, GpuMatch, GpuTable, Vram};
pub use money::{Currency, FxRates, Nanos, PerHour, Period, Quote, Scope, Usd, UsdPerGpuHour, UsdPerHour};
pub use offer::{Attributes, Availability, MarketKind, Offer, OfferId, OfferKey, PriceKind, RawOffer, Rejected, Term, TermKind, TermUnit};
pub use region::{Country, RegionCode};
