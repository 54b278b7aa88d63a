//! `arkworks FILE`: the verdict of ark-groth16 on proofs made elsewhere, a line each: "valid" or "false".
//!
//! The file holds decimal numbers, point after point: in the first line alpha1, beta2, gamma2, delta2 and the IC points,
//! in every other line A, B, C and the public signals. Nothing here uses this crate.

use std::{env, fs, str::FromStr};

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_groth16::{Groth16, Proof, VerifyingKey, prepare_verifying_key};

fn main() {
    let text = fs::read_to_string(env::args().nth(1).expect("a file")).expect("readable");
    let mut lines = text.lines().map(str::split_whitespace);
    let mut words = lines.next().expect("a key");
    let (alpha_g1, [beta_g2, gamma_g2, delta_g2]) = (g1(&mut words), [(); 3].map(|()| g2(&mut words)));
    let mut gamma_abc_g1 = Vec::new();
    while words.clone().next().is_some() {
        gamma_abc_g1.push(g1(&mut words));
    }
    let key = prepare_verifying_key(&VerifyingKey::<Bn254> { alpha_g1, beta_g2, gamma_g2, delta_g2, gamma_abc_g1 });
    for mut words in lines {
        let proof = Proof { a: g1(&mut words), b: g2(&mut words), c: g1(&mut words) };
        let signals: Vec<Fr> = words.map(|word| Fr::from_str(word).expect("a scalar")).collect();
        let valid = Groth16::<Bn254>::verify_proof(&key, &proof, &signals).expect("as many signals as the key");
        println!("{}", if valid { "valid" } else { "false" });
    }
}

fn coordinate<'a>(words: &mut impl Iterator<Item = &'a str>) -> Fq {
    Fq::from_str(words.next().expect("a number")).expect("a coordinate")
}

/// Panics off the curve.
fn g1<'a>(words: &mut impl Iterator<Item = &'a str>) -> G1Affine {
    G1Affine::new(coordinate(words), coordinate(words))
}

/// Panics off the curve and outside the group.
fn g2<'a>(words: &mut impl Iterator<Item = &'a str>) -> G2Affine {
    let mut half = || Fq2::new(coordinate(words), coordinate(words));
    G2Affine::new(half(), half())
}
