//! Counts what one proof adds and inverts: `count ZKEY WTNS [R1CS]`. The numbers of the cost model in docs/native.md.

use std::{
    env, fs,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use ark_ec::CurveGroup;
use ark_ff::BigInt;
use zksolvency_native::{
    bases::Bases,
    error::Result,
    format::{PointCheck, R1cs, Witness, ZKey},
    kernels::{Kernels, PortableKernels},
    msm::{Kernel, Pair},
    prover::Prover,
    qap::Qap,
    tables::{Tables, choose_windows},
};

/// Additions and inversions in G1, then in G2.
static COUNTS: [AtomicUsize; 4] = [const { AtomicUsize::new(0) }; 4];

/// A kernel that counts; `GROUP` is 0 for G1, 1 for G2.
#[derive(Clone, Copy)]
struct CountingKernel<K, const GROUP: usize>(K);

impl<K: Kernel, const GROUP: usize> Kernel for CountingKernel<K, GROUP> {
    type Point = K::Point;
    type Curve = K::Curve;
    type Scratch = K::Scratch;
    const BATCH: usize = K::BATCH;

    fn pack(&self, point: &<K::Curve as CurveGroup>::Affine) -> K::Point {
        self.0.pack(point)
    }

    fn unpack(&self, point: &K::Point) -> <K::Curve as CurveGroup>::Affine {
        self.0.unpack(point)
    }

    fn add_pairs(&self, table: &[K::Point], arena: &mut Vec<K::Point>, pairs: &[Pair], scratch: &mut K::Scratch) {
        COUNTS[2 * GROUP].fetch_add(pairs.len(), Relaxed);
        COUNTS[2 * GROUP + 1].fetch_add(pairs.len().div_ceil(K::BATCH), Relaxed);
        self.0.add_pairs(table, arena, pairs, scratch);
    }
}

#[derive(Clone, Copy)]
struct CountingKernels;

impl Kernels for CountingKernels {
    type G1 = CountingKernel<<PortableKernels as Kernels>::G1, 0>;
    type G2 = CountingKernel<<PortableKernels as Kernels>::G2, 1>;
    type Quotient = Qap;
    const NAME: &'static str = "counted";

    fn g1(&self) -> Self::G1 {
        CountingKernel(PortableKernels.g1())
    }

    fn g2(&self) -> Self::G2 {
        CountingKernel(PortableKernels.g2())
    }

    fn prepare(&self, qap: Qap) -> Qap {
        qap
    }

    fn quotient(&self, qap: &Qap, wires: &[BigInt<4>]) -> Result<Vec<BigInt<4>>> {
        PortableKernels.quotient(qap, wires)
    }
}

fn main() {
    let args: Vec<String> = env::args().collect();
    let key = ZKey::read(&fs::read(&args[1]).unwrap(), PointCheck::Skip).unwrap();
    let witness = Witness::read(&fs::read(&args[2]).unwrap()).unwrap();
    let r1cs = args.get(3).map(|path| R1cs::read(&fs::read(path).unwrap()).unwrap());
    let bases = Bases::new(&key);
    let windows = choose_windows(&key, &bases, usize::MAX).unwrap();
    let tables = Tables::new(CountingKernels, &bases, windows);
    let qap = Qap::new(&key, r1cs.as_ref()).unwrap();
    let terms = [Some(&qap.a), Some(&qap.b), qap.c.as_ref()].map(|rows| rows.map_or(0, |rows| rows.terms.len()));
    let points = [bases.a.len(), bases.b1.len(), bases.b2.len(), bases.c.len()];
    let prover = Prover::new(CountingKernels, &key, tables, qap, r1cs.is_some()).unwrap();
    prover.prove(&witness, 1).unwrap();
    let [g1, g1_batches, g2, g2_batches] = [0, 1, 2, 3].map(|i| COUNTS[i].load(Relaxed));
    println!("domain {}, points {points:?}, windows {windows:?}, terms of the rows {terms:?}", key.domain);
    println!("G1: {g1} additions, {g1_batches} inversions; G2: {g2} additions, {g2_batches} inversions");
}
