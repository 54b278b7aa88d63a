// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../src/interfaces/IAccountLife.sol";
import {Ground} from "../../src/interfaces/ICommitments.sol";
import {Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {Takeover} from "../../src/interfaces/ILiquidationEngine.sol";
import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {InsuranceFund} from "../../src/liquidation/InsuranceFund.sol";
import {ShortfallLedger} from "../../src/liquidation/ShortfallLedger.sol";
import {RefusingRecipient} from "../mocks/Recipients.sol";
import {Deploy} from "../utils/Deploy.sol";
import {BookRow} from "../utils/MarginBookFixture.sol";
import {ProvenLiquidationFixture} from "../utils/ProvenLiquidationFixture.sol";

/// @notice Gas of what a liquidation engine does, with real proofs of 13 slots, a ledger and a fund. Every contract, slot and
///         account is cold, and the round is prepared unless said otherwise.
contract LiquidationGasTest is ProvenLiquidationFixture {
    string private constant GROUP = "liquidation";

    address private theVault;
    InsuranceFund private insurance;
    ShortfallLedger private shortfalls;

    function setUp() public override {
        super.setUp();
        theVault = address(vault());
        vm.deal(RECIPIENT, 1); // an address that exists
        usdc.mint(address(this), 1_000_000e6);
        usdc.approve(address(insurance), 1_000_000e6);
        insurance.deposit(1_000_000e6, address(this));
    }

    function deployFirstGate() internal override {
        super.deployFirstGate();
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        insurance = Deploy.insuranceFund(usdc, predicted, rounds, breaker, 7 days);
        shortfalls = Deploy.shortfallLedger(address(BOOK), address(engine), insurance);
    }

    function ledger() internal view override returns (IShortfallLedger) {
        return shortfalls;
    }

    modifier fromCold() {
        vm.cool(address(BOOK));
        vm.cool(address(engine));
        vm.cool(address(rounds));
        vm.cool(address(breaker));
        vm.cool(address(updateVerifier));
        vm.cool(address(engine.marginVerifier()));
        vm.cool(address(engine.releaseVerifier()));
        vm.cool(address(engine.writeoffVerifier()));
        vm.cool(address(shortfalls));
        vm.cool(address(insurance));
        vm.cool(address(usdc));
        vm.cool(theVault);
        _;
    }

    receive() external payable {}

    function test_prepareRound() public {
        postBookRound(2);
        prepareFromCold();
        vm.snapshotGasLastCall(GROUP, "prepareRound");
    }

    function test_flag() public {
        prepare(2);
        flagFromCold(find(margins, "victor is below"));
        vm.snapshotGasLastCall(GROUP, "flag, with the account's bond");
    }

    function test_recover() public {
        flagVictor();
        prepare(3);
        recoverFromCold(find(margins, "victor is sound").proof);
        vm.snapshotGasLastCall(GROUP, "recover");
    }

    function test_takeOver() public {
        prepare(2);
        flag("victor is below", Ground.Maintenance);
        skip(CURE_WINDOW);
        takeFromCold(takeoverNamed("a part", "buyer 1 of a part", Ground.Maintenance));
        vm.snapshotGasLastCall(GROUP, "takeOver");
        Takeover memory late = takeoverNamed("a part", "buyer 2 of a part", Ground.Maintenance);
        lose("takeOver", abi.encodeCall(engine.takeOver, (late)));
    }

    function test_takeOverUnprepared() public {
        flagVictor();
        takeFromCold(takeoverNamed("a part", "buyer 1 of a part", Ground.Maintenance));
        vm.snapshotGasLastCall(GROUP, "takeOver that prepares its round");
    }

    function test_flagTooLate() public {
        prepare(2);
        flag("victor is below", Ground.Maintenance);
        BookRow memory row = find(margins, "victor is below");
        lose("flag", abi.encodeCall(engine.flag, (victor, Ground.Maintenance, 2, RECIPIENT, row.proof)));
    }

    function test_writeOff() public {
        give("ivy", "everything early");
        prepare(2);
        flag("ivy is below", Ground.Maintenance);
        skip(12);
        engine.takeOver(takeoverNamed("everything early", "buyer 1 of everything early", Ground.Maintenance));
        skip(CURE_WINDOW);
        BookRow memory row = find(writeoffs, "ivy's debt");
        writeOffFromCold(row.inputs[2], stateChangeOf(row, 4, row.inputs.length));
        vm.snapshotGasLastCall(GROUP, "writeOff that the fund pays");
        assertEq(shortfalls.shortfall(), 0);
    }

    function test_challengeAndAnswer() public {
        postBookRound(1);
        engine.prepareRound(2, Ground.Maintenance);
        challengeFromCold();
        vm.snapshotGasLastCall(GROUP, "challenge");
        answerFromCold(find(margins, "victor at 1").proof);
        vm.snapshotGasLastCall(GROUP, "answer");
    }

    function test_endChallenge() public {
        challengeAndWait();
        other.recordSolvent(victor, commitmentOf(victor), 2);
        endFromCold();
        vm.snapshotGasLastCall(GROUP, "endChallenge");
    }

    function test_flagSilent() public {
        challengeAndWait();
        flagSilentFromCold();
        vm.snapshotGasLastCall(GROUP, "flagSilent");
    }

    function test_claimTip() public {
        RefusingRecipient refusing = new RefusingRecipient();
        vm.deal(address(refusing), CHALLENGE_BOND);
        postBookRound(1);
        vm.prank(address(refusing));
        engine.challenge{value: CHALLENGE_BOND}(victor);
        other.recordSolvent(victor, commitmentOf(victor), 2);
        engine.endChallenge(victor);
        vm.prank(address(refusing));
        claimFromCold();
        vm.snapshotGasLastCall(GROUP, "claimTip");
    }

    function prepare(uint64 like) private {
        uint64 roundId = postBookRound(like);
        engine.prepareRound(roundId, Ground.Maintenance);
        BOOK.prepareRound(roundId);
    }

    function challengeAndWait() private {
        postBookRound(1);
        engine.challenge{value: CHALLENGE_BOND}(victor);
        skip(1 hours);
        postBookRound(1);
    }

    function prepareFromCold() private fromCold {
        engine.prepareRound(2, Ground.Maintenance);
    }

    function flagFromCold(BookRow memory row) private fromCold {
        engine.flag(victor, Ground.Maintenance, 2, RECIPIENT, row.proof);
    }

    /// @dev Not `vm.expectRevert`, with which the last call that is measured is one within.
    function lose(string memory loser, bytes memory call_) private fromCold {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success,) = address(engine).call(call_);
        vm.snapshotGasLastCall(GROUP, string.concat(loser, " that came too late"));
        assertFalse(success);
    }

    function recoverFromCold(Proof memory proof) private fromCold {
        engine.recover(victor, Ground.Maintenance, 3, proof);
    }

    function takeFromCold(Takeover memory takeover) private fromCold {
        engine.takeOver(takeover);
    }

    function writeOffFromCold(uint256 amount, StateChange memory change) private fromCold {
        engine.writeOff(amount, change);
    }

    function challengeFromCold() private fromCold {
        engine.challenge{value: CHALLENGE_BOND}(victor);
    }

    function answerFromCold(Proof memory proof) private fromCold {
        engine.answer(victor, RECIPIENT, proof);
    }

    function endFromCold() private fromCold {
        engine.endChallenge(victor);
    }

    function flagSilentFromCold() private fromCold {
        engine.flagSilent(victor);
    }

    function claimFromCold() private {
        vm.cool(address(engine));
        engine.claimTip(payable(RECIPIENT));
    }
}
