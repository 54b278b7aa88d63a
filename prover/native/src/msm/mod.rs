//! Sums of multiples of fixed points.
//!
//! All windows of all scalars share one set of buckets, because the table holds 2^(cw) times each point. Every
//! sum of points, in the buckets and in their reduction, is the same primitive: `tree::sum_groups`, which adds
//! independent pairs of affine points with one field inversion a round.

mod coordinate;
mod digits;
mod fixed_base;
mod kernel;
mod portable;
mod reduce;
mod tree;

pub use coordinate::Coordinate;
pub use digits::{Splitter, window_cost, windows};
pub use fixed_base::{Buckets, FixedBase};
pub use kernel::{ARENA, Kernel, NEGATIVE, PackedPoint, Pair, StoredPoint, Workspace};
pub use portable::PortableKernel;
