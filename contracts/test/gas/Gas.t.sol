// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {G1Point, IGroth16Verifier, Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {SolvencyClaim} from "../../src/interfaces/ISolvencyGate.sol";
import {OwnerPriceRounds} from "../../src/oracle/OwnerPriceRounds.sol";
import {SnarkjsMargin13Verifier} from "../generated/SnarkjsMargin13Verifier.sol";
import {RefusingRecipient} from "../mocks/Recipients.sol";
import {Deploy} from "../utils/Deploy.sol";
import {ProvenClaim} from "../utils/Fixture.sol";
import {GateFixture} from "../utils/GateFixture.sol";
import {RoundReader} from "../utils/RoundReader.sol";

/// @notice Gas of single calls, without the 21,000 and the calldata of a transaction (4 or 16 a byte). The figures are
///         the same for every key: its points are constants of one size, and the precompiles have fixed prices.
contract GasTest is GateFixture {
    string private constant VERIFIER = "verifier";
    string private constant BATCH = "verifier-batch";
    string private constant GATE = "gate";

    function setUp() public override {
        super.setUp();
        postUpTo(1);
        for (uint256 k = 0; k < STRONG_COUNT; ++k) {
            register(k);
        }
        register(WEAK);
        postUpTo(3);
        gate.prepareRound(2);
        gate.fundTips{value: 1 ether}();
        vm.deal(owner, 1);
    }

    /// @dev What a transaction finds: no address and no slot was touched before.
    modifier fromCold() {
        vm.cool(address(gate));
        vm.cool(address(rounds));
        vm.cool(address(verifier));
        _;
    }

    function test_verify() public {
        ProvenClaim memory claim = claimOf(STRONG, 2);
        uint256[] memory inputs = inputsOf(claim);
        uint256[] memory round = roundInputs(2);
        uint256[42] memory all;
        for (uint256 i = 0; i < 42; ++i) {
            all[i] = i < 3 ? inputs[i] : round[i - 3];
        }
        uint256[8] memory w = wordsOf(claim.proof);
        SnarkjsMargin13Verifier usual = Deploy.snarkjsVerifier();
        usual.verifyProof([w[0], w[1]], [[w[2], w[3]], [w[4], w[5]]], [w[6], w[7]], all);
        vm.snapshotGasLastCall(VERIFIER, "margin-13 verify as snarkjs generates it");

        G1Point memory point = verifier.computeRoundPoint(round);
        vm.snapshotGasLastCall(VERIFIER, "margin-13 computeRoundPoint");
        verifier.verify(claim.proof, inputs, point);
        vm.snapshotGasLastCall(VERIFIER, "margin-13 verify");

        claim = claimOf(0, 2);
        inputs = inputsOf(claim);
        verifier.verify(claim.proof, inputs, point);
        vm.snapshotGasLastCall(VERIFIER, "margin-13 verify without recipient");
    }

    function test_verifyOtherInstances() public {
        snapshotInstance("margin-lean-13", Deploy.verifier("MarginLean13Verifier"));
        snapshotInstance("margin-28", Deploy.verifier("Margin28Verifier"));
    }

    function snapshotInstance(string memory name, IGroth16Verifier other) private {
        Instance memory instance = readFixture(name);
        OwnerPriceRounds otherRounds = deployRounds(instance);
        postRound(otherRounds, instance, 1);
        uint256[] memory round = RoundReader.inputs(otherRounds, 1, VectorKind.Maintenance);
        G1Point memory point = other.computeRoundPoint(round);
        vm.snapshotGasLastCall(VERIFIER, string.concat(name, " computeRoundPoint"));
        uint256[] memory inputs = proofInputs(instance.commitments, instance.proofs[0]);
        other.verify(instance.proofs[0].proof, inputs, point);
        vm.snapshotGasLastCall(VERIFIER, string.concat(name, " verify"));
    }

    function test_verifyBatch() public {
        G1Point memory point = roundPoint(2);
        for (uint256 size = 1; size <= 32; size *= 2) {
            (Proof[] memory proofs, uint256[] memory inputs) = batchOf(size);
            verifier.verifyBatch(proofs, inputs, point);
            uint256 gas = vm.snapshotGasLastCall(BATCH, string.concat(label(size), " total"));
            vm.snapshotValue(BATCH, string.concat(label(size), " per proof"), gas / size);
        }
    }

    function test_register() public fromCold {
        vm.prank(registrar);
        gate.register(uint160(makeAddr("new")), 7);
        vm.snapshotGasLastCall(GATE, "register a new account");
    }

    function test_registerChange() public fromCold {
        vm.prank(registrar);
        gate.register(accountAt(0), 7);
        vm.snapshotGasLastCall(GATE, "register a change");
    }

    function test_prepareRound() public fromCold {
        gate.prepareRound(3);
        vm.snapshotGasLastCall(GATE, "prepareRound");
    }

    function test_proveSolvent() public {
        sendProof(claimOf(STRONG, 2));
        vm.snapshotGasLastCall(GATE, "proveSolvent");
    }

    function test_proveSolventUnprepared() public {
        sendProof(claimOf(STRONG, 3));
        vm.snapshotGasLastCall(GATE, "proveSolvent that prepares its round");
    }

    function sendProof(ProvenClaim memory claim) private fromCold {
        gate.proveSolvent(accountAt(claim.account), claim.roundId, claim.recipient, claim.proof);
    }

    function test_fundTips() public fromCold {
        gate.fundTips{value: 1}();
        vm.snapshotGasLastCall(GATE, "fundTips");
    }

    function test_receive() public fromCold {
        Address.sendValue(payable(address(gate)), 1);
        vm.snapshotGasLastCall(GATE, "receive");
    }

    function test_withdrawTips() public fromCold {
        vm.prank(owner);
        gate.withdrawTips(payable(owner), TIP);
        vm.snapshotGasLastCall(GATE, "withdrawTips");
    }

    function test_isSolvent() public fromCold {
        gate.isSolvent(accountAt(STRONG), 1 hours);
        vm.snapshotGasLastCall(GATE, "isSolvent");
    }

    function test_proveSolventBatch() public {
        uint256 before = vm.snapshotState();
        for (uint256 size = 1; size <= 32; size *= 2) {
            sendBatch(solvencyClaims(size));
            uint256 gas = vm.snapshotGasLastCall(GATE, string.concat("proveSolventBatch ", label(size), " total"));
            vm.snapshotValue(GATE, string.concat("proveSolventBatch ", label(size), " per proof"), gas / size);
            vm.revertToState(before);
        }
    }

    function sendBatch(SolvencyClaim[] memory claims) private fromCold {
        gate.proveSolventBatch(2, claims);
    }

    function test_postRound() public {
        (uint256[] memory prices, int256[] memory funding) = (margin.rounds[2].prices, margin.rounds[2].funding);
        postFromCold(prices, funding);
        vm.snapshotGasLastCall("rounds", "postRound of 13 assets");
    }

    function postFromCold(uint256[] memory prices, int256[] memory funding) private fromCold {
        rounds.postRound(prices, funding);
    }

    function label(uint256 size) private pure returns (string memory) {
        return string.concat(size < 10 ? "0" : "", vm.toString(size));
    }
}

