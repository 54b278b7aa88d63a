//! Signed digits of scalars.

use ark_bn254::Fr;
use ark_ff::{BigInt, BigInteger, PrimeField};

/// Windows of `bits` bits that hold any scalar up to (r - 1) / 2, which has 253 bits, and the last carry.
pub const fn windows(bits: u32) -> usize {
    254u32.div_ceil(bits) as usize
}

/// Point additions of one sum over `full` full-size scalars, for choosing the window.
pub const fn window_cost(full: usize, bits: u32) -> usize {
    full * windows(bits) + (2 << (bits - 1))
}

/// Splits scalars into digits d_w in [-2^(bits-1), 2^(bits-1)) with scalar = sum d_w 2^(bits w).
///
/// Adding 2^(bits-1) in every window first makes every digit a plain bit field less 2^(bits-1), with no carry
/// from one to the next. A scalar above (r - 1) / 2 is taken as minus its negative, so that small negative numbers
/// have few digits.
pub struct Splitter {
    bits: u32,
    offset: [u64; 6],
}

impl Splitter {
    pub fn new(bits: u32) -> Self {
        let mut offset = [0; 6];
        for window in 0..windows(bits) as u32 {
            let bit = (bits * window + bits - 1) as usize;
            offset[bit / 64] |= 1 << (bit % 64);
        }
        Self { bits, offset }
    }

    /// Writes the digits of one scalar, up to its last that is not zero, over zeros.
    pub fn split(&self, scalar: &BigInt<4>, digits: &mut [i16]) {
        let negate = *scalar > Fr::MODULUS_MINUS_ONE_DIV_TWO;
        let mut value = *scalar;
        if negate {
            value = Fr::MODULUS;
            value.sub_with_borrow(scalar);
        }
        // A digit beyond these would need the lower windows to overflow, and they are below 2^(bits w - 2).
        let used = if value.is_zero() { 0 } else { (value.num_bits() + 2).div_ceil(self.bits) as usize };
        let mut limbs = self.offset;
        let mut carry = false;
        for (limb, add) in limbs.iter_mut().zip(value.0.into_iter().chain([0])) {
            let (sum, first) = limb.overflowing_add(add);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            (*limb, carry) = (sum, first | second);
        }
        let (mask, half) = ((1u64 << self.bits) - 1, 1i32 << (self.bits - 1));
        let sign = if negate { -1 } else { 1 };
        for (window, digit) in digits.iter_mut().take(used).enumerate() {
            let bit = self.bits as usize * window;
            let (limb, shift) = (bit / 64, bit % 64);
            let field = (limbs[limb] >> shift) | (limbs[limb + 1] << 1 << (63 - shift));
            *digit = (sign * ((field & mask) as i32 - half)) as i16;
        }
    }
}
