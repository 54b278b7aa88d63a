// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../src/interfaces/IAccountLife.sol";
import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {BookAccount, Ground} from "../../src/interfaces/ICommitments.sol";
import {Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {Takeover} from "../../src/interfaces/ILiquidationEngine.sol";
import {Claim, StateUpdate} from "../../src/interfaces/IMarginBook.sol";
import {LiquidationFixture} from "../utils/LiquidationFixture.sol";
import {Tally} from "./Tally.sol";

/// @title LiquidationHandler
/// @notice A market whose hidden states are known here: a perpetual, spot and quote. There is a proof of each statement that
///         is true of them, and of no other. Guardians, owners, takers and challengers call an engine at all times, with true
///         and false statements, and each call has to succeed exactly when it is due.
contract LiquidationHandler is LiquidationFixture, Tally {
    /// @dev A hidden state: perpetual and spot [1e-9], quote [1e-18 USD].
    struct Hidden {
        int256 perpetual;
        int256 spot;
        int256 quote;
    }

    /// @dev Equity and margin at one kind [1e-18 USD].
    struct Worth {
        int256 equity;
        int256 margin;
    }

    /// @dev What a release takes, and what is left of it.
    struct Sale {
        Worth before;
        Worth part;
        int256 reward;
        int256 healthAfter;
        bool isCovered;
        bool isTrue;
    }

    /// @dev A takeover, and what is known of it.
    struct Attempt {
        Takeover takeover;
        Hidden part;
        Sale sale;
        Hidden bought;
        int256 cost;
        uint256 reached;
        uint256 reachedUncovered;
        bool isEarly;
        bool isTrue;
    }

    struct Asked {
        address challenger;
        uint64 roundId;
        uint64 at;
    }

    int256 private constant ONE = 1e9;
    int256 private constant RATE = 10_000;
    int256 private constant SPOT_PRICE = 7e9;
    uint256 private constant ACCOUNTS = 6;

    /// @dev From this one on accounts have the money to buy.
    uint256 private constant MAKERS = 4;

    address private immutable _challenger = makeAddr("challenger");

    uint256[ACCOUNTS] public accounts = [VICTIM, BUYER, OTHER, 44, 55, 66];
    mapping(uint256 account => Hidden) private _hidden;
    mapping(uint256 account => uint256) public commitmentExpected;
    mapping(uint256 account => uint64) public provenAtExpected;
    mapping(uint256 account => mapping(uint256 ground => uint48)) public flaggedExpected;
    mapping(uint256 account => Asked) private _asked;
    mapping(uint64 roundId => int256) private _priceAt;
    bytes[] private _past;
    Proof private _proof;

    int256 private _price = 100_000e9;

    /// @dev What came in less what was written off [1e-18 USD], and debts.
    int256 public moneyExpected;
    uint256 public debtExpected;

    function begin() external {
        vm.deal(address(this), 1 ether);
        setUp();
        vm.deal(_challenger, 1_000 ether);
        for (uint256 i = 3; i < ACCOUNTS; ++i) {
            openAccount(accounts[i]);
        }
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            int256 side = i % 2 == 0 ? int256(1) : -1;
            int256 size = side * int256(1 + i / 2) * ONE;
            Hidden memory made = Hidden(size, i < 2 ? int256(0) : 1_000 * ONE, 7_500e18 * int256(1 + i / 2));
            made.quote -= size * _price;
            if (i >= MAKERS) made.quote += 10_000_000e18;
            moneyExpected += totalOf(made);
            put(accounts[i], made, 1);
        }
        postAt(_price);
    }

    // ------------------------------------------------------------------------------------------------ time

    function postRound(uint256 seed) external {
        skip(seed % 60 + 1);
        int256 by = int256(seed / 60 % 1_001) - 500; // up to 5 %
        int256 moved = _price + _price * by / RATE;
        if (moved < 50_000e9 || moved > 200_000e9) moved = 100_000e9;
        postAt(moved);
    }

    function wait(uint256 seed) external {
        skip(seed % 5 == 0 ? seed / 5 % (2 * LIFETIME) : seed % 60);
        if (seed % 7 != 0) postAt(_price);
    }

    function stopOrResume(uint256 seed) external {
        if (breaker.level() == Level.Open) {
            if (seed % 24 != 0) return; // seldom
            raiseTo(Level.NoFlags);
            tally("stop", true);
        } else {
            vm.prank(owner);
            breaker.lowerTo(Level.Open);
        }
    }

    // ------------------------------------------------------------------------------------------------ flags

    function flag(uint256 which, uint256 seed) external {
        (Ground ground, uint64 roundId) = (Ground(seed % 2), pickRound(seed / 2));
        uint256 account = seed / 32 % 4 == 0 ? pick(which) : pickBelow(which, ground, roundId);
        bool isTrue = healthOf(_hidden[account], ground, roundId) < 0;
        if (isTrue) proveMargin(account, ground, roundId, false, address(0));
        uint48 since = flaggedExpected[account][uint256(ground)];
        bool due = isTrue && isNewest(roundId) && breaker.level() == Level.Open
            && (since == 0 || activeTime() - since > LIFETIME);
        try engine.flag(account, ground, roundId, address(0), _proof) {
            assertTrue(due, "an account was flagged against the rules");
            flaggedExpected[account][uint256(ground)] = uint48(activeTime());
            provenAtExpected[account] = roundId;
            tally(since == 0 ? "flag" : "flag again", true);
        } catch {
            assertFalse(due, "a flag was refused");
            tally("flag", false);
        }
    }

    function recover(uint256 which, uint256 seed) external {
        uint256 account = pickFlagged(which);
        (Ground ground, uint64 roundId) = (groundOf(account, seed), pickRound(seed / 2));
        bool isTrue = healthOf(_hidden[account], ground, roundId) >= 0;
        if (isTrue) proveMargin(account, ground, roundId, true, address(0));
        bool due = isTrue && isNewest(roundId) && flaggedExpected[account][uint256(ground)] != 0
            && roundId > BOOK.accountState(account).changedAtRound;
        try engine.recover(account, ground, roundId, _proof) {
            assertTrue(due, "an account recovered against the rules");
            flaggedExpected[account][uint256(ground)] = 0;
            provenAtExpected[account] = ground == Ground.Overdraft ? 0 : roundId;
            tally("recover", true);
        } catch {
            assertFalse(due, "a recovery was refused");
            tally("recover", false);
        }
    }

    // ------------------------------------------------------------------------------------------------ sales

    /// @param seed Of the part: a share of what there is.
    /// @param rates Of the rates: mostly what is reached, at times one more.
    function takeOver(uint256 which, uint256 seed, uint256 rates) external {
        Attempt memory attempt = attemptOf(which, seed, rates);
        if (attempt.isTrue) proveTakeover(attempt.takeover, attempt.isEarly);
        bool due = attempt.isTrue && isSellable(attempt);
        bytes memory call_ = abi.encodeCall(engine.takeOver, (attempt.takeover));
        // solhint-disable-next-line avoid-low-level-calls
        (bool success,) = address(engine).call(call_);
        assertEq(success, due, "a takeover acted, or not, against the rules");
        tally("takeOver", success);
        if (!success) return;
        _past.push(call_);
        noteSale(attempt);
    }

    /// @dev No takeover acts twice.
    function replay(uint256 which) external {
        if (_past.length == 0) return;
        // solhint-disable-next-line avoid-low-level-calls
        (bool success,) = address(engine).call(_past[which % _past.length]);
        assertFalse(success, "a takeover was replayed");
        tally("replay", false);
    }

    function writeOff(uint256 which, uint256 seed) external {
        uint256 account = seed % 8 == 0 ? pick(which) : pickIndebted(which);
        Hidden memory state = _hidden[account];
        bool isTrue = state.perpetual == 0 && state.spot == 0 && state.quote < 0;
        uint256 amount = isTrue ? uint256(-state.quote) : 1;
        StateChange memory change = isTrue ? writeoffOf(account, amount) : changeOf(account);
        bool due = isTrue && isFlagged(account) && activeTime() - firstFlag(account) >= CURE_WINDOW;
        try engine.writeOff(amount, change) {
            assertTrue(due, "a debt was written off against the rules");
            (flaggedExpected[account][0], flaggedExpected[account][1]) = (0, 0);
            (_hidden[account], commitmentExpected[account]) = (Hidden(0, 0, 0), change.newCommitment);
            provenAtExpected[account] = latest();
            debtExpected += amount;
            moneyExpected += int256(amount);
            tally("writeOff", true);
        } catch {
            assertFalse(due, "a write-off was refused");
            tally("writeOff", false);
        }
    }

    // ------------------------------------------------------------------------------------------------ challenges

    function challenge(uint256 which) external {
        uint256 account = pick(which);
        bool due = _asked[account].challenger == address(0) && flaggedExpected[account][0] == 0 && isNewest(latest())
            && !isProven(account, latest());
        vm.prank(_challenger);
        try engine.challenge{value: CHALLENGE_BOND}(account) {
            assertTrue(due, "an account was challenged against the rules");
            _asked[account] = Asked(_challenger, latest(), activeTime());
            tally("challenge", true);
        } catch {
            assertFalse(due, "a challenge was refused");
            tally("challenge", false);
        }
    }

    function answer(uint256 which) external {
        uint256 account = pickAsked(which);
        Asked memory asked = _asked[account];
        BookAccount memory state = BOOK.accountState(account);
        uint64 roundId = state.changedAtRound > asked.roundId ? state.changedAtRound : asked.roundId;
        bool isTrue = healthOf(_hidden[account], Ground.Maintenance, roundId) >= 0;
        if (isTrue) proveMargin(account, Ground.Maintenance, roundId, true, RECIPIENT);
        bool due = isTrue && asked.challenger != address(0) && !isOver(account);
        try engine.answer(account, RECIPIENT, _proof) {
            assertTrue(due, "a challenge was answered against the rules");
            delete _asked[account];
            tally("answer", true);
        } catch {
            assertFalse(due, "an answer was refused");
            tally("answer", false);
        }
    }

    function endChallenge(uint256 which) external {
        uint256 account = pickAsked(which);
        bool due = _asked[account].challenger != address(0) && isOver(account);
        try engine.endChallenge(account) {
            assertTrue(due, "a challenge was ended against the rules");
            delete _asked[account];
            tally("endChallenge", true);
        } catch {
            assertFalse(due, "the end of a challenge was refused");
            tally("endChallenge", false);
        }
    }

    function flagSilent(uint256 which) external {
        uint256 account = pickAsked(which);
        Asked memory asked = _asked[account];
        bool due = asked.challenger != address(0) && !isOver(account) && breaker.level() == Level.Open
            && activeTime() - asked.at > ANSWER_WINDOW;
        try engine.flagSilent(account) {
            assertTrue(due, "an account was flagged before its time");
            delete _asked[account];
            flaggedExpected[account][0] = uint48(activeTime());
            provenAtExpected[account] = latest();
            tally("flagSilent", true);
        } catch {
            assertFalse(due, "a flag for silence was refused");
            tally("flagSilent", false);
        }
    }

    // ------------------------------------------------------------------------------------------------ the rest of the book

    /// @dev What a trade or a proof leaves, without its rules: an account without flags has money and a position at the price.
    function refresh(uint256 which, uint256 seed) external {
        uint256 account = accounts[which % MAKERS];
        if (isFlagged(account)) return;
        uint64 roundId = latest();
        Hidden memory state = _hidden[account];
        if (seed % 4 == 0) {
            if (healthOf(state, Ground.Maintenance, roundId) < 0) return;
            other.recordSolvent(account, commitmentOf(account), roundId);
            provenAtExpected[account] = roundId;
            return;
        }
        int256 size = int256(seed / 2 % 7) - 3;
        Hidden memory made = Hidden(size * ONE, state.spot, 0);
        // Equity of 5.5 % of the position: a move of 3 % takes it below its margin, one of 6 % all of it.
        int256 position = size * ONE * _price;
        int256 equity = abs(position) * 55 / 1_000 + 100e18;
        made.quote = equity - position - state.spot * SPOT_PRICE;
        if (seed / 14 % 3 == 0) {
            made.spot = 1_000 * ONE;
            made.perpetual = 0;
            made.quote = -(made.spot * SPOT_PRICE / 5); // owes a fifth of its spot, whose tenth may be owed
        }
        moneyExpected += totalOf(made) - totalOf(state);
        put(account, made, roundId);
    }

    /// @dev A deposit that ends all flags, and refills the bond.
    function cure(uint256 which) external {
        uint256 account = pickFlagged(which);
        uint64 roundId = latest();
        if (which % 4 != 0 || !isFlagged(account) || !isNewest(roundId)) return;
        int256 lacking = -initialHealth(_hidden[account], roundId) + 1_000e18;
        if (lacking <= 0) lacking = 1e18;
        uint256 amount = (uint256(lacking) / 1e12 + 1) * 1e12;
        StateUpdate memory update;
        StateChange memory change = changeOf(account);
        (update.account, update.oldCommitment, update.newCommitment) =
        (account, change.oldCommitment, change.newCommitment);
        (update.claim, update.rho, update.ciphertext) = (Claim.MeetsInitialMargin, change.rho, change.ciphertext);
        uint256[] memory inputs = new uint256[](11 + ELEMENTS);
        (inputs[0], inputs[1], inputs[4], inputs[5]) = (change.oldCommitment, change.newCommitment, USDC, amount);
        (inputs[7], inputs[9]) = (1, change.rho);
        for (uint256 i = 0; i < ELEMENTS; ++i) {
            inputs[10 + i] = change.ciphertext[i];
        }
        updateMock.allow(inputs, roundInputs(roundId));
        (, uint256 bond) = vault().bondOf(account);
        vm.deal(PAYER, BOND);
        vm.prank(PAYER);
        BOOK.deposit{value: BOND - bond}(roundId, USDC, amount, update);
        _hidden[account].quote += int256(amount);
        moneyExpected += int256(amount);
        commitmentExpected[account] = change.newCommitment;
        provenAtExpected[account] = roundId;
        (flaggedExpected[account][0], flaggedExpected[account][1]) = (0, 0);
        tally("cure", true);
    }

    // ------------------------------------------------------------------------------------------------ views

    function accountCount() external pure returns (uint256) {
        return ACCOUNTS;
    }

    function engineBalance() external view returns (uint256) {
        return address(engine).balance;
    }

    function openChallenges() external view returns (uint256 count) {
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            if (_asked[accounts[i]].challenger != address(0)) ++count;
        }
    }

    function debtCovered() external view returns (uint256) {
        return debtLedger.covered();
    }

    /// @dev All quotes, and perpetuals and spot at their first prices: no takeover changes it.
    function money() external view returns (int256 all) {
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            all += totalOf(_hidden[accounts[i]]);
        }
    }

    function stateOf(uint256 account) external view returns (BookAccount memory) {
        return BOOK.accountState(account);
    }

    // ------------------------------------------------------------------------------------------------ statements

    function attemptOf(uint256 which, uint256 seed, uint256 rates) private returns (Attempt memory attempt) {
        uint256 victim = pickFlagged(which);
        uint256 buyer = which / 7 % 8 == 0 ? pick(which / 56) : accounts[MAKERS + which / 56 % 2];
        Takeover memory takeover = takeoverOf(victim, buyer, groundOf(victim, seed));
        attempt.takeover = takeover;
        takeover.roundId = seed / 2 % 16 == 0 ? pickRound(seed / 32) : latest();
        (attempt.reached, attempt.reachedUncovered, attempt.isEarly) = reachedBy(victim, takeover.ground);
        takeover.rate = rates % 8 == 0 ? 0 : attempt.reached + (rates % 8 == 1 ? 1 : 0);
        if (rates % 8 > 2 && !attempt.isEarly) takeover.rate = payableRate(takeover, attempt.reached);
        takeover.uncoveredRate = rates / 8 % 8 == 0 ? 0 : attempt.reachedUncovered + (rates / 8 % 8 == 1 ? 1 : 0);
        if (takeover.rate == 0 && takeover.uncoveredRate == 0) attempt.isEarly = false;
        int256 least = seed / 32 % 3 == 0 ? int256(100) : int256(seed / 256 % 101);
        attempt.part = partOf(_hidden[victim], takeover.ground, least);
        attempt.sale = saleOf(victim, attempt.part, takeover, attempt.isEarly);
        // The least part from there on that can be sold.
        for (int256 percent = least; seed / 64 % 4 != 0 && percent <= 100; ++percent) {
            if (attempt.sale.isTrue) break;
            attempt.part = partOf(_hidden[victim], takeover.ground, percent);
            attempt.sale = saleOf(victim, attempt.part, takeover, attempt.isEarly);
        }
        bool isHonest = rates / 64 % 16 != 0;
        takeover.isCured = (attempt.sale.healthAfter >= 0) == isHonest;
        attempt.cost = attempt.sale.part.equity - attempt.sale.reward;
        attempt.bought = sum(_hidden[takeover.buyer.account], attempt.part, -attempt.cost);
        attempt.isTrue = attempt.sale.isTrue && isHonest && initialHealth(attempt.bought, takeover.roundId) >= 0;
    }

    /// @dev What `release` says of a part, by its numbered rules (spec ZS-76).
    function saleOf(uint256 victim, Hidden memory part, Takeover memory takeover, bool isEarly)
        private
        view
        returns (Sale memory sale)
    {
        sale.before = worthOf(_hidden[victim], takeover.ground, takeover.roundId);
        sale.part = worthOf(part, takeover.ground, takeover.roundId);
        (int256 equity, int256 margin) = (sale.before.equity, sale.before.margin);
        int256 floor = isEarly ? int256(0) : int256(engine.floorRate(takeover.ground));
        sale.isCovered = RATE * equity >= int256(takeover.rate) * margin;
        bool isPayable = sale.isCovered || RATE * equity < floor * margin;
        uint256 used = sale.isCovered ? takeover.rate : takeover.uncoveredRate;
        sale.reward = int256(used) * sale.part.margin / RATE;
        sale.healthAfter = equity - margin + sale.part.margin - sale.reward;
        bool isSomething = part.perpetual != 0 || part.spot != 0;
        sale.isTrue = equity < margin && isPayable && isSomething && isSized(sale, takeover.ground)
            && takeover.rate <= 10_000 && takeover.uncoveredRate <= 10_000;
    }

    /// @dev Not too much, and enough. All that has a margin can be sold here.
    function isSized(Sale memory sale, Ground ground) private pure returns (bool) {
        (int256 margin, int256 taken) = (sale.before.margin, sale.part.margin);
        int256 buffer = ground == Ground.Overdraft ? int256(500) : int256(2500);
        bool isNotTooMuch = margin <= 1_000e18 || RATE * sale.healthAfter <= buffer * (margin - taken);
        return isNotTooMuch && (sale.healthAfter >= 0 || RATE * taken >= 2500 * margin || taken >= 10_000e18);
    }

    /// @dev Equity and margin of a state at a kind, at the prices of a round.
    function worthOf(Hidden memory state, Ground ground, uint64 roundId) private view returns (Worth memory worth) {
        int256 price = _priceAt[roundId];
        worth.equity = state.quote + state.perpetual * price + state.spot * SPOT_PRICE;
        worth.margin = ground == Ground.Overdraft
            ? state.spot * (SPOT_PRICE * 9 / 10)
            : abs(state.perpetual) * (price * 25 / 1_000) + state.spot * (SPOT_PRICE / 10);
    }

    function healthOf(Hidden memory state, Ground ground, uint64 roundId) private view returns (int256) {
        Worth memory worth = worthOf(state, ground, roundId);
        return worth.equity - worth.margin;
    }

    /// @dev What a buyer has to have: more than twice the maintenance margin.
    function initialHealth(Hidden memory state, uint64 roundId) private view returns (int256) {
        Worth memory worth = worthOf(state, Ground.Maintenance, roundId);
        return worth.equity - 2 * worth.margin;
    }

    /// @dev The highest rate that equity pays, where it pays the least one.
    function payableRate(Takeover memory takeover, uint256 reached) private view returns (uint256) {
        Worth memory worth = worthOf(_hidden[takeover.victim.account], takeover.ground, takeover.roundId);
        if (worth.equity <= 0 || worth.margin == 0) return reached;
        uint256 payable_ = uint256(RATE * worth.equity / worth.margin);
        return payable_ < reached && payable_ >= engine.floorRate(takeover.ground) ? payable_ : reached;
    }

    /// @dev A share of what a kind of release can take.
    function partOf(Hidden memory state, Ground ground, int256 percent) private pure returns (Hidden memory part) {
        part.spot = state.spot * percent / 100;
        if (ground == Ground.Maintenance) part.perpetual = state.perpetual * percent / 100;
    }

    function sum(Hidden memory one, Hidden memory more, int256 quote) private pure returns (Hidden memory) {
        return Hidden(one.perpetual + more.perpetual, one.spot + more.spot, one.quote + quote);
    }

    // ------------------------------------------------------------------------------------------------ rules

    /// @dev What the curves have reached for a victim, as the design has it.
    function reachedBy(uint256 victim, Ground ground)
        private
        view
        returns (uint256 rate, uint256 uncoveredRate, bool isEarly)
    {
        uint48 since = flaggedExpected[victim][uint256(ground)];
        if (since == 0) return (0, 0, false);
        uint256 elapsed = activeTime() - since;
        bool isOverdraft = ground == Ground.Overdraft;
        uncoveredRate = elapsed >= 300 ? 2500 : 2500 * elapsed / 300;
        if (isOverdraft && uncoveredRate > 500) uncoveredRate = 500;
        if (elapsed < CURE_WINDOW) return (10_000, uncoveredRate, true);
        uint256 ramp = isOverdraft ? 600 : 300;
        uint256 on = elapsed - CURE_WINDOW > ramp ? ramp : elapsed - CURE_WINDOW;
        rate = isOverdraft ? 50 + 450 * on / 600 : 1000 + 4000 * on / 300;
    }

    function isSellable(Attempt memory attempt) private view returns (bool) {
        Takeover memory takeover = attempt.takeover;
        uint48 since = flaggedExpected[takeover.victim.account][uint256(takeover.ground)];
        if (since == 0 || activeTime() - since > LIFETIME) return false;
        if (!isNewest(takeover.roundId) || breaker.level() != Level.Open) return false;
        if (takeover.victim.account == takeover.buyer.account || isFlagged(takeover.buyer.account)) return false;
        if (takeover.rate == 0 && takeover.uncoveredRate == 0) return true;
        if (attempt.isEarly && takeover.rate != 10_000) return false;
        return takeover.rate <= attempt.reached && takeover.uncoveredRate <= attempt.reachedUncovered;
    }

    function noteSale(Attempt memory attempt) private {
        (Takeover memory takeover, Sale memory sale) = (attempt.takeover, attempt.sale);
        (uint256 victim, uint256 buyer) = (takeover.victim.account, takeover.buyer.account);
        Hidden memory before = _hidden[victim];
        Hidden memory part = attempt.part;
        _hidden[victim] = sum(before, Hidden(-part.perpetual, -part.spot, 0), attempt.cost);
        (_hidden[buyer], commitmentExpected[buyer]) = (attempt.bought, takeover.buyer.newCommitment);
        commitmentExpected[victim] = takeover.victim.newCommitment;
        bool isOverdraft = takeover.ground == Ground.Overdraft;
        provenAtExpected[victim] = isOverdraft ? 0 : takeover.roundId;
        provenAtExpected[buyer] = takeover.roundId;
        if (takeover.isCured) flaggedExpected[victim][uint256(takeover.ground)] = 0;
        assertLt(sale.before.equity, sale.before.margin, "an account was sold that meets its margin");
        int256 healthAfter = healthOf(_hidden[victim], takeover.ground, takeover.roundId);
        assertEq(healthAfter, sale.healthAfter, "the health that the proof says");
        assertGe(healthAfter, sale.before.equity - sale.before.margin, "a victim's health fell");
        tally("takeOver, cured", takeover.isCured);
        tally("takeOver, overdraft", isOverdraft);
        tally("takeOver, early", attempt.isEarly);
        tally("takeOver, rate 0", takeover.rate == 0 && takeover.uncoveredRate == 0);
        tally("takeOver, uncovered", !sale.isCovered);
    }

    function isNewest(uint64 roundId) private view returns (bool) {
        return roundId == latest() && block.timestamp <= rounds.roundTimestamp(roundId) + MAX_PROOF_AGE;
    }

    function isOver(uint256 account) private view returns (bool) {
        return flaggedExpected[account][0] != 0 || isProven(account, _asked[account].roundId);
    }

    function isProven(uint256 account, uint64 roundId) private view returns (bool) {
        return flaggedExpected[account][1] == 0 && provenAtExpected[account] >= roundId;
    }

    function isFlagged(uint256 account) private view returns (bool) {
        return flaggedExpected[account][0] != 0 || flaggedExpected[account][1] != 0;
    }

    function firstFlag(uint256 account) private view returns (uint48) {
        (uint48 one, uint48 two) = (flaggedExpected[account][0], flaggedExpected[account][1]);
        return two == 0 || (one != 0 && one < two) ? one : two;
    }

    function activeTime() private view returns (uint64) {
        return breaker.activeTime(Level.NoFlags);
    }

    // ------------------------------------------------------------------------------------------------ choices

    function pick(uint256 which) private view returns (uint256) {
        return accounts[which % ACCOUNTS];
    }

    function pickFlagged(uint256 which) private view returns (uint256) {
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            if (isFlagged(pick(which % ACCOUNTS + i))) return pick(which % ACCOUNTS + i);
        }
        return pick(which);
    }

    function pickBelow(uint256 which, Ground ground, uint64 roundId) private view returns (uint256) {
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            uint256 account = pick(which % ACCOUNTS + i);
            bool isBelow = healthOf(_hidden[account], ground, roundId) < 0;
            if (isBelow && flaggedExpected[account][uint256(ground)] == 0) return account;
        }
        return pick(which);
    }

    function pickIndebted(uint256 which) private view returns (uint256) {
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            Hidden memory state = _hidden[pick(which % ACCOUNTS + i)];
            if (state.perpetual == 0 && state.spot == 0 && state.quote < 0) return pick(which % ACCOUNTS + i);
        }
        return pick(which);
    }

    function pickAsked(uint256 which) private view returns (uint256) {
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            if (_asked[pick(which % ACCOUNTS + i)].challenger != address(0)) return pick(which % ACCOUNTS + i);
        }
        return pick(which);
    }

    /// @dev A ground on which it is flagged, where there is one; seldom the other.
    function groundOf(uint256 account, uint256 seed) private view returns (Ground) {
        if (seed % 16 == 0) return Ground(seed / 16 % 2);
        uint256 first = seed % 2;
        return Ground(flaggedExpected[account][first] != 0 ? first : 1 - first);
    }

    /// @dev The newest, or seldom one before it.
    function pickRound(uint256 seed) private view returns (uint64 roundId) {
        roundId = latest();
        if (seed % 8 == 0 && roundId > 2) --roundId;
    }

    function postAt(int256 price) private {
        _price = price;
        (uint256[] memory prices, int256[] memory funding) = (instance.rounds[0].prices, instance.rounds[0].funding);
        prices[BTC_PERP] = uint256(price);
        _priceAt[rounds.postRound(prices, funding)] = price;
    }

    function put(uint256 account, Hidden memory made, uint64 roundId) private {
        StateChange memory change = changeOf(account);
        other.replaceState(
            account, change.oldCommitment, change.newCommitment, roundId, 0, change.rho, change.ciphertext
        );
        (_hidden[account], commitmentExpected[account]) = (made, change.newCommitment);
        provenAtExpected[account] = roundId;
    }

    /// @dev A state at the first prices [1e-18 USD].
    function totalOf(Hidden memory state) private pure returns (int256) {
        return state.quote + state.perpetual * 100_000e9 + state.spot * SPOT_PRICE;
    }

    function abs(int256 value) private pure returns (int256) {
        return value < 0 ? -value : value;
    }
}
