//! The constraint rows and the transforms of the quotient, eight elements at a time.
//!
//! Eight rows run side by side, one a lane. A transform keeps eight neighbouring elements in a vector while its
//! butterflies are eight or more apart, and transposes blocks of 64 for the three closest stages.

use std::arch::x86_64::*;

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use zeroize::Zeroize;

use crate::{
    error::Result,
    ntt::Domain,
    qap::{Qap, SparseMatrix, unsatisfied},
};

use super::{
    field::{
        LIMBS, Scalar, V, Wide, accumulate, add, from_plain, gather, mul, reduce, scatter, sub, to_plain, trim,
        wide_zero,
    },
    ifma::Ifma,
    lanes::{Words, load, splat, store, transpose},
};

/// Eight elements in memory, limb by limb.
type Block = [Words; LIMBS];

/// Terms of a row that are added before their sum is reduced: the sum of 128 products of values below 2 p and p
/// reduces to less than 128 * 2 p / 64 + p = 5 p, and a column stays below 1290 * 2^52.
const TERMS: usize = 128;

/// A sparse matrix, eight rows of about equal length side by side.
struct LaneMatrix {
    /// The rows of each group; of a row that fills up the last group the sum is dropped.
    rows: Vec<[u32; 8]>,
    /// Where each group's terms end.
    ends: Vec<u32>,
    /// Wire and coefficient of one term of each of the eight rows.
    terms: Vec<([u32; 8], Block)>,
}

/// Tables of one domain.
struct Transform {
    size: usize,
    /// Stages with butterflies 8, 16, 32 ... apart, then the closest three: 1, 2, 4.
    forward: Vec<Vec<Block>>,
    inverse: Vec<Vec<Block>>,
    forward_close: [Vec<Block>; 3],
    inverse_close: [Vec<Block>; 3],
    coset: Vec<Block>,
}

/// What the quotient needs of a key; small domains take the portable path.
pub struct IfmaQuotient {
    token: Ifma,
    kind: Kind,
}

enum Kind {
    Small(Box<Qap>),
    Large(Box<Large>),
}

struct Large {
    a: LaneMatrix,
    b: LaneMatrix,
    c: Option<LaneMatrix>,
    transform: Transform,
}

impl IfmaQuotient {
    pub fn new(token: Ifma, qap: Qap) -> Self {
        let kind = if qap.domain.size() < 64 {
            Kind::Small(Box::new(qap))
        } else {
            Kind::Large(Box::new(Large {
                a: LaneMatrix::new(&qap.a),
                b: LaneMatrix::new(&qap.b),
                c: qap.c.as_ref().map(LaneMatrix::new),
                transform: Transform::new(&qap.domain),
            }))
        };
        Self { token, kind }
    }

    /// The scalars of the key's H points for plain wire values.
    pub fn quotient(&self, wires: &[BigInt<4>]) -> Result<Vec<BigInt<4>>> {
        let _ = self.token;
        match &self.kind {
            Kind::Small(qap) => {
                let mut wires: Vec<Fr> = wires.iter().map(|value| Fr::from_bigint(*value).expect("below r")).collect();
                let quotient = qap.quotient(&wires);
                wires.zeroize();
                quotient
            }
            // SAFETY: the token proves the features.
            Kind::Large(large) => unsafe { quotient(large, wires) },
        }
    }
}

/// Eight field elements as limbs of the form with factor 2^260.
fn block(values: [Fr; 8]) -> Block {
    let mut out = [[0; 8]; LIMBS];
    for (lane, value) in values.into_iter().enumerate() {
        // arkworks' factor is 2^256.
        let w = (value * Fr::from(16u64)).0.0;
        let mask = (1u64 << 52) - 1;
        let limbs = [
            w[0] & mask,
            (w[0] >> 52 | w[1] << 12) & mask,
            (w[1] >> 40 | w[2] << 24) & mask,
            (w[2] >> 28 | w[3] << 36) & mask,
            w[3] >> 16,
        ];
        out.iter_mut().zip(limbs).for_each(|(words, limb)| words[lane] = limb);
    }
    out
}

fn blocks(values: &[Fr]) -> Vec<Block> {
    values.chunks_exact(8).map(|eight| block(eight.try_into().expect("eight values"))).collect()
}

