//! Poseidon against circomlibjs, on the vectors that Python and the circuits are held to, and what it refuses.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use zksolvency_native::poseidon::{MAX_WIDTH, MIN_WIDTH, permute};

const VECTORS: &str = include_str!("../../../../tests/vectors/poseidon.json");

fn bytes(values: &[Fr]) -> Vec<u8> {
    values.iter().flat_map(|value| value.into_bigint().to_bytes_le()).collect()
}

/// States and what they are permuted to: the strings of the file are its keys and decimal numbers.
fn vectors() -> Vec<(Vec<Fr>, Vec<Fr>)> {
    let mut read: Vec<[Vec<Fr>; 3]> = Vec::new();
    let mut field = 0;
    for text in VECTORS.split('"').skip(1).step_by(2) {
        match text {
            "inputs" => {
                read.push(Default::default());
                field = 0;
            }
            "initial_state" => field = 1,
            "outputs" => field = 2,
            number => read.last_mut().unwrap()[field].push(number.parse().unwrap()),
        }
    }
    read.into_iter().map(|[inputs, initial, outputs]| ([initial, inputs].concat(), outputs)).collect()
}

#[test]
fn permutations_are_circomlibs() {
    let vectors = vectors();
    for (state, expected) in &vectors {
        assert_eq!(permute(&bytes(state), state.len()).unwrap(), bytes(expected), "width {}", state.len());
    }
    assert!((MIN_WIDTH..=MAX_WIDTH).all(|width| vectors.iter().any(|(state, _)| state.len() == width)));
}

#[test]
fn states_are_permuted_one_by_one() {
    let states: Vec<Vec<u8>> = (0..5u64).map(|k| bytes(&[Fr::from(k), Fr::from(k * k), -Fr::from(k)])).collect();
    let each: Vec<u8> = states.iter().flat_map(|state| permute(state, 3).unwrap()).collect();
    assert_eq!(permute(&states.concat(), 3).unwrap(), each);
    assert_eq!(permute(&[], 3).unwrap(), []);
}

#[test]
fn malformed_states_are_refused() {
    let error = |states: &[u8], width| permute(states, width).expect_err("refused").to_string();
    for width in [0, MIN_WIDTH - 1, MAX_WIDTH + 1, usize::MAX] {
        assert!(error(&[], width).contains("2 to 17 elements"));
    }
    assert!(error(&[0; 95], 3).contains("whole number of states"));
    assert!(error(&[0; 128], 3).contains("whole number of states"));
    let mut state = bytes(&[-Fr::from(1u64); 3]);
    assert!(permute(&state, 3).is_ok());
    state[64] += 1; // r - 1 is even, so this is r
    assert!(error(&state, 3).contains("not below r"));
}
