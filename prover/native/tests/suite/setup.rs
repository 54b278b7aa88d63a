//! Development keys depend on the constraint system alone.

use crate::common::chain;
use ark_bn254::Fr;
use ark_ff::Field;
use sha2::{Digest, Sha256};
use zksolvency_native::{
    format::{PointCheck, R1cs, ZKey},
    setup::unsafe_development_key,
};

fn circuit() -> R1cs {
    chain(10, [2u64, 3, 5].map(Fr::from)).0
}

fn zkey(r1cs: &R1cs) -> Vec<u8> {
    unsafe_development_key(r1cs).unwrap().zkey
}

#[test]
fn a_circuit_has_one_development_key() {
    let [one, other] = [(); 2].map(|()| unsafe_development_key(&circuit()).unwrap());
    assert!(one.zkey == other.zkey);
    assert_eq!(one.verification_key, other.verification_key);
}

/// Caches name a key by its circuit and the version of the derivation: a change of one changes the other
/// (`SCHEME` in prover/toolchain/_devkeys.py), and this digest.
#[test]
fn the_derivation_is_pinned() {
    let digest: String = Sha256::digest(zkey(&circuit())).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, "d81a966e7f88924071de9878e7f10fd85b6a94a26c01276fc397d792f226fbb1");
}

#[test]
fn every_part_of_the_constraint_system_changes_every_secret() {
    let changes: [fn(&mut R1cs); 6] = [
        |r1cs| r1cs.constraints[0][0][0].1 += Fr::ONE,
        |r1cs| r1cs.constraints[3][1][0].0 += 1,
        |r1cs| r1cs.constraints[6][2][0].1 += Fr::ONE,
        |r1cs| r1cs.public = 1,
        |r1cs| r1cs.wires += 1,
        |r1cs| drop(r1cs.constraints.pop()),
    ];
    let parsed = |r1cs: &R1cs| ZKey::read(&zkey(r1cs), PointCheck::Full).unwrap();
    let mut seen = vec![parsed(&circuit())];
    for change in changes {
        let mut other = circuit();
        change(&mut other);
        let key = parsed(&other);
        for before in &seen {
            assert!(key.alpha1 != before.alpha1 && key.beta1 != before.beta1 && key.delta1 != before.delta1);
        }
        seen.push(key);
    }
}

#[test]
fn the_secrets_of_a_key_differ() {
    let key = ZKey::read(&zkey(&circuit()), PointCheck::Full).unwrap();
    assert!(key.alpha1 != key.beta1 && key.alpha1 != key.delta1 && key.beta1 != key.delta1);
}
