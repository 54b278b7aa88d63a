//! Poseidon's permutation over the scalar field, as circomlib computes it: x^5, 8 full rounds, partial rounds by width.
//!
//! Source: Grassi, Khovratovich, Rechberger, Roy, Schofnegger, "Poseidon: A New Hash Function for Zero-Knowledge Proof
//! Systems", USENIX Security 2021. A width's constants are drawn at its first use, in a millisecond, so that no table
//! has to be trusted.

use std::{array, sync::OnceLock};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    format::Cursor,
};

/// Bytes of one element, little-endian.
const ELEMENT: usize = 32;

const FULL_ROUNDS: usize = 8;
/// For widths from 2.
const PARTIAL_ROUNDS: [usize; 16] = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];

pub const MIN_WIDTH: usize = 2;
pub const MAX_WIDTH: usize = MIN_WIDTH + PARTIAL_ROUNDS.len() - 1;

/// The permutation of states of one width.
struct Permutation {
    partial_rounds: usize,
    /// Added before the S-boxes, a row a round.
    constants: Vec<Fr>,
    /// The rows of the MDS matrix.
    matrix: Vec<Fr>,
    width: usize,
}

impl Permutation {
    /// Fails if circomlib has no parameters for this width.
    fn of_width(width: usize) -> Result<&'static Self> {
        static KNOWN: [OnceLock<Permutation>; PARTIAL_ROUNDS.len()] = [const { OnceLock::new() }; PARTIAL_ROUNDS.len()];
        let place = width.checked_sub(MIN_WIDTH).and_then(|index| Some((KNOWN.get(index)?, PARTIAL_ROUNDS[index])));
        let (known, partial_rounds) =
            place.ok_or_else(|| Error::Input(format!("Poseidon states have {MIN_WIDTH} to {MAX_WIDTH} elements")))?;
        Ok(known.get_or_init(|| Self::draw(width, partial_rounds)))
    }

    fn draw(width: usize, partial_rounds: usize) -> Self {
        let mut grain = Grain::new(width, partial_rounds);
        // The constants are drawn by rejection, the matrix modulo r.
        let below_r = grain.by_ref().filter_map(Fr::from_bigint);
        let constants = below_r.take((FULL_ROUNDS + partial_rounds) * width).collect();
        let [xs, ys]: [Vec<Fr>; 2] = array::from_fn(|_| {
            grain.by_ref().take(width).map(|value| Fr::from_le_bytes_mod_order(&to_bytes(value))).collect()
        });
        let cauchy = |x: &Fr, y: &Fr| (*x + y).inverse().expect("no x is the negative of a y");
        let matrix = xs.iter().flat_map(|x| ys.iter().map(move |y| cauchy(x, y))).collect();
        Self { partial_rounds, constants, matrix, width }
    }

    /// Permutes one state in place.
    ///
    /// # Panics
    /// If the state is of another width.
    fn apply(&self, state: &mut [Fr]) {
        assert_eq!(state.len(), self.width);
        let mut next = Zeroizing::new([Fr::ZERO; MAX_WIDTH]);
        let partial = FULL_ROUNDS / 2..FULL_ROUNDS / 2 + self.partial_rounds;
        for (round, constants) in self.constants.chunks_exact(self.width).enumerate() {
            state.iter_mut().zip(constants).for_each(|(element, constant)| *element += constant);
            let boxes = if partial.contains(&round) { 1 } else { self.width };
            state[..boxes].iter_mut().for_each(|element| *element *= element.square().square());
            for (sum, row) in next.iter_mut().zip(self.matrix.chunks_exact(self.width)) {
                *sum = row.iter().zip(&*state).map(|(factor, element)| *factor * element).sum();
            }
            state.copy_from_slice(&next[..self.width]);
        }
    }
}

