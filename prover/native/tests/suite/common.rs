//! A circuit of any size with its witness, and the references of the tests.
#![allow(dead_code)]

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use proptest::prelude::*;
use zksolvency_native::format::{R1cs, Witness};

/// A chain of constraints over `wires` values that start from `seeds`: some products, some bits.
///
/// Wires 1 and 2 are public. Wire k + 3 is (2 w[k] + w[k + 1]) (w[k + 2] - 1), or a bit.
pub fn chain(constraints: usize, seeds: [Fr; 3]) -> (R1cs, Vec<Fr>) {
    let mut values = vec![Fr::ONE, seeds[0], seeds[1], seeds[2]];
    let mut rows = Vec::new();
    for k in 0..constraints {
        let next = values.len() as u32;
        if k % 3 == 1 {
            let bit = Fr::from((k / 3 % 2) as u64);
            rows.push([vec![(next, Fr::ONE)], vec![(next, Fr::ONE), (0, -Fr::ONE)], vec![]]);
            values.push(bit);
        } else {
            let n = values.len();
            let left = values[n - 3].double() + values[n - 2];
            let right = values[n - 1] - Fr::ONE;
            let first = vec![(next - 3, Fr::from(2u64)), (next - 2, Fr::ONE)];
            rows.push([first, vec![(next - 1, Fr::ONE), (0, -Fr::ONE)], vec![(next, Fr::ONE)]]);
            values.push(left * right);
        }
    }
    (R1cs { wires: values.len(), public: 2, constraints: rows }, values)
}

/// How many random cases a property is tried on: twenty times as many in the deep tier.
pub fn cases(usual: u32) -> ProptestConfig {
    let deep = std::env::var_os("DEEP").is_some();
    ProptestConfig::with_cases(if deep { 20 * usual } else { usual })
}

pub fn bytes(values: &[Fr]) -> Vec<u8> {
    values.iter().flat_map(|value| value.into_bigint().0.into_iter().flat_map(u64::to_le_bytes)).collect()
}

pub fn witness(values: &[Fr]) -> Witness {
    Witness::from_values(&bytes(values)).expect("well formed")
}

pub fn big(values: &[Fr]) -> Vec<BigInt<4>> {
    values.iter().map(|value| value.into_bigint()).collect()
}

/// Any element, often one at an edge.
pub fn element<F: PrimeField>() -> impl Strategy<Value = F> {
    prop_oneof![
        3 => any::<[u8; 32]>().prop_map(|bytes| F::from_le_bytes_mod_order(&bytes)),
        1 => Just(F::ZERO),
        1 => Just(F::ONE),
        1 => Just(-F::ONE),
        1 => any::<u64>().prop_map(F::from),
        1 => any::<u64>().prop_map(|small| -F::from(small)),
        1 => (0u64..254).prop_map(|bit| F::from(2u64).pow([bit])),
        1 => (0u64..254).prop_map(|bit| F::from(2u64).pow([bit]) - F::ONE),
    ]
}
