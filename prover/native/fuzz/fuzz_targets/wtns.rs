//! A witness that is accepted holds exactly the file's values, each below r.
#![no_main]

use ark_bn254::Fr;
use ark_ff::PrimeField;
use libfuzzer_sys::fuzz_target;
use zksolvency_native::format::{Sections, Witness};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(witness) = Witness::from_values(bytes) {
        check(&witness, bytes);
    }
    if let Ok(witness) = Witness::read(bytes) {
        let sections = Sections::read("wtns", b"wtns", 2, bytes).expect("was read before");
        let mut body = sections.get(2).expect("was read before");
        check(&witness, body.bytes(body.remaining(), "wires").expect("all of it"));
    }
});

fn check(witness: &Witness, bytes: &[u8]) {
    assert!(witness.values().iter().all(|value| *value < Fr::MODULUS));
    let values: Vec<u8> = witness.values().iter().flat_map(|value| value.0).flat_map(u64::to_le_bytes).collect();
    assert_eq!(values, bytes);
}
