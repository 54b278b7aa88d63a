//! Arithmetic modulo q or r, eight elements at a time, in five limbs of 52 bits with Montgomery factor 2^260.
//!
//! Every function states the range of its values in multiples of the prime p. Since p < 2^254, a product a b with
//! a b < 64 p^2 comes out below 2 p (64 p / 2^260 < 1), so sums of a few elements need no reduction before they
//! are multiplied; but the limbs of a factor must be below 2^52, which `carry` ensures.
// Loops over limbs and streams read several arrays at one index.
#![allow(clippy::needless_range_loop)]

use std::arch::x86_64::*;

use ark_bn254::{Fq, Fr};
use ark_ff::{BigInt, PrimeField};

use super::{
    ifma::Ifma,
    lanes::{load, splat, store},
};

pub const LIMBS: usize = 5;
const MASK: u64 = (1 << 52) - 1;

/// Eight elements: limb by limb.
pub type V = [__m512i; LIMBS];

/// The constants of one prime.
pub trait Modulus: 'static {
    type Field: PrimeField<BigInt = BigInt<4>>;
    /// Multiples 1, 2, 4 of the prime in limbs.
    const P: [[u64; LIMBS]; 3] = multiples(Self::Field::MODULUS);
    /// -1 / p modulo 2^52.
    const INVERSE: u64 = negative_inverse(Self::P[0][0]);
    /// 2^520 modulo p: the factor that converts a plain value to Montgomery form.
    const SQUARE: [u64; LIMBS] = power_of_two(Self::Field::MODULUS, 520);
    /// 2^260 modulo p: one.
    const ONE: [u64; LIMBS] = power_of_two(Self::Field::MODULUS, 260);
}

pub struct Base;
pub struct Scalar;

impl Modulus for Base {
    type Field = Fq;
}

impl Modulus for Scalar {
    type Field = Fr;
}

const fn split(value: [u64; 4]) -> [u64; LIMBS] {
    [
        value[0] & MASK,
        (value[0] >> 52 | value[1] << 12) & MASK,
        (value[1] >> 40 | value[2] << 24) & MASK,
        (value[2] >> 28 | value[3] << 36) & MASK,
        value[3] >> 16,
    ]
}

/// A number in limbs.
pub const fn limbs_of(value: BigInt<4>) -> [u64; LIMBS] {
    split(value.0)
}

const fn double(limbs: [u64; LIMBS]) -> [u64; LIMBS] {
    let mut out = [0; LIMBS];
    let (mut i, mut carry) = (0, 0);
    while i < LIMBS {
        let sum = 2 * limbs[i] + carry;
        out[i] = sum & MASK;
        carry = sum >> 52;
        i += 1;
    }
    out
}

const fn multiples(prime: BigInt<4>) -> [[u64; LIMBS]; 3] {
    let one = split(prime.0);
    [one, double(one), double(double(one))]
}

const fn negative_inverse(low: u64) -> u64 {
    // Newton: each round doubles the correct bits, from three.
    let (mut inverse, mut round) = (low, 0);
    while round < 5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(low.wrapping_mul(inverse)));
        round += 1;
    }
    inverse.wrapping_neg() & MASK
}

const fn power_of_two(prime: BigInt<4>, exponent: u32) -> [u64; LIMBS] {
    let p = split(prime.0);
    let mut value = [1, 0, 0, 0, 0];
    let mut step = 0;
    while step < exponent {
        value = double(value);
        let (mut out, mut borrow, mut i) = ([0; LIMBS], 0, 0);
        while i < LIMBS {
            let difference = value[i] as i64 - p[i] as i64 + borrow;
            out[i] = difference as u64 & MASK;
            borrow = difference >> 52;
            i += 1;
        }
        if borrow == 0 {
            value = out;
        }
        step += 1;
    }
    value
}

#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn constant(limbs: [u64; LIMBS]) -> V {
    limbs.map(|limb| splat(limb))
}

/// Limbs back below 2^52, of a value that is not negative; the limbs may be.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn carry(mut a: V) -> V {
    let mask = splat(MASK);
    for i in 0..LIMBS - 1 {
        a[i + 1] = _mm512_add_epi64(a[i + 1], _mm512_srai_epi64::<52>(a[i]));
        a[i] = _mm512_and_si512(a[i], mask);
    }
    a
}

