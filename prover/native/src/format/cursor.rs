//! Bounds-checked reading of little-endian values; every failure names the field it was reading.

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ff::{BigInt, BigInteger, MontFp, PrimeField};

use crate::error::{Error, Result};

/// 2^-256 in the scalar field: takes one Montgomery factor off a value that carries two.
const MONTGOMERY_INVERSE: Fr = MontFp!("9915499612839321149637521777990102151350674507940716049588462388200839649614");

pub struct Cursor<'a> {
    kind: &'static str,
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(kind: &'static str, bytes: &'a [u8]) -> Self {
        Self { kind, rest: bytes }
    }

    pub fn error(&self, what: impl Into<String>) -> Error {
        Error::format(self.kind, what)
    }

    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub fn bytes(&mut self, count: usize, field: &str) -> Result<&'a [u8]> {
        if count > self.rest.len() {
            return Err(self.error(format!("{field}: {count} bytes wanted, {} left", self.rest.len())));
        }
        let (head, tail) = self.rest.split_at(count);
        self.rest = tail;
        Ok(head)
    }

    pub fn u32(&mut self, field: &str) -> Result<u32> {
        let bytes = self.bytes(4, field)?;
        Ok(u32::from_le_bytes(bytes.try_into().expect("four bytes")))
    }

    pub fn u64(&mut self, field: &str) -> Result<u64> {
        let bytes = self.bytes(8, field)?;
        Ok(u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    }

    /// A 256-bit integer, not yet known to be below any modulus.
    pub fn big(&mut self, field: &str) -> Result<BigInt<4>> {
        let mut limbs = [0; 4];
        for limb in &mut limbs {
            *limb = self.u64(field)?;
        }
        Ok(BigInt(limbs))
    }

    /// The size and value of a prime, which must be `expected`.
    pub fn prime(&mut self, expected: BigInt<4>, field: &str) -> Result<()> {
        let size = self.u32(field)?;
        if size != 32 {
            return Err(self.error(format!("{field}: elements of {size} bytes, 32 expected")));
        }
        if self.big(field)? != expected {
            return Err(self.error(format!("{field}: not the prime of bn128")));
        }
        Ok(())
    }

    /// A scalar in plain form, below r.
    pub fn scalar(&mut self, field: &str) -> Result<Fr> {
        let value = self.big(field)?;
        Fr::from_bigint(value).ok_or_else(|| self.error(format!("{field}: not below r")))
    }

    /// A scalar that snarkjs stores multiplied by 2^512.
    pub fn double_montgomery(&mut self, field: &str) -> Result<Fr> {
        let value = self.big(field)?;
        if value >= Fr::MODULUS {
            return Err(self.error(format!("{field}: not below r")));
        }
        Ok(Fr::new_unchecked(value) * MONTGOMERY_INVERSE)
    }

    fn coordinate(&mut self, field: &str) -> Result<Fq> {
        let value = self.big(field)?;
        if value >= Fq::MODULUS {
            return Err(self.error(format!("{field}: coordinate not below q")));
        }
        Ok(Fq::new_unchecked(value))
    }

    /// A point in Montgomery form; (0, 0) is infinity. On the curve only if the caller checks.
    pub fn g1(&mut self, field: &str) -> Result<G1Affine> {
        let (x, y) = (self.coordinate(field)?, self.coordinate(field)?);
        let infinity = x.0.is_zero() && y.0.is_zero();
        Ok(if infinity { G1Affine::identity() } else { G1Affine::new_unchecked(x, y) })
    }

    pub fn g2(&mut self, field: &str) -> Result<G2Affine> {
        let x = Fq2::new(self.coordinate(field)?, self.coordinate(field)?);
        let y = Fq2::new(self.coordinate(field)?, self.coordinate(field)?);
        let infinity = [x.c0, x.c1, y.c0, y.c1].iter().all(|c| c.0.is_zero());
        Ok(if infinity { G2Affine::identity() } else { G2Affine::new_unchecked(x, y) })
    }

    pub fn end(&self, field: &str) -> Result<()> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(self.error(format!("{field}: {left} bytes too many"))),
        }
    }
}
