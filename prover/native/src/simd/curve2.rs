//! Adding pairs of points of G2, eight at a time.
//!
//! A denominator d0 + d1 u is inverted by its norm d0^2 + d1^2 in the base field, where the running products are.

use std::arch::x86_64::*;

use ark_bn254::{Fq2, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup};

use crate::msm::{Coordinate, Kernel, NEGATIVE, PackedPoint, Pair, StoredPoint};

use super::{
    curve::{
        RATIO, RATIO_INVERSE, equal_lanes, invert, negate_lanes, pad_to_sixteen, sub_two, trim_two, upcoming,
        zero_lanes,
    },
    field::{Base, Modulus, V, add, constant, dot, mul, mul_two, pack, select, sub, unpack},
    ifma::Ifma,
    lanes::{load, negative_lanes, prefetch, resolve, splat, store, transpose},
};

/// G2 on AVX-512 IFMA.
#[derive(Clone, Copy)]
pub struct IfmaG2(pub(super) Ifma);

/// An element of the quadratic extension in each lane.
type V2 = [V; 2];

#[derive(Clone, Copy)]
struct PairGroup {
    x: [[__m512i; 8]; 2],
    y: [V2; 2],
    /// Difference of the x.
    difference: V2,
    /// Its norm, or one in the lanes of `special`.
    norm: V,
    /// Product of the norms before this group, lane by lane.
    before: V,
    special: u8,
}

impl PairGroup {
    #[target_feature(enable = "avx512f")]
    fn new() -> Self {
        let zero = [splat(0); 5];
        Self { x: [[splat(0); 8]; 2], y: [[zero; 2]; 2], difference: [zero; 2], norm: zero, before: zero, special: 0 }
    }
}

#[derive(Default)]
pub struct PairGroups(Vec<PairGroup>);

impl Kernel for IfmaG2 {
    type Point = PackedPoint<16>;
    type Curve = G2Projective;
    type Scratch = PairGroups;
    const BATCH: usize = 1024;

    fn pack(&self, point: &G2Affine) -> PackedPoint<16> {
        let scaled = |value: Fq2| Fq2::new(value.c0 * RATIO, value.c1 * RATIO);
        if point.is_zero() { PackedPoint::default() } else { Fq2::store(scaled(point.x), scaled(point.y)) }
    }

    fn unpack(&self, point: &PackedPoint<16>) -> G2Affine {
        if point.is_infinity() {
            return G2Affine::identity();
        }
        let scaled = |value: Fq2| Fq2::new(value.c0 * RATIO_INVERSE, value.c1 * RATIO_INVERSE);
        let (x, y) = Fq2::load(point);
        G2Affine::new_unchecked(scaled(x), scaled(y))
    }

    fn add_pairs(
        &self,
        table: &[PackedPoint<16>],
        arena: &mut Vec<PackedPoint<16>>,
        pairs: &[Pair],
        groups: &mut PairGroups,
    ) {
        for batch in pairs.chunks(Self::BATCH) {
            let start = arena.len();
            arena.resize(start + batch.len(), PackedPoint::default());
            let (sources, sums) = arena.split_at_mut(start);
            // SAFETY: the token proves the features.
            unsafe { add_batch(table, sources, batch, sums, &mut groups.0) };
            for (eight, group) in groups.0.iter().enumerate().filter(|(_, group)| group.special != 0) {
                for lane in (0..8).filter(|lane| group.special >> lane & 1 == 1) {
                    if let Some(&[left, right]) = batch.get(8 * eight + lane) {
                        let point = |reference| {
                            let point = self.unpack(resolve(table, sources, reference));
                            if reference & NEGATIVE == 0 { point } else { -point }
                        };
                        sums[8 * eight + lane] = self.pack(&(point(left) + point(right)).into_affine());
                    }
                }
            }
        }
    }
}

/// The two coordinates, word by word.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn fetch(table: &[PackedPoint<16>], arena: &[PackedPoint<16>], eight: &[Pair; 8], side: usize) -> [[__m512i; 8]; 2] {
    let row = |lane: usize, half: usize| {
        let point = &resolve(table, arena, eight[lane][side]).0;
        load(point[8 * half..8 * half + 8].try_into().expect("eight words"))
    };
    let rows = |h| transpose([row(0, h), row(1, h), row(2, h), row(3, h), row(4, h), row(5, h), row(6, h), row(7, h)]);
    [rows(0), rows(1)]
}

