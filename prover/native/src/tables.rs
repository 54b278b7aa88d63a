//! The four tables of a key, and the window of each.

use crate::{
    bases::Bases,
    error::{Error, Result},
    format::ZKey,
    kernels::Kernels,
    msm::{FixedBase, window_cost, windows},
};

pub struct Tables<K: Kernels> {
    pub a: FixedBase<K::G1>,
    pub b1: FixedBase<K::G1>,
    pub b2: FixedBase<K::G2>,
    pub c: FixedBase<K::G1>,
}

/// The window bits of the sums A, B1, B2 and C.
pub type Windows = [u32; 4];

/// More memory than tables may take: a reference to one of their points has 30 bits, and a point at least 64 bytes.
pub const MAX_BYTES: usize = (1 << 36) - 1;

const BITS: std::ops::RangeInclusive<u32> = 4..=15;

impl<K: Kernels> Tables<K> {
    pub fn new(kernels: K, bases: &Bases, bits: Windows) -> Self {
        Self {
            a: FixedBase::new(kernels.g1(), bits[0], &bases.a),
            b1: FixedBase::new(kernels.g1(), bits[1], &bases.b1),
            b2: FixedBase::new(kernels.g2(), bits[2], &bases.b2),
            c: FixedBase::new(kernels.g1(), bits[3], &bases.c),
        }
    }

    /// Every scalar that the tables refer to, as [`Bases`] numbers them.
    pub fn sources(&self) -> impl Iterator<Item = u32> {
        let Self { a, b1, b2, c } = self;
        [a.sources(), b1.sources(), b2.sources(), c.sources()].into_iter().flatten().copied()
    }

    pub fn bytes(&self) -> usize {
        let Self { a, b1, b2, c } = self;
        a.table_bytes() + b1.table_bytes() + b2.table_bytes() + c.table_bytes()
    }
}

/// The windows with the fewest additions whose tables fit in `limit` bytes; wider windows take less memory.
pub fn choose_windows(key: &ZKey, bases: &Bases, limit: usize) -> Result<Windows> {
    let bits_wires = likely_bits(key);
    let counts = [bases.a.len(), bases.b1.len(), bases.b2.len(), bases.c.len()];
    let sizes = [64, 64, 128, 64];
    let full = counts.map(|count| count.saturating_sub(bits_wires).max(1));
    let mut chosen = full.map(|full| BITS.min_by_key(|&bits| window_cost(full, bits)).expect("not empty"));
    let bytes = |chosen: &Windows| -> usize { (0..4).map(|i| counts[i] * windows(chosen[i]) * sizes[i]).sum() };
    while bytes(&chosen) > limit {
        let widen = (0..4).filter(|&i| chosen[i] < *BITS.end());
        let Some(largest) = widen.max_by_key(|&i| counts[i] * windows(chosen[i]) * sizes[i]) else {
            let need = bytes(&chosen);
            return Err(Error::Input(format!("the tables need at least {need} bytes, the limit is {limit}")));
        };
        chosen[largest] += 1;
    }
    Ok(chosen)
}

/// Wires that some row shows to be bits, b (b - 1) = 0: they cost one addition or none, with every window.
fn likely_bits(key: &ZKey) -> usize {
    let mut rows = vec![(0u32, 0u32, u32::MAX); key.domain];
    for entry in &key.coefficients {
        let row = &mut rows[entry.row as usize];
        match entry.matrix {
            0 => (row.0, row.2) = (row.0 + 1, entry.wire),
            _ => row.1 += 1,
        }
    }
    rows.iter().filter(|row| row.0 == 1 && row.1 == 2 && row.2 as usize > key.public).count()
}
