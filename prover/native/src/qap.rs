//! The constraint rows, and the quotient's values on the odd coset, portable path.

use ark_bn254::{Fr, FrConfig};
use ark_ff::{BigInt, Field, PrimeField};

use crate::{
    error::{Error, Result},
    field::{add, canonical, dot, mul, reduce_double},
    format::{R1cs, ZKey},
    ntt::Domain,
};

/// A sparse matrix by rows: the terms of row k are `terms[ends[k - 1]..ends[k]]`.
#[derive(Default)]
pub struct SparseMatrix {
    pub ends: Vec<u32>,
    pub terms: Vec<(u32, Fr)>,
}

impl SparseMatrix {
    fn new(count: usize, mut entries: Vec<(u32, u32, Fr)>) -> Self {
        entries.sort_by_key(|&(row, wire, _)| (row, wire));
        let ends = (0..count as u32).map(|k| entries.partition_point(|&(row, ..)| row <= k) as u32).collect();
        Self { ends, terms: entries.into_iter().map(|(_, wire, value)| (wire, value)).collect() }
    }

    pub fn row(&self, k: usize) -> &[(u32, Fr)] {
        let start = if k == 0 { 0 } else { self.ends[k - 1] as usize };
        &self.terms[start..self.ends[k] as usize]
    }

    fn dot(&self, k: usize, wires: &[Fr]) -> Fr {
        let (pairs, rest) = self.row(k).as_chunks::<2>();
        let wire = |index: u32| wires[index as usize].0.0;
        let mut sum = [0; 4];
        for [(i, x), (j, y)] in pairs {
            sum = reduce_double::<FrConfig>(add(sum, dot::<FrConfig>(wire(*i), x.0.0, wire(*j), y.0.0)));
        }
        for (i, x) in rest {
            sum = reduce_double::<FrConfig>(add(sum, mul::<FrConfig>(wire(*i), x.0.0)));
        }
        Fr::new_unchecked(BigInt(canonical::<FrConfig>(sum)))
    }
}

/// What the quotient needs of a key.
pub struct Qap {
    pub a: SparseMatrix,
    pub b: SparseMatrix,
    /// The right sides, when the `.r1cs` was given; then a wrong witness is seen before anything is proven.
    pub c: Option<SparseMatrix>,
    pub domain: Domain,
}

impl Qap {
    pub fn new(key: &ZKey, r1cs: Option<&R1cs>) -> Result<Self> {
        let rows = |matrix: u8| {
            let entries = key.coefficients.iter().filter(|entry| entry.matrix == matrix);
            SparseMatrix::new(key.domain, entries.map(|entry| (entry.row, entry.wire, entry.value)).collect())
        };
        let (a, b) = (rows(0), rows(1));
        let c = r1cs.map(|r1cs| matrix_c(key, r1cs, &a, &b)).transpose()?;
        Ok(Self { a, b, c, domain: Domain::new(key.domain) })
    }

    /// The values of the quotient's numerator on the odd coset, as the scalars of the key's H points.
    pub fn quotient(&self, wires: &[Fr]) -> Result<Vec<BigInt<4>>> {
        let size = self.domain.size();
        let mut a: Vec<Fr> = (0..size).map(|k| self.a.dot(k, wires)).collect();
        let mut b: Vec<Fr> = (0..size).map(|k| self.b.dot(k, wires)).collect();
        let mut c: Vec<Fr> = a.iter().zip(&b).map(|(a, b)| *a * b).collect();
        let violated = self.c.as_ref().and_then(|rows| (0..size).find(|&k| rows.dot(k, wires) != c[k]));
        let outcome = match violated {
            Some(row) => Err(unsatisfied(row)),
            None => {
                for values in [&mut a, &mut b, &mut c] {
                    self.domain.to_coset(values);
                }
                Ok(a.iter().zip(&b).zip(&c).map(|((a, b), c)| (*a * b - c).into_bigint()).collect())
            }
        };
        for values in [&mut a, &mut b, &mut c] {
            zeroize::Zeroize::zeroize(values);
        }
        outcome
    }
}

pub fn unsatisfied(constraint: usize) -> Error {
    Error::Unsatisfied(format!("constraint {constraint} does not hold"))
}

/// The matrix C, after checking that the circuit is the one that the key was made for.
fn matrix_c(key: &ZKey, r1cs: &R1cs, a: &SparseMatrix, b: &SparseMatrix) -> Result<SparseMatrix> {
    let mismatch = |what: String| Error::Input(format!("the .r1cs does not belong to the .zkey: {what}"));
    if (r1cs.wires, r1cs.public) != (key.wires, key.public) {
        return Err(mismatch("wires or public signals differ".into()));
    }
    if r1cs.rows() > key.domain {
        return Err(mismatch("more constraints than the key's domain".into()));
    }
    let entries = |side: usize| {
        let rows = r1cs.constraints.iter().enumerate();
        rows.flat_map(|(k, sides)| sides[side].iter().map(move |&(wire, value)| (k as u32, wire, value))).collect()
    };
    let mut left: Vec<(u32, u32, Fr)> = entries(0);
    let first = r1cs.constraints.len() as u32;
    left.extend((0..=r1cs.public as u32).map(|wire| (first + wire, wire, Fr::ONE)));
    for (name, ours, theirs) in [("A", a, left), ("B", b, entries(1))] {
        let theirs = SparseMatrix::new(key.domain, theirs);
        if ours.ends != theirs.ends || ours.terms != theirs.terms {
            return Err(mismatch(format!("matrix {name} differs")));
        }
    }
    Ok(SparseMatrix::new(key.domain, entries(2)))
}
