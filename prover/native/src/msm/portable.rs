//! The kernel for any processor.

use std::marker::PhantomData;

use ark_bn254::FqConfig;
use ark_ec::{
    AffineRepr, CurveGroup,
    short_weierstrass::{Affine, Projective, SWCurveConfig},
};

use crate::{
    field::{Limbs, mul, one},
    inverse::inverse,
};

use super::{
    coordinate::{Arithmetic, Coordinate},
    kernel::{ARENA, Kernel, NEGATIVE, Pair, StoredPoint},
};

/// Pairs whose points are loaded together: they are spread over a large table, and their cache misses overlap.
const TOGETHER: usize = 16;

/// Portable arithmetic for one group.
pub struct PortableKernel<C>(PhantomData<C>);

impl<C> Clone for PortableKernel<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for PortableKernel<C> {}

impl<C> Default for PortableKernel<C> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<C> Kernel for PortableKernel<C>
where
    C: SWCurveConfig,
    C::BaseField: Coordinate,
{
    type Point = <C::BaseField as Coordinate>::Point;
    type Curve = Projective<C>;
    type Scratch = Scratch<<C::BaseField as Coordinate>::Arithmetic>;
    const BATCH: usize = 2048;

    fn pack(&self, point: &Affine<C>) -> Self::Point {
        if point.is_zero() { Self::Point::default() } else { Coordinate::store(point.x, point.y) }
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
            let start = arena.len();
            arena.resize(start + batch.len(), Self::Point::default());
            let (sources, sums) = arena.split_at_mut(start);
            let points = Points { table, arena: sources };
            scratch.denominators(points, batch);
            scratch.sums(points, batch, sums);
            for &index in &scratch.special {
                let [left, right] = batch[index as usize].map(|reference| {
                    let point = self.unpack(points.get(reference));
                    if reference & NEGATIVE == 0 { point } else { -point }
                });
                sums[index as usize] = self.pack(&(left + right).into_affine());
            }
        }
    }
}

/// Where references lead.
struct Points<'p, P> {
    table: &'p [P],
    arena: &'p [P],
}

impl<P> Clone for Points<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Points<'_, P> {}

impl<'p, P: StoredPoint> Points<'p, P> {
    #[inline(always)]
    fn get(self, reference: u32) -> &'p P {
        let index = (reference & !(NEGATIVE | ARENA)) as usize;
        if reference & ARENA == 0 { &self.table[index] } else { &self.arena[index] }
    }

    /// The coordinates, y with the sign of the reference.
    #[inline(always)]
    fn signed<A: Arithmetic<Point = P>>(self, reference: u32) -> (A, A) {
        let (x, y) = A::load(self.get(reference));
        (x, if reference & NEGATIVE == 0 { y } else { y.negate() })
    }
}

/// One batch: each slope's denominator, and the product of the norms of those before it.
pub struct Scratch<A> {
    slopes: Vec<(A, Limbs)>,
    product: Limbs,
    /// Pairs with equal x or a point at infinity, added one by one.
    special: Vec<u32>,
}

impl<A> Default for Scratch<A> {
    fn default() -> Self {
        Self { slopes: Vec::new(), product: [0; 4], special: Vec::new() }
    }
}

impl<A: Arithmetic> Scratch<A> {
    fn denominators(&mut self, points: Points<'_, A::Point>, batch: &[Pair]) {
        self.slopes.clear();
        self.special.clear();
        self.product = one::<FqConfig>();
        for pairs in batch.chunks(TOGETHER) {
            std::hint::black_box(pairs.as_flattened().iter().fold(0, |all, &at| all | points.get(at).limbs()[0]));
            for &[left, right] in pairs {
                let (left, right) = (points.get(left), points.get(right));
                let ((x, _), (u, _)) = (A::load(left), A::load(right));
                let (mut denominator, mut norm) = (A::ONE, one::<FqConfig>());
                if x == u || left.is_infinity() || right.is_infinity() {
                    self.special.push(self.slopes.len() as u32);
                } else {
                    denominator = u.sub(x);
                    norm = denominator.norm();
                }
                self.slopes.push((denominator, self.product));
                self.product = mul::<FqConfig>(self.product, norm);
            }
        }
    }

    /// The sums, of which those of special pairs are wrong.
    fn sums(&self, points: Points<'_, A::Point>, batch: &[Pair], sums: &mut [A::Point]) {
        let mut inverses = inverse::<FqConfig>(self.product);
        for ((&[left, right], (denominator, before)), sum) in batch.iter().zip(&self.slopes).zip(sums).rev() {
            let ((x, y), (u, v)): ((A, A), (A, A)) = (points.signed(left), points.signed(right));
            let inverse = denominator.invert(mul::<FqConfig>(inverses, *before));
            inverses = mul::<FqConfig>(inverses, denominator.norm());
            let slope = v.sub(y).mul(inverse);
            let third = slope.square().sub(x).sub(u).canonical();
            let height = slope.mul(x.sub(third)).sub(y).canonical();
            *sum = A::store(third, height);
        }
    }
}
