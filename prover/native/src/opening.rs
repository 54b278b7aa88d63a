//! What a guardian reads of many accounts: viewing keys from the owners' points, and states from their ciphertexts.
//!
//! It computes what `prover.account` does one by one in Python, which is the reference (spec ZS-10, ZS-11, ZS-51 to
//! ZS-53). An account that cannot be read has a fault and a record of zeros, and no other account is affected.

use std::array;

use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, PrimeField};
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    jubjub::{BASE, Point, Secret, agree},
    pool,
    poseidon::{Hasher, MAX_WIDTH, Permutation},
    scalars::{MAX_LANES, PortableScalars},
};

/// An integer below 2^256 in little-endian bytes; a negative one in two's complement.
pub type Word = [u8; WORD];
const WORD: usize = 32;
type Integer = BigInt<4>;

/// Why an account cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    /// A value is not below r.
    OutsideField = 1,
    NotOnCurve = 2,
    SmallOrder = 3,
    /// What the ciphertext hides is no state.
    NoState = 4,
    /// The commitment is to another state.
    OtherCommitment = 5,
}

/// A record an account, of zeros where there is a fault, and a byte an account: 0 or the [`Fault`].
pub struct Records {
    pub records: Zeroizing<Vec<u8>>,
    pub faults: Vec<u8>,
}

/// The words of an owner: x and y of the point, and the tag.
pub const OWNER: usize = 3;
/// The words of a viewing record: the viewing key and the identity.
pub const VIEWING: usize = 2;
/// The words of a sealed state before its ciphertext: viewing key, identity, commitment and rho.
const SEALED_HEAD: usize = 4;
/// The words of an opened state after its balances: quote, salt and blind.
const OPENED_TAIL: usize = 3;

/// Bytes of a balance.
const BALANCE: usize = 16;
/// Bits of a balance and of quote, offset by half their range.
const BALANCE_DIGIT: u32 = 81;
const QUOTE_DIGIT: u32 = 145;
const BALANCES_AN_ELEMENT: usize = 3;

/// Accounts of one job.
const CHUNK: usize = 64;

const ZERO: Integer = BigInt([0; 4]);

const TAG_BLIND: Integer = tag(b"zksolvency.blind");
const TAG_ID: Integer = tag(b"zksolvency.identity");
const TAG_VIEW: Integer = tag(b"zksolvency.view");
const TAG_ECDH: Integer = tag(b"zksolvency.ecdh");
const TAG_STREAM: Integer = tag(b"zksolvency.stream");

/// The ASCII text of a name as a number, its first byte the highest.
const fn tag(name: &[u8]) -> Integer {
    let (mut limbs, mut place) = ([0; 4], 0);
    while place < name.len() {
        limbs[place / 8] |= (name[name.len() - 1 - place] as u64) << (place % 8 * 8);
        place += 1;
    }
    BigInt(limbs)
}

/// Opens accounts in batches.
pub trait Opener: Sync {
    /// The viewing keys of owners that named one guardian: from records of [`OWNER`] words to records of [`VIEWING`].
    ///
    /// Fails if the secret is not in 1 to l - 1, the domain not below r, or the owners are not whole records.
    fn viewing_keys(&self, secret: &Word, domain: &Word, owners: &[u8]) -> Result<Records>;

    /// States of n assets, decrypted and compared with their commitments.
    ///
    /// A sealed record has the words viewing key, identity, commitment, rho and the ciphertext's. An opened one has
    /// n balances of 16 bytes, and the words quote, salt and blind. Fails if n is none of 13, 28 and 43, or the states
    /// are not whole records.
    fn unseal(&self, n: usize, sealed: &[u8]) -> Result<Records>;
}