impl LaneMatrix {
    fn new(matrix: &SparseMatrix) -> Self {
        let mut order: Vec<u32> =
            (0..matrix.ends.len() as u32).filter(|&k| !matrix.row(k as usize).is_empty()).collect();
        order.sort_by_key(|&k| matrix.row(k as usize).len());
        let (mut rows, mut ends, mut terms) = (Vec::new(), Vec::new(), Vec::new());
        for chunk in order.chunks(8) {
            let group: [u32; 8] = std::array::from_fn(|lane| chunk[lane.min(chunk.len() - 1)]);
            let longest = group.iter().map(|&k| matrix.row(k as usize).len()).max().expect("eight rows");
            for term in 0..longest {
                let entry = |lane: usize| matrix.row(group[lane] as usize).get(term).copied().unwrap_or_default();
                terms.push((
                    std::array::from_fn(|lane| entry(lane).0),
                    block(std::array::from_fn(|lane| entry(lane).1)),
                ));
            }
            rows.push(group);
            ends.push(terms.len() as u32);
        }
        Self { rows, ends, terms }
    }
}

impl Transform {
    fn new(domain: &Domain) -> Self {
        let far = |stages: &[Vec<Fr>]| stages[3..].iter().map(|stage| blocks(stage)).collect();
        let close = |stages: &[Vec<Fr>]| {
            std::array::from_fn(|stage: usize| stages[stage].iter().map(|value| block([*value; 8])).collect())
        };
        // In a transposed block of 64, lane l of vector j is element 8 l + j.
        let coset = domain.coset_powers().chunks_exact(64);
        let coset = coset.flat_map(|b| (0..8).map(move |j| block(std::array::from_fn(|lane| b[8 * lane + j]))));
        Self {
            size: domain.size(),
            forward: far(domain.forward_stages()),
            inverse: far(domain.inverse_stages()),
            forward_close: close(domain.forward_stages()),
            inverse_close: close(domain.inverse_stages()),
            coset: coset.collect(),
        }
    }
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn read(block: &Block) -> V {
    [load(&block[0]), load(&block[1]), load(&block[2]), load(&block[3]), load(&block[4])]
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn write(block: &mut Block, value: V) {
    for (words, limb) in block.iter_mut().zip(value) {
        store(words, limb);
    }
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn quotient(large: &Large, wires: &[BigInt<4>]) -> Result<Vec<BigInt<4>>> {
    let Large { a, b, c, transform } = large;
    let mut plane = wire_limbs(wires);
    let size = transform.size;
    let mut values = [rows_times(a, &plane, size), rows_times(b, &plane, size), vec![[[0; 8]; LIMBS]; size / 8]];
    let [left, right, product] = &mut values;
    for ((out, x), y) in product.iter_mut().zip(&*left).zip(&*right) {
        write(out, mul::<Scalar>(read(x), read(y)));
    }
    let violated = c.as_ref().and_then(|c| {
        let mut expected = rows_times(c, &plane, size);
        let row = first_difference(product, &expected);
        expected.iter_mut().for_each(Zeroize::zeroize);
        row
    });
    plane.zeroize();
    let outcome = match violated {
        Some(row) => Err(unsatisfied(row)),
        None => {
            values.iter_mut().for_each(|values| to_coset(transform, values));
            let mut out = Vec::with_capacity(size);
            for ((x, y), z) in values[0].iter().zip(&values[1]).zip(&values[2]) {
                let product = mul::<Scalar>(read(x), read(y));
                out.extend(scatter(to_plain::<Scalar>(sub::<Scalar>(product, trim::<Scalar>(read(z), 1), 1))));
            }
            Ok(out)
        }
    };
    values.iter_mut().flatten().for_each(Zeroize::zeroize);
    outcome
}

/// Wires in Montgomery form, five limbs a wire.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn wire_limbs(wires: &[BigInt<4>]) -> Vec<u64> {
    let mut plane = vec![0; wires.len().next_multiple_of(8) * LIMBS];
    for (chunk, out) in wires.chunks(8).zip(plane.chunks_exact_mut(8 * LIMBS)) {
        let eight: [BigInt<4>; 8] = std::array::from_fn(|lane| chunk[lane.min(chunk.len() - 1)]);
        let value = from_plain::<Scalar>(gather(&eight));
        for (limb, vector) in value.into_iter().enumerate() {
            let mut lanes = [0; 8];
            store(&mut lanes, vector);
            lanes.into_iter().enumerate().for_each(|(lane, word)| out[lane * LIMBS + limb] = word);
        }
    }
    plane
}

/// The matrix times the wires, below 2 p.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn rows_times(matrix: &LaneMatrix, plane: &[u64], size: usize) -> Vec<Block> {
    let mut out = vec![[[0; 8]; LIMBS]; size / 8];
    let mut start = 0;
    for (rows, &end) in matrix.rows.iter().zip(&matrix.ends) {
        let mut sum = [splat(0); LIMBS];
        for terms in matrix.terms[start..end as usize].chunks(TERMS) {
            let mut wide: Wide = wide_zero();
            for (wires, coefficients) in terms {
                let at = wires.map(|wire| &plane[wire as usize * LIMBS..wire as usize * LIMBS + LIMBS]);
                let value: V = std::array::from_fn(|limb| load(&at.map(|limbs| limbs[limb])));
                wide = accumulate(wide, value, read(coefficients));
            }
            let part = trim::<Scalar>(trim::<Scalar>(reduce::<Scalar>(wide), 2), 1);
            sum = trim::<Scalar>(add(sum, part), 1);
        }
        start = end as usize;
        let mut lanes = [[0; 8]; LIMBS];
        write(&mut lanes, sum);
        for (lane, &row) in rows.iter().enumerate() {
            for limb in 0..LIMBS {
                out[row as usize / 8][limb][row as usize % 8] = lanes[limb][lane];
            }
        }
    }
    out
}

/// The first element in which two vectors of values below 2 p differ modulo p.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn first_difference(left: &[Block], right: &[Block]) -> Option<usize> {
    left.iter().zip(right).enumerate().find_map(|(index, (x, y))| {
        let (x, y) = (trim::<Scalar>(read(x), 0), trim::<Scalar>(read(y), 0));
        let differ = x.into_iter().zip(y).fold(0, |mask, (x, y)| mask | _mm512_cmpneq_epi64_mask(x, y));
        (differ != 0).then(|| 8 * index + differ.trailing_zeros() as usize)
    })
}

