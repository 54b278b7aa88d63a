//! The one primitive of every sum, pairs of points, against arkworks' addition: every kernel, every lane, every tail.

use crate::common::cases;
use ark_bn254::{Fr, g1, g2};
use ark_ec::{AffineRepr, CurveGroup};
use proptest::prelude::*;
use zksolvency_native::msm::{ARENA, Kernel, NEGATIVE, Pair, PortableKernel, StoredPoint};

type Affine<K> = <<K as Kernel>::Curve as CurveGroup>::Affine;

/// Infinity, then multiples of the generator and, one place on, their negatives.
fn points<K: Kernel>() -> Vec<Affine<K>>
where
    K::Curve: CurveGroup<ScalarField = Fr>,
{
    let finite = (1u64..=12).flat_map(|k| {
        let point = (Affine::<K>::generator() * Fr::from(k * k * k)).into_affine();
        [point, (-point.into_group()).into_affine()]
    });
    std::iter::once(Affine::<K>::zero()).chain(finite).collect()
}

/// Adds `pairs` of references into a table of these points and an arena of the same points, and checks each sum.
fn check<K: Kernel>(kernel: K, pairs: &[Pair])
where
    K::Curve: CurveGroup<ScalarField = Fr>,
{
    let points = points::<K>();
    let table: Vec<K::Point> = points.iter().map(|point| kernel.pack(point)).collect();
    let mut arena = table.clone();
    kernel.add_pairs(&table, &mut arena, pairs, &mut K::Scratch::default());
    assert_eq!(arena.len(), table.len() + pairs.len());
    let (before, sums) = arena.split_at(table.len());
    assert!(
        before.iter().zip(&table).all(|(now, then)| now.limbs() == then.limbs()),
        "earlier points of the arena stay"
    );
    let value = |reference: u32| {
        let point = points[(reference & !(NEGATIVE | ARENA)) as usize].into_group();
        if reference & NEGATIVE == 0 { point } else { -point }
    };
    for (index, (&[left, right], sum)) in pairs.iter().zip(sums).enumerate() {
        let expected = (value(left) + value(right)).into_affine();
        assert_eq!(kernel.unpack(sum), expected, "pair {index} of {}: {left:x} + {right:x}", pairs.len());
        assert_eq!(sum.limbs(), kernel.pack(&expected).limbs(), "pair {index}: the stored form is not the reduced one");
        assert_eq!(sum.is_infinity(), expected.is_zero());
    }
}

fn check_all(pairs: &[Pair]) {
    check(PortableKernel::<g1::Config>::default(), pairs);
    check(PortableKernel::<g2::Config>::default(), pairs);
    #[cfg(target_arch = "x86_64")]
    if let Some(ifma) = zksolvency_native::simd::Ifma::detect() {
        use zksolvency_native::kernels::Kernels;
        check(ifma.g1(), pairs);
        check(ifma.g2(), pairs);
    }
}

/// References to any of the points, in table or arena, of either sign.
fn reference() -> impl Strategy<Value = u32> {
    (0u32..25, any::<bool>(), any::<bool>())
        .prop_map(|(index, negative, arena)| index | u32::from(negative) << 31 | u32::from(arena) << 30)
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn sums_agree(pairs in prop::collection::vec([reference(), reference()], 1..70)) {
        check_all(&pairs);
    }
}

/// Pairs of different finite points, so that each takes the common way.
fn ordinary(count: usize) -> Vec<Pair> {
    (0..count as u32).map(|k| [1 + 2 * (k % 5), 13 + 2 * (k % 6)]).collect()
}

#[test]
fn every_special_pair_in_every_lane() {
    let special =
        [[0, 0], [0, 3], [3, 0], [3, 3], [3, 4], [3, 3 | NEGATIVE], [4 | NEGATIVE, 3 | ARENA], [ARENA, NEGATIVE]];
    for lane in 0..32 {
        for pair in special {
            let mut pairs = ordinary(32);
            pairs[lane] = pair;
            check_all(&pairs);
        }
    }
}

#[test]
fn nothing_but_special_pairs() {
    for pair in [[0, 0], [5, 5], [5, 6], [0, 5]] {
        (1..40).step_by(3).for_each(|count| check_all(&vec![pair; count]));
    }
}

#[test]
fn every_tail_of_a_batch() {
    (1..=49).for_each(|count| check_all(&ordinary(count)));
    for batch in [1024, 2048] {
        (batch - 9..=batch + 18).step_by(3).for_each(|count| check_all(&ordinary(count)));
    }
    check_all(&ordinary(3 * 2048 + 1));
}
