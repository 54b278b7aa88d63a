// SPDX-License-Identifier: GPL-3.0-or-later
// Generated from a verifying key by verifier.solidity_verifier: never edit this file, generate it again.
pragma solidity 0.8.30;

import {Groth16Verifier} from "../groth16/Groth16Verifier.sol";

/// @title Open13Verifier
/// @notice Verifies proofs of `open-13` under a development key.
contract Open13Verifier is Groth16Verifier {
    function statement() external pure override returns (string memory) {
        return "open-13";
    }

    function keyDigest() public pure virtual override returns (bytes32) {
        return 0xd06bfa7adc0e97e078a5cec86a3a82a438fca455ad345eeebd34de22f2c8aabf;
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
            mstore(pairs, 0x2187aa7820e13efa4a7330c88c9bea2c659b740f788690aa24e31a14c77452b4)
            mstore(add(pairs, 0x20), 0x14982a6fe043a367d5e079c87b8af9c7011344bf7ec09e6d0965fffe7397717d)
            mstore(add(pairs, 0x40), 0x265cf3acbead2d3febf9d61dd5d457ccdc562d608823a50cdb31049515d6a675)
            mstore(add(pairs, 0x60), 0x0593ba970778f4b731c9fe656fa23a90ac7d162747a4a3e28a8c22c8c2f14d81)
            mstore(add(pairs, 0x80), 0x0c2baae7f8f9c5c97f64742a18eb16e0765ae2cdb26f9fd194c5437453c3e2a1)
            mstore(add(pairs, 0xa0), 0x0f33ffee5fbe41aaa45549e75add2e0c92b019580135d5a82d84cdfba44e48a8)
            mstore(add(pairs, 0x100), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(pairs, 0x120), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(pairs, 0x140), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(pairs, 0x160), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(add(pairs, 0x1c0), 0x10d441b6a082354121f63eeba09a66a841b8c6e30f0ed28b77bdb3cc38053828)
            mstore(add(pairs, 0x1e0), 0x25f2fd9fd63795718d587df3fa8d7748ddb0955e19003344c8f170effa157381)
            mstore(add(pairs, 0x200), 0x28b268d5f4c86ca7c9cbdb4d38b2b09be5318c2b65481cd1224b4ff28c7d0414)
            mstore(add(pairs, 0x220), 0x27e3732be60395ce18ece9bb414c1f7aef3792682a70bd9e2b630041768d0e62)
        }
    }

    function _loadConstant(uint256 point) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(point, 0x0e56d999bbc67780c149488e1965789c79c03a3aeb3b32f2b5a778db09d34264)
            mstore(add(point, 0x20), 0x0225ca93a12d44b158150f1775834bd097fad20f10224f070ee69998cec2ed8d)
        }
    }

    function _loadProofPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x2e78ea43c5e54fb16a48cf9892632b7116c9b8e5a51ecfbfb8bed58a560c6e50)
            mstore(add(points, 0x20), 0x2c3a5736ef779464084ac282646109eb25831c5d3e1ed38035acc83141783418)
            mstore(add(points, 0x40), 0x1abf52f9f0eccd081018b3cc1e3132bba185c4c370dbfa569a8dbb3055d758b5)
            mstore(add(points, 0x60), 0x1eaa0517949018a6d127fc93d4274a6ec04bf5e3d566571d0e021d79bd48187d)
            mstore(add(points, 0x80), 0x00c8feaef74a3066adfcba68d2b98d0abf0fec0004b5dfbd42f9f728dbb432d2)
            mstore(add(points, 0xa0), 0x14966ccbe1eea7e38518ba8e0f5e638126dc9a5403deff8e451e3aa8a38afeb8)
            mstore(add(points, 0xc0), 0x1a2cca7cb232e612429d452b5b3e6f83dd011926605c9253a1a2ffc578b249a3)
            mstore(add(points, 0xe0), 0x20e205d5465c974cd9deda72d06825d3b419f624d7d32d807a7ae51f67b81154)
            mstore(add(points, 0x100), 0x1be325135ecac0e320ed5f37ff70263193f9c422249440ec8ffa496fe79a058c)
            mstore(add(points, 0x120), 0x0abd906f8c408e1889acfbedd96ec9c8a9ced9fb8554bd9318e6d5aff995f68f)
            mstore(add(points, 0x140), 0x2c87a824bec96720dd742d4c3451512f5b5b88b5ce79ad9d6422aea9e7d423f1)
            mstore(add(points, 0x160), 0x093fde4c75ba9057de26b71672f27ce83a59848852dfaf4b455a1f4f12abd8b6)
            mstore(add(points, 0x180), 0x23bb8dac1103532a05849676fe5c3f11a58600f2980f9fa38e6791aa37830378)
            mstore(add(points, 0x1a0), 0x195d8d22bdbca6e8529ac49e2931abee38635bd43575f10b156c7287d6ebb344)
            mstore(add(points, 0x1c0), 0x1062c7cf6234bdf0ec1e98615ad1940312651226f671a1586b87dd75885626e6)
            mstore(add(points, 0x1e0), 0x2b00dcc4ec5390253c7c6e2a1b3a2ff2e2aee148f0df76ca62474a1832ccf823)
            mstore(add(points, 0x200), 0x19e9fc64308557104db782b9d34aaf1816f6fc1b62e38214865613c2eee1e475)
            mstore(add(points, 0x220), 0x2d49baa1f2f2716390e3a559cddd0362eb62eb54c982ba760dbcb7316e1e1947)
            mstore(add(points, 0x240), 0x0d3f1c83559a307771e213fa37e32e8bd9d29f5dd13db41da46fb18a4b731c65)
            mstore(add(points, 0x260), 0x0350f6a889d4f735fe2b375ed1635832af30cdd7e7448ab5195a4fa2dccd831c)
            mstore(add(points, 0x280), 0x2aa4ad61da115a0d9bf1669f739448da5c6fd7b47330e3becdaddfbed7f9591e)
            mstore(add(points, 0x2a0), 0x19489da8f61196f250e0eb1c4478ea29992e26440a920b7a0d406ff4513c673d)
            mstore(add(points, 0x2c0), 0x2292f5efc4a128769922bc8fb3417d399d959d975850296c73e52be5884a0430)
            mstore(add(points, 0x2e0), 0x2011396daada7312a8f631c2f2cc763db32c07c9f07a168a2d25bc84078d4420)
            mstore(add(points, 0x300), 0x155a884d4a6c5520567be839263add5aaea50730298cf247042a5adb1cd7d47a)
            mstore(add(points, 0x320), 0x0b478dfd01a030da65881243b6941eae19a0b2a1fc9f4d2e28284a0a3d44f347)
            mstore(add(points, 0x340), 0x055b55e5612b1916cac0be05b93b739dbf208f000ef6814892c1000d9925a9ab)
            mstore(add(points, 0x360), 0x0249de23c0cb86f240a2c54e4727b3a79162e5d3f77916a21028726dcc20566f)
        }
    }

    function _loadRoundPoints(uint256) internal pure virtual override {
        assembly ("memory-safe") {

        }
    }
}
