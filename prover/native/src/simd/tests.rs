//! Lane arithmetic at the edges of the ranges that `field` states, against integers of any size.

use proptest::{array::uniform8, prelude::*};

use super::{
    field::{
        Base, LIMBS, Modulus, Scalar, V, accumulate, add, carry, constant, dot, from_plain, gather, mul, mul_two, pack,
        reduce, scatter, select, sub, to_plain, trim, unpack, wide_zero,
    },
    ifma::Ifma,
    lanes::{Words, load, splat, store, transpose},
};

use ark_ff::{BigInt, BigInteger, PrimeField};

const MASK: u64 = (1 << 52) - 1;

/// An integer of up to 512 bits: wide enough for any product here.
type Big = BigInt<8>;

fn big(limbs: &[u64; LIMBS]) -> Big {
    let mut value = Big::from(0u64);
    for limb in limbs.iter().rev() {
        value <<= 52;
        let carried = value.add_with_carry(&Big::from(*limb));
        assert!(!carried);
    }
    value
}

fn limbs(value: &Big) -> [u64; LIMBS] {
    assert!(value.num_bits() <= 260);
    std::array::from_fn(|limb| (0..52).fold(0, |all, bit| all | u64::from(value.get_bit(52 * limb + bit)) << bit))
}

fn widen(value: &BigInt<4>) -> Big {
    let mut out = Big::from(0u64);
    out.0[..4].copy_from_slice(&value.0);
    out
}

/// k times the prime, plus or minus a little.
fn near<M: Modulus>(multiple: u64, offset: i64) -> Big {
    let mut value = Big::from(0u64);
    (0..multiple).for_each(|_| {
        value.add_with_carry(&widen(&M::Field::MODULUS));
    });
    let size = Big::from(offset.unsigned_abs());
    if offset < 0 {
        value.sub_with_borrow(&size)
    } else {
        value.add_with_carry(&size)
    };
    value
}

/// The residue modulo the prime.
fn residue<M: Modulus>(value: &Big) -> M::Field {
    value.to_bits_be().into_iter().fold(M::Field::from(0u64), |sum, bit| sum + sum + M::Field::from(u64::from(bit)))
}

/// 1 / 2^260 modulo the prime.
fn montgomery_inverse<M: Modulus>() -> M::Field {
    let factor = (0..260).fold(M::Field::from(1u64), |power, _| power + power);
    M::Field::from(1u64) / factor
}

fn to_lanes(values: &[Big; 8]) -> [Words; LIMBS] {
    let all = values.each_ref().map(limbs);
    std::array::from_fn(|limb| std::array::from_fn(|lane| all[lane][limb]))
}

#[target_feature(enable = "avx512f")]
fn read(words: &[Words; LIMBS]) -> V {
    [load(&words[0]), load(&words[1]), load(&words[2]), load(&words[3]), load(&words[4])]
}

/// The eight values of a vector, whose limbs must all be below 2^52.
#[target_feature(enable = "avx512f")]
fn written(value: V) -> [Big; 8] {
    let mut out = [[0; 8]; LIMBS];
    for (words, limb) in out.iter_mut().zip(value) {
        store(words, limb);
    }
    assert!(out.as_flattened().iter().all(|limb| *limb <= MASK), "a limb is not carried");
    std::array::from_fn(|lane| big(&std::array::from_fn(|limb| out[limb][lane])))
}

/// Values up to `multiple` primes: the edges first, then some in between.
fn up_to<M: Modulus>(multiple: u64) -> impl Strategy<Value = Big> {
    let edge = (0..=multiple, -2i64..=2).prop_filter_map("in range", move |(k, offset)| {
        ((k > 0 || offset >= 0) && (k < multiple || offset < 0)).then(|| near::<M>(k, offset))
    });
    let inside = any::<[u64; 5]>().prop_filter_map("in range", move |words| {
        let mut words = words.map(|word| word & MASK);
        // The prime has 254 bits, 46 of them in the last limb.
        words[LIMBS - 1] &= (multiple << 46) - 1;
        let value = big(&words);
        (value < near::<M>(multiple, 0)).then_some(value)
    });
    // Limbs all ones or all zeros make the longest carries.
    let runs =
        (0u32..16).prop_map(|ones| big(&std::array::from_fn(|limb| if ones >> limb & 1 == 1 { MASK } else { 0 })));
    prop_oneof![3 => edge, 2 => inside, 1 => runs]
}

