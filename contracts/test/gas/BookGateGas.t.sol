// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {SolvencyClaim} from "../../src/interfaces/ISolvencyGate.sol";
import {BookGateFixture} from "../utils/BookGateFixture.sol";

/// @notice Gas of single calls, without the 21,000 and the calldata of a transaction. The round is prepared; every
///         contract, slot and account is cold. Next to gate.json: what it costs to read from the book.
contract BookGateGasTest is BookGateFixture {
    string private constant GROUP = "book-gate";

    function setUp() public override {
        super.setUp();
        gate.prepareRound(1);
        BOOK.prepareRound(1);
    }

    /// @dev What a transaction finds: no address and no slot was touched before.
    modifier fromCold() {
        vm.cool(address(BOOK));
        vm.cool(address(gate));
        vm.cool(address(rounds));
        vm.cool(address(breaker));
        vm.cool(address(verifier));
        vm.cool(address(updateVerifier));
        vm.cool(address(usdc));
        _;
    }

    function test_prepareRound() public {
        prepareFromCold(postBookRound(2));
        vm.snapshotGasLastCall(GROUP, "prepareRound");
    }

    function test_proveSolvent() public {
        proveFromCold();
        vm.snapshotGasLastCall(GROUP, "proveSolvent");
    }

    function test_proveSolventBatch() public {
        SolvencyClaim[] memory claims = new SolvencyClaim[](2);
        claims[0] = SolvencyClaim(erin, commitmentOf(erin), address(0), find(margins, "erin is solvent").proof);
        uint256 bob = accountNamed("bob");
        claims[1] = SolvencyClaim(bob, commitmentOf(bob), address(0), find(margins, "bob is solvent").proof);
        batchFromCold(claims);
        vm.snapshotGasLastCall(GROUP, "proveSolventBatch 02 total");
    }

    function test_flag() public {
        gate.prepareRound(postBookRound(2));
        flagFromCold();
        vm.snapshotGasLastCall(GROUP, "flag, without tip");
    }

    function test_isSolvent() public fromCold {
        gate.isSolvent(erin, 1 hours);
        vm.snapshotGasLastCall(GROUP, "isSolvent");
    }

    function test_deposit() public {
        depositFromCold();
        vm.snapshotGasLastCall(GROUP, "book: deposit behind the gate");
    }

    function prepareFromCold(uint64 roundId) private fromCold {
        gate.prepareRound(roundId);
    }

    function proveFromCold() private fromCold {
        proveSolvent(erin, "erin is solvent", 1);
    }

    function batchFromCold(SolvencyClaim[] memory claims) private fromCold {
        gate.proveSolventBatch(1, claims);
    }

    function flagFromCold() private fromCold {
        flag(erin, "erin is liquidatable", 2);
    }

    function depositFromCold() private fromCold {
        deposit("erin deposits more");
    }
}
