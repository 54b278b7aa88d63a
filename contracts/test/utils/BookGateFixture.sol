// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {BookGate} from "../../src/gate/BookGate.sol";
import {IAccountGate} from "../../src/interfaces/IAccountGate.sol";
import {IGroth16Verifier} from "../../src/interfaces/IGroth16Verifier.sol";
import {Deploy} from "./Deploy.sol";
import {MarginBookFixture} from "./MarginBookFixture.sol";

/// @title BookGateFixture
/// @notice A book with a gate that reads from it, and three open accounts. Erin is long two BTC on a thin cushion.
abstract contract BookGateFixture is MarginBookFixture {
    IGroth16Verifier internal verifier;
    BookGate internal gate;
    uint256 internal erin;

    function setUp() public virtual override {
        super.setUp();
        erin = accountNamed("erin");
        open("erin");
        deposit("erin deposits");
        open("alice");
        deposit("alice deposits");
        open("bob");
        deposit("bob deposits");
        settle("erin buys much", "alice sells much");
    }

    function deployFirstGate() internal virtual override {
        verifier = Deploy.verifier("Margin13Verifier");
        gate = Deploy.bookGate(BOOK, breaker, rounds, verifier, MAX_PROOF_AGE);
    }

    function firstGate() internal view override returns (IAccountGate) {
        return gate;
    }

    function proveSolvent(uint256 account, string memory name, uint64 roundId) internal {
        gate.proveSolvent(account, roundId, address(0), find(margins, name).proof);
    }

    function flag(uint256 account, string memory name, uint64 roundId) internal {
        gate.flag(account, roundId, address(0), find(margins, name).proof);
    }
}
