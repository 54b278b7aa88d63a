// SPDX-License-Identifier: GPL-3.0-or-later
// Generated from a verifying key by verifier.solidity_verifier: never edit this file, generate it again.
pragma solidity 0.8.30;

import {Groth16Verifier} from "../groth16/Groth16Verifier.sol";

/// @title Writeoff13Verifier
/// @notice Verifies proofs of `writeoff-13` under a development key.
contract Writeoff13Verifier is Groth16Verifier {
    function statement() external pure override returns (string memory) {
        return "writeoff-13";
    }

    function keyDigest() public pure virtual override returns (bytes32) {
        return 0x2dce8b10a6e8240266a495918123fa9e303859a80216024bd968dc1c1dceba97;
    }

    function isDevelopmentKey() public pure virtual override returns (bool) {
        return true;
    }

    function proofInputCount() public pure override returns (uint256) {
        return 9;
    }

    function roundInputCount() public pure override returns (uint256) {
        return 0;
    }

    function _loadPairs(uint256 pairs) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(pairs, 0x0774621fe93677c15d2e8fb74f9ebfa457ed11ec9a0cac3e566de38f63896751)
            mstore(add(pairs, 0x20), 0x1b84be9ecae1e7496f48e755102b3e6a1cc6c17a5797fd5476110679cc79a977)
            mstore(add(pairs, 0x40), 0x304154843b2463ecd551340f2ac5d958aec2c23ec3a5de2a740220071be424f6)
            mstore(add(pairs, 0x60), 0x1fc2466984f7bbb7d948c50353b126c86edad9919b6e2c86cf20dd912c08a342)
            mstore(add(pairs, 0x80), 0x00dc54364bfcdbadbf1cac9ff5c8725c24fb721d6a052dea91e94cf066b638c9)
            mstore(add(pairs, 0xa0), 0x08fb3081a2fe6cd1d93f4953141d05b4d7602ae1c86497f8273a773e04c96fd4)
            mstore(add(pairs, 0x100), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(pairs, 0x120), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(pairs, 0x140), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(pairs, 0x160), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(add(pairs, 0x1c0), 0x06e26bca9a65abe2063087bb5832985d59c7c961afce325a5a9d75a43d14197a)
            mstore(add(pairs, 0x1e0), 0x03096c7061bfa492161c17db67e930a02c5692462080e8707d06cac2078efd4e)
            mstore(add(pairs, 0x200), 0x26c96debaf12a6b76ef0ef89b81316c63467d27ffef1b6fe7d4f4c4cd3501cd3)
            mstore(add(pairs, 0x220), 0x16dffe97c5b7330a13828bad58729c9ec55373d0c9c43eebc7ca0ee4153ba632)
        }
    }

    function _loadConstant(uint256 point) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(point, 0x1ad26b8b996b278ffd0378cea4d21be24dccbe715c4ee29547e7cdc36143aa40)
            mstore(add(point, 0x20), 0x2a73200cd7ca362af5ce03cc69af272e936301c6864f3699994743a5871a82c5)
        }
    }

    function _loadProofPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x23c9b55ab82a77b10a1940dc1c24a5483512931a021f34f0858ffb111a3ef57e)
            mstore(add(points, 0x20), 0x2590e723411d063d2ef47f6bec5ef273746a426deced19250a98eb29cce168b4)
            mstore(add(points, 0x40), 0x24c8828fbe2b18d806486efa75150d86cd244e29df9c8248026d4b29f021c977)
            mstore(add(points, 0x60), 0x26bf162d99a48a92f233890d34c39532263d629328634843498909b74380e8d7)
            mstore(add(points, 0x80), 0x2aa6547fcd9f2e226d9ad4422e1ab9b1cc3c69c82e8a1dd7a03ec29523d48ef0)
            mstore(add(points, 0xa0), 0x02cee2f88596514e0810177aed1d239493245eb3a6c74e7176ae3040b75c2215)
            mstore(add(points, 0xc0), 0x093f12cf4184ece08f61f0f3c61445b88cc6183d237d0cf1f616d1255be00581)
            mstore(add(points, 0xe0), 0x0aec3e9627a189df97b5f067970cd7758acc71142ab6a6e5b056f53d00b6130a)
            mstore(add(points, 0x100), 0x0912842325bdc43217606dacfaa3d9b8c235e48c95e8519ccfef369fb647087d)
            mstore(add(points, 0x120), 0x0b779fb608d454b9879a1fa0c3a40f7c7e7c6854f2dbf3a0d47933ca5b15e26c)
            mstore(add(points, 0x140), 0x257ca217f5f8038e468ac632ecb4a47e0d96adfa12996db39ed4a9331c811b71)
            mstore(add(points, 0x160), 0x193f6bb7b04da9bbf12d355cd8adb486e174dfc5b60bbd45906a4ee5dec6744b)
            mstore(add(points, 0x180), 0x1bf55d45f65e73062141336695c59174fc543db98c96d1656097519effaca706)
            mstore(add(points, 0x1a0), 0x091ea61d88a5e0b1eb0da8d8d1a35a9ca8e2faa4471929e01ce377a36cf60f93)
            mstore(add(points, 0x1c0), 0x2aa81d1255e49d8933c87e77e4b3fe71c6a0f97006efdb27300c53186767f1c0)
            mstore(add(points, 0x1e0), 0x11e0644ceca5f9dd12f7756afecd9dadec4c67df41ce506fafd1d174d2eb3b1a)
            mstore(add(points, 0x200), 0x2588b84d4524acb00fda4c3847ba7d0b8253537d0ee3e0a12a112d2762f90a9e)
            mstore(add(points, 0x220), 0x2cee2967c8d8835180b5170539a31ecfb0a4c6b5a599261f46eb8873b9a1be97)
        }
    }

    function _loadRoundPoints(uint256) internal pure virtual override {
        assembly ("memory-safe") {

        }
    }
}
