//! Sums over fixed points against arkworks', for every kernel that runs here.

use crate::common::{cases, element};
use ark_bn254::{Fr, G1Affine, G2Affine, g1, g2};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::PrimeField;
use proptest::prelude::*;
use zksolvency_native::msm::{FixedBase, Kernel, PortableKernel, Workspace};

/// One sum, in `parts`, against arkworks; by twice the same memory, which must not carry anything over.
fn check<K>(kernel: K, bits: u32, parts: usize, points: &[<K::Curve as CurveGroup>::Affine], scalars: &[Fr])
where
    K: Kernel,
    K::Curve: CurveGroup<ScalarField = Fr> + VariableBaseMSM<MulBase = <K::Curve as CurveGroup>::Affine>,
{
    let expected = K::Curve::msm(points, scalars).unwrap();
    let numbered: Vec<_> = (0..).zip(points.iter().copied()).collect();
    let base = FixedBase::new(kernel, bits, &numbered);
    let plain: Vec<_> = scalars.iter().map(|scalar| scalar.into_bigint()).collect();
    let sorted = base.sort(|index| &plain[index]);
    let mut workspace = Workspace::default();
    for _ in 0..2 {
        let sums = sorted.split(parts).into_iter().map(|(from, to)| base.sum(&sorted, from, to, &mut workspace));
        assert_eq!(sums.sum::<K::Curve>(), expected);
    }
}

fn check_all(bits: u32, parts: usize, terms: &[(u8, Fr)]) {
    let scalars: Vec<Fr> = terms.iter().map(|(_, scalar)| *scalar).collect();
    let g1: Vec<G1Affine> = terms.iter().map(|(point, _)| pick(*point)).collect();
    let g2: Vec<G2Affine> = terms.iter().map(|(point, _)| pick(*point)).collect();
    check(PortableKernel::<g1::Config>::default(), bits, parts, &g1, &scalars);
    check(PortableKernel::<g2::Config>::default(), bits, parts, &g2, &scalars);
    #[cfg(target_arch = "x86_64")]
    if let Some(ifma) = zksolvency_native::simd::Ifma::detect() {
        use zksolvency_native::kernels::Kernels;
        check(ifma.g1(), bits, parts, &g1, &scalars);
        check(ifma.g2(), bits, parts, &g2, &scalars);
    }
}

/// Few different points, so that equal and opposite ones meet in a bucket; 0 is infinity.
fn pick<P: AffineRepr<ScalarField = Fr>>(choice: u8) -> P {
    let small = Fr::from(u64::from(choice / 2));
    (P::generator() * if choice.is_multiple_of(2) { small } else { -small }).into_affine()
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn sums_agree(
        bits in 4u32..=15,
        parts in 1usize..4,
        terms in prop::collection::vec((any::<u8>(), element::<Fr>()), 0..80),
    ) {
        check_all(bits, parts, &terms);
    }
}

#[test]
fn edges_agree() {
    let minus_one = -Fr::from(1u64);
    for bits in 4..=15 {
        for scalar in [Fr::from(0u64), Fr::from(1u64), minus_one, Fr::from(1u64 << (bits - 1))] {
            check_all(bits, 2, &[(2, scalar); 40]);
            let opposite: Vec<_> = (0..40).map(|k| (2 + k % 2, scalar)).collect();
            check_all(bits, 1, &opposite);
        }
    }
    check_all(8, 1, &[]);
    check_all(8, 1, &[(0, minus_one), (0, Fr::from(7u64))]);
    let half = Fr::from_bigint(Fr::MODULUS_MINUS_ONE_DIV_TWO).unwrap();
    check_all(13, 1, &[(2, half), (4, half + Fr::from(1u64))]);
}
