// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {MarginBook} from "../../src/book/MarginBook.sol";
import {IBookVault} from "../../src/interfaces/IBookVault.sol";
import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {Claim, Opening, Settlement, StateUpdate} from "../../src/interfaces/IMarginBook.sol";
import {VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {TestLedger} from "../mocks/TestLedger.sol";
import {BlockingToken, TestToken} from "../mocks/Tokens.sol";
import {MarketFixture} from "../utils/MarketFixture.sol";
import {RoundReader} from "../utils/RoundReader.sol";
import {Tally} from "./Tally.sol";

/// @title MarketHandler
/// @notice Four accounts of a book whose owners can prove anything: the verifiers accept every statement. So all that stops a
///         call is a rule of the contracts. The handler judges every call that was accepted by its own record of rounds,
///         flags, stops and tokens.
contract MarketHandler is MarketFixture, Tally {
    uint256 private constant ACCOUNTS = 4;
    uint256 private constant GRACE = 12;
    uint256 private constant CURE_WINDOW = 60;
    uint256 private constant MAX_AGE = 1 hours;
    uint256 private constant NO_FLAGS = 1;

    uint256 private constant PPM = 1_000_000;
    uint256 private constant MAINTENANCE = 100_000;
    /// @dev Of a short call [ppm of the perpetual].
    uint256 private constant CALL_INITIAL = 150_000;
    uint256 private constant CALL_MAINTENANCE = 75_000;

    /// @dev Of spot and perpetual [ppm].
    uint256[2] private _initial = [uint256(150_000), 200_000];

    TestLedger private _ledger;
    uint256 private _commitments;
    uint256 private _tickets;
    uint256[] private _prices = [uint256(10_000e9), 10_000e9, 100e9];

    /// @dev By round, from 1.
    mapping(uint64 roundId => uint256[]) private _posted;
    mapping(uint64 roundId => uint256) private _stale;
    mapping(uint64 roundId => uint256) private _time;

    mapping(uint256 account => uint256) private _replaced;
    mapping(uint256 account => uint256) public commitmentExpected;
    mapping(uint256 account => uint256) public flaggedExpected;
    mapping(uint256 asset => uint256) public deposited;
    mapping(uint256 asset => uint256) public debited;

    constructor() {
        deployMarket();
        skip(1);
        record(7);
        for (uint256 account = 1; account <= ACCOUNTS; ++account) {
            open(account);
            deposit(account, USDC, 100_000e18, 0, 1);
            deposit(account, WBTC, 5e9, 0, 1);
        }
    }

    // ------------------------------------------------------------------------------------------------ actions

    /// @notice Posts prices up to 3 % away, the limit of spot within a minute, and sometimes up to 10 %, or leaves a slot out.
    function post(uint256 seed, uint256 seconds_) external {
        skip(bound(seconds_, 1, 90));
        uint256 most = seed % 16 == 0 ? 100_000 : seed % 8 < 4 ? 0 : 30_000;
        for (uint256 i = 0; i < 2; ++i) {
            _prices[i] = _prices[i] * (PPM - most + (seed >> (32 + 32 * i)) % (2 * most + 1)) / PPM;
        }
        _prices[2] = 99e9 + (seed >> 96) % 3 * 1e9;
        try this.record(seed % 3 == 0 ? 7 ^ (1 << (seed >> 104) % 3) : 7) {
            tally("post", true);
        } catch {
            tally("post", false);
        }
    }

    function record(uint256 priced) public {
        postRound(unanimousOn(1, uint64(priced), _prices, new int256[](SLOTS)));
        uint64 id = rounds.latestRoundId();
        if (_time[id] != 0) return; // the prices are held
        _posted[id] = rounds.round(id).prices;
        (_stale[id], _time[id]) = (7 & ~priced, block.timestamp);
    }

    function move(uint256 who, uint256 asset, uint256 amount, uint256 claim, uint256 roundsBack, bool isWithdrawal)
        external
    {
        uint256 account = bound(who, 1, ACCOUNTS);
        asset = asset % 2 == 0 ? WBTC : USDC;
        amount = asset == WBTC ? bound(amount, 1, 2e6) * 1e3 : bound(amount, 1, 50_000e6) * 1e12;
        // A flagged account does what it may, most times.
        claim = flaggedExpected[account] == 0 || claim % 32 < 8 ? claim % 4 : claim % 3 + 1;
        uint64 roundId = pickRound(roundsBack);
        if (isWithdrawal) withdraw(account, asset, amount, claim, roundId);
        else deposit(account, asset, amount, claim, roundId);
    }

    function trade(uint256 buyer, uint256 seller, uint256 claims, uint256 roundsBack, bool inBatch) external {
        (buyer, seller) = (bound(buyer, 1, ACCOUNTS), bound(seller, 1, ACCOUNTS));
        (uint256 of1, uint256 of2) = claims % 2 == 0 ? (uint256(2), uint256(2)) : (claims / 2 % 4, claims / 8 % 4);
        if (roundsBack % 4 == 1) supersede(roundsBack / 4 % (GRACE + 3));
        uint64 roundId = roundsBack % 4 == 1 && latest() > 1 ? latest() - 1 : pickRound(roundsBack);
        Settlement memory deal = Settlement(++_tickets, proven(buyer, of1), proven(seller, of2));
        uint256[] memory inputs = roundInputsOf(roundId);
        uint256 stale = _stale[roundId];
        updates.allow(tradeInputs(deal.buyer, deal.ticket, 1, stale), inputs);
        updates.allow(tradeInputs(deal.seller, deal.ticket, 2, stale), inputs);
        if (!isSettled(roundId, deal, inBatch)) return tally("settle", false);
        tally(roundId == latest() ? "settle" : "settle, superseded round", true);
        requireServes(roundId, true);
        assertTrue(buyer != seller, "an account traded with itself");
        changed(buyer, deal.buyer);
        changed(seller, deal.seller);
        for (uint256 k = 0; k < 2; ++k) {
            assertEq(flaggedExpected[k == 0 ? buyer : seller], 0, "a flagged account traded");
            uint256 claim = k == 0 ? of1 : of2;
            assertTrue(claim != uint256(Claim.TopsUp), "a trade topped up");
            assertTrue(claim == uint256(Claim.ReducesRisk) || !isStopped(), "new risk while flags are stopped");
        }
    }

    function flag(uint256 who, uint256 roundsBack) external {
        uint256 account = bound(who, 1, ACCOUNTS);
        uint64 roundId = pickRound(roundsBack);
        margins.allow(
            flagInputs(commitmentExpected[account]), RoundReader.inputs(rounds, roundId, VectorKind.Maintenance)
        );
        Proof memory proof;
        try gate.flag(account, roundId, address(0), proof) {
            requireServes(roundId, false);
            assertEq(flaggedExpected[account], 0, "a flag was set again");
            assertFalse(isStopped(), "a flag while flags are stopped");
            flaggedExpected[account] = breaker.activeTime(Level.NoFlags);
            tally("flag", true);
        } catch {
            tally("flag", false);
        }
    }

    /// @notice Makes a pay-out, often half an hour later, and to a recipient that is blocked or not.
    function payOut(uint256 which, uint256 count, uint256 who, bool isBlocked) external {
        uint256 asset = which % 2 == 0 ? WBTC : USDC;
        if (which / 2 % 2 == 0) supersede(31 minutes);
        BlockingToken.How how = isBlocked ? BlockingToken.How.Reverts : BlockingToken.How.Pays;
        BlockingToken(vault.tokenOf(asset)).setBlocked(recipientOf(bound(who, 1, ACCOUNTS)), how);
        try vault.payOut(asset, bound(count, 1, 5)) {
            assertTrue(breaker.level() != Level.NoWithdrawals, "paid while stopped");
            tally("payOut", true);
        } catch {
            tally("payOut", false);
        }
    }

    /// @notice Claims the next credit that there is, to some recipient.
    function claimCredit(uint256 who, uint256 to) external {
        (uint256 asset, uint256 account) = (WBTC, 1);
        for (uint256 i = 0; i < 2 * ACCOUNTS; ++i) {
            (asset, account) = ((who % 8 + i) % 2 == 0 ? WBTC : USDC, (who % 8 + i) / 2 % ACCOUNTS + 1);
            if (vault.creditOf(asset, recipientOf(account)) != 0) break;
        }
        vm.prank(recipientOf(account));
        try vault.claimCredit(asset, recipientOf(bound(to, 1, ACCOUNTS))) {
            tally("claimCredit", true);
        } catch {
            tally("claimCredit", false);
        }
    }

    /// @notice Time, stops, and what a ledger pays.
    function interfere(uint256 what, uint256 how) external {
        what = what % 4;
        if (what == 0) skip(bound(how, 1, 90));
        if (what == 1) setLevel(how % 16 < 4 ? how % 4 : 0);
        if (what == 2) setLevel(0);
        if (what == 3) _ledger.setFraction(how % 3 == 0 ? 0.7e18 : 1e18);
    }

    // ------------------------------------------------------------------------------------------------ reading

    function bookUnderTest() external view returns (MarginBook) {
        return book;
    }

    function vaultUnderTest() external view returns (IBookVault) {
        return vault;
    }

    function claimsOfLedger() external view returns (uint256) {
        return _ledger.claims();
    }

    /// @dev What recipients have.
    function paid(uint256 asset) external view returns (uint256 sum) {
        for (uint256 account = 1; account <= ACCOUNTS; ++account) {
            sum += TestToken(vault.tokenOf(asset)).balanceOf(recipientOf(account));
        }
    }

    // ------------------------------------------------------------------------------------------------ calls

    function open(uint256 account) private {
        Opening memory opening;
        (opening.commitment, opening.identity) = (++_commitments, account);
        opening.guardianPoint = guardianPoint();
        opening.ciphertext = new uint256[](1);
        opens.allow(openInputs(account, opening.commitment), new uint256[](0));
        book.open(opening);
        commitmentExpected[account] = opening.commitment;
    }

    function deposit(uint256 account, uint256 asset, uint256 amount, uint256 claim, uint64 roundId) private {
        StateUpdate memory update = proven(account, claim);
        uint256[] memory inputs = transferInputs(update, asset, amount, address(0), _stale[roundId]);
        updates.allow(inputs, roundInputsOf(roundId));
        vm.prank(PAYER);
        try book.deposit(roundId, asset, amount, update) {
            requireServes(roundId, false);
            assertEq(_stale[roundId] >> asset & 1, 0, "a deposit at an old price");
            changed(account, update);
            recordFlag(account, Claim(claim));
            deposited[asset] += inToken(asset, amount);
            tally("deposit", true);
        } catch {
            tally("deposit", false);
        }
    }

    function withdraw(uint256 account, uint256 asset, uint256 amount, uint256 claim, uint64 roundId) private {
        StateUpdate memory update = proven(account, claim);
        address recipient = recipientOf(account);
        uint256[] memory inputs = transferInputs(update, asset, amount, recipient, _stale[roundId]);
        updates.allow(inputs, roundInputsOf(roundId));
        try book.withdraw(roundId, asset, amount, recipient, update) {
            requireServes(roundId, false);
            assertEq(flaggedExpected[account], 0, "a flagged account withdrew");
            assertFalse(isStopped(), "a withdrawal while flags are stopped");
            assertTrue(claim != uint256(Claim.TopsUp), "a withdrawal topped up");
            changed(account, update);
            debited[asset] += inToken(asset, amount);
            tally("withdraw", true);
        } catch {
            tally("withdraw", false);
        }
    }

    function isSettled(uint64 roundId, Settlement memory deal, bool inBatch) private returns (bool) {
        if (inBatch) {
            Settlement[] memory deals = new Settlement[](1);
            deals[0] = deal;
            try book.settleBatch(roundId, deals) returns (uint256 settled) {
                return settled == 1;
            } catch {
                return false;
            }
        }
        try book.settle(roundId, deal) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev Records another round, and goes some seconds on.
    function supersede(uint256 seconds_) private {
        skip(1);
        try this.record(7) {
            skip(seconds_);
        } catch {
            tally("post", false);
        }
    }

    function setLevel(uint256 level) private {
        Level to = Level(level);
        if (to == breaker.raisedLevel()) return;
        bool isRaised = to > breaker.raisedLevel();
        vm.prank(isRaised ? guardian : governance);
        if (isRaised) breaker.raiseTo(to);
        else breaker.lowerTo(to);
    }

    // ------------------------------------------------------------------------------------------------ record

    function changed(uint256 account, StateUpdate memory update) private {
        assertEq(update.oldCommitment, commitmentExpected[account], "a proof of an old state acted");
        (_replaced[account], commitmentExpected[account]) = (update.oldCommitment, update.newCommitment);
    }

    /// @dev What a deposit that was accepted does to the flag of its account.
    function recordFlag(uint256 account, Claim claim) private {
        uint256 flaggedAt = flaggedExpected[account];
        uint256 active = breaker.activeTime(Level.NoFlags);
        if (flaggedAt == 0) {
            if (claim == Claim.TopsUp) flaggedExpected[account] = active;
            return;
        }
        if (claim == Claim.MeetsInitialMargin) {
            flaggedExpected[account] = 0;
            return tally("cure", true);
        }
        assertTrue(claim != Claim.Unsaid, "a flagged account deposited without a claim");
        assertLe(active, flaggedAt + CURE_WINDOW, "a top-up after the cure window");
        tally("top-up", true);
    }

    // ------------------------------------------------------------------------------------------------ rules

    /// @dev Fails unless a proof may act at a round: the newest, or for trades the one before a calm one for a time.
    function requireServes(uint64 roundId, bool isTrade) private view {
        assertLe(block.timestamp, _time[roundId] + MAX_AGE, "a proof at a round that is too old");
        if (roundId == latest()) return;
        assertTrue(isTrade && roundId + 1 == latest(), "a proof at a superseded round");
        assertLe(block.timestamp, _time[latest()] + GRACE, "a trade after the grace");
        assertEq(_stale[latest()] & ~_stale[roundId], 0, "a trade after a slot became stale");
        assertTrue(isCalm(_posted[roundId], _posted[latest()], _stale[roundId]), "a trade after a jump");
    }

    /// @dev Whether no price moved by more than initial less maintenance margin.
    function isCalm(uint256[] storage before, uint256[] storage present, uint256 stale) private view returns (bool) {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 moved = before[i] > present[i] ? before[i] - present[i] : present[i] - before[i];
            // What is stale needs its whole price at initial margin.
            uint256 initial = up(before[i], stale >> i & 1 == 1 ? PPM : _initial[i]);
            if (moved > initial - up(before[i], MAINTENANCE)) return false;
        }
        // So does a long call at both kinds.
        if (present[2] <= before[2]) return present[2] == before[2];
        uint256 most = Math.max(before[2], up(before[1], CALL_INITIAL));
        return present[2] - before[2] <= most - Math.max(before[2], up(before[1], CALL_MAINTENANCE));
    }

    function up(uint256 price, uint256 ppm) private pure returns (uint256) {
        return (price * ppm + PPM - 1) / PPM;
    }

    function isStopped() private view returns (bool) {
        return uint256(breaker.level()) >= NO_FLAGS;
    }

    function latest() private view returns (uint64) {
        return rounds.latestRoundId();
    }

    /// @dev Half of the time the newest round, else one of the three before it.
    function pickRound(uint256 roundsBack) private view returns (uint64) {
        uint64 back = roundsBack % 2 == 0 ? 0 : uint64(roundsBack / 2 % 4);
        return back < latest() ? latest() - back : latest();
    }

    /// @dev One of sixteen is of a state that was replaced.
    function proven(uint256 account, uint256 claim) private returns (StateUpdate memory) {
        ++_commitments;
        uint256 old = _commitments % 16 == 0 ? _replaced[account] : commitmentExpected[account];
        return updateOf(account, old, _commitments, Claim(claim));
    }

    /// @dev What `update` takes from a round.
    function roundInputsOf(uint64 roundId) private view returns (uint256[] memory inputs) {
        uint256[] memory vectors = rounds.roundInputs(roundId, RoundReader.ofUpdate(), RoundReader.UNSCALED);
        inputs = new uint256[](vectors.length + 3);
        for (uint256 i = 0; i < vectors.length; ++i) {
            inputs[i] = vectors[i];
        }
        inputs[vectors.length] = book.longOnly(roundId);
        (inputs[vectors.length + 1], inputs[vectors.length + 2]) = rounds.lambdasPpm();
    }

    /// @dev Both tokens have 6 decimals.
    function inToken(uint256 asset, uint256 amount) private pure returns (uint256) {
        return amount / (asset == WBTC ? 1e3 : 1e12);
    }

    function marketTokens() internal override returns (TestToken wbtc, TestToken usdc) {
        return (new BlockingToken(), new BlockingToken());
    }

    function marketLedger() internal override returns (IShortfallLedger) {
        _ledger = new TestLedger();
        return IShortfallLedger(address(_ledger));
    }
}
