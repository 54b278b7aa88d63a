//! The Groth16 prover for one key.

use std::sync::{Mutex, OnceLock, PoisonError};

use ark_bn254::{Fr, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{BigInt, PrimeField};
use zeroize::Zeroize;

use crate::{
    error::{Error, Result},
    format::{Witness, ZKey},
    kernels::Kernels,
    msm::{Buckets, FixedBase, Kernel, Workspace},
    pool::{self, Queue},
    proof::Proof,
    random::random_scalar,
    tables::Tables,
    verify::Verifier,
};

/// Everything that depends only on the key.
pub struct Prover<K: Kernels> {
    kernels: K,
    wires: usize,
    public: usize,
    tables: Tables<K>,
    quotient: K::Quotient,
    /// Set without constraints: then only verifying the finished proof shows that a witness is wrong.
    check: Option<Verifier>,
    idle: Mutex<Vec<Workspaces<K>>>,
}

/// The memory of one thread of one proof, kept for the next proof.
struct Workspaces<K: Kernels> {
    g1: Workspace<K::G1>,
    g2: Workspace<K::G2>,
}

/// The scalars of one proof, as [`Bases`](crate::bases::Bases) numbers them.
struct Scalars {
    before_quotient: Vec<BigInt<4>>,
    quotient: OnceLock<Vec<BigInt<4>>>,
}

impl Scalars {
    fn get(&self, index: usize) -> &BigInt<4> {
        match self.before_quotient.get(index) {
            Some(scalar) => scalar,
            None => &self.quotient.get().expect("sorted after the quotient")[index - self.before_quotient.len()],
        }
    }
}

impl Drop for Scalars {
    fn drop(&mut self) {
        let quotient = self.quotient.get_mut().into_iter().flatten();
        self.before_quotient.iter_mut().chain(quotient).for_each(|scalar| scalar.0.zeroize());
    }
}

/// The four sums of a proof, added up part by part.
#[derive(Default)]
struct Sums {
    a: G1Projective,
    b1: G1Projective,
    c: G1Projective,
    b2: G2Projective,
}

impl<K: Kernels> Prover<K> {
    pub fn new(kernels: K, key: &ZKey, tables: Tables<K>, quotient: K::Quotient, checked: bool) -> Result<Self> {
        if tables.sources().any(|source| source as usize >= key.wires + 3 + key.domain) {
            return Err(Error::Input("the stored tables do not belong to the key".into()));
        }
        let check = if checked { None } else { Some(Verifier::from_zkey(key)?) };
        let idle = Mutex::new(Vec::new());
        Ok(Self { kernels, wires: key.wires, public: key.public, tables, quotient, check, idle })
    }

    pub fn table_bytes(&self) -> usize {
        self.tables.bytes()
    }

    pub fn public_signals(&self, witness: &Witness) -> Vec<Fr> {
        let signals = &witness.values()[1..=self.public];
        signals.iter().map(|value| Fr::from_bigint(*value).expect("below r")).collect()
    }

    /// Proves with fresh randomness.
    pub fn prove(&self, witness: &Witness, threads: usize) -> Result<Proof> {
        if witness.values().len() != self.wires {
            let count = witness.values().len();
            return Err(Error::Input(format!("the witness has {count} wires, the key {}", self.wires)));
        }
        let (mut r, mut s) = (random_scalar()?, random_scalar()?);
        let proof = self.prove_with(witness, r, s, threads);
        r.zeroize();
        s.zeroize();
        let proof = proof?;
        if let Some(check) = &self.check {
            let valid = check.verify(&proof, &self.public_signals(witness));
            valid.map_err(|_| Error::Unsatisfied("the proof it gives is invalid".into()))?;
        }
        Ok(proof)
    }

    fn prove_with(&self, witness: &Witness, r: Fr, s: Fr, threads: usize) -> Result<Proof> {
        let mut before_quotient = Vec::with_capacity(self.wires + 3);
        before_quotient.extend_from_slice(witness.values());
        before_quotient.extend([r.into_bigint(), s.into_bigint(), (-r * s).into_bigint()]);
        let scalars = Scalars { before_quotient, quotient: OnceLock::new() };
        let sums = Mutex::new(Sums::default());
        let failed = Mutex::new(None);
        let sorted = SumBuckets::default();
        let task =
            ProofTask { prover: self, scalars: &scalars, sums: &sums, failed: &failed, sorted: &sorted, threads };
        pool::run(threads, |queue| task.start(queue));
        if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let sums = sums.into_inner().unwrap_or_else(PoisonError::into_inner);
        let c = sums.c + blinding(&sums, r, s);
        Ok(Proof { a: sums.a.into_affine(), b: sums.b2.into_affine(), c: c.into_affine() })
    }

    fn with_workspaces<R>(&self, action: impl FnOnce(&mut Workspaces<K>) -> R) -> R {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let spare = idle().pop();
        let mut workspaces = spare.unwrap_or_else(|| Workspaces { g1: Workspace::default(), g2: Workspace::default() });
        let result = action(&mut workspaces);
        idle().push(workspaces);
        result
    }
}

/// s A + r B1, of which the key's own part, delta, is already in the sums: A carries r delta, B1 s delta, and C
/// -rs delta, so that together they leave rs delta.
fn blinding(sums: &Sums, r: Fr, s: Fr) -> G1Projective {
    sums.a * s + sums.b1 * r
}

#[derive(Default)]
struct SumBuckets {
    a: OnceLock<Buckets>,
    b1: OnceLock<Buckets>,
    b2: OnceLock<Buckets>,
    c: OnceLock<Buckets>,
}

/// One proof under way.
struct ProofTask<'p, K: Kernels> {
    prover: &'p Prover<K>,
    scalars: &'p Scalars,
    sums: &'p Mutex<Sums>,
    failed: &'p Mutex<Option<Error>>,
    sorted: &'p SumBuckets,
    threads: usize,
}

