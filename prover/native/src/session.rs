//! A key, opened: what the Python module holds.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ark_bn254::Fr;
use sha2::{Digest, Sha256};

use crate::{
    bases::Bases,
    cache,
    error::{Error, Result},
    format::{PointCheck, R1cs, Witness, ZKey},
    kernels::{Kernels, PortableKernels},
    proof::Proof,
    prover::Prover,
    qap::Qap,
    tables::{MAX_BYTES, Tables, choose_windows},
    verify::Verifier,
};

/// How to open a key.
pub struct Options<'a> {
    /// The circuit's `.r1cs`: with it a wrong witness is found without verifying each proof.
    pub r1cs: Option<&'a Path>,
    /// Bytes that the tables may take, [`MAX_BYTES`] at most.
    pub table_memory_limit: usize,
    /// The folder that keeps tables, writable by its owner only; without it none are kept.
    pub cache: Option<&'a Path>,
    /// Whether to use the portable path even where a faster one runs.
    pub portable: bool,
}

trait Prove: Send + Sync {
    fn prove(&self, witness: &Witness, threads: usize) -> Result<Proof>;
    fn public_signals(&self, witness: &Witness) -> Vec<Fr>;
    fn table_bytes(&self) -> usize;
}

impl<K: Kernels> Prove for Prover<K> {
    fn prove(&self, witness: &Witness, threads: usize) -> Result<Proof> {
        Prover::prove(self, witness, threads)
    }

    fn public_signals(&self, witness: &Witness) -> Vec<Fr> {
        Prover::public_signals(self, witness)
    }

    fn table_bytes(&self) -> usize {
        Prover::table_bytes(self)
    }
}

pub struct Session {
    prover: Box<dyn Prove>,
    verifier: Verifier,
    arithmetic: &'static str,
}

impl Session {
    pub fn open(zkey: &Path, options: &Options<'_>) -> Result<Self> {
        #[cfg(target_arch = "x86_64")]
        if let Some(ifma) = crate::simd::Ifma::detect().filter(|_| !options.portable) {
            return open_with(ifma, zkey, options);
        }
        open_with(PortableKernels, zkey, options)
    }

    /// Proves, and gives the public signals with the proof.
    pub fn prove(&self, witness: &Witness, threads: usize) -> Result<(Proof, Vec<Fr>)> {
        let proof = self.prover.prove(witness, threads)?;
        Ok((proof, self.prover.public_signals(witness)))
    }

    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub fn table_bytes(&self) -> usize {
        self.prover.table_bytes()
    }

    /// The name of the arithmetic in use.
    pub fn arithmetic(&self) -> &'static str {
        self.arithmetic
    }
}

fn open_with<K: Kernels>(kernels: K, path: &Path, options: &Options<'_>) -> Result<Session> {
    let bytes = read(path)?;
    let digest: cache::KeyDigest = Sha256::digest(&bytes).into();
    let cached_at = options.cache.map(|folder| cache::table_path(folder, &digest, K::NAME));
    let limit = options.table_memory_limit.min(MAX_BYTES);
    let load = |path: &PathBuf| cache::load(kernels, path, &digest, limit);
    let stored = cached_at.as_ref().and_then(load);
    let check = if stored.is_some() { PointCheck::Skip } else { PointCheck::Full };
    let key = ZKey::read(&bytes, check)?;
    let tables = match stored {
        Some(tables) => tables,
        None => build(kernels, &key, cached_at.as_deref(), &digest, limit)?,
    };
    let r1cs = options.r1cs.map(|path| read(path).and_then(|bytes| R1cs::read(&bytes))).transpose()?;
    let quotient = kernels.prepare(Qap::new(&key, r1cs.as_ref())?);
    let prover = Prover::new(kernels, &key, tables, quotient, r1cs.is_some())?;
    Ok(Session { prover: Box::new(prover), verifier: Verifier::from_zkey(&key)?, arithmetic: K::NAME })
}

fn build<K: Kernels>(
    kernels: K,
    key: &ZKey,
    cached_at: Option<&Path>,
    digest: &cache::KeyDigest,
    limit: usize,
) -> Result<Tables<K>> {
    let bases = Bases::new(key);
    let tables = Tables::new(kernels, &bases, choose_windows(key, &bases, limit)?);
    if let Some(path) = cached_at {
        // A folder that cannot be written costs the next process time and nothing else.
        let _ = cache::store(path, digest, &tables);
    }
    Ok(tables)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|source| Error::io(path, source))
}
