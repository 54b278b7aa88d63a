// SPDX-License-Identifier: GPL-3.0-or-later
// Generated from a verifying key by verifier.solidity_verifier: never edit this file, generate it again.
pragma solidity 0.8.30;

import {Groth16Verifier} from "../groth16/Groth16Verifier.sol";

/// @title Open28Verifier
/// @notice Verifies proofs of `open-28` under a development key.
contract Open28Verifier is Groth16Verifier {
    function statement() external pure override returns (string memory) {
        return "open-28";
    }

    function keyDigest() public pure virtual override returns (bytes32) {
        return 0xe51e0985e89765d8a66289219d8bf8ece416aa170c4e1c8b99130484026633de;
    }

    function isDevelopmentKey() public pure virtual override returns (bool) {
        return true;
    }

    function proofInputCount() public pure override returns (uint256) {
        return 19;
    }

    function roundInputCount() public pure override returns (uint256) {
        return 0;
    }

    function _loadPairs(uint256 pairs) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(pairs, 0x0ea340adac0f2e5806b99a3fff49c3bd358fb588092f88275d29bdd1ef9f1116)
            mstore(add(pairs, 0x20), 0x073eab38c60bb4676832fb5043a581148660460be991a4bdd1ae6d21b043e203)
            mstore(add(pairs, 0x40), 0x2a18adf73545afb93ac19ebc7e413d15dcc490bab23c3d1e8abbd46bcc310325)
            mstore(add(pairs, 0x60), 0x162b594425c9be385e82b0f507028b327eed7c008fe97b661da3b70d79e38219)
            mstore(add(pairs, 0x80), 0x2e8f893bb4a1ea494c37aca32aae52d8d19e41b9cb1a1266b5eedfdf36f91cff)
            mstore(add(pairs, 0xa0), 0x116c56ec0f9fac755e64c07c93cf6308b52ba9d0bb86ff5aa34249df803ced74)
            mstore(add(pairs, 0x100), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(pairs, 0x120), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(pairs, 0x140), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(pairs, 0x160), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(add(pairs, 0x1c0), 0x03beb9a3e6be1a11e22ad7b3b90e0cba763408c1fbf13ce2f31de47bc6777960)
            mstore(add(pairs, 0x1e0), 0x18c06d2be5c733949d76d7eb4daa8619d169e363082067c0b6d6cf43f23c3b51)
            mstore(add(pairs, 0x200), 0x0576fe27ddbe7b2f35db3c53e568512c8786ce75f3c42984dd337d5cf7b6c023)
            mstore(add(pairs, 0x220), 0x14c74aaac0734c6bd971046402b087e776291ecfd89356323f86c2c263f30800)
        }
    }

    function _loadConstant(uint256 point) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(point, 0x0388a87b904e9053a21c192ea29c2e5563eeba4f41e3a9a87bdfcfbca336b613)
            mstore(add(point, 0x20), 0x13c64b9ca434cd398e22abfbca7d9b671edd6ce163e23ac28ce953d65904d6ad)
        }
    }

    function _loadProofPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x16f48092f9f63ce0a63f0d91d065cb102821439a4fe34ced1c1a5442c97c96f0)
            mstore(add(points, 0x20), 0x0d921277798f04200e9d86398dcb2990a784080e5c18c6ad65d0967a36253b84)
            mstore(add(points, 0x40), 0x14e470b955720146b190d2c364e25a7e8c0728fd3537ae8bdc3da11af3c0c4f4)
            mstore(add(points, 0x60), 0x1cc9e35e8163e581341919f79a3bb17a06478c6e234524b7b8b0c812a74e5543)
            mstore(add(points, 0x80), 0x07fc75034c8e2e137d55cf93c1e71bf25c4cd1c0d2e6bbe66f749daca13ad44b)
            mstore(add(points, 0xa0), 0x269d58932021327c7915f87d42f745012859f3ae21a82238a8903d451fc3a58b)
            mstore(add(points, 0xc0), 0x11e001381a00b879c75faee19f096804a3535ab4487b8af9d1de3a918195da63)
            mstore(add(points, 0xe0), 0x267f196015f466262ed8eb2bfe47f73cb812d061433abb4b6d97635125a66966)
            mstore(add(points, 0x100), 0x19dcca9c86360429cf9f4c974542332c1bbada3b5eafa315789b5ae4c5d2cd76)
            mstore(add(points, 0x120), 0x084c4b0fd65a549e1d4c4ba9b8ad882bec9aee4fa39d734cddb291adec4f104c)
            mstore(add(points, 0x140), 0x10e22a376b14273c9fc5c0f3a33daedade02de740eeae71da3c0efabb18a2ebf)
            mstore(add(points, 0x160), 0x26ff8adf72598c84de1dd0646528f774a5db98674994ecb32233bb7c26eb0fc4)
            mstore(add(points, 0x180), 0x11f41c2f3d4c8a9abdd2140f7db0ee2994f3d01c5c549e843c5d1f9deb49fe1a)
            mstore(add(points, 0x1a0), 0x1c74877c118608ebc1035b4013a9dbd91828bb91a4c0d400a9c58f1bac7e2d24)
            mstore(add(points, 0x1c0), 0x2a3c27d326f0aeaa64146118ba60d648abd582f0859d382e13a451b7ffaeaa3a)
            mstore(add(points, 0x1e0), 0x1d4f357b4288ac517928f4f076a70e249e870ca9477dac51e7b5ec538429ceef)
            mstore(add(points, 0x200), 0x20336e262df6f426520aecc1778e01f974887779f5e8af9f267bc3c9ed0be69d)
            mstore(add(points, 0x220), 0x2c179fe64c8f1ca85a7cb9823b8ace39e25cac52d23d96429a81ebe0fe93b18a)
            mstore(add(points, 0x240), 0x1b0302e49a9cd92de0dfae5835b6ff23f2e0a4c45a81c9a8896c88f3b958db71)
            mstore(add(points, 0x260), 0x18e20992a406c1fe4549be120644583fbc5a8471fe92d80f8c762aa2e06491bc)
            mstore(add(points, 0x280), 0x0e6b426d9cf692844d97855a7c10659dc4e468e9a8912c5cdf133c162dcba173)
            mstore(add(points, 0x2a0), 0x255c003ce3d6df6c34f2b63086818eee32333ced123298dee992fc478783d944)
            mstore(add(points, 0x2c0), 0x2a6d612d8523b1ba9b73643a4f54a85ceda1ed1306d063700c0d54b02eb9081d)
            mstore(add(points, 0x2e0), 0x12dc6a476d79e37e013a353a8d22e810994553382ac2b2fb76078ec17123d26e)
            mstore(add(points, 0x300), 0x030ce12c0ea1f5f690e413e931d2504a65b404bf60340aa114111f2777a82a44)
            mstore(add(points, 0x320), 0x26b7229a70ab86198ffc000bfcd80730bc0a9cb8c7d4f701ad0f67964595e566)
            mstore(add(points, 0x340), 0x2c197a777a7aa380c341e67d4c6be52949f4586b7ee8adc6b36016dfb00b6afe)
            mstore(add(points, 0x360), 0x17618c88ca90d525d98326121ded6ae44f6f3705e74e8413614dd467798187a8)
            mstore(add(points, 0x380), 0x0b0261e5891ff9ad60dbc063d96aa7e5d5cf969c371422bd8be05452e7f54ddb)
            mstore(add(points, 0x3a0), 0x10e5008b18f3b90b6dc97848430ce89f0cb2bc0b83b0c1d800142cee3814b8a2)
            mstore(add(points, 0x3c0), 0x24975149980571d40707d2e555ba8427d6d1632f3d8ed24a7ce115d4638cc903)
            mstore(add(points, 0x3e0), 0x2e56008ca99193095d0e0851da73f811bfb0a4d2b8a21b93da6166055d53961d)
            mstore(add(points, 0x400), 0x04265b43cb042d0057261b7dc41f37a01c73b892efd12895bfdfdec0b5051054)
            mstore(add(points, 0x420), 0x27251b5346cb0df2baa49959471c49b104a7a9aceeafa1a6689f4af8a95f182a)
            mstore(add(points, 0x440), 0x06262d28fa572f5ef346b1a287477dcb6bcbf9f6c5cf6c80e12201a21bd9cf04)
            mstore(add(points, 0x460), 0x2159471224f05fd27182316f55ad2abdd1869c85092d93476d28656c38ac4a61)
            mstore(add(points, 0x480), 0x09ae87b5cfd11943745d454d858ed71c14ba9718b925415317c9033abd8456dc)
            mstore(add(points, 0x4a0), 0x01d971dc74ed6c203101ac3e1d85bafd647205a2c6086afb7ccdd18b0e98ccc9)
        }
    }

    function _loadRoundPoints(uint256) internal pure virtual override {
        assembly ("memory-safe") {

        }
    }
}
