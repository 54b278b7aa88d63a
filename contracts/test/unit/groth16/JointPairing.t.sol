// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {JointPairing} from "../../../src/groth16/JointPairing.sol";
import {G1Point, IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {JointPairer} from "../../mocks/JointPairer.sol";
import {BookRow} from "../../utils/MarginBookFixture.sol";
import {ProvenLiquidationFixture} from "../../utils/ProvenLiquidationFixture.sol";

/// @notice Two proofs of two keys, or of one, in one pairing check (spec ZS-87).
contract JointPairingTest is ProvenLiquidationFixture {
    uint256 private constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
    bytes4 private constant REFUSED = IGroth16Verifier.ProofDoesNotVerify.selector;

    JointPairer private pairer;
    JointPairing.Terms private bought;
    JointPairing.Terms private sold;
    Proof private boughtProof;
    Proof private soldProof;

    function setUp() public override {
        super.setUp();
        postBookRound(2);
        pairer = new JointPairer();
        (bought, boughtProof) = purchase("buyer 1 of a part");
        BookRow memory row = find(releases, "a part");
        IGroth16Verifier verifier = engine.releaseVerifier();
        sold = JointPairing.Terms(verifier, verifier.computeRoundPoint(releaseRounds[0]), row.inputs);
        soldProof = row.proof;
    }

    function test_acceptsTwoTrueProofsInAnyOrder() public view {
        pairer.requireBoth(bought, boughtProof, sold, soldProof);
        pairer.requireBoth(sold, soldProof, bought, boughtProof);
        pairer.requireBoth(bought, boughtProof, bought, boughtProof);
        (JointPairing.Terms memory other_, Proof memory proof) = purchase("buyer 2 of a part");
        pairer.requireBoth(bought, boughtProof, other_, proof);
    }

    function testFuzz_refusesAFalseSignalOfEither(uint256 where, uint256 by) public {
        uint256 count = bought.proofInputs.length;
        where = bound(where, 0, count + sold.proofInputs.length - 1);
        if (where < count) bought.proofInputs[where] = otherSignal(bought.proofInputs[where], by);
        else sold.proofInputs[where - count] = otherSignal(sold.proofInputs[where - count], by);
        refuses(REFUSED);
    }

    function test_refusesAnotherProofOfEither() public {
        Proof memory honest = boughtProof;
        (, boughtProof) = purchase("buyer 2 of a part");
        refuses(REFUSED);
        (boughtProof, soldProof) = (soldProof, honest);
        refuses(REFUSED);
    }

    function test_refusesAnotherPointOfEither() public {
        G1Point memory honest = bought.roundPoint;
        bought.roundPoint = boughtProof.a;
        refuses(REFUSED);
        (bought.roundPoint, sold.roundPoint) = (honest, boughtProof.a);
        refuses(REFUSED);
        sold.roundPoint = G1Point(0, 0);
        refuses(IGroth16Verifier.RoundPointMissing.selector);
        sold.roundPoint = G1Point(1, 1);
        refuses(IGroth16Verifier.PrecompileFailed.selector);
    }

    function test_refusesMalformedProofsOfEither() public {
        Proof memory honest = soldProof;
        soldProof.c = G1Point(0, 0);
        refuses(IGroth16Verifier.PointNotOnCurve.selector);
        (soldProof, boughtProof.a.x) = (honest, Q);
        refuses(IGroth16Verifier.CoordinateNotInField.selector);
    }

    function test_refusesSignalsOfAnotherNumberOrBeyondTheField() public {
        sold.proofInputs[0] += R;
        vm.expectPartialRevert(IGroth16Verifier.SignalNotInField.selector);
        pairer.requireBoth(bought, boughtProof, sold, soldProof);
        sold.proofInputs.push(0);
        vm.expectPartialRevert(IGroth16Verifier.WrongNumberOfSignals.selector);
        pairer.requireBoth(bought, boughtProof, sold, soldProof);
    }

    /// @dev Both keys have one gamma, so these equations are false by P and -P: with a coefficient of 1 they made a true product.
    function test_refusesErrorsThatCancel() public {
        G1Point memory p = boughtProof.a;
        bought.roundPoint = add(bought.roundPoint, p);
        sold.roundPoint = add(sold.roundPoint, negative(p));
        refuses(REFUSED);
        assertTrue(holdsWithCoefficient(1), "they cancel");
    }

    /// @dev Errors that cancel under the coefficient of the honest pair: they would pass if it were not drawn from round points.
    function test_refusesErrorsThatCancelUnlessPointsAreHashed() public {
        uint256 scalar = pairer.coefficient(bought, boughtProof, sold, soldProof);
        G1Point memory p = boughtProof.a;
        bought.roundPoint = add(bought.roundPoint, mul(p, scalar));
        sold.roundPoint = add(sold.roundPoint, negative(p));
        assertTrue(holdsWithCoefficient(scalar), "they cancel");
        refuses(REFUSED);
    }

    /// @dev The same with C of two proofs of one key, whose delta is one.
    function test_refusesErrorsThatCancelUnlessProofsAreHashed() public {
        (sold, soldProof) = purchase("buyer 2 of a part");
        uint256 scalar = pairer.coefficient(bought, boughtProof, sold, soldProof);
        G1Point memory p = boughtProof.a;
        boughtProof.c = add(boughtProof.c, mul(p, scalar));
        soldProof.c = add(soldProof.c, negative(p));
        assertTrue(holdsWithCoefficient(scalar), "they cancel");
        refuses(REFUSED);
    }

    /// @dev And with their signals.
    function test_refusesErrorsThatCancelUnlessSignalsAreHashed() public {
        (sold, soldProof) = purchase("buyer 2 of a part");
        for (uint256 i = 0; i < bought.proofInputs.length; ++i) {
            uint256 scalar = pairer.coefficient(bought, boughtProof, sold, soldProof);
            (uint256 one, uint256 two) = (bought.proofInputs[i], sold.proofInputs[i]);
            (bought.proofInputs[i], sold.proofInputs[i]) = (addmod(one, scalar, R), addmod(two, R - 1, R));
            assertTrue(holdsWithCoefficient(scalar), "they cancel");
            refuses(REFUSED);
            (bought.proofInputs[i], sold.proofInputs[i]) = (one, two);
        }
    }

    function test_theCoefficientIsOfBothKeys() public {
        uint256 scalar = pairer.coefficient(bought, boughtProof, sold, soldProof);
        vm.mockCall(
            address(sold.verifier), abi.encodeCall(IGroth16Verifier.keyDigest, ()), abi.encode(bytes32(uint256(1)))
        );
        assertNotEq(pairer.coefficient(bought, boughtProof, sold, soldProof), scalar);
        vm.clearMockedCalls();
        vm.mockCall(
            address(bought.verifier), abi.encodeCall(IGroth16Verifier.keyDigest, ()), abi.encode(bytes32(uint256(1)))
        );
        assertNotEq(pairer.coefficient(bought, boughtProof, sold, soldProof), scalar);
    }

    function refuses(bytes4 reason) private {
        vm.expectRevert(reason);
        pairer.requireBoth(bought, boughtProof, sold, soldProof);
    }

    /// @dev Whether the product of both equations is 1 under a coefficient that is chosen.
    function holdsWithCoefficient(uint256 scalar) private view returns (bool) {
        uint256[24] memory one = bought.verifier.scaledPairs(boughtProof, bought.proofInputs, bought.roundPoint, 1);
        uint256[24] memory two = sold.verifier.scaledPairs(soldProof, sold.proofInputs, sold.roundPoint, scalar);
        (bool success, bytes memory answer) = address(8).staticcall(abi.encode(one, two));
        return success && abi.decode(answer, (bool));
    }

    function purchase(string memory name) private view returns (JointPairing.Terms memory terms_, Proof memory proof) {
        BookRow memory row = step(name);
        G1Point memory point = updateVerifier.computeRoundPoint(roundInputs(2));
        return (JointPairing.Terms(updateVerifier, point, row.inputs), row.proof);
    }

    function negative(G1Point memory point) private pure returns (G1Point memory) {
        return G1Point(point.x, Q - point.y);
    }

    function add(G1Point memory a, G1Point memory b) private view returns (G1Point memory) {
        (, bytes memory answer) = address(6).staticcall(abi.encode(a, b));
        return abi.decode(answer, (G1Point));
    }

    function mul(G1Point memory a, uint256 scalar) private view returns (G1Point memory) {
        (, bytes memory answer) = address(7).staticcall(abi.encode(a, scalar));
        return abi.decode(answer, (G1Point));
    }
}
