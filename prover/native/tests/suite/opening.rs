//! Accounts opened in batches, against the vectors of the Python reference, and what becomes of accounts that do not open.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, PrimeField};
use zksolvency_native::{
    jubjub::BASE,
    opening::{Fault, Opener, Word, opener},
};

const VECTORS: &str = include_str!("../../../../tests/vectors/opening.json");

struct Account {
    secret: Word,
    owner: Vec<u8>,
    viewing: Vec<u8>,
}

struct State {
    n: usize,
    sealed: Vec<u8>,
    opened: Vec<u8>,
}

#[derive(Default)]
struct Vectors {
    domain: Word,
    accounts: Vec<Account>,
    states: Vec<State>,
}

impl Vectors {
    /// Accounts of one guardian, and a record of each.
    fn of(&self, secret: &Word) -> (Vec<u8>, Vec<u8>) {
        let own: Vec<&Account> = self.accounts.iter().filter(|account| account.secret == *secret).collect();
        (
            own.iter().flat_map(|account| account.owner.clone()).collect(),
            own.iter().flat_map(|account| account.viewing.clone()).collect(),
        )
    }

    fn of_size(&self, n: usize) -> Vec<&State> {
        self.states.iter().filter(|state| state.n == n).collect()
    }
}

/// A decimal number in two's complement.
fn word(text: &str) -> Word {
    let digits = text.trim_start_matches('-');
    let mut value = digits.parse::<Fr>().unwrap().into_bigint();
    if text.starts_with('-') {
        let mut zero = BigInt::from(0u64);
        zero.sub_with_borrow(&value);
        value = zero;
    }
    value.to_bytes_le().try_into().unwrap()
}

/// The strings of the file are its keys and decimal numbers.
static KNOWN: LazyLock<Vectors> = LazyLock::new(|| {
    let mut read = Vectors::default();
    let mut key = "";
    for text in VECTORS.split('"').skip(1).step_by(2) {
        match text {
            "secret" => read.accounts.push(Account { secret: [0; 32], owner: vec![], viewing: vec![] }),
            "n" => read.states.push(State { n: 0, sealed: vec![], opened: vec![] }),
            _ => {}
        }
        match (text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'), key) {
            (false, _) => key = text,
            (_, "domain") => read.domain = word(text),
            (_, "secret") => read.accounts.last_mut().unwrap().secret = word(text),
            (_, "owner") => read.accounts.last_mut().unwrap().owner.extend(word(text)),
            (_, "viewing") => read.accounts.last_mut().unwrap().viewing.extend(word(text)),
            (_, "n") => read.states.last_mut().unwrap().n = text.parse().unwrap(),
            (_, "sealed") => read.states.last_mut().unwrap().sealed.extend(word(text)),
            (_, "opened") => {
                let state = read.states.last_mut().unwrap();
                let is_balance = state.opened.len() < 16 * state.n;
                state.opened.extend(&word(text)[..if is_balance { 16 } else { 32 }]);
            }
            _ => panic!("unknown key {key}"),
        }
    }
    read
});

fn openers() -> Vec<Box<dyn Opener>> {
    [1, 2].into_iter().flat_map(|threads| [opener(threads, false), opener(threads, true)]).collect()
}

const NONE: u8 = 0;

#[test]
fn viewing_keys_are_the_references() {
    let mut secrets: Vec<Word> = KNOWN.accounts.iter().map(|account| account.secret).collect();
    secrets.dedup();
    assert_eq!(secrets.len(), 3);
    for (opener, secret) in openers().iter().flat_map(|opener| secrets.iter().map(move |secret| (opener, secret))) {
        let (owners, viewing) = KNOWN.of(secret);
        // Once, and often enough for several jobs, whose last group is not full.
        for times in [1, 15] {
            let found = opener.viewing_keys(secret, &KNOWN.domain, &owners.repeat(times)).unwrap();
            assert_eq!(found.faults, vec![NONE; owners.len() / 96 * times]);
            assert_eq!(*found.records, viewing.repeat(times));
        }
    }
}

