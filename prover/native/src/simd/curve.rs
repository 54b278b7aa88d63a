//! Adding pairs of points of G1, eight at a time.

use std::arch::x86_64::*;

use ark_bn254::{Fq, FqConfig, G1Affine, G1Projective};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInt, MontFp};

use crate::{
    inverse::inverse,
    msm::{Coordinate, Kernel, NEGATIVE, PackedPoint, Pair, StoredPoint},
};

use super::{
    field::{Base, Modulus, V, constant, gather, mul, mul_two, pack, scatter, select, sub, trim, unpack},
    ifma::Ifma,
    lanes::{load, negative_lanes, prefetch, resolve, splat, store, transpose},
};

/// How many steps, of sixteen pairs each, points are prefetched before their use.
const AHEAD: usize = 2;

/// 16 and its inverse: the ratio of the Montgomery factors 2^260 and 2^256.
pub(super) const RATIO: Fq = MontFp!("16");
pub(super) const RATIO_INVERSE: Fq =
    MontFp!("12312136615409592312513603231707217237391675025980025810262583815737939742328");

/// G1 on AVX-512 IFMA.
#[derive(Clone, Copy)]
pub struct IfmaG1(pub(super) Ifma);

/// What the backward pass needs of one group of eight pairs.
#[derive(Clone, Copy)]
struct PairGroup {
    x: [[__m512i; 4]; 2],
    y: [V; 2],
    /// Difference of the x, or one in the lanes of `special`.
    difference: V,
    /// Product of the differences before this group, lane by lane.
    before: V,
    /// Lanes with equal x or a point at infinity, added one by one.
    special: u8,
}

impl PairGroup {
    #[target_feature(enable = "avx512f")]
    fn new() -> Self {
        let zero = splat(0);
        Self { x: [[zero; 4]; 2], y: [[zero; 5]; 2], difference: [zero; 5], before: [zero; 5], special: 0 }
    }
}

/// The groups of one batch.
#[derive(Default)]
pub struct PairGroups(Vec<[PairGroup; 2]>);

impl Kernel for IfmaG1 {
    type Point = PackedPoint<8>;
    type Curve = G1Projective;
    type Scratch = PairGroups;
    const BATCH: usize = 2048;

    fn pack(&self, point: &G1Affine) -> PackedPoint<8> {
        if point.is_zero() { PackedPoint::default() } else { Fq::store(point.x * RATIO, point.y * RATIO) }
    }

    fn unpack(&self, point: &PackedPoint<8>) -> G1Affine {
        if point.is_infinity() {
            return G1Affine::identity();
        }
        let (x, y) = Fq::load(point);
        G1Affine::new_unchecked(x * RATIO_INVERSE, y * RATIO_INVERSE)
    }

