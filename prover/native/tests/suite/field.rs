//! Eight-lane arithmetic against arkworks', at the edges of its ranges too.
#![cfg(target_arch = "x86_64")]

use crate::common::element;
use ark_bn254::{Fq, Fr};
use ark_ff::{BigInt, PrimeField};
use proptest::{array::uniform8, prelude::*};
use zksolvency_native::simd::{FieldOp, Ifma, apply};

fn agrees<F: PrimeField<BigInt = BigInt<4>>>(a: [F; 8], b: [F; 8]) {
    let Some(token) = Ifma::detect() else { return };
    let reference = |op: fn(F, F) -> F| std::array::from_fn(|lane| op(a[lane], b[lane]));
    assert_eq!(apply(token, FieldOp::Add, &a, &b), reference(|a, b| a + b));
    assert_eq!(apply(token, FieldOp::Sub, &a, &b), reference(|a, b| a - b));
    assert_eq!(apply(token, FieldOp::Mul, &a, &b), reference(|a, b| a * b));
}

proptest! {
    #[test]
    fn base_field_agrees(a in uniform8(element::<Fq>()), b in uniform8(element::<Fq>())) {
        agrees(a, b);
    }

    #[test]
    fn scalar_field_agrees(a in uniform8(element::<Fr>()), b in uniform8(element::<Fr>())) {
        agrees(a, b);
    }
}
