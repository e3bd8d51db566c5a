//! What `#[warp_cache]` expands to calls: one [`Function`] per attributed function, and within it
//! one cache per instantiation.
//!
//! Everything here is named by generated code only, through `__private`.

mod control;
mod function;
mod instances;
mod memo;
mod outcome;
mod parts;
mod pending;
#[cfg(all(feature = "shared", not(loom)))]
mod region;
#[cfg(all(feature = "shared", not(loom)))]
mod region_instances;
#[cfg(all(feature = "shared", not(loom)))]
mod region_key;
#[cfg(all(feature = "shared", not(loom)))]
mod region_memo;
#[cfg(all(feature = "shared", not(loom)))]
mod region_pending;
mod registry;
mod typed;

pub use control::{Call, Contains, Control, Get, Invalidate, Refresh, Set};
pub use function::{Function, LocalFunction, UNBOUNDED, bounded, sharded};

pub use instances::{Marker, ONE, marker};
pub use memo::{IntoTtl, Settings, plain};
pub use outcome::{
    IsOption, IsResult, Probe, ProbeOption, ProbeResult, ProbeWhole, Returns, keep_errors,
    keep_none,
};
pub use parts::{
    Keyed, KeyedNested, KeyedNumber, KeyedOwnNumber, KeyedPlain, KeyedReference, Kind, as_ref,
    float, keyed, part, shared_keyed, shared_part,
};
pub use pending::{Begun, at_once, finish, finish_async, result};
#[cfg(all(feature = "shared", not(loom)))]
pub use region::{RegionFunction, RegionOutcome};
#[cfg(all(feature = "shared", not(loom)))]
pub use region_instances::{ONE_REGION, RegionMarker, region_marker};
#[cfg(all(feature = "shared", not(loom)))]
pub use region_key::region_keyed;
#[cfg(all(feature = "shared", not(loom)))]
pub use region_memo::{RegionControl, RegionSettings};
pub use registry::{clear_all, functions};
