// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IPriceRounds, VectorKind} from "../../src/interfaces/IPriceRounds.sol";

/// @title RoundReader
/// @notice Price rounds of one kind of margin, at a spot scale of 1.
library RoundReader {
    uint256 internal constant UNSCALED = 1e18;

    /// @dev e[N], d[N], x[N]: what `margin` takes.
    function inputs(IPriceRounds rounds, uint64 roundId, VectorKind kind) internal view returns (uint256[] memory) {
        return rounds.roundInputs(roundId, one(kind), UNSCALED);
    }

    /// @dev d[N]
    function longs(IPriceRounds rounds, uint64 roundId, VectorKind kind) internal view returns (uint256[] memory d) {
        (d,) = rounds.marginsPerUnit(roundId, kind);
    }

    /// @dev x[N]
    function extras(IPriceRounds rounds, uint64 roundId, VectorKind kind) internal view returns (uint256[] memory x) {
        (, x) = rounds.marginsPerUnit(roundId, kind);
    }

    function one(VectorKind kind) internal pure returns (VectorKind[] memory kinds) {
        kinds = new VectorKind[](1);
        kinds[0] = kind;
    }

    /// @dev The kinds that `update` takes.
    function ofUpdate() internal pure returns (VectorKind[] memory kinds) {
        kinds = new VectorKind[](2);
        (kinds[0], kinds[1]) = (VectorKind.Maintenance, VectorKind.Initial);
    }
}
