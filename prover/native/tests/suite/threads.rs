//! Many threads on one prover, which is also what ThreadSanitizer is run on.

use crate::common::{chain, witness};
use ark_bn254::Fr;
use zksolvency_native::{
    bases::Bases,
    error::Error,
    format::{PointCheck, ZKey},
    kernels::{Kernels, PortableKernels},
    prover::Prover,
    qap::Qap,
    setup::unsafe_development_key,
    tables::{Tables, choose_windows},
    verify::Verifier,
};

/// Four callers, two threads a proof; every third witness is wrong.
fn check<K: Kernels>(kernels: K) {
    let (r1cs, values) = chain(90, [3u64, 5, 7].map(Fr::from));
    let mut wrong = values.clone();
    *wrong.last_mut().unwrap() += Fr::from(2u64);
    let key = ZKey::read(&unsafe_development_key(&r1cs).unwrap().zkey, PointCheck::Full).unwrap();
    let bases = Bases::new(&key);
    let tables = Tables::new(kernels, &bases, choose_windows(&key, &bases, 1 << 24).unwrap());
    let prover =
        Prover::new(kernels, &key, tables, kernels.prepare(Qap::new(&key, Some(&r1cs)).unwrap()), true).unwrap();
    let verifier = Verifier::from_zkey(&key).unwrap();
    std::thread::scope(|scope| {
        for caller in 0..4 {
            let (prover, verifier, values, wrong) = (&prover, &verifier, &values, &wrong);
            scope.spawn(move || {
                for round in 0..6 {
                    let is_wrong = (caller + round) % 3 == 0;
                    let witness = witness(if is_wrong { wrong } else { values });
                    match prover.prove(&witness, 2) {
                        Ok(proof) => verifier.verify(&proof, &prover.public_signals(&witness)).unwrap(),
                        Err(error) => assert!(is_wrong && matches!(error, Error::Unsatisfied(_))),
                    }
                }
            });
        }
    });
}

#[test]
fn callers_do_not_disturb_one_another() {
    check(PortableKernels);
    #[cfg(target_arch = "x86_64")]
    if let Some(ifma) = zksolvency_native::simd::Ifma::detect() {
        check(ifma);
    }
}
