// SPDX-License-Identifier: GPL-3.0-or-later
// Generated from a verifying key by verifier.solidity_verifier: never edit this file, generate it again.
pragma solidity 0.8.30;

import {Groth16Verifier} from "../groth16/Groth16Verifier.sol";

/// @title Margin28Verifier
/// @notice Verifies proofs of `margin-28` under a development key.
contract Margin28Verifier is Groth16Verifier {
    function statement() external pure override returns (string memory) {
        return "margin-28";
    }

    function keyDigest() public pure virtual override returns (bytes32) {
        return 0x9e8f26e460bc583eea0e6301f60f37332a93ab94c6c24f65b2195afa9a6a9056;
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
            mstore(pairs, 0x2ce78f992c6b04e94582cfbbdceaf24c91973f5f9a3028f4f1700198228c2bba)
            mstore(add(pairs, 0x20), 0x134bb8124d30bcfacf40a3a96af684644fc0a2b6d8ae93a331ca45f639ae630c)
            mstore(add(pairs, 0x40), 0x272e38720aa3e7e587dd37625d45038db3443f33f78b7819d5eecab570dc9af7)
            mstore(add(pairs, 0x60), 0x2b74fa4ada06488f6cafe8ea1c4002f423ca7cb511f2e2db27db77ea013f0116)
            mstore(add(pairs, 0x80), 0x1137386427e63811d38bc1d6c542ec976dad20f6a976d6dfa2fba473bd15e0b2)
            mstore(add(pairs, 0xa0), 0x1f22c8b1b64e6ac6e4ced151ce449464ca578a0ba463a000d06ebeb7726dd208)
            mstore(add(pairs, 0x100), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(pairs, 0x120), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(pairs, 0x140), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(pairs, 0x160), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(add(pairs, 0x1c0), 0x05cc3bd8ccbdd7c8e61634da74ae109bcf7c254ca92148f89b9b23ab7888b5bf)
            mstore(add(pairs, 0x1e0), 0x102997f80c6ad462fb79b8fe24bc3eb42a7af274be54159c5dcfd2757b050fef)
            mstore(add(pairs, 0x200), 0x0df851cc5ac735c7f2ef05ed19d77a94f252fb601f5d91dd1c6aae329b56bdd7)
            mstore(add(pairs, 0x220), 0x1279fc740dcdc55ef08981625c06955a235b987909535fec4e0972863bb33f17)
        }
    }

    function _loadConstant(uint256 point) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(point, 0x046d3f9a8d869683c4f5baf787a47051ffa1bd6a7d473b9ff7e8b798568551f9)
            mstore(add(point, 0x20), 0x2ad09d1a00bb2bcc168406e66e4166a94bbecd1caf6bd923328ac862a9f12570)
        }
    }

    function _loadProofPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x21ea2f935cd86a8cec76a1fa47f44ef5f2c1bd53bb256c43f230a22529b44f18)
            mstore(add(points, 0x20), 0x1b10ef1371a93eb4be2de76658cf4c4804442b0c57a8921b085e70a53e8f30f7)
            mstore(add(points, 0x40), 0x1cd2e95afd6b429e35e5d5aa2fdf7d185cae0724aa54e7b50abc7dc4bf1acf74)
            mstore(add(points, 0x60), 0x2d4d22d9b6f4870a5b3784518b21a1ba0e330335a9594fefbce5cb499a156eb0)
            mstore(add(points, 0x80), 0x1b0a19943d72610787c6dbe1f49af0a7929b1a49a6d1337f3ff944d47a7fb85c)
            mstore(add(points, 0xa0), 0x069061f6fca67213b92b3262799801034871b755a9a4fc1590da14933d165d12)
        }
    }

    function _loadRoundPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x08c60df7ca60e48c95bde7f72141add3e4a0b43e2e6f9753c0990582d2129217)
            mstore(add(points, 0x20), 0x200cc9ef6e32012b669ab146daece9ec8b26d261eb40b654b5392a6bf41e8782)
            mstore(add(points, 0x40), 0x107e058a7e23b86470685706d43b4951037eb2711b586c3ae9aa4a214ed40f29)
            mstore(add(points, 0x60), 0x2ba9f1db2c2409fe0960910901e340d5eb35174ee59b31c2586f1160ed5d3913)
            mstore(add(points, 0x80), 0x1f99f817bb2fecefae4ac7c598be9a5fffeb250158df41cf3e77ee344b5bc3e2)
            mstore(add(points, 0xa0), 0x2a6e30d030adb455057f94853f4eb96560a97b385927262474e26705740d5562)
            mstore(add(points, 0xc0), 0x2ed3472e8a98fa82868c75e94fd8198be0599c95202e523318b0b67a46f176a4)
            mstore(add(points, 0xe0), 0x0608f705e2effd21784d5c46ce5927e517b170c322a94f018a9294632b225298)
            mstore(add(points, 0x100), 0x2e5e4a9911d51933370df6cbbfce631a47e24fe5ccdbd1a2df099ba462012f35)
            mstore(add(points, 0x120), 0x133a72053c2d3bc27d6cbd5562ce8747ca4db48fa333c899712ba998ee86ad75)
            mstore(add(points, 0x140), 0x0ddfee8c1b2bf1311fdd45c6f89b377312f64f623e20e4ed8c5a40769eb8ac86)
            mstore(add(points, 0x160), 0x11ec4b9a376c3eb58a0aa4d45d0243e3f2322bcd979492ece10944560e7f0494)
            mstore(add(points, 0x180), 0x245a1b8a1d29a2e2aee133ed522472499ed6a484541c0730f394f0576345b811)
            mstore(add(points, 0x1a0), 0x20a146ccb8e6bb189acaf9f5b9d77e3f33e3a30cb03461998c73d2a0d20aa238)
            mstore(add(points, 0x1c0), 0x28b7ad504d596dbd11f1cb0637cdad371bb5689faf0bda567f6ee8fed891d660)
            mstore(add(points, 0x1e0), 0x11171fb866b6bb04e6c364518d78fc4d86ed261fcadda15753cfe2b29a1cba48)
            mstore(add(points, 0x200), 0x222a957c5674f76b365e201dbb714349d2e7ed7607901c3d18b40bc3394239ba)
            mstore(add(points, 0x220), 0x21c2a830aa1fb908c88c666de36e70c40a2d078e6d0563376b61b0f09d702cff)
            mstore(add(points, 0x240), 0x0454b8db11faf1cdecaf875f1566244dd90b5a146eae50030c2caffead1e5a52)
            mstore(add(points, 0x260), 0x09360d54d5e68d55f02c08a63bf72e6a316e80225ee4ba95b84c35b9bd03a684)
            mstore(add(points, 0x280), 0x0edd3d8eb1b4a995becb0904d225507c90fd7315c68032ed3e500b6b57464299)
            mstore(add(points, 0x2a0), 0x067c94ed4778eb77aabfe9717550404c18f07cebde8b1626359c515f06286538)
            mstore(add(points, 0x2c0), 0x027e38d24d319dc5814565ebeee6d3a68596307edb59db76394c323904eb8a9f)
            mstore(add(points, 0x2e0), 0x2800bca479f61654fd3dd1a860369f9e3c184f49003d67d34c5ea43433d52443)
            mstore(add(points, 0x300), 0x1aed202a917b4837d54bb50ea15e0f2d692e8065dc1e70c9fa12a489932fad6c)
            mstore(add(points, 0x320), 0x0a1c7ddfdd0187d358cf99cb24d8583e4952804a1543a177f4e84c0752856fd1)
            mstore(add(points, 0x340), 0x010ba3945932507b91c80d4ef24a9ca937dd49a1870226b487c075345e9ab755)
            mstore(add(points, 0x360), 0x0c095ec2588943b07e5fa7c5465505d0f562bc2e0d05a5e1f6296ed5dad0ff78)
            mstore(add(points, 0x380), 0x0a7e69e5c245cebb897fadcc0c87a5b4cfbd38e49b6a439743dd612a099057ba)
            mstore(add(points, 0x3a0), 0x1aedc1f783faa68811fdfa2b5a6d6a7207933bd9d4e3a329db4ccea6e27d0733)
            mstore(add(points, 0x3c0), 0x225dceabea9c108542fc29473ac8084c2276d0a86b045210a198976090e27dde)
            mstore(add(points, 0x3e0), 0x10cbc8633a336dc3f58a06bffae0b984932f169281ecb1c94747cd1ba6e29e72)
            mstore(add(points, 0x400), 0x14b95f74b95cd94849780b6ffba4d835aada641a41ceebe1fa6716dcae2def90)
            mstore(add(points, 0x420), 0x1b5c0a1953120e32b10761cb6fb017039cdadd92a830a3b3877ad3474c48b302)
            mstore(add(points, 0x440), 0x0755115a3a858c4558229aeed9569c9a23b6d09811c49ebeab5a291efe3c1e0f)
            mstore(add(points, 0x460), 0x0a171d76ae31fdaecf382d04d1b9b28b20d1b36b252b3b76a7533280c7f18a19)
            mstore(add(points, 0x480), 0x2b6355378b4435647e5a060915af44fb149d2931ba09272fe5c10636d6156093)
            mstore(add(points, 0x4a0), 0x15fc9a92dfe46de59acb5e7648b4c6696701e9a3a53be59cfc8b9a58e3267848)
            mstore(add(points, 0x4c0), 0x21b44426b2423a36f7127b23cfc90dd76fc826d10bb4a22e872bd7d545c10bc2)
            mstore(add(points, 0x4e0), 0x21447929d806de8f9ee01092738d7ffa205180b2565720cfc0e8d6a76b3b068b)
            mstore(add(points, 0x500), 0x29fd99a1d796ffb574b3c7dddc9140540557feeb105047fcb76120296fa1b8ed)
            mstore(add(points, 0x520), 0x077b65543c77c932534940a365e89dfd1eae87c4727ba4026002bb095bc849fd)
            mstore(add(points, 0x540), 0x1bbb4d4f26e6c4b95bb2b677f4f4531e8a3e26658a15ae4f3bcf8b2ae0163f69)
            mstore(add(points, 0x560), 0x171d0557696092b91f2e76054b4ba93095b5117d4c20705890a35ed3384af58c)
            mstore(add(points, 0x580), 0x25e45c09e6903f925b66beca0787c41b7137f8bc9b3089aa53ee7174b8157ce0)
            mstore(add(points, 0x5a0), 0x1c98ed570b57ba267fc80f0fe8c2eebed990c9fceb92e063d8eeee3904b8f0f4)
            mstore(add(points, 0x5c0), 0x098255280ef051939a2920ccda1d98639e7e832441369daf418255f205b11811)
            mstore(add(points, 0x5e0), 0x100e359822f9cf0c002d87adc834c0c91b63e1e941ac768ae11d6524340466d3)
            mstore(add(points, 0x600), 0x182991024e0b968a5e697212790cb4a48e209788506432c7b947956f4d181ac6)
            mstore(add(points, 0x620), 0x26299dd2f9fd96a561bc34930a38c18968475a79fbe8c0dfcadec78f33898d81)
            mstore(add(points, 0x640), 0x2e9db3cdebafd5b711861dd3ef7b26369d1619b002593055753b7f6b0ef493b2)
            mstore(add(points, 0x660), 0x02738327a8525cceee87fd10a434a7da10ccb70533566dcbc809662e57986436)
            mstore(add(points, 0x680), 0x2d3056d446a95a5464c9d834b7cddab7eb3c74a32d21d5b64b89821f12102cc8)
            mstore(add(points, 0x6a0), 0x29b57055fc306ec7de217a9bea276babb779d07c1b4f40bab343cb46fb87ddc7)
            mstore(add(points, 0x6c0), 0x1cccd2b1ec1fed0d7b379102f1b458bbd23f148c9ed2a35554be3ea7604e7191)
            mstore(add(points, 0x6e0), 0x0cf75fffd51918c6056521ec984e34ef5ee9a8da3efee4b321343d909de90e79)
            mstore(add(points, 0x700), 0x1d0a49610edea87f9ea680cb8e3b2151f8a40a0a11204e2af6dbb1138bf6fe1c)
            mstore(add(points, 0x720), 0x0b9e1560eae3a6fce4f6d6079bc007eeceb53553aea39e569fd2d8313c28542d)
            mstore(add(points, 0x740), 0x1faa638c7ffde00b83fa60a60e92d2738ed91ef43a6e7bc63e9b9de9fe2d86d8)
            mstore(add(points, 0x760), 0x1085828838af19ce874fe5dbfa97acee54e1285ad5ebf44b529e8774f1393f2c)
            mstore(add(points, 0x780), 0x1593f77290b26387a62c704ef6358353a5b99547442df51bb39c528ff1295a35)
            mstore(add(points, 0x7a0), 0x178463a0421b2fbca93bfb9942c66bf3085a6b0d0c9ff6d03c805c2d2fc8ff38)
            mstore(add(points, 0x7c0), 0x0da5ba7484ae590101f12f0f26d139572e7a90008766153d1b43ce46f989284e)
            mstore(add(points, 0x7e0), 0x1ee4a3d7f7c9b7522c2bd7311c1ee8631e0933e9ac9d6b85abf87383d343a6e0)
            mstore(add(points, 0x800), 0x00469049f48aad3fe60950eeac80ceaac6123a6ec868139d06f252e6c5a4da57)
            mstore(add(points, 0x820), 0x0e7524a141726a21358b7cfeb305c24b9246429b89ee2178d5b54ecf5f3e3763)
            mstore(add(points, 0x840), 0x1c9d9860bcc888315b5c4efa2fcfacbe4977eec686aa8211f078a3a246ac6454)
            mstore(add(points, 0x860), 0x17035b6b89aa6a6551d07339e0f325ab0f9d0f519128f77826e4cc9c6220a08f)
            mstore(add(points, 0x880), 0x2e0e82f2fe3620f9f74c6908cfbb5c2c37c8a9ecbd59b774f15a95b4da1f225c)
            mstore(add(points, 0x8a0), 0x227f3dcd0d9a29f48c377a58a026ea4aceac12c6c366ffe34ede9f9639defb05)
            mstore(add(points, 0x8c0), 0x2e52c8144edbc66142cccaaa476a3ab7b69a6f988c0b54e3c59a606d268c1e17)
            mstore(add(points, 0x8e0), 0x0b63b7721bd893600895bbb1458cc46d4b2a4af5cd391ae42012d8bb310fa22b)
            mstore(add(points, 0x900), 0x0c16a2fe604b11601b671191669ea710ea6f7ce10cec38ee4900bf44cc06301f)
            mstore(add(points, 0x920), 0x2720099ddd7216e8089fea7c186885f47f038bd0ff815cb10ca13eae23ce9e94)
            mstore(add(points, 0x940), 0x190abbe8e6b1cf9e24d9ca0daf0ff325a287b7bdba61ecc24450577335d6b5bd)
            mstore(add(points, 0x960), 0x0a55d17a75a2054757c1598a394fb956b6fb6297380923aed53f4974ed67bb28)
            mstore(add(points, 0x980), 0x08705854cd1d38be8331056c17b8475f648c8d5b5c50d2c3d1331a588c15149b)
            mstore(add(points, 0x9a0), 0x257bd662b5def2734fcd613049815bc84459cef1c90e124ed279556f41485169)
            mstore(add(points, 0x9c0), 0x146843f175e7a33baa1dac5718a30ad68fcaa29236433addfa292d8a2aa7fa03)
            mstore(add(points, 0x9e0), 0x0a66e48247ba006f7d446ee53c56899bf491bcd3ee6510de306c664b5d2e48a0)
            mstore(add(points, 0xa00), 0x0a484b5256353296263a2a75200113814d53c9cf67eac3e0048376d350a5c5dd)
            mstore(add(points, 0xa20), 0x1db92cbcb95c9f63d536d00be2d3bf1c05b610ea01b52a91d55211dc403a1b93)
            mstore(add(points, 0xa40), 0x115f0de73c7e46bfe536670af41589415c5e3ecc10e3e1070617fc9a8bc5d0af)
            mstore(add(points, 0xa60), 0x11d5727a8049551d420dceeb38bcbe64c73882183e0c716abd96967c48ccfa71)
            mstore(add(points, 0xa80), 0x002e4a139385d1f7916b5d75b72fe9975f87f3389d73c67944bc02500c289089)
            mstore(add(points, 0xaa0), 0x2b50cd2dc69b95ae79b702382631addd7006a79f29357af8672a02ccb5f45f6e)
            mstore(add(points, 0xac0), 0x05a21c8f9b524302d5257300b2acbbd39ebf71aafb13232d2f62b85feb1a2baf)
            mstore(add(points, 0xae0), 0x234f29123f3c91d1cdcb33317e7c5975ab5f5ef8ea481d515e9d74d0c3254ae1)
            mstore(add(points, 0xb00), 0x063d141a0c6addcf13533dbda7b5b82cef870fd523228552b17847b28dcf1237)
            mstore(add(points, 0xb20), 0x140d44c814b051795cc0d1c70d732c86f44692f94e69671aa41ff696939d4e5a)
            mstore(add(points, 0xb40), 0x26aaf9a3213938684f243354b8e0116aba54a303ee29c3a95855ae85bc44fb37)
            mstore(add(points, 0xb60), 0x1e72cd733db3786cf5d4828f2756aa7cedba9c15079faa9debe5d59f6383124f)
            mstore(add(points, 0xb80), 0x09e3eedd304852ccddcb30e2cff6cbe226f2d1de3ccfe7c3faceb7aae2e656cf)
            mstore(add(points, 0xba0), 0x12979a6fa21bd304107fe3fac1651c4642b03f67be946512cc10b2867de54c1d)
            mstore(add(points, 0xbc0), 0x084d60b3a8e37acb26598247e5c11c9a6cb317f701a02d1dfa90c242a66aa063)
            mstore(add(points, 0xbe0), 0x2a54ae69d581f0f290ee4dde66c39938aeb15f66d27936bbd1b1264aa86162f7)
            mstore(add(points, 0xc00), 0x00379046129d1ef8ec3cea5961c861595a232ae68c095881ef3e4dcb0d32bdf9)
            mstore(add(points, 0xc20), 0x0be0d4b8ca7032f561882df0e4b51eca912b5fcffea1e02274272efe0843f532)
            mstore(add(points, 0xc40), 0x0d5b7491e4027b38f762e28fd497ecc9e8c4d840c89f01b36b14b1c608da22b0)
            mstore(add(points, 0xc60), 0x28cef8a9c14d228a1f40e7c4d1f75eb413e678944717be69a61ed3310cd210c4)
            mstore(add(points, 0xc80), 0x14fc138845218b8aacd42a831522e9b12df8dccfdd92e106645cdb2ef9b55e5c)
            mstore(add(points, 0xca0), 0x2d8e5a4efb4abca36c0c3748ac22729f3ca370771c64d4ac899a366daa778ea7)
            mstore(add(points, 0xcc0), 0x26e295dd67698ba7c402376fbc1cee3aca2ed4a5fab0914f97e675c499c8b214)
            mstore(add(points, 0xce0), 0x0e9cb6bd324b469b2bcbfcd52b7336bff7dc9fc2ccaeb553ac9faf3c15b70ecb)
            mstore(add(points, 0xd00), 0x26d3fa0fa7333ddcad6b04d548f70817b62ed4c5d4698790a92ba6804dfb224f)
            mstore(add(points, 0xd20), 0x27f0f22c83a1ee6ea210486791232ce4284ad84e89b331c41bbff327d1e6a818)
            mstore(add(points, 0xd40), 0x1394a3aff8c40160082046047240b7de8be7de4775929d29a3483a5d697932af)
            mstore(add(points, 0xd60), 0x0f98f053ca7e3f9436ac284f813b7e84da06d6866e23e8c2df4b69924b0a902b)
            mstore(add(points, 0xd80), 0x280d2254526df3970838981cdd2386465dfbbd884a707225fc7f2db0d7ed2eb6)
            mstore(add(points, 0xda0), 0x2b9d98e4c424b82faecacbdbdaa17874c9c26d9f1a0f2c29147a85a355c45127)
            mstore(add(points, 0xdc0), 0x12bd0b31b154667716c0eed6e8478e4f5e4e1777e7748fc08c6be9a2a288960b)
            mstore(add(points, 0xde0), 0x1fe15196c805cad11a1cdde51da82db26163fbcf54485cf17a8d140971056785)
        }
    }
}