#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
fn limbwise_add(a: V, b: V) -> V {
    std::array::from_fn(|i| _mm512_add_epi64(a[i], b[i]))
}

#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
fn limbwise_sub(a: V, b: V) -> V {
    std::array::from_fn(|i| _mm512_sub_epi64(a[i], b[i]))
}

/// a + b.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn add(a: V, b: V) -> V {
    carry(limbwise_add(a, b))
}

/// a - b + 2^k p for b up to 2^k p.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn sub<M: Modulus>(a: V, b: V, k: usize) -> V {
    carry(limbwise_add(limbwise_sub(a, b), constant(M::P[k])))
}

/// a if below 2^k p, else a - 2^k p.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn trim<M: Modulus>(a: V, k: usize) -> V {
    let less = carry(limbwise_sub(a, constant(M::P[k])));
    let negative = _mm512_cmplt_epi64_mask(less[LIMBS - 1], _mm512_setzero_si512());
    std::array::from_fn(|i| _mm512_mask_blend_epi64(negative, less[i], a[i]))
}

#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn select(mask: __mmask8, zero: V, one: V) -> V {
    std::array::from_fn(|i| _mm512_mask_blend_epi64(mask, zero[i], one[i]))
}

/// A product, or a sum of products, before its reduction.
pub type Wide = [__m512i; 2 * LIMBS];

#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn wide_zero() -> Wide {
    [_mm512_setzero_si512(); 2 * LIMBS]
}

/// t + a b, column by column: each column grows by less than 10 * 2^52.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn accumulate(mut t: Wide, a: V, b: V) -> Wide {
    for i in 0..LIMBS {
        for j in 0..LIMBS {
            t[i + j] = _mm512_madd52lo_epu64(t[i + j], a[i], b[j]);
            t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], a[i], b[j]);
        }
    }
    t
}

/// t / 2^260, below t / 2^260 + p.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn reduce<M: Modulus>(mut t: Wide) -> V {
    let (p, inverse) = (constant(M::P[0]), splat(M::INVERSE));
    for i in 0..LIMBS {
        let factor = _mm512_madd52lo_epu64(_mm512_setzero_si512(), t[i], inverse);
        for j in 0..LIMBS {
            t[i + j] = _mm512_madd52lo_epu64(t[i + j], factor, p[j]);
        }
        // The low 52 bits of this column are zero now.
        t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64::<52>(t[i]));
        for j in 0..LIMBS {
            t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], factor, p[j]);
        }
    }
    carry([t[5], t[6], t[7], t[8], t[9]])
}

/// In each of N streams, the sum of T products over 2^260: below 2 p if the sum is below 64 p^2.
///
/// A product waits for its own carries most of the time; two streams side by side fill the gaps. T products
/// share one reduction.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn dot<M: Modulus, const N: usize, const T: usize>(a: [[V; T]; N], b: [[V; T]; N]) -> [V; N] {
    let (p, inverse, zero) = (constant(M::P[0]), splat(M::INVERSE), _mm512_setzero_si512());
    let mut t = [[zero; LIMBS + 1]; N];
    let mut factor = [zero; N];
    for i in 0..LIMBS {
        for k in 0..T {
            for j in 0..LIMBS {
                for n in 0..N {
                    t[n][j] = _mm512_madd52lo_epu64(t[n][j], a[n][k][i], b[n][k][j]);
                }
            }
        }
        for n in 0..N {
            factor[n] = _mm512_madd52lo_epu64(zero, t[n][0], inverse);
        }
        for k in 0..T {
            for j in 0..LIMBS {
                for n in 0..N {
                    t[n][j + 1] = _mm512_madd52hi_epu64(t[n][j + 1], a[n][k][i], b[n][k][j]);
                }
            }
        }
        for j in 0..LIMBS {
            for n in 0..N {
                t[n][j] = _mm512_madd52lo_epu64(t[n][j], factor[n], p[j]);
            }
        }
        for n in 0..N {
            // The low 52 bits of this column are zero now.
            t[n][1] = _mm512_add_epi64(t[n][1], _mm512_srli_epi64::<52>(t[n][0]));
        }
        for j in 0..LIMBS {
            for n in 0..N {
                t[n][j + 1] = _mm512_madd52hi_epu64(t[n][j + 1], factor[n], p[j]);
            }
        }
        for n in 0..N {
            t[n] = [t[n][1], t[n][2], t[n][3], t[n][4], t[n][5], zero];
        }
    }
    t.map(|t| carry([t[0], t[1], t[2], t[3], t[4]]))
}

