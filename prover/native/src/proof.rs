//! Proofs and public signals in snarkjs' form: decimal strings.

use std::str::FromStr;

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ec::{
    AffineRepr,
    short_weierstrass::{Affine, SWCurveConfig},
};
use ark_ff::{BigInt, PrimeField};

use crate::error::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    pub a: G1Affine,
    pub b: G2Affine,
    pub c: G1Affine,
}

/// A coordinate pair, or the pairs of its two halves, in decimal.
pub fn g1_strings(point: &G1Affine) -> [String; 2] {
    [point.x.to_string(), point.y.to_string()]
}

pub fn g2_strings(point: &G2Affine) -> [[String; 2]; 2] {
    [point.x, point.y].map(|half| [half.c0.to_string(), half.c1.to_string()])
}

/// A field element in canonical decimal form below its prime.
fn decimal<F: PrimeField<BigInt = BigInt<4>>>(text: &str, field: &str, reason: &'static str) -> Result<F> {
    let refuse = |what: &str| Error::rejected(reason, format!("{field}: {what}"));
    let canonical = text == "0" || (!text.starts_with('0') && !text.is_empty());
    if !canonical || text.len() > 78 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refuse("not a decimal number"));
    }
    let value = BigInt::<4>::from_str(text).map_err(|()| refuse("not below the prime"))?;
    F::from_bigint(value).ok_or_else(|| refuse("not below the prime"))
}

pub fn parse_scalar(text: &str, field: &str) -> Result<Fr> {
    decimal(text, field, "signal-not-in-field")
}

/// arkworks takes (0, 0), which is off the curve, for the point at infinity, which it holds to be on the curve.
fn check_finite_on_curve<C: SWCurveConfig>(point: &Affine<C>, field: &str) -> Result<()> {
    if point.is_zero() || !point.is_on_curve() {
        return Err(Error::rejected("point-not-on-curve", format!("{field}: not on the curve")));
    }
    Ok(())
}

/// A finite point of G1 from its decimal coordinates.
pub fn parse_g1(text: [&str; 2], field: &str) -> Result<G1Affine> {
    let coordinate = |part| decimal::<Fq>(part, field, "coordinate-not-in-field");
    let point = G1Affine::new_unchecked(coordinate(text[0])?, coordinate(text[1])?);
    check_finite_on_curve(&point, field)?;
    Ok(point)
}

/// A finite point of G2, in the group of order r, from its decimal coordinates.
pub fn parse_g2(text: [[&str; 2]; 2], field: &str) -> Result<G2Affine> {
    let coordinate = |part: &str| decimal::<Fq>(part, field, "coordinate-not-in-field");
    let half = |pair: [&str; 2]| Ok(Fq2::new(coordinate(pair[0])?, coordinate(pair[1])?));
    let point = G2Affine::new_unchecked(half(text[0])?, half(text[1])?);
    check_finite_on_curve(&point, field)?;
    if !point.is_in_correct_subgroup_assuming_on_curve() {
        return Err(Error::rejected("point-not-in-subgroup", format!("{field}: not in the group of order r")));
    }
    Ok(point)
}
