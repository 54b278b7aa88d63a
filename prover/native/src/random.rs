//! Scalars from the operating system.

use ark_bn254::Fr;
use ark_ff::{PrimeField, Zero};
use zeroize::Zeroize;

use crate::error::{Error, Result};

/// A uniform scalar other than zero: 512 random bits modulo r, a bias below 2^-250.
pub fn random_scalar() -> Result<Fr> {
    loop {
        let mut bytes = [0u8; 64];
        getrandom::fill(&mut bytes).map_err(|_| Error::Randomness)?;
        let scalar = Fr::from_le_bytes_mod_order(&bytes);
        bytes.zeroize();
        if !scalar.is_zero() {
            return Ok(scalar);
        }
    }
}

/// A uniform 127-bit integer plus one, as a scalar: the weight of one proof in a batch.
pub fn random_weight() -> Result<Fr> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| Error::Randomness)?;
    Ok(Fr::from((u128::from_le_bytes(bytes) >> 1) + 1))
}
