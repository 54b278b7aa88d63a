// SPDX-License-Identifier: GPL-3.0-or-later
// Generated from a verifying key by verifier.solidity_verifier: never edit this file, generate it again.
pragma solidity 0.8.30;

import {Groth16Verifier} from "../groth16/Groth16Verifier.sol";

/// @title Margin13Verifier
/// @notice Verifies proofs of `margin-13` under a development key.
contract Margin13Verifier is Groth16Verifier {
    function statement() external pure override returns (string memory) {
        return "margin-13";
    }

    function keyDigest() public pure virtual override returns (bytes32) {
        return 0x4d564b34b665f4ba1a1da33455e0d898f2851f3771a639d56d45c2b0695e426f;
    }

    function isDevelopmentKey() public pure virtual override returns (bool) {
        return true;
    }

    function proofInputCount() public pure override returns (uint256) {
        return 3;
    }

    function roundInputCount() public pure override returns (uint256) {
        return 26;
    }

    function _loadPairs(uint256 pairs) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(pairs, 0x0940b18649722095f98c470912bdb2f34f6a7881f437f89be2c68ba7cedce9da)
            mstore(add(pairs, 0x20), 0x176ac699e3c4a093abf259bd2cfc5c03be8d46226d792d116dbd3d04f3109471)
            mstore(add(pairs, 0x40), 0x1763af2e7d9c05e86035ff5136e2609c3557bc24b98aee8620fbdde99e09ae38)
            mstore(add(pairs, 0x60), 0x0920e1e732136d070f9b17b63e3fda710567f313fddc437ab92a8fd51d7497f3)
            mstore(add(pairs, 0x80), 0x111af105dab8b1fc016e13b28307b888275acdd2e60de6dcfa2661cc026f58bb)
            mstore(add(pairs, 0xa0), 0x16d9f91237312905d2918d39544c35720cb6f1c58d93348fac7f215785f76e08)
            mstore(add(pairs, 0x100), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(pairs, 0x120), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(pairs, 0x140), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(pairs, 0x160), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(add(pairs, 0x1c0), 0x1994c229e7bace31fb7ed63b5ebedcdfdca3492690c076d519785c99e740126c)
            mstore(add(pairs, 0x1e0), 0x1dc57aa175d703a53a6bb4043c968b89e654ab401f8cf0d7ec36e6fa5e977c35)
            mstore(add(pairs, 0x200), 0x151bd697a72e8abb3cb948685417c35513032d5f902486402e366665fe845789)
            mstore(add(pairs, 0x220), 0x2e4eb982cee18963681943bf6f95c564dbf4963a87b340246c01aa00e7eb6464)
        }
    }

    function _loadConstant(uint256 point) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(point, 0x2265d718e0a1726d83e785d0dc539088bd45ac7226f00d3654d6c50cf386cf73)
            mstore(add(point, 0x20), 0x2fcc9eee88b3a6b5aa55e60a0f324ebb9089ebca78cd2e8ec1b591653fd137eb)
        }
    }

    function _loadProofPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x17778ab9e44fd1a5e389da9c7016e3f292ade4234581f813d58d4e61e86133a8)
            mstore(add(points, 0x20), 0x19ee31bf3f5eeaefc44ffb53b0efe62d2bd7ac74588c396113f88f2fb5fcdc21)
            mstore(add(points, 0x40), 0x05f31cad00a3a99902709f9a573ffbf4a9c937d15750ae197b918fd6a5781028)
            mstore(add(points, 0x60), 0x26906386b810cc72256b3a7826df9aad22323301b549aafdb7e960da7d208ef8)
            mstore(add(points, 0x80), 0x1c5b6f784f85e7d2eae92da9788686858840f92764eeb6374a43e309670260c2)
            mstore(add(points, 0xa0), 0x25378c807b9e173507ec784b40f2ac4c42d2242db12c5d1d4eaa3e178b2f4de6)
        }
    }

    function _loadRoundPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x2bea9b7a1a6a9cd64017125f7877f011e0ec06c25d7829c127acffa52377e785)
            mstore(add(points, 0x20), 0x2b56ecd9203c823ab261a183bc0d1fb87ed1855f24a9be89af88b82f49e7bed2)
            mstore(add(points, 0x40), 0x2ab72faed40c67b44c6d00f1079ea1b035ba1e3bc36c76b85657f47566f62134)
            mstore(add(points, 0x60), 0x0109cd170a37aa4b953f1e9bf898ab8a4e240a9d9e4de0899d26381c2a201c4a)
            mstore(add(points, 0x80), 0x0e65ef565c4a1d252bbe01c8b4cff210769b141673b5cbda87f308ea094cf1dc)
            mstore(add(points, 0xa0), 0x00fd626fc2263b81c2346c91075e90bbc6ae68f9b057a11986739ecea1b59bff)
            mstore(add(points, 0xc0), 0x011bcb10e2ce2ce0c1f7218fd8e3b84dc17ef5d8895458b4e8e778fd7c29d6a7)
            mstore(add(points, 0xe0), 0x0a7efcef44fc278787add466092d6b1d1c291ba919745b76adfb9b00230d4685)
            mstore(add(points, 0x100), 0x00c209ccf08668217b05e767338b40e95741f4c05bf012e02233b7f3aa81b437)
            mstore(add(points, 0x120), 0x2169233df8e2342235d112aadae4b852cacde5412e82d492e4f6296bb9c54ce9)
            mstore(add(points, 0x140), 0x2cdb58372565ee00b9493d12da1841830273a8a51a61b8e90b7de07a36914217)
            mstore(add(points, 0x160), 0x1c228e68b970203e096d84f9dfd3f7c0cbe217cdc8fcd69dd6e14cc3a8606742)
            mstore(add(points, 0x180), 0x11f2b24d49e606ffaeecc5215daba65c2e782faafc65d7faa5a92c5a84db4224)
            mstore(add(points, 0x1a0), 0x0ebb50055286ac85e301b7a6f173fc3190dab68beace53e1d206c77b07040d6a)
            mstore(add(points, 0x1c0), 0x2a322023fbb1fc1ca928a3e93005ff4d7382e1b8988eec68d9cbafc64287f71d)
            mstore(add(points, 0x1e0), 0x15f519e1eeb947dd78c377119e3edc463dfb7c0ea4064607415ca19016369470)
            mstore(add(points, 0x200), 0x059f54a04172bddd76484bf7cfe365a3983730a40653794f87348d6453504992)
            mstore(add(points, 0x220), 0x2c8f539140c1e2dbecb1d157612a0de5e9facd52b0853a97d1d3c6af1a8bf284)
            mstore(add(points, 0x240), 0x304b6e242183c7e7564cf0560479c69750af26686c56a8f69f930a2eb9dbc147)
            mstore(add(points, 0x260), 0x0860ed828d90191aee097970ed7abc509a2381ee90e48987f2ae442a8de97acb)
            mstore(add(points, 0x280), 0x1325f61714d845bbf1aa91a9f860052320648efc4af97f4d07d5805687d0691b)
            mstore(add(points, 0x2a0), 0x0e53dca2dc4de3e6012af5e59a302b6fb38d932509eefcb4e53370f4d5eaf9a7)
            mstore(add(points, 0x2c0), 0x0bc9b0f73daebebbfcae2bd02e599867aa7a38290aa472488de7dc09ae75665d)
            mstore(add(points, 0x2e0), 0x182d0a102627c4d472e08e550cf0671ba1e3cbc4718e464cbcca85912a10d4bb)
            mstore(add(points, 0x300), 0x23cc3a728ec9cd1a7a942bd8a1d6f6cba6172c6b8538cd79ebbcf20532c05e7c)
            mstore(add(points, 0x320), 0x017697e3c73225747f3afd5e52a370d98f2d8104b4487bc45e60a5e1766da160)
            mstore(add(points, 0x340), 0x2215f126d2e8c89bdfd570c23000a70cbd2cffdb08571ce36148f45128886a93)
            mstore(add(points, 0x360), 0x20624707b082fa3815fd16edbf419b97b84b304384e80c3d2a766ba75e03eb18)
            mstore(add(points, 0x380), 0x09e392b3adc5f255e4e11cc67394e93435c1b365d4e09f1dd4cc472460c494d3)
            mstore(add(points, 0x3a0), 0x26343e37ccd75c99cddace91a53213b2be500bcd8d982f375a96a47d8662aac7)
            mstore(add(points, 0x3c0), 0x0a6c0db9f149be395b0d70e01116fb958a7c7dda6f6a51378d1355a86881a349)
            mstore(add(points, 0x3e0), 0x281b95d6464c00c37f978cdd557e3376c59a8f075c5ae452d5ccbf580075a9c0)
            mstore(add(points, 0x400), 0x294aa3bcb1cf60f3936cea04bc36898f528dc759bc927c86892ce960906d5fb9)
            mstore(add(points, 0x420), 0x15dac0303e09668ddb77f342e6955827f648a1f6ebe03eb0d81fb51da44b842e)
            mstore(add(points, 0x440), 0x0d590807c7260d25725d49cf7998ea4e600fa81f9aae06480228441382439259)
            mstore(add(points, 0x460), 0x013c7f808fb3dc21f6e5c61c87a94772f1d152980e4bf9f880e208c0fd50908f)
            mstore(add(points, 0x480), 0x0f0e919c25fe7eb5d32371be9f6b4121c542af814870edcca419ca47f40f2eb8)
            mstore(add(points, 0x4a0), 0x00a9d658c8b9cbd6c54ce481fcfc7660665be0cdbd7502ddc089bc54d311f11a)
            mstore(add(points, 0x4c0), 0x01c2251db62e991cb38948a3dd9400bc91822c7bfab71d28bab9b19584e0dec0)
            mstore(add(points, 0x4e0), 0x1e94e7daf3e65d197c5b7ec2bda62fdcf4912e7c5b2082ff5c8fa32ae20f63d7)
            mstore(add(points, 0x500), 0x18c8801e09693a75afea4622c33bd98737d6ff2a10e1dac4bc2249fb1f4512a0)
            mstore(add(points, 0x520), 0x0c6ad4fa82a02cbc11aeef640a2716837e2790609b32ddbfc40979627c240e4c)
            mstore(add(points, 0x540), 0x1037acd306f3ea378e1ff458e22b87b8cb0f26e9049df5c8fb94e83c77013492)
            mstore(add(points, 0x560), 0x2f0e473209f894ddbe6e2162e032030933edf45c6a9f59c88354a5fc2784c65e)
            mstore(add(points, 0x580), 0x236c4bc3d21dc129a507a12b12ea93885672ee360c2bff53bba19faf7352483b)
            mstore(add(points, 0x5a0), 0x2f1ca34675c01f4614b5c4580b75ded78917fc81cc73e5786f9c6987d0baaf61)
            mstore(add(points, 0x5c0), 0x1313c8852033bb517aeb162475c3777c9a1063558f485d87f8e74313a45b35d6)
            mstore(add(points, 0x5e0), 0x18e40dac10517a732667630eaacf8bfb77c952c303a64aa413f4371aad0edfbc)
            mstore(add(points, 0x600), 0x27a6a66a17d81751ef585c62eed5a9a3f388c317c1016cc3a3c0c77658d73813)
            mstore(add(points, 0x620), 0x091902a8b5d97dd956bdf9521b79ecc517c0ba8780ac7deb5da20d5ddc702654)
            mstore(add(points, 0x640), 0x07d83ab92f288165db5088c29addef7e2b33184241bea53da2c1ecb0dc9bfa8a)
            mstore(add(points, 0x660), 0x00af343bcfc2f5776ec41a1e64c372823fc3c6159d43e79710edbed7675aa907)
        }
    }
}
