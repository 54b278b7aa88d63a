// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, G2Point, IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";

/// @title Bn254
/// @notice Points of BN254 in memory, on the precompiles of EIP-196 and EIP-197.
/// @dev Positions in memory are plain numbers. A *pair* is a point of G1 and a point of G2, one item of the pairing's
///      input. Points of one array follow each other, scalars too.
///      Every call of a precompile checks its success and the size of its answer: where a chain lacks the precompile the
///      call succeeds and leaves the old words in memory. In assembly such a call is alone in its statement or last
///      in its arguments, because Yul evaluates arguments right to left.
library Bn254 {
    /// @dev r: the order of the group, the modulus of public inputs and scalars.
    uint256 internal constant SCALAR_MODULUS =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// @dev q: the modulus of coordinates.
    uint256 internal constant BASE_MODULUS =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    uint256 internal constant WORD_BYTES = 0x20;
    uint256 internal constant POINT_BYTES = 0x40;
    uint256 internal constant PAIR_BYTES = 0xc0;

    /// @dev 3 / (9 + u): the constant of the curve of G2.
    uint256 private constant TWIST_B0 = 19485874751759354771024239261021720505790618469301721065564631296452457478373;
    uint256 private constant TWIST_B1 = 266929791119991161246907387137283842545076965332900288569378510910307636690;

    /// @dev Takes memory without clearing it.
    function allocate(uint256 size) internal pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
            mstore(0x40, add(pointer, size))
        }
    }

    /// @dev Copies a finite point of G1 to memory, or reverts.
    function loadG1(uint256 pointer, G1Point calldata point) internal pure {
        assembly ("memory-safe") {
            calldatacopy(pointer, point, 0x40)
        }
        if (!isG1(pointer)) _refusePoint(pointer, 2);
    }

    /// @dev Copies a finite point of the curve of G2 to memory, or reverts. That it lies in the subgroup of order r is
    ///      left to the pairing precompile, which refuses any other point.
    function loadG2(uint256 pointer, G2Point calldata point) internal pure {
        assembly ("memory-safe") {
            calldatacopy(pointer, point, 0x80)
        }
        if (!isG2(pointer)) _refusePoint(pointer, 4);
    }

    /// @dev Whether y^2 = x^3 + 3 with coordinates below q. (0, 0) does not satisfy it. G1 has order r: there is no
    ///      subgroup to check.
    function isG1(uint256 pointer) internal pure returns (bool valid) {
        assembly ("memory-safe") {
            let x := mload(pointer)
            let y := mload(add(pointer, 0x20))
            valid := eq(
                mulmod(y, y, BASE_MODULUS),
                addmod(mulmod(mulmod(x, x, BASE_MODULUS), x, BASE_MODULUS), 3, BASE_MODULUS)
            )
            valid := and(valid, and(lt(x, BASE_MODULUS), lt(y, BASE_MODULUS)))
        }
    }

    /// @dev Whether y^2 = x^3 + 3 / (9 + u) for x = x0 + x1 u, y = y0 + y1 u with coordinates below q. (0, 0) does not
    ///      satisfy it. A square is (c0 + c1)(c0 - c1) + 2 c0 c1 u.
    function isG2(uint256 pointer) internal pure returns (bool valid) {
        assembly ("memory-safe") {
            let x1 := mload(pointer)
            let x0 := mload(add(pointer, 0x20))
            valid := and(lt(x1, BASE_MODULUS), lt(x0, BASE_MODULUS))
            let minusX1 := sub(BASE_MODULUS, x1)
            let s0 := mulmod(add(x0, x1), add(x0, minusX1), BASE_MODULUS)
            let s1 := mulmod(add(x0, x0), x1, BASE_MODULUS)
            let right0 := add(mulmod(s0, x0, BASE_MODULUS), mulmod(s1, minusX1, BASE_MODULUS))
            let right1 := add(mulmod(s0, x1, BASE_MODULUS), mulmod(s1, x0, BASE_MODULUS))

            let y1 := mload(add(pointer, 0x40))
            let y0 := mload(add(pointer, 0x60))
            valid := and(valid, and(lt(y1, BASE_MODULUS), lt(y0, BASE_MODULUS)))
            let left0 := mulmod(add(y0, y1), add(y0, sub(BASE_MODULUS, y1)), BASE_MODULUS)
            let left1 := mulmod(add(y0, y0), y1, BASE_MODULUS)
            // q is below 2^254, so no sum of four values below q overflows.
            valid := and(valid, eq(left0, addmod(right0, TWIST_B0, BASE_MODULUS)))
            valid := and(valid, eq(left1, addmod(right1, TWIST_B1, BASE_MODULUS)))
        }
    }

    /// @dev point = -point, for a finite point: its y is not 0, because the order of G1 is odd.
    function negate(uint256 point) internal pure {
        assembly ("memory-safe") {
            let y := add(point, 0x20)
            mstore(y, sub(BASE_MODULUS, mload(y)))
        }
    }

    /// @dev point = scalar * point.
    function scale(uint256 point, uint256 scalar) internal view {
        if (scalar == 1) return;
        bool ok;
        assembly ("memory-safe") {
            let work := mload(0x40)
            mcopy(work, point, 0x40)
            mstore(add(work, 0x40), scalar)
            ok := staticcall(gas(), 7, work, 0x60, point, 0x40)
            ok := and(ok, eq(returndatasize(), 0x40))
        }
        if (!ok) revert IGroth16Verifier.PrecompileFailed();
    }

    /// @dev sum = sum + point.
    function add(uint256 sum, uint256 point) internal view {
        bool ok;
        assembly ("memory-safe") {
            let work := mload(0x40)
            mcopy(work, sum, 0x40)
            mcopy(add(work, 0x40), point, 0x40)
            ok := staticcall(gas(), 6, work, 0x80, sum, 0x40)
            ok := and(ok, eq(returndatasize(), 0x40))
        }
        if (!ok) revert IGroth16Verifier.PrecompileFailed();
    }

    /// @dev Adds scalar * point for `count` points and scalars to the point at `sum`; reverts unless each scalar is
    ///      below r. A scalar of 0 costs nothing (an unused slot of a book), one of 1 no multiplication (a bit).
    function addProducts(uint256 sum, uint256 points, uint256 scalars, uint256 count) internal view {
        bool ok = true;
        uint256 left;
        assembly ("memory-safe") {
            let work := mload(0x40) // sum, then the next product: the input of ecAdd
            let product := add(work, 0x40)
            mcopy(work, sum, 0x40)
            left := count
            // A precompile that fails burns 63/64 of the gas: stop while the rest suffices to say so.
            for {} mul(left, ok) { left := sub(left, 1) } {
                let scalar := mload(scalars)
                if iszero(lt(scalar, SCALAR_MODULUS)) { break }
                if scalar {
                    mcopy(product, points, 0x40)
                    if gt(scalar, 1) {
                        mstore(add(product, 0x40), scalar)
                        ok := and(ok, staticcall(gas(), 7, product, 0x60, product, 0x40))
                        ok := and(ok, eq(returndatasize(), 0x40))
                    }
                    ok := and(ok, staticcall(gas(), 6, work, 0x80, work, 0x40))
                    ok := and(ok, eq(returndatasize(), 0x40))
                }
                scalars := add(scalars, 0x20)
                points := add(points, 0x40)
            }
            mcopy(sum, work, 0x40)
        }
        if (!ok) revert IGroth16Verifier.PrecompileFailed();
        if (left != 0) revert IGroth16Verifier.SignalNotInField(count - left);
    }

    /// @dev sum = sum of scalar * point, for at least one point.
    function sumProducts(uint256 sum, uint256 points, uint256 scalars, uint256 count) internal view {
        uint256 scalar;
        assembly ("memory-safe") {
            mcopy(sum, points, 0x40)
            scalar := mload(scalars)
        }
        scale(sum, scalar);
        addProducts(sum, points + POINT_BYTES, scalars + WORD_BYTES, count - 1);
    }

    /// @dev Reverts unless the product of the pairings of `count` consecutive pairs is 1.
    function requirePairing(uint256 pairs, uint256 count) internal view {
        bool answered;
        bool isOne;
        assembly ("memory-safe") {
            answered := staticcall(gas(), 8, pairs, mul(count, PAIR_BYTES), 0, 0x20)
            answered := and(answered, eq(returndatasize(), 0x20))
            isOne := and(answered, eq(mload(0), 1))
        }
        if (isOne) return;
        if (!answered) revert IGroth16Verifier.PointNotInSubgroup();
        revert IGroth16Verifier.ProofDoesNotVerify();
    }

    /// @dev Says which of the two rules a point breaks.
    function _refusePoint(uint256 pointer, uint256 coordinates) private pure {
        for (uint256 i = 0; i < coordinates; ++i) {
            uint256 coordinate;
            assembly ("memory-safe") {
                coordinate := mload(add(pointer, shl(5, i)))
            }
            if (coordinate >= BASE_MODULUS) revert IGroth16Verifier.CoordinateNotInField();
        }
        revert IGroth16Verifier.PointNotOnCurve();
    }
}
