//! Elements of the scalar field side by side: what hashes and curve points of many accounts are computed with.

use ark_bn254::{Fr, FrConfig};
use ark_ff::{BigInt, PrimeField};
use zeroize::Zeroize;

use crate::field::{Limbs, accumulate, add, canonical, mul, reduce_double, reduce_wide, sub_double};

/// No arithmetic has more lanes.
pub const MAX_LANES: usize = 8;

/// The most products that [`Scalars::dot`] adds.
pub const MAX_TERMS: usize = 17;

/// Arithmetic on groups of elements, one a lane.
pub trait Scalars: Copy + Send + Sync + 'static {
    const LANES: usize;
    /// An element in each lane, in Montgomery form. Not canonical.
    type Element: Copy + Zeroize;
    /// The same element for all lanes, canonical.
    type Constant: Copy + Send + Sync;

    fn constant(value: Fr) -> Self::Constant;

    /// Values below r, one a lane.
    fn load(self, values: &[BigInt<4>]) -> Self::Element;

    /// The value below r of each lane.
    fn store(self, element: Self::Element, values: &mut [BigInt<4>]);

    fn splat(self, constant: &Self::Constant) -> Self::Element;

    fn add(self, a: Self::Element, b: Self::Element) -> Self::Element;

    fn sub(self, a: Self::Element, b: Self::Element) -> Self::Element;

    fn mul(self, a: Self::Element, b: Self::Element) -> Self::Element;

    fn square(self, a: Self::Element) -> Self::Element {
        self.mul(a, a)
    }

    /// sum + factor * a.
    fn add_multiple(self, sum: Self::Element, factor: &Self::Constant, a: Self::Element) -> Self::Element;

    /// The sum of the factors times the elements, of which there are [`MAX_TERMS`] at most.
    fn dot(self, factors: &[Self::Constant], elements: &[Self::Element]) -> Self::Element;

    /// Runs a task with the processor features that this arithmetic needs.
    fn run<T: Task<Self>>(self, task: T) -> T::Output;
}

/// Work that is compiled into [`Scalars::run`] of each arithmetic: `run` must be `#[inline(always)]`.
pub trait Task<S: Scalars> {
    type Output;

    fn run(self, scalars: S) -> Self::Output;
}

/// One element at a time, below 2 r.
#[derive(Clone, Copy)]
pub struct PortableScalars;

impl Scalars for PortableScalars {
    const LANES: usize = 1;
    type Element = Limbs;
    type Constant = Limbs;

    fn constant(value: Fr) -> Limbs {
        value.0.0
    }

    fn load(self, values: &[BigInt<4>]) -> Limbs {
        Fr::from_bigint(values[0]).expect("below r").0.0
    }

    fn store(self, element: Limbs, values: &mut [BigInt<4>]) {
        values[0] = Fr::new_unchecked(BigInt(canonical::<FrConfig>(element))).into_bigint();
    }

    #[inline(always)]
    fn splat(self, constant: &Limbs) -> Limbs {
        *constant
    }

    #[inline(always)]
    fn add(self, a: Limbs, b: Limbs) -> Limbs {
        reduce_double::<FrConfig>(add(a, b))
    }

    #[inline(always)]
    fn sub(self, a: Limbs, b: Limbs) -> Limbs {
        reduce_double::<FrConfig>(sub_double::<FrConfig>(a, b))
    }

    #[inline(always)]
    fn mul(self, a: Limbs, b: Limbs) -> Limbs {
        mul::<FrConfig>(a, b)
    }

    #[inline(always)]
    fn add_multiple(self, sum: Limbs, factor: &Limbs, a: Limbs) -> Limbs {
        self.add(sum, mul::<FrConfig>(a, *factor))
    }

    #[inline(always)]
    fn dot(self, factors: &[Limbs], elements: &[Limbs]) -> Limbs {
        debug_assert!(factors.len() <= MAX_TERMS);
        let wide = factors.iter().zip(elements).fold([0; 9], |wide, (factor, a)| accumulate(wide, a, factor));
        reduce_wide::<FrConfig>(wide)
    }

    fn run<T: Task<Self>>(self, task: T) -> T::Output {
        task.run(self)
    }
}
