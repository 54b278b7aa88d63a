//! A sum over points that are known in advance.

use ark_bn254::Fr;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, BigInt};
use zeroize::Zeroize;

use super::{
    digits::{Splitter, windows},
    kernel::{Kernel, NEGATIVE, Workspace, wipe},
    reduce::row_sums,
    tree::sum_groups,
};

/// The table of one sum: 2^(bits w) times each point, for every window w.
pub struct FixedBase<K: Kernel> {
    kernel: K,
    bits: u32,
    /// Which scalar belongs to each point; points at infinity have none.
    sources: Vec<u32>,
    /// The windows of point 0, of point 1 ...
    table: Vec<K::Point>,
}

/// The table references of one sum, sorted by bucket; bucket k has weight k + 1. They reveal the scalars, so they are
/// wiped when dropped.
pub struct Buckets {
    refs: Vec<u32>,
    ends: Vec<u32>,
}

impl<K: Kernel> FixedBase<K>
where
    K::Curve: CurveGroup<ScalarField = Fr>,
{
    /// Computes the table.
    pub fn new(kernel: K, bits: u32, points: &[(u32, <K::Curve as CurveGroup>::Affine)]) -> Self {
        let finite: Vec<_> = points.iter().filter(|(_, point)| !point.is_zero()).collect();
        let windows = windows(bits);
        let mut table = vec![K::Point::default(); finite.len() * windows];
        let mut multiples: Vec<K::Curve> = finite.iter().map(|(_, point)| (*point).into()).collect();
        for window in 0..windows {
            let affine = K::Curve::normalize_batch(&multiples);
            for (slot, point) in affine.iter().enumerate() {
                table[slot * windows + window] = kernel.pack(point);
            }
            for (multiple, point) in multiples.iter_mut().zip(affine) {
                *multiple = point.into();
                (0..bits).for_each(|_| {
                    multiple.double_in_place();
                });
            }
        }
        Self { kernel, bits, sources: finite.iter().map(|(source, _)| *source).collect(), table }
    }

    /// Takes a table that `new` computed earlier; `None` if the shape is wrong.
    pub fn from_parts(kernel: K, bits: u32, sources: Vec<u32>, table: Vec<K::Point>) -> Option<Self> {
        let fits = (4..=15).contains(&bits) && table.len() == sources.len() * windows(bits);
        fits.then_some(Self { kernel, bits, sources, table })
    }

    pub fn bits(&self) -> u32 {
        self.bits
    }

    pub fn sources(&self) -> &[u32] {
        &self.sources
    }

    pub fn table(&self) -> &[K::Point] {
        &self.table
    }

    pub fn table_bytes(&self) -> usize {
        size_of_val(self.table.as_slice())
    }

    /// Sorts the digits of all scalars into buckets.
    pub fn sort<'s>(&self, scalar: impl Fn(usize) -> &'s BigInt<4>) -> Buckets {
        let (splitter, windows) = (Splitter::new(self.bits), windows(self.bits));
        let buckets = 1usize << (self.bits - 1);
        // Counts are stored one index higher, so that the prefix sum below leaves each bucket's start.
        let mut starts = vec![0u32; buckets + 1];
        let mut digits = vec![0i16; self.sources.len() * windows];
        for (row, &source) in digits.chunks_exact_mut(windows).zip(&self.sources) {
            splitter.split(scalar(source as usize), row);
            row.iter().for_each(|digit| starts[digit.unsigned_abs() as usize] += 1);
        }
        starts[0] = 0;
        for k in 1..=buckets {
            starts[k] += starts[k - 1];
        }
        let mut refs = vec![0u32; starts[buckets] as usize];
        let mut ends = starts;
        for (index, &digit) in digits.iter().enumerate() {
            if digit != 0 {
                let place = &mut ends[digit.unsigned_abs() as usize - 1];
                refs[*place as usize] = index as u32 | if digit < 0 { NEGATIVE } else { 0 };
                *place += 1;
            }
        }
        ends.truncate(buckets);
        digits.zeroize();
        Buckets { refs, ends }
    }

    /// The part of the sum that buckets `from..to` contribute.
    pub fn sum(&self, sorted: &Buckets, from: usize, to: usize, work: &mut Workspace<K>) -> K::Curve {
        let offset = if from == 0 { 0 } else { sorted.ends[from - 1] };
        let Some(&last) = sorted.ends[from..to].last() else { return K::Curve::ZERO };
        let mut refs = sorted.refs[offset as usize..last as usize].to_vec();
        let mut ends: Vec<u32> = sorted.ends[from..to].iter().map(|end| end - offset).collect();
        let mut buckets = sum_groups(self.kernel, &self.table, &mut refs, &mut ends, work);
        let row = row_sums(self.kernel, &[&buckets], work)[0];
        refs.zeroize();
        wipe(&mut buckets);
        row.weighted + row.plain * Fr::from(from as u64)
    }
}

impl Buckets {
    /// Ranges of buckets of about equal work, at most `parts`.
    pub fn split(&self, parts: usize) -> Vec<(usize, usize)> {
        // A reference costs one addition, a bucket two when it is reduced.
        let work = |k: usize| self.ends[k] as usize + 2 * (k + 1);
        let total = work(self.ends.len() - 1);
        let mut cuts: Vec<usize> = (1..parts)
            .map(|part| {
                let target = total * part / parts;
                (0..self.ends.len()).position(|k| work(k) >= target).unwrap_or(self.ends.len())
            })
            .collect();
        cuts.insert(0, 0);
        cuts.push(self.ends.len());
        cuts.windows(2).map(|cut| (cut[0], cut[1])).filter(|(from, to)| from < to).collect()
    }
}

impl Drop for Buckets {
    fn drop(&mut self) {
        self.refs.zeroize();
        self.ends.zeroize();
    }
}
