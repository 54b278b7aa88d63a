// SPDX-License-Identifier: GPL-3.0-or-later
// Generated from a verifying key by verifier.solidity_verifier: never edit this file, generate it again.
pragma solidity 0.8.30;

import {Groth16Verifier} from "../groth16/Groth16Verifier.sol";

/// @title Writeoff28Verifier
/// @notice Verifies proofs of `writeoff-28` under a development key.
contract Writeoff28Verifier is Groth16Verifier {
    function statement() external pure override returns (string memory) {
        return "writeoff-28";
    }

    function keyDigest() public pure virtual override returns (bytes32) {
        return 0xc84ac1336f124a2ec5e50ea794cd1b42a96449d31a2bc9d48b2f26d0eb8ed553;
    }

    function isDevelopmentKey() public pure virtual override returns (bool) {
        return true;
    }

    function proofInputCount() public pure override returns (uint256) {
        return 14;
    }

    function roundInputCount() public pure override returns (uint256) {
        return 0;
    }

    function _loadPairs(uint256 pairs) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(pairs, 0x291fbadeeb00b5fa2d45ab3a0cdef792f984c1d37250409427b20332cee253ea)
            mstore(add(pairs, 0x20), 0x172d06625e54658a6117a1a530ff7b3d2027aa117f59cd4bae2afa49e58241e2)
            mstore(add(pairs, 0x40), 0x0856b090ef9428b7b9af9d1b2a528f9d4efc285e77f09ca7171974bfae2203eb)
            mstore(add(pairs, 0x60), 0x1e87a524efdff3bc1c28b332a00fe94c0e770885ac76df314df33a32604c4e43)
            mstore(add(pairs, 0x80), 0x0a5ef6ea12cf16fbe9ccce2ba72f9ff0ebd4a7cc64f7a19ef42a84d68de8a494)
            mstore(add(pairs, 0xa0), 0x2ec2b3b881f05cd0705e85d34e198f2032f7efde4b1a690a5f3dfb3abe10dc4a)
            mstore(add(pairs, 0x100), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(pairs, 0x120), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(pairs, 0x140), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(pairs, 0x160), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(add(pairs, 0x1c0), 0x06fe81d968da7ce929e09e4d301086f30bb6f166b306a09312fe08bba359a6a0)
            mstore(add(pairs, 0x1e0), 0x18189e2e6f70d89a377bf2696f25c590cb29d8e6f3e9ed2d6b5decec9a47d680)
            mstore(add(pairs, 0x200), 0x252ad86ae6e998f9bf17b01d0cf7181d7f01ee521e55893ecedf8029c0f94d94)
            mstore(add(pairs, 0x220), 0x0b343e8c3787f83a299627b5d16ab7f646bb9c22a95e2afa940f24a83f709f88)
        }
    }

    function _loadConstant(uint256 point) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(point, 0x0269e205b418d30d8b6fa952ef71e9180e2d3df846222de548ca48ad676936dc)
            mstore(add(point, 0x20), 0x28b99afd085703242cd9a6cf8bdce2c2a3b04d11ac9f347518fafbcaef323fc9)
        }
    }

    function _loadProofPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x194d4c6c53f5c1a69e4db6cec05264244122ce1b168f872d87a23fd8e732ef37)
            mstore(add(points, 0x20), 0x2a47c32b72fe786ebbfc4229720f435f7153aa7f55c9cb7e3b9a76352780ccb8)
            mstore(add(points, 0x40), 0x10e71d9339d6c8814e641ad5e09b00b8610bf2878a74d2c9746d6a30d2c7a01c)
            mstore(add(points, 0x60), 0x21a30a227e379d1ebdec4c5241ae8aa215a43c925ff584c8480bdee5b05ec7c3)
            mstore(add(points, 0x80), 0x0107b995737d707dff05cc367c4ffa8499f513064f8da40b5811fbc8f82747b8)
            mstore(add(points, 0xa0), 0x1c55c6f452ec81f95ae897b53a69f065f0760cb19c36b7170e494f158e5f0c80)
            mstore(add(points, 0xc0), 0x2b6cd0a4fad72222713229bda4d6391ae006c0226a44b106dcfdc8121a5c50f3)
            mstore(add(points, 0xe0), 0x10b59f0b28b7ad82ab0c1a3e4d4846d9d31a8510832fd2d5c9664ff4f537d5d0)
            mstore(add(points, 0x100), 0x17ba385445856014abb210ee40a2dedba1263680b7fdc381361e1ba6ec29ffbb)
            mstore(add(points, 0x120), 0x09e11e0b3973366babc6796615e9671bce2c065fe638e296aa57dba3d98ed259)
            mstore(add(points, 0x140), 0x27c8efd6510000a37cce6e6d02c48fc65c5ae29881eb7c27d555804fad50861b)
            mstore(add(points, 0x160), 0x158debbdc302268aa75c18f137e16d9d67603dafa8c177e2504ffd8851f5a28e)
            mstore(add(points, 0x180), 0x2a8ef2aae809261c16f9c49ce66df2c2b2a8f98752cf546ee9a4859a97b3ffda)
            mstore(add(points, 0x1a0), 0x15ce47f190b8d483b9bc5463daf676fdb920fca46b4f5285f15041b5d7277817)
            mstore(add(points, 0x1c0), 0x008088461df5c7679367f29981b93de346cc8d78b882d45eb3ca03dea363dc14)
            mstore(add(points, 0x1e0), 0x0696bd55594a8269b0ab89ef73c27099c2794ca72d4e6f801f622edb9d1eee15)
            mstore(add(points, 0x200), 0x1ec20484f260f74c59efb33b195842b2a5ea08d70503ff7b797aed5d177fa775)
            mstore(add(points, 0x220), 0x0675df28c4e57ea3119b896c1a45d312b9db2fa6791cbdc540c227b099907e64)
            mstore(add(points, 0x240), 0x266f35fd76c2787aab458728aac00321b6fb49d71014c99e7d46636abf3b7291)
            mstore(add(points, 0x260), 0x1e4a26b6e89ac16f08bfcd29e90be8eb78bcb99296838e5f4de2e60189a5b401)
            mstore(add(points, 0x280), 0x04e613af3d8d7382cf28b1a5a85098cf5890d1aadf676c4320b54608508de5c1)
            mstore(add(points, 0x2a0), 0x26763f99691838ea8b5c40a26f1ec09c0a3b5d373b0c77c6aff38e77ad81821a)
            mstore(add(points, 0x2c0), 0x16d0fb36388e522f5441722ea57af1cef4bdc8a2dd60c576d8a99fc9a82bf57e)
            mstore(add(points, 0x2e0), 0x0679ed4a14e015ef32a8847b19af0f47573f313adaf501e3c5e56d752f8eeeb2)
            mstore(add(points, 0x300), 0x180e9d91bb38073bfa52d0502420958d936029f4edc33c4b2f5e38b8f471d114)
            mstore(add(points, 0x320), 0x1cd87ff169feab00091c31c4efbe1fe27eb56a2fbad21798566c487bdf39a6fb)
            mstore(add(points, 0x340), 0x2ba0ec3e76ba7cd9e950697534c7e650be66a996c76376e71d27336ccb00b251)
            mstore(add(points, 0x360), 0x0e487f8199ebc1a078cf16de0dab29db21f5d87141ce50961373264d73368c18)
        }
    }

    function _loadRoundPoints(uint256) internal pure virtual override {
        assembly ("memory-safe") {

        }
    }
}