/// The fastest opener that runs here, or the portable one.
pub fn opener(threads: usize, portable: bool) -> Box<dyn Opener> {
    #[cfg(target_arch = "x86_64")]
    if let Some(scalars) = crate::simd::Ifma::detect().filter(|_| !portable) {
        return Box::new(Batch { scalars, threads });
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = portable; // the only one
    Box::new(Batch { scalars: PortableScalars, threads })
}

struct Batch<S: Hasher> {
    scalars: S,
    threads: usize,
}

impl<S: Hasher> Opener for Batch<S> {
    fn viewing_keys(&self, secret: &Word, domain: &Word, owners: &[u8]) -> Result<Records> {
        let secret = Zeroizing::new(integer(secret));
        let secret = Secret::new(&secret).ok_or_else(|| Error::Input("guardian secret: outside 1 to l - 1".into()))?;
        let domain = integer(domain);
        if domain >= Fr::MODULUS {
            return Err(Error::Input("domain: not below r".into()));
        }
        self.records(owners, OWNER, VIEWING * WORD, |group, records, faults| {
            group.viewing_keys(&secret, domain, records, faults);
        })
    }

    fn unseal(&self, n: usize, sealed: &[u8]) -> Result<Records> {
        if !matches!(n, 13 | 28 | 43) {
            return Err(Error::Input("states of 13, 28 or 43 assets can be encrypted".into()));
        }
        let words = SEALED_HEAD + n.div_ceil(BALANCES_AN_ELEMENT);
        self.records(sealed, words, n * BALANCE + OPENED_TAIL * WORD, |group, records, faults| {
            group.unseal(n, records, faults);
        })
    }
}

impl<S: Hasher> Batch<S> {
    /// Records of `size` bytes from records of `words` words, a group of lanes after the other, chunks in parallel.
    fn records(
        &self,
        given: &[u8],
        words: usize,
        size: usize,
        work: impl Fn(&Group<'_, S>, &mut [u8], &mut [u8]) + Sync,
    ) -> Result<Records> {
        let (given, rest) = given.as_chunks::<WORD>();
        if !rest.is_empty() || !given.len().is_multiple_of(words) {
            return Err(Error::Input(format!("accounts: not a whole number of records of {words} words")));
        }
        let count = given.len() / words;
        let mut records = Zeroizing::new(vec![0; count * size]);
        let mut faults = vec![0; count];
        let found = records.chunks_mut(CHUNK * size).zip(faults.chunks_mut(CHUNK));
        pool::run(self.threads.min(count.div_ceil(CHUNK)), |queue| {
            for (given, (records, faults)) in given.chunks(CHUNK * words).zip(found) {
                let work = &work;
                queue.add(move |_| {
                    let found = records.chunks_mut(S::LANES * size).zip(faults.chunks_mut(S::LANES));
                    for (given, (records, faults)) in given.chunks(S::LANES * words).zip(found) {
                        work(&Group { scalars: self.scalars, given, words }, records, faults);
                        let broken = records.chunks_mut(size).zip(&*faults).filter(|(_, fault)| **fault != 0);
                        broken.for_each(|(record, _)| record.fill(0));
                    }
                });
            }
        });
        Ok(Records { records, faults })
    }
}

/// As many accounts as there are lanes, or fewer.
struct Group<'a, S> {
    scalars: S,
    given: &'a [Word],
    words: usize,
}

/// A number for each lane.
type Lanes = Zeroizing<[Integer; MAX_LANES]>;

impl<S: Hasher> Group<'_, S> {
    /// One word of each account; lanes without an account repeat the last one.
    fn lanes(&self, word: usize) -> Lanes {
        let last = self.given.len() / self.words - 1;
        Zeroizing::new(array::from_fn(|lane| integer(&self.given[lane.min(last) * self.words + word])))
    }

    /// As `lanes`; what is not below r is a fault, and counts as zero.
    fn elements(&self, word: usize, faults: &mut [u8]) -> Lanes {
        let mut lanes = self.lanes(word);
        for (lane, value) in lanes.iter_mut().enumerate().filter(|(_, value)| **value >= Fr::MODULUS) {
            *value = ZERO;
            set(faults, lane, Fault::OutsideField);
        }
        lanes
    }

    fn viewing_keys(&self, secret: &Secret, domain: Integer, records: &mut [u8], faults: &mut [u8]) {
        let (x, y) = (self.lanes(0), self.lanes(1));
        let points: [Point; MAX_LANES] = array::from_fn(|lane| {
            let point = Point { x: x[lane], y: y[lane] };
            let is_on_curve = point.is_on_curve();
            if !is_on_curve {
                set(faults, lane, Fault::NotOnCurve);
            }
            if is_on_curve { point } else { BASE }
        });
        let shared = agree(self.scalars, secret, &points[..S::LANES]);
        for lane in (0..S::LANES).filter(|lane| shared.small_order[*lane]) {
            set(faults, lane, Fault::SmallOrder);
        }
        let owner_tag = self.elements(2, faults);
        let view_key = self.hash(&[&each(TAG_ECDH), &shared.x, &shared.y]);
        let view_tag = self.hash(&[&each(TAG_VIEW), &view_key]);
        let identity = self.hash(&[&each(TAG_ID), &owner_tag, &view_tag, &each(domain)]);
        for (lane, record) in records.chunks_mut(VIEWING * WORD).enumerate() {
            write(record, &[view_key[lane], identity[lane]]);
        }
    }

    fn unseal(&self, n: usize, records: &mut [u8], faults: &mut [u8]) {
        let [view_key, identity, rho] = [0, 1, 3].map(|word| self.elements(word, faults));
        let commitment = self.lanes(2);
        let elements = self.words - SEALED_HEAD;
        let (stream_tag, zero) = (each(TAG_STREAM), each(ZERO));
        let mut inputs = vec![&stream_tag, &view_key, &rho];
        inputs.resize(elements + 1, &zero);
        let mut stream = vec![each(ZERO); elements + 1];
        self.permute(&inputs, &mut stream);
        let (salt, stream) = stream.split_first().expect("the salt");

        // The balances, quote and shorts. A vector of secrets must not grow: it would leave them behind.
        let mut items = vec![each(ZERO); n + 2];
        for (element, key) in stream.iter().enumerate() {
            let cipher = self.lanes(SEALED_HEAD + element);
            let balances = element * BALANCES_AN_ELEMENT..n.min((element + 1) * BALANCES_AN_ELEMENT);
            let quote = (element + 1 == elements).then_some((n, QUOTE_DIGIT));
            let digits = balances.map(|slot| (slot, BALANCE_DIGIT)).chain(quote);
            for lane in 0..S::LANES {
                let mut packed = Zeroizing::new(subtract(reduced(cipher[lane]), key[lane]));
                for (item, bits) in digits.clone() {
                    let digit = take_digit(&mut packed, bits);
                    if digit == ZERO {
                        set(faults, lane, Fault::NoState);
                    }
                    items[item][lane] = offset(digit, bits);
                }
                if *packed != ZERO {
                    set(faults, lane, Fault::NoState);
                }
            }
        }
        let blind = self.hash(&[&each(TAG_BLIND), &identity, salt]);
        for (lane, record) in records.chunks_mut(n * BALANCE + OPENED_TAIL * WORD).enumerate() {
            let (balances, tail) = record.split_at_mut(n * BALANCE);
            for (bytes, balance) in balances.chunks_exact_mut(BALANCE).zip(&items) {
                bytes.copy_from_slice(&word(&balance[lane])[..BALANCE]);
            }
            write(tail, &[items[n][lane], salt[lane], blind[lane]]);
        }
        let (values, shorts) = items.split_at_mut(n + 1);
        for (slot, lanes) in values.iter_mut().enumerate() {
            for (value, bitmap) in lanes.iter_mut().zip(shorts[0].iter_mut()).filter(|(value, _)| is_negative(value)) {
                value.add_with_carry(&Fr::MODULUS);
                if slot < n {
                    bitmap.0[0] |= 1 << slot;
                }
            }
        }
        let items: Vec<&Lanes> = items.iter().chain([&blind]).collect();
        let (first, rest) = items.split_at(MAX_WIDTH - 1);
        let chained =
            rest.chunks(MAX_WIDTH - 2).fold(self.hash(first), |hash, block| self.hash(&[&[&hash], block].concat()));
        for lane in (0..S::LANES).filter(|lane| chained[*lane] != commitment[*lane]) {
            set(faults, lane, Fault::OtherCommitment);
        }
    }

    /// The first elements of the permutation of zero and the inputs.
    fn permute(&self, inputs: &[&Lanes], outputs: &mut [Lanes]) {
        let width = inputs.len() + 1;
        let zero = self.scalars.load(&[ZERO; MAX_LANES][..S::LANES]);
        let mut state = Zeroizing::new([zero; MAX_WIDTH]);
        for (element, input) in state[1..].iter_mut().zip(inputs) {
            *element = self.scalars.load(&input[..S::LANES]);
        }
        Permutation::of_width(width).apply(self.scalars, &mut state[..width]);
        for (output, element) in outputs.iter_mut().zip(&*state) {
            self.scalars.store(*element, &mut output[..S::LANES]);
        }
    }

    fn hash(&self, inputs: &[&Lanes]) -> Lanes {
        let mut output = [each(ZERO)];
        self.permute(inputs, &mut output);
        let [hash] = output;
        hash
    }
}

