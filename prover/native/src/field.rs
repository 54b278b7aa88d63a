//! Arithmetic modulo q or r in four limbs of 64 bits, with Montgomery factor 2^256, portable path.
//!
//! It differs from arkworks' in two ways. Values need not be below the prime p: each function states its ranges, so
//! that most sums need no reduction. And a product adds whole rows of partial products, whose carries do not wait
//! for one another; arkworks' takes half again as long when the next product needs its result.

use ark_ff::MontConfig;

pub type Limbs = [u64; 4];

/// A prime, by arkworks' configuration of its field.
pub trait Prime: MontConfig<4> {
    const P: &Limbs = &Self::MODULUS.0;
    const TWO_P: &Limbs = &double(Self::MODULUS.0);
    const FOUR_P: &Limbs = &double(double(Self::MODULUS.0));
}

impl<T: MontConfig<4>> Prime for T {}

const fn double(limbs: Limbs) -> Limbs {
    let [a, b, c, d] = limbs;
    [a << 1, b << 1 | a >> 63, c << 1 | b >> 63, d << 1 | c >> 63]
}

/// The compiler turns sums with known numbers into comparisons, one for each carry: so it must not know them.
#[inline(always)]
fn opaque(prime: &Limbs) -> Limbs {
    *std::hint::black_box(prime)
}

#[inline(always)]
fn add_carry(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(u64::from(carry));
    (sum, first | second)
}

#[inline(always)]
fn sub_borrow(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(u64::from(borrow));
    (difference, first | second)
}

/// t + a b, which must fit in five words.
#[inline(always)]
fn add_row(t: [u64; 5], a: &Limbs, b: u64) -> [u64; 5] {
    let product = |limb: u64| {
        let wide = u128::from(limb) * u128::from(b);
        (wide as u64, (wide >> 64) as u64)
    };
    let [(l0, h0), (l1, h1), (l2, h2), (l3, h3)] = [product(a[0]), product(a[1]), product(a[2]), product(a[3])];
    let (r1, carry) = add_carry(l1, h0, false);
    let (r2, carry) = add_carry(l2, h1, carry);
    let (r3, carry) = add_carry(l3, h2, carry);
    let r4 = h3.wrapping_add(u64::from(carry));
    let (t0, carry) = add_carry(t[0], l0, false);
    let (t1, carry) = add_carry(t[1], r1, carry);
    let (t2, carry) = add_carry(t[2], r2, carry);
    let (t3, carry) = add_carry(t[3], r3, carry);
    [t0, t1, t2, t3, t[4].wrapping_add(r4).wrapping_add(u64::from(carry))]
}

/// t over 2^64, after adding the multiple of p that makes the lowest word zero.
#[inline(always)]
fn drop_word<T: Prime>(t: [u64; 5]) -> [u64; 5] {
    let [_, t1, t2, t3, t4] = add_row(t, T::P, t[0].wrapping_mul(T::INV));
    [t1, t2, t3, t4, 0]
}

/// a b / 2^256, below 2 p if a b is below 5 p^2, for a below 4 p.
#[inline(always)]
pub fn mul<T: Prime>(a: Limbs, b: Limbs) -> Limbs {
    let step = |t, b| drop_word::<T>(add_row(t, &a, b));
    let [t0, t1, t2, t3, _] = step(step(step(step([0; 5], b[0]), b[1]), b[2]), b[3]);
    [t0, t1, t2, t3]
}

#[inline(always)]
fn two_rows<T: Prime>(t: [u64; 5], a: &Limbs, b: u64, c: &Limbs, d: u64) -> [u64; 5] {
    drop_word::<T>(add_row(add_row(t, a, b), c, d))
}

/// (a b + c d) / 2^256 with one reduction: below 2 p if the sum is below 5 p^2, below 3 p if it is below 10 p^2;
/// for a and c below 2 p.
#[inline(always)]
pub fn dot<T: Prime>(a: Limbs, b: Limbs, c: Limbs, d: Limbs) -> Limbs {
    let t = two_rows::<T>([0; 5], &a, b[0], &c, d[0]);
    let t = two_rows::<T>(t, &a, b[1], &c, d[1]);
    let t = two_rows::<T>(t, &a, b[2], &c, d[2]);
    let [t0, t1, t2, t3, _] = two_rows::<T>(t, &a, b[3], &c, d[3]);
    [t0, t1, t2, t3]
}

/// A sum of products before its reduction.
pub type Wide = [u64; 9];

/// t + a b.
#[inline(always)]
pub fn accumulate(t: Wide, a: &Limbs, b: &Limbs) -> Wide {
    let [p0, s1, s2, s3, s4] = add_row([0; 5], a, b[0]);
    let [p1, s2, s3, s4, s5] = add_row([s1, s2, s3, s4, 0], a, b[1]);
    let [p2, s3, s4, s5, s6] = add_row([s2, s3, s4, s5, 0], a, b[2]);
    let [p3, p4, p5, p6, p7] = add_row([s3, s4, s5, s6, 0], a, b[3]);
    let (t0, carry) = add_carry(t[0], p0, false);
    let (t1, carry) = add_carry(t[1], p1, carry);
    let (t2, carry) = add_carry(t[2], p2, carry);
    let (t3, carry) = add_carry(t[3], p3, carry);
    let (t4, carry) = add_carry(t[4], p4, carry);
    let (t5, carry) = add_carry(t[5], p5, carry);
    let (t6, carry) = add_carry(t[6], p6, carry);
    let (t7, carry) = add_carry(t[7], p7, carry);
    [t0, t1, t2, t3, t4, t5, t6, t7, t[8].wrapping_add(u64::from(carry))]
}

