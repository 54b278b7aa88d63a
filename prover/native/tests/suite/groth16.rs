//! Whole proofs against arkworks' verifier, on every path, with and without the constraints at hand.

use crate::common::{cases, chain, element, witness};
use ark_bn254::{Bn254, Fr};
use ark_ff::{AdditiveGroup, Field};
use ark_groth16::{Groth16, VerifyingKey, prepare_verifying_key};
use proptest::prelude::*;
use zksolvency_native::{
    bases::Bases,
    error::Error,
    format::{PointCheck, R1cs, ZKey},
    kernels::{Kernels, PortableKernels},
    proof::Proof,
    prover::Prover,
    qap::Qap,
    setup::unsafe_development_key,
    tables::{Tables, choose_windows},
    verify::Verifier,
};

fn key(r1cs: &R1cs) -> ZKey {
    ZKey::read(&unsafe_development_key(r1cs).unwrap().zkey, PointCheck::Full).unwrap()
}

fn prover<K: Kernels>(kernels: K, key: &ZKey, r1cs: Option<&R1cs>) -> Prover<K> {
    let bases = Bases::new(key);
    let tables = Tables::new(kernels, &bases, choose_windows(key, &bases, usize::MAX).unwrap());
    let quotient = kernels.prepare(Qap::new(key, r1cs).unwrap());
    Prover::new(kernels, key, tables, quotient, r1cs.is_some()).unwrap()
}

fn arkworks_accepts(key: &ZKey, proof: &Proof, signals: &[Fr]) -> bool {
    let key = prepare_verifying_key(&VerifyingKey::<Bn254> {
        alpha_g1: key.alpha1,
        beta_g2: key.beta2,
        gamma_g2: key.gamma2,
        delta_g2: key.delta2,
        gamma_abc_g1: key.ic.clone(),
    });
    let proof = ark_groth16::Proof { a: proof.a, b: proof.b, c: proof.c };
    Groth16::<Bn254>::verify_proof(&key, &proof, signals).unwrap()
}

fn check<K: Kernels>(kernels: K, constraints: usize, seeds: [Fr; 3], threads: usize) {
    let (r1cs, values) = chain(constraints, seeds);
    let key = key(&r1cs);
    let verifier = Verifier::from_zkey(&key).unwrap();
    let mut wrong = values.clone();
    *wrong.last_mut().unwrap() += Fr::from(2u64);
    let mut batch = Vec::new();
    for known in [Some(&r1cs), None] {
        let prover = prover(kernels, &key, known);
        let proof = prover.prove(&witness(&values), threads).unwrap();
        let signals = prover.public_signals(&witness(&values));
        assert!(arkworks_accepts(&key, &proof, &signals));
        verifier.verify(&proof, &signals).unwrap();
        let mut other = signals.clone();
        other[0] += Fr::ONE;
        assert!(!arkworks_accepts(&key, &proof, &other));
        assert!(matches!(
            verifier.verify(&proof, &other),
            Err(Error::Rejected { reason: "proof-does-not-verify", .. })
        ));
        assert!(matches!(prover.prove(&witness(&wrong), threads), Err(Error::Unsatisfied(_))));
        batch.push((proof, signals));
    }
    assert_ne!(batch[0].0, batch[1].0, "fresh randomness");
    verifier.verify_batch(&batch).unwrap();
    batch[1].1[0] += Fr::ONE;
    assert!(verifier.verify_batch(&batch).is_err());
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn proofs_verify(
        constraints in 1usize..200,
        seeds in [element::<Fr>(), element::<Fr>(), element::<Fr>()],
        threads in 1usize..4,
    ) {
        check(PortableKernels, constraints, seeds, threads);
        #[cfg(target_arch = "x86_64")]
        if let Some(ifma) = zksolvency_native::simd::Ifma::detect() {
            check(ifma, constraints, seeds, threads);
        }
    }
}

#[test]
fn all_zero_witness_verifies() {
    check(PortableKernels, 1, [Fr::ZERO; 3], 1);
}

#[test]
fn swapped_proofs_do_not_cancel_in_a_batch() {
    let (r1cs, values) = chain(20, [Fr::from(3u64), Fr::from(5u64), Fr::from(7u64)]);
    let key = key(&r1cs);
    let prover = prover(PortableKernels, &key, Some(&r1cs));
    let signals = prover.public_signals(&witness(&values));
    let mut proofs = [0, 1].map(|_| (prover.prove(&witness(&values), 1).unwrap(), signals.clone()));
    // The sum of the C is right, neither proof is.
    let c = [proofs[0].0.c, proofs[1].0.c];
    (proofs[0].0.c, proofs[1].0.c) = (c[1], c[0]);
    assert!(Verifier::from_zkey(&key).unwrap().verify_batch(&proofs).is_err());
}

#[test]
fn another_circuits_constraints_are_refused() {
    let (r1cs, _) = chain(20, [Fr::ONE; 3]);
    let key = key(&r1cs);
    let (mut other, _) = chain(20, [Fr::ONE; 3]);
    other.constraints[4][0][0].1 += Fr::ONE;
    assert!(matches!(Qap::new(&key, Some(&other)), Err(Error::Input(_))));
    let (shorter, _) = chain(19, [Fr::ONE; 3]);
    assert!(matches!(Qap::new(&key, Some(&shorter)), Err(Error::Input(_))));
}

#[test]
fn a_wide_limit_is_kept_and_a_narrow_one_refused() {
    let (r1cs, _) = chain(200, [Fr::ONE; 3]);
    let key = key(&r1cs);
    let bases = Bases::new(&key);
    let free = choose_windows(&key, &bases, usize::MAX).unwrap();
    let bytes = Tables::new(PortableKernels, &bases, free).bytes();
    let tight = choose_windows(&key, &bases, bytes * 9 / 10).unwrap();
    assert!(Tables::new(PortableKernels, &bases, tight).bytes() <= bytes * 9 / 10);
    assert!(choose_windows(&key, &bases, 1000).is_err());
}
