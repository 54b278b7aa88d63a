// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice What an owner is owed and was paid of it, as it was at a factor.
struct Claim {
    uint128 owed;
    /// Paid, and not taken yet.
    uint128 due;
    uint256 factor;
}

/// @notice All claims together.
struct Claims {
    uint128 total;
    /// What is left of a claim of 1 that was there from the beginning; 0 at the beginning. The fraction, from MIN (not
    /// included) to ONE, is in the lower 224 bits, and has to be multiplied with 2^(-64 scale). The scale is above it.
    uint256 factor;
}

/// @title SharedClaims
/// @notice Claims that are paid in proportion to what each owner is owed at that time, without a loop over owners.
/// @dev All is rounded down: what an owner is owed, what it is paid, and the factor. What all owners are owed is never more than
///      the total, so no payment exceeds what came in by more than total / MIN of a unit, for the factor. Each owner is paid
///      whole units: the sum exceeds what came in after 2^31 payments of claims of 2^128 units at the earliest.
library SharedClaims {
    uint256 private constant FRACTION_BITS = 224;
    uint256 private constant FRACTION_MASK = (1 << FRACTION_BITS) - 1;
    uint256 private constant ONE = 1 << 223;
    uint256 private constant MIN = 1 << 159;
    uint256 private constant SCALE_BITS = 64;

    /// @dev From this many scales on, nothing is left of any claim.
    uint256 private constant SCALES = 4;

    /// @dev Owes an owner more.
    function add(Claims storage claims, Claim storage claim, uint128 amount) internal {
        settle(claims, claim);
        claim.owed += amount;
        claims.total += amount;
    }

    /// @dev Pays all owners together.
    /// @param amount At most the total.
    function pay(Claims storage claims, uint256 amount) internal {
        if (amount == 0) return;
        uint256 total = claims.total;
        uint128 left = uint128(total - amount);
        (uint256 fraction, uint256 scale) = _unpack(claims.factor);
        claims.total = left;
        claims.factor = left == 0 ? _pack(ONE, scale + SCALES) : _scaled(fraction, scale, left, total);
    }

    /// @dev Writes down what an owner is owed and was paid until now.
    function settle(Claims storage claims, Claim storage claim) internal {
        uint256 factor = claims.factor;
        if (claim.factor == factor) return;
        if (claim.owed != 0) {
            (uint256 owed, uint256 paid) = _split(claim, factor);
            claim.owed = uint128(owed);
            claim.due += uint128(paid);
        }
        claim.factor = factor;
    }

    /// @dev What an owner is owed now, and what it can take.
    function read(Claims storage claims, Claim storage claim) internal view returns (uint256 owed, uint256 due) {
        uint256 paid;
        (owed, paid) = _split(claim, claims.factor);
        due = claim.due + paid;
    }

    function _split(Claim storage claim, uint256 factor) private view returns (uint256 owed, uint256 paid) {
        (uint256 before, uint256 scaleBefore) = _unpack(claim.factor);
        (uint256 fraction, uint256 scale) = _unpack(factor);
        uint256 whole = claim.owed;
        scale -= scaleBefore;
        if (scale >= SCALES) return (0, whole);
        uint256 bits = SCALE_BITS * scale;
        owed = Math.mulDiv(whole, fraction, before) >> bits;
        uint256 up = Math.mulDiv(whole, fraction, before, Math.Rounding.Ceil);
        paid = whole - ((up + (1 << bits) - 1) >> bits);
    }

    /// @dev The factor times left / total, rounded down.
    function _scaled(uint256 fraction, uint256 scale, uint256 left, uint256 total) private pure returns (uint256) {
        // At most twice, since left / total is 2^-128 or more.
        uint256 next = Math.mulDiv(fraction, left, total);
        while (next <= MIN) {
            left <<= SCALE_BITS;
            ++scale;
            next = Math.mulDiv(fraction, left, total);
        }
        return _pack(next, scale);
    }

    function _pack(uint256 fraction, uint256 scale) private pure returns (uint256) {
        return scale << FRACTION_BITS | fraction;
    }

    function _unpack(uint256 factor) private pure returns (uint256 fraction, uint256 scale) {
        return factor == 0 ? (ONE, 0) : (factor & FRACTION_MASK, factor >> FRACTION_BITS);
    }
}
