//! Stored tables: used for exactly their key and kernels, and damage is seen or, at worst, does not crash.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::common::{cases, chain, witness};
use ark_bn254::Fr;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use zksolvency_native::{
    bases::Bases,
    cache,
    format::{PointCheck, ZKey},
    kernels::{Kernels, PortableKernels},
    prover::Prover,
    qap::Qap,
    setup::unsafe_development_key,
    tables::Tables,
    verify::Verifier,
};

const DIGEST: cache::KeyDigest = [7; 32];

struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("tables-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn key() -> ZKey {
    let (r1cs, _) = chain(5, [2u64, 3, 5].map(Fr::from));
    ZKey::read(&unsafe_development_key(&r1cs).unwrap().zkey, PointCheck::Full).unwrap()
}

fn stored<K: Kernels>(kernels: K, key: &ZKey) -> (Scratch, usize) {
    let tables = Tables::new(kernels, &Bases::new(key), [6, 7, 8, 9]);
    let scratch = Scratch::new();
    cache::store(&scratch.0, &DIGEST, &tables).unwrap();
    (scratch, tables.bytes())
}

fn round_trip<K: Kernels>(kernels: K) {
    let (_, values) = chain(5, [2u64, 3, 5].map(Fr::from));
    let key = key();
    let (scratch, bytes) = stored(kernels, &key);
    let tables = cache::load(kernels, &scratch.0, &DIGEST, bytes).expect("stored");
    let prover = Prover::new(kernels, &key, tables, kernels.prepare(Qap::new(&key, None).unwrap()), true).unwrap();
    let proof = prover.prove(&witness(&values), 1).unwrap();
    Verifier::from_zkey(&key).unwrap().verify(&proof, &prover.public_signals(&witness(&values))).unwrap();
    assert!(cache::load(kernels, &scratch.0, &[8; 32], bytes).is_none(), "another key's");
    assert!(cache::load(kernels, &scratch.0, &DIGEST, bytes - 1).is_none(), "over the limit");
}

#[test]
fn what_was_stored_proves() {
    round_trip(PortableKernels);
    #[cfg(target_arch = "x86_64")]
    if let Some(ifma) = zksolvency_native::simd::Ifma::detect() {
        round_trip(ifma);
    }
}

#[test]
fn any_damage_is_seen() {
    let (scratch, bytes) = stored(PortableKernels, &key());
    let good = fs::read(&scratch.0).unwrap();
    let refused = |file: &[u8]| {
        fs::write(&scratch.0, file).unwrap();
        assert!(cache::load(PortableKernels, &scratch.0, &DIGEST, bytes).is_none());
    };
    for at in (0..good.len()).step_by(good.len() / 97) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        refused(&bad);
        refused(&good[..at]);
    }
    refused(&[good.as_slice(), &[0]].concat());
}

#[test]
fn tables_of_a_larger_key_are_refused() {
    let (r1cs, _) = chain(5, [2u64, 3, 5].map(Fr::from));
    let (larger, _) = chain(40, [2u64, 3, 5].map(Fr::from));
    let [key, larger] =
        [r1cs, larger].map(|r1cs| ZKey::read(&unsafe_development_key(&r1cs).unwrap().zkey, PointCheck::Full).unwrap());
    let tables = Tables::new(PortableKernels, &Bases::new(&larger), [8; 4]);
    assert!(Prover::new(PortableKernels, &key, tables, Qap::new(&key, None).unwrap(), true).is_err());
}

proptest! {
    #![proptest_config(cases(300))]

    /// The digest at the end is made right, so only the readers' own checks are left.
    #[test]
    fn damage_under_a_right_digest_never_panics(
        head in any::<bool>(), at in any::<prop::sample::Index>(), junk in prop::collection::vec(any::<u8>(), 1..9), cut in 0usize..40,
    ) {
        let mut body = BODY.with(Clone::clone);
        let start = at.index(if head { 60 } else { body.len() });
        body.iter_mut().skip(start).zip(&junk).for_each(|(place, byte)| *place = *byte);
        body.truncate(body.len() - cut);
        body.extend(Sha256::digest(&body));
        let scratch = Scratch::new();
        fs::write(&scratch.0, &body).unwrap();
        if let Some(tables) = cache::load(PortableKernels, &scratch.0, &DIGEST, 1 << 20) {
            prop_assert!(tables.bytes() <= 1 << 20);
        }
    }
}

thread_local! {
    static BODY: Vec<u8> = {
        let file = fs::read(&stored(PortableKernels, &key()).0.0).unwrap();
        file[..file.len() - 32].to_vec()
    };
}