#[test]
fn states_are_the_references() {
    for (opener, n) in openers().iter().flat_map(|opener| [13, 28, 43].map(|n| (opener, n))) {
        let states = KNOWN.of_size(n);
        assert_eq!(states.len(), 7);
        let sealed: Vec<u8> = states.iter().flat_map(|state| state.sealed.clone()).collect();
        let opened: Vec<u8> = states.iter().flat_map(|state| state.opened.clone()).collect();
        for times in [1, 20] {
            let found = opener.unseal(n, &sealed.repeat(times)).unwrap();
            assert_eq!(found.faults, vec![NONE; 7 * times]);
            assert_eq!(*found.records, opened.repeat(times));
        }
    }
}

#[test]
fn owners_without_viewing_key_have_a_fault_and_others_do_not() {
    let secret = KNOWN.accounts[0].secret;
    let (owners, viewing) = KNOWN.of(&secret);
    let modulus: Word = Fr::MODULUS.to_bytes_le().try_into().unwrap();
    let minus_one: Word = (-Fr::from(1u64)).into_bigint().to_bytes_le().try_into().unwrap();
    let [x, y]: [Word; 2] = [BASE.x, BASE.y].map(|value| value.to_bytes_le().try_into().unwrap());
    let above = |value: BigInt<4>| -> Word {
        let mut value = value;
        value.add_with_carry(&Fr::MODULUS);
        value.to_bytes_le().try_into().unwrap()
    };
    let (zero, one) = (word("0"), word("1"));
    let cases = [
        ([zero, one, one], Fault::SmallOrder),
        ([zero, minus_one, one], Fault::SmallOrder),
        ([zero, zero, one], Fault::NotOnCurve),
        ([one, one, one], Fault::NotOnCurve),
        ([x, x, one], Fault::NotOnCurve),
        ([[0xff; 32], [0xff; 32], one], Fault::NotOnCurve),
        ([above(BASE.x), y, one], Fault::NotOnCurve),
        ([x, above(BASE.y), one], Fault::NotOnCurve),
        ([zero, above(BigInt::from(1u64)), one], Fault::NotOnCurve),
        ([x, y, modulus], Fault::OutsideField),
        ([one, one, modulus], Fault::NotOnCurve),
    ];
    for opener in openers() {
        for (owner, fault) in &cases {
            let given = [&owners[..96], owner.as_flattened(), &owners[96..192]].concat();
            let found = opener.viewing_keys(&secret, &KNOWN.domain, &given).unwrap();
            assert_eq!(found.faults, [NONE, *fault as u8, NONE], "{fault:?}");
            assert_eq!(*found.records, [&viewing[..64], &[0; 64], &viewing[64..128]].concat());
        }
    }
}

/// Points of order 4 and 8 too: 8 times them is the neutral element.
#[test]
fn points_of_every_small_order_are_refused() {
    let secret = KNOWN.accounts[0].secret;
    // (1 / sqrt(a), 0) has order 4.
    let root = ark_ff::Field::sqrt(&(Fr::from(1u64) / Fr::from(168_700u64))).expect("a is a square");
    let x: Word = root.into_bigint().to_bytes_le().try_into().unwrap();
    let owner = [x, word("0"), word("1")];
    for opener in openers() {
        let found = opener.viewing_keys(&secret, &KNOWN.domain, owner.as_flattened()).unwrap();
        assert_eq!(found.faults, [Fault::SmallOrder as u8]);
    }
}