#[inline(always)]
fn halves(words: &[__m512i; 8]) -> [[__m512i; 4]; 2] {
    let [a, b, c, d, e, f, g, h] = *words;
    [[a, b, c, d], [e, f, g, h]]
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn unpack2(words: &[__m512i; 8]) -> V2 {
    let [low, high] = halves(words);
    [unpack(low), unpack(high)]
}

/// a b below 2 p, for halves of a and b below 2 p.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn mul2(a: V2, b: V2) -> V2 {
    let minus = sub::<Base>([splat(0); 5], b[1], 1);
    dot::<Base, 2, 2>([a, a], [[b[0], minus], [b[1], b[0]]])
}

/// a^2 below 2 p, for halves of a below 2 p.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn square2(a: V2) -> V2 {
    let (sum, difference) = (add(a[0], a[1]), sub::<Base>(a[0], a[1], 1));
    mul_two::<Base>([sum, add(a[0], a[0])], [difference, a[1]])
}

/// -a where the bit is set, halves up to p: minus a zero half comes out as p, which later steps allow.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn negate2(a: V2, mask: u8) -> V2 {
    [negate_lanes(a[0], mask), negate_lanes(a[1], mask)]
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn add_batch(
    table: &[PackedPoint<16>],
    arena: &[PackedPoint<16>],
    pairs: &[Pair],
    sums: &mut [PackedPoint<16>],
    groups: &mut Vec<PairGroup>,
) {
    groups.resize(2 * pairs.len().div_ceil(16), PairGroup::new());
    let mut products = [constant(Base::ONE); 2];
    for (index, pairs_here) in pairs.chunks(16).enumerate() {
        prefetch(table, arena, upcoming(pairs, index));
        let [low, high] = pad_to_sixteen(pairs_here);
        let place = &mut groups[2 * index..2 * index + 2];
        group(table, arena, &low, products[0], &mut place[0]);
        group(table, arena, &high, products[1], &mut place[1]);
        products = mul_two::<Base>(products, [place[0].norm, place[1].norm]);
    }
    let mut inverses = invert(products);
    for (index, group) in groups.iter().enumerate().rev() {
        if index % 2 == 1 && 8 * index >= sums.len() {
            inverses[1] = mul::<Base>(inverses[1], group.norm);
            continue;
        }
        let [inverse, next] = mul_two::<Base>([inverses[index % 2]; 2], [group.before, group.norm]);
        inverses[index % 2] = next;
        let conjugate = [group.difference[0], sub::<Base>([splat(0); 5], group.difference[1], 1)];
        let inverse = mul_two::<Base>(conjugate, [inverse; 2]);
        let (x, u) = (unpack2(&group.x[0]), unpack2(&group.x[1]));
        let slope = mul2(sub_two(group.y[1], group.y[0]), inverse);
        let sum = trim_two(sub_two(sub_two(square2(slope), x), u));
        let height = trim_two(sub_two(mul2(slope, sub_two(x, sum)), group.y[0]));
        let rows = |value: V2| {
            let ([a, b, c, d], [e, f, g, h]) = (pack(value[0]), pack(value[1]));
            transpose([a, b, c, d, e, f, g, h])
        };
        let (low, high) = (rows(sum), rows(height));
        let end = sums.len().min(8 * index + 8);
        for (lane, sum) in sums[8 * index..end].iter_mut().enumerate() {
            let (x, y) = sum.0.split_at_mut(8);
            store(x.try_into().expect("eight words"), low[lane]);
            store(y.try_into().expect("eight words"), high[lane]);
        }
    }
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn group(table: &[PackedPoint<16>], arena: &[PackedPoint<16>], eight: &[Pair; 8], before: V, place: &mut PairGroup) {
    let left = fetch(table, arena, eight, 0);
    let right = fetch(table, arena, eight, 1);
    let (x, u) = (halves(&left[0]), halves(&right[0]));
    let same = equal_lanes(x[0], u[0]) & equal_lanes(x[1], u[1]);
    let infinite = |y: &[__m512i; 8]| zero_lanes(halves(y)[0]) & zero_lanes(halves(y)[1]);
    let special = same | infinite(&left[1]) | infinite(&right[1]);
    let negative = negative_lanes(eight);
    let y = [negate2(unpack2(&left[1]), negative[0]), negate2(unpack2(&right[1]), negative[1])];
    let difference = sub_two(unpack2(&right[0]), unpack2(&left[0]));
    let [norm] = dot::<Base, 1, 2>([difference], [difference]);
    let norm = select(special, norm, constant(Base::ONE));
    // Field by field, as in G1.
    place.x = [left[0], right[0]];
    place.y = y;
    place.difference = difference;
    place.norm = norm;
    place.before = before;
    place.special = special;
}
