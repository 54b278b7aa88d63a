//! Development keys: a whole Groth16 setup by one machine in one go.
//!
//! Whoever runs it could keep tau, alpha, beta and delta and forge proofs. They are drawn from the operating
//! system and dropped, but nobody else can know that, which is why the name says unsafe and the key is marked.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, scalar_mul::BatchMulPreprocessing};
use ark_ff::{AdditiveGroup, Field, batch_inversion};
use sha2::{Digest, Sha512};
use zeroize::Zeroize;

use crate::{
    error::{Error, Result},
    format::{Coefficient, Contribution, R1cs, ZKey, write_zkey},
    ntt::{powers, root},
    proof::{g1_strings, g2_strings},
    random::random_scalar,
};

const NAME: &str = "zksolvency development key: unsafe";
const MAX_DOMAIN: usize = 1 << 20;

/// The bytes of a `.zkey` and the text of its `verification_key.json`.
pub struct DevelopmentKey {
    pub zkey: Vec<u8>,
    pub verification_key: String,
}

/// The secrets of a setup, wiped when dropped.
struct Toxic {
    tau: Fr,
    alpha: Fr,
    beta: Fr,
    delta: Fr,
}

impl Drop for Toxic {
    fn drop(&mut self) {
        [&mut self.tau, &mut self.alpha, &mut self.beta, &mut self.delta].into_iter().for_each(Zeroize::zeroize);
    }
}

/// Makes a key for `r1cs` that only development may use.
pub fn unsafe_development_key(r1cs: &R1cs) -> Result<DevelopmentKey> {
    let domain = r1cs.rows().next_power_of_two().max(2);
    if domain > MAX_DOMAIN {
        return Err(Error::Input(format!("{} constraints: a development key takes at most 2^20", r1cs.rows())));
    }
    let toxic =
        Toxic { tau: random_scalar()?, alpha: random_scalar()?, beta: random_scalar()?, delta: random_scalar()? };
    let key = points(r1cs, domain, &toxic)?;
    let verification_key = verification_key(&key);
    let zkey = write_zkey(&key, &contribution(&toxic)?);
    Ok(DevelopmentKey { zkey, verification_key })
}

fn points(r1cs: &R1cs, domain: usize, toxic: &Toxic) -> Result<ZKey> {
    let mut lagrange = lagrange_at(toxic.tau, domain)?;
    let mut columns = columns(r1cs, &lagrange);
    let delta_inverse = toxic.delta.inverse().expect("not zero");
    let mut combined: Vec<Fr> =
        (0..r1cs.wires).map(|k| columns[0][k] * toxic.beta + columns[1][k] * toxic.alpha + columns[2][k]).collect();
    combined[r1cs.public + 1..].iter_mut().for_each(|value| *value *= delta_inverse);
    let mut quotient: Vec<Fr> =
        lagrange_at(toxic.tau, 2 * domain)?.iter().skip(1).step_by(2).map(|value| *value * delta_inverse).collect();

    let g1 = BatchMulPreprocessing::new(G1Projective::from(G1Affine::generator()), 4 * r1cs.wires);
    let g2 = BatchMulPreprocessing::new(G2Projective::from(G2Affine::generator()), r1cs.wires);
    let (ic, c) = combined.split_at(r1cs.public + 1);
    let known1 = g1.batch_mul(&[toxic.alpha, toxic.beta, toxic.delta]);
    let known2 = g2.batch_mul(&[toxic.beta, toxic.delta]);
    let key = ZKey {
        wires: r1cs.wires,
        public: r1cs.public,
        domain,
        alpha1: known1[0],
        beta1: known1[1],
        beta2: known2[0],
        gamma2: G2Affine::generator(),
        delta1: known1[2],
        delta2: known2[1],
        ic: g1.batch_mul(ic),
        coefficients: coefficients(r1cs),
        a: g1.batch_mul(&columns[0]),
        b1: g1.batch_mul(&columns[1]),
        b2: g2.batch_mul(&columns[1]),
        c: g1.batch_mul(c),
        h: g1.batch_mul(&quotient),
    };
    columns.iter_mut().for_each(Zeroize::zeroize);
    [&mut lagrange, &mut combined, &mut quotient].into_iter().for_each(Zeroize::zeroize);
    Ok(key)
}

