//! The points of the four sums of a proof, and the scalar that multiplies each.
//!
//! Scalars are numbered: the wires, r, s, -rs, then the quotient's values.

use ark_bn254::{G1Affine, G2Affine};
use ark_ec::AffineRepr;

use crate::format::ZKey;

/// Each point of the sums A, B1, B2 and C with the number of its scalar.
pub struct Bases {
    pub a: Vec<(u32, G1Affine)>,
    pub b1: Vec<(u32, G1Affine)>,
    pub b2: Vec<(u32, G2Affine)>,
    pub c: Vec<(u32, G1Affine)>,
}

impl Bases {
    /// alpha and beta belong to wire 0, which is one.
    pub fn new(key: &ZKey) -> Self {
        let (r, s) = (key.wires as u32, key.wires as u32 + 1);
        let (minus_rs, quotient) = (s + 1, s + 2);
        Self {
            a: base(0, &key.a, [(0, key.alpha1), (r, key.delta1)]),
            b1: base(0, &key.b1, [(0, key.beta1), (s, key.delta1)]),
            b2: base(0, &key.b2, [(0, key.beta2), (s, key.delta2)]),
            c: [base(key.public as u32 + 1, &key.c, [(minus_rs, key.delta1)]), base(quotient, &key.h, [])].concat(),
        }
    }
}

fn base<P: AffineRepr, const N: usize>(first: u32, points: &[P], more: [(u32, P); N]) -> Vec<(u32, P)> {
    (first..).zip(points.iter().copied()).chain(more).filter(|(_, point)| !point.is_zero()).collect()
}
