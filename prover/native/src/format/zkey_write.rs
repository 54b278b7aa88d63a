//! Writing a `.zkey` that snarkjs reads.

use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, MontFp, PrimeField};

use super::{sections::SectionWriter, zkey::ZKey};

/// 2^256 in the scalar field.
const MONTGOMERY: Fr = MontFp!("6350874878119819312338956282401532410528162663560392320966563075034087161851");

/// The phase-2 contribution that section 10 records.
pub struct Contribution {
    pub name: &'static str,
    pub circuit_hash: [u8; 64],
    pub transcript: [u8; 64],
    pub s1: G1Affine,
    pub s1_delta: G1Affine,
    pub transcript2_delta: G2Affine,
}

/// The bytes of the `.zkey` file.
pub fn write_zkey(key: &ZKey, contribution: &Contribution) -> Vec<u8> {
    let mut out = SectionWriter::new(b"zkey", 1, 10);
    out.section(1, &1u32.to_le_bytes());
    out.section(2, &header(key));
    out.section(3, &g1_points(&key.ic));
    out.section(4, &coefficients(key));
    out.section(5, &g1_points(&key.a));
    out.section(6, &g1_points(&key.b1));
    let mut b2 = Vec::with_capacity(key.b2.len() * 128);
    key.b2.iter().for_each(|p| put_g2(&mut b2, p));
    out.section(7, &b2);
    out.section(8, &g1_points(&key.c));
    out.section(9, &g1_points(&key.h));
    out.section(10, &contributions(key, contribution));
    out.finish()
}

fn header(key: &ZKey) -> Vec<u8> {
    let mut out = Vec::new();
    for prime in [Fq::MODULUS, Fr::MODULUS] {
        out.extend(32u32.to_le_bytes());
        put_limbs(&mut out, &prime);
    }
    for count in [key.wires, key.public, key.domain] {
        out.extend((count as u32).to_le_bytes());
    }
    put_g1(&mut out, &key.alpha1);
    put_g1(&mut out, &key.beta1);
    put_g2(&mut out, &key.beta2);
    put_g2(&mut out, &key.gamma2);
    put_g1(&mut out, &key.delta1);
    put_g2(&mut out, &key.delta2);
    out
}

fn coefficients(key: &ZKey) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 + key.coefficients.len() * 44);
    out.extend((key.coefficients.len() as u32).to_le_bytes());
    for entry in &key.coefficients {
        out.extend(u32::from(entry.matrix).to_le_bytes());
        out.extend(entry.row.to_le_bytes());
        out.extend(entry.wire.to_le_bytes());
        put_limbs(&mut out, &(entry.value * MONTGOMERY).0);
    }
    out
}

fn contributions(key: &ZKey, contribution: &Contribution) -> Vec<u8> {
    let mut out = contribution.circuit_hash.to_vec();
    out.extend(1u32.to_le_bytes());
    put_g1(&mut out, &key.delta1);
    put_g1(&mut out, &contribution.s1);
    put_g1(&mut out, &contribution.s1_delta);
    put_g2(&mut out, &contribution.transcript2_delta);
    out.extend(contribution.transcript);
    out.extend(0u32.to_le_bytes());
    let name = contribution.name.as_bytes();
    out.extend((name.len() as u32 + 2).to_le_bytes());
    out.extend([1, name.len() as u8]);
    out.extend(name);
    out
}

fn g1_points(points: &[G1Affine]) -> Vec<u8> {
    let mut out = Vec::with_capacity(points.len() * 64);
    points.iter().for_each(|p| put_g1(&mut out, p));
    out
}

fn put_g1(out: &mut Vec<u8>, point: &G1Affine) {
    let (x, y) = point.xy().unwrap_or_default();
    put_limbs(out, &x.0);
    put_limbs(out, &y.0);
}

fn put_g2(out: &mut Vec<u8>, point: &G2Affine) {
    let (x, y) = point.xy().unwrap_or_default();
    for coordinate in [x.c0, x.c1, y.c0, y.c1] {
        put_limbs(out, &coordinate.0);
    }
}

fn put_limbs(out: &mut Vec<u8>, value: &BigInt<4>) {
    value.0.iter().for_each(|limb| out.extend(limb.to_le_bytes()));
}