fn each(value: Integer) -> Lanes {
    Zeroizing::new([value; MAX_LANES])
}

/// Keeps the first fault of an account. Lanes without an account have none.
fn set(faults: &mut [u8], lane: usize, fault: Fault) {
    if let Some(known) = faults.get_mut(lane).filter(|known| **known == 0) {
        *known = fault as u8;
    }
}

fn integer(word: &Word) -> Integer {
    let (limbs, _) = word.as_chunks::<8>();
    BigInt(array::from_fn(|limb| u64::from_le_bytes(limbs[limb])))
}

fn word(value: &Integer) -> Zeroizing<Word> {
    let mut word = Zeroizing::new([0; WORD]);
    word.as_chunks_mut::<8>().0.iter_mut().zip(value.0).for_each(|(bytes, limb)| *bytes = limb.to_le_bytes());
    word
}

fn write(record: &mut [u8], values: &[Integer]) {
    record.chunks_exact_mut(WORD).zip(values).for_each(|(bytes, value)| bytes.copy_from_slice(&*word(value)));
}

/// Modulo r.
fn reduced(mut value: Integer) -> Integer {
    while value >= Fr::MODULUS {
        value.sub_with_borrow(&Fr::MODULUS);
    }
    value
}

/// a - b modulo r, of values below r.
fn subtract(mut a: Integer, b: Integer) -> Integer {
    if a.sub_with_borrow(&b) {
        a.add_with_carry(&Fr::MODULUS);
    }
    a
}

/// Takes the lowest bits off a number.
fn take_digit(value: &mut Integer, bits: u32) -> Integer {
    let mut rest = *value;
    rest >>= bits;
    let mut digit = rest;
    digit <<= bits;
    let mut low = *value;
    low.sub_with_borrow(&digit);
    *value = rest;
    low
}

/// What a digit of so many bits is an offset of, in two's complement.
fn offset(mut digit: Integer, bits: u32) -> Integer {
    let mut half = BigInt::from(1u64);
    half <<= bits - 1;
    digit.sub_with_borrow(&half);
    digit
}

fn is_negative(value: &Integer) -> bool {
    value.0[3] >> 63 == 1
}
