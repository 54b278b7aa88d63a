//! Readers of files from anywhere: each fault is an error that names it, and nothing ever panics.

use crate::common::{bytes, cases, chain};
use ark_bn254::Fr;
use proptest::prelude::*;
use zksolvency_native::{
    error::Error,
    format::{PointCheck, R1cs, SectionWriter, Sections, Witness, ZKey},
    setup::unsafe_development_key,
};

fn zkey() -> Vec<u8> {
    let (r1cs, _) = chain(5, [Fr::from(2u64), Fr::from(3u64), Fr::from(5u64)]);
    unsafe_development_key(&r1cs).unwrap().zkey
}

/// Where the body of a section starts.
fn section_start(file: &[u8], wanted: u32) -> usize {
    let mut at = 12;
    loop {
        let id = u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
        let size = u64::from_le_bytes(file[at + 4..at + 12].try_into().unwrap());
        if id == wanted {
            return at + 12;
        }
        at += 12 + size as usize;
    }
}

fn fault(file: &[u8]) -> String {
    ZKey::read(file, PointCheck::Full).err().expect("refused").to_string()
}

#[test]
fn faults_of_a_zkey_are_named() {
    let good = zkey();
    assert!(ZKey::read(&good, PointCheck::Full).is_ok());
    let changed = |at: usize, value: &[u8]| {
        let mut file = good.clone();
        file[at..at + value.len()].copy_from_slice(value);
        fault(&file)
    };
    // The key is another each time: a byte of a point is changed by flipping it, for it may have any value already.
    let flipped = |at: usize| changed(at, &[!good[at]]);
    let header = section_start(&good, 2);
    assert!(changed(0, b"wtns").contains("magic"));
    assert!(changed(4, &[9]).contains("version"));
    assert!(changed(section_start(&good, 1), &[2]).contains("protocol"));
    assert!(changed(header, &[31]).contains("base field prime"));
    assert!(changed(header + 4, &[0]).contains("base field prime"));
    assert!(changed(header + 40, &[0]).contains("scalar field prime"));
    assert!(changed(header + 76, &[0xff; 4]).contains("public signal count"));
    assert!(changed(header + 80, &[7]).contains("domain size"));
    assert!(changed(header + 84, &[0; 64]).contains("alpha1: the point at infinity"));
    assert!(flipped(header + 84).contains("alpha1: not on the curve"));
    assert!(changed(section_start(&good, 5), &[0xff; 32]).contains("A points: coordinate"));
    assert!(flipped(section_start(&good, 5)).contains("A points 0: not on the curve"));
    assert!(changed(section_start(&good, 4) + 4, &[2]).contains("coefficient 0"));
    assert!(changed(section_start(&good, 4) + 16, &[0xff; 32]).contains("coefficients: not below r"));
    let (gamma, delta) = (header + 84 + 256, header + 84 + 448);
    let gamma: [u8; 128] = good[gamma..gamma + 128].try_into().unwrap();
    assert!(changed(delta, &gamma).contains("no phase-2 contribution"));
}

#[test]
fn points_of_g2_outside_the_group_are_refused() {
    use ark_bn254::{Fq2, G2Affine};
    let good = zkey();
    // Of the twist's points only one in some 2^254 is in the group.
    let outside = (1u64..).find_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::from(x), false)).unwrap();
    let mut file = good.clone();
    let at = section_start(&good, 7);
    let limbs = [outside.x.c0, outside.x.c1, outside.y.c0, outside.y.c1].map(|c| c.0.0);
    let raw: Vec<u8> = limbs.as_flattened().iter().flat_map(|limb| limb.to_le_bytes()).collect();
    file[at..at + 128].copy_from_slice(&raw);
    assert!(fault(&file).contains("B2 points 0: not in the group"));
}

#[test]
fn every_truncation_is_an_error() {
    let file = zkey();
    for length in 0..file.len() {
        assert!(ZKey::read(&file[..length], PointCheck::Skip).is_err());
    }
    let (_, values) = chain(5, [Fr::from(2u64); 3]);
    let file = wtns(&values);
    assert!(Witness::read(&file).is_ok());
    for length in 0..file.len() {
        assert!(Witness::read(&file[..length]).is_err());
    }
}

