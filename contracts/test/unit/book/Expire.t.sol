// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAccountLife, StateChange} from "../../../src/interfaces/IAccountLife.sol";
import {BookAccount, Ground} from "../../../src/interfaces/ICommitments.sol";
import {IExpiries} from "../../../src/interfaces/IExpiries.sol";
import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {ISolvencyGate, SolvencyClaim} from "../../../src/interfaces/ISolvencyGate.sol";
import {TestExpiries} from "../../mocks/TestExpiries.sol";
import {CallWords} from "../../utils/CallWords.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {ExpiryFixture} from "../../utils/ExpiryFixture.sol";

/// @notice Accounts that go from epoch to epoch, with real proofs.
contract ExpireTest is ExpiryFixture, CallWords {
    function test_anAccountGoesFromEpochToEpoch() public {
        openEpoch(OPTION_BIT);
        uint64 second = roundOf(1);
        vm.expectEmit(address(life));
        emit IAccountLife.AccountExpired(rita, 0, 1);
        expire("rita's option expires", 1);
        BookAccount memory state = BOOK.accountState(rita);
        assertEq(state.commitment, rowNamed("rita's option expires").inputs[1]);
        assertEq(state.changedAtRound, second);
        assertEq(state.provenAtRound, 0, "a loss may leave it below every margin");
        assertEq(state.epoch, 1);
        openEpoch(PERPETUAL_BIT);
        expire("rita's perpetual expires", 2);
        assertEq(BOOK.accountState(rita).epoch, 2);
        leave("rita exits");
        assertEq(vault().queuedOf(USDC), 40_000e6);
    }

    function test_oneProofCrossesEpochsThatShareNoSlot() public {
        openEpoch(OPTION_BIT);
        openEpoch(PERPETUAL_BIT);
        roundOf(2);
        (uint64 slots, int256[] memory prices, uint256 rho) = life.stepOf(sam, commitmentOf(sam), 2);
        assertEq(slots, OPTION_BIT | PERPETUAL_BIT);
        assertEq(rho, rowNamed("sam expires twice").inputs[3]);
        assertEq(prices[BTC_PERP], priceAt(BTC_PERP));
        assertEq(prices[BTC_PERP + 7], priceAt(BTC_PERP + 7));
        assertEq(prices[0], 0);
        expire("sam expires twice", 2);
        leave("sam exits");
    }

    function test_noProofCrossesASlotTwice() public {
        openEpoch(OPTION_BIT);
        openEpoch(OPTION_BIT | PERPETUAL_BIT);
        vm.expectRevert(abi.encodeWithSelector(IAccountLife.SlotSettledTwice.selector, 2));
        this.expire("sam expires twice", 2);
        expire("rita's option expires", 1);
    }

    function test_noEpochIsSkipped() public {
        openEpoch(OPTION_BIT);
        openEpoch(PERPETUAL_BIT);
        vm.expectRevert(IProofErrors.WrongRho.selector);
        this.expire("rita's option expires", 2);
        vm.expectRevert(IProofErrors.WrongRho.selector);
        this.expire("rita skips the option", 1);
        expire("rita's option expires", 1);
        vm.expectRevert(abi.encodeWithSelector(IAccountLife.EpochNotNewer.selector, 1, 1));
        this.expire("rita's option expires", 1);
        vm.expectRevert(abi.encodeWithSelector(IAccountLife.EpochNotNewer.selector, 1, 0));
        this.expire("rita's perpetual expires", 0);
    }

    function test_noProofOfAnExpiryActsTwice() public {
        openEpoch(OPTION_BIT);
        openEpoch(0);
        expire("rita's option expires", 1);
        vm.expectRevert(IProofErrors.WrongRho.selector);
        this.expire("rita's option expires", 2);
    }

    function test_anEpochThatIsNotOpenIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IAccountLife.EpochWithoutRound.selector, 1));
        this.expire("rita's option expires", 1);
        sayEpoch(1, 1);
        vm.expectRevert(abi.encodeWithSelector(IExpiries.UnknownEpoch.selector, 1));
        this.expire("rita's option expires", 1);
    }

    /// @dev A reader who seals an old state under its old rho brings its commitment back, and with it what its owner signed.
    function test_noReaderChoosesRho() public {
        openEpoch(OPTION_BIT);
        vm.expectRevert(IProofErrors.WrongRho.selector);
        this.expire("rita expires under a rho of her choice", 1);
    }

    function test_noOtherPriceSettles() public {
        int256[] memory prices = new int256[](SLOTS);
        prices[BTC_PERP + 7] = priceAt(BTC_PERP + 7) + 1;
        expiries.open(OPTION_BIT, prices);
        sayEpoch(1, 1);
        vm.expectRevert(IProofErrors.WrongRho.selector);
        this.expire("rita's option expires", 1);
        (,, uint256 rho) = life.stepOf(rita, commitmentOf(rita), 1);
        StateChange memory change = changeNamed("rita's option expires");
        change.rho = rho;
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        life.expire(1, change);
    }

    function test_everyWordOfACallCounts() public {
        openEpoch(OPTION_BIT);
        roundOf(1);
        StateChange memory change = changeNamed("rita's option expires");
        everyWordCounts(PAYER, address(life), 0, abi.encodeCall(life.expire, (1, change)));
    }

    /// @dev What the account owes for its option must not be left out.
    function test_anAccountOfAnOlderEpochDoesNothing() public {
        openEpoch(OPTION_BIT);
        uint64 second = roundOf(1);
        vm.expectRevert(IProofErrors.OtherEpoch.selector);
        gate.proveSolvent(rita, second, address(0), find(margins, "rita is solvent").proof);
        vm.expectRevert(IProofErrors.OtherEpoch.selector);
        this.depositNow("rita deposits before", second);
        vm.expectRevert(IProofErrors.OtherEpoch.selector);
        this.leave("rita exits");
        expire("rita's option expires", 1);
        gate.proveSolvent(rita, second, address(0), find(margins, "rita is solvent").proof);
        assertEq(BOOK.accountState(rita).provenAtRound, second);
    }

    /// @dev Else an owner could settle one slot after the other, each just before a round, and stay ahead of all flags.
    function test_noAccountIsAheadOfTheRounds() public {
        settleOnly(OPTION_BIT);
        vm.expectRevert(abi.encodeWithSelector(IAccountLife.EpochWithoutRound.selector, 1));
        this.expire("rita's option expires", 1);
        postBookRound(2); // still of the epoch before
        vm.expectRevert(abi.encodeWithSelector(IAccountLife.EpochWithoutRound.selector, 1));
        this.expire("rita's option expires", 1);
        roundOf(1);
        expire("rita's option expires", 1);
    }

    /// @dev Nor is its money locked when no round comes after a settlement.
    function test_anExitWaitsForNoRoundOfANewEpoch() public {
        openEpoch(OPTION_BIT);
        openEpoch(PERPETUAL_BIT);
        expire("sam expires twice", 2);
        settleOnly(1 << 5);
        leave("sam exits");
        assertEq(BOOK.accountState(sam).epoch, 2);
    }

    function test_aFlagStays() public {
        other.recordFlag(rita, commitmentOf(rita), Ground.Maintenance, 1, address(0));
        uint48 since = BOOK.accountState(rita).maintenanceFlaggedAt;
        openEpoch(OPTION_BIT);
        uint64 second = roundOf(1);
        expire("rita's option expires", 1);
        assertEq(BOOK.accountState(rita).maintenanceFlaggedAt, since);
        assertEq(gate.accountState(rita).flaggedAtRound, second);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyGate.AccountIsFlagged.selector, rita));
        gate.proveSolvent(rita, second, address(0), find(margins, "rita is solvent").proof);
    }

    /// @dev One account that sleeps must not stop the proofs of the others.
    function test_aBatchLeavesOutAccountsOfAnotherEpoch() public {
        openEpoch(OPTION_BIT);
        uint64 second = roundOf(1);
        expire("rita's option expires", 1);
        SolvencyClaim[] memory claims = new SolvencyClaim[](2);
        claims[0] = SolvencyClaim(sam, commitmentOf(sam), address(0), find(margins, "sam is solvent before").proof);
        claims[1] = SolvencyClaim(rita, commitmentOf(rita), address(0), find(margins, "rita is solvent").proof);
        vm.expectEmit(address(gate));
        emit ISolvencyGate.ClaimSkipped(sam, second);
        assertEq(gate.proveSolventBatch(second, claims), 1);
    }

    function test_aNewAccountIsOfTheEpochOfTheNewestRound() public {
        vm.revertToState(beforeTheFirstRound);
        expiries = Deploy.testExpiries(SLOTS);
        openEpoch(OPTION_BIT);
        sayEpoch(1, 1);
        open("sam");
        assertEq(BOOK.accountState(accountNamed("sam")).epoch, 0, "before the first round");
        postBookRound(1);
        open("rita");
        assertEq(BOOK.accountState(accountNamed("rita")).epoch, 1);
    }

    function test_refusesACiphertextOfAnotherLength() public {
        openEpoch(OPTION_BIT);
        StateChange memory change = changeNamed("rita's option expires");
        change.ciphertext = new uint256[](4);
        vm.expectRevert(IProofErrors.WrongCiphertextLength.selector);
        life.expire(1, change);
    }

    /// @dev Epochs of another contract say nothing of this book.
    function test_thePricesAreThoseOfTheBooksSource() public {
        TestExpiries others = Deploy.testExpiries(SLOTS);
        int256[] memory prices = new int256[](SLOTS);
        prices[BTC_PERP + 7] = priceAt(BTC_PERP + 7);
        others.open(OPTION_BIT, prices);
        sayEpoch(1, 1);
        vm.expectRevert(abi.encodeWithSelector(IExpiries.UnknownEpoch.selector, 1));
        this.expire("rita's option expires", 1);
        vm.mockCall(address(rounds), abi.encodeCall(rounds.expiries, ()), abi.encode(others));
        expire("rita's option expires", 1);
    }
}
