//! Poseidon's permutation over the scalar field, as circomlib computes it: x^5, 8 full rounds, partial rounds by width.
//!
//! Source: Grassi, Khovratovich, Rechberger, Roy, Schofnegger, "Poseidon: A New Hash Function for Zero-Knowledge Proof
//! Systems", USENIX Security 2021. A width's constants are drawn at its first use, in milliseconds, so that no table
//! has to be trusted.

use std::{array, sync::OnceLock};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    format::Cursor,
    scalars::{PortableScalars, Scalars, Task},
};

/// Bytes of one element, little-endian.
const ELEMENT: usize = 32;

const FULL_ROUNDS: usize = 8;
/// For widths from 2.
const PARTIAL_ROUNDS: [usize; 16] = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];

pub const MIN_WIDTH: usize = 2;
pub const MAX_WIDTH: usize = MIN_WIDTH + PARTIAL_ROUNDS.len() - 1;

/// What the paper defines for states of one width.
struct Parameters {
    width: usize,
    partial_rounds: usize,
    /// Added before the S-boxes, a row a round.
    constants: Vec<Fr>,
    matrix: Matrix,
}

impl Parameters {
    fn draw(width: usize) -> Self {
        let partial_rounds = PARTIAL_ROUNDS[width - MIN_WIDTH];
        let mut grain = Grain::new(width, partial_rounds);
        // The constants are drawn by rejection, the matrix modulo r.
        let below_r = grain.by_ref().filter_map(Fr::from_bigint);
        let constants = below_r.take((FULL_ROUNDS + partial_rounds) * width).collect();
        let [xs, ys]: [Vec<Fr>; 2] = array::from_fn(|_| {
            grain.by_ref().take(width).map(|value| Fr::from_le_bytes_mod_order(&to_bytes(value))).collect()
        });
        let cauchy = |x: &Fr, y: &Fr| (*x + y).inverse().expect("no x is the negative of a y");
        let matrix = xs.iter().map(|x| ys.iter().map(|y| cauchy(x, y)).collect()).collect();
        Self { width, partial_rounds, constants, matrix }
    }
}

/// The permutation of states of one width, with fewer products: see `new`.
pub struct Permutation<S: Scalars> {
    width: usize,
    /// Constants of the full rounds, a row a round, and of the partial ones, one a round.
    full: Vec<S::Constant>,
    partial: Vec<S::Constant>,
    /// The MDS matrix row by row, and what takes its place in the round before the partial ones.
    matrix: Vec<S::Constant>,
    into_partial: Vec<S::Constant>,
    /// For each partial round: the row that gives the first element, then the column that the S-box is added by.
    rows: Vec<S::Constant>,
    columns: Vec<S::Constant>,
}

/// An arithmetic with the permutations that were drawn for it.
pub trait Hasher: Scalars {
    fn known() -> &'static Known<Self>;
}

/// The permutations of all widths, each drawn at its first use.
pub struct Known<S: Scalars>([OnceLock<Permutation<S>>; PARTIAL_ROUNDS.len()]);

impl<S: Scalars> Known<S> {
    pub const fn empty() -> Self {
        Self([const { OnceLock::new() }; PARTIAL_ROUNDS.len()])
    }
}

impl Hasher for PortableScalars {
    fn known() -> &'static Known<Self> {
        static KNOWN: Known<PortableScalars> = Known::empty();
        &KNOWN
    }
}

impl<S: Hasher> Permutation<S> {
    /// # Panics
    /// If the width is not one from [`MIN_WIDTH`] to [`MAX_WIDTH`].
    pub fn of_width(width: usize) -> &'static Self {
        S::known().0[width - MIN_WIDTH].get_or_init(|| Self::new(&Parameters::draw(width)))
    }
}