/// (x + y, (x - y) w), all below 2 p.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn frequency_butterfly(x: V, y: V, w: V) -> (V, V) {
    (trim::<Scalar>(add(x, y), 1), mul::<Scalar>(sub::<Scalar>(x, y, 1), w))
}

/// (x + y w, x - y w), for x and y below 4 p; below 4 p.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn time_butterfly(x: V, y: V, w: V) -> (V, V) {
    let (x, product) = (trim::<Scalar>(x, 1), mul::<Scalar>(y, w));
    (add(x, product), sub::<Scalar>(x, product, 1))
}

/// As `Domain::to_coset`; takes values below 2 p, leaves values below 4 p.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn to_coset(transform: &Transform, values: &mut [Block]) {
    for stage in transform.inverse.iter().rev() {
        for halves in values.chunks_exact_mut(2 * stage.len()) {
            let (low, high) = halves.split_at_mut(stage.len());
            for ((x, y), w) in low.iter_mut().zip(high).zip(stage) {
                let (sum, difference) = frequency_butterfly(read(x), read(y), read(w));
                write(x, sum);
                write(y, difference);
            }
        }
    }
    for (block, coset) in values.chunks_exact_mut(8).zip(transform.coset.chunks_exact(8)) {
        close_stages(transform, block, coset);
    }
    for stage in &transform.forward {
        for halves in values.chunks_exact_mut(2 * stage.len()) {
            let (low, high) = halves.split_at_mut(stage.len());
            for ((x, y), w) in low.iter_mut().zip(high).zip(stage) {
                let (sum, difference) = time_butterfly(read(x), read(y), read(w));
                write(x, sum);
                write(y, difference);
            }
        }
    }
}

/// The last three stages of the inverse transform, the coset shift and the first three of the forward one.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn close_stages(transform: &Transform, block: &mut [Block], coset: &[Block]) {
    let mut v: [V; 8] = std::array::from_fn(|i| read(&block[i]));
    v = transpose_limbs(v);
    for (stage, len) in [(2, 4), (1, 2), (0, 1)] {
        for j in (0..8).filter(|j| j & len == 0) {
            let w = read(&transform.inverse_close[stage][j % len]);
            (v[j], v[j + len]) = frequency_butterfly(v[j], v[j + len], w);
        }
    }
    v = std::array::from_fn(|j| mul::<Scalar>(v[j], read(&coset[j])));
    for (stage, len) in [(0, 1), (1, 2), (2, 4)] {
        for j in (0..8).filter(|j| j & len == 0) {
            let w = read(&transform.forward_close[stage][j % len]);
            (v[j], v[j + len]) = time_butterfly(v[j], v[j + len], w);
        }
    }
    v = transpose_limbs(v);
    block.iter_mut().zip(v).for_each(|(block, value)| write(block, value));
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn transpose_limbs(v: [V; 8]) -> [V; 8] {
    let mut out = v;
    for limb in 0..LIMBS {
        let columns = transpose(v.map(|vector| vector[limb]));
        out.iter_mut().zip(columns).for_each(|(vector, column)| vector[limb] = column);
    }
    out
}
