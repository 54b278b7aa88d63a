// SPDX-License-Identifier: GPL-3.0-or-later
// Generated from a verifying key by verifier.solidity_verifier: never edit this file, generate it again.
pragma solidity 0.8.30;

import {Groth16Verifier} from "../groth16/Groth16Verifier.sol";

/// @title MarginLean28Verifier
/// @notice Verifies proofs of `margin-lean-28` under a development key.
contract MarginLean28Verifier is Groth16Verifier {
    function statement() external pure override returns (string memory) {
        return "margin-lean-28";
    }

    function keyDigest() public pure virtual override returns (bytes32) {
        return 0x1a78f87f53317bd27dc71d66dc92608d3e28f5b15f074f6adf2973d8607349c1;
    }

    function isDevelopmentKey() public pure virtual override returns (bool) {
        return true;
    }

    function proofInputCount() public pure override returns (uint256) {
        return 3;
    }

    function roundInputCount() public pure override returns (uint256) {
        return 56;
    }

    function _loadPairs(uint256 pairs) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(pairs, 0x300a00972e5c474cbd0676e88095d9de97c7c07dbf7553951f36fba809b8b6e1)
            mstore(add(pairs, 0x20), 0x20667f32379c6a22fdee6d31be5bacb4032213dc8e834cea23f139bbd6d944b3)
            mstore(add(pairs, 0x40), 0x103edb88f0fd257ab1d7cc4eb98e5d39dcb6eb852278af800c8c45baf38b2570)
            mstore(add(pairs, 0x60), 0x0649527c12902d259ed772815625678fec246dd1094803c690a40b55c949a6b1)
            mstore(add(pairs, 0x80), 0x1b124d8149847a9ce38dfcd66515f312d6e9fe94086df6c8d17fbebca10f5541)
            mstore(add(pairs, 0xa0), 0x263a6d39cc45008c45a7c692d67a12e0c745d566375b300a77e326659dd22db1)
            mstore(add(pairs, 0x100), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(pairs, 0x120), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(pairs, 0x140), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(pairs, 0x160), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(add(pairs, 0x1c0), 0x16dd37389762b39e81782ae54bd60571a4d9c6eb940c180f44b472f584c94685)
            mstore(add(pairs, 0x1e0), 0x1f5dae2a3c2a669e3bd3d316af56859c4457741307fca294dfa671f3bff76705)
            mstore(add(pairs, 0x200), 0x2ab6ce18cc43c005aecdee78f22cedd4724ba2f4490451dce21e40910eb78efa)
            mstore(add(pairs, 0x220), 0x2b50e37546efd948931e59b520057703cd62041b99a08d07a7600c8fdb4fdac6)
        }
    }

    function _loadConstant(uint256 point) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(point, 0x2dd4ac31da0cb9ebb2b32339529af721230e950832b4af4c6dd3b392007c52ed)
            mstore(add(point, 0x20), 0x1e590202dd30a6e65e5518f26293307e5d1a93a5e9191391c71eec573e0eb18a)
        }
    }

    function _loadProofPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x1195b813f6a7835394c68eea0c64b6ff78bb770fe97a99c0c802f079939ae1f1)
            mstore(add(points, 0x20), 0x153a8654b7f2f20b23e287d4a0d62617f37e7b8bc76fd04601bc596e1ce75634)
            mstore(add(points, 0x40), 0x14095fa228f40df4851bac43231716bf9e06c266285bf180abce1f5df352ec6a)
            mstore(add(points, 0x60), 0x093c623ad2be91bd2f8b984be22855d191a4752d29225ffff81ec46bfa7a0a6d)
            mstore(add(points, 0x80), 0x0ef15038a1208eaeed1ff44bc8489778e2787baaa926613b66d92cc72353781c)
            mstore(add(points, 0xa0), 0x05c7e5e325b5bb30341838b72922bdb9be34a4c9ab4bd1683e8de21a3135989f)
        }
    }

    function _loadRoundPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x293bdd9408fae2790cf8baa5a12e6e63fc3ec5cc714eb9d932718b0ced0d45d4)
            mstore(add(points, 0x20), 0x1f76280302916d46b6dd055a52494ba06d8c174c1f1efe3bedee584066cfa8a1)
            mstore(add(points, 0x40), 0x0c4188a437848727070967d579ba24a21555749cc16fcae06e2e2602e1b616a2)
            mstore(add(points, 0x60), 0x115e93a36ae5a345512a308745bdb944d808393dd5b48f53835a713d22950045)
            mstore(add(points, 0x80), 0x2746d73f88b3f4983f63b45083396c8b02635f0d71e383daa25d1a9a8a77a087)
            mstore(add(points, 0xa0), 0x16c70f68102091bab5bb94c21779b18ad81dad5793765059aa1a251a66a55e94)
            mstore(add(points, 0xc0), 0x24aff65ceb93d05883aa5e8b6a53743e71b841d52ef32e8d0a534aa23b6202e1)
            mstore(add(points, 0xe0), 0x1fa5cdb652131f96c9ebc21a3a8626d353b240fb9c0ba9ad6361d6e0c731416c)
            mstore(add(points, 0x100), 0x0bba5e0bc2f2ba1b56c352100885b3507d557511a99c0c5da4fdb11af3d49241)
            mstore(add(points, 0x120), 0x0ebd404e0fb5dbeaab5fd1ccc39df4aa25be71efc5ae40c2e3167b29ccf253db)
            mstore(add(points, 0x140), 0x0e11945623b77fded9a1e383d89d6c5dceda48b2ca457e4b1479194d8b34cb4f)
            mstore(add(points, 0x160), 0x273e462186b27a547efec6ed2c7e6496207fd452b1d9f5e7f0e722255823ca42)
            mstore(add(points, 0x180), 0x0b8dae60337e6b9dbe075abbd98d7e05da854392ee59c70bf4ca621d3719010f)
            mstore(add(points, 0x1a0), 0x0465ebc0450815f4229cca873dd7a7273dfa9a7fdc8b38d677fbf756e0cd7b17)
            mstore(add(points, 0x1c0), 0x266cb7ea0409bac478996e9bbfa22eccf6bdf235819c3dba2307109f5d48f74f)
            mstore(add(points, 0x1e0), 0x157d4d322befb1f3f078919067de28bc20126b780bb23286c1cbe5ec50d31d65)
            mstore(add(points, 0x200), 0x0c753a6dd02e80d85cfdcce3d12c399ac2909871763facc51fd6329190c5a4ec)
            mstore(add(points, 0x220), 0x0514a2a746e8bb9f2d4d6398e868d608d5a1ba80b809df7788b8399be44ef230)
            mstore(add(points, 0x240), 0x10a68e04fbdb6444bf286dcbb87f39616941de496438c38cae9a980c83ef342f)
            mstore(add(points, 0x260), 0x17beef657984b7af39cc88c6ef1e031afca843a42c4c8bbd8838fcae5ffe49f5)
            mstore(add(points, 0x280), 0x037190d31d0a34706fc3b2e00419d564e88a76b509380837992b7cbb209ea861)
            mstore(add(points, 0x2a0), 0x27bb14c14a2738806ebb9fdda4fdb9d78cdd26c5a10f5f602613a2bccb958cca)
            mstore(add(points, 0x2c0), 0x25e00ce422fd534d6922aaed747d276452c91c058c6bd158b1a6b554ea4d60f2)
            mstore(add(points, 0x2e0), 0x1ff642d0e0a76f4f382f4d671bc23c869de34fd4d01427512ed1471cc9eb3e18)
            mstore(add(points, 0x300), 0x1bf9aa423f28cc2edc58363ec9dbaadbe101604a13d0be71bac2806791944c98)
            mstore(add(points, 0x320), 0x2381fa19e2551373a3715a005fe5496420512236696b2757c8354125d07f3ee5)
            mstore(add(points, 0x340), 0x2eb6ea6b1674f96081bc74f17a6cbd00eaf3a710a593869d4c1afcf387a0e834)
            mstore(add(points, 0x360), 0x2aa1c79f37213c077b93c995eb6d6bd9b4681fb0f1a3099976be80e28affa4ea)
            mstore(add(points, 0x380), 0x090d8d1d99b217cb387b04f46e870eb029d7ee17bf94e6510eb733c6cd001e15)
            mstore(add(points, 0x3a0), 0x1fe9503896dbcb6c7647c31402521ef7004cb22ae7868a3b2d77147944063f29)
            mstore(add(points, 0x3c0), 0x2a0201dc16b3342e6600a0b723152447671cab1ba68cd2435693457ecb71a057)
            mstore(add(points, 0x3e0), 0x22460a3fbd9d2b522b8abebfda8e8269c5ec0af5e8d6652e58011b520fb2f684)
            mstore(add(points, 0x400), 0x092f49c962a4fec2bb4c3e7dc95ffd069c4c809a32061667cb90b8a7e19a9e5d)
            mstore(add(points, 0x420), 0x0a682ba563948506c02461a96e3d92b6f9954091dfe4701684741df37d5f2c3f)
            mstore(add(points, 0x440), 0x25306c2bcbef27a1d178eafa0fc3f67612e0aa7cd174b06a719a97438f3d6d5f)
            mstore(add(points, 0x460), 0x1012d738bb50ab02ad2e026e4bfe81c917002e542e3244ffaf992c49205b55dd)
            mstore(add(points, 0x480), 0x2ec5af0356f7b447ac8b509f5a95d8a505a21048a5782893053c879ffa6562ed)
            mstore(add(points, 0x4a0), 0x1e6596b6a28e180a51263f8b63a52fb0a0a002259b3afdd9f8e8f3d4de0f70b2)
            mstore(add(points, 0x4c0), 0x09a159f86883bce16c1c21d06d7cf578a1dc81b08af316eb2559343fe583203a)
            mstore(add(points, 0x4e0), 0x1a4a9354e23c1d6fd80b79473d5bd446cdf014e888b520ae4c81774bc8d9a82c)
            mstore(add(points, 0x500), 0x1c64a2350e9a6481815370bd381f1c26076bdb3b239ceda50a9da4d6d4799a63)
            mstore(add(points, 0x520), 0x053eff4cf5c02c38f5e69863580ddfbe7c605f67b6624185589eb9063ca1c565)
            mstore(add(points, 0x540), 0x23d21bf92db0231f3b558e7d4edbdf8b66395644faabbcca7388f6622c9365b5)
            mstore(add(points, 0x560), 0x05840c9348e9a6a4a1c6ebe4803aa5656f51a17226050502101b8b4e9be778cb)
            mstore(add(points, 0x580), 0x16e21159c91ee825ae06ab7fe6641d600d039eed7ba852277287a4804e87747d)
            mstore(add(points, 0x5a0), 0x224c4a551f05d7203fef78131bf32678442532f0d3a25d8fd049e6f45707204f)
            mstore(add(points, 0x5c0), 0x1bdc3e58add2699cd93806c36fc5baf2a9bcaa6f160f8b98bfd3b4e6b59d4e85)
            mstore(add(points, 0x5e0), 0x20006a123f21ed6e74bca22539bf2319b83c1affc72ac954ac60b9bfb7e5ec18)
            mstore(add(points, 0x600), 0x0964ab4705b45f0749e87d6a724a1efe5632397a85f9510b349d5ae364ce52c3)
            mstore(add(points, 0x620), 0x1b1314a98b067b39ad0864c3e4c35e46de881813310198a5a500501eb79555cf)
            mstore(add(points, 0x640), 0x0851cea8b319b9ea6a3d5adb625127264e251fe023d3d77e2493e0d07ab2e3b9)
            mstore(add(points, 0x660), 0x2be7fff6bd3239bfb79cd964ff7e1d65a3a115b6e2a786a57853d135e52a8c79)
            mstore(add(points, 0x680), 0x07f359d25822636bec1b908156296e1722efe4d7ba705d38fd67aa1c1016ba08)
            mstore(add(points, 0x6a0), 0x0fac9b1b17a5201f0065ce0328ce3363dca1b6729b5e01b9067bcf05ff548bb6)
            mstore(add(points, 0x6c0), 0x072e9597ff0878b510da3bfd1f08447f619e1048f39f1078e313767b79d3dad9)
            mstore(add(points, 0x6e0), 0x0cc938f4f47b622bc20450b7d76b9a09ece9437f9bb89d5f0063fe44a7d05b9b)
            mstore(add(points, 0x700), 0x272d5a2e9f5148713df679f3f96d14f215add316c8b71d688f7862203e0eebd2)
            mstore(add(points, 0x720), 0x28b8a97238cf58fd515e128b11593e0df22710675114687963cc1fea25e69e5f)
            mstore(add(points, 0x740), 0x230118513a29d57c19e13dd667e0d01613c92bbca1dc082db7d419cef8adeaaa)
            mstore(add(points, 0x760), 0x0b4322fa77704916cf107fd89d0ce2fb48787e5cb9a0664f510407da6d3f86d8)
            mstore(add(points, 0x780), 0x2ea6ad7037324bb5d35130178dbb64faf682e5a2832f60877ceac884beff6d15)
            mstore(add(points, 0x7a0), 0x290a6761ae6ed3676e348d2e58fffa126aaaa0caf3c6c750ef971262ca7e006b)
            mstore(add(points, 0x7c0), 0x1f73cecf5229c4052f2e7acecac74ce88b78da9455d5e9cd6ddd5d1a997fbdbf)
            mstore(add(points, 0x7e0), 0x17c2330c57aac05aacfb7b2d77029a47fad04eff6280515fe39df7d808451468)
            mstore(add(points, 0x800), 0x15d8e449b70629003f8113d2ef29a0921d0e1f8352afbe63f4a6f1a8e0922cc4)
            mstore(add(points, 0x820), 0x0818f55de29b8742e499cf71c1e9f8c3049da435f61b478b60f5349b5a972899)
            mstore(add(points, 0x840), 0x0a9af8557550d762d5914fc1bea65d01fb64ec1dbaeee488d695c36c950e0e08)
            mstore(add(points, 0x860), 0x18c24d630f58bc27ca2e983e5e1981d28262214055dd79fec790d517c78d3a44)
            mstore(add(points, 0x880), 0x1250967f56b719021aceff8e387705079aca4514464295c32d4435d5b510720d)
            mstore(add(points, 0x8a0), 0x0b1aaf82d1b5e120f29160b0898ab8507d3a9cbd7064c76bfb4ef05faeae7bf4)
            mstore(add(points, 0x8c0), 0x2d25cc3d6d3caeedd050fd47b6fd4e067a8bebc74cd8b7515bd96de032730d13)
            mstore(add(points, 0x8e0), 0x128401598006c2512daa3867226608dd3a7ee65976fda8d7962155e86a8ab33a)
            mstore(add(points, 0x900), 0x101fea07fe338755e644ead8c6a2999e821224295c3d5e08bdd1fd5b23ae49ef)
            mstore(add(points, 0x920), 0x194741e69af1fee5671ad66255d4fbaa401b1d901db51eac15cfb7c9a9c28c97)
            mstore(add(points, 0x940), 0x21d11ef1aedf2200169f514ed8027d278473555b1ee49deb726eca83db0712eb)
            mstore(add(points, 0x960), 0x1eeb3e96a39269877a7c5893738478b86eb9a5e8cf3952b7dfe430e493074557)
            mstore(add(points, 0x980), 0x17c732255741260667d73629fa1220303bcce50ffbe17562510d0e4b516a7e57)
            mstore(add(points, 0x9a0), 0x2e1265a565c3731085ec82cd86aa205a8bd621a4dca6b15e4abd7a61d9cd0dea)
            mstore(add(points, 0x9c0), 0x1f960ab13aa6e0f4da5aa5e7e2d507acb78c71651db4f10127a3a4061f6c5320)
            mstore(add(points, 0x9e0), 0x1e76da84ab3b4a0c9c5999ec1d8b3afdbbebe5c06ac328da52bde4818e35a46e)
            mstore(add(points, 0xa00), 0x2be173cb17538a52a366dcef36cf83c99c052fee4008c5a469fa2789fb9fd641)
            mstore(add(points, 0xa20), 0x131b93fbebe23559147efa559ac422ab9d6f0685fd02d6af8bd9ff3f7d4aba20)
            mstore(add(points, 0xa40), 0x1790c00c32d1fec248c7ff52d1e46c20598eed68fcbab31bdbf2e0dccabeb630)
            mstore(add(points, 0xa60), 0x12a34f35a8b4ecae92616cab654f33f789db5bd21adbb89c4fbf25adad3b096d)
            mstore(add(points, 0xa80), 0x15b30031e0ff3f6f7b63350cb356a3dfd73fc959f3e4895e933d944098ccd272)
            mstore(add(points, 0xaa0), 0x06decdbc5ba6afc45dd76af02637a97495bd7acae139d24331965960516c6938)
            mstore(add(points, 0xac0), 0x1b74c7e24045bb2baa6e902c0f924a1cc3e78eb8f7d41b7acc86bd543b78c66c)
            mstore(add(points, 0xae0), 0x2477a6c907ce174a4e87324f6cd3b09e64644b6b7f7814e0212415a91e6c7c13)
            mstore(add(points, 0xb00), 0x1a70bd76e021f8314e33d4d8ef9bc058291bb5ee42a6e41e20db4c63c978ec40)
            mstore(add(points, 0xb20), 0x2ce17a078362f89eda997816441e1b5e9231c2c151b5660d55f198bbfd04ed4c)
            mstore(add(points, 0xb40), 0x25e0b2598ba4e90adbd5c4f52d990fbcf8696ee99be36164a638cf2b42e3bb21)
            mstore(add(points, 0xb60), 0x302b92688a67573f80b8ead2e9076cb88db43e5c386a7b2a5e7b9840ddc64a98)
            mstore(add(points, 0xb80), 0x0860d0e25b92845bcb67ca5275ecebcb5dbc215f41ed00a85be3fc4621f89e53)
            mstore(add(points, 0xba0), 0x00bf0ea59b7e3916e960067226bbb3e7b865d6169c8ed98bff223aa294af24c5)
            mstore(add(points, 0xbc0), 0x11782998fbecf5ebb0a21014bf02d4cb5a1c2c6320967d2539edcbb3c8db8014)
            mstore(add(points, 0xbe0), 0x20fac164faa065f360b98e9a2df9392d42ef31c73c2438a24e00de6cc925b9dc)
            mstore(add(points, 0xc00), 0x1420446637b6b584e4d4eff75fd851fdc2251d75a90f6c56523bdaa83b4e19a3)
            mstore(add(points, 0xc20), 0x2b5d5059e7bd61d5a54d01161f5f32c70f8c0547496ce55c66c1fc701bf4c59a)
            mstore(add(points, 0xc40), 0x111e73d4bc9a426bc4c04b0f3122e59069916fecae8ffb7f1f9b8988f8facb10)
            mstore(add(points, 0xc60), 0x0ba9e05a8796b406ff40a5bae0b4e3237841fa2cb4dabb4184c3b670edab260b)
            mstore(add(points, 0xc80), 0x23b0427db26141844313625546f03bf63c07898adce34ac10b9b91c68fc16560)
            mstore(add(points, 0xca0), 0x084aff6bcc31636848e9ac7fd75e54b82bd6b6d04aa6881c49ac28692a230689)
            mstore(add(points, 0xcc0), 0x0b5c2d7c6bfe10edeede87759484e26ade950dcad1a79ea2568f33bc03d2578d)
            mstore(add(points, 0xce0), 0x213bae41bb225f8e973d701e20e24e62bc36249baad13e99635b5e706fbf96c9)
            mstore(add(points, 0xd00), 0x2dd3f82b5202cd4ee2ca6f4a14087900d2891bef4354cb8e5a4ff84de066111b)
            mstore(add(points, 0xd20), 0x18133415241b647a2ea23fa2561d6c38949b325e85d727712c1201614d8a1284)
            mstore(add(points, 0xd40), 0x08f570b5c47eee6116a281a52c7d2bcfff3e11acdbe655aa682ce5392be574f5)
            mstore(add(points, 0xd60), 0x16e59608352ff5c1d274fdd35cfa14649a572bb771ecc78471dbdcfbc07227cd)
            mstore(add(points, 0xd80), 0x1ea639483640f2d80eadd2dd3fa3a3edc561f058395019ec619b3dbc36f5ff28)
            mstore(add(points, 0xda0), 0x0bae7df7bd527bd655e15568e28525ead03866d10d97bfac116be8ad9c560fa6)
            mstore(add(points, 0xdc0), 0x01e49f1fc4b644df4bd954fa45344217744ffc301114acbd87b1402b536bc8d8)
            mstore(add(points, 0xde0), 0x221d4e41dde53a6486ada179ca77f1477bdcff1de6ba2f7e7281c31f91834b6d)
        }
    }
}
