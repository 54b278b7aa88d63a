// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MarginBook} from "../../src/book/MarginBook.sol";
import {IAccountGate, Permission} from "../../src/interfaces/IAccountGate.sol";
import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {IGroth16Verifier} from "../../src/interfaces/IGroth16Verifier.sol";
import {Claim, Settlement} from "../../src/interfaces/IMarginBook.sol";
import {TestGate} from "../mocks/TestGate.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {BookRow, MarginBookFixture} from "../utils/MarginBookFixture.sol";
import {RecordedVerifier} from "../utils/RecordedVerifier.sol";
import {Tally} from "./Tally.sol";

/// @title MarginBookHandler
/// @notice Submits the proven steps of a walk of eight accounts (tools/book_fixtures.py) in any order, at any round,
///         intact or altered. The breaker, the gate and strangers' tokens act in between. It keeps its own record of what
///         must come of it. Rounds repeat the prices of the fixture's, so that a proof fits every third round.
/// @dev Calls that the rules forbid are made too: they must fail, or the record goes out of step.
contract MarginBookHandler is MarginBookFixture, Tally {
    uint256 private constant TRADES_IN_BATCH = 4;
    uint256 internal constant NONE = type(uint256).max;

    /// @dev The round of the fixture whose prices are far from those of the one before it.
    uint64 private constant NOT_CALM = 2;

    TestGate private gate;
    uint64 public lastRoundId;
    uint256 public acceptedSteps;
    uint256 public acceptedTrades;

    /// @dev What the book must know.
    mapping(uint256 account => uint256) public commitmentExpected;
    mapping(uint256 account => uint64) public changedAtExpected;
    mapping(uint256 account => uint64) public provenAtExpected;
    uint256 public openedExpected;
    mapping(uint256 commitment => uint256 account) public creator;
    mapping(uint256 asset => int256) public netTransfers;
    mapping(uint256 ticket => uint256) public timesSettled;

    constructor() {
        vm.warp(START);
        readRows(fixtureName());
        deployBook(bookTokens());
        vm.deal(address(this), 100 ether); // for bonds
        lastRoundId = postBookRound(1);
        for (uint256 i = 0; i < openings.length; ++i) {
            if (i < unopened()) continue;
            BOOK.open{value: BOND}(openingOf(openings[i]));
            recordOpening(openings[i]);
        }
    }

    /// @notice Submits a third of the walk: from empty accounts no run gets far.
    function begin() external {
        walkTo(updates.length / 3);
    }

    // ------------------------------------------------------------------------------------------------ actions

    function postRound(uint256 seconds_) public {
        skip(bound(seconds_, 1, 2 minutes));
        lastRoundId = postBookRound(lastRoundId % 3 + 1);
    }

    function open(uint256 who) public {
        BookRow memory row = openings[who % openings.length];
        uint256 account = row.inputs[1];
        bool due = commitmentExpected[account] == 0 && BOOK.guardianAccepted(BOOK.guardianId(guardianOf(row)));
        try BOOK.open{value: BOND}(openingOf(row)) {
            assertTrue(due, "an account was opened that must not");
            recordOpening(row);
        } catch {
            assertFalse(due, "an account was not opened");
        }
        tally("open", due);
    }

    /// @notice Submits the next step of some account. Half of them are at the newest round, a quarter at the one before it,
    ///         which may still serve trades, and a quarter at any.
    function submitNext(uint256 which, uint256 roundsBack) external {
        uint256 index = nextRow(which);
        if (index != NONE) aim(updates[index].roundId, roundsBack);
        submit(index, roundsBack, NONE);
    }

    /// @notice Submits a step at random, which mostly fits no account any more.
    function submitAny(uint256 which, uint256 roundsBack) external {
        submit(which % updates.length, roundsBack, NONE);
    }

    /// @notice Submits the next step of some account, altered.
    function submitAltered(uint256 which, uint256 roundsBack, uint256 alteration) external {
        submit(nextRow(which), roundsBack, alteration / 2);
    }

    function submitBatch(uint256 which, uint256 roundsBack, uint256 alterations) external {
        uint256 first = nextTrade(which);
        if (first == NONE) return;
        uint64 like = updates[first].roundId;
        aim(like, roundsBack);
        uint64 roundId = pickRound(like, roundsBack);
        Settlement[] memory deals = new Settlement[](TRADES_IN_BATCH);
        uint256[] memory indices = new uint256[](TRADES_IN_BATCH);
        bool[] memory altered = new bool[](TRADES_IN_BATCH);
        uint256 size = 0;
        // In the order of the walk: a later one may go on from the state that an earlier one leaves.
        for (uint256 i = first; i < updates.length && size < TRADES_IN_BATCH; ++i) {
            if (updates[i].inputs[3] != 1 || (updates[i].roundId != like && alterations % 2 == 0)) continue;
            indices[size] = i;
            deals[size] = trade(updates[i], updates[i + 1]);
            altered[size] = (alterations >> size) % 4 == 0;
            if (altered[size]) deals[size].seller.rho ^= 1;
            ++size;
        }
        if (size == 0) return;
        assembly ("memory-safe") {
            mstore(deals, size)
        }
        sendBatch(roundId, deals, indices, altered);
    }

    /// @notice What others do meanwhile: a gate, the breaker, guardians, tokens sent unasked, time, pay-outs, and an end of
    ///         all that but the pay-outs.
    function interfere(uint256 what, uint256 who, uint256 how) external {
        what = what % 8;
        if (what == 0) gate.set(openings[who % openings.length].inputs[1], Permission(how % 5));
        if (what == 1) raiseTo(Level(how % 4));
        if (what == 2) setGuardian(how % 2 == 0);
        if (what == 3) donate(who, how);
        if (what == 4) skip(bound(how, 1, 3 * MAX_PROOF_AGE / 2));
        if (what == 5) tryPayOut(who, how);
        if (what > 5) calmDown();
    }

    /// @notice Submits every step of the walk in its order, but for the side steps.
    /// @return steps How many.
    function walk() external returns (uint256 steps) {
        for (uint256 i = 0; i < openings.length; ++i) {
            open(i);
        }
        return walkTo(updates.length);
    }

    /// @dev Submits the rows up to `end` that were not submitted yet.
    /// @return steps How many there are.
    function walkTo(uint256 end) internal returns (uint256 steps) {
        for (uint256 i = 0; i < end; ++i) {
            if (isAside(i) || updates[i].inputs[3] == 2) continue;
            ++steps;
            if (creator[updates[i].inputs[1]] != 0) continue;
            do {
                postRound(1);
            } while ((lastRoundId - 1) % 3 + 1 != updates[i].roundId);
            beforeStep(updates[i]);
            submit(i, 1, NONE);
        }
    }

    // ------------------------------------------------------------------------------------------------ record

    function accountCount() external view returns (uint256) {
        return openings.length;
    }

    function accountAt(uint256 index) external view returns (uint256) {
        return openings[index].inputs[1];
    }

    function tradeCount() external view returns (uint256) {
        return updates.length;
    }

    function ticketAt(uint256 index) external view returns (uint256) {
        return updates[index].inputs[2];
    }

    function bookUnderTest() external pure returns (MarginBook) {
        return BOOK;
    }

    // ------------------------------------------------------------------------------------------------ interference

    function setGuardian(bool accepted) private {
        uint256[2] memory point = guardianOf(openings[0]);
        if (BOOK.guardianAccepted(BOOK.guardianId(point)) == accepted) return;
        vm.prank(owner);
        BOOK.setGuardian(point, accepted);
    }

    function donate(uint256 asset, uint256 amount) private {
        uint256[4] memory assets = [WBTC, WETH, SOL, USDC];
        TestToken(vault().tokenOf(assets[asset % 4])).mint(address(vault()), bound(amount, 0, 1e20));
    }

    /// @dev Whether something is due is not recorded here: the vault has a campaign of its own.
    function tryPayOut(uint256 asset, uint256 count) private {
        uint256[4] memory assets = [WBTC, WETH, SOL, USDC];
        try vault().payOut(assets[asset % 4], count % 4) {
            tally("payOut", true);
        } catch {
            tally("payOut", false);
        }
    }

    function calmDown() private {
        for (uint256 i = 0; i < openings.length; ++i) {
            gate.set(openings[i].inputs[1], Permission.Free);
        }
        if (breaker.level() == Level.Open) return;
        vm.prank(owner);
        breaker.lowerTo(Level.Open);
    }

    // ------------------------------------------------------------------------------------------------ steps

    function submit(uint256 index, uint256 roundsBack, uint256 alteration) internal {
        if (index == NONE) return;
        BookRow memory row = updates[index];
        uint64 roundId = pickRound(row.roundId, roundsBack);
        if (row.inputs[3] == 0) submitTransfer(row, roundId, alteration);
        else submitTrade(buyerIndex(index), roundId, alteration);
    }

    function submitTransfer(BookRow memory row, uint64 roundId, uint256 alteration) private {
        bool isWithdrawal = row.inputs[6] == 1;
        bool due = alteration == NONE && isDue(row, roundId, isWithdrawal ? 2 : 0);
        if (alteration != NONE) alter(row, alteration);
        bool done;
        // solhint-disable avoid-low-level-calls
        if (isWithdrawal) (done,) = address(this).call(abi.encodeCall(this.callWithdraw, (row, roundId)));
        else (done,) = address(this).call(abi.encodeCall(this.callDeposit, (row, roundId)));
        // solhint-enable avoid-low-level-calls
        assertEq(done, due, "a transfer was made, or not, against the rules");
        tally(kindOf(isWithdrawal ? "withdraw" : "deposit", roundId, alteration), done);
        if (!done) return;
        ++acceptedSteps;
        record(accountOf(row), row.inputs[1], roundId);
        recordFlags(accountOf(row), Claim(row.inputs[7]), roundId);
        int256 amount = int256(inToken(row.inputs[4], row.inputs[5]));
        netTransfers[row.inputs[4]] += isWithdrawal ? -amount : amount;
    }

    function submitTrade(uint256 index, uint64 roundId, uint256 alteration) private {
        (BookRow memory buyer, BookRow memory seller) = (updates[index], updates[index + 1]);
        bool due = alteration == NONE && isTradeDue(buyer, seller, roundId);
        Settlement memory deal = trade(buyer, seller);
        if (alteration != NONE) {
            if (alteration % 3 == 0) deal.ticket ^= 1;
            if (alteration % 3 == 1) (deal.buyer, deal.seller) = (deal.seller, deal.buyer);
            if (alteration % 3 == 2) deal.seller = deal.buyer;
        }
        try BOOK.settle(roundId, deal) {
            assertTrue(due, "a trade was settled that must not");
            recordTrade(buyer, seller, roundId);
        } catch {
            assertFalse(due, "a trade was not settled");
        }
        bool reduces = deal.buyer.claim == Claim.ReducesRisk && deal.seller.claim == Claim.ReducesRisk;
        tally(kindOf(reduces ? "settle, both reduce risk" : "settle", roundId, alteration), due);
    }

    function sendBatch(uint64 roundId, Settlement[] memory deals, uint256[] memory indices, bool[] memory altered)
        private
    {
        try BOOK.settleBatch(roundId, deals) returns (uint256 settled) {
            tally("settleBatch", true);
            for (uint256 k = 0; k < deals.length; ++k) {
                (BookRow memory buyer, BookRow memory seller) = (updates[indices[k]], updates[indices[k] + 1]);
                bool due = !altered[k] && isTradeDue(buyer, seller, roundId);
                tally("a trade within a batch", due);
                if (!due) continue;
                recordTrade(buyer, seller, roundId);
                --settled;
            }
            assertEq(settled, 0, "the batch settled others than it should");
        } catch {
            tally("settleBatch", false);
            for (uint256 k = 0; k < deals.length; ++k) {
                bool due = !altered[k] && isTradeDue(updates[indices[k]], updates[indices[k] + 1], roundId);
                assertFalse(due, "the batch left one out");
            }
        }
    }

    /// @dev Changes one public signal that is not the book's own.
    function alter(BookRow memory row, uint256 alteration) private pure {
        uint256[7] memory places = [uint256(0), 1, 4, 5, 9, 10, 14];
        uint256 place = places[alteration % 7];
        row.inputs[place] += place == 5 ? 1e18 : 1;
    }

    function recordOpening(BookRow memory row) private {
        ++openedExpected;
        record(row.inputs[1], row.inputs[0], lastRoundId);
    }

    function record(uint256 account, uint256 commitment, uint64 roundId) internal virtual {
        assertEq(creator[commitment], 0, "two accounts share a commitment, or a proof acted twice");
        creator[commitment] = account;
        commitmentExpected[account] = commitment;
        changedAtExpected[account] = lastRoundId;
        provenAtExpected[account] = roundId;
    }

    /// @dev What a deposit does to the flags of its account.
    // solhint-disable-next-line no-empty-blocks
    function recordFlags(uint256 account, Claim claim, uint64 roundId) internal virtual {}

    function recordTrade(BookRow memory buyer, BookRow memory seller, uint64 roundId) private {
        ++acceptedTrades;
        ++timesSettled[buyer.inputs[2]];
        record(accountOf(buyer), buyer.inputs[1], roundId);
        record(accountOf(seller), seller.inputs[1], roundId);
    }

    // ------------------------------------------------------------------------------------------------ rules

    function isTradeDue(BookRow memory buyer, BookRow memory seller, uint64 roundId) private view returns (bool) {
        return isDue(buyer, roundId, 1) && isDue(seller, roundId, 1);
    }

    /// @param use 0: deposit, 1: trade, 2: withdrawal.
    function isDue(BookRow memory row, uint64 roundId, uint256 use) private view returns (bool) {
        uint256 account = accountOf(row);
        bool fits = commitmentExpected[account] == row.inputs[0];
        bool timely = roundId >= changedAtExpected[account] && (roundId - 1) % 3 + 1 == row.roundId
            && block.timestamp - rounds.roundTimestamp(roundId) <= MAX_PROOF_AGE && serves(roundId, use);
        return fits && timely && isPermitted(account, roundId, use, row.inputs[7]);
    }

    /// @dev The newest round serves all, and the one before it trades for twelve seconds, if prices moved little.
    function serves(uint64 roundId, uint256 use) private view returns (bool) {
        if (roundId == lastRoundId) return true;
        return use == 1 && roundId + 1 == lastRoundId && (lastRoundId - 1) % 3 + 1 != NOT_CALM
            && block.timestamp - rounds.roundTimestamp(lastRoundId) <= TRADE_GRACE;
    }

    function isPermitted(uint256 account, uint64 roundId, uint256 use, uint256 claim) private view returns (bool) {
        Permission own = ownPermission(account, roundId);
        if (own == Permission.Frozen) return false;
        if (own == Permission.CureOnly) return use == 0 && claim == uint256(Claim.MeetsInitialMargin);
        if (own == Permission.TopUpOnly) return use == 0 && claim != uint256(Claim.Unsaid);
        bool stopped = own == Permission.NoNewRisk || breaker.level() != Level.Open;
        return !stopped || use == 0 || (use == 1 && claim == uint256(Claim.ReducesRisk));
    }

    /// @dev A row that goes on from the present state of its account, most times with its counterparty and along the walk,
    ///      for a side step ends the walk of its account; `NONE` when there is none.
    function nextRow(uint256 start) private view returns (uint256 any) {
        any = NONE;
        for (uint256 i = 0; i < updates.length; ++i) {
            uint256 index = (start % updates.length + i) % updates.length;
            if (!goesOn(index)) continue;
            any = index;
            if (start / updates.length % 8 == 0 || (isWhole(index) && !isAside(index))) return index;
        }
    }

    /// @dev Whether the counterparty, where there is one, can take the step too.
    function isWhole(uint256 index) private view returns (bool) {
        if (updates[index].inputs[3] == 0) return true;
        uint256 buyer = buyerIndex(index);
        return goesOn(buyer) && goesOn(buyer + 1);
    }

    function isAside(uint256 index) private view returns (bool) {
        return keccak256(bytes(updates[index].name)) == keccak256("aside");
    }

    /// @dev The buyer's row of a trade between two accounts that both go on from their present state, or else any `nextRow`.
    function nextTrade(uint256 start) private view returns (uint256) {
        for (uint256 i = 0; i < updates.length; ++i) {
            uint256 index = (start % updates.length + i) % updates.length;
            if (updates[index].inputs[3] == 1 && goesOn(index) && goesOn(index + 1)) return index;
        }
        return nextRow(start);
    }

    function goesOn(uint256 index) private view returns (bool) {
        return commitmentExpected[openings[updates[index].account].inputs[1]] == updates[index].inputs[0];
    }

    /// @dev Posts rounds until the newest has prices like those of the fixture's, three of four times; one of those three
    ///      times more rounds, so that the prices of that one are known to be old. `pickRound` finds it.
    function aim(uint64 like, uint256 how) internal {
        if (how % 4 == 0) return;
        while ((lastRoundId - 1) % 3 + 1 != like) {
            postRound(how);
        }
        if (how % 4 != 1) return;
        postRound(how);
        skip(how / 4 % (2 * TRADE_GRACE));
    }

    /// @dev What is tallied.
    function kindOf(string memory what, uint64 roundId, uint256 alteration) private view returns (string memory) {
        if (alteration != NONE) return string.concat(what, ", altered");
        return roundId == lastRoundId ? what : string.concat(what, ", superseded round");
    }

    /// @dev Three of four times the newest round whose prices fit.
    function pickRound(uint64 like, uint256 roundsBack) internal view returns (uint64) {
        uint64 back = uint64(roundsBack / 4 % 6);
        if (roundsBack % 4 != 0) back = uint64((lastRoundId + 3 - like) % 3);
        return back < lastRoundId ? lastRoundId - back : lastRoundId;
    }

    /// @dev The buyer's row is before the seller's.
    function buyerIndex(uint256 index) private view returns (uint256) {
        return updates[index].inputs[3] == 1 ? index : index - 1;
    }

    function accountOf(BookRow memory row) internal view returns (uint256) {
        return openings[row.account].inputs[1];
    }

    /// @dev WBTC has 8 decimals, WETH 18, SOL and USDC 6.
    function inToken(uint256 asset, uint256 units) private pure returns (uint256) {
        if (asset == WETH) return units * 1e9;
        return units / (asset == WBTC ? 10 : asset == SOL ? 1e3 : 1e12);
    }

    /// @dev What else happens on the walk.
    // solhint-disable-next-line no-empty-blocks
    function beforeStep(BookRow storage row) internal virtual {}

    /// @dev How many accounts are left to be opened in the runs.
    function unopened() internal pure virtual returns (uint256) {
        return 0;
    }

    function fixtureName() internal pure virtual returns (string memory) {
        return "book-pool";
    }

    /// @dev What they accept of the walk is recorded, so that only what they refuse costs a pairing.
    function deployVerifiers() internal override returns (IGroth16Verifier, IGroth16Verifier) {
        (IGroth16Verifier opens, IGroth16Verifier changes) = super.deployVerifiers();
        RecordedVerifier recordedOpens = new RecordedVerifier(opens);
        record(recordedOpens, openings, 0, new uint256[](0));
        RecordedVerifier recordedChanges = new RecordedVerifier(changes);
        for (uint64 like = 1; like <= instance.rounds.length; ++like) {
            record(recordedChanges, updates, like, instance.rounds[like - 1].updateInputs);
        }
        return (recordedOpens, recordedChanges);
    }

    function deployFirstGate() internal virtual override {
        gate = new TestGate();
    }

    function firstGate() internal view virtual override returns (IAccountGate) {
        return gate;
    }

    /// @dev What the gate must say.
    function ownPermission(uint256 account, uint64 roundId) internal view virtual returns (Permission) {
        return gate.permissionOf(account, roundId);
    }

    function callDeposit(BookRow calldata row, uint64 roundId) external {
        deposit(row, roundId);
    }

    function callWithdraw(BookRow calldata row, uint64 roundId) external {
        withdraw(row, roundId);
    }
}