/// Permutes every state of `width` elements that `states` holds, one after another.
///
/// Elements are 32 little-endian bytes and below r, in the result too.
pub fn permute(states: &[u8], width: usize) -> Result<Vec<u8>> {
    let permutation = Permutation::of_width(width)?;
    if !states.len().is_multiple_of(width * ELEMENT) {
        return Err(Error::Input(format!("Poseidon: not a whole number of states of {width} elements")));
    }
    let mut cursor = Cursor::new("Poseidon state", states);
    let mut permuted = Vec::with_capacity(states.len());
    let mut state = Zeroizing::new([Fr::ZERO; MAX_WIDTH]);
    for _ in 0..states.len() / (width * ELEMENT) {
        for element in &mut state[..width] {
            *element = cursor.scalar("an element")?;
        }
        permutation.apply(&mut state[..width]);
        for element in &state[..width] {
            permuted.extend(to_bytes(element.into_bigint()));
        }
    }
    Ok(permuted)
}

fn to_bytes(value: BigInt<4>) -> [u8; ELEMENT] {
    let mut bytes = [0; ELEMENT];
    bytes.chunks_exact_mut(8).zip(value.0).for_each(|(word, limb)| word.copy_from_slice(&limb.to_le_bytes()));
    bytes
}

/// The paper's generator of constants (appendix E): the Grain LFSR
/// b[i + 80] = b[i + 62] + b[i + 51] + b[i + 38] + b[i + 23] + b[i + 13] + b[i] in self-shrinking mode.
struct Grain {
    /// Bit k is b[i + k].
    state: u128,
    /// Pairs of bits that are not used yet, the earliest the lowest, and how many.
    pairs: u32,
    left: u32,
}

impl Grain {
    /// Bits that are thrown away first.
    const DISCARDED: u32 = 160;
    /// The newest tap is 18 bits back, so up to 18 bits can be computed at once; even, since bits come in pairs.
    const STEP: u32 = 16;
    const FIELD_BITS: u128 = 254;

    fn new(width: usize, partial_rounds: usize) -> Self {
        // A prime field, S-box x^alpha, bits of the field, width, full and partial rounds, thirty ones.
        let fields = [(2, 1), (4, 0), (12, Self::FIELD_BITS), (12, width as u128), (10, FULL_ROUNDS as u128)];
        let fields = fields.into_iter().chain([(10, partial_rounds as u128), (30, (1 << 30) - 1)]);
        // Each field's highest bit comes first.
        let seed = fields.fold(0u128, |seed, (bits, value)| seed << bits | value);
        let mut grain = Self { state: seed.reverse_bits() >> (128 - 80), pairs: 0, left: 0 };
        (0..Self::DISCARDED / Self::STEP).for_each(|_| grain.step());
        grain.left = 0;
        grain
    }

    fn step(&mut self) {
        let sum = [62, 51, 38, 23, 13, 0].iter().fold(0, |sum, tap| sum ^ self.state >> tap);
        self.pairs = sum as u32 & ((1 << Self::STEP) - 1);
        self.left = Self::STEP / 2;
        self.state = self.state >> Self::STEP | u128::from(self.pairs) << (80 - Self::STEP);
    }

    /// The second bit of the next pair whose first is one.
    fn bit(&mut self) -> u64 {
        loop {
            if self.left == 0 {
                self.step();
            }
            let pair = self.pairs & 3;
            self.pairs >>= 2;
            self.left -= 1;
            if pair & 1 == 1 {
                return u64::from(pair >> 1);
            }
        }
    }
}

impl Iterator for Grain {
    type Item = BigInt<4>;

    /// An integer of 254 bits, the highest first.
    fn next(&mut self) -> Option<BigInt<4>> {
        let mut limb = |bits: u32| (0..bits).fold(0, |limb, _| limb << 1 | self.bit());
        let [third, second, first, zeroth] = [62, 64, 64, 64].map(&mut limb);
        Some(BigInt([zeroth, first, second, third]))
    }
}
