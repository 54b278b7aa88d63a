// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ILiquidationEngine} from "../../src/interfaces/ILiquidationEngine.sol";

/// @dev Challenges an account, and asks for its bond whenever it is paid.
contract EndingChallenger {
    ILiquidationEngine private immutable _engine;
    uint256 private immutable _account;
    uint256 public attempts;

    constructor(ILiquidationEngine engine, uint256 account) {
        (_engine, _account) = (engine, account);
    }

    // solhint-disable-next-line no-complex-fallback
    receive() external payable {
        ++attempts;
        // solhint-disable-next-line no-empty-blocks
        try _engine.endChallenge(_account) {} catch {}
    }

    function challenge(uint256 bond) external {
        _engine.challenge{value: bond}(_account);
    }
}
