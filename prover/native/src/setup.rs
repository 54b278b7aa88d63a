//! Development keys: a whole Groth16 setup by one machine in one go, with secrets that are public.
//!
//! Anyone can forge proofs for such a key: tau, alpha, beta and delta are hashes of the constraint system, and this
//! file says how to compute them. In return a circuit has the same key on every machine, so what is built from the key
//! can be cached and compared. The name says unsafe and the key is marked; contracts refuse it on public chains.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, scalar_mul::BatchMulPreprocessing};
use ark_ff::{AdditiveGroup, Field, PrimeField, batch_inversion};
use sha2::{Digest, Sha512};

use crate::{
    error::{Error, Result},
    format::{Coefficient, Contribution, R1cs, ZKey, write_zkey},
    ntt::{powers, root},
    proof::{g1_strings, g2_strings},
};

const NAME: &str = "zksolvency development key: unsafe";
const MAX_DOMAIN: usize = 1 << 20;

/// The bytes of a `.zkey` and the text of its `verification_key.json`.
pub struct DevelopmentKey {
    pub zkey: Vec<u8>,
    pub verification_key: String,
}

/// What a setup must keep secret, and here is public.
struct ToxicWaste {
    tau: Fr,
    alpha: Fr,
    beta: Fr,
    delta: Fr,
}

/// Expands a public seed: the domain tag and the digest of the constraint system.
struct PublicSeed([u8; 32]);

impl PublicSeed {
    /// The scalar of a label, uniform among those that are `usable`: 512 bits modulo r, hashed with a counter.
    fn scalar(&self, label: &str, usable: impl Fn(&Fr) -> bool) -> Fr {
        let attempt = |count: u32| {
            let hash = Sha512::new().chain_update(NAME).chain_update(self.0).chain_update(count.to_le_bytes());
            Fr::from_le_bytes_mod_order(&hash.chain_update(label).finalize())
        };
        (0..).map(attempt).find(usable).expect("nearly every scalar is usable")
    }
}

/// Makes the key of `r1cs` that only development may use: the same on every machine, and anyone can forge proofs for it.
pub fn unsafe_development_key(r1cs: &R1cs) -> Result<DevelopmentKey> {
    let domain = r1cs.rows().next_power_of_two().max(2);
    if domain > MAX_DOMAIN {
        return Err(Error::Input(format!("{} constraints: a development key takes at most 2^20", r1cs.rows())));
    }
    let seed = PublicSeed(r1cs.digest());
    let not_zero = |scalar: &Fr| *scalar != Fr::ZERO;
    let off_the_domain = |tau: &Fr| not_zero(tau) && tau.pow([2 * domain as u64]) != Fr::ONE;
    let toxic = ToxicWaste {
        tau: seed.scalar("tau", off_the_domain),
        alpha: seed.scalar("alpha", not_zero),
        beta: seed.scalar("beta", not_zero),
        delta: seed.scalar("delta", not_zero),
    };
    let key = points(r1cs, domain, &toxic);
    let verification_key = verification_key(&key);
    let [s, t] = ["s", "t"].map(|label| seed.scalar(label, not_zero));
    let zkey = write_zkey(&key, &contribution(toxic.delta, s, t));
    Ok(DevelopmentKey { zkey, verification_key })
}

fn points(r1cs: &R1cs, domain: usize, toxic: &ToxicWaste) -> ZKey {
    let columns = columns(r1cs, &lagrange_at(toxic.tau, domain));
    let delta_inverse = toxic.delta.inverse().expect("not zero");
    let mut combined: Vec<Fr> =
        (0..r1cs.wires).map(|k| columns[0][k] * toxic.beta + columns[1][k] * toxic.alpha + columns[2][k]).collect();
    combined[r1cs.public + 1..].iter_mut().for_each(|value| *value *= delta_inverse);
    let quotient: Vec<Fr> =
        lagrange_at(toxic.tau, 2 * domain).iter().skip(1).step_by(2).map(|value| *value * delta_inverse).collect();

    let g1 = BatchMulPreprocessing::new(G1Projective::from(G1Affine::generator()), 4 * r1cs.wires);
    let g2 = BatchMulPreprocessing::new(G2Projective::from(G2Affine::generator()), r1cs.wires);
    let (ic, c) = combined.split_at(r1cs.public + 1);
    let known1 = g1.batch_mul(&[toxic.alpha, toxic.beta, toxic.delta]);
    let known2 = g2.batch_mul(&[toxic.beta, toxic.delta]);
    ZKey {
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
    }
}

/// L_i(tau) = (tau^n - 1) / n * w^i / (tau - w^i), for a tau that is no root of unity of order n.
fn lagrange_at(tau: Fr, size: usize) -> Vec<Fr> {
    let scale = (tau.pow([size as u64]) - Fr::ONE) / Fr::from(size as u64);
    let roots = powers(root(size), size);
    let mut values: Vec<Fr> = roots.iter().map(|root| tau - root).collect();
    batch_inversion(&mut values);
    values.iter_mut().zip(&roots).for_each(|(value, root)| *value *= scale * root);
    values
}

/// a_k(tau), b_k(tau), c_k(tau) for every wire k. A gets a row for one and for each public signal, so that
/// those are bound even if no constraint uses them.
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

/// The record that snarkjs expects of the participant who chose delta; `s` and `t` make its points.
fn contribution(delta: Fr, s: Fr, t: Fr) -> Contribution {
    let s1 = G1Affine::generator() * s;
    Contribution {
        name: NAME,
        circuit_hash: Sha512::digest(NAME).into(),
        transcript: Sha512::digest(Sha512::digest(NAME)).into(),
        s1: s1.into_affine(),
        s1_delta: (s1 * delta).into_affine(),
        transcript2_delta: (G2Affine::generator() * (t * delta)).into_affine(),
    }
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

/// snarkjs writes infinity as (0, 1, 0).
fn json_point(point: &G1Affine, finite: impl Fn(&G1Affine) -> String) -> String {
    if point.is_zero() { "[\"0\", \"1\", \"0\"]".into() } else { finite(point) }
}
