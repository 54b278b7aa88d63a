//! Eight elements of the scalar field side by side, below 2 r.

use ark_bn254::Fr;
use ark_ff::BigInt;

use crate::{
    poseidon::{Hasher, Known},
    scalars::{Scalars, Task},
};

use super::{
    field::{
        LIMBS, Scalar, V, accumulate, add, constant, from_plain, gather, limbs_of, mul, reduce, scatter, sub, to_plain,
        trim, wide_zero,
    },
    ifma::Ifma,
};

impl Scalars for Ifma {
    const LANES: usize = 8;
    type Element = V;
    type Constant = [u64; LIMBS];

    fn constant(value: Fr) -> [u64; LIMBS] {
        // From Montgomery factor 2^256 to 2^260.
        limbs_of((value * Fr::from(16u64)).0)
    }

    fn load(self, values: &[BigInt<4>]) -> V {
        let values = values.try_into().expect("a value for each lane");
        // SAFETY: the token proves the features, here and below.
        unsafe { from_plain::<Scalar>(gather(values)) }
    }

    fn store(self, element: V, values: &mut [BigInt<4>]) {
        values.copy_from_slice(&unsafe { scatter(to_plain::<Scalar>(element)) });
    }

    #[inline(always)]
    fn splat(self, limbs: &[u64; LIMBS]) -> V {
        unsafe { constant(*limbs) }
    }

    #[inline(always)]
    fn add(self, a: V, b: V) -> V {
        unsafe { trim::<Scalar>(add(a, b), 1) }
    }

    #[inline(always)]
    fn sub(self, a: V, b: V) -> V {
        unsafe { trim::<Scalar>(sub::<Scalar>(a, b, 1), 1) }
    }

    #[inline(always)]
    fn mul(self, a: V, b: V) -> V {
        unsafe { mul::<Scalar>(a, b) }
    }

    #[inline(always)]
    fn add_multiple(self, sum: V, factor: &[u64; LIMBS], a: V) -> V {
        self.add(sum, self.mul(a, self.splat(factor)))
    }

    #[inline(always)]
    fn dot(self, factors: &[[u64; LIMBS]], elements: &[V]) -> V {
        // 17 products below 2 r * r come out below 34 r / 64 + r.
        unsafe {
            let terms = factors.iter().zip(elements);
            reduce::<Scalar>(terms.fold(wide_zero(), |wide, (factor, a)| accumulate(wide, *a, constant(*factor))))
        }
    }

    fn run<T: Task<Self>>(self, task: T) -> T::Output {
        unsafe { run(self, task) }
    }
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn run<T: Task<Ifma>>(token: Ifma, task: T) -> T::Output {
    task.run(token)
}

impl Hasher for Ifma {
    fn known() -> &'static Known<Self> {
        static KNOWN: Known<Ifma> = Known::empty();
        &KNOWN
    }
}