    fn add_pairs(
        &self,
        table: &[PackedPoint<8>],
        arena: &mut Vec<PackedPoint<8>>,
        pairs: &[Pair],
        groups: &mut PairGroups,
    ) {
        for batch in pairs.chunks(Self::BATCH) {
            let start = arena.len();
            arena.resize(start + batch.len(), PackedPoint::default());
            let (sources, sums) = arena.split_at_mut(start);
            // SAFETY: the token proves the features.
            unsafe { add_batch(table, sources, batch, sums, &mut groups.0) };
            for (eight, group) in groups.0.as_flattened().iter().enumerate().filter(|(_, group)| group.special != 0) {
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

/// Sixteen pairs; past the end the last pair again, whose sum is dropped.
#[inline(always)]
pub(super) fn pad_to_sixteen(pairs: &[Pair]) -> [[Pair; 8]; 2] {
    let last = pairs.len() - 1;
    std::array::from_fn(|half| std::array::from_fn(|lane| pairs[last.min(8 * half + lane)]))
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn fetch(table: &[PackedPoint<8>], arena: &[PackedPoint<8>], eight: &[Pair; 8], side: usize) -> [__m512i; 8] {
    let row = |lane: usize| load(&resolve(table, arena, eight[lane][side]).0);
    transpose([row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)])
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
pub(super) fn zero_lanes(words: [__m512i; 4]) -> u8 {
    let any = _mm512_or_si512(_mm512_or_si512(words[0], words[1]), _mm512_or_si512(words[2], words[3]));
    _mm512_testn_epi64_mask(any, any)
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
pub(super) fn equal_lanes(a: [__m512i; 4], b: [__m512i; 4]) -> u8 {
    let differ: [__m512i; 4] = std::array::from_fn(|i| _mm512_xor_si512(a[i], b[i]));
    zero_lanes(differ)
}

/// -a where the bit is set, for a below p and not zero.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
pub(super) fn negate_lanes(a: V, mask: u8) -> V {
    select(mask, a, sub::<Base>([splat(0); 5], a, 0))
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
fn add_batch(
    table: &[PackedPoint<8>],
    arena: &[PackedPoint<8>],
    pairs: &[Pair],
    sums: &mut [PackedPoint<8>],
    groups: &mut Vec<[PairGroup; 2]>,
) {
    groups.resize(pairs.len().div_ceil(16), [PairGroup::new(); 2]);
    let mut products = [constant(Base::ONE); 2];
    for (index, pairs_here) in pairs.chunks(16).enumerate() {
        prefetch(table, arena, upcoming(pairs, index));
        let [low, high] = pad_to_sixteen(pairs_here);
        let place = &mut groups[index];
        group(table, arena, &low, products[0], &mut place[0]);
        group(table, arena, &high, products[1], &mut place[1]);
        products = mul_two::<Base>(products, [place[0].difference, place[1].difference]);
    }
    let mut inverses = invert(products);
    for (group, sums) in groups.iter().zip(sums.chunks_mut(16)).rev() {
        let two = |part: fn(&PairGroup) -> V| [part(&group[0]), part(&group[1])];
        let inverse = mul_two::<Base>(inverses, two(|group| group.before));
        inverses = mul_two::<Base>(inverses, two(|group| group.difference));
        let (x, u) = (group.map(|group| unpack(group.x[0])), group.map(|group| unpack(group.x[1])));
        let (y, v) = (two(|group| group.y[0]), two(|group| group.y[1]));
        let slope = mul_two::<Base>(sub_two(v, y), inverse);
        let sum = trim_two(sub_two(sub_two(mul_two::<Base>(slope, slope), x), u));
        let height = trim_two(sub_two(mul_two::<Base>(slope, sub_two(x, sum)), y));
        for (n, sums) in sums.chunks_mut(8).enumerate() {
            let ([a, b, c, d], [e, f, g, h]) = (pack(sum[n]), pack(height[n]));
            let rows = transpose([a, b, c, d, e, f, g, h]);
            sums.iter_mut().zip(rows).for_each(|(sum, row)| store(&mut sum.0, row));
        }
    }
}

/// The pairs whose points are prefetched at this step.
#[inline(always)]
pub(super) fn upcoming(pairs: &[Pair], index: usize) -> &[Pair] {
    let start = pairs.len().min(16 * (index + AHEAD));
    &pairs[start..pairs.len().min(start + 16)]
}

/// a - b + p for b up to p.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
pub(super) fn sub_two(a: [V; 2], b: [V; 2]) -> [V; 2] {
    [sub::<Base>(a[0], b[0], 0), sub::<Base>(a[1], b[1], 0)]
}

/// Below 4 p to below p.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
pub(super) fn trim_two(a: [V; 2]) -> [V; 2] {
    [trim::<Base>(trim::<Base>(a[0], 1), 0), trim::<Base>(trim::<Base>(a[1], 1), 0)]
}

#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
#[inline]
fn group(table: &[PackedPoint<8>], arena: &[PackedPoint<8>], eight: &[Pair; 8], before: V, place: &mut PairGroup) {
    let left = fetch(table, arena, eight, 0);
    let right = fetch(table, arena, eight, 1);
    let words = |p: &[__m512i; 8], at: usize| [p[at], p[at + 1], p[at + 2], p[at + 3]];
    let x = [words(&left, 0), words(&right, 0)];
    let y_words = [words(&left, 4), words(&right, 4)];
    let special = equal_lanes(x[0], x[1]) | zero_lanes(y_words[0]) | zero_lanes(y_words[1]);
    let negative = negative_lanes(eight);
    let y = [negate_lanes(unpack(y_words[0]), negative[0]), negate_lanes(unpack(y_words[1]), negative[1])];
    let difference = select(special, sub::<Base>(unpack(x[1]), unpack(x[0]), 0), constant(Base::ONE));
    // Field by field: a whole group at once would be built elsewhere and copied.
    place.x = x;
    place.y = y;
    place.difference = difference;
    place.before = before;
    place.special = special;
}

/// The inverses of two vectors of products, with one inversion in the field.
#[target_feature(enable = "avx512f,avx512ifma,avx512dq,avx512vl")]
pub(super) fn invert(products: [V; 2]) -> [V; 2] {
    let both = mul::<Base>(products[0], products[1]);
    // Products of two, four and all eight lanes.
    let swapped = both.map(|limb| _mm512_shuffle_i64x2::<0b01_00_11_10>(limb, limb));
    let two = mul::<Base>(both, swapped);
    let two_swapped = two.map(|limb| _mm512_shuffle_i64x2::<0b10_11_00_01>(limb, limb));
    let four = mul::<Base>(two, two_swapped);
    let four_swapped = four.map(|limb| _mm512_permutex_epi64::<0b10_11_00_01>(limb));
    let all = trim::<Base>(mul::<Base>(four, four_swapped), 0);
    // The value is a 2^260, which reads as 16 a in the portable form; so the inverse is 1 / (16 a), the result is 16 / a.
    let inverse = Fq::new_unchecked(BigInt(inverse::<FqConfig>(scatter(pack(all))[0].0))) * RATIO * RATIO;
    let inverse = unpack(gather(&[inverse.0; 8]));
    let inverse = mul::<Base>(mul::<Base>(inverse, four_swapped), mul::<Base>(two_swapped, swapped));
    [mul::<Base>(inverse, products[1]), mul::<Base>(inverse, products[0])]
}
