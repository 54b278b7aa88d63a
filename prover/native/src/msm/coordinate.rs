//! Coordinates of points: how they are stored, and the arithmetic of the portable kernel on them.

use ark_bn254::{Fq, Fq2, FqConfig};
use ark_ff::{BigInt, Field};

use crate::field::{Limbs, add, canonical, dot, mul, negate, negate_double, one, reduce_double, sub, sub_double};

use super::kernel::{PackedPoint, StoredPoint};

/// A field of point coordinates, and how a point of two of them is stored.
pub trait Coordinate: Field {
    type Point: StoredPoint;
    type Arithmetic: Arithmetic<Point = Self::Point>;

    fn load(point: &Self::Point) -> (Self, Self);

    fn store(x: Self, y: Self) -> Self::Point;
}

/// The same in limbs, below 2 p, not always canonical. A base field element here is one number, an element of the
/// extension two.
pub trait Arithmetic: Copy + Send + PartialEq {
    type Point: StoredPoint;
    const ONE: Self;

    fn load(point: &Self::Point) -> (Self, Self);

    /// Takes canonical coordinates.
    fn store(x: Self, y: Self) -> Self::Point;

    /// -a, for a canonical and not zero.
    fn negate(self) -> Self;

    /// a - b + p for b canonical: canonical values give less than 2 p, a sum of three at most 4 p.
    fn sub(self, other: Self) -> Self;

    fn mul(self, other: Self) -> Self;

    fn square(self) -> Self;

    fn canonical(self) -> Self;

    /// The norm in the base field.
    fn norm(self) -> Limbs;

    /// The inverse, from that of the norm.
    fn invert(self, inverse_norm: Limbs) -> Self;
}

impl Coordinate for Fq {
    type Point = PackedPoint<8>;
    type Arithmetic = Limbs;

    fn load(point: &PackedPoint<8>) -> (Self, Self) {
        let (x, y) = <Limbs as Arithmetic>::load(point);
        (Fq::new_unchecked(BigInt(x)), Fq::new_unchecked(BigInt(y)))
    }

    fn store(x: Self, y: Self) -> PackedPoint<8> {
        Arithmetic::store(x.0.0, y.0.0)
    }
}

impl Coordinate for Fq2 {
    type Point = PackedPoint<16>;
    type Arithmetic = [Limbs; 2];

    fn load(point: &PackedPoint<16>) -> (Self, Self) {
        let (x, y) = <[Limbs; 2] as Arithmetic>::load(point);
        let field = |value: [Limbs; 2]| {
            let [c0, c1] = value.map(|half| Fq::new_unchecked(BigInt(half)));
            Fq2::new(c0, c1)
        };
        (field(x), field(y))
    }

    fn store(x: Self, y: Self) -> PackedPoint<16> {
        Arithmetic::store([x.c0.0.0, x.c1.0.0], [y.c0.0.0, y.c1.0.0])
    }
}

#[inline(always)]
fn limbs(from: &[u64], start: usize) -> Limbs {
    from[start..start + 4].try_into().expect("four limbs")
}

impl Arithmetic for Limbs {
    type Point = PackedPoint<8>;
    const ONE: Self = one::<FqConfig>();

    #[inline(always)]
    fn load(point: &PackedPoint<8>) -> (Self, Self) {
        (limbs(&point.0, 0), limbs(&point.0, 4))
    }

    #[inline(always)]
    fn store([a, b, c, d]: Self, [e, f, g, h]: Self) -> PackedPoint<8> {
        PackedPoint([a, b, c, d, e, f, g, h])
    }

    #[inline(always)]
    fn negate(self) -> Self {
        negate::<FqConfig>(self)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        sub::<FqConfig>(self, other)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        mul::<FqConfig>(self, other)
    }

    #[inline(always)]
    fn square(self) -> Self {
        mul::<FqConfig>(self, self)
    }

    #[inline(always)]
    fn canonical(self) -> Self {
        canonical::<FqConfig>(self)
    }

    #[inline(always)]
    fn norm(self) -> Limbs {
        self
    }

    #[inline(always)]
    fn invert(self, inverse_norm: Limbs) -> Self {
        inverse_norm
    }
}

impl Arithmetic for [Limbs; 2] {
    type Point = PackedPoint<16>;
    const ONE: Self = [one::<FqConfig>(), [0; 4]];

    #[inline(always)]
    fn load(point: &PackedPoint<16>) -> (Self, Self) {
        let at = |start| limbs(&point.0, start);
        ([at(0), at(4)], [at(8), at(12)])
    }

    #[inline(always)]
    fn store([a, b]: Self, [c, d]: Self) -> PackedPoint<16> {
        PackedPoint([a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3], c[0], c[1], c[2], c[3], d[0], d[1], d[2], d[3]])
    }

    /// A half of zero becomes p, which the sums that follow allow.
    #[inline(always)]
    fn negate(self) -> Self {
        [negate::<FqConfig>(self[0]), negate::<FqConfig>(self[1])]
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        [sub::<FqConfig>(self[0], other[0]), sub::<FqConfig>(self[1], other[1])]
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let minus = negate_double::<FqConfig>(other[1]);
        [
            reduce_double::<FqConfig>(dot::<FqConfig>(self[0], other[0], self[1], minus)),
            reduce_double::<FqConfig>(dot::<FqConfig>(self[0], other[1], self[1], other[0])),
        ]
    }

    #[inline(always)]
    fn square(self) -> Self {
        let sum = reduce_double::<FqConfig>(add(self[0], self[1]));
        let difference = reduce_double::<FqConfig>(sub_double::<FqConfig>(self[0], self[1]));
        let twice = reduce_double::<FqConfig>(add(self[0], self[0]));
        [mul::<FqConfig>(sum, difference), mul::<FqConfig>(twice, self[1])]
    }

    #[inline(always)]
    fn canonical(self) -> Self {
        [canonical::<FqConfig>(self[0]), canonical::<FqConfig>(self[1])]
    }

    #[inline(always)]
    fn norm(self) -> Limbs {
        reduce_double::<FqConfig>(dot::<FqConfig>(self[0], self[0], self[1], self[1]))
    }

    #[inline(always)]
    fn invert(self, inverse_norm: Limbs) -> Self {
        let minus = negate_double::<FqConfig>(self[1]);
        [mul::<FqConfig>(self[0], inverse_norm), mul::<FqConfig>(minus, inverse_norm)]
    }
}
