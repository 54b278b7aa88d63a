//! Moving between memory and lanes.

use std::arch::x86_64::*;

use crate::msm::{ARENA, NEGATIVE, Pair};

/// Eight 64-bit words as memory.
pub type Words = [u64; 8];

#[target_feature(enable = "avx512f")]
#[inline]
pub fn load(words: &Words) -> __m512i {
    // SAFETY: `words` is 64 readable bytes; the load needs no alignment.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
pub fn store(words: &mut Words, value: __m512i) {
    // SAFETY: `words` is 64 writable bytes; the store needs no alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), value) }
}

#[target_feature(enable = "avx512f")]
#[inline]
pub fn splat(word: u64) -> __m512i {
    _mm512_set1_epi64(word as i64)
}

/// Rows to columns of an 8 x 8 matrix of words.
#[target_feature(enable = "avx512f")]
#[inline]
pub fn transpose(rows: [__m512i; 8]) -> [__m512i; 8] {
    let [a, b, c, d, e, f, g, h] = rows;
    let pairs = [
        _mm512_unpacklo_epi64(a, b),
        _mm512_unpackhi_epi64(a, b),
        _mm512_unpacklo_epi64(c, d),
        _mm512_unpackhi_epi64(c, d),
        _mm512_unpacklo_epi64(e, f),
        _mm512_unpackhi_epi64(e, f),
        _mm512_unpacklo_epi64(g, h),
        _mm512_unpackhi_epi64(g, h),
    ];
    // 128-bit quarters 0 and 2, or 1 and 3, of two vectors.
    let quarters = [
        _mm512_shuffle_i64x2::<0x88>(pairs[0], pairs[2]),
        _mm512_shuffle_i64x2::<0x88>(pairs[1], pairs[3]),
        _mm512_shuffle_i64x2::<0xdd>(pairs[0], pairs[2]),
        _mm512_shuffle_i64x2::<0xdd>(pairs[1], pairs[3]),
        _mm512_shuffle_i64x2::<0x88>(pairs[4], pairs[6]),
        _mm512_shuffle_i64x2::<0x88>(pairs[5], pairs[7]),
        _mm512_shuffle_i64x2::<0xdd>(pairs[4], pairs[6]),
        _mm512_shuffle_i64x2::<0xdd>(pairs[5], pairs[7]),
    ];
    [
        _mm512_shuffle_i64x2::<0x88>(quarters[0], quarters[4]),
        _mm512_shuffle_i64x2::<0x88>(quarters[1], quarters[5]),
        _mm512_shuffle_i64x2::<0x88>(quarters[2], quarters[6]),
        _mm512_shuffle_i64x2::<0x88>(quarters[3], quarters[7]),
        _mm512_shuffle_i64x2::<0xdd>(quarters[0], quarters[4]),
        _mm512_shuffle_i64x2::<0xdd>(quarters[1], quarters[5]),
        _mm512_shuffle_i64x2::<0xdd>(quarters[2], quarters[6]),
        _mm512_shuffle_i64x2::<0xdd>(quarters[3], quarters[7]),
    ]
}

/// Which lanes' first and second references negate: the top bits of the halves of each pair.
#[target_feature(enable = "avx512f,avx512dq")]
#[inline]
pub fn negative_lanes(pairs: &[Pair; 8]) -> [u8; 2] {
    // A pair is two words of 32 bits, the first one low.
    let both = load(&pairs.map(|[left, right]| u64::from(left) | u64::from(right) << 32));
    [_mm512_movepi64_mask(_mm512_slli_epi64::<32>(both)), _mm512_movepi64_mask(both)]
}

/// The point that a reference names, sign aside.
#[inline(always)]
pub fn resolve<'p, P>(table: &'p [P], arena: &'p [P], reference: u32) -> &'p P {
    let index = (reference & !(NEGATIVE | ARENA)) as usize;
    if reference & ARENA == 0 { &table[index] } else { &arena[index] }
}

/// Prefetches the points of pairs: they are spread over a large table.
#[inline(always)]
pub fn prefetch<P>(table: &[P], arena: &[P], pairs: &[Pair]) {
    for pair in pairs {
        for &reference in pair {
            let index = (reference & !(NEGATIVE | ARENA)) as usize;
            let from = if reference & ARENA == 0 { table } else { arena };
            if let Some(point) = from.get(index) {
                let start: *const i8 = std::ptr::from_ref(point).cast();
                for offset in (0..size_of::<P>()).step_by(64) {
                    // SAFETY: the address lies within `point`, and a prefetch reads nothing anyway.
                    unsafe { _mm_prefetch::<_MM_HINT_T0>(start.add(offset)) };
                }
            }
        }
    }
}
