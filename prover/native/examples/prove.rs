//! Opens a key, proves one witness repeatedly and prints the times: `prove ZKEY WTNS [R1CS] [THREADS] [COUNT]`.

use std::{
    env, fs,
    time::{Duration, Instant},
};

use zksolvency_native::{
    bases::Bases,
    format::{PointCheck, R1cs, Witness, ZKey},
    kernels::{Kernels, PortableKernels},
    prover::Prover,
    qap::Qap,
    tables::{Tables, choose_windows},
    verify::Verifier,
};

fn main() {
    let args: Vec<String> = env::args().collect();
    let threads: usize = args.get(4).map_or(1, |text| text.parse().unwrap());
    let count: usize = args.get(5).map_or(20, |text| text.parse().unwrap());
    let start = Instant::now();
    let key = ZKey::read(&fs::read(&args[1]).unwrap(), PointCheck::Full).unwrap();
    println!("zkey {:?}", start.elapsed());
    let witness = Witness::read(&fs::read(&args[2]).unwrap()).unwrap();
    let r1cs = args.get(3).map(|path| R1cs::read(&fs::read(path).unwrap()).unwrap());
    if let Some(ifma) = zksolvency_native::simd::Ifma::detect().filter(|_| env::var_os("PORTABLE_ONLY").is_none()) {
        run(ifma, &key, r1cs.as_ref(), &witness, threads, count);
    }
    if env::var_os("IFMA_ONLY").is_some() {
        return;
    }
    run(PortableKernels, &key, r1cs.as_ref(), &witness, threads, count);
}

fn run<K: Kernels>(kernels: K, key: &ZKey, r1cs: Option<&R1cs>, witness: &Witness, threads: usize, count: usize) {
    let start = Instant::now();
    let bases = Bases::new(key);
    let windows = choose_windows(key, &bases, 1 << 30).unwrap();
    let tables = Tables::new(kernels, &bases, windows);
    println!("tables {:?}, {} bytes, windows {windows:?}", start.elapsed(), tables.bytes());
    let qap = Qap::new(key, r1cs).unwrap();
    let prover = Prover::new(kernels, key, tables, kernels.prepare(qap), r1cs.is_some()).unwrap();
    let mut times = Vec::new();
    let mut proof = None;
    let busy = busy_time();
    for _ in 0..count {
        let start = Instant::now();
        proof = Some(prover.prove(witness, threads).unwrap());
        times.push(start.elapsed());
    }
    let busy = (busy_time() - busy) / count as u32;
    times.sort();
    println!("{}: min {:?} median {:?}, calling thread busy {busy:?}", K::NAME, times[0], times[count / 2]);
    let verifier = Verifier::from_zkey(key).unwrap();
    let start = Instant::now();
    verifier.verify(&proof.unwrap(), &prover.public_signals(witness)).unwrap();
    println!("verify {:?}", start.elapsed());
}

/// Processor time of the calling thread, which does not count waiting for a busy machine. The operating system updates
/// it every few milliseconds only, so it is accurate over many proofs.
fn busy_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0))
}