/// t / 2^256, below 2 p for t below 35 p^2.
#[inline(always)]
pub fn reduce_wide<T: Prime>(t: Wide) -> Limbs {
    // The upper words are below 35 p / 5.2 < 8 p, which may need a fifth word; less 4 p if there is as much, below 4 p.
    let upper = [t[4], t[5], t[6], t[7]];
    let (less, borrow) = difference(upper, opaque(T::FOUR_P));
    let upper = select(u64::from(t[8] == 0 && borrow).wrapping_neg(), less, upper);
    // The lower words reduced alone are at most p.
    let step = |t| drop_word::<T>(t);
    let [l0, l1, l2, l3, _] = step(step(step(step([t[0], t[1], t[2], t[3], 0]))));
    reduce_double::<T>(reduce_once(add(upper, [l0, l1, l2, l3]), T::FOUR_P))
}

/// a + b below 2^256.
#[inline(always)]
pub fn add(a: Limbs, b: Limbs) -> Limbs {
    let (r0, carry) = add_carry(a[0], b[0], false);
    let (r1, carry) = add_carry(a[1], b[1], carry);
    let (r2, carry) = add_carry(a[2], b[2], carry);
    [r0, r1, r2, a[3].wrapping_add(b[3]).wrapping_add(u64::from(carry))]
}

#[inline(always)]
fn difference(a: Limbs, b: Limbs) -> (Limbs, bool) {
    let (r0, borrow) = sub_borrow(a[0], b[0], false);
    let (r1, borrow) = sub_borrow(a[1], b[1], borrow);
    let (r2, borrow) = sub_borrow(a[2], b[2], borrow);
    let (r3, borrow) = sub_borrow(a[3], b[3], borrow);
    ([r0, r1, r2, r3], borrow)
}

/// a - b + p for b up to p.
#[inline(always)]
pub fn sub<T: Prime>(a: Limbs, b: Limbs) -> Limbs {
    add(difference(a, b).0, opaque(T::P))
}

/// p - a for a up to p.
#[inline(always)]
pub fn negate<T: Prime>(a: Limbs) -> Limbs {
    difference(opaque(T::P), a).0
}

/// 2 p - a for a up to 2 p.
#[inline(always)]
pub fn negate_double<T: Prime>(a: Limbs) -> Limbs {
    difference(opaque(T::TWO_P), a).0
}

/// a - b + 2 p for b up to 2 p.
#[inline(always)]
pub fn sub_double<T: Prime>(a: Limbs, b: Limbs) -> Limbs {
    add(difference(a, b).0, opaque(T::TWO_P))
}

#[inline(always)]
fn reduce_once(a: Limbs, prime: &Limbs) -> Limbs {
    let (less, borrow) = difference(a, opaque(prime));
    select(u64::from(borrow).wrapping_neg(), less, a)
}

/// The first number for a mask of zeros, the second for one of ones.
#[inline(always)]
fn select(mask: u64, zeros: Limbs, ones: Limbs) -> Limbs {
    let pick = |i: usize| zeros[i] ^ (mask & (zeros[i] ^ ones[i]));
    [pick(0), pick(1), pick(2), pick(3)]
}

/// Below 4 p to below 2 p.
#[inline(always)]
pub fn reduce_double<T: Prime>(a: Limbs) -> Limbs {
    reduce_once(a, T::TWO_P)
}

/// Below 4 p to below p.
#[inline(always)]
pub fn canonical<T: Prime>(a: Limbs) -> Limbs {
    reduce_once(reduce_double::<T>(a), T::P)
}

/// The limbs of one.
pub const fn one<T: Prime>() -> Limbs {
    T::R.0
}

#[cfg(test)]
mod tests {
    use ark_bn254::{Fr, FrConfig};
    use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField};
    use proptest::prelude::*;

    use super::*;

    const P: &Limbs = <FrConfig as Prime>::P;

    /// A sum of products, each of a number below 2 p and one below p, against arkworks'.
    fn agrees(terms: &[(Limbs, Limbs)]) {
        let wide = terms.iter().fold([0; 9], |wide, (a, b)| accumulate(wide, a, b));
        let reduced = reduce_wide::<FrConfig>(wide);
        assert!(BigInt(reduced) < BigInt(*<FrConfig as Prime>::TWO_P));
        let residue = |limbs: &Limbs| Fr::new_unchecked(BigInt(canonical::<FrConfig>(*limbs)));
        let expected: Fr = terms.iter().map(|(a, b)| residue(a) * residue(b)).sum();
        assert_eq!(residue(&reduced), expected);
    }

    fn minus_one(limbs: &Limbs) -> Limbs {
        let mut value = BigInt(*limbs);
        value.sub_with_borrow(&BigInt::from(1u64));
        value.0
    }

    #[test]
    fn wide_sums_reduce_at_their_limits() {
        let (double, single) = (minus_one(<FrConfig as Prime>::TWO_P), minus_one(P));
        for count in 0..=17 {
            agrees(&vec![(double, single); count]);
            agrees(&vec![(single, single); count]);
            agrees(&vec![(*P, single); count]);
        }
        // The multiples of p at which a reduction begins to subtract.
        let one = Fr::ONE.into_bigint().0;
        agrees(&[(*P, one), (*P, single), ([0; 4], single)]);
        agrees(&[(Fr::ZERO.0.0, single)]);
    }

    proptest! {
        #[test]
        fn wide_sums_agree(bytes in proptest::collection::vec(any::<([u8; 32], [u8; 32], bool)>(), 0..=17)) {
            let terms: Vec<_> = bytes.iter().map(|(a, b, more)| {
                let [a, b] = [a, b].map(|bytes| Fr::from_le_bytes_mod_order(bytes).0.0);
                (if *more { add(a, *P) } else { a }, b)
            }).collect();
            agrees(&terms);
        }
    }
}