impl<S: Scalars> Permutation<S> {
    /// Partial rounds leave all elements but the first to the matrix [m v; w M]. So they can work on other coordinates.
    ///
    /// Let (x, y) be a state before partial round k of R, c its constants, z = (x + c_0)^5 and e the part of y that
    /// comes from constants. With u = M^(R - k) (y - e) the round becomes
    /// x' = m z + (v M^(k - R)) u + v (e + c_y), u' = u + (M^(R - k - 1) w) z and e' = M (e + c_y).
    /// That is two products an element. Before the first round u = M^R y, which its matrix does in passing, and after
    /// the last one u = y - e.
    fn new(parameters: &Parameters) -> Self {
        let Parameters { width, partial_rounds, constants, matrix } = parameters;
        let constants: Vec<&[Fr]> = constants.chunks_exact(*width).collect();
        let (first, last) = (FULL_ROUNDS / 2, FULL_ROUNDS / 2 + partial_rounds);
        let rest: Matrix = matrix[1..].iter().map(|row| row[1..].to_vec()).collect();
        let into_partial = {
            let below = times(&power(&rest, *partial_rounds), &matrix[1..]);
            [&matrix[..1], &below].concat()
        };

        let (mut partial, mut pending, mut from_constants) = (Vec::new(), Fr::ZERO, vec![Fr::ZERO; width - 1]);
        for round in &constants[first..last] {
            partial.push(round[0] + pending);
            from_constants.iter_mut().zip(&round[1..]).for_each(|(sum, constant)| *sum += constant);
            pending = inner(&matrix[0][1..], &from_constants);
            from_constants = rest.iter().map(|row| inner(row, &from_constants)).collect();
        }
        let mut full = constants[..first].concat();
        full.extend(constants[last].iter().zip([&[pending], &*from_constants].concat()).map(|(c, more)| *c + more));
        full.extend(constants[last + 1..].concat());

        let inverse = transpose(&inverted(&rest));
        let mut row = matrix[0][1..].to_vec();
        let mut column: Vec<Fr> = matrix[1..].iter().map(|row| row[0]).collect();
        let (mut rows, mut columns) = (Vec::new(), Vec::new());
        for _ in 0..*partial_rounds {
            row = inverse.iter().map(|inverse| inner(inverse, &row)).collect();
            rows.push([&matrix[0][..1], &row].concat());
            columns.push(column.clone());
            column = rest.iter().map(|row| inner(row, &column)).collect();
        }
        rows.reverse();
        columns.reverse();

        let prepare = |values: Vec<Fr>| values.into_iter().map(S::constant).collect();
        Self {
            width: *width,
            full: prepare(full),
            partial: prepare(partial),
            matrix: prepare(matrix.concat()),
            into_partial: prepare(into_partial.concat()),
            rows: prepare(rows.concat()),
            columns: prepare(columns.concat()),
        }
    }

    /// Permutes one state of each lane in place.
    ///
    /// # Panics
    /// If the states are of another width.
    pub fn apply(&self, scalars: S, state: &mut [S::Element]) {
        assert_eq!(state.len(), self.width);
        scalars.run(Permute { permutation: self, state });
    }
}

struct Permute<'a, S: Scalars> {
    permutation: &'a Permutation<S>,
    state: &'a mut [S::Element],
}

impl<S: Scalars> Task<S> for Permute<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run(self, scalars: S) {
        let Self { permutation, state } = self;
        let width = permutation.width;
        let before = FULL_ROUNDS / 2;
        let mut next = Zeroizing::new([state[0]; MAX_WIDTH]);
        for (round, constants) in permutation.full.chunks_exact(width).enumerate() {
            if round == before {
                let rows = permutation.rows.chunks_exact(width);
                let columns = permutation.columns.chunks_exact(width - 1);
                for ((constant, row), column) in permutation.partial.iter().zip(rows).zip(columns) {
                    let boxed = fifth_power(scalars, state[0], constant);
                    state[0] = boxed;
                    let first = scalars.dot(row, state);
                    for (element, factor) in state[1..].iter_mut().zip(column) {
                        *element = scalars.add_multiple(*element, factor, boxed);
                    }
                    state[0] = first;
                }
            }
            for (element, constant) in state.iter_mut().zip(constants) {
                *element = fifth_power(scalars, *element, constant);
            }
            let matrix = if round + 1 == before { &permutation.into_partial } else { &permutation.matrix };
            for (sum, row) in next.iter_mut().zip(matrix.chunks_exact(width)) {
                *sum = scalars.dot(row, state);
            }
            state.copy_from_slice(&next[..width]);
        }
    }
}

