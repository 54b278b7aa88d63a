// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IMarginBook, StateUpdate} from "../../../src/interfaces/IMarginBook.sol";
import {IShortfallLedger} from "../../../src/interfaces/IShortfallLedger.sol";
import {TestLedger} from "../../mocks/TestLedger.sol";
import {BookRow, MarginBookFixture} from "../../utils/MarginBookFixture.sol";
import {RoundReader} from "../../utils/RoundReader.sol";

/// @notice A book whose vault has a ledger: spot is priced in a currency that may be worth less.
contract MarginBookLedgerTest is MarginBookFixture {
    TestLedger private theLedger;

    function setUp() public override {
        theLedger = new TestLedger();
        super.setUp();
        open("alice");
        open("bob");
        deposit("alice deposits");
    }

    function ledger() internal view override returns (IShortfallLedger) {
        return IShortfallLedger(address(theLedger));
    }

    function test_theBookScalesSpotAsTheLedgerSays() public {
        assertEq(BOOK.spotScale(1), 1e18);
        theLedger.setSpotScale(1.25e18);
        assertEq(BOOK.spotScale(1), 1.25e18);
    }

    /// @dev What was proven at prices from before a debt grew would let its prover leave whole.
    function test_aNewDebtEndsTheProofsOfARound() public {
        scaleTo(1.001e18);
        assertFalse(BOOK.prepared(1));
        BookRow memory row = step("bob deposits");
        (uint256 asset, uint256 amount, StateUpdate memory update) = (row.inputs[4], row.inputs[5], updateOf(row));
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        vm.prank(PAYER);
        BOOK.deposit(1, asset, amount, update);
        theLedger.setSpotScale(1e18);
        assertTrue(BOOK.prepared(1));
        deposit(row, 1);
    }

    function test_preparingARoundTellsWhatItsUpdatesShare() public {
        uint64 second = postBookRound(1);
        vm.expectEmit(address(BOOK));
        emit IMarginBook.RoundPrepared(second);
        G1Point memory point = BOOK.prepareRound(second);
        G1Point memory expected = BOOK.verifier().computeRoundPoint(roundInputs(second));
        assertEq(abi.encode(point), abi.encode(expected));
        assertEq(abi.encode(BOOK.prepareRound(second)), abi.encode(expected));
        scaleTo(1.001e18);
        assertNotEq(abi.encode(BOOK.prepareRound(second)), abi.encode(expected));
    }

    /// @dev The fixture's rounds have no spot, so they are told what a scale makes of it.
    function scaleTo(uint256 scale) private {
        theLedger.setSpotScale(scale);
        uint64 latest = rounds.latestRoundId();
        uint256[] memory dearer = rounds.roundInputs(latest, RoundReader.ofUpdate(), RoundReader.UNSCALED);
        ++dearer[0];
        bytes memory question = abi.encodeCall(rounds.roundInputs, (latest, RoundReader.ofUpdate(), scale));
        vm.mockCall(address(rounds), question, abi.encode(dearer));
    }
}
