//! Groth16 verification, of one proof or of many at once.

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{
    AffineRepr, CurveGroup, VariableBaseMSM,
    pairing::{Pairing, PairingOutput},
};
use ark_ff::{AdditiveGroup, Field, Zero};

use crate::{
    error::{Error, Result},
    format::ZKey,
    proof::Proof,
    random::random_weight,
};

type Prepared = <Bn254 as Pairing>::G2Prepared;

/// A verifying key with the pairing work done that depends on it alone.
pub struct Verifier {
    alpha: G1Affine,
    beta: G2Affine,
    alpha_beta: PairingOutput<Bn254>,
    gamma: Prepared,
    delta: Prepared,
    ic: Vec<G1Affine>,
}

impl Verifier {
    /// Refuses a key with gamma = delta, for which anyone can forge proofs, and points at infinity.
    pub fn new(alpha: G1Affine, beta: G2Affine, gamma: G2Affine, delta: G2Affine, ic: Vec<G1Affine>) -> Result<Self> {
        if gamma == delta {
            return Err(Error::rejected("key-without-contribution", "gamma = delta: anyone can forge proofs"));
        }
        if alpha.is_zero() || [beta, gamma, delta].iter().any(G2Affine::is_zero) || ic.is_empty() {
            return Err(Error::rejected("bad-verifying-key", "a point at infinity, or no IC points"));
        }
        Ok(Self { alpha, beta, alpha_beta: Bn254::pairing(alpha, beta), gamma: gamma.into(), delta: delta.into(), ic })
    }

    pub fn from_zkey(key: &ZKey) -> Result<Self> {
        Self::new(key.alpha1, key.beta2, key.gamma2, key.delta2, key.ic.clone())
    }

    pub fn public(&self) -> usize {
        self.ic.len() - 1
    }

    /// IC[0] + sum signals[i] IC[i + 1], with IC[0] `count` times.
    fn signals_point(&self, count: Fr, signals: &[Fr]) -> G1Projective {
        let scalars: Vec<Fr> = std::iter::once(count).chain(signals.iter().copied()).collect();
        G1Projective::msm(&self.ic, &scalars).expect("as many points as scalars")
    }

    fn check_count(&self, signals: &[Fr]) -> Result<()> {
        if signals.len() == self.public() {
            return Ok(());
        }
        let what = format!("{} public signals, {} expected", signals.len(), self.public());
        Err(Error::rejected("wrong-number-of-signals", what))
    }

    /// Accepts exactly the valid proofs. The points of `proof` are in their groups already.
    pub fn verify(&self, proof: &Proof, signals: &[Fr]) -> Result<()> {
        self.check_count(signals)?;
        let signals = self.signals_point(Fr::ONE, signals).into_affine();
        let product = Bn254::multi_miller_loop(
            [-proof.a, signals, proof.c],
            [proof.b.into(), self.gamma.clone(), self.delta.clone()],
        );
        match Bn254::final_exponentiation(product) {
            Some(value) if (value + self.alpha_beta).is_zero() => Ok(()),
            _ => Err(Error::rejected("proof-does-not-verify", "the pairing equation does not hold")),
        }
    }

    /// Accepts when every proof is valid; a batch with an invalid one passes with probability below 2^-126.
    ///
    /// Each proof is weighted by a random number that is drawn after the proofs are fixed.
    pub fn verify_batch(&self, proofs: &[(Proof, Vec<Fr>)]) -> Result<()> {
        if proofs.is_empty() {
            return Ok(());
        }
        let mut left = Vec::with_capacity(proofs.len() + 3);
        let mut right: Vec<Prepared> = Vec::with_capacity(proofs.len() + 3);
        let (mut total, mut c) = (Fr::ZERO, G1Projective::ZERO);
        let mut signals = vec![Fr::ZERO; self.public()];
        for (proof, own) in proofs {
            self.check_count(own)?;
            let weight = random_weight()?;
            total += weight;
            c += proof.c * weight;
            signals.iter_mut().zip(own).for_each(|(sum, signal)| *sum += weight * signal);
            left.push(-(proof.a * weight));
            right.push(proof.b.into());
        }
        left.extend([self.signals_point(total, &signals), c, self.alpha * total]);
        right.extend([self.gamma.clone(), self.delta.clone(), self.beta.into()]);
        let product = Bn254::multi_miller_loop(G1Projective::normalize_batch(&left), right);
        match Bn254::final_exponentiation(product) {
            Some(value) if value.is_zero() => Ok(()),
            _ => Err(Error::rejected("proof-does-not-verify", "a proof of the batch is invalid")),
        }
    }
}