#[test]
fn states_that_do_not_open_have_a_fault_and_others_do_not() {
    for (opener, n) in openers().iter().flat_map(|opener| [13, 28, 43].map(|n| (opener, n))) {
        let states = KNOWN.of_size(n);
        let words = states[0].sealed.len() / 32;
        let changed_of = |state: usize, word: usize, change: &dyn Fn(BigInt<4>) -> BigInt<4>| {
            let mut sealed = states[state].sealed.clone();
            let place = 32 * word..32 * (word + 1);
            let limbs = sealed[place.clone()].as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
            let value = change(BigInt(limbs.collect::<Vec<_>>().try_into().unwrap()));
            sealed[place].copy_from_slice(&value.to_bytes_le());
            sealed
        };
        let changed = |word: usize, change: &dyn Fn(BigInt<4>) -> BigInt<4>| changed_of(1, word, change);
        let next = |value: BigInt<4>| (Fr::from_bigint(value).unwrap() + Fr::from(1u64)).into_bigint();
        let less = |value: BigInt<4>| (Fr::from_bigint(value).unwrap() - Fr::from(1u64)).into_bigint();
        let far =
            |value: BigInt<4>| (Fr::from_bigint(value).unwrap() - Fr::from(BigInt([0, 0, 0, 1 << 51]))).into_bigint();
        let more = |value: BigInt<4>| {
            let mut value = value;
            value.add_with_carry(&Fr::MODULUS);
            value
        };
        let quote_less =
            |value: BigInt<4>| (Fr::from_bigint(value).unwrap() - Fr::from(BigInt([0, 1 << 17, 0, 0]))).into_bigint();
        // State 1 has every balance and quote at its greatest: one unit more is out of range, one less is another state.
        // State 2 has them at their least.
        let cases = [
            (changed(0, &next), Fault::NoState),
            (changed(3, &next), Fault::NoState),
            (changed(1, &next), Fault::OtherCommitment),
            (changed(2, &next), Fault::OtherCommitment),
            (changed(2, &more), Fault::OtherCommitment),
            (changed(4, &next), Fault::NoState),
            (changed(4, &less), Fault::OtherCommitment),
            (changed(4, &far), Fault::NoState),
            (changed(words - 1, &less), Fault::OtherCommitment),
            (changed(words - 1, &far), Fault::NoState),
            (changed_of(2, 4, &less), Fault::NoState),
            (changed_of(2, 4, &next), Fault::OtherCommitment),
            (changed_of(2, words - 1, &less), Fault::NoState),
            (changed_of(2, words - 1, &quote_less), Fault::NoState),
            (changed(0, &more), Fault::OutsideField),
            (changed(1, &more), Fault::OutsideField),
            (changed(3, &more), Fault::OutsideField),
            ([&states[1].sealed[..96], &states[2].sealed[96..]].concat(), Fault::OtherCommitment),
        ];
        for (number, (sealed, fault)) in cases.iter().enumerate() {
            let given = [&states[0].sealed, sealed, &states[2].sealed].map(Vec::as_slice).concat();
            let found = opener.unseal(n, &given).unwrap();
            assert_eq!(found.faults, [NONE, *fault as u8, NONE], "n = {n}, case {number}");
            let nothing = vec![0; states[0].opened.len()];
            assert_eq!(*found.records, [&states[0].opened, &nothing, &states[2].opened].map(Vec::as_slice).concat());
        }
        // A ciphertext counts modulo r, as in the reference.
        let found = opener.unseal(n, &changed(4, &more)).unwrap();
        assert_eq!((found.faults, &*found.records), (vec![NONE], &states[1].opened));
    }
}

#[test]
fn what_is_not_whole_is_refused_without_a_secret() {
    let account = &KNOWN.accounts[0];
    let order = word("2736030358979909402780800718157159386076813972158567259200215660948447373041");
    for opener in openers() {
        let refused = |secret: &Word, domain: &Word, owners: &[u8]| {
            opener.viewing_keys(secret, domain, owners).err().expect("refused").to_string()
        };
        for secret in [word("0"), order, [0xff; 32]] {
            assert_eq!(refused(&secret, &KNOWN.domain, &account.owner), "guardian secret: outside 1 to l - 1");
        }
        assert!(refused(&account.secret, &[0xff; 32], &account.owner).contains("domain"));
        assert!(refused(&account.secret, &KNOWN.domain, &account.owner[..95]).contains("whole number"));
        assert!(refused(&account.secret, &KNOWN.domain, &account.owner[..64]).contains("whole number"));
        let state = &KNOWN.states[0];
        let refused = |n: usize, sealed: &[u8]| opener.unseal(n, sealed).err().expect("refused").to_string();
        for n in [0, 12, 14, 58, usize::MAX] {
            assert!(refused(n, &state.sealed).contains("13, 28 or 43"));
        }
        assert!(refused(28, &state.sealed).contains("whole number"));
        assert!(refused(13, &state.sealed[1..]).contains("whole number"));
        assert!(opener.viewing_keys(&account.secret, &KNOWN.domain, &[]).unwrap().faults.is_empty());
        assert!(opener.unseal(13, &[]).unwrap().records.is_empty());
    }
}
