// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice What has left of late. It is forgotten at the speed of a limit a period.
struct Outflow {
    /// In the token's own units, as it was at `updatedAt`.
    uint208 spent;
    /// Unix seconds.
    uint48 updatedAt;
}

/// @title OutflowLimit
/// @notice A leaky bucket: of a limit L a period, at most L leaves at once, and within any time t at most L (1 + t / period).
///         Windows that end would let 2 L leave at once, at the end of one and the start of the next.
library OutflowLimit {
    uint256 private constant PPM = 1_000_000;

    /// @dev A pay-out lowers what is held as it raises what has left, so the limit is a share of their sum: it does not depend
    ///      on the number of calls that an amount leaves by.
    /// @param held What is held now.
    /// @param sharePpm The share of it that may leave within a period.
    /// @param least The limit where the share is less.
    /// @param period Seconds.
    /// @return spent What has left of late and is not forgotten yet.
    /// @return left What may leave now.
    function measure(Outflow memory outflow, uint256 held, uint256 sharePpm, uint256 least, uint256 period)
        internal
        view
        returns (uint256 spent, uint256 left)
    {
        uint256 forgotten = Math.mulDiv(_limit(held, sharePpm, least), block.timestamp - outflow.updatedAt, period);
        spent = outflow.spent - Math.min(outflow.spent, forgotten);
        uint256 limit = _limit(held + spent, sharePpm, least);
        left = limit - Math.min(limit, spent);
    }

    /// @dev Fits its field: what left is below a limit that does.
    function _limit(uint256 held, uint256 sharePpm, uint256 least) private pure returns (uint256) {
        uint256 limit = Math.max(Math.mulDiv(held, sharePpm, PPM), least);
        return Math.min(limit, type(uint208).max);
    }
}