/// a b / 2^260 below 2 p, for a b < 64 p^2.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn mul<M: Modulus>(a: V, b: V) -> V {
    dot::<M, 1, 1>([[a]], [[b]])[0]
}

/// Two products side by side.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn mul_two<M: Modulus>(a: [V; 2], b: [V; 2]) -> [V; 2] {
    dot::<M, 2, 1>([[a[0]], [a[1]]], [[b[0]], [b[1]]])
}

/// Eight elements of four 64-bit words each, word by word, to limbs.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn unpack(w: [__m512i; 4]) -> V {
    let mask = splat(MASK);
    [
        _mm512_and_si512(w[0], mask),
        _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64::<52>(w[0]), _mm512_slli_epi64::<12>(w[1])), mask),
        _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64::<40>(w[1]), _mm512_slli_epi64::<24>(w[2])), mask),
        _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64::<28>(w[2]), _mm512_slli_epi64::<36>(w[3])), mask),
        _mm512_srli_epi64::<16>(w[3]),
    ]
}

#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn pack(a: V) -> [__m512i; 4] {
    [
        _mm512_or_si512(a[0], _mm512_slli_epi64::<52>(a[1])),
        _mm512_or_si512(_mm512_srli_epi64::<12>(a[1]), _mm512_slli_epi64::<40>(a[2])),
        _mm512_or_si512(_mm512_srli_epi64::<24>(a[2]), _mm512_slli_epi64::<28>(a[3])),
        _mm512_or_si512(_mm512_srli_epi64::<36>(a[3]), _mm512_slli_epi64::<16>(a[4])),
    ]
}

/// Elements in plain form, word by word, to Montgomery form below 2 p.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn from_plain<M: Modulus>(words: [__m512i; 4]) -> V {
    mul::<M>(unpack(words), constant(M::SQUARE))
}

/// Montgomery form up to 8 p to plain form below p.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
pub fn to_plain<M: Modulus>(a: V) -> [__m512i; 4] {
    pack(trim::<M>(mul::<M>(a, constant([1, 0, 0, 0, 0])), 0))
}

/// Eight values in memory, word by word.
#[target_feature(enable = "avx512f,avx512ifma")]
pub fn gather(values: &[BigInt<4>; 8]) -> [__m512i; 4] {
    std::array::from_fn(|word| load(&std::array::from_fn(|lane| values[lane].0[word])))
}

#[target_feature(enable = "avx512f,avx512ifma")]
pub fn scatter(words: [__m512i; 4]) -> [BigInt<4>; 8] {
    let mut out = [BigInt([0; 4]); 8];
    for (word, vector) in words.into_iter().enumerate() {
        let mut lanes = [0; 8];
        store(&mut lanes, vector);
        out.iter_mut().zip(lanes).for_each(|(value, lane)| value.0[word] = lane);
    }
    out
}

/// An operation on plain values, for tests against the portable path.
#[derive(Clone, Copy, Debug)]
pub enum FieldOp {
    Add,
    Sub,
    Mul,
}

/// Applies `op` in eight lanes to values below the prime of `F`, which is q or r.
pub fn apply<F: PrimeField<BigInt = BigInt<4>>>(_: Ifma, op: FieldOp, a: &[F; 8], b: &[F; 8]) -> [F; 8] {
    let plain = |values: &[F; 8]| values.map(F::into_bigint);
    let (a, b) = (plain(a), plain(b));
    let base = F::MODULUS == Fq::MODULUS;
    // SAFETY: the token proves the features.
    let out = unsafe { if base { apply_in::<Base>(op, &a, &b) } else { apply_in::<Scalar>(op, &a, &b) } };
    out.map(|value| F::from_bigint(value).expect("below the prime"))
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn apply_in<M: Modulus>(op: FieldOp, a: &[BigInt<4>; 8], b: &[BigInt<4>; 8]) -> [BigInt<4>; 8] {
    let (a, b) = (from_plain::<M>(gather(a)), from_plain::<M>(gather(b)));
    scatter(to_plain::<M>(match op {
        FieldOp::Add => add(a, b),
        FieldOp::Sub => sub::<M>(a, b, 1),
        FieldOp::Mul => mul::<M>(a, b),
    }))
}
