//! Groth16 proofs on bn128 for fixed keys, in milliseconds; see docs/native.md.

pub mod bases;
pub mod cache;
pub mod error;
mod field;
pub mod format;
mod inverse;
pub mod jubjub;
pub mod kernels;
pub mod msm;
pub mod ntt;
pub mod opening;
mod pool;
pub mod poseidon;
pub mod proof;
pub mod prover;
pub mod qap;
pub mod random;
pub mod scalars;
pub mod session;
pub mod setup;
#[cfg(target_arch = "x86_64")]
pub mod simd;
pub mod tables;
pub mod verify;
