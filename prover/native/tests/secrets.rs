//! No memory goes back to the allocator with a secret in it.
//!
//! The allocator of this program searches every block before it is freed. It cannot see the stack and registers.
#![allow(unsafe_code)]

#[path = "suite/common.rs"]
mod common;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, Field, PrimeField};
use common::{bytes, chain};
use zksolvency_native::{
    bases::Bases,
    format::{PointCheck, R1cs, Witness, ZKey},
    jubjub::BASE,
    kernels::{Kernels, PortableKernels},
    msm::{Splitter, windows},
    opening::opener,
    prover::Prover,
    qap::Qap,
    setup::unsafe_development_key,
    tables::{Tables, choose_windows},
};

struct ScanningAllocator;

static SCANNING: AtomicBool = AtomicBool::new(false);
static SECRETS: OnceLock<Vec<(&'static str, Vec<u8>)>> = OnceLock::new();
static FOUND: Mutex<Vec<(&'static str, usize)>> = Mutex::new(Vec::new());
/// One test at a time: what another one frees to prepare itself is no leak.
static TURN: Mutex<()> = Mutex::new(());

thread_local! {
    /// What the search itself frees is not looked at.
    static IN_SEARCH: Cell<bool> = const { Cell::new(false) };
}

// SAFETY: all calls are passed on unchanged; a block is only read, while it is still allocated and, because `ScanningAllocator`
// hands out zeroed memory alone, initialised.
unsafe impl GlobalAlloc for ScanningAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if SCANNING.load(Ordering::Relaxed) && !IN_SEARCH.replace(true) {
            search(unsafe { std::slice::from_raw_parts(block, layout.size()) });
            IN_SEARCH.set(false);
        }
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: ScanningAllocator = ScanningAllocator;

fn search(block: &[u8]) {
    for (name, needle) in SECRETS.get().into_iter().flatten() {
        if block.len() >= needle.len() && block.windows(needle.len()).any(|window| window == needle) {
            FOUND.lock().unwrap().push((name, block.len()));
        }
    }
}

/// What was freed with a secret in it while `action` ran.
fn leaks<R>(action: impl FnOnce() -> R) -> Vec<(&'static str, usize)> {
    FOUND.lock().unwrap().clear();
    SCANNING.store(true, Ordering::Relaxed);
    action();
    SCANNING.store(false, Ordering::Relaxed);
    std::mem::take(&mut *FOUND.lock().unwrap())
}

fn circuit() -> (R1cs, Vec<Fr>) {
    chain(100, [Fr::from(3u64), Fr::from(5u64), Fr::from(0x0123_4567_89ab_cdefu64).pow([5])])
}

/// Values that occur in no key: a private input, and the right side of a constraint.
fn secrets() -> [Fr; 2] {
    let (_, values) = circuit();
    [values[3], values[4]]
}

const GUARDIAN_SECRET: u64 = 0x0123_4567_89ab_cdef;

/// The words of a sealed state of the shared vectors, and its first balance, salt and blind.
fn account() -> (Vec<u8>, [Fr; 3]) {
    let vectors = include_str!("../../../tests/vectors/opening.json");
    let state = vectors.split("\"sealed\"").nth(6).expect("six states");
    let numbers = state.split('"').filter_map(|text| text.parse::<Fr>().ok());
    let numbers: Vec<Fr> = numbers.collect();
    (bytes(&numbers[..9]), [numbers[9], numbers[23], numbers[24]])
}

fn account_secrets() -> Vec<(&'static str, Vec<u8>)> {
    let (sealed, [balance, salt, blind]) = account();
    let view_key = Fr::from_le_bytes_mod_order(&sealed[..32]);
    let known = [view_key, salt, blind].into_iter().flat_map(forms).filter(|(form, _)| *form != "digits");
    let balance = balance.into_bigint().0[0];
    known.chain([("balance", words(&[balance])), ("guardian secret", words(&[GUARDIAN_SECRET, 0]))]).collect()
}

fn words(limbs: &[u64]) -> Vec<u8> {
    limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect()
}

/// The secrets in each form that the code converts them to.
fn prepare_scan() -> MutexGuard<'static, ()> {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    SECRETS.get_or_init(|| secrets().into_iter().flat_map(forms).chain(account_secrets()).collect());
    turn
}

fn forms(secret: Fr) -> Vec<(&'static str, Vec<u8>)> {
    let and_once_more = |value: BigInt<4>| {
        let mut more = value;
        more.add_with_carry(&Fr::MODULUS);
        [value, more]
    };
    let plain = secret.into_bigint();
    let mut forms = vec![("Montgomery", words(&secret.0.0))];
    forms.extend(and_once_more(plain).map(|value| ("plain", words(&value.0))));
    for value in and_once_more((secret * Fr::from(16u64)).0) {
        forms.push(("lanes, side by side", words(&limbs(&value))));
        forms.extend(limbs(&value)[..4].iter().map(|limb| ("lanes, one limb", words(&[*limb]))));
    }
    for bits in 6..=15 {
        let mut digits = vec![0i16; windows(bits)];
        Splitter::new(bits).split(&plain, &mut digits);
        forms.push(("digits", digits.iter().flat_map(|digit| digit.to_le_bytes()).collect()));
    }
    forms
}

/// Limbs of 52 bits.
fn limbs(value: &BigInt<4>) -> [u64; 5] {
    std::array::from_fn(|limb| (0..52).fold(0, |all, bit| all | u64::from(value.get_bit(52 * limb + bit)) << bit))
}

#[test]
fn opened_accounts_leave_nothing() {
    let _turn = prepare_scan();
    let (sealed, _) = account();
    let mut secret = [0; 32];
    secret[..8].copy_from_slice(&GUARDIAN_SECRET.to_le_bytes());
    let owner = [BASE.x, BASE.y, BASE.x].map(|value| words(&value.0)).concat();
    for portable in [false, true] {
        let opener = opener(1, portable);
        assert_eq!(opener.unseal(13, &sealed).unwrap().faults, [0]);
        assert_eq!(leaks(|| opener.unseal(13, &sealed).unwrap()), [], "portable: {portable}");
        assert_eq!(leaks(|| opener.viewing_keys(&secret, &[0; 32], &owner).unwrap()), [], "portable: {portable}");
    }
}

fn prover<K: Kernels>(kernels: K, known: bool) -> Prover<K> {
    let (r1cs, _) = circuit();
    let key = ZKey::read(&unsafe_development_key(&r1cs).unwrap().zkey, PointCheck::Full).unwrap();
    let bases = Bases::new(&key);
    let tables = Tables::new(kernels, &bases, choose_windows(&key, &bases, 1 << 26).unwrap());
    let quotient = kernels.prepare(Qap::new(&key, known.then_some(&r1cs)).unwrap());
    Prover::new(kernels, &key, tables, quotient, known).unwrap()
}

#[test]
fn the_allocator_finds_every_form() {
    let _turn = prepare_scan();
    for (name, needle) in SECRETS.get().unwrap() {
        let found = leaks(|| drop([&[0; 24], needle.as_slice(), &[0; 8]].concat()));
        assert!(found.iter().any(|(other, _)| other == name), "{name}");
    }
    assert_eq!(leaks(|| drop(vec![7u8; 1000])), []);
}

#[test]
fn a_witness_is_wiped() {
    let _turn = prepare_scan();
    let (_, values) = circuit();
    let bare = bytes(&values);
    assert_eq!(leaks(|| drop(Witness::from_values(&bare).unwrap())), []);
    let mut malformed = bare.clone();
    malformed[32 * 50..32 * 51].fill(0xff);
    assert_eq!(leaks(|| drop(Witness::from_values(&malformed))), []);
}

fn proofs_leave_nothing<K: Kernels>(kernels: K) {
    let _turn = prepare_scan();
    let (_, values) = circuit();
    let mut wrong = values.clone();
    *wrong.last_mut().unwrap() += Fr::from(2u64);
    let (right, wrong) =
        (Witness::from_values(&bytes(&values)).unwrap(), Witness::from_values(&bytes(&wrong)).unwrap());
    for known in [true, false] {
        let prover = prover(kernels, known);
        for threads in [1, 2] {
            assert_eq!(leaks(|| prover.prove(&right, threads).unwrap()), [], "constraints known: {known}");
            assert_eq!(leaks(|| prover.prove(&wrong, threads).unwrap_err()), [], "constraints known: {known}");
        }
        assert_eq!(leaks(|| drop(prover)), []);
    }
}

#[test]
fn portable_proofs_leave_nothing() {
    proofs_leave_nothing(PortableKernels);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn lane_proofs_leave_nothing() {
    if let Some(ifma) = zksolvency_native::simd::Ifma::detect() {
        proofs_leave_nothing(ifma);
    }
}