/// L_i(tau) = (tau^n - 1) / n * w^i / (tau - w^i).
fn lagrange_at(tau: Fr, size: usize) -> Result<Vec<Fr>> {
    let vanishing = tau.pow([size as u64]) - Fr::ONE;
    if vanishing == Fr::ZERO {
        return Err(Error::Randomness);
    }
    let scale = vanishing / Fr::from(size as u64);
    let roots = powers(root(size), size);
    let mut values: Vec<Fr> = roots.iter().map(|root| tau - root).collect();
    batch_inversion(&mut values);
    values.iter_mut().zip(&roots).for_each(|(value, root)| *value *= scale * root);
    Ok(values)
}

/// a_k(tau), b_k(tau), c_k(tau) for every wire k. A gets a row for one and for each public signal, so that
/// those are bound whatever the constraints say.
fn columns(r1cs: &R1cs, lagrange: &[Fr]) -> [Vec<Fr>; 3] {
    let mut columns = [(); 3].map(|()| vec![Fr::ZERO; r1cs.wires]);
    for (sides, value) in r1cs.constraints.iter().zip(lagrange) {
        for (column, side) in columns.iter_mut().zip(sides) {
            side.iter().for_each(|(wire, coefficient)| column[*wire as usize] += *value * coefficient);
        }
    }
    for wire in 0..=r1cs.public {
        columns[0][wire] += lagrange[r1cs.constraints.len() + wire];
    }
    columns
}

fn coefficients(r1cs: &R1cs) -> Vec<Coefficient> {
    let mut found = Vec::new();
    for (row, sides) in r1cs.constraints.iter().enumerate() {
        for (matrix, side) in sides[..2].iter().enumerate() {
            let entry = |&(wire, value): &(u32, Fr)| Coefficient { matrix: matrix as u8, row: row as u32, wire, value };
            found.extend(side.iter().map(entry));
        }
    }
    let first = r1cs.constraints.len() as u32;
    found.extend((0..=r1cs.public as u32).map(|wire| Coefficient {
        matrix: 0,
        row: first + wire,
        wire,
        value: Fr::ONE,
    }));
    found
}

/// The record that snarkjs expects of whoever chose delta.
fn contribution(toxic: &Toxic) -> Result<Contribution> {
    let (mut s, mut t) = (random_scalar()?, random_scalar()?);
    let s1 = G1Affine::generator() * s;
    let record = Contribution {
        name: NAME,
        circuit_hash: Sha512::digest(NAME).into(),
        transcript: Sha512::digest(Sha512::digest(NAME)).into(),
        s1: s1.into_affine(),
        s1_delta: (s1 * toxic.delta).into_affine(),
        transcript2_delta: (G2Affine::generator() * (t * toxic.delta)).into_affine(),
    };
    s.zeroize();
    t.zeroize();
    Ok(record)
}

/// snarkjs' `verification_key.json`, with the mark that deployment refuses.
fn verification_key(key: &ZKey) -> String {
    let g1 = |point: &G1Affine| {
        let [x, y] = g1_strings(point);
        format!("[\"{x}\", \"{y}\", \"1\"]")
    };
    let g2 = |point: &G2Affine| {
        let [[a, b], [c, d]] = g2_strings(point);
        format!("[[\"{a}\", \"{b}\"], [\"{c}\", \"{d}\"], [\"1\", \"0\"]]")
    };
    let ic: Vec<String> = key.ic.iter().map(|point| format!("  {}", json_point(point, g1))).collect();
    format!(
        "{{\n \"protocol\": \"groth16\",\n \"curve\": \"bn128\",\n \"origin\": \"development\",\n \"nPublic\": {},\n \
         \"vk_alpha_1\": {},\n \"vk_beta_2\": {},\n \"vk_gamma_2\": {},\n \"vk_delta_2\": {},\n \"IC\": [\n{}\n ]\n}}\n",
        key.public,
        g1(&key.alpha1),
        g2(&key.beta2),
        g2(&key.gamma2),
        g2(&key.delta2),
        ic.join(",\n"),
    )
}

/// snarkjs writes infinity as (0, 1, 0); it stands for a public signal that no constraint uses.
fn json_point(point: &G1Affine, finite: impl Fn(&G1Affine) -> String) -> String {
    if point.infinity { "[\"0\", \"1\", \"0\"]".into() } else { finite(point) }
}
