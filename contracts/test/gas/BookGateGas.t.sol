// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {SolvencyClaim} from "../../src/interfaces/ISolvencyGate.sol";
import {BookGateFixture} from "../utils/BookGateFixture.sol";

/// @dev `vm.cool` makes slots cold again, but not the contracts that a test has called before: so what has to be done before
///      is in `setUp`.
abstract contract BookGateGasFixture is BookGateFixture {
    string internal constant GROUP = "book-gate";

    address internal theVault;

    function setUp() public virtual override {
        super.setUp();
        theVault = address(vault());
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
        vm.cool(theVault);
        _;
    }
}

/// @notice Gas of single calls, without the 21,000 and the calldata of a transaction. The round is prepared, and newer than
///         the last change of any account; every contract, slot and account is cold. Next to gate.json: what it costs to
///         read from the book.
contract BookGateGasTest is BookGateGasFixture {
    function setUp() public override {
        super.setUp();
        gate.prepareRound(postBookRound(1));
        BOOK.prepareRound(2);
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

    function test_isSolvent() public fromCold {
        gate.isSolvent(erin, 1 hours);
        vm.snapshotGasLastCall(GROUP, "isSolvent");
    }

    function test_deposit() public {
        depositFromCold();
        vm.snapshotGasLastCall(GROUP, "book: deposit behind the gate");
    }

    function proveFromCold() private fromCold {
        proveSolvent(erin, "erin is solvent", 2);
    }

    function batchFromCold(SolvencyClaim[] memory claims) private fromCold {
        gate.proveSolventBatch(2, claims);
    }

    function depositFromCold() private fromCold {
        deposit(step("erin deposits more"), 2);
    }
}

/// @notice Gas after a fall of prices, at a round that the gate has not prepared, and at one that it has.
contract FallenPricesGasTest is BookGateGasFixture {
    function setUp() public override {
        super.setUp();
        postBookRound(2);
    }

    function test_prepareRound() public fromCold {
        gate.prepareRound(2);
        vm.snapshotGasLastCall(GROUP, "prepareRound");
    }

    function test_flag() public {
        gate.prepareRound(2);
        flagFromCold();
        vm.snapshotGasLastCall(GROUP, "flag, without tip");
    }

    function flagFromCold() private fromCold {
        flag(erin, "erin is liquidatable", 2);
    }
}
