// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../src/interfaces/IAccountLife.sol";
import {BookAccount, Ground} from "../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier, Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {LiquidationTerms, Takeover} from "../../src/interfaces/ILiquidationEngine.sol";
import {Claim, Opening} from "../../src/interfaces/IMarginBook.sol";
import {VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {LiquidationEngine} from "../../src/liquidation/LiquidationEngine.sol";
import {TestDebtLedger} from "../mocks/TestDebtLedger.sol";
import {TestModule} from "../mocks/TestModule.sol";
import {MockVerifier} from "../../test-utils/MockVerifier.sol";
import {CallWords} from "./CallWords.sol";
import {Deploy} from "./Deploy.sol";
import {MarginBookFixture} from "./MarginBookFixture.sol";
import {RoundReader} from "./RoundReader.sol";

/// @title LiquidationFixture
/// @notice A real book with an engine, and verifiers that take the signals that a test names: so that each state and each
///         second of an auction can be reached. Signals are put together here as the spec has them, and not as the engine does.
abstract contract LiquidationFixture is MarginBookFixture, CallWords {
    uint256 internal constant VICTIM = 11;
    uint256 internal constant BUYER = 22;
    uint256 internal constant OTHER = 33;
    uint256 internal constant CHALLENGE_BOND = 0.05 ether;
    uint256 internal constant ELEMENTS = 5;
    uint64 internal constant LIFETIME = 2 hours;
    uint64 internal constant ANSWER_WINDOW = 1 hours;

    /// @dev Of a proof, which the verifiers of these tests do not read.
    uint256 internal constant PROOF_WORDS = 8;

    LiquidationEngine internal engine;
    TestModule internal other;
    TestDebtLedger internal debtLedger;
    MockVerifier internal openMock;
    MockVerifier internal updateMock;
    MockVerifier internal marginMock;
    MockVerifier internal releaseMock;
    MockVerifier internal writeoffMock;

    uint256 private _last = 1000;

    function setUp() public virtual override {
        super.setUp();
        openAccount(VICTIM);
        openAccount(BUYER);
        openAccount(OTHER);
    }

    function deployVerifiers() internal override returns (IGroth16Verifier opens, IGroth16Verifier updates_) {
        openMock = new MockVerifier("open-13", 9 + ELEMENTS, 0);
        updateMock = new MockVerifier("update-13", 11 + ELEMENTS, 68);
        return (openMock, updateMock);
    }

    function deployFirstGate() internal virtual override {
        marginMock = new MockVerifier("margin-13", 3, 39);
        releaseMock = new MockVerifier("release-13", 8 + ELEMENTS, 45);
        writeoffMock = new MockVerifier("writeoff-13", 4 + ELEMENTS, 0);
        debtLedger = new TestDebtLedger();
        other = new TestModule(BOOK);
        deployEngine();
    }

    function deployEngine() internal virtual {
        engine = Deploy.liquidationEngine(BOOK, SLOTS, engineVerifiers(), terms(), curves());
    }

    /// @dev The engine that tests call, and the book knows.
    function engineAddress() internal view virtual returns (address) {
        return address(engine);
    }

    function modules() internal view override returns (address[] memory named) {
        named = new address[](2);
        (named[0], named[1]) = (engineAddress(), address(other));
    }

    function ledger() internal view virtual override returns (IShortfallLedger) {
        return IShortfallLedger(address(debtLedger));
    }

    function engineVerifiers() internal view returns (IGroth16Verifier[3] memory) {
        return [IGroth16Verifier(marginMock), releaseMock, writeoffMock];
    }

    /// @dev The defaults of the design.
    function terms() internal pure returns (LiquidationTerms memory) {
        return LiquidationTerms({
            maintenanceBuffer: 2500,
            overdraftBuffer: 500,
            leastShare: 2500,
            flagLifetime: uint32(LIFETIME),
            answerWindow: uint32(ANSWER_WINDOW),
            leastAmount: 10_000e18,
            dust: 1_000e18,
            challengeBond: CHALLENGE_BOND
        });
    }

    function curves() internal pure returns (LiquidationEngine.Curves memory) {
        return LiquidationEngine.Curves({
            maintenanceFloor: 1000,
            maintenanceCap: 5000,
            maintenanceRamp: 300,
            overdraftFloor: 50,
            overdraftCap: 500,
            overdraftRamp: 600,
            uncoveredCap: 2500,
            uncoveredRamp: 300
        });
    }

    /// @dev How many words of a call do not matter: with another lowest bit in one of them it acts all the same.
    function ignoredWords(bytes memory call_) internal returns (uint256 count) {
        assertTrue(acts(address(this), address(engine), 0, call_), "as it is");
        for (uint256 i = 4; i < call_.length; i += 32) {
            bytes memory altered = bytes.concat(call_);
            altered[i + 31] = bytes1(uint8(altered[i + 31]) ^ 1);
            if (acts(address(this), address(engine), 0, altered)) ++count;
        }
    }

    // ------------------------------------------------------------------------------------------------ time

    /// @dev Goes on to a fresh round, this many seconds later.
    function advance(uint256 time) internal {
        if (time < 1 minutes) {
            skip(time);
        } else {
            skip(time - 1 minutes);
            postBookRound(1);
        }
    }

    function latest() internal view returns (uint64) {
        return rounds.latestRoundId();
    }

    function flaggedAt(uint256 account, Ground ground) internal view returns (uint48) {
        BookAccount memory state = BOOK.accountState(account);
        return ground == Ground.Overdraft ? state.overdraftFlaggedAt : state.maintenanceFlaggedAt;
    }

    /// @dev The fixture's rounds have no spot, so one is told what a scale makes of it: at one kind of margin.
    function scaleTo(uint256 scale, uint64 roundId) internal {
        debtLedger.setSpotScale(scale);
        for (uint256 i = 0; i < 2; ++i) {
            VectorKind kind = kindOf(Ground(i));
            uint256[] memory dearer = RoundReader.inputs(rounds, roundId, kind);
            ++dearer[0];
            bytes memory question = abi.encodeCall(rounds.roundInputs, (roundId, RoundReader.one(kind), scale));
            vm.mockCall(address(rounds), question, abi.encode(dearer));
        }
    }

    // ------------------------------------------------------------------------------------------------ accounts

    /// @dev A number that no other state, ticket or account has.
    function next() internal returns (uint256) {
        return ++_last;
    }

    function openAccount(uint256 identity) internal {
        Opening memory opening;
        (opening.commitment, opening.identity) = (next(), identity);
        opening.guardianPoint = guardianOf(openings[0]);
        opening.ciphertext = new uint256[](ELEMENTS);
        uint256[] memory inputs = new uint256[](9 + ELEMENTS);
        (inputs[0], inputs[1], inputs[2]) = (opening.commitment, identity, BOOK.domain());
        (inputs[6], inputs[7]) = (opening.guardianPoint[0], opening.guardianPoint[1]);
        openMock.allow(inputs, new uint256[](0));
        BOOK.open{value: BOND}(opening);
    }

    function kindOf(Ground ground) internal pure returns (VectorKind) {
        return ground == Ground.Overdraft ? VectorKind.Overdraft : VectorKind.Maintenance;
    }

    // ------------------------------------------------------------------------------------------------ proofs

    function marginInputs(uint256 account, bool healthy, address recipient) internal view returns (uint256[] memory) {
        uint256[] memory inputs = new uint256[](3);
        (inputs[0], inputs[1], inputs[2]) = (commitmentOf(account), healthy ? 1 : 0, uint160(recipient));
        return inputs;
    }

    /// @dev From now on there is a proof of `margin` about the present state of an account.
    function proveMargin(uint256 account, Ground ground, uint64 roundId, bool healthy, address recipient) internal {
        marginMock.allow(marginInputs(account, healthy, recipient), RoundReader.inputs(rounds, roundId, kindOf(ground)));
    }

    function flag(uint256 account, Ground ground) internal {
        proveMargin(account, ground, latest(), false, address(0));
        Proof memory proof;
        engine.flag(account, ground, latest(), address(0), proof);
    }

    function recover(uint256 account, Ground ground) internal {
        proveMargin(account, ground, latest(), true, address(0));
        Proof memory proof;
        engine.recover(account, ground, latest(), proof);
    }

    /// @dev From the present state of an account to a new one.
    function changeOf(uint256 account) internal returns (StateChange memory change) {
        change.account = account;
        (change.oldCommitment, change.newCommitment) = (commitmentOf(account), next());
        change.rho = next();
        change.ciphertext = new uint256[](ELEMENTS);
        for (uint256 i = 0; i < ELEMENTS; ++i) {
            change.ciphertext[i] = next();
        }
    }

    /// @dev A takeover at the newest round and at rate 0, which leaves the flag.
    function takeoverOf(uint256 victim, uint256 buyer, Ground ground) internal returns (Takeover memory takeover) {
        (takeover.roundId, takeover.ground, takeover.ticket) = (latest(), ground, next());
        (takeover.victim, takeover.buyer) = (changeOf(victim), changeOf(buyer));
        takeover.victim.rho = uint256(keccak256(abi.encode(takeover.victim.oldCommitment, takeover.ticket))) % R;
    }

    function releaseInputs(Takeover memory takeover) internal pure returns (uint256[] memory inputs) {
        inputs = new uint256[](8 + ELEMENTS);
        (inputs[0], inputs[1]) = (takeover.victim.oldCommitment, takeover.victim.newCommitment);
        (inputs[2], inputs[3]) = (takeover.ticket, takeover.isReserved ? takeover.buyer.account : 0);
        (inputs[4], inputs[5]) = (takeover.rate, takeover.uncoveredRate);
        (inputs[6], inputs[7]) = (takeover.isCured ? 1 : 0, takeover.victim.rho);
        for (uint256 i = 0; i < ELEMENTS; ++i) {
            inputs[8 + i] = takeover.victim.ciphertext[i];
        }
    }

    /// @dev What `release` takes from a round, by the defaults of the design.
    function releaseRoundInputs(uint64 roundId, Ground ground, bool isEarly)
        internal
        view
        returns (uint256[] memory inputs)
    {
        uint256[] memory vectors = RoundReader.inputs(rounds, roundId, kindOf(ground));
        inputs = new uint256[](45);
        for (uint256 i = 0; i < 39; ++i) {
            inputs[i] = vectors[i];
        }
        bool isOverdraft = ground == Ground.Overdraft;
        inputs[39] = isOverdraft ? 7 : 8191;
        inputs[39] &= ~rounds.staleSlots(roundId);
        inputs[40] = isEarly ? 0 : isOverdraft ? 50 : 1000;
        inputs[41] = isOverdraft ? 500 : 2500;
        (inputs[42], inputs[43], inputs[44]) = (2500, 10_000e18, 1_000e18);
    }

    function purchaseInputs(Takeover memory takeover) internal view returns (uint256[] memory inputs) {
        inputs = new uint256[](11 + ELEMENTS);
        (inputs[0], inputs[1]) = (takeover.buyer.oldCommitment, takeover.buyer.newCommitment);
        (inputs[2], inputs[3], inputs[9]) = (takeover.ticket, 1, takeover.buyer.rho);
        inputs[7] = uint256(Claim.MeetsInitialMargin);
        for (uint256 i = 0; i < ELEMENTS; ++i) {
            inputs[10 + i] = takeover.buyer.ciphertext[i];
        }
        inputs[10 + ELEMENTS] = rounds.staleSlots(takeover.roundId);
    }

    /// @dev From now on there are both proofs of a takeover.
    function proveTakeover(Takeover memory takeover, bool isEarly) internal {
        releaseMock.allow(releaseInputs(takeover), releaseRoundInputs(takeover.roundId, takeover.ground, isEarly));
        updateMock.allow(purchaseInputs(takeover), roundInputs(takeover.roundId));
    }

    /// @dev From now on there is a proof that an account owes this and nothing else.
    function writeoffOf(uint256 account, uint256 amount) internal returns (StateChange memory change) {
        change = changeOf(account);
        change.rho = uint256(keccak256(abi.encode(change.oldCommitment, bytes32("writeoff")))) % R;
        uint256[] memory inputs = new uint256[](4 + ELEMENTS);
        (inputs[0], inputs[1], inputs[2]) = (change.oldCommitment, change.newCommitment, amount);
        inputs[3] = change.rho;
        for (uint256 i = 0; i < ELEMENTS; ++i) {
            inputs[4 + i] = change.ciphertext[i];
        }
        writeoffMock.allow(inputs, new uint256[](0));
    }
}
