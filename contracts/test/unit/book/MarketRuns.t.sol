// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MarginBook} from "../../../src/book/MarginBook.sol";
import {BookGate} from "../../../src/gate/BookGate.sol";
import {IBookVault, QueuedWithdrawal, VaultSettings, VaultTerms} from "../../../src/interfaces/IBookVault.sol";
import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {BookAccount} from "../../../src/interfaces/ICommitments.sol";
import {Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {Claim, Opening, Settlement, StateUpdate} from "../../../src/interfaces/IMarginBook.sol";
import {Asset, AssetKind} from "../../../src/interfaces/IRiskParameters.sol";
import {TestLedger} from "../../mocks/TestLedger.sol";
import {TestVerifier} from "../../mocks/TestVerifier.sol";
import {TestToken} from "../../mocks/Tokens.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {ReporterFixture} from "../../utils/ReporterFixture.sol";
import {RoundReader} from "../../utils/RoundReader.sol";

/// @notice Replays tests/vectors/market-runs.json, which the market model of the Python tests recorded: book, gate, vault,
///         rounds and breaker accept and refuse each call as the model did, for the same reason, and end in the same state.
/// @dev A statement has a proof here where the reference of `update` says that it holds, with the round's prices and margins
///      as the reference has them. All else comes from the contracts.
contract MarketRunsTest is ReporterFixture {
    struct SideVector {
        uint256 account;
        uint256 old;
        uint256 next;
        uint256 claim;
        bool holds;
    }

    struct RoundVector {
        uint64 id;
        uint256[] inputs;
        uint256 stale;
        bool calm;
    }

    struct Step {
        string action;
        uint256 time;
        uint256 active;
        uint64 roundId;
        uint256 asset;
        uint256 amount;
        uint256 ticket;
        SideVector[] sides;
        uint256[] prices;
        uint64 priced;
        RoundVector recorded;
        uint256 level;
        uint256[] paid;
        string error;
    }

    struct AccountVector {
        uint256 account;
        uint256 commitment;
        uint256 changedAt;
        uint256 provenAt;
        uint256 flaggedAt;
        int256[] wallet;
    }

    struct TokenVector {
        uint256 asset;
        uint256 held;
        uint256 queued;
        uint256[] recipients;
        uint256[] amounts;
        uint256[] due;
    }

    struct SlotVector {
        uint256 kind;
        uint256 initial;
        uint256 maintenance;
        uint256 shortInitial;
        uint256 shortMaintenance;
        uint256 underlyingInitial;
        uint256 underlyingMaintenance;
        uint256 underlying;
        uint256 deviation;
        uint256 deviationAmount;
        uint256 least;
        uint256 greatest;
    }

    string private constant STEP_TYPE = "Step(string action,uint256 time,uint256 active,uint64 roundId,uint256 asset,"
        "uint256 amount,uint256 ticket,Side[] sides,uint256[] prices,uint64 priced,Recorded recorded,uint256 level,"
        "uint256[] paid,string error)Recorded(uint64 id,uint256[] inputs,uint256 stale,bool calm)"
        "Side(uint256 account,uint256 old,uint256 next,uint256 claim,bool holds)";
    string private constant ACCOUNT_TYPE = "AccountVector(uint256 account,uint256 commitment,uint256 changedAt,uint256 provenAt,"
        "uint256 flaggedAt,int256[] wallet)";
    string private constant TOKEN_TYPE = "TokenVector(uint256 asset,uint256 held,uint256 queued,uint256[] recipients,"
        "uint256[] amounts,uint256[] due)";
    string private constant SLOT_TYPE = "Slot(uint256 kind,uint256 initial,uint256 maintenance,uint256 shortInitial,"
        "uint256 shortMaintenance,uint256 underlyingInitial,uint256 underlyingMaintenance,uint256 underlying,"
        "uint256 deviation,uint256 deviationAmount,uint256 least,uint256 greatest)";

    /// @dev oldCommitment, newCommitment, ticket, side, asset, amount, isWithdrawal, claim, recipient, rho, ciphertext,
    ///      reduceOnly.
    uint256 private constant UPDATE_INPUTS = 12;
    uint256 private constant OPEN_INPUTS = 10;
    uint256 private constant MARGIN_INPUTS = 3;
    uint256 private constant SLOTS = 3;
    uint256 private constant WBTC = 0;
    uint256 private constant USDC = SLOTS;
    address private constant PAYER = address(uint160(0x9A7E << 144));

    string private json;
    MarginBook private book;
    BookGate private gate;
    IBookVault private vault;
    TestVerifier private opens;
    TestVerifier private updates;
    TestVerifier private margins;

    /// @dev What `update` takes from each round, as the reference says, and what no account may grow in.
    mapping(uint64 roundId => uint256[]) private _inputs;
    mapping(uint64 roundId => uint256) private _stale;

    function setUp() public {
        json = vm.readFile("../tests/vectors/market-runs.json");
    }

    function test_run1() public {
        replay(0);
    }

    function test_run2() public {
        replay(1);
    }

    function test_run3() public {
        replay(2);
    }

    function test_run4() public {
        replay(3);
    }

    function test_run5() public {
        replay(4);
        assertFalse(vm.keyExistsJson(json, ".runs[5]"), "a run has no test");
    }

    function replay(uint256 run) private {
        deploy();
        string memory path = string.concat(".runs[", vm.toString(run), "]");
        Step[] memory steps =
            abi.decode(vm.parseJsonTypeArray(json, string.concat(path, ".steps"), STEP_TYPE), (Step[]));
        assertGt(steps.length, 90);
        for (uint256 k = 0; k < steps.length; ++k) {
            vm.warp(START + steps[k].time);
            string memory name = string.concat("step ", vm.toString(k), ", ", steps[k].action);
            assertEq(breaker.activeTime(Level.NoFlags), steps[k].active, name);
            take(steps[k], name);
        }
        string memory accounts = string.concat(path, ".accounts");
        string memory tokens = string.concat(path, ".tokens");
        checkAccounts(abi.decode(vm.parseJsonTypeArray(json, accounts, ACCOUNT_TYPE), (AccountVector[])));
        checkTokens(abi.decode(vm.parseJsonTypeArray(json, tokens, TOKEN_TYPE), (TokenVector[])));
    }

    // ------------------------------------------------------------------------------------------------ calls

    function take(Step memory step, string memory name) private {
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
    }

    function submit(Step memory step) external {
        SideVector memory side = step.sides[0];
        if (equal(step.action, "open")) {
            book.open(openingOf(side));
        } else if (equal(step.action, "deposit")) {
            vm.prank(PAYER);
            book.deposit(step.roundId, step.asset, step.amount, updateOf(side));
        } else if (equal(step.action, "withdraw")) {
            book.withdraw(step.roundId, step.asset, step.amount, recipientOf(side.account), updateOf(side));
        } else if (equal(step.action, "settle")) {
            book.settle(step.roundId, settlementOf(step));
        } else {
            assertTrue(equal(step.action, "flag"), step.action);
            Proof memory proof;
            gate.flag(side.account, step.roundId, address(0), proof);
        }
    }

    /// @dev A batch takes the trade, or leaves it out, as `settle` does. It is undone.
    function settleInABatch(Step memory step, string memory name) private {
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

    function payOut(Step memory step, string memory name) private {
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

    function post(Step memory step, string memory name) private {
        uint64 latest = rounds.latestRoundId();
        try this.postReport(step) {
            requireOutcome(step, true, "", name);
        } catch (bytes memory reason) {
            return requireOutcome(step, false, reason, name);
        }
        RoundVector memory made = step.recorded;
        assertEq(rounds.latestRoundId(), made.id == 0 ? latest : made.id, name);
        if (made.id == 0) return;
        assertEq(rounds.reduceOnly(made.id), made.stale, name);
        assertEq(rounds.isCalm(made.id), made.calm, name);
        requireInputs(made, name);
        (_inputs[made.id], _stale[made.id]) = (made.inputs, made.stale);
    }

    function postReport(Step memory step) external {
        postRound(unanimousOn(1, step.priced, step.prices, new int256[](SLOTS)));
    }

    function setLevel(Level level) private {
        bool isRaised = level > breaker.raisedLevel();
        vm.prank(isRaised ? guardian : governance);
        if (isRaised) breaker.raiseTo(level);
        else breaker.lowerTo(level);
    }

    /// @dev Tells the verifiers which statements of a call hold.
    function allow(Step memory step) private {
        for (uint256 k = 0; k < step.sides.length; ++k) {
            SideVector memory side = step.sides[k];
            if (!side.holds) continue;
            if (equal(step.action, "open")) opens.allow(openInputs(side), new uint256[](0));
            else if (equal(step.action, "flag")) margins.allow(marginInputs(side), ofMargin(_inputs[step.roundId]));
            else updates.allow(updateInputs(step, k), _inputs[step.roundId]);
        }
    }

    // ------------------------------------------------------------------------------------------------ comparisons

    function requireOutcome(Step memory step, bool isAccepted, bytes memory reason, string memory name) private pure {
        assertEq(isAccepted, bytes(step.error).length == 0, string.concat(name, ": ", step.error));
        if (!isAccepted) assertEq(bytes4(reason), selectorOf(step.error), string.concat(name, ": ", step.error));
    }

    function requireInputs(RoundVector memory made, string memory name) private view {
        uint256[] memory vectors = rounds.roundInputs(made.id, RoundReader.ofUpdate(), RoundReader.UNSCALED);
        assertEq(made.inputs.length, vectors.length + 3, name);
        for (uint256 i = 0; i < vectors.length; ++i) {
            assertEq(vectors[i], made.inputs[i], name);
        }
        assertEq(book.longOnly(made.id), made.inputs[vectors.length], name);
        (uint256 initial, uint256 maintenance) = rounds.lambdasPpm();
        assertEq(initial, made.inputs[vectors.length + 1], name);
        assertEq(maintenance, made.inputs[vectors.length + 2], name);
    }

    function checkAccounts(AccountVector[] memory accounts) private view {
        assertEq(book.accountCount(), accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            AccountVector memory v = accounts[i];
            string memory name = string.concat("account ", vm.toString(v.account));
            BookAccount memory state = book.accountState(v.account);
            assertEq(state.commitment, v.commitment, name);
            assertEq(state.changedAtRound, v.changedAt, name);
            assertEq(state.provenAtRound, v.provenAt, name);
            assertEq(state.maintenanceFlaggedAt, v.flaggedAt, name);
            assertEq(state.overdraftFlaggedAt, 0, name);
        }
    }

    function checkTokens(TokenVector[] memory tokens) private view {
        for (uint256 i = 0; i < tokens.length; ++i) {
            TokenVector memory v = tokens[i];
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

    /// @dev Any value will do for what no rule is about.
    function openingOf(SideVector memory side) private pure returns (Opening memory opening) {
        (opening.commitment, opening.identity) = (side.next, side.account);
        opening.guardianPoint = guardianPoint();
        opening.ciphertext = new uint256[](1);
    }

    function updateOf(SideVector memory side) private pure returns (StateUpdate memory update) {
        (update.account, update.oldCommitment, update.newCommitment) = (side.account, side.old, side.next);
        (update.claim, update.rho) = (Claim(side.claim), side.next);
        update.ciphertext = new uint256[](1);
    }

    function settlementOf(Step memory step) private pure returns (Settlement memory) {
        return Settlement(step.ticket, updateOf(step.sides[0]), updateOf(step.sides[1]));
    }

    function openInputs(SideVector memory side) private view returns (uint256[] memory inputs) {
        inputs = new uint256[](OPEN_INPUTS);
        (inputs[0], inputs[1], inputs[2]) = (side.next, side.account, book.domain());
        (inputs[6], inputs[7]) = (guardianPoint()[0], guardianPoint()[1]);
    }

    function marginInputs(SideVector memory side) private pure returns (uint256[] memory inputs) {
        inputs = new uint256[](MARGIN_INPUTS); // below margin, and no recipient
        inputs[0] = side.old;
    }

    function updateInputs(Step memory step, uint256 index) private view returns (uint256[] memory inputs) {
        SideVector memory side = step.sides[index];
        bool isTrade = step.ticket != 0;
        bool isWithdrawal = equal(step.action, "withdraw");
        inputs = new uint256[](UPDATE_INPUTS);
        (inputs[0], inputs[1], inputs[2]) = (side.old, side.next, step.ticket);
        (inputs[3], inputs[4], inputs[5]) = (isTrade ? index + 1 : 0, step.asset, step.amount);
        (inputs[6], inputs[7]) = (isWithdrawal ? 1 : 0, side.claim);
        (inputs[8], inputs[9]) = (isWithdrawal ? uint160(recipientOf(side.account)) : 0, side.next);
        inputs[11] = _stale[step.roundId];
    }

    /// @dev e, d and x at maintenance margin.
    function ofMargin(uint256[] memory inputs) private pure returns (uint256[] memory first) {
        first = new uint256[](3 * SLOTS);
        for (uint256 i = 0; i < first.length; ++i) {
            first[i] = inputs[i];
        }
    }

    function recipientOf(uint256 account) private pure returns (address) {
        return address(uint160(0xFEE << 148 | account));
    }

    function guardianPoint() private pure returns (uint256[2] memory) {
        return [uint256(1), 2];
    }

    // ------------------------------------------------------------------------------------------------ deployment

    function deploy() private {
        deployBook(SLOTS, listing(abi.decode(vm.parseJsonTypeArray(json, ".slots", SLOT_TYPE), (SlotVector[]))));
        deployRounds(1, 1);
        opens = new TestVerifier("open-3", OPEN_INPUTS, 0);
        updates = new TestVerifier("update-3", UPDATE_INPUTS, 5 * SLOTS + 3);
        margins = new TestVerifier("margin-3", MARGIN_INPUTS, 3 * SLOTS);
        book = MarginBook(address(uint160(0xB00C << 144 | 1)));
        gate = Deploy.bookGate(book, breaker, rounds, margins, maxAge());
        deployCodeTo(Deploy.artefact("MarginBook"), abi.encode(parts()), address(book));
        vault = book.vault();
        fund(WBTC, 1e30);
        fund(USDC, 1e30);
        requireSettings();
    }

    function parts() private returns (MarginBook.Parts memory made) {
        made.owner = governance;
        (made.maxProofAge, made.rounds, made.breaker, made.gate) = (maxAge(), rounds, breaker, gate);
        (made.openVerifier, made.updateVerifier) = (opens, updates);
        made.cureWindow = uint64(vm.parseJsonUint(json, ".settings.cureWindow"));
        // The decimals of the statements, so that every amount is one of the token.
        made.tokens = new address[](SLOTS + 1);
        made.tokens[WBTC] = address(Deploy.testToken("WBTC", 9));
        made.tokens[USDC] = address(Deploy.testToken("USDC", 18));
        made.guardians = new uint256[2][](1);
        made.guardians[0] = guardianPoint();
        made.vault = VaultSettings({factory: Deploy.bookVaultFactory(), terms: terms()});
    }

    /// @dev A ledger queues what is not there yet, as the model does. It pays in full.
    function terms() private returns (VaultTerms memory made) {
        made.delay = uint64(vm.parseJsonUint(json, ".settings.withdrawalDelay"));
        made.outflowPpm = 1_000_000;
        made.leastOutflows = new uint256[](SLOTS + 1);
        (made.leastOutflows[WBTC], made.leastOutflows[USDC]) = (1, 1);
        made.ledger = new TestLedger();
    }

    function fund(uint256 asset, uint256 amount) private {
        TestToken token = TestToken(vault.tokenOf(asset));
        token.mint(PAYER, amount);
        vm.prank(PAYER);
        token.approve(address(vault), amount);
    }

    function maxAge() private view returns (uint64) {
        return uint64(vm.parseJsonUint(json, ".settings.maxAge"));
    }

    function requireSettings() private view {
        assertEq(rounds.staleAfter(), maxAge());
        assertEq(book.TRADE_GRACE(), vm.parseJsonUint(json, ".settings.grace"));
        assertEq(breaker.resumeGrace(), vm.parseJsonUint(json, ".settings.resumeGrace"));
        assertEq(risk.lambdaInitialPpm(), vm.parseJsonUint(json, ".settings.lambdaInitial"));
        assertEq(risk.lambdaMaintenancePpm(), vm.parseJsonUint(json, ".settings.lambdaMaintenance"));
    }

    function listing(SlotVector[] memory slots) private pure returns (Asset[] memory assets) {
        assertEq(slots.length, SLOTS);
        assets = new Asset[](SLOTS);
        for (uint256 i = 0; i < SLOTS; ++i) {
            SlotVector memory v = slots[i];
            Asset memory entry = perpetual(i, v.maintenance, v.initial);
            entry.kind = AssetKind(v.kind);
            (entry.shortMaintenancePpm, entry.shortInitialPpm) = (uint24(v.shortMaintenance), uint24(v.shortInitial));
            entry.underlyingMaintenancePpm = uint24(v.underlyingMaintenance);
            entry.underlyingInitialPpm = uint24(v.underlyingInitial);
            entry.underlying = uint8(v.underlying);
            (entry.deviationPpm, entry.deviationAmount) = (uint32(v.deviation), uint64(v.deviationAmount));
            (entry.leastPrice, entry.greatestPrice) = (uint64(v.least), uint64(v.greatest));
            assets[i] = entry;
        }
    }

    // ------------------------------------------------------------------------------------------------ errors

    /// @dev Selector of an error by its name.
    function selectorOf(string memory refusal) private pure returns (bytes4) {
        string[17] memory signatures = [
            "AccountIsFlagged(uint256)",
            "AlreadyOpen()",
            "AssetIsReduceOnly()",
            "CandidateTooYoung(uint64)",
            "CommitmentNotCurrent()",
            "NotPermitted()",
            "NothingDue()",
            "NothingPriced()",
            "NothingSettled()",
            "ProofDoesNotVerify()",
            "RoundBeforeChange()",
            "RoundNotNewer(uint64,uint64)",
            "RoundSuperseded()",
            "RoundTooOld()",
            "SameAccount()",
            "Stopped(uint8)",
            "UnknownRound(uint64)"
        ];
        for (uint256 i = 0; i < signatures.length; ++i) {
            if (equal(vm.split(signatures[i], "(")[0], refusal)) return bytes4(keccak256(bytes(signatures[i])));
        }
        revert(refusal);
    }

    function equal(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
