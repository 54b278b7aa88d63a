// SPDX-License-Identifier: GPL-3.0-or-later
// Generated from a verifying key by verifier.solidity_verifier: never edit this file, generate it again.
pragma solidity 0.8.30;

import {Groth16Verifier} from "../groth16/Groth16Verifier.sol";

/// @title MarginLean13Verifier
/// @notice Verifies proofs of `margin-lean-13` under a development key.
contract MarginLean13Verifier is Groth16Verifier {
    function statement() external pure override returns (string memory) {
        return "margin-lean-13";
    }

    function keyDigest() public pure virtual override returns (bytes32) {
        return 0xcc9df8795c9f6577a932411afab7baae2347747524efbf3207a6deaac29d456e;
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
            mstore(pairs, 0x05a218e386dd1d04478a8fe4c3567150c1bdc657d3d27b72cdddbbb4d76271ba)
            mstore(add(pairs, 0x20), 0x1090f9c2ee3a74e83aa6f103b6653091cbc83eaa97128094185865074224d199)
            mstore(add(pairs, 0x40), 0x00226e4f4838f6dd0eed3f65534c06bf431251d73e1f0fa84b8be721163f685b)
            mstore(add(pairs, 0x60), 0x26120ca8f8b77e10b4f943da7545450e52ec94fdcece39d66a9fc669441dbc0f)
            mstore(add(pairs, 0x80), 0x270271fe94b79e770f72f754383f70b1b5be0b7582fdff10e22687e8f31c55d4)
            mstore(add(pairs, 0xa0), 0x1a133dd122bcc28f85621794c192992e137394b40c2a870e7808e5615d5ecea5)
            mstore(add(pairs, 0x100), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(pairs, 0x120), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(pairs, 0x140), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(pairs, 0x160), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(add(pairs, 0x1c0), 0x1ab75cebca7f053e69b9fce1742ce0a475de50ab15998ac6c0fa8c486c57998e)
            mstore(add(pairs, 0x1e0), 0x1400fac01f3cb8fb95223c85cb734b1dae7332594d2aa6a96f6fb2c6d18b7c6b)
            mstore(add(pairs, 0x200), 0x0d16d0b5c5bc47711312cce6033da03f649208383b8af589f7c682eb3a84badf)
            mstore(add(pairs, 0x220), 0x26cf98bdfd2677fb204f1136e4cb3d0dbdd957e74a8ff5038617e618c8d1081c)
        }
    }

    function _loadConstant(uint256 point) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(point, 0x0bc4e60c1e8e3577886c4744f615fc79e1546ea19fa95dd7dcd243abedf4b912)
            mstore(add(point, 0x20), 0x11c8937a10854559d56790116c09bba588e196daf5569496d706867d734d5892)
        }
    }

    function _loadProofPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x09177167b69ffc8a39b1ab9bd8a2f804182eaedcd95eca96182b83b83f5806dc)
            mstore(add(points, 0x20), 0x2506ecf63d6291ed1278dbe67278607678ac24442f5c59461392ff0a707a44ad)
            mstore(add(points, 0x40), 0x13fb720742bf0ab4b61dbc4ea1037d7aa7a1c6d78335b8631f5816b017cd9aeb)
            mstore(add(points, 0x60), 0x265f7cb96815cc1b100d658110998dbd9df57f5d076f56a0e08a90cc37b6364e)
            mstore(add(points, 0x80), 0x228fef7a5920092884f16c5c8adae70aef9ca317c9b21c4a237e2f6a27d8e55f)
            mstore(add(points, 0xa0), 0x29320ab198b40b27d5c6406197ebf293cc4190b1ed250faa6c57437f08367dbe)
        }
    }

    function _loadRoundPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x08a49d99d6a662f98987d0d561298aba31b524ff3bf32a283b21e7573f807fb9)
            mstore(add(points, 0x20), 0x072e72a9eee900d59c5ee2346be02c1e8d92bd429ac8f3395e5da0911fac1649)
            mstore(add(points, 0x40), 0x21afb9dd333293afaca70d4a2cb3d8e37cfb88e70162aedc2c1fa8ebf89e84cb)
            mstore(add(points, 0x60), 0x2db0d8d87e5b705286fe2a616cf2bba454e7e7b2e6abbb9681e9d5678219a091)
            mstore(add(points, 0x80), 0x012d2067c043f7521360e8f3634de68a0bb0c6d73619afdbfd198a3e4210527e)
            mstore(add(points, 0xa0), 0x2ed81f46ef1c377128d0631fadfbc08bdb8d34cdbde518c28414d102972ad3f2)
            mstore(add(points, 0xc0), 0x1504839a2023113a3b2bb2f72ecc61f662730833624ff3933103572749777076)
            mstore(add(points, 0xe0), 0x0cd6b74cd397f020087aa3fe23f631e837423dfd2999aee7bcb564d00a494973)
            mstore(add(points, 0x100), 0x244c3e255157551bba84c4fff843d092f8a4e41bef091b1514edf15234dcce1f)
            mstore(add(points, 0x120), 0x231812818212f17da2b7c8b26a9b5687b93f471451ab83b0274e4d5aa34b9c60)
            mstore(add(points, 0x140), 0x06f7ee8125244731c0dc7599351279ea0b420ed5320cf1507bdf582689dba326)
            mstore(add(points, 0x160), 0x22de9131e51f78d44e1f5ba93a21843667bc1582cf64793d47a9f4094d6ba4be)
            mstore(add(points, 0x180), 0x06ac70011ff7b18994d98c4a53937355ef62dd2cc16b76bd615ca64a48e4033b)
            mstore(add(points, 0x1a0), 0x102910c54a14e1b6485bb7a212a87e3edaacdaeab73d86323c183ac88ce7b91f)
            mstore(add(points, 0x1c0), 0x146b2f43e1bf3bad110ca9050df8f9ea15212db8dcbdc62cdd0ec359b8c5c375)
            mstore(add(points, 0x1e0), 0x10e4086cb570ead5fd878a3c1944fcc54a666fd432e01a7b793f517dd8297b76)
            mstore(add(points, 0x200), 0x2e05ebd3176c27b94125537b7afb55141440f3d48859aeaef0fe3b1bd2494c4e)
            mstore(add(points, 0x220), 0x20331170b3f9e9d655b3be46087d49e8e6a9356935f0a550ec8b67b74bf0bb6e)
            mstore(add(points, 0x240), 0x032d11b1661c2506be733606bf6d13ffb26621ace1b5c831ac19ce123f496561)
            mstore(add(points, 0x260), 0x02f820e67d51426a6864312acbcdb0c206bc12a4cbbb5eede12b3f5ed11b29bb)
            mstore(add(points, 0x280), 0x2ef61083da119bb29457f02f9e9dfc9b85db8964713bf290958e0485c0f214f3)
            mstore(add(points, 0x2a0), 0x08c29585ba6c740ada29e88a51c3e84dd7203ea4bb1a79987037d1770e526ae1)
            mstore(add(points, 0x2c0), 0x0670de87bae98d08bcea285964db5ed569f326b938fe5a8252598c5d6ea74d68)
            mstore(add(points, 0x2e0), 0x026bfd7ac0bcd3080fa3beeb272de0639094ed2b40220992eee00575cdbd9908)
            mstore(add(points, 0x300), 0x1ffe91caceb5d63e4a606e9f9f160ff7162eb8abd5f5b08e102913ff773cce65)
            mstore(add(points, 0x320), 0x0f496d6cf0369da002064ea5dead564821629a1156095bb0698a41fae04c3a82)
            mstore(add(points, 0x340), 0x1fab97da374b23e6fb1602c59f0b7762ae61d175dab87e4bfb647dbfa76af282)
            mstore(add(points, 0x360), 0x301b741d3cc7c9e3ec4504d39a7d39b9ac9495181782a38689cc028486f8ac7c)
            mstore(add(points, 0x380), 0x05dbb6c3154b231fde0bce8f9127d1baabeb0d3e00389724e13aa7cc294720f7)
            mstore(add(points, 0x3a0), 0x0a865bbe5593f603b9a00a3d4eb1bdbaed899ae56b1de471980a63e7c4dbc557)
            mstore(add(points, 0x3c0), 0x178991f64d77fc763dc0c8dd08dcb33f3bc9723ab47a322686bf085d1a7f6e30)
            mstore(add(points, 0x3e0), 0x053a967751a07ad2911ad378abb62c6218ae30c5664a3b33153c39130a427d9e)
            mstore(add(points, 0x400), 0x088018ae596625c479a7281ecccc33bacdf41c72345a65f5ef5d3d1a1bcbed61)
            mstore(add(points, 0x420), 0x2e20531c7c99c2910c7cdbf5f5bd963ed21c6e502b6ac25605460560b4975d3e)
            mstore(add(points, 0x440), 0x1fcd3db1ce3f5678a96fafc1e6c95023ef8fcb96f0acecd20164120c17d27906)
            mstore(add(points, 0x460), 0x015e31120a706459e32f2d786a1c217d8324e5970e8872ecc43541253f73ab83)
            mstore(add(points, 0x480), 0x287c328a8ab0d7942b46989fd2d02a86af446c2cdd08519a44bed722ad1a63a1)
            mstore(add(points, 0x4a0), 0x2f7719ee45504a13b826eb4d34e07bc4df14c80af8b1b4baeab8d89a326ea548)
            mstore(add(points, 0x4c0), 0x27834b2e509c2aeedca9ef738b855564ff83360ada6e6de7c393dc3c81dc768c)
            mstore(add(points, 0x4e0), 0x0dc37f020013ec47e94a93e196051e23fc9a3b6ba2da025760702343a8889491)
            mstore(add(points, 0x500), 0x2914204b2f13416480bd93bfb33b11929e88442834a9905965e75b99d8183d30)
            mstore(add(points, 0x520), 0x234e246d192b563ede49eeabc9927be51dd65acec0dfc761df3f1ec4f5c9dfa3)
            mstore(add(points, 0x540), 0x0cb4d8de800c62fc0961619e0a7e4f0c8e869820f461f6afc0cfd17a382c9804)
            mstore(add(points, 0x560), 0x2bd09f5d1c0b7fb00bfff9d7efc5021559350e713ad1ea37d58955a17accbd1b)
            mstore(add(points, 0x580), 0x2e0881c3c751218cada93f154179dafdfebbb40df07a8d586c4e0b24f9e6bb76)
            mstore(add(points, 0x5a0), 0x2583367d982bc24100f01eeab6a4fd40c54447d8976ebcb3cc590310bec82e3e)
            mstore(add(points, 0x5c0), 0x1e0361036dabded398499a8ddf3f271f1d13dcdaab71fefa55dc13eb6f74a358)
            mstore(add(points, 0x5e0), 0x1b0477dce9ac608e2fcd647699a5a03fd395736d0c84626dae7e91ad0c8884c2)
            mstore(add(points, 0x600), 0x27da060bc83c29c9c517620c29f38afd97d809f42599d38450d73c5577d03a60)
            mstore(add(points, 0x620), 0x1f95f5a16f73c8c97d726401f2a4d1b2774335012c34759df18fd9094457cc94)
            mstore(add(points, 0x640), 0x29bb613c3c368eebe410b50d9e90521b85b30c25b2399586e6ce02051cd1205b)
            mstore(add(points, 0x660), 0x1aacd6101256ce58897a0976db4b994bcac16408384fb83368ff190fa0902817)
        }
    }
}
