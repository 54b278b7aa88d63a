//! The transforms against their definition, and the quotient of every path against the portable one.

mod common;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use common::{big, chain, element};
use proptest::prelude::*;
use zksolvency_native::{
    format::{Trust, ZKey},
    kernels::{Kernels, PortableKernels},
    ntt::{Domain, root},
    qap::Qap,
    setup::unsafe_development_key,
};

fn evaluate(coefficients: &[Fr], at: Fr) -> Fr {
    coefficients.iter().rev().fold(Fr::ZERO, |value, coefficient| value * at + coefficient)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn transform_moves_values_to_the_coset(bits in 0u32..6, coefficients in prop::collection::vec(element::<Fr>(), 32)) {
        let size = 1usize << bits;
        let polynomial = &coefficients[..size];
        let (w, shift) = (root(size), root(2 * size));
        let at = |k: usize| w.pow([k as u64]);
        let mut values: Vec<Fr> = (0..size).map(|k| evaluate(polynomial, at(k))).collect();
        Domain::new(size).to_coset(&mut values);
        let expected: Vec<Fr> = (0..size).map(|k| evaluate(polynomial, shift * at(k))).collect();
        prop_assert_eq!(values, expected);
    }

    #[test]
    fn paths_agree(constraints in 1usize..600, seeds in [element::<Fr>(), element::<Fr>(), element::<Fr>()]) {
        let (r1cs, values) = chain(constraints, seeds);
        let key = ZKey::read(&unsafe_development_key(&r1cs).unwrap().zkey, Trust::CheckedBefore).unwrap();
        let qap = || Qap::new(&key, Some(&r1cs)).unwrap();
        let portable = PortableKernels.quotient(&PortableKernels.prepare(qap()), &big(&values)).unwrap();
        prop_assert_eq!(portable.len(), key.domain);
        let mut wrong = values.clone();
        *wrong.last_mut().unwrap() += Fr::from(2u64);
        let refused = PortableKernels.quotient(&PortableKernels.prepare(qap()), &big(&wrong)).unwrap_err().to_string();
        #[cfg(target_arch = "x86_64")]
        if let Some(ifma) = zksolvency_native::simd::Ifma::detect() {
            let prepared = ifma.prepare(qap());
            prop_assert_eq!(&ifma.quotient(&prepared, &big(&values)).unwrap(), &portable);
            prop_assert_eq!(ifma.quotient(&prepared, &big(&wrong)).unwrap_err().to_string(), refused);
        }
    }
}

#[test]
fn long_rows_are_reduced_in_time() {
    // One row of 1,000 terms, all coefficients and wires r - 1: the largest sum of products there can be.
    let (mut r1cs, mut values) = chain(80, [-Fr::ONE, -Fr::ONE, -Fr::ONE]);
    let first = values.len() as u32;
    values.extend([-Fr::ONE; 1000]);
    let row = (0..1000).map(|k| (first + k, -Fr::ONE)).collect::<Vec<_>>();
    r1cs.constraints.push([row.clone(), row, vec![(0, Fr::from(1_000_000u64))]]);
    r1cs.wires = values.len();
    let key = ZKey::read(&unsafe_development_key(&r1cs).unwrap().zkey, Trust::CheckedBefore).unwrap();
    let qap = || Qap::new(&key, Some(&r1cs)).unwrap();
    let portable = PortableKernels.quotient(&PortableKernels.prepare(qap()), &big(&values)).unwrap();
    #[cfg(target_arch = "x86_64")]
    if let Some(ifma) = zksolvency_native::simd::Ifma::detect() {
        assert_eq!(ifma.quotient(&ifma.prepare(qap()), &big(&values)).unwrap(), portable);
    }
    assert_eq!(portable.len(), key.domain);
}
