// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Permission} from "../../../src/interfaces/IAccountGate.sol";
import {IAccountLife, StateChange} from "../../../src/interfaces/IAccountLife.sol";
import {IBookVault} from "../../../src/interfaces/IBookVault.sol";
import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {BookAccount, Ground} from "../../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IMarginBook, Opening, StateUpdate} from "../../../src/interfaces/IMarginBook.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {AccountLifeFixture} from "../../utils/AccountLifeFixture.sol";
import {CallWords} from "../../utils/CallWords.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {BookRow} from "../../utils/MarginBookFixture.sol";

/// @notice Accounts that move to another guardian, leave without a round, or are closed.
contract AccountLifeTest is AccountLifeFixture, CallWords {
    bytes4 private constant REFUSED = IGroth16Verifier.ProofDoesNotVerify.selector;

    // ------------------------------------------------------------------------------------------------ rekey

    function test_anAccountMovesWithAllThatIsKnownOfIt() public {
        acceptGuardian();
        Opening memory moved = rekeyNamed("mia moves");
        vm.expectEmit(address(BOOK));
        emit IMarginBook.AccountClosed(mia, moved.identity);
        rekey("mia moves");

        BookAccount memory state = BOOK.accountState(moved.identity);
        assertEq(state.commitment, moved.commitment);
        assertEq(state.changedAtRound, 1);
        assertEq(state.provenAtRound, 1);
        assertEq(BOOK.accountState(mia).commitment, 0);
        assertEq(BOOK.accountCount(), 5);
        (address opener, uint256 amount) = vault().bondOf(moved.identity);
        assertEq(opener, address(this));
        assertEq(amount, BOND);
        (opener, amount) = vault().bondOf(mia);
        assertEq(opener, address(0));
        assertEq(amount, 0);

        BookRow memory row = step("mia deposits after the move");
        StateUpdate memory update = updateOf(row);
        update.account = moved.identity;
        vm.prank(PAYER);
        BOOK.deposit(1, USDC, row.inputs[5], update);
        assertEq(commitmentOf(moved.identity), row.inputs[1]);
    }

    /// @dev Else an account below maintenance margin moves before each flag that comes for it.
    function test_anAccountMovesOnlyIfItWasProvenAtTheNewestRound() public {
        acceptGuardian();
        uint64 second = postBookRound(1);
        vm.expectRevert(IAccountLife.NotProvenAtNewest.selector);
        this.rekey("mia moves");
        gate.proveSolvent(mia, second, address(0), find(margins, "mia is solvent").proof);
        rekey("mia moves");
        assertEq(BOOK.accountState(rekeyNamed("mia moves").identity).provenAtRound, second);
    }

    /// @dev A flag does not go along: it would be gone.
    function test_noFlaggedAccountMovesLeavesOrIsClosed() public {
        acceptGuardian();
        uint256[3] memory accounts = [mia, olga, pete];
        Ground[2] memory grounds = [Ground.Maintenance, Ground.Overdraft];
        for (uint256 i = 0; i < accounts.length; ++i) {
            for (uint256 k = 0; k < grounds.length; ++k) {
                uint256 before = vm.snapshotState();
                other.recordFlag(accounts[i], commitmentOf(accounts[i]), grounds[k], 1, address(0));
                vm.expectRevert(IAccountLife.AccountNotFree.selector);
                if (i == 0) this.rekey("mia moves");
                else if (i == 1) this.exit("olga takes a part");
                else this.close("pete closes");
                vm.revertToState(before);
            }
        }
    }

    /// @dev What expired is not money before it has settled, and a state that is moved would forget the expiry.
    function test_noAccountOfAnotherEpochMovesLeavesOrIsClosed() public {
        acceptGuardian();
        vm.mockCall(address(rounds), abi.encodeCall(rounds.epochOf, (1)), abi.encode(1));
        vm.expectRevert(IProofErrors.OtherEpoch.selector);
        this.rekey("mia moves");
        vm.expectRevert(IProofErrors.OtherEpoch.selector);
        this.exit("olga takes a part");
        vm.expectRevert(IProofErrors.OtherEpoch.selector);
        this.close("pete closes");
    }

    /// @dev So that what comes too late costs its sender little.
    function test_anAccountThatIsNotFreeIsRefusedBeforeItsProofIsVerified() public {
        StateChange memory change = closingNamed("pete closes");
        change.proof.a.x ^= 1;
        vm.expectRevert(IGroth16Verifier.PointNotOnCurve.selector);
        life.close(change);
        other.recordFlag(pete, commitmentOf(pete), Ground.Maintenance, 1, address(0));
        vm.expectRevert(IAccountLife.AccountNotFree.selector);
        life.close(change);
    }

    function test_anIdentityIsUsedOnce() public {
        acceptGuardian();
        rekey("pete moves");
        Opening memory again = openingOf(find(openings, "pete"));
        vm.expectRevert(IMarginBook.AlreadyOpen.selector);
        BOOK.open{value: BOND}(again);
        // Onto an identity that is another account's: whatever that one owes would be gone.
        uint256 commitment = commitmentOf(mia);
        Opening memory onto = rekeyNamed("mia moves");
        onto.identity = olga;
        vm.expectRevert(IMarginBook.AlreadyOpen.selector);
        other.moveAccount(mia, commitment, onto);
        onto.identity = mia;
        vm.expectRevert(IMarginBook.AlreadyOpen.selector);
        other.moveAccount(mia, commitment, onto);
        onto.identity = pete;
        vm.expectRevert(IMarginBook.AlreadyOpen.selector);
        other.moveAccount(mia, commitment, onto);
    }

    function test_nothingActsOnTheOldIdentity() public {
        acceptGuardian();
        rekey("mia moves");
        vm.expectRevert(IMarginBook.AccountNotOpen.selector);
        this.callDeposit("mia deposits more");
        vm.expectRevert(IAccountLife.NotProvenAtNewest.selector);
        this.rekey("mia moves");
        vm.expectRevert(IMarginBook.AccountNotOpen.selector);
        other.recordSolvent(mia, 0, 1);
    }

    function test_anAccountMovesToAnAcceptedGuardianOnly() public {
        vm.expectRevert(IMarginBook.GuardianNotAccepted.selector);
        this.rekey("mia moves");
    }

    function testFuzz_noOtherRekeyPasses(uint256 where, uint256 by) public {
        acceptGuardian();
        BookRow memory row = find(rekeys, "mia moves");
        where = bound(where, 0, row.inputs.length - 1);
        if (where == 3) where = 0; // the domain is the book's own
        Opening memory opening = rekeyNamed("mia moves");
        uint256 oldCommitment = row.inputs[0];
        uint256 changed = otherSignal(row.inputs[where], by);
        if (where == 0) oldCommitment = changed;
        if (where == 1) opening.commitment = changed;
        if (where == 2) opening.identity = changed;
        if (where == 4) opening.ownerTag = changed;
        if (where == 5 || where == 6) opening.ownerPoint[where - 5] = changed;
        if (where == 7 || where == 8) opening.guardianPoint[where - 7] = changed;
        if (where == 9) opening.rho = changed;
        if (where > 9) opening.ciphertext[where - 10] = changed;
        vm.expectRevert(REFUSED);
        life.rekey(mia, oldCommitment, opening);
    }

    // ------------------------------------------------------------------------------------------------ exit

    function test_anAccountWithoutPositionsLeavesThroughTheQueue() public {
        uint64 second = postBookRound(2);
        vm.expectEmit(address(BOOK));
        emit IMarginBook.WithdrawalRequested(olga, USDC, 40_000e18, RECIPIENT, 0);
        exit("olga takes a part");
        BookAccount memory state = BOOK.accountState(olga);
        assertEq(state.commitment, exitNamed("olga takes a part").newCommitment);
        assertEq(state.changedAtRound, second);
        assertEq(state.provenAtRound, 0, "no round was taken");
        exit("olga takes the rest");
        assertEq(vault().queuedOf(USDC), 100_000e6);
        payOut(USDC);
        assertEq(usdc.balanceOf(RECIPIENT), 100_000e6);
    }

    /// @dev The reporters are silent for days: the newest round is as old as that.
    function test_noRoundIsNeededToLeave() public {
        skip(8 days);
        exit("olga takes a part");
        assertEq(vault().queuedOf(USDC), 40_000e6);
    }

    /// @dev No price is taken, so a halt stops it in the queue only.
    function test_aHaltStopsOnlyThePayOut() public {
        raiseTo(Level.NoWithdrawals);
        exit("olga takes a part");
        skip(withdrawalDelay());
        IBookVault vault_ = vault();
        vm.expectRevert();
        vault_.payOut(USDC, 1);
    }

    function test_anExitIsPaidOnceAndToItsRecipient() public {
        StateChange memory change = exitNamed("olga takes a part");
        vm.expectRevert(REFUSED);
        life.exit(40_000e18, address(this), change);
        vm.expectRevert(REFUSED);
        life.exit(40_001e18, RECIPIENT, change);
        life.exit(40_000e18, RECIPIENT, change);
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        life.exit(40_000e18, RECIPIENT, change);
        change.account = mia;
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        life.exit(40_000e18, RECIPIENT, change);
    }

    function test_anExitGoesToNoPartOfTheBook() public {
        // The proof binds the recipient, so another is refused by the verifier already: see the vault's own tests.
        uint256[] memory ciphertext = new uint256[](5);
        other.replaceState(olga, commitmentOf(olga), 1234, 1, 0, 7, ciphertext);
        vm.expectRevert(IBookVault.InvalidRecipient.selector);
        other.queueWithdrawal(olga, 1e18, address(BOOK));
        vm.expectRevert(IMarginBook.ZeroAmount.selector);
        other.queueWithdrawal(olga, 0, RECIPIENT);
    }

    function test_theGateMayKeepAnAccount() public {
        vm.mockCall(
            address(gate), abi.encodeCall(gate.permissionOf, (olga, 1)), abi.encode(uint8(Permission.NoNewRisk))
        );
        vm.expectRevert(IAccountLife.AccountNotFree.selector);
        this.exit("olga takes a part");
        acceptGuardian();
        vm.mockCall(address(gate), abi.encodeCall(gate.permissionOf, (mia, 1)), abi.encode(uint8(Permission.CureOnly)));
        vm.expectRevert(IAccountLife.AccountNotFree.selector);
        this.rekey("mia moves");
        vm.mockCall(address(gate), abi.encodeCall(gate.permissionOf, (mia, 1)), abi.encode(uint8(Permission.NoNewRisk)));
        rekey("mia moves");
    }

    // ------------------------------------------------------------------------------------------------ close

    function test_aClosedAccountGetsItsBondBack() public {
        uint256 before = address(this).balance;
        vm.expectEmit(address(vault()));
        emit IBookVault.BondReturned(pete, address(this), BOND);
        close("pete closes");
        assertEq(address(this).balance, before + BOND);
        assertEq(BOOK.accountState(pete).commitment, 0);
        vm.expectRevert(IMarginBook.AccountNotOpen.selector);
        this.close("pete closes");
    }

    function test_anAccountIsClosedOnceItIsEmpty() public {
        vm.expectRevert(IMarginBook.CommitmentNotCurrent.selector);
        this.close("olga closes");
        exit("olga takes a part");
        exit("olga takes the rest");
        close("olga closes");
        assertEq(vault().queuedOf(USDC), 100_000e6, "what it asked for before stays queued");
    }

    function test_onlyAnEmptyAccountIsClosed() public {
        StateChange memory change = closingNamed("pete closes");
        (change.account, change.oldCommitment) = (mia, commitmentOf(mia));
        vm.expectRevert(REFUSED);
        life.close(change);
    }

    // ------------------------------------------------------------------------------------------------ module

    function test_onlyModulesMoveCloseAndPay() public {
        Opening memory opening = rekeyNamed("mia moves");
        vm.expectRevert(IMarginBook.NotAModule.selector);
        BOOK.moveAccount(mia, 0, opening);
        vm.expectRevert(IMarginBook.NotAModule.selector);
        BOOK.closeAccount(mia, 0);
        vm.expectRevert(IMarginBook.NotAModule.selector);
        BOOK.queueWithdrawal(mia, 1e18, RECIPIENT);
        IBookVault vault_ = vault();
        vm.expectRevert(IBookVault.NotTheBook.selector);
        vault_.moveBond(mia, pete);
        vm.expectRevert(IBookVault.NotTheBook.selector);
        vault_.returnBond(mia);
    }

    function test_refusesCiphertextsOfAnotherLength() public {
        StateChange memory change = exitNamed("olga takes a part");
        change.ciphertext = new uint256[](4);
        vm.expectRevert(IProofErrors.WrongCiphertextLength.selector);
        life.exit(40_000e18, RECIPIENT, change);
        change = closingNamed("pete closes");
        change.ciphertext = new uint256[](6);
        vm.expectRevert(IProofErrors.WrongCiphertextLength.selector);
        life.close(change);
        acceptGuardian();
        Opening memory opening = rekeyNamed("mia moves");
        uint256 commitment = commitmentOf(mia);
        opening.ciphertext = new uint256[](6);
        vm.expectRevert(IProofErrors.WrongCiphertextLength.selector);
        life.rekey(mia, commitment, opening);
        vm.expectRevert(IProofErrors.WrongCiphertextLength.selector);
        other.moveAccount(mia, commitment, opening);
    }

    function test_everyWordOfACallCounts() public {
        acceptGuardian();
        bytes memory rekeys_ = abi.encodeCall(life.rekey, (mia, commitmentOf(mia), rekeyNamed("mia moves")));
        everyWordCounts(PAYER, address(life), 0, rekeys_);
        bytes memory exits_ = abi.encodeCall(life.exit, (40_000e18, RECIPIENT, exitNamed("olga takes a part")));
        everyWordCounts(PAYER, address(life), 0, exits_);
        everyWordCounts(PAYER, address(life), 0, abi.encodeCall(life.close, (closingNamed("pete closes"))));
    }

    function test_refusesVerifiersOfOtherStatements() public {
        IGroth16Verifier expires_ = life.expireVerifier();
        IGroth16Verifier rekeys_ = life.rekeyVerifier();
        IGroth16Verifier writeoffs_ = life.writeoffVerifier();
        IGroth16Verifier exits_ = life.exitVerifier();
        vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongStatement.selector, "expire-13", "exit-13"));
        Deploy.accountLife(BOOK, SLOTS, exits_, rekeys_, writeoffs_, exits_);
        vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongStatement.selector, "rekey-13", "open-13"));
        Deploy.accountLife(BOOK, SLOTS, expires_, openVerifier, writeoffs_, exits_);
        vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongStatement.selector, "writeoff-13", "exit-13"));
        Deploy.accountLife(BOOK, SLOTS, expires_, rekeys_, exits_, exits_);
        vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongStatement.selector, "exit-13", "writeoff-13"));
        Deploy.accountLife(BOOK, SLOTS, expires_, rekeys_, writeoffs_, writeoffs_);
        vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongStatement.selector, "expire-28", "expire-13"));
        Deploy.accountLife(BOOK, 28, expires_, rekeys_, writeoffs_, exits_);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    receive() external payable {}

    function rekey(string memory name) public {
        BookRow memory row = find(rekeys, name);
        life.rekey(openings[row.account].inputs[1], row.inputs[0], rekeyNamed(name));
    }

    function exit(string memory name) public {
        BookRow memory row = find(exits, name);
        life.exit(row.inputs[2], address(uint160(row.inputs[3])), exitNamed(name));
    }

    function close(string memory name) public {
        life.close(closingNamed(name));
    }

    function callDeposit(string calldata name) external {
        deposit(name);
    }
}
