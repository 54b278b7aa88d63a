//! `.wtns`: the value of every wire, in plain form.

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use zeroize::Zeroize;

use crate::error::{Error, Result};

use super::{cursor::Cursor, sections::Sections};

/// The values of all wires, wire 0 being one; wiped when dropped.
pub struct Witness {
    values: Vec<BigInt<4>>,
}

impl Witness {
    /// Reads a `.wtns` file (version 2, bn128).
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let sections = Sections::read("wtns", b"wtns", 2, bytes)?;
        let mut header = sections.get(1)?;
        header.prime(Fr::MODULUS, "prime")?;
        let count = header.u32("wire count")? as usize;
        header.end("header")?;
        Self::collect(sections.sized(2, count, 32, "wires")?, count)
    }

    /// Takes bare values, 32 little-endian bytes a wire.
    pub fn from_values(bytes: &[u8]) -> Result<Self> {
        if !bytes.len().is_multiple_of(32) {
            return Err(Error::format("witness", "length is not a multiple of 32 bytes"));
        }
        Self::collect(Cursor::new("witness", bytes), bytes.len() / 32)
    }

    fn collect(mut cursor: Cursor<'_>, count: usize) -> Result<Self> {
        let mut witness = Self { values: Vec::with_capacity(count) };
        for wire in 0..count {
            let value = cursor.big("wires")?;
            if value >= Fr::MODULUS {
                return Err(cursor.error(format!("wire {wire}: not below r")));
            }
            witness.values.push(value);
        }
        if witness.values.first() != Some(&BigInt::from(1u64)) {
            return Err(cursor.error("wire 0: not one"));
        }
        Ok(witness)
    }

    pub fn values(&self) -> &[BigInt<4>] {
        &self.values
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        for value in &mut self.values {
            value.0.zeroize();
        }
    }
}
