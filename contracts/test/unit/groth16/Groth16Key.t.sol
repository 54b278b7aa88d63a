// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {VerifierFixture} from "../../utils/VerifierFixture.sol";

contract Groth16KeyTest is VerifierFixture {
    /// @dev Spec ZS-32.
    function test_refusesAKeyWithoutContribution() public {
        vm.expectRevert(IGroth16Verifier.KeyWithoutContribution.selector);
        Deploy.alteredVerifier("NoContributionVerifier");
    }

    /// @dev Why: under such a key A = alpha, B = beta, C = -V proves anything. The code is put in place without its
    ///      constructor, to show what the constructor keeps out.
    function test_aKeyWithoutContributionWouldAcceptForgedProofs() public {
        IGroth16Verifier weak = IGroth16Verifier(makeAddr("weak"));
        vm.etch(address(weak), vm.getDeployedCode(Deploy.artefact("AlteredKeys", "NoContributionVerifier")));
        G1Point memory point = weak.computeRoundPoint(roundInputs(1));

        // With all proof inputs 0, V is the round point.
        Proof memory forged = Deploy.keyReader().alphaBeta();
        forged.c = G1Point(point.x, Q - point.y);
        weak.verify(forged, new uint256[](3), point);

        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        verifier.verify(forged, new uint256[](3), point);
    }

    function test_refusesAKeyPointAtInfinity() public {
        vm.expectRevert(IGroth16Verifier.KeyPointNotOnCurve.selector);
        Deploy.alteredVerifier("GammaAtInfinityVerifier");
        vm.expectRevert(IGroth16Verifier.KeyPointNotOnCurve.selector);
        Deploy.alteredVerifier("UnboundRecipientVerifier");
    }

    function test_refusesAKeyPointOffTheCurve() public {
        vm.expectRevert(IGroth16Verifier.KeyPointNotOnCurve.selector);
        Deploy.alteredVerifier("OffCurveRoundPointVerifier");
    }

    // Spec ZS-46.
    /// forge-config: default.fuzz.runs = 1000
    function testFuzz_refusesADevelopmentKeyOnAnyChainThatIsNotLocal(uint64 chainId) public {
        vm.assume(chainId != 31337 && chainId != 1337);
        vm.chainId(chainId);
        vm.expectRevert(abi.encodeWithSelector(IGroth16Verifier.DevelopmentKeyOnPublicChain.selector, chainId));
        Deploy.verifier("Margin13Verifier");
    }

    function test_acceptsADevelopmentKeyOnLocalChains() public {
        vm.chainId(31337);
        Deploy.verifier("Margin13Verifier");
        vm.chainId(1337);
        Deploy.verifier("Margin13Verifier");
    }

    function test_acceptsACeremonyKeyOnAnyChain() public {
        vm.chainId(1);
        assertFalse(Deploy.alteredVerifier("CeremonyVerifier").isDevelopmentKey());
    }

    function test_knowsWhatItVerifies() public view {
        assertEq(verifier.statement(), "margin-13");
        assertEq(verifier.proofInputCount(), 3);
        assertEq(verifier.roundInputCount(), 39);
        assertTrue(verifier.isDevelopmentKey());
        assertTrue(verifier.keyDigest() != 0);
    }
}
