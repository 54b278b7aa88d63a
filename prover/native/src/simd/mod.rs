//! Eight lanes of field arithmetic with AVX-512 IFMA.
//!
//! The only module with `unsafe` code, for two reasons: calling functions that need processor features, which
//! the token [`Ifma`] proves present, and loads and stores of whole vectors, whose bounds the types give.
#![allow(unsafe_code)]

mod curve;
mod curve2;
mod field;
mod lanes;
mod quotient;
#[cfg(test)]
mod tests;

use ark_ff::BigInt;

use crate::{error::Result, kernels::Kernels, qap::Qap};

pub use curve::IfmaG1;
pub use curve2::IfmaG2;
pub use field::{FieldOp, Modulus, apply, multiplication_cost};
pub use quotient::IfmaQuotient;

/// Proof that this processor has the features that the functions of this module need.
#[derive(Clone, Copy)]
pub struct Ifma(());

impl Ifma {
    pub fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512ifma")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        found.then_some(Self(()))
    }
}

impl Kernels for Ifma {
    type G1 = IfmaG1;
    type G2 = IfmaG2;
    type Quotient = IfmaQuotient;
    const NAME: &'static str = "ifma";

    fn g1(&self) -> IfmaG1 {
        IfmaG1(*self)
    }

    fn g2(&self) -> IfmaG2 {
        IfmaG2(*self)
    }

    fn prepare(&self, qap: Qap) -> IfmaQuotient {
        IfmaQuotient::new(*self, qap)
    }

    fn quotient(&self, prepared: &IfmaQuotient, wires: &[BigInt<4>]) -> Result<Vec<BigInt<4>>> {
        prepared.quotient(wires)
    }
}
