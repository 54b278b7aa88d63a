//! A `.zkey` that is accepted says nothing but what its sections hold: written again it gives the same bytes.
#![no_main]

use ark_bn254::{G1Affine, G2Affine};
use libfuzzer_sys::fuzz_target;
use zksolvency_native::{
    bases::Bases,
    format::{Contribution, Sections, PointCheck, ZKey, write_zkey},
    qap::Qap,
    tables::choose_windows,
};

fuzz_target!(|bytes: &[u8]| {
    let checked = ZKey::read(bytes, PointCheck::Full);
    let Ok(key) = ZKey::read(bytes, PointCheck::Skip) else {
        assert!(checked.is_err(), "checking points accepts more");
        return;
    };
    let none = Contribution {
        name: "",
        circuit_hash: [0; 64],
        transcript: [0; 64],
        s1: G1Affine::identity(),
        s1_delta: G1Affine::identity(),
        transcript2_delta: G2Affine::identity(),
    };
    let written = write_zkey(&key, &none);
    let (before, after) = (sections(bytes), sections(&written));
    for id in 1..10 {
        assert_eq!(body(&before, id), body(&after, id), "section {id}");
    }
    Qap::new(&key, None).expect("rows and wires are in range");
    let _ = choose_windows(&key, &Bases::new(&key), 1 << 28);
});

fn sections(bytes: &[u8]) -> Sections<'_> {
    Sections::read("zkey", b"zkey", 1, bytes).expect("was read before")
}

fn body<'a>(sections: &Sections<'a>, id: u32) -> &'a [u8] {
    let mut cursor = sections.get(id).expect("was read before");
    cursor.bytes(cursor.remaining(), "body").expect("all of it")
}