fn plus(a: &Big, b: &Big) -> Big {
    let mut sum = *a;
    assert!(!sum.add_with_carry(b));
    sum
}

fn minus(a: &Big, b: &Big) -> Big {
    let mut difference = *a;
    assert!(!difference.sub_with_borrow(b));
    difference
}

/// Checks every operation for one modulus; `a` and `b` are below 8 p, so that their product is below 64 p^2.
fn check<M: Modulus>(a: &[Big; 8], b: &[Big; 8]) {
    if Ifma::detect().is_some() {
        // SAFETY: the token proves the features.
        unsafe { check_lanes::<M>(a, b) }
    }
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn check_lanes<M: Modulus>(a: &[Big; 8], b: &[Big; 8]) {
    let (x, y) = (read(&to_lanes(a)), read(&to_lanes(b)));
    let (inverse, two) = (montgomery_inverse::<M>(), near::<M>(2, 0));
    let product = |lane: usize| residue::<M>(&a[lane]) * residue::<M>(&b[lane]) * inverse;

    for (lane, value) in written(add(x, y)).iter().enumerate() {
        assert_eq!(*value, plus(&a[lane], &b[lane]));
    }
    for k in 0..3 {
        let multiple = near::<M>(1 << k, 0);
        for (lane, value) in written(trim::<M>(x, k)).iter().enumerate() {
            assert_eq!(*value, if a[lane] < multiple { a[lane] } else { minus(&a[lane], &multiple) });
        }
        let small = b.map(|value| if value <= multiple { value } else { multiple });
        for (lane, value) in written(sub::<M>(x, read(&to_lanes(&small)), k)).iter().enumerate() {
            assert_eq!(*value, minus(&plus(&a[lane], &multiple), &small[lane]));
        }
    }
    let (single, [first, second]) = (written(mul::<M>(x, y)), mul_two::<M>([x, y], [y, x]));
    assert_eq!(written(first), single);
    assert_eq!(written(second), single);
    assert_eq!(
        written(reduce::<M>(accumulate(wide_zero(), x, y))).map(|v| residue::<M>(&v)),
        single.map(|v| residue::<M>(&v))
    );
    for (lane, value) in single.iter().enumerate() {
        assert!(*value < two, "a product is not below 2 p");
        assert_eq!(residue::<M>(value), product(lane));
    }
    for (lane, value) in scatter(to_plain::<M>(x)).iter().enumerate() {
        assert!(*value < M::Field::MODULUS);
        assert_eq!(M::Field::from_bigint(*value).unwrap(), residue::<M>(&a[lane]) * inverse);
    }
    let chosen = written(select(0b1010_0110, x, y));
    assert!((0..8).all(|lane| chosen[lane] == if 0b1010_0110 >> lane & 1 == 1 { b[lane] } else { a[lane] }));
}

/// Sums of two products: factors of which each product is below 32 p^2.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn check_dot<M: Modulus>(a: &[Big; 8], b: &[Big; 8], c: &[Big; 8], d: &[Big; 8]) {
    let all = [a, b, c, d].map(|values| read(&to_lanes(values)));
    let [sum] = dot::<M, 1, 2>([[all[0], all[1]]], [[all[2], all[3]]]);
    let inverse = montgomery_inverse::<M>();
    for (lane, value) in written(sum).iter().enumerate() {
        assert!(*value < near::<M>(2, 0), "a sum of products is not below 2 p");
        let term = |x: &[Big; 8], y: &[Big; 8]| residue::<M>(&x[lane]) * residue::<M>(&y[lane]);
        assert_eq!(residue::<M>(value), (term(a, c) + term(b, d)) * inverse);
    }
}

