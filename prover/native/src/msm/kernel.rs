//! What the processor-specific code provides: adding many independent pairs of affine points.

use ark_ec::CurveGroup;
use zeroize::Zeroize;

/// A reference to a point: an index, whose top bit negates and whose next bit chooses the arena over the table.
pub const NEGATIVE: u32 = 1 << 31;
pub const ARENA: u32 = 1 << 30;

pub type Pair = [u32; 2];

/// The coordinates of an affine point, one or two cache lines; all zero is infinity. The Montgomery factor is
/// the kernel's own, values are below the prime.
#[repr(C, align(64))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedPoint<const LIMBS: usize>(pub [u64; LIMBS]);

impl<const LIMBS: usize> Default for PackedPoint<LIMBS> {
    fn default() -> Self {
        Self([0; LIMBS])
    }
}

/// A stored point of either group.
pub trait StoredPoint: Copy + Default + Send + Sync + 'static {
    const LIMBS: usize;

    fn limbs(&self) -> &[u64];

    fn limbs_mut(&mut self) -> &mut [u64];

    /// Without a branch a limb: comparing with a constant would call the C library.
    #[inline(always)]
    fn is_infinity(&self) -> bool {
        self.limbs().iter().fold(0, |all, limb| all | limb) == 0
    }
}

impl<const LIMBS: usize> StoredPoint for PackedPoint<LIMBS> {
    const LIMBS: usize = LIMBS;

    #[inline(always)]
    fn limbs(&self) -> &[u64] {
        &self.0
    }

    #[inline(always)]
    fn limbs_mut(&mut self) -> &mut [u64] {
        &mut self.0
    }
}

pub trait Kernel: Copy + Send + Sync + 'static {
    type Point: StoredPoint;
    type Curve: CurveGroup;
    type Scratch: Default + Send;
    /// Pairs that share an inversion at most: bounds the scratch memory.
    const BATCH: usize;

    fn pack(&self, point: &<Self::Curve as CurveGroup>::Affine) -> Self::Point;

    fn unpack(&self, point: &Self::Point) -> <Self::Curve as CurveGroup>::Affine;

    /// Appends the sum of each pair to the arena; complete: handles equal, opposite and infinite points.
    fn add_pairs(
        &self,
        table: &[Self::Point],
        arena: &mut Vec<Self::Point>,
        pairs: &[Pair],
        scratch: &mut Self::Scratch,
    );
}

/// Memory that one thread reuses from sum to sum.
pub struct Workspace<K: Kernel> {
    pub arena: Vec<K::Point>,
    pub pairs: Vec<Pair>,
    pub scratch: K::Scratch,
}

impl<K: Kernel> Default for Workspace<K> {
    fn default() -> Self {
        Self { arena: Vec::new(), pairs: Vec::new(), scratch: K::Scratch::default() }
    }
}

impl<K: Kernel> Drop for Workspace<K> {
    /// The arena holds partial sums of the witness, the references reveal its digits.
    fn drop(&mut self) {
        wipe(&mut self.arena);
        self.pairs.as_flattened_mut().zeroize();
    }
}

pub fn wipe<P: StoredPoint>(points: &mut [P]) {
    points.iter_mut().for_each(|point| point.limbs_mut().zeroize());
}
