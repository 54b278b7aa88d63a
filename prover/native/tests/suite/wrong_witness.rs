//! A witness that breaks a constraint is an error, never a proof: every wire is changed, one at a time.

use crate::common::{chain, witness};
use ark_bn254::Fr;
use ark_ff::Field;
use zksolvency_native::{
    bases::Bases,
    error::Error,
    format::{PointCheck, R1cs, ZKey},
    kernels::{Kernels, PortableKernels},
    prover::Prover,
    qap::Qap,
    setup::unsafe_development_key,
    tables::{Tables, choose_windows},
};

/// What decides, from the constraints alone.
fn satisfies(r1cs: &R1cs, values: &[Fr]) -> bool {
    let dot = |form: &[(u32, Fr)]| form.iter().map(|(wire, value)| values[*wire as usize] * value).sum::<Fr>();
    r1cs.constraints.iter().all(|[a, b, c]| dot(a) * dot(b) == dot(c))
}

/// Changes of one wire: by one, to its negative, to zero, to one, to something else.
fn changes(value: Fr) -> Vec<Fr> {
    let all = [value + Fr::ONE, value - Fr::ONE, -value, Fr::from(0u64), Fr::ONE, Fr::from(0x5eed_u64).square()];
    all.into_iter().filter(|change| *change != value).collect()
}

fn check<K: Kernels>(kernels: K, constraints: usize) {
    let (r1cs, values) = chain(constraints, [3u64, 5, 7].map(Fr::from));
    assert!(satisfies(&r1cs, &values));
    let key = ZKey::read(&unsafe_development_key(&r1cs).unwrap().zkey, PointCheck::Full).unwrap();
    let bases = Bases::new(&key);
    for known in [Some(&r1cs), None] {
        let tables = Tables::new(kernels, &bases, choose_windows(&key, &bases, 1 << 20).unwrap());
        let quotient = kernels.prepare(Qap::new(&key, known).unwrap());
        let prover = Prover::new(kernels, &key, tables, quotient, known.is_some()).unwrap();
        let (mut refused, mut still_right) = (0, 0);
        for wire in 1..values.len() {
            for change in changes(values[wire]) {
                let mut changed = values.clone();
                changed[wire] = change;
                match (prover.prove(&witness(&changed), 1), satisfies(&r1cs, &changed)) {
                    (Err(Error::Unsatisfied(_)), false) => refused += 1,
                    (Ok(_), true) => still_right += 1,
                    (outcome, right) => panic!("wire {wire}, right {right}: {:?}", outcome.map(|_| "a proof")),
                }
            }
        }
        // A bit that nothing uses but its own constraint may be the other bit as well.
        assert!(refused >= 4 * (values.len() - 1), "{refused} refused, {still_right} right");
    }
}

#[test]
fn every_wire_counts() {
    check(PortableKernels, 20);
}

/// From 64 rows on the quotient has a path of its own.
#[test]
#[cfg(target_arch = "x86_64")]
fn every_wire_counts_in_lanes() {
    if let Some(ifma) = zksolvency_native::simd::Ifma::detect() {
        check(ifma, 20);
        check(ifma, 70);
    }
}