impl<K: Kernels> Clone for ProofTask<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Kernels> Copy for ProofTask<'_, K> {}

impl<'p, K: Kernels> ProofTask<'p, K> {
    fn start(self, queue: &Queue<'p>) {
        queue.add(move |queue| self.quotient(queue));
        let tables = &self.prover.tables;
        let sorted = self.sorted;
        queue.add(move |queue| {
            self.split(&tables.b2, &sorted.b2, queue, |workspaces| &mut workspaces.g2, |sums| &mut sums.b2);
        });
        queue.add(move |queue| {
            self.split(&tables.a, &sorted.a, queue, |workspaces| &mut workspaces.g1, |sums| &mut sums.a)
        });
        queue.add(move |queue| {
            let same = tables.b1.bits() == tables.b2.bits() && tables.b1.sources() == tables.b2.sources();
            let cell = if same { &sorted.b2 } else { &sorted.b1 };
            self.split(&tables.b1, cell, queue, |workspaces| &mut workspaces.g1, |sums| &mut sums.b1);
        });
    }

    fn quotient(self, queue: &Queue<'p>) {
        let wires = &self.scalars.before_quotient[..self.prover.wires];
        match self.prover.kernels.quotient(&self.prover.quotient, wires) {
            Ok(quotient) => {
                self.scalars.quotient.get_or_init(|| quotient);
                let (table, sorted) = (&self.prover.tables.c, &self.sorted.c);
                self.split(table, sorted, queue, |workspaces| &mut workspaces.g1, |sums| &mut sums.c);
            }
            Err(error) => *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error),
        }
    }

    /// Sorts one sum and queues its parts, one for each thread.
    fn split<G: Kernel>(
        self,
        table: &'p FixedBase<G>,
        cell: &'p OnceLock<Buckets>,
        queue: &Queue<'p>,
        work: impl Fn(&mut Workspaces<K>) -> &mut Workspace<G> + Copy + Send + 'p,
        sum: impl Fn(&mut Sums) -> &mut G::Curve + Copy + Send + 'p,
    ) where
        G::Curve: CurveGroup<ScalarField = Fr>,
    {
        let scalars = self.scalars;
        let sorted = cell.get_or_init(|| table.sort(|index| scalars.get(index)));
        for (from, to) in sorted.split(self.threads) {
            queue.add(move |_| {
                let part = self.prover.with_workspaces(|workspaces| table.sum(sorted, from, to, work(workspaces)));
                *sum(&mut self.sums.lock().unwrap_or_else(PoisonError::into_inner)) += part;
            });
        }
    }
}