/// (a + constant)^5.
#[inline(always)]
fn fifth_power<S: Scalars>(scalars: S, a: S::Element, constant: &S::Constant) -> S::Element {
    let a = scalars.add(a, scalars.splat(constant));
    let fourth = scalars.square(scalars.square(a));
    scalars.mul(fourth, a)
}

type Matrix = Vec<Vec<Fr>>;

fn inner(left: &[Fr], right: &[Fr]) -> Fr {
    left.iter().zip(right).map(|(left, right)| *left * right).sum()
}

fn transpose(matrix: &[Vec<Fr>]) -> Matrix {
    (0..matrix[0].len()).map(|column| matrix.iter().map(|row| row[column]).collect()).collect()
}

fn times(left: &[Vec<Fr>], right: &[Vec<Fr>]) -> Matrix {
    let columns = transpose(right);
    left.iter().map(|row| columns.iter().map(|column| inner(row, column)).collect()).collect()
}

fn identity(size: usize) -> Matrix {
    (0..size).map(|row| (0..size).map(|column| Fr::from(row == column)).collect()).collect()
}

fn power(matrix: &[Vec<Fr>], exponent: usize) -> Matrix {
    let bits = (0..usize::BITS).rev().map(|bit| exponent >> bit & 1).skip_while(|bit| *bit == 0);
    bits.fold(identity(matrix.len()), |power, bit| {
        let square = times(&power, &power);
        if bit == 1 { times(&square, matrix) } else { square }
    })
}

/// The inverse of a Cauchy matrix: every leading part of one has an inverse too, so no pivot is zero.
fn inverted(matrix: &[Vec<Fr>]) -> Matrix {
    let size = matrix.len();
    let mut rows: Matrix =
        matrix.iter().zip(identity(size)).map(|(row, unit)| [row.as_slice(), &unit].concat()).collect();
    for pivot in 0..size {
        let scale = rows[pivot][pivot].inverse().expect("no pivot is zero");
        rows[pivot].iter_mut().for_each(|value| *value *= scale);
        let subtracted = rows[pivot].clone();
        for row in (0..size).filter(|row| *row != pivot) {
            let factor = rows[row][pivot];
            rows[row].iter_mut().zip(&subtracted).for_each(|(value, other)| *value -= factor * other);
        }
    }
    rows.into_iter().map(|row| row[size..].to_vec()).collect()
}

/// Permutes every state of `width` elements that `states` holds, one after another.
///
/// Elements are 32 little-endian bytes and below r, in the result too.
pub fn permute(states: &[u8], width: usize) -> Result<Vec<u8>> {
    if !(MIN_WIDTH..=MAX_WIDTH).contains(&width) {
        return Err(Error::Input(format!("Poseidon states have {MIN_WIDTH} to {MAX_WIDTH} elements")));
    }
    if !states.len().is_multiple_of(width * ELEMENT) {
        return Err(Error::Input(format!("Poseidon: not a whole number of states of {width} elements")));
    }
    let permutation = Permutation::of_width(width);
    let mut cursor = Cursor::new("Poseidon state", states);
    let mut permuted = Vec::with_capacity(states.len());
    let mut state = Zeroizing::new([[0; 4]; MAX_WIDTH]);
    for _ in 0..states.len() / (width * ELEMENT) {
        for element in &mut state[..width] {
            *element = cursor.scalar("an element")?.0.0;
        }
        permutation.apply(PortableScalars, &mut state[..width]);
        for element in &state[..width] {
            let mut value = [BigInt([0; 4])];
            PortableScalars.store(*element, &mut value);
            permuted.extend(to_bytes(value[0]));
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
