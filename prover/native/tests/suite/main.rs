//! One binary, so that the proving code is compiled for the tests once.

mod cache;
mod common;
mod field;
mod formats;
mod groth16;
mod msm;
mod opening;
mod pairs;
mod poseidon;
mod proof;
mod quotient;
mod setup;
mod threads;
mod wrong_witness;
