//! Eight lanes of field arithmetic with AVX-512 IFMA.
//!
//! The only module with `unsafe` code, for two reasons: calling functions that need processor features, which
//! the token [`Ifma`] proves present, and loads and stores of whole vectors, whose bounds the types give.
#![allow(unsafe_code)]

mod curve;
mod curve2;
mod field;
mod ifma;
mod lanes;
mod quotient;
mod scalars;
#[cfg(test)]
mod tests;

use ark_ff::BigInt;

use crate::{error::Result, kernels::Kernels, qap::Qap};

pub use curve::IfmaG1;
pub use curve2::IfmaG2;
pub use field::{FieldOp, apply};
pub use ifma::Ifma;
pub use quotient::IfmaQuotient;

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
