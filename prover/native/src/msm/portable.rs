//! The kernel for any processor, on arkworks' field arithmetic.

use std::marker::PhantomData;

use ark_bn254::{Fq, Fq2};
use ark_ec::short_weierstrass::{Affine, Projective, SWCurveConfig};
use ark_ff::{BigInt, Field};

use super::kernel::{ARENA, Kernel, NEGATIVE, Packed, Pair, Stored};

/// A field of point coordinates, and how a point of two of them is stored.
pub trait Coordinate: Field {
    type Point: Stored;

    fn load(point: &Self::Point) -> (Self, Self);

    fn store(x: Self, y: Self) -> Self::Point;
}

impl Coordinate for Fq {
    type Point = Packed<8>;

    fn load(point: &Packed<8>) -> (Self, Self) {
        (limbs(&point.0, 0), limbs(&point.0, 4))
    }

    fn store(x: Self, y: Self) -> Packed<8> {
        let mut point = Packed::default();
        point.0[..4].copy_from_slice(&x.0.0);
        point.0[4..].copy_from_slice(&y.0.0);
        point
    }
}

impl Coordinate for Fq2 {
    type Point = Packed<16>;

    fn load(point: &Packed<16>) -> (Self, Self) {
        let at = |start| limbs(&point.0, start);
        (Fq2::new(at(0), at(4)), Fq2::new(at(8), at(12)))
    }

    fn store(x: Self, y: Self) -> Packed<16> {
        let mut point = Packed::default();
        for (chunk, value) in point.0.chunks_exact_mut(4).zip([x.c0, x.c1, y.c0, y.c1]) {
            chunk.copy_from_slice(&value.0.0);
        }
        point
    }
}

fn limbs(from: &[u64], start: usize) -> Fq {
    let limbs = from[start..start + 4].try_into().expect("four limbs");
    Fq::new_unchecked(BigInt(limbs))
}

/// Portable arithmetic for one group.
pub struct Portable<C>(PhantomData<C>);

impl<C> Clone for Portable<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Portable<C> {}

impl<C> Default for Portable<C> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<C> Kernel for Portable<C>
where
    C: SWCurveConfig,
    C::BaseField: Coordinate,
{
    type Point = <C::BaseField as Coordinate>::Point;
    type Curve = Projective<C>;
    type Scratch = Scratch<C::BaseField>;
    const BATCH: usize = 1024;

    fn pack(&self, point: &Affine<C>) -> Self::Point {
        if point.infinity { Self::Point::default() } else { Coordinate::store(point.x, point.y) }
    }

    fn unpack(&self, point: &Self::Point) -> Affine<C> {
        if point.is_infinity() {
            return Affine::identity();
        }
        let (x, y) = C::BaseField::load(point);
        Affine::new_unchecked(x, y)
    }

    fn add_pairs(
        &self,
        table: &[Self::Point],
        arena: &mut Vec<Self::Point>,
        pairs: &[Pair],
        scratch: &mut Self::Scratch,
    ) {
        for batch in pairs.chunks(Self::BATCH) {
            // The points lie all over a large table: fetching them in a loop of its own overlaps the misses.
            scratch.points.clear();
            scratch
                .points
                .extend(batch.iter().map(|pair| [fetch(table, arena, pair[0]), fetch(table, arena, pair[1])]));
            scratch.slopes.clear();
            let mut product = C::BaseField::ONE;
            for (points, &[left, right]) in scratch.points.iter().zip(batch) {
                let denominator = denominator(signed(&points[0], left), signed(&points[1], right));
                scratch.slopes.push((denominator, product));
                product *= denominator;
            }
            let mut inverse = product.inverse().expect("no denominator is zero");
            let start = arena.len();
            arena.resize(start + batch.len(), Self::Point::default());
            for (index, &[left, right]) in batch.iter().enumerate().rev() {
                let (denominator, before) = scratch.slopes[index];
                let points = &scratch.points[index];
                arena[start + index] = add(signed(&points[0], left), signed(&points[1], right), inverse * before);
                inverse *= denominator;
            }
        }
    }
}

/// One batch: its points, the denominators of its slopes and the product of those before each.
pub struct Scratch<F: Coordinate> {
    points: Vec<[F::Point; 2]>,
    slopes: Vec<(F, F)>,
}

impl<F: Coordinate> Default for Scratch<F> {
    fn default() -> Self {
        Self { points: Vec::new(), slopes: Vec::new() }
    }
}

type Point<F> = Option<(F, F)>;

fn fetch<P: Copy>(table: &[P], arena: &[P], reference: u32) -> P {
    let index = (reference & !(NEGATIVE | ARENA)) as usize;
    if reference & ARENA == 0 { table[index] } else { arena[index] }
}

/// The point with the sign of its reference, `None` for infinity.
fn signed<F: Coordinate>(point: &F::Point, reference: u32) -> Point<F> {
    if point.is_infinity() {
        return None;
    }
    let (x, y) = F::load(point);
    Some(if reference & NEGATIVE == 0 { (x, y) } else { (x, -y) })
}

/// What the slope of the sum divides by; one where the sum needs no slope.
fn denominator<F: Field>(left: Point<F>, right: Point<F>) -> F {
    match (left, right) {
        (Some((x, y)), Some((u, v))) if x == u => {
            if y == v {
                y.double()
            } else {
                F::ONE
            }
        }
        (Some((x, _)), Some((u, _))) => u - x,
        _ => F::ONE,
    }
}

fn add<F: Coordinate>(left: Point<F>, right: Point<F>, inverse: F) -> F::Point {
    let (x, y, u, slope) = match (left, right) {
        (Some((x, y)), Some((u, v))) if x == u => {
            if y != v {
                return F::Point::default();
            }
            let square = x.square();
            (x, y, u, (square.double() + square) * inverse)
        }
        (Some((x, y)), Some((u, v))) => (x, y, u, (v - y) * inverse),
        (Some((x, y)), None) | (None, Some((x, y))) => return F::store(x, y),
        (None, None) => return F::Point::default(),
    };
    let sum = slope.square() - x - u;
    F::store(sum, slope * (x - sum) - y)
}