/// 128 products of factors below 2 p and p, as the quotient's rows add them up before one reduction.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn check_long_sum<M: Modulus>(a: &Big, b: &Big) {
    let (x, y) = (read(&to_lanes(&[*a; 8])), read(&to_lanes(&[*b; 8])));
    let mut wide = wide_zero();
    for _ in 0..128 {
        wide = accumulate(wide, x, y);
    }
    let expected = residue::<M>(a) * residue::<M>(b) * montgomery_inverse::<M>() * M::Field::from(128u64);
    for value in written(reduce::<M>(wide)) {
        assert!(value < near::<M>(5, 0));
        assert_eq!(residue::<M>(&value), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn base_field(a in uniform8(up_to::<Base>(8)), b in uniform8(up_to::<Base>(8))) {
        check::<Base>(&a, &b);
    }

    #[test]
    fn scalar_field(a in uniform8(up_to::<Scalar>(8)), b in uniform8(up_to::<Scalar>(8))) {
        check::<Scalar>(&a, &b);
    }

    #[test]
    fn sums_of_products(values in [
        uniform8(up_to::<Base>(4)), uniform8(up_to::<Base>(4)), uniform8(up_to::<Base>(8)), uniform8(up_to::<Base>(8)),
    ]) {
        if Ifma::detect().is_some() {
            let [a, b, c, d] = &values;
            // SAFETY: the token proves the features.
            unsafe { check_dot::<Base>(a, b, c, d) };
        }
    }

    #[test]
    fn long_sums(a in up_to::<Scalar>(2), b in up_to::<Scalar>(1)) {
        if Ifma::detect().is_some() {
            // SAFETY: the token proves the features.
            unsafe { check_long_sum::<Scalar>(&a, &b) };
        }
    }

    #[test]
    fn words_and_limbs(values in uniform8(any::<[u64; 4]>())) {
        if Ifma::detect().is_some() {
            // SAFETY: the token proves the features.
            unsafe { check_words(&values.map(BigInt)) };
        }
    }
}

/// Any 256 bits go to limbs and back, and into Montgomery form.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn check_words(values: &[BigInt<4>; 8]) {
    let split = unpack(gather(values));
    assert_eq!(scatter(pack(split)), *values);
    assert_eq!(written(split), values.each_ref().map(widen));
    for (value, plain) in written(from_plain::<Scalar>(gather(values))).iter().zip(values) {
        assert!(*value < near::<Scalar>(2, 0));
        let back = residue::<Scalar>(value) * montgomery_inverse::<Scalar>();
        assert_eq!(back, residue::<Scalar>(&widen(plain)));
    }
}

#[test]
fn the_largest_factors_there_may_be() {
    for (p, q) in [(8, 8), (4, 8), (1, 8), (2, 2)] {
        for offsets in [[-1, -1], [-1, -2], [-2, -1]] {
            check::<Base>(&[near::<Base>(p, offsets[0]); 8], &[near::<Base>(q, offsets[1]); 8]);
            check::<Scalar>(&[near::<Scalar>(p, offsets[0]); 8], &[near::<Scalar>(q, offsets[1]); 8]);
        }
    }
    if Ifma::detect().is_some() {
        let (four, eight) = ([near::<Base>(4, -1); 8], [near::<Base>(8, -1); 8]);
        // SAFETY: the token proves the features.
        unsafe {
            check_dot::<Base>(&four, &four, &eight, &eight);
            check_long_sum::<Scalar>(&near::<Scalar>(2, -1), &near::<Scalar>(1, -1));
        }
    }
}

#[test]
fn negative_limbs_are_carried() {
    if Ifma::detect().is_some() {
        // SAFETY: the token proves the features.
        unsafe { check_carry() };
    }
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn check_carry() {
    // 2^52 in the second limb less one in the first, and so on: all ones in the end.
    let value = carry([splat(u64::MAX), splat(0), splat(0), splat(0), splat(1)]);
    assert_eq!(written(value)[0], big(&[MASK, MASK, MASK, MASK, 0]));
    assert_eq!(written(constant([MASK; LIMBS]))[3], big(&[MASK; LIMBS]));
}

#[test]
fn transposing_moves_every_word() {
    if Ifma::detect().is_some() {
        // SAFETY: the token proves the features.
        unsafe { check_transpose() };
    }
}

#[target_feature(enable = "avx512f")]
fn check_transpose() {
    let row = |row: u64| load(&std::array::from_fn(|column| 8 * row + column as u64));
    let columns = transpose([row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)]);
    for (column, vector) in columns.into_iter().enumerate() {
        let mut words = [0; 8];
        store(&mut words, vector);
        assert_eq!(words, std::array::from_fn(|row| 8 * row as u64 + column as u64));
    }
}
