//! Baby Jubjub, the twisted Edwards curve a x^2 + y^2 = 1 + d x^2 y^2 over the scalar field: one secret times points.
//!
//! Sources: Barry WhiteHat, Bellés, Baylina, "Baby Jubjub Elliptic Curve", ERC-2494 (the curve); Hisil, Wong, Carter,
//! Dawson, "Twisted Edwards Curves Revisited", ASIACRYPT 2008 (extended coordinates, for a = -1).
//!
//! With x = X / sqrt(-a) the curve becomes -X^2 + y^2 = 1 + (-d / a) X^2 y^2. As -1 is a square and -d / a is not, its
//! addition law has no exceptions: the same operations serve every point and every digit of the secret.

use std::{array, sync::LazyLock};

use ark_bn254::{Fr, FrConfig};
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    inverse::inverse,
    scalars::{MAX_LANES, Scalars, Task},
};

const A: u64 = 168_700;
const D: u64 = 168_696;

/// The order of the prime subgroup; the curve has eight times as many points.
pub const SUBGROUP_ORDER: BigInt<4> =
    BigInt!("2736030358979909402780800718157159386076813972158567259200215660948447373041");

/// The generator of the subgroup.
pub const BASE: Point = Point {
    x: BigInt!("5299619240641551281634865583518297030282874472190772894086521144482721001553"),
    y: BigInt!("16950150798460657717958625567821834550301663161624707787222815936182638968203"),
};

/// Bits of a digit of the secret.
const WINDOW: u32 = 4;
const DIGITS: usize = 63;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub x: BigInt<4>,
    pub y: BigInt<4>,
}

impl Point {
    /// Whether the coordinates are below r and satisfy the equation of the curve.
    pub fn is_on_curve(&self) -> bool {
        let [Some(x), Some(y)] = [self.x, self.y].map(Fr::from_bigint) else { return false };
        let (x, y) = (x.square(), y.square());
        x * Fr::from(A) + y == Fr::ONE + x * y * Fr::from(D)
    }
}

/// What the other form of the curve needs.
struct Form {
    /// sqrt(-a) and its inverse.
    scale: Fr,
    unscale: Fr,
    /// -2 d / a.
    double_d: Fr,
}

static FORM: LazyLock<Form> = LazyLock::new(|| {
    let scale = (-Fr::from(A)).sqrt().expect("-a is a square");
    let double_d = -Fr::from(2 * D) / Fr::from(A);
    Form { scale, unscale: scale.inverse().expect("not zero"), double_d }
});

/// A secret from 1 to l - 1, digit by digit from the highest.
pub struct Secret(Zeroizing<[u8; DIGITS]>);

impl Secret {
    pub fn new(scalar: &BigInt<4>) -> Option<Self> {
        let is_scalar = *scalar != BigInt([0; 4]) && *scalar < SUBGROUP_ORDER;
        is_scalar.then(|| {
            let digit = |place: u32| scalar.0[(place * WINDOW / 64) as usize] >> (place * WINDOW % 64) & 15;
            Self(Zeroizing::new(array::from_fn(|place| digit((DIGITS - 1 - place) as u32) as u8)))
        })
    }
}

/// (X : Y : Z) with T = X Y / Z, a point a lane.
#[derive(Clone, Copy, Zeroize)]
struct Extended<E: Zeroize> {
    x: E,
    y: E,
    t: E,
    z: E,
}

/// A point as it is added: Y - X, Y + X, -2 (d / a) T, 2 Z.
#[derive(Clone, Copy, Zeroize)]
struct Cached<E: Zeroize> {
    difference: E,
    sum: E,
    t: E,
    z: E,
}

#[inline(always)]
fn double<S: Scalars>(s: S, p: &Extended<S::Element>) -> Extended<S::Element> {
    let (xx, yy, zz) = (s.square(p.x), s.square(p.y), s.square(p.z));
    let h = s.add(xx, yy);
    let e = s.sub(s.square(s.add(p.x, p.y)), h);
    let g = s.sub(yy, xx);
    let f = s.sub(s.add(zz, zz), g);
    Extended { x: s.mul(e, f), y: s.mul(g, h), t: s.mul(e, h), z: s.mul(f, g) }
}

#[inline(always)]
fn add<S: Scalars>(s: S, p: &Extended<S::Element>, q: &Cached<S::Element>) -> Extended<S::Element> {
    let a = s.mul(s.sub(p.y, p.x), q.difference);
    let b = s.mul(s.add(p.y, p.x), q.sum);
    let c = s.mul(p.t, q.t);
    let d = s.mul(p.z, q.z);
    let (e, h) = (s.sub(b, a), s.add(b, a));
    let (f, g) = (s.sub(d, c), s.add(d, c));
    Extended { x: s.mul(e, f), y: s.mul(g, h), t: s.mul(e, h), z: s.mul(f, g) }
}

