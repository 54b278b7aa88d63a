//! The processor-specific paths.

use ark_bn254::{Fr, G1Projective, G2Projective, g1, g2};
use ark_ff::{BigInt, PrimeField};
use zeroize::Zeroize;

use crate::{
    error::Result,
    msm::{Kernel, PortableKernel},
    qap::Qap,
};

/// One path: its two curve kernels and its quotient.
pub trait Kernels: Copy + Send + Sync + 'static {
    type G1: Kernel<Curve = G1Projective>;
    type G2: Kernel<Curve = G2Projective>;
    type Quotient: Send + Sync;
    /// Names the Montgomery form of stored tables.
    const NAME: &'static str;

    fn g1(&self) -> Self::G1;

    fn g2(&self) -> Self::G2;

    fn prepare(&self, qap: Qap) -> Self::Quotient;

    /// The scalars of the key's H points, or an error if the constraints are known and one does not hold.
    fn quotient(&self, prepared: &Self::Quotient, wires: &[BigInt<4>]) -> Result<Vec<BigInt<4>>>;
}

#[derive(Clone, Copy)]
pub struct PortableKernels;

impl Kernels for PortableKernels {
    type G1 = PortableKernel<g1::Config>;
    type G2 = PortableKernel<g2::Config>;
    type Quotient = Qap;
    const NAME: &'static str = "portable";

    fn g1(&self) -> Self::G1 {
        PortableKernel::default()
    }

    fn g2(&self) -> Self::G2 {
        PortableKernel::default()
    }

    fn prepare(&self, qap: Qap) -> Qap {
        qap
    }

    fn quotient(&self, qap: &Qap, wires: &[BigInt<4>]) -> Result<Vec<BigInt<4>>> {
        let mut wires: Vec<Fr> = wires.iter().map(|value| Fr::from_bigint(*value).expect("below r")).collect();
        let quotient = qap.quotient(&wires);
        wires.zeroize();
        quotient
    }
}
