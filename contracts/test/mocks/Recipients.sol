// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ITips} from "../../src/interfaces/ITips.sol";

/// @dev Refuses ETH, but can ask for its credit to be sent elsewhere.
contract RefusingRecipient {
    function claim(ITips gate, address payable to) external {
        gate.claimTip(to);
    }
}

/// @dev Burns whatever gas it is given.
contract BurningRecipient {
    receive() external payable {
        // solhint-disable-next-line no-empty-blocks
        while (true) {}
    }
}

/// @dev Reverts with as much data as its gas allows.
contract BombingRecipient {
    receive() external payable {
        assembly {
            revert(0, 100000)
        }
    }
}

/// @dev Tries to take more while it is being paid.
contract ReenteringRecipient {
    ITips private immutable _gate;
    uint256 public attempts;

    constructor(ITips gate) {
        _gate = gate;
    }

    // solhint-disable-next-line no-complex-fallback
    receive() external payable {
        ++attempts;
        _gate.claimTip(payable(address(this)));
    }
}
