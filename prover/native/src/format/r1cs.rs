//! `.r1cs`: the constraints A * B = C that circom compiled.

use ark_bn254::Fr;
use ark_ff::PrimeField;
use sha2::{Digest, Sha256};

use crate::error::Result;

use super::{cursor::Cursor, sections::Sections};

/// The terms (wire, coefficient) of one linear combination.
pub type LinearCombination = Vec<(u32, Fr)>;

pub struct R1cs {
    /// Wires including the constant one.
    pub wires: usize,
    /// Public signals: outputs, then public inputs; wires 1 to `public`.
    pub public: usize,
    pub constraints: Vec<[LinearCombination; 3]>,
}

impl R1cs {
    /// Reads a `.r1cs` file (version 1, bn128).
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let sections = Sections::read("r1cs", b"r1cs", 1, bytes)?;
        let mut header = sections.get(1)?;
        header.prime(Fr::MODULUS, "prime")?;
        let wires = header.u32("wire count")? as usize;
        let outputs = header.u32("public output count")? as usize;
        let inputs = header.u32("public input count")? as usize;
        let private = header.u32("private input count")? as usize;
        header.u64("label count")?;
        let count = header.u32("constraint count")? as usize;
        header.end("header")?;
        let public = outputs + inputs;
        if public + private >= wires {
            return Err(header.error("wire count: fewer wires than inputs and outputs"));
        }
        // So what is kept of each wire is in proportion to the file.
        sections.sized(3, wires, 8, "wire labels")?;
        let mut body = sections.get(2)?;
        if count > body.remaining() / 12 {
            return Err(body.error("constraint count: more than the section can hold"));
        }
        let constraints = (0..count).map(|row| constraint(&mut body, row, wires)).collect::<Result<_>>()?;
        body.end("constraints")?;
        Ok(Self { wires, public, constraints })
    }

    /// Rows of the QAP: the constraints, and one for each public signal and for one.
    pub fn rows(&self) -> usize {
        self.constraints.len() + self.public + 1
    }

    /// SHA-256 over the constraint system: sizes, then every term in the order of the file. Names of wires are left out.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        [self.wires, self.public].iter().for_each(|count| hash.update((*count as u64).to_le_bytes()));
        for combination in self.constraints.iter().flatten() {
            hash.update((combination.len() as u64).to_le_bytes());
            for (wire, coefficient) in combination {
                hash.update(wire.to_le_bytes());
                coefficient.into_bigint().0.iter().for_each(|limb| hash.update(limb.to_le_bytes()));
            }
        }
        hash.finalize().into()
    }
}

fn constraint(body: &mut Cursor<'_>, row: usize, wires: usize) -> Result<[LinearCombination; 3]> {
    let mut read = |name: &str| -> Result<LinearCombination> {
        let field = format!("constraint {row}, {name}");
        let terms = body.u32(&field)? as usize;
        if terms > body.remaining() / 36 {
            return Err(body.error(format!("{field}: {terms} terms do not fit")));
        }
        let mut combination = Vec::with_capacity(terms);
        for _ in 0..terms {
            let wire = body.u32(&field)?;
            if wire as usize >= wires {
                return Err(body.error(format!("{field}: wire {wire} does not exist")));
            }
            combination.push((wire, body.scalar(&field)?));
        }
        Ok(combination)
    };
    Ok([read("A")?, read("B")?, read("C")?])
}
