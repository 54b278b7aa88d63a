//! The transforms and the quotient, of every path, against arkworks' polynomials and against their definition.

use crate::common::{big, cases, chain, element};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero};
use ark_poly::{EvaluationDomain, Evaluations, Radix2EvaluationDomain};
use proptest::prelude::*;
use zksolvency_native::{
    format::{PointCheck, R1cs, ZKey},
    kernels::{Kernels, PortableKernels},
    ntt::{Domain, root},
    qap::Qap,
    setup::unsafe_development_key,
};

fn evaluate(coefficients: &[Fr], at: Fr) -> Fr {
    coefficients.iter().rev().fold(Fr::ZERO, |value, coefficient| value * at + coefficient)
}

proptest! {
    #![proptest_config(cases(16))]

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
        let key = ZKey::read(&unsafe_development_key(&r1cs).unwrap().zkey, PointCheck::Skip).unwrap();
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
    let key = ZKey::read(&unsafe_development_key(&r1cs).unwrap().zkey, PointCheck::Skip).unwrap();
    let qap = || Qap::new(&key, Some(&r1cs)).unwrap();
    let portable = PortableKernels.quotient(&PortableKernels.prepare(qap()), &big(&values)).unwrap();
    #[cfg(target_arch = "x86_64")]
    if let Some(ifma) = zksolvency_native::simd::Ifma::detect() {
        assert_eq!(ifma.quotient(&ifma.prepare(qap()), &big(&values)).unwrap(), portable);
    }
    assert_eq!(portable.len(), key.domain);
}

/// The values that the quotient's scalars must be, by polynomial division in arkworks.
fn by_division(r1cs: &R1cs, domain: usize, values: &[Fr]) -> Vec<Fr> {
    let space = Radix2EvaluationDomain::<Fr>::new(domain).unwrap();
    let dot = |form: &[(u32, Fr)]| form.iter().map(|(wire, value)| values[*wire as usize] * value).sum::<Fr>();
    let polynomial = |side: usize| {
        let mut rows: Vec<Fr> = r1cs.constraints.iter().map(|sides| dot(&sides[side])).collect();
        if side == 0 {
            rows.extend(&values[..=r1cs.public]);
        }
        Evaluations::from_vec_and_domain([rows.clone(), vec![Fr::ZERO; domain - rows.len()]].concat(), space)
            .interpolate()
    };
    let (a, b, c) = (polynomial(0), polynomial(1), polynomial(2));
    let (quotient, rest) = (&(&a * &b) - &c).divide_by_vanishing_poly(space);
    assert!(rest.is_zero());
    // On the odd coset the vanishing polynomial is -2.
    let coset = space.get_coset(root(2 * domain)).unwrap();
    quotient.evaluate_over_domain(coset).evals.iter().map(|value| *value * -Fr::from(2u64)).collect()
}

fn transform_agrees(bits: u32, polynomial: Vec<Fr>) {
    let space = Radix2EvaluationDomain::<Fr>::new(1 << bits).unwrap();
    let mut values = space.fft(&polynomial);
    Domain::new(1 << bits).to_coset(&mut values);
    assert_eq!(values, space.get_coset(root(2 << bits)).unwrap().fft(&polynomial));
}

#[test]
fn transforms_are_arkworks() {
    for bits in 0..=12 {
        let size = 1usize << bits;
        let mut random = vec![Fr::from(7u64)];
        (1..size).for_each(|k| random.push(random[k - 1].square() + Fr::from(k as u64)));
        transform_agrees(bits, random);
        transform_agrees(bits, vec![-Fr::ONE; size]);
        transform_agrees(bits, vec![Fr::ZERO; size]);
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn quotients_are_arkworks(constraints in 1usize..700, seeds in [element::<Fr>(), element::<Fr>(), element::<Fr>()]) {
        let (r1cs, values) = chain(constraints, seeds);
        let key = ZKey::read(&unsafe_development_key(&r1cs).unwrap().zkey, PointCheck::Skip).unwrap();
        let expected = big(&by_division(&r1cs, key.domain, &values));
        for known in [None, Some(&r1cs)] {
            let qap = || Qap::new(&key, known).unwrap();
            prop_assert_eq!(&PortableKernels.quotient(&PortableKernels.prepare(qap()), &big(&values)).unwrap(), &expected);
            #[cfg(target_arch = "x86_64")]
            if let Some(ifma) = zksolvency_native::simd::Ifma::detect() {
                prop_assert_eq!(&ifma.quotient(&ifma.prepare(qap()), &big(&values)).unwrap(), &expected);
            }
        }
    }
}
