// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Permission} from "../../../src/interfaces/IAccountGate.sol";
import {IBookVault} from "../../../src/interfaces/IBookVault.sol";
import {ICircuitBreaker, Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {Ground, IAccountReports} from "../../../src/interfaces/ICommitments.sol";
import {Claim, IMarginBook} from "../../../src/interfaces/IMarginBook.sol";
import {IPriceRounds} from "../../../src/interfaces/IPriceRounds.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {ISolvencyGate} from "../../../src/interfaces/ISolvencyGate.sol";
import {Call, Entry, RulesFixture} from "../../utils/RulesFixture.sol";

/// @notice Each rule on rounds, accounts and permissions at each entry that has to check it: docs/rules.md.
contract MarginBookRulesTest is RulesFixture {
    function test_everyEntryActsWhereNoRuleIsBroken() public {
        Entry[] memory all = entriesBetween(Entry.Deposit, Entry.QueueWithdrawal);
        for (uint256 i = 0; i < all.length; ++i) {
            accepts(callOf(all[i]));
        }
    }

    // ------------------------------------------------------------------------------------------------ rounds

    function test_theRoundExists() public {
        Entry[] memory all = entriesBetween(Entry.Deposit, Entry.ReplaceState);
        for (uint256 i = 0; i < all.length; ++i) {
            refuses(callOf(all[i], 3), IPriceRounds.UnknownRound.selector);
            refuses(callOf(all[i], type(uint64).max), IPriceRounds.UnknownRound.selector);
        }
    }

    function test_theRoundIsYoung() public {
        Entry[] memory all = entriesBetween(Entry.Deposit, Entry.ProveSolventBatch);
        vm.warp(rounds.roundTimestamp(2) + MAX_PROOF_AGE);
        for (uint256 i = 0; i < all.length; ++i) {
            accepts(callOf(all[i]));
        }
        skip(1);
        for (uint256 i = 0; i < all.length; ++i) {
            refuses(callOf(all[i]), IProofErrors.RoundTooOld.selector);
        }
    }

    /// @dev Spec ZS-57. Solvency may be proven of an older round, and a module answers for the round of a state.
    function test_theRoundIsTheNewest() public {
        postBookRound(1);
        skip(TRADE_GRACE + 1);
        Entry[8] memory bound = [
            Entry.Deposit,
            Entry.Withdraw,
            Entry.SettleAsBuyer,
            Entry.SettleAsSeller,
            Entry.BatchAsBuyer,
            Entry.BatchAsSeller,
            Entry.Flag,
            Entry.RecordFlag
        ];
        for (uint256 i = 0; i < bound.length; ++i) {
            refuses(callOf(bound[i], 2), IProofErrors.RoundSuperseded.selector);
            accepts(callOf(bound[i], 3));
        }
    }

    function test_aFlagEndsAtTheNewestRound() public {
        module.recordFlag(alice, commitmentOf(alice), Ground.Maintenance, 2, address(0));
        postBookRound(1);
        refuses(callOf(Entry.ClearFlag, 2), IProofErrors.RoundSuperseded.selector);
        accepts(callOf(Entry.ClearFlag, 3));
    }

    function test_onlyTradesHaveAGrace() public {
        postBookRound(1);
        skip(TRADE_GRACE);
        for (uint256 i = 0; i < trades().length; ++i) {
            accepts(callOf(trades()[i], 2));
        }
        Entry[4] memory others = [Entry.Deposit, Entry.Withdraw, Entry.Flag, Entry.RecordFlag];
        for (uint256 i = 0; i < others.length; ++i) {
            refuses(callOf(others[i], 2), IProofErrors.RoundSuperseded.selector);
        }
    }

    function test_theGraceIsShortCalmAndOfTheRoundBefore() public {
        uint256 before = vm.snapshotState();
        postBookRound(1);
        skip(TRADE_GRACE + 1);
        refusesTrades(2);
        vm.revertToState(before);
        postBookRound(2); // bitcoin is 3 % down
        refusesTrades(2);
        vm.revertToState(before);
        postBookRound(1);
        vm.warp(block.timestamp - 1 minutes);
        postBookRound(1);
        rewind(1 minutes);
        refusesTrades(2);
    }

    function refusesTrades(uint64 roundId) private {
        for (uint256 i = 0; i < trades().length; ++i) {
            refuses(callOf(trades()[i], roundId), IProofErrors.RoundSuperseded.selector);
        }
    }

    /// @dev Where the newest round alone will do, no change is after it.
    function test_theRoundIsNotBeforeTheLastChange() public {
        postBookRound(1);
        act(callOf(Entry.Deposit));
        bytes4 reason = IProofErrors.RoundBeforeChange.selector;
        for (uint256 i = 0; i < trades().length; ++i) {
            refuses(callOf(trades()[i], 2), reason);
        }
        refuses(callOf(Entry.ProveSolvent, 2), reason);
        refuses(callOf(Entry.ProveSolventBatch, 2), ISolvencyGate.NothingToProve.selector);
        refuses(callOf(Entry.RecordSolvent, 2), reason);
        refuses(callOf(Entry.ReplaceState, 2), reason);
    }

    function test_theRoundIsNotBeforeWhatWasProven() public {
        postBookRound(1);
        act(callOf(Entry.RecordSolvent));
        for (uint256 i = 0; i < reports().length; ++i) {
            refuses(callOf(reports()[i], 2), IAccountReports.RoundBeforeProof.selector);
            accepts(callOf(reports()[i], 3));
        }
        for (uint64 roundId = 2; roundId <= 3; ++roundId) {
            refuses(callOf(Entry.Flag, roundId), ISolvencyGate.RoundNotNewer.selector);
            refuses(callOf(Entry.ProveSolvent, roundId), ISolvencyGate.RoundNotNewer.selector);
            refuses(callOf(Entry.ProveSolventBatch, roundId), ISolvencyGate.NothingToProve.selector);
        }
    }

    /// @dev Spec ZS-82. The answer of the price source is made for it.
    function test_theRoundIsOfTheEpochOfTheAccount() public {
        bytes memory asked = abi.encodeCall(rounds.epochOf, (2));
        Entry[] memory all = entriesBetween(Entry.Deposit, Entry.ReplaceState);
        for (uint256 i = 0; i < all.length; ++i) {
            accepts(callOf(all[i]));
            if (all[i] == Entry.ClearFlag) continue;
            vm.mockCall(address(rounds), asked, abi.encode(1));
            bool isBatch = all[i] == Entry.BatchAsBuyer || all[i] == Entry.BatchAsSeller;
            bytes4 reason = IProofErrors.OtherEpoch.selector;
            if (isBatch) reason = IMarginBook.NothingSettled.selector;
            if (all[i] == Entry.ProveSolventBatch) reason = ISolvencyGate.NothingToProve.selector; // one account of many
            refuses(callOf(all[i]), reason);
            vm.mockCall(address(rounds), asked, abi.encode(0));
        }
        module.recordFlag(alice, commitmentOf(alice), Ground.Maintenance, 2, address(0));
        vm.mockCall(address(rounds), asked, abi.encode(1));
        refuses(callOf(Entry.ClearFlag), IProofErrors.OtherEpoch.selector);
    }

    // ------------------------------------------------------------------------------------------------ accounts

    function test_theAccountIsOpen() public {
        uint256 ivan = accountNamed("ivan");
        for (uint256 commitment = 0; commitment < 2; ++commitment) {
            for (uint256 i = 0; i < updatesOfAll().length; ++i) {
                refuses(withAccount(updatesOfAll()[i], ivan, commitment), IMarginBook.AccountNotOpen.selector);
            }
            for (uint256 i = 0; i < reports().length; ++i) {
                refuses(withAccount(reports()[i], ivan, commitment), IMarginBook.AccountNotOpen.selector);
            }
            refuses(withAccount(Entry.MoveAccount, ivan, commitment), IMarginBook.AccountNotOpen.selector);
            refuses(withAccount(Entry.CloseAccount, ivan, commitment), IMarginBook.AccountNotOpen.selector);
            refuses(withAccount(Entry.Flag, ivan, commitment), ISolvencyGate.UnknownAccount.selector);
            refuses(withAccount(Entry.ProveSolvent, ivan, commitment), ISolvencyGate.UnknownAccount.selector);
            refuses(withAccount(Entry.ProveSolventBatch, ivan, commitment), ISolvencyGate.NothingToProve.selector);
        }
    }

    /// @dev Of that account, and not of another one.
    function test_theCommitmentIsThePresentOne() public {
        uint256[3] memory others = [commitmentOf(alice) ^ 1, commitmentOf(accountNamed("bob")), 0];
        bytes4 reason = IMarginBook.CommitmentNotCurrent.selector;
        for (uint256 k = 0; k < others.length; ++k) {
            for (uint256 i = 0; i < updatesOfAll().length; ++i) {
                refuses(withAccount(updatesOfAll()[i], alice, others[k]), reason);
            }
            for (uint256 i = 0; i < reports().length; ++i) {
                refuses(withAccount(reports()[i], alice, others[k]), reason);
            }
            refuses(withAccount(Entry.MoveAccount, alice, others[k]), reason);
            refuses(withAccount(Entry.CloseAccount, alice, others[k]), reason);
            refuses(withAccount(Entry.ProveSolventBatch, alice, others[k]), ISolvencyGate.NothingToProve.selector);
        }
    }

    function withAccount(Entry entry, uint256 account, uint256 commitment) private view returns (Call memory item) {
        item = callOf(entry);
        (item.change.account, item.change.oldCommitment) = (account, commitment);
    }

    function test_theNewCommitmentIsAnother() public {
        for (uint256 i = 0; i < updatesOfAll().length; ++i) {
            staysAsItIs(updatesOfAll()[i]);
        }
        staysAsItIs(Entry.ReplaceState);
        staysAsItIs(Entry.MoveAccount);
    }

    function staysAsItIs(Entry entry) private {
        Call memory item = callOf(entry);
        item.change.newCommitment = item.change.oldCommitment;
        refuses(item, IMarginBook.CommitmentUnchanged.selector);
    }

    function test_theCiphertextIsOfTheBooksSize() public {
        uint256[4] memory lengths = [uint256(0), 4, 6, 10];
        for (uint256 k = 0; k < lengths.length; ++k) {
            for (uint256 i = 0; i < updatesOfAll().length; ++i) {
                hasCiphertext(updatesOfAll()[i], lengths[k]);
            }
            hasCiphertext(Entry.ReplaceState, lengths[k]);
        }
    }

    function hasCiphertext(Entry entry, uint256 length) private {
        Call memory item = callOf(entry);
        item.change.ciphertext = new uint256[](length);
        refuses(item, IProofErrors.WrongCiphertextLength.selector);
    }

    // ------------------------------------------------------------------------------------------------ permissions

    /// @dev Bit c of an entry says whether claim c will do.
    function expectClaims(uint256 ofDeposits, uint256 ofWithdrawals, uint256 ofTrades) private {
        for (uint256 i = 0; i < updatesOfAll().length; ++i) {
            Entry entry = updatesOfAll()[i];
            uint256 allowed = entry == Entry.Deposit ? ofDeposits : entry == Entry.Withdraw ? ofWithdrawals : ofTrades;
            for (uint256 claim = 0; claim < 4; ++claim) {
                Call memory item = callOf(entry);
                item.change.claim = Claim(claim);
                refuses(item, allowed >> claim & 1 == 1 ? ACCEPTED : IMarginBook.NotPermitted.selector);
            }
        }
    }

    /// @dev What leaves an account below maintenance margin is a deposit.
    function test_onlyDepositsTopUp() public {
        expectClaims(15, 7, 7);
    }

    function test_stoppedFlagsStopWithdrawalsAndNewRisk() public {
        uint256 before = vm.snapshotState();
        for (uint8 level = 1; level <= 3; ++level) {
            raiseTo(Level(level));
            expectClaims(15, 0, 4);
            refuses(callOf(Entry.Flag), ICircuitBreaker.Stopped.selector);
            accepts(callOf(Entry.ProveSolvent));
            vm.revertToState(before);
        }
    }

    function test_aFlaggedAccountToppedUpWithinItsCureWindow() public {
        for (uint8 ground = 0; ground < 2; ++ground) {
            uint256 before = vm.snapshotState();
            module.recordFlag(alice, commitmentOf(alice), Ground(ground), 2, address(0));
            skip(CURE_WINDOW);
            expectClaims(14, 0, 0);
            vm.revertToState(before);
        }
    }

    function test_aFlaggedAccountIsCuredAfterIt() public {
        for (uint8 ground = 0; ground < 2; ++ground) {
            uint256 before = vm.snapshotState();
            module.recordFlag(alice, commitmentOf(alice), Ground(ground), 2, address(0));
            skip(CURE_WINDOW + 1);
            expectClaims(2, 0, 0);
            vm.revertToState(before);
        }
    }

    /// @dev No second flag on one ground, and no proof of solvency: a cure alone ends a flag.
    function test_aFlaggedAccountIsNotReportedAgain() public {
        module.recordFlag(alice, commitmentOf(alice), Ground.Maintenance, 2, address(0));
        postBookRound(1);
        refuses(callOf(Entry.Flag), ISolvencyGate.AccountIsFlagged.selector);
        refuses(callOf(Entry.ProveSolvent), ISolvencyGate.AccountIsFlagged.selector);
        refuses(callOf(Entry.ProveSolventBatch), ISolvencyGate.NothingToProve.selector);
        refuses(callOf(Entry.RecordFlag), IAccountReports.AlreadyFlagged.selector);
    }

    /// @dev What is proven of its margin does not touch a flag for its overdraft.
    function test_aFlagForTheOverdraftKeepsNoReportOut() public {
        module.recordFlag(alice, commitmentOf(alice), Ground.Overdraft, 2, address(0));
        postBookRound(1);
        Entry[4] memory all = [Entry.Flag, Entry.ProveSolvent, Entry.ProveSolventBatch, Entry.RecordFlag];
        for (uint256 i = 0; i < all.length; ++i) {
            accepts(callOf(all[i]));
        }
    }

    /// @dev Each answer of the gate, which is asked for the account and the round of the proof.
    function test_theGateIsAsked() public {
        uint256[3][5] memory allowed =
            [[uint256(15), 7, 7], [uint256(15), 0, 4], [uint256(14), 0, 0], [uint256(2), 0, 0], [uint256(0), 0, 0]];
        for (uint256 permission = 0; permission < allowed.length; ++permission) {
            bytes memory question = abi.encodeCall(gate.permissionOf, (alice, 2));
            vm.mockCall(address(gate), question, abi.encode(permission));
            expectClaims(allowed[permission][0], allowed[permission][1], allowed[permission][2]);
        }
        postBookRound(1);
        for (uint256 i = 0; i < trades().length; ++i) {
            refuses(callOf(trades()[i], 2), IMarginBook.NotPermitted.selector);
            accepts(callOf(trades()[i], 3));
        }
    }

    /// @dev A flag and the breaker bar what the gate allows.
    function test_theStrictestHolds() public {
        module.recordFlag(alice, commitmentOf(alice), Ground.Maintenance, 2, address(0));
        bytes memory question = abi.encodeCall(gate.permissionOf, (alice, 2));
        vm.mockCall(address(gate), question, abi.encode(Permission.NoNewRisk));
        raiseTo(Level.NoFlags);
        expectClaims(14, 0, 0);
        vm.mockCall(address(gate), question, abi.encode(Permission.CureOnly));
        expectClaims(2, 0, 0);
    }

    // ------------------------------------------------------------------------------------------------ trades

    function test_aTradeHasTwoAccounts() public {
        for (uint256 i = 0; i < trades().length; ++i) {
            Call memory item = callOf(trades()[i]);
            item.change = changeOf(accountNamed("bob")); // the other side's
            item.change.newCommitment ^= 1;
            refuses(item, IMarginBook.SameAccount.selector);
        }
    }

    function test_aTradeHasATicket() public {
        for (uint256 i = 0; i < trades().length; ++i) {
            Call memory item = callOf(trades()[i]);
            item.ticket = 0;
            refuses(item, IMarginBook.ZeroTicket.selector);
        }
    }

    // ------------------------------------------------------------------------------------------------ transfers

    function test_whatMovesHasAToken() public {
        uint256[7] memory without = [BTC_PERP, SLOTS - 1, SLOTS + 1, 31, 32, 256, type(uint256).max];
        for (uint256 k = 0; k < without.length; ++k) {
            for (uint256 i = 0; i < transfers().length; ++i) {
                Call memory item = callOf(transfers()[i]);
                item.asset = without[k];
                refuses(item, IMarginBook.NoToken.selector);
            }
        }
    }

    /// @dev Of USDC, WBTC and SOL the token cannot express all that an account can hold.
    function test_whatMovesIsMoreThanNothingAndExact() public {
        depositAll();
        uint256[4] memory grains = [uint256(10), 1, 1000, 1e12];
        uint256[4] memory assets = [WBTC, WETH, SOL, USDC];
        for (uint256 k = 0; k < assets.length; ++k) {
            for (uint256 i = 0; i < transfers().length; ++i) {
                moves(transfers()[i], assets[k], 0, IMarginBook.ZeroAmount.selector);
                moves(transfers()[i], assets[k], grains[k], ACCEPTED);
                if (grains[k] == 1) continue;
                moves(transfers()[i], assets[k], 1, IMarginBook.AmountDoesNotScale.selector);
                moves(transfers()[i], assets[k], grains[k] - 1, IMarginBook.AmountDoesNotScale.selector);
                moves(transfers()[i], assets[k], grains[k] + 1, IMarginBook.AmountDoesNotScale.selector);
            }
        }
        moves(Entry.QueueWithdrawal, USDC, 0, IMarginBook.ZeroAmount.selector);
        moves(Entry.QueueWithdrawal, USDC, 1e12, ACCEPTED);
        moves(Entry.QueueWithdrawal, USDC, 1e12 - 1, IMarginBook.AmountDoesNotScale.selector);
        moves(Entry.QueueWithdrawal, USDC, 1e12 + 1, IMarginBook.AmountDoesNotScale.selector);
    }

    function moves(Entry entry, uint256 asset, uint256 amount, bytes4 reason) private {
        Call memory item = callOf(entry);
        (item.asset, item.amount) = (asset, amount);
        refuses(item, reason);
    }

    /// @dev The largest amount that the vault can count, one more, and one that would wrap around.
    function test_noAmountWrapsAround() public {
        uint256 most = type(uint128).max - vault().holdingsOf(USDC);
        usdc.mint(PAYER, type(uint128).max);
        moves(Entry.Deposit, USDC, most * 1e12, ACCEPTED);
        moves(Entry.Deposit, USDC, (most + 1) * 1e12, IBookVault.TooMuchHeld.selector);
        uint256 held = vault().holdingsOf(USDC);
        Entry[2] memory queued = [Entry.Withdraw, Entry.QueueWithdrawal];
        for (uint256 i = 0; i < queued.length; ++i) {
            moves(queued[i], USDC, held * 1e12, ACCEPTED);
            moves(queued[i], USDC, (held + 1) * 1e12, IBookVault.HoldingsExhausted.selector);
            moves(queued[i], USDC, (held + (1 << 128)) * 1e12, IBookVault.HoldingsExhausted.selector);
        }
        bytes4 panic = bytes4(keccak256("Panic(uint256)"));
        for (uint256 i = 0; i < transfers().length; ++i) {
            moves(transfers()[i], WETH, 1 << 255, panic); // times 10^9
        }
    }

    function test_noStaleAssetComesIn() public {
        for (uint256 slot = 0; slot < 3; ++slot) {
            vm.mockCall(address(rounds), abi.encodeCall(rounds.reduceOnly, (2)), abi.encode(1 << slot));
            for (uint256 asset = 0; asset < 3; ++asset) {
                bytes4 reason = asset == slot ? IMarginBook.AssetIsReduceOnly.selector : ACCEPTED;
                moves(Entry.Deposit, asset, 1000, reason);
            }
            moves(Entry.Deposit, USDC, 1e18, ACCEPTED);
        }
    }

    /// @dev A transfer to the token itself would be lost.
    function test_noWithdrawalIsLost() public {
        depositAll();
        uint256[4] memory assets = [WBTC, WETH, SOL, USDC];
        for (uint256 k = 0; k < assets.length; ++k) {
            address[4] memory lost = [address(0), address(BOOK), address(vault()), vault().tokenOf(assets[k])];
            Call memory item = callOf(Entry.Withdraw);
            (item.asset, item.amount) = (assets[k], 1e12);
            if (assets[k] != USDC) item.amount = 1000;
            accepts(item);
            for (uint256 i = 0; i < lost.length; ++i) {
                item.recipient = lost[i];
                refuses(item, IBookVault.InvalidRecipient.selector);
                if (assets[k] != USDC) continue;
                item.entry = Entry.QueueWithdrawal;
                refuses(item, IBookVault.InvalidRecipient.selector);
                item.entry = Entry.Withdraw;
            }
        }
    }

    function depositAll() private {
        for (uint256 asset = 0; asset < 3; ++asset) {
            Call memory item = callOf(Entry.Deposit);
            (item.asset, item.amount) = (asset, 1e9);
            item.change.claim = Claim.MeetsInitialMargin;
            act(item);
        }
        postBookRound(1);
    }
}
