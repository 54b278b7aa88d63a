// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {AccountLife} from "../../src/book/AccountLife.sol";
import {StateChange} from "../../src/interfaces/IAccountLife.sol";
import {BookAccount} from "../../src/interfaces/ICommitments.sol";
import {Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {Opening} from "../../src/interfaces/IMarginBook.sol";
import {Asset} from "../../src/interfaces/IRiskParameters.sol";
import {Report} from "../../src/interfaces/IExpiries.sol";
import {Expiries} from "../../src/oracle/Expiries.sol";
import {MockVerifier} from "../../test-utils/MockVerifier.sol";
import {Deploy} from "./Deploy.sol";
import {MarketReplay} from "./MarketReplay.sol";

/// @title ExpiryReplay
/// @notice Replays runs in which assets settle and are replaced, and accounts go from epoch to epoch, move, leave and are
///         closed.
abstract contract ExpiryReplay is MarketReplay {
    /// @dev What a step has beside the fields of RunStep.
    struct LifeStep {
        uint64 expiry;
        uint32 toEpoch;
        uint32 epoch;
        uint256 slots;
        uint256[] settlement;
        uint256 successor;
        uint256 replacement;
        uint256 staleSlots;
    }

    struct RunEpoch {
        uint64 slots;
        int256[] prices;
    }

    struct FormerAccount {
        uint256 account;
        int256[] wallet;
    }

    string private constant LIFE_TYPE = "LifeStep(uint64 expiry,uint32 toEpoch,uint32 epoch,uint256 slots,"
        "uint256[] settlement,uint256 successor,uint256 replacement,uint256 staleSlots)";
    string private constant EPOCH_TYPE = "RunEpoch(uint64 slots,int256[] prices)";
    string private constant FORMER_TYPE = "FormerAccount(uint256 account,int256[] wallet)";

    Expiries private constant EXPIRIES = Expiries(Deploy.EXPIRIES);

    AccountLife internal life;
    MockVerifier private expires;
    MockVerifier private rekeys;
    MockVerifier internal writeoffs;
    MockVerifier private exits;
    LifeStep[] internal lifeSteps;

    function setUp() public virtual override {
        super.setUp();
        Deploy.deployExpiries(risk, address(rounds), uint64(setting("silence")));
        assertEq(risk.delay(), setting("delay"));
    }

    function marketModules() internal virtual override returns (address[] memory named) {
        expires = new MockVerifier("expire-3", 5, SLOTS);
        rekeys = new MockVerifier("rekey-3", 11, 0);
        writeoffs = new MockVerifier("writeoff-3", 5, 0);
        exits = new MockVerifier("exit-3", 6, 0);
        life = Deploy.accountLife(book, SLOTS, expires, rekeys, writeoffs, exits);
        named = new address[](1);
        named[0] = address(life);
    }

    function replayLife(uint256 run) internal {
        string memory json = vectors();
        string memory path = pathOf(run);
        LifeStep[] memory steps =
            abi.decode(vm.parseJsonTypeArray(json, string.concat(path, ".steps"), LIFE_TYPE), (LifeStep[]));
        for (uint256 k = 0; k < steps.length; ++k) {
            lifeSteps.push(steps[k]);
        }
        replay(run);
        checkEnd(json, path);
    }

    function checkEnd(string memory json, string memory path) private view {
        RunEpoch[] memory epochs =
            abi.decode(vm.parseJsonTypeArray(json, string.concat(path, ".epochs"), EPOCH_TYPE), (RunEpoch[]));
        (uint32 epoch, uint64 settled, bool isWindingDown) = EXPIRIES.status();
        assertEq(epoch, epochs.length);
        assertEq(epoch, vm.parseJsonUint(json, string.concat(path, ".end[0].epoch")));
        assertEq(settled, vm.parseJsonUint(json, string.concat(path, ".end[0].settled")));
        assertEq(isWindingDown, vm.parseJsonBool(json, string.concat(path, ".end[0].windingDown")));
        assertEq(book.accountCount(), vm.parseJsonUint(json, string.concat(path, ".end[0].opened")));
        for (uint32 k = 1; k <= epoch; ++k) {
            (uint64 slots, int256[] memory prices) = EXPIRIES.epochAt(k);
            assertEq(slots, epochs[k - 1].slots);
            assertEq(prices, epochs[k - 1].prices);
        }
        for (uint256 i = 0; vm.keyExistsJson(json, string.concat(path, ".accounts[", vm.toString(i), "]")); ++i) {
            string memory at = string.concat(path, ".accounts[", vm.toString(i), "]");
            BookAccount memory state = book.accountState(vm.parseJsonUint(json, string.concat(at, ".account")));
            assertEq(state.epoch, vm.parseJsonUint(json, string.concat(at, ".epoch")));
        }
        FormerAccount[] memory former =
            abi.decode(vm.parseJsonTypeArray(json, string.concat(path, ".former"), FORMER_TYPE), (FormerAccount[]));
        for (uint256 i = 0; i < former.length; ++i) {
            assertEq(book.accountState(former[i].account).commitment, 0);
            assertEq(received(former[i].account, WBTC), former[i].wallet[0]);
            assertEq(received(former[i].account, USDC), former[i].wallet[1]);
        }
    }

    // ------------------------------------------------------------------------------------------------ calls

    function submitOther(RunStep calldata step) internal virtual override returns (bool) {
        LifeStep memory more = lifeSteps[_position];
        if (equal(step.action, "announce") || equal(step.action, "list") || equal(step.action, "delist")) {
            govern(step, more);
        } else if (equal(step.action, "settleExpiry")) {
            settleExpiry(step, more);
        } else if (equal(step.action, "startWindDown")) {
            EXPIRIES.startWindDown();
        } else if (equal(step.action, "recordWindDown")) {
            rounds.recordWindDown();
        } else if (equal(step.action, "proveSolvent")) {
            Proof memory proof;
            gate.proveSolvent(step.sides[0].account, step.roundId, address(0), proof);
        } else {
            return live(step, more);
        }
        return true;
    }

    function live(RunStep calldata step, LifeStep memory more) private returns (bool) {
        RunSide memory side = step.sides[0];
        StateChange memory change = changeOf(side);
        if (equal(step.action, "expire")) {
            change.rho = rhoOf(side, more.toEpoch);
            life.expire(more.toEpoch, change);
        } else if (equal(step.action, "exit")) {
            life.exit(step.amount, recipientOf(side.account), change);
        } else if (equal(step.action, "close")) {
            life.close(change);
        } else if (equal(step.action, "rekey")) {
            Opening memory opening = openingOf(side);
            opening.identity = more.successor;
            life.rekey(side.account, side.old, opening);
        } else {
            return false;
        }
        return true;
    }

    function govern(RunStep calldata step, LifeStep memory more) private {
        if (equal(step.action, "announce")) {
            Asset memory entry = listing(vectors(), ".replacements")[more.replacement];
            entry.symbol = perpetual(SLOTS + more.replacement, 0, 0).symbol;
            vm.prank(governance);
            risk.announce(step.asset, entry);
        } else if (equal(step.action, "list")) {
            vm.prank(governance);
            risk.execute(step.asset);
        } else {
            vm.prank(governance);
            risk.delist(step.asset, uint40(START + more.expiry));
        }
    }

    function settleExpiry(RunStep calldata step, LifeStep memory more) private {
        Report[] memory reports = new Report[](1);
        uint64 expiry = uint64(START + more.expiry);
        reports[0] = Report(reporterAt(0), expiry, step.priced, step.prices, new int256[](SLOTS), "");
        signHash(reports[0], 0, hashFor(reports[0], 1));
        EXPIRIES.settle(expiry, step.priced, reports, mediansOf(reports));
    }

    function requireRecorded(RunRound memory made, string memory name) internal virtual override {
        super.requireRecorded(made, name);
        assertEq(rounds.epochOf(made.id), lifeSteps[_position].epoch, name);
        assertEq(rounds.staleSlots(made.id), lifeSteps[_position].staleSlots, name);
    }

    // ------------------------------------------------------------------------------------------------ proofs

    function allowOther(RunStep memory step) internal virtual override returns (bool) {
        LifeStep memory more = lifeSteps[_position];
        if (step.sides.length == 0) return true;
        RunSide memory side = step.sides[0];
        if (equal(step.action, "proveSolvent")) {
            uint256[] memory solvent = new uint256[](MARGIN_INPUTS);
            (solvent[0], solvent[1]) = (side.old, 1);
            if (side.holds) margins.allow(solvent, marginInputsOf(step.roundId));
            return true;
        }
        StateChange memory change = changeOf(side);
        if (equal(step.action, "expire")) {
            uint256[] memory inputs = inputsOf(change, 5);
            (inputs[2], inputs[3]) = (more.slots, rhoOf(side, more.toEpoch));
            if (side.holds && more.settlement.length != 0) expires.allow(inputs, more.settlement);
        } else if (equal(step.action, "exit")) {
            uint256[] memory inputs = inputsOf(change, 6);
            (inputs[2], inputs[3], inputs[4]) = (step.amount, uint160(recipientOf(side.account)), change.rho);
            if (side.holds) exits.allow(inputs, new uint256[](0));
        } else if (equal(step.action, "close")) {
            uint256[] memory inputs = inputsOf(change, 5);
            inputs[3] = change.rho;
            if (side.holds) writeoffs.allow(inputs, new uint256[](0));
        } else if (equal(step.action, "rekey")) {
            uint256[] memory inputs = inputsOf(change, 11);
            (inputs[2], inputs[3]) = (more.successor, book.domain());
            (inputs[7], inputs[8]) = (guardianPoint()[0], guardianPoint()[1]);
            if (side.holds) rekeys.allow(inputs, new uint256[](0));
        } else {
            return false;
        }
        return true;
    }

    function changeOf(RunSide memory side) internal pure returns (StateChange memory change) {
        (change.account, change.oldCommitment, change.newCommitment) = (side.account, side.old, side.next);
        (change.rho, change.ciphertext) = (side.next, new uint256[](1));
    }

    function inputsOf(StateChange memory change, uint256 count) internal pure returns (uint256[] memory inputs) {
        inputs = new uint256[](count);
        (inputs[0], inputs[1]) = (change.oldCommitment, change.newCommitment);
    }

    /// @dev What the module asks for; anything where there is no such step.
    function rhoOf(RunSide memory side, uint32 toEpoch) private view returns (uint256) {
        try life.stepOf(side.account, side.old, toEpoch) returns (uint64, int256[] memory, uint256 rho) {
            return rho;
        } catch {
            return 0;
        }
    }
}
