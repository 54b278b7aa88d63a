// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {QueuedWithdrawal} from "../../src/interfaces/IBookVault.sol";
import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {BookAccount} from "../../src/interfaces/ICommitments.sol";
import {Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {Claim, Opening, Settlement, StateUpdate} from "../../src/interfaces/IMarginBook.sol";
import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {TestLedger} from "../mocks/TestLedger.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {MarketFixture} from "./MarketFixture.sol";
import {RoundReader} from "./RoundReader.sol";

/// @title MarketReplay
/// @notice Replays runs that the market model of the Python tests recorded: book, gate, vault, rounds and breaker accept and
///         refuse each call as the model did, for the same reason, and end in the same state.
/// @dev A statement has a proof here where its reference says that it holds, with the round's prices and margins as the
///      reference has them. All else comes from the contracts.
abstract contract MarketReplay is MarketFixture {
    struct RunSide {
        uint256 account;
        uint256 old;
        uint256 next;
        uint256 claim;
        bool holds;
    }

    struct RunRound {
        uint64 id;
        bool calm;
        uint256 stale;
        uint256[] inputs;
    }

    struct RunStep {
        string action;
        uint64 roundId;
        uint64 priced;
        uint256 time;
        uint256 active;
        uint256 asset;
        uint256 amount;
        uint256 ticket;
        RunSide[] sides;
        uint256[] prices;
        RunRound recorded;
        uint256 level;
        uint256[] paid;
        string error;
    }

    struct RunAccount {
        uint256 account;
        uint256 commitment;
        uint256 changedAt;
        uint256 provenAt;
        uint256 flaggedAt;
        uint256 overdrawnAt;
        int256[] wallet;
    }

    struct RunToken {
        uint256 asset;
        uint256 held;
        uint256 queued;
        uint256[] recipients;
        uint256[] amounts;
        uint256[] due;
    }

    string private constant STEP_TYPE = "RunStep(string action,uint64 roundId,uint64 priced,uint256 time,uint256 active,"
        "uint256 asset,uint256 amount,uint256 ticket,Side[] sides,uint256[] prices,Recorded recorded,uint256 level,"
        "uint256[] paid,string error)Recorded(uint64 id,bool calm,uint256 stale,uint256[] inputs)"
        "Side(uint256 account,uint256 old,uint256 next,uint256 claim,bool holds)";
    string private constant ACCOUNT_TYPE = "RunAccount(uint256 account,uint256 commitment,uint256 changedAt,uint256 provenAt,"
        "uint256 flaggedAt,uint256 overdrawnAt,int256[] wallet)";
    string private constant TOKEN_TYPE = "RunToken(uint256 asset,uint256 held,uint256 queued,uint256[] recipients,"
        "uint256[] amounts,uint256[] due)";

    /// @dev Every error of a run.
    string private constant ERRORS = "AccountIsFlagged(uint256) AccountNotFree() AccountNotOpen() "
        "AlreadyChallenged() AlreadyFlagged() AlreadyOpen() AlreadyProven() AmountDoesNotScale() "
        "AnswerWindowOpen(uint64) AssetIsReduceOnly() BookWindsDown() CandidateTooYoung(uint64) "
        "CannotExpire(uint256) ChallengeNotOver() ChallengeOver() CommitmentNotCurrent() "
        "EpochNotNewer(uint32,uint32) EpochWithoutRound(uint32) "
        "ERC20InsufficientBalance(address,uint256,uint256) ERC4626ExceededMaxRedeem(address,uint256,uint256) "
        "ERC4626ExceededMaxWithdraw(address,uint256,uint256) FlagExpired() FractionOutOfRange(uint256) "
        "HaircutNotAccepted(uint256,uint256) InCureWindow() InitialMarginNotShown() InvalidRecipient() NoDebt() NotChallenged() "
        "NotExpiring(uint256) NotFlagged() NothingDrawn() NothingDue() NothingOwed() NothingPriced() NothingSettled() "
        "NothingToClaim(address) NoticeTooShort(uint64) NotPermitted() NotProvenAtNewest() NotTheEngine() "
        "NotTheLedger() NotTheVault() NotWindingDown() OptionIsOpen(uint256) OtherEpoch() "
        "OutlivesUnderlying(uint256) PriceIsStale(uint256) ProofDoesNotVerify() RateNotReached(uint256,uint256) "
        "RecoveryNotAfterChange(uint64) RequestTooLarge(uint256) RoundBeforeChange() RoundBeforeExpiry() "
        "RoundNotNewer(uint64,uint64) RoundsAreFresh() RoundSuperseded() RoundTooOld() SameAccount() "
        "SettlementTooFar(uint256) SharesLocked(uint256) SilenceTooShort(uint64) SlotNotFree(uint256) "
        "SlotSettledTwice(uint32) Stopped(uint8) TooEarly(uint64) UnknownEpoch(uint32) UnknownRound(uint64) "
        "WindDownStarted() WrongBond(uint256) WrongCiphertextLength() WrongRho() ZeroTicket()";

    /// @dev What `update` takes from each round, as the reference says, and what no account may grow in.
    mapping(uint64 roundId => uint256[]) internal _inputs;
    mapping(uint64 roundId => uint256) private _stale;

    mapping(uint256 account => mapping(uint256 asset => int256)) internal _deposited;

    /// @dev Of the step that is taken, in its run.
    uint256 internal _position;

    function setUp() public virtual {
        deployMarket();
    }

    function replay(uint256 run) internal {
        string memory json = vectors();
        string memory path = pathOf(run);
        RunStep[] memory steps =
            abi.decode(vm.parseJsonTypeArray(json, string.concat(path, ".steps"), STEP_TYPE), (RunStep[]));
        assertGt(steps.length, 90);
        for (uint256 k = 0; k < steps.length; ++k) {
            vm.warp(START + steps[k].time);
            string memory name = string.concat("step ", vm.toString(k), ", ", steps[k].action);
            assertEq(breaker.activeTime(Level.NoFlags), steps[k].active, name);
            _position = k;
            take(steps[k], name);
            requireKnown(name);
        }
        string memory accounts = string.concat(path, ".accounts");
        string memory tokens = string.concat(path, ".tokens");
        checkAccounts(abi.decode(vm.parseJsonTypeArray(json, accounts, ACCOUNT_TYPE), (RunAccount[])));
        checkTokens(abi.decode(vm.parseJsonTypeArray(json, tokens, TOKEN_TYPE), (RunToken[])));
    }

    function pathOf(uint256 run) internal pure returns (string memory) {
        return string.concat(".runs[", vm.toString(run), "]");
    }

    // ------------------------------------------------------------------------------------------------ calls

    function take(RunStep memory step, string memory name) private {
        if (equal(step.action, "payOut")) return payOut(step, name);
        if (equal(step.action, "post")) return post(step, name);
        if (equal(step.action, "stop")) return setLevel(Level(step.level));
        allow(step);
        if (equal(step.action, "settle")) settleInABatch(step, name);
        bytes memory reason;
        bool isAccepted;
        // solhint-disable-next-line avoid-low-level-calls
        (isAccepted, reason) = address(this).call(abi.encodeCall(this.submit, (step)));
        requireOutcome(step, isAccepted, reason, name);
        if (isAccepted && equal(step.action, "deposit")) {
            _deposited[step.sides[0].account][step.asset] += int256(tokensOf(step.asset, step.amount));
        }
        if (isAccepted && step.recorded.id != 0) requireRecorded(step.recorded, name);
    }

    function submit(RunStep calldata step) external {
        if (submitOther(step)) return;
        RunSide memory side = step.sides[0];
        if (equal(step.action, "open")) {
            book.open(openingOf(side));
        } else if (equal(step.action, "deposit")) {
            vm.prank(payerOf(side.account));
            book.deposit(step.roundId, step.asset, step.amount, proven(side));
        } else if (equal(step.action, "withdraw")) {
            book.withdraw(step.roundId, step.asset, step.amount, recipientOf(side.account), proven(side));
        } else if (equal(step.action, "settle")) {
            book.settle(step.roundId, settlementOf(step));
        } else {
            assertTrue(equal(step.action, "flag"), step.action);
            Proof memory proof;
            gate.flag(side.account, step.roundId, address(0), proof);
        }
    }

    /// @dev Who pays deposits into an account.
    function payerOf(uint256) internal virtual returns (address) {
        return PAYER;
    }

    /// @dev An amount of a call in the token's own units.
    function tokensOf(uint256, uint256 amount) internal view virtual returns (uint256) {
        return amount;
    }

    /// @dev Compares what is known after a call with what the model has.
    // solhint-disable-next-line no-empty-blocks
    function requireKnown(string memory) internal virtual {}

    /// @dev Makes a call of another kind.
    /// @return isMade Whether it is of one.
    function submitOther(RunStep calldata) internal virtual returns (bool isMade) {
        return false;
    }

    /// @dev A batch takes the trade, or leaves it out, as `settle` does. It is undone.
    function settleInABatch(RunStep memory step, string memory name) private {
        uint256 before = vm.snapshotState();
        Settlement[] memory batch = new Settlement[](1);
        batch[0] = settlementOf(step);
        try book.settleBatch(step.roundId, batch) returns (uint256 settled) {
            assertEq(settled, 1, name);
            assertEq(step.error, "", name);
        } catch (bytes memory reason) {
            bool isOfAll = equal(step.error, "RoundTooOld") || equal(step.error, "RoundSuperseded");
            assertEq(bytes4(reason), selectorOf(isOfAll ? step.error : "NothingSettled"), name);
            assertTrue(bytes(step.error).length != 0, name);
        }
        vm.revertToState(before);
    }

    function payOut(RunStep memory step, string memory name) private {
        for (uint256 asset = 0; asset <= SLOTS; ++asset) {
            if (vault.tokenOf(asset) == address(0)) continue;
            uint256 due = step.paid.length == 0 ? 0 : step.paid[asset];
            try vault.payOut(asset, type(uint256).max) returns (uint256 amount) {
                assertEq(amount, due, name);
            } catch (bytes memory reason) {
                assertEq(due, 0, name);
                string memory refusal = bytes(step.error).length == 0 ? "NothingDue" : step.error;
                assertEq(bytes4(reason), selectorOf(refusal), name);
            }
        }
    }

    function post(RunStep memory step, string memory name) private {
        uint64 latest = rounds.latestRoundId();
        try this.postReport(step) {
            requireOutcome(step, true, "", name);
        } catch (bytes memory reason) {
            return requireOutcome(step, false, reason, name);
        }
        RunRound memory made = step.recorded;
        assertEq(rounds.latestRoundId(), made.id == 0 ? latest : made.id, name);
        if (made.id != 0) requireRecorded(made, name);
    }

    /// @dev The newest round is as the model recorded it.
    function requireRecorded(RunRound memory made, string memory name) internal virtual {
        assertEq(rounds.latestRoundId(), made.id, name);
        assertEq(rounds.reduceOnly(made.id), made.stale, name);
        assertEq(rounds.isCalm(made.id), made.calm, name);
        requireInputs(made, name);
        (_inputs[made.id], _stale[made.id]) = (made.inputs, made.stale);
    }

    function postReport(RunStep calldata step) external {
        postRound(unanimousOn(1, step.priced, step.prices, new int256[](SLOTS)));
    }

    function setLevel(Level level) private {
        bool isRaised = level > breaker.raisedLevel();
        vm.prank(isRaised ? guardian : governance);
        if (isRaised) breaker.raiseTo(level);
        else breaker.lowerTo(level);
    }

    // ------------------------------------------------------------------------------------------------ comparisons

    function requireOutcome(RunStep memory step, bool isAccepted, bytes memory reason, string memory name)
        private
        pure
    {
        assertEq(isAccepted, bytes(step.error).length == 0, string.concat(name, ": ", step.error));
        if (!isAccepted) assertEq(bytes4(reason), selectorOf(step.error), string.concat(name, ": ", step.error));
    }

    function requireInputs(RunRound memory made, string memory name) private view {
        uint256[] memory vectors = rounds.roundInputs(made.id, RoundReader.ofUpdate(), book.spotScale(made.id));
        assertEq(made.inputs.length, vectors.length + 3, name);
        for (uint256 i = 0; i < vectors.length; ++i) {
            assertEq(vectors[i], made.inputs[i], name);
        }
        assertEq(book.longOnly(made.id), made.inputs[vectors.length], name);
        (uint256 initial, uint256 maintenance) = rounds.lambdasPpm();
        assertEq(initial, made.inputs[vectors.length + 1], name);
        assertEq(maintenance, made.inputs[vectors.length + 2], name);
    }

    function checkAccounts(RunAccount[] memory accounts) private view {
        assertGe(book.accountCount(), accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            RunAccount memory v = accounts[i];
            string memory name = string.concat("account ", vm.toString(v.account));
            BookAccount memory state = book.accountState(v.account);
            assertEq(state.commitment, v.commitment, name);
            assertEq(state.changedAtRound, v.changedAt, name);
            assertEq(state.provenAtRound, v.provenAt, name);
            assertEq(state.maintenanceFlaggedAt, v.flaggedAt, name);
            assertEq(state.overdraftFlaggedAt, v.overdrawnAt, name);
            assertEq(received(v.account, WBTC), v.wallet[0], name);
            assertEq(received(v.account, USDC), v.wallet[1], name);
        }
    }

    /// @dev What an owner got, less what it paid in.
    function received(uint256 account, uint256 asset) internal view returns (int256) {
        uint256 balance = TestToken(vault.tokenOf(asset)).balanceOf(recipientOf(account));
        return int256(balance) - _deposited[account][asset];
    }

    function checkTokens(RunToken[] memory tokens) private view {
        for (uint256 i = 0; i < tokens.length; ++i) {
            RunToken memory v = tokens[i];
            assertEq(vault.holdingsOf(v.asset), v.held, "held");
            assertEq(TestToken(vault.tokenOf(v.asset)).balanceOf(address(vault)), v.held, "held");
            assertEq(vault.queuedOf(v.asset), v.queued, "queued");
            (uint256 next, uint256 end) = vault.queueOf(v.asset);
            assertEq(end - next, v.amounts.length, "requests");
            for (uint256 k = 0; k < v.amounts.length; ++k) {
                QueuedWithdrawal memory request = vault.withdrawalAt(v.asset, next + k);
                assertEq(request.recipient, recipientOf(v.recipients[k]), "recipient");
                assertEq(request.amount, v.amounts[k], "amount");
                assertEq(request.dueAt, v.due[k], "due");
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ proofs

    /// @dev Tells the verifiers which statements of a call of another kind hold.
    /// @return isToldOf Whether it is of one.
    function allowOther(RunStep memory) internal virtual returns (bool isToldOf) {
        return false;
    }

    /// @dev Tells the verifiers which statements of a call hold.
    function allow(RunStep memory step) private {
        if (allowOther(step)) return;
        for (uint256 k = 0; k < step.sides.length; ++k) {
            RunSide memory side = step.sides[k];
            if (!side.holds) continue;
            if (equal(step.action, "open")) opens.allow(openInputs(side.account, side.next), new uint256[](0));
            else if (equal(step.action, "flag")) margins.allow(flagInputs(side.old), ofMargin(_inputs[step.roundId]));
            else updates.allow(inputsOf(step, k), _inputs[step.roundId]);
        }
    }

    function inputsOf(RunStep memory step, uint256 index) private view returns (uint256[] memory) {
        RunSide memory side = step.sides[index];
        uint256 stale = _stale[step.roundId];
        if (step.ticket != 0) return tradeInputs(proven(side), step.ticket, index + 1, stale);
        address recipient = equal(step.action, "withdraw") ? recipientOf(side.account) : address(0);
        return transferInputs(proven(side), step.asset, step.amount, recipient, stale);
    }

    function openingOf(RunSide memory side) internal pure returns (Opening memory opening) {
        (opening.commitment, opening.identity) = (side.next, side.account);
        opening.guardianPoint = guardianPoint();
        opening.ciphertext = new uint256[](1);
    }

    function proven(RunSide memory side) private pure returns (StateUpdate memory) {
        return updateOf(side.account, side.old, side.next, Claim(side.claim));
    }

    function settlementOf(RunStep memory step) private pure returns (Settlement memory) {
        return Settlement(step.ticket, proven(step.sides[0]), proven(step.sides[1]));
    }

    /// @dev e, d and x at maintenance margin of a round.
    function marginInputsOf(uint64 roundId) internal view returns (uint256[] memory) {
        return ofMargin(_inputs[roundId]);
    }

    function ofMargin(uint256[] memory inputs) private pure returns (uint256[] memory first) {
        first = new uint256[](3 * SLOTS);
        for (uint256 i = 0; i < first.length; ++i) {
            first[i] = inputs[i];
        }
    }

    /// @dev It queues what is not there yet, as the model does, and pays in full.
    function marketLedger() internal virtual override returns (IShortfallLedger) {
        return IShortfallLedger(address(new TestLedger()));
    }

    // ------------------------------------------------------------------------------------------------ errors

    /// @dev Selector of an error by its name.
    function selectorOf(string memory refusal) private pure returns (bytes4) {
        string[] memory signatures = vm.split(ERRORS, " ");
        for (uint256 i = 0; i < signatures.length; ++i) {
            if (equal(vm.split(signatures[i], "(")[0], refusal)) return bytes4(keccak256(bytes(signatures[i])));
        }
        revert(refusal);
    }

    function equal(string memory a, string memory b) internal pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