/// @notice What the next proof about a commitment costs: its record is there already.
contract NextProofGasTest is GateFixture {
    function setUp() public override {
        super.setUp();
        postUpTo(1);
        register(STRONG);
        proveSolvent(STRONG, 1);
        postUpTo(2);
        gate.prepareRound(2);
    }

    function test_proveSolvent() public {
        vm.cool(address(gate));
        vm.cool(address(rounds));
        vm.cool(address(verifier));
        proveSolvent(STRONG, 2);
        vm.snapshotGasLastCall("gate", "proveSolvent of a commitment that was proven before");
    }
}

/// @notice What follows a flag whose tip its recipient refused.
contract FlaggedGasTest is GateFixture {
    address private recipient;

    function setUp() public override {
        super.setUp();
        postUpTo(1);
        register(WEAK);
        postUpTo(2);
        recipient = claimOf(WEAK, 2).recipient;
        vm.etch(recipient, type(RefusingRecipient).runtimeCode);
        gate.fundTips{value: 1 ether}();
        flag(WEAK, 2);
        vm.deal(owner, 1);
    }

    function test_resolve() public {
        vm.cool(address(gate));
        vm.cool(address(rounds));
        vm.prank(registrar);
        gate.resolve(accountAt(WEAK), 7);
        vm.snapshotGasLastCall("gate", "resolve");
    }

    function test_claimTip() public {
        vm.cool(address(gate));
        vm.prank(recipient);
        gate.claimTip(payable(owner));
        vm.snapshotGasLastCall("gate", "claimTip");
    }
}

/// @notice Gas of a flag, which is proven at the newest round.
contract FlagGasTest is GateFixture {
    function setUp() public override {
        super.setUp();
        postUpTo(1);
        register(WEAK);
        postUpTo(2);
        gate.prepareRound(2);
        gate.fundTips{value: 1 ether}();
        vm.deal(claimOf(WEAK, 2).recipient, 1); // a keeper that exists
    }

    function test_flag() public {
        flagFromCold(claimOf(WEAK, 2));
        vm.snapshotGasLastCall("gate", "flag, with tip");
    }

    function flagFromCold(ProvenClaim memory claim) private {
        vm.cool(address(gate));
        vm.cool(address(rounds));
        vm.cool(address(verifier));
        gate.flag(accountAt(claim.account), claim.roundId, claim.recipient, claim.proof);
    }
}
