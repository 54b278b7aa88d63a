//! `.zkey`: a Groth16 proving key on bn128 as snarkjs writes it.
//!
//! Points are in Montgomery form with (0, 0) for infinity. A coefficient is stored times 2^512. The points `h`
//! are the Lagrange basis of the odd half of the domain of twice the size, over delta, so the quotient enters
//! as its values on that coset.

use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::{
    AffineRepr,
    short_weierstrass::{Affine, SWCurveConfig},
};
use ark_ff::PrimeField;

use crate::error::{Error, Result};

use super::{cursor::Cursor, sections::Sections};

const GROTH16: u32 = 1;
/// The scalar field has a subgroup of order 2^28, and the key needs twice its domain.
const MAX_DOMAIN_BITS: u32 = 27;

/// Whether the points still have to be checked to lie on the curve and in the group of order r.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PointCheck {
    Full,
    /// The very same bytes passed the check before.
    Skip,
}

/// One entry of the matrix A (`matrix` 0) or B (`matrix` 1).
pub struct Coefficient {
    pub matrix: u8,
    pub row: u32,
    pub wire: u32,
    pub value: Fr,
}

pub struct ZKey {
    pub wires: usize,
    pub public: usize,
    pub domain: usize,
    pub alpha1: G1Affine,
    pub beta1: G1Affine,
    pub beta2: G2Affine,
    pub gamma2: G2Affine,
    pub delta1: G1Affine,
    pub delta2: G2Affine,
    pub ic: Vec<G1Affine>,
    pub coefficients: Vec<Coefficient>,
    pub a: Vec<G1Affine>,
    pub b1: Vec<G1Affine>,
    pub b2: Vec<G2Affine>,
    /// For the private wires only: entry i belongs to wire `public + 1 + i`.
    pub c: Vec<G1Affine>,
    pub h: Vec<G1Affine>,
}

impl ZKey {
    /// Reads and validates a `.zkey` file.
    ///
    /// A key without a phase-2 contribution (gamma = delta) is refused: anyone can forge proofs for it.
    pub fn read(bytes: &[u8], check: PointCheck) -> Result<Self> {
        let sections = Sections::read("zkey", b"zkey", 1, bytes)?;
        let mut protocol = sections.get(1)?;
        if protocol.u32("protocol")? != GROTH16 {
            return Err(protocol.error("protocol: not Groth16"));
        }
        protocol.end("protocol")?;

        let mut header = sections.get(2)?;
        header.prime(Fq::MODULUS, "base field prime")?;
        header.prime(Fr::MODULUS, "scalar field prime")?;
        let wires = header.u32("wire count")? as usize;
        let public = header.u32("public signal count")? as usize;
        let domain = header.u32("domain size")? as usize;
        if public >= wires {
            return Err(header.error("public signal count: not below the wire count"));
        }
        if !domain.is_power_of_two() || domain > 1 << MAX_DOMAIN_BITS || domain <= public {
            return Err(header.error(format!("domain size: {domain} is not possible")));
        }
        let alpha1 = header_point(header.g1("alpha1")?, "alpha1")?;
        let beta1 = header_point(header.g1("beta1")?, "beta1")?;
        let beta2 = header_point(header.g2("beta2")?, "beta2")?;
        let gamma2 = header_point(header.g2("gamma2")?, "gamma2")?;
        let delta1 = header_point(header.g1("delta1")?, "delta1")?;
        let delta2 = header_point(header.g2("delta2")?, "delta2")?;
        header.end("header")?;
        if gamma2 == delta2 {
            return Err(header.error("gamma = delta: the key has no phase-2 contribution, so its proofs prove nothing"));
        }

        let g1 =
            |id, count, field: &str| points(sections.sized(id, count, 64, field)?, count, field, Cursor::g1, check);
        let key = Self {
            wires,
            public,
            domain,
            alpha1,
            beta1,
            beta2,
            gamma2,
            delta1,
            delta2,
            ic: g1(3, public + 1, "IC points")?,
            coefficients: coefficients(sections.get(4)?, wires, domain)?,
            a: g1(5, wires, "A points")?,
            b1: g1(6, wires, "B1 points")?,
            b2: points(sections.sized(7, wires, 128, "B2 points")?, wires, "B2 points", Cursor::g2, check)?,
            c: g1(8, wires - public - 1, "C points")?,
            h: g1(9, domain, "H points")?,
        };
        sections.get(10)?;
        Ok(key)
    }
}

/// A header point: finite, on the curve, in the group.
fn header_point<C: SWCurveConfig>(point: Affine<C>, field: &str) -> Result<Affine<C>> {
    let error = if point.is_zero() { Some("the point at infinity") } else { point_error(&point) };
    match error {
        None => Ok(point),
        Some(error) => Err(Error::format("zkey", format!("{field}: {error}"))),
    }
}

fn points<'a, C: SWCurveConfig>(
    mut cursor: Cursor<'a>,
    count: usize,
    field: &str,
    read: impl Fn(&mut Cursor<'a>, &str) -> Result<Affine<C>>,
    check: PointCheck,
) -> Result<Vec<Affine<C>>> {
    let mut found = Vec::with_capacity(count);
    for index in 0..count {
        let point = read(&mut cursor, field)?;
        if check == PointCheck::Full
            && let Some(error) = point_error(&point)
        {
            return Err(cursor.error(format!("{field} {index}: {error}")));
        }
        found.push(point);
    }
    Ok(found)
}

fn coefficients(mut cursor: Cursor<'_>, wires: usize, domain: usize) -> Result<Vec<Coefficient>> {
    const SIZE: usize = 44;
    let count = cursor.u32("coefficient count")? as usize;
    if cursor.remaining() != count.saturating_mul(SIZE) {
        return Err(cursor.error(format!("coefficients: {} bytes for {count}", cursor.remaining())));
    }
    let mut found = Vec::with_capacity(count);
    for index in 0..count {
        let field = "coefficients";
        let (matrix, row, wire) = (cursor.u32(field)?, cursor.u32(field)?, cursor.u32(field)?);
        if matrix > 1 || row as usize >= domain || wire as usize >= wires {
            return Err(cursor.error(format!("coefficient {index}: matrix {matrix}, row {row}, wire {wire}")));
        }
        found.push(Coefficient { matrix: matrix as u8, row, wire, value: cursor.double_montgomery(field)? });
    }
    Ok(found)
}

fn point_error<C: SWCurveConfig>(point: &Affine<C>) -> Option<&'static str> {
    if !point.is_on_curve() {
        return Some("not on the curve");
    }
    let in_group = C::cofactor_is_one() || point.is_in_correct_subgroup_assuming_on_curve();
    (!in_group).then_some("not in the group of order r")
}