#[inline(always)]
fn cached<S: Scalars>(s: S, double_d: S::Element, p: &Extended<S::Element>) -> Cached<S::Element> {
    Cached { difference: s.sub(p.y, p.x), sum: s.add(p.y, p.x), t: s.mul(double_d, p.t), z: s.add(p.z, p.z) }
}

/// What the holder of a secret and the owners of points agree on, a point a lane. The coordinates are secret.
pub struct Shared {
    pub x: Zeroizing<[BigInt<4>; MAX_LANES]>,
    pub y: Zeroizing<[BigInt<4>; MAX_LANES]>,
    /// Whether 8 times the owner's point is the neutral element: nothing secret can be agreed with it.
    pub small_order: [bool; MAX_LANES],
}

/// The secret times 8 times the point of each lane.
///
/// Every point must be on the curve. The operations do not depend on the secret, but which table entries are read does.
///
/// # Panics
/// If there are not as many points as lanes.
pub fn agree<S: Scalars>(scalars: S, secret: &Secret, points: &[Point]) -> Shared {
    assert_eq!(points.len(), S::LANES);
    let load = |coordinate: &dyn Fn(&Point) -> BigInt<4>| {
        let mut values = [BigInt([0; 4]); MAX_LANES];
        values.iter_mut().zip(points).for_each(|(value, point)| *value = coordinate(point));
        scalars.load(&values[..S::LANES])
    };
    let scaled = |point: &Point| (Fr::from_bigint(point.x).expect("on the curve") * FORM.scale).into_bigint();
    let point = scalars.run(Start { x: load(&scaled), y: load(&|point| point.y) });
    let product = Zeroizing::new(scalars.run(Multiply { secret, point }));
    let [x, y, z] = [product.x, product.y, product.z].map(|element| store(scalars, element));
    let inverses = Zeroizing::new(z.map(|z| Fr::new_unchecked(BigInt(inverse::<FrConfig>(z.0.0)))));
    let affine = |values: &[Fr; MAX_LANES], factor: Fr| {
        Zeroizing::new(array::from_fn(|lane| (values[lane] * inverses[lane] * factor).into_bigint()))
    };
    Shared { x: affine(&x, FORM.unscale), y: affine(&y, Fr::ONE), small_order: is_neutral(scalars, &point) }
}

fn store<S: Scalars>(scalars: S, element: S::Element) -> Zeroizing<[Fr; MAX_LANES]> {
    let mut values = Zeroizing::new([BigInt([0; 4]); MAX_LANES]);
    scalars.store(element, &mut values[..S::LANES]);
    Zeroizing::new(values.map(|value| Fr::from_bigint(value).expect("below r")))
}

fn is_neutral<S: Scalars>(scalars: S, point: &Extended<S::Element>) -> [bool; MAX_LANES] {
    let [x, y, z] = [point.x, point.y, point.z].map(|element| store(scalars, element));
    array::from_fn(|lane| x[lane] == Fr::ZERO && y[lane] == z[lane])
}

/// Eight times the points with these affine coordinates.
struct Start<E> {
    x: E,
    y: E,
}

impl<S: Scalars> Task<S> for Start<S::Element> {
    type Output = Extended<S::Element>;

    #[inline(always)]
    fn run(self, s: S) -> Self::Output {
        let one = s.splat(&S::constant(Fr::ONE));
        let mut point = Extended { x: self.x, y: self.y, t: s.mul(self.x, self.y), z: one };
        for _ in 0..3 {
            point = double(s, &point);
        }
        point
    }
}

struct Multiply<'a, E: Zeroize> {
    secret: &'a Secret,
    point: Extended<E>,
}

impl<S: Scalars> Task<S> for Multiply<'_, S::Element> {
    type Output = Extended<S::Element>;

    #[inline(always)]
    fn run(self, s: S) -> Self::Output {
        let (one, double_d) = (s.splat(&S::constant(Fr::ONE)), s.splat(&S::constant(FORM.double_d)));
        let zero = s.sub(one, one);
        let mut sum = Extended { x: zero, y: one, t: zero, z: one };
        let first = cached(s, double_d, &self.point);
        // Multiples 0 to 15.
        let mut table = Zeroizing::new([cached(s, double_d, &sum); 1 << WINDOW]);
        let mut multiple = self.point;
        for entry in &mut table[1..] {
            *entry = cached(s, double_d, &multiple);
            multiple = add(s, &multiple, &first);
        }
        for digit in *self.secret.0 {
            for _ in 0..WINDOW {
                sum = double(s, &sum);
            }
            sum = add(s, &sum, &table[usize::from(digit)]);
        }
        sum
    }
}
