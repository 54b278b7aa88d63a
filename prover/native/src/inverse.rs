//! Inverses modulo q or r: the binary greatest common divisor, 31 steps at a time.
//!
//! A round reads only the lowest 31 bits of the two numbers, which decide exactly what is halved, and the highest 33,
//! which nearly always show which is larger; where they do not, a number becomes negative, and its sign is changed. The
//! steps of a round become one matrix of small factors (T. Pornin, "Optimized Binary GCD for Modular Inversion").

use crate::field::{Limbs, Prime, add, canonical, mul};

/// Steps of a round: the factors fit in 32 bits with their sign.
const STEPS: u32 = 31;
const LOW: u64 = (1 << STEPS) - 1;

/// 1 / a in Montgomery form, canonical, for a below 2 p that is not zero modulo p.
pub fn inverse<T: Prime>(a: Limbs) -> Limbs {
    let (mut a, mut b) = (canonical::<T>(a), *T::P);
    // a = u times the input and b = v times the input, modulo p and up to the power of two that rounds divide by.
    let (mut u, mut v) = ([1, 0, 0, 0], [0; 4]);
    while a != [0; 4] {
        let [first, second] = steps(a, b);
        let ((next_a, first), (next_b, second)) = (combine(&a, &b, first), combine(&a, &b, second));
        (a, b) = (next_a, next_b);
        (u, v) = (combine_modulo::<T>(&u, &v, first), combine_modulo::<T>(&u, &v, second));
    }
    // The input was x R, so v is 1 / (x R); the result is R / x, and a product divides by R.
    let cube = mul::<T>(T::R2.0, T::R2.0);
    canonical::<T>(mul::<T>(v, cube))
}

/// The factors (f0, g0), (f1, g1) that 31 steps multiply (a, b) by, leaving 2^31 times the next pair.
#[inline(always)]
fn steps(a: Limbs, b: Limbs) -> [[i64; 2]; 2] {
    let (mut a, mut b) = approximate(a, b);
    let ([mut f0, mut g0], [mut f1, mut g1]) = ([1i64, 0i64], [0i64, 1i64]);
    for _ in 0..STEPS {
        // Masks in place of branches, which random bits would mispredict half of the time.
        let odd = (a & 1).wrapping_neg();
        let swap = odd & u64::from(a < b).wrapping_neg();
        let change = (a ^ b) & swap;
        (a, b) = (a ^ change, b ^ change);
        let change = (f0 ^ f1) & swap as i64;
        (f0, f1) = (f0 ^ change, f1 ^ change);
        let change = (g0 ^ g1) & swap as i64;
        (g0, g1) = (g0 ^ change, g1 ^ change);
        a = (a - (b & odd)) >> 1;
        f0 -= f1 & odd as i64;
        g0 -= g1 & odd as i64;
        f1 <<= 1;
        g1 <<= 1;
    }
    [[f0, g0], [f1, g1]]
}

/// The lowest 31 bits of both numbers, and above them the 33 bits that lead the larger.
#[inline(always)]
fn approximate(a: Limbs, b: Limbs) -> (u64, u64) {
    let Some(top) = (1..4).rev().find(|&i| a[i] | b[i] != 0) else { return (a[0], b[0]) };
    let shift = (a[top] | b[top]).leading_zeros();
    let lead = |x: Limbs| (x[top] << shift | x[top - 1] >> 1 >> (63 - shift)) >> STEPS << STEPS;
    (lead(a) | a[0] & LOW, lead(b) | b[0] & LOW)
}

/// The sum of N products as five words in two's complement; the factors are at most 2^31 and N is small.
#[inline(always)]
fn weighted<const N: usize>(numbers: [&Limbs; N], factors: [i64; N]) -> [u64; 5] {
    let mut sum = [0; 5];
    let mut carry = 0i128;
    for i in 0..4 {
        for k in 0..N {
            carry += i128::from(numbers[k][i]) * i128::from(factors[k]);
        }
        sum[i] = carry as u64;
        carry >>= 64;
    }
    sum[4] = carry as u64;
    sum
}

/// A multiple of 2^31 over 2^31, modulo 2^256, and whether it is negative.
#[inline(always)]
fn shift(sum: [u64; 5]) -> (Limbs, bool) {
    (std::array::from_fn(|i| sum[i] >> STEPS | sum[i + 1] << (64 - STEPS)), sum[4] >> 63 == 1)
}

/// |a f + b g| / 2^31, and the factors with the sign that makes it so.
#[inline(always)]
fn combine(a: &Limbs, b: &Limbs, [f, g]: [i64; 2]) -> (Limbs, [i64; 2]) {
    let (quotient, negative) = shift(weighted([a, b], [f, g]));
    if negative { (shift(weighted([a, b], [-f, -g])).0, [-f, -g]) } else { (quotient, [f, g]) }
}

/// (u f + v g) / 2^31 modulo p, canonical as u and v are.
#[inline(always)]
fn combine_modulo<T: Prime>(u: &Limbs, v: &Limbs, [f, g]: [i64; 2]) -> Limbs {
    let low = u[0].wrapping_mul(f as u64).wrapping_add(v[0].wrapping_mul(g as u64));
    let multiple = low.wrapping_mul(T::INV) & LOW;
    let (quotient, negative) = shift(weighted([u, v, T::P], [f, g, multiple as i64]));
    canonical::<T>(if negative { add(quotient, *T::P) } else { quotient })
}

#[cfg(test)]
mod tests {
    use ark_bn254::{Fq, FqConfig, Fr, FrConfig};
    use ark_ff::{Field, Fp, MontBackend, MontConfig, PrimeField};
    use proptest::prelude::*;

    use super::*;

    fn agrees<T: Prime>(value: Fp<MontBackend<T, 4>, 4>) {
        let Some(expected) = value.inverse() else { return };
        assert_eq!(inverse::<T>(value.0.0), expected.0.0);
        assert_eq!(inverse::<T>(add(value.0.0, *T::P)), expected.0.0, "not canonical");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn inverses_agree(bytes in any::<[u8; 32]>()) {
            agrees::<FqConfig>(Fq::from_le_bytes_mod_order(&bytes));
            agrees::<FrConfig>(Fr::from_le_bytes_mod_order(&bytes));
        }
    }

    #[test]
    fn inverses_of_edges_agree() {
        // As stored limbs, where the algorithm sees them: powers of two, their neighbours and those of the prime.
        for bit in 0..254 {
            let power = Fq::from(2u64).pow([bit]) * Fq::from_bigint(FqConfig::R).unwrap().inverse().unwrap();
            let unit = Fq::from_bigint(FqConfig::R).unwrap().inverse().unwrap();
            for value in [power, power + unit, power - unit, -power, unit - power] {
                agrees::<FqConfig>(value);
            }
        }
    }
}