fn wtns(values: &[Fr]) -> Vec<u8> {
    use ark_ff::PrimeField;
    let mut header = 32u32.to_le_bytes().to_vec();
    Fr::MODULUS.0.iter().for_each(|limb| header.extend(limb.to_le_bytes()));
    header.extend((values.len() as u32).to_le_bytes());
    let mut out = SectionWriter::new(b"wtns", 2, 2);
    out.section(1, &header);
    out.section(2, &bytes(values));
    out.finish()
}

#[test]
fn faults_of_a_witness_are_named() {
    let (_, values) = chain(5, [Fr::from(2u64); 3]);
    let mut bare = bytes(&values);
    bare[0] = 2;
    assert!(Witness::from_values(&bare).err().unwrap().to_string().contains("wire 0"));
    bare[0] = 1;
    bare[32..64].fill(0xff);
    assert!(Witness::from_values(&bare).err().unwrap().to_string().contains("wire 1: not below r"));
    assert!(Witness::from_values(&bare[1..]).is_err());
    assert!(Witness::from_values(&[]).is_err());
}

#[test]
fn a_section_may_occur_only_once() {
    let mut out = SectionWriter::new(b"test", 1, 2);
    out.section(1, &[]);
    out.section(1, &[]);
    assert!(matches!(Sections::read("test", b"test", 1, &out.finish()), Err(Error::Format { .. })));
}

#[test]
fn many_sections_are_refused_before_they_are_read() {
    let mut out = SectionWriter::new(b"test", 1, 65);
    (0..65).for_each(|id| out.section(id, &[]));
    let refused = Sections::read("test", b"test", 1, &out.finish()).err().unwrap().to_string();
    assert!(refused.contains("section count: 65, at most 64"), "{refused}");
    let mut out = SectionWriter::new(b"test", 1, 64);
    (0..64).for_each(|id| out.section(id, &[]));
    assert!(Sections::read("test", b"test", 1, &out.finish()).is_ok());
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn damaged_files_never_panic(at in any::<prop::sample::Index>(), junk in prop::collection::vec(any::<u8>(), 1..12)) {
        let (_, values) = chain(3, [Fr::from(2u64); 3]);
        for file in [wtns(&values), ZKEY.with(Clone::clone)] {
            let mut file = file;
            let start = at.index(file.len());
            for (place, byte) in file[start..].iter_mut().zip(&junk) {
                *place = *byte;
            }
            let _ = (Witness::read(&file), ZKey::read(&file, PointCheck::Skip), R1cs::read(&file));
        }
    }

    #[test]
    fn random_sections_never_panic(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..11)) {
        for (magic, version) in [(b"zkey", 1), (b"wtns", 2), (b"r1cs", 1)] {
            let mut out = SectionWriter::new(magic, version, bodies.len() as u32);
            bodies.iter().zip(1..).for_each(|(body, id)| out.section(id, body));
            let file = out.finish();
            let _ = (Witness::read(&file), ZKey::read(&file, PointCheck::Full), R1cs::read(&file));
        }
    }
}

thread_local! {
    static ZKEY: Vec<u8> = zkey();
}

/// A file of a few hundred bytes must not make a reader reserve memory for billions of wires.
#[test]
fn wires_that_the_file_does_not_label_are_refused() {
    use ark_ff::PrimeField;
    let r1cs = |wires: u32, labels: usize| {
        let mut header = 32u32.to_le_bytes().to_vec();
        Fr::MODULUS.0.iter().for_each(|limb| header.extend(limb.to_le_bytes()));
        [wires, 0, 1, 1].iter().for_each(|count| header.extend(count.to_le_bytes()));
        header.extend(3u64.to_le_bytes());
        header.extend(0u32.to_le_bytes());
        let mut out = SectionWriter::new(b"r1cs", 1, 3);
        out.section(1, &header);
        out.section(2, &[]);
        out.section(3, &vec![0; 8 * labels]);
        out.finish()
    };
    assert!(R1cs::read(&r1cs(3, 3)).is_ok());
    for (wires, labels) in [(u32::MAX, 3), (4, 3), (3, 4), (3, 0)] {
        assert!(R1cs::read(&r1cs(wires, labels)).err().unwrap().to_string().contains("wire labels"));
    }
}
