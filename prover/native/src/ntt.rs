//! From values on the domain of size n to values on its odd coset, portable path.
//!
//! The inverse transform runs decimation in frequency and leaves its output in bit-reversed order; the forward
//! one runs decimation in time and takes that order, so nothing is ever permuted. The coset shift and 1/n are
//! one multiplication in between.

use ark_bn254::{Fr, FrConfig};
use ark_ff::{FftField, Field, batch_inversion};

use crate::field::{add, canonical, mul, reduce_double, sub_double};

/// Tables for one domain size.
pub struct Domain {
    size: usize,
    /// For each stage with butterflies `len` apart, len = 1, 2, 4 ...: w^(j n / 2len) for j < len.
    forward: Vec<Vec<Fr>>,
    inverse: Vec<Vec<Fr>>,
    /// shift^k / n where k is the bit-reversal of the index.
    coset: Vec<Fr>,
}

impl Domain {
    /// `size` is a power of two up to 2^27.
    pub fn new(size: usize) -> Self {
        let shift = root(2 * size);
        let mut coset = powers(shift, size);
        let scale = Fr::from(size as u64).inverse().expect("a power of two below r");
        coset.iter_mut().for_each(|power| *power *= scale);
        let bits = size.trailing_zeros();
        let coset = (0..size).map(|i| coset[reverse_bits(i, bits)]).collect();
        let forward: Vec<Vec<Fr>> = (0..bits).map(|stage| powers(root(2 << stage), 1 << stage)).collect();
        let inverse = forward
            .iter()
            .map(|stage| {
                let mut stage = stage.clone();
                batch_inversion(&mut stage);
                stage
            })
            .collect();
        Self { size, forward, inverse, coset }
    }

    pub fn size(&self) -> usize {
        self.size
    }

    pub fn forward_stages(&self) -> &[Vec<Fr>] {
        &self.forward
    }

    pub fn inverse_stages(&self) -> &[Vec<Fr>] {
        &self.inverse
    }

    pub fn coset_powers(&self) -> &[Fr] {
        &self.coset
    }

    /// Replaces values on the domain by the values of the same polynomial on the coset.
    ///
    /// Between the stages values are below 2 r on the way back, below 4 r on the way forth.
    pub fn to_coset(&self, values: &mut [Fr]) {
        for stage in self.inverse.iter().rev() {
            let len = stage.len();
            for block in values.chunks_exact_mut(2 * len) {
                let (low, high) = block.split_at_mut(len);
                for ((x, y), w) in low.iter_mut().zip(high).zip(stage) {
                    let (a, b) = (x.0.0, y.0.0);
                    x.0.0 = reduce_double::<FrConfig>(add(a, b));
                    y.0.0 = mul::<FrConfig>(sub_double::<FrConfig>(a, b), w.0.0);
                }
            }
        }
        for (value, power) in values.iter_mut().zip(&self.coset) {
            value.0.0 = mul::<FrConfig>(value.0.0, power.0.0);
        }
        for stage in &self.forward {
            let len = stage.len();
            for block in values.chunks_exact_mut(2 * len) {
                let (low, high) = block.split_at_mut(len);
                for ((x, y), w) in low.iter_mut().zip(high).zip(stage) {
                    let (a, product) = (reduce_double::<FrConfig>(x.0.0), mul::<FrConfig>(y.0.0, w.0.0));
                    x.0.0 = add(a, product);
                    y.0.0 = sub_double::<FrConfig>(a, product);
                }
            }
        }
        values.iter_mut().for_each(|value| value.0.0 = canonical::<FrConfig>(value.0.0));
    }
}

/// The root of unity of order `order`, a power of two, that snarkjs uses too.
pub fn root(order: usize) -> Fr {
    Fr::get_root_of_unity(order as u64).expect("a power of two up to 2^28")
}

pub fn powers(base: Fr, count: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ONE), |power| Some(*power * base)).take(count).collect()
}

fn reverse_bits(index: usize, bits: u32) -> usize {
    if bits == 0 { 0 } else { index.reverse_bits() >> (usize::BITS - bits) }
}
