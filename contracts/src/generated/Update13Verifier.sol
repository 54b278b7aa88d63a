// SPDX-License-Identifier: GPL-3.0-or-later
// Generated from a verifying key by verifier.solidity_verifier: never edit this file, generate it again.
pragma solidity 0.8.30;

import {Groth16Verifier} from "../groth16/Groth16Verifier.sol";

/// @title Update13Verifier
/// @notice Verifies proofs of `update-13` under a development key.
contract Update13Verifier is Groth16Verifier {
    function statement() external pure override returns (string memory) {
        return "update-13";
    }

    function keyDigest() public pure virtual override returns (bytes32) {
        return 0x72c83332b85a4f3c6d6c5ff64f921f5a8ad0a2130742645ebe93bea54cf2c4e5;
    }

    function isDevelopmentKey() public pure virtual override returns (bool) {
        return true;
    }

    function proofInputCount() public pure override returns (uint256) {
        return 15;
    }

    function roundInputCount() public pure override returns (uint256) {
        return 40;
    }

    function _loadPairs(uint256 pairs) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(pairs, 0x0b5c355ad8561b7fc938e46725ced8db139a327c4e2a1957c365904b68969ac0)
            mstore(add(pairs, 0x20), 0x066654da57e2d97302da288b32247d27a3883db4d84708fe77112fdb7adabe88)
            mstore(add(pairs, 0x40), 0x0a64e965a3fd1b9a46eaad2f8e14d6306e7732e5101a632cfe4e8865e93a51b8)
            mstore(add(pairs, 0x60), 0x0988fdd76d1f3f83bbe02cc8703fbab76d37c7b74c6bc3cce52ff5ccf9c8b083)
            mstore(add(pairs, 0x80), 0x22758dedf899a5fe9be8623e36061ace6d2b94675fdb80bd87b6b3d00168d351)
            mstore(add(pairs, 0xa0), 0x099c40308850da7a0b7f3b51aa29a3b38ffe6bd7b7c0ac606f92314d37df3abf)
            mstore(add(pairs, 0x100), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(pairs, 0x120), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(pairs, 0x140), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(pairs, 0x160), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(add(pairs, 0x1c0), 0x026b27461a538bf77ebcabe40d60e82221a5bb7f4e47ce68a8ad3120d16dde05)
            mstore(add(pairs, 0x1e0), 0x283f08acbc02e6175c4c1c5b5130f70923419047558d9ee9f47da05e19e251ac)
            mstore(add(pairs, 0x200), 0x0fab946c5674c1f525d3f1862d4022da288522a805d7a10f129410f694405e4e)
            mstore(add(pairs, 0x220), 0x1337d44abfc0f32a86a553dd68d165a5c18bf8d90cb7be767ed252cddc2ce816)
        }
    }

    function _loadConstant(uint256 point) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(point, 0x2c8845d419d4139ed332ab9a2ab1c52bfda4f58eee434c292f1d33742a2a2ed9)
            mstore(add(point, 0x20), 0x166321cc6a7a75c0939d46e5075b5b057d2a54f200c1a19f30fecbdeb2e5af84)
        }
    }

    function _loadProofPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x1b6d47ff0815ac3ee0d06019d07173b671e3a39d1c35d2cf49092b332ec75c3e)
            mstore(add(points, 0x20), 0x2a2911fad84eb0ea04bc2fa325797d4721b0c9f71c01c426af13534478692eff)
            mstore(add(points, 0x40), 0x000b4d787a01b1517b1468872ec87e80ae618f907e0c263c89ea38f61ae542c2)
            mstore(add(points, 0x60), 0x0a7fb5dd694110175fa27c386818d0e38f9c3a2d5034cd699b641d5086d31bfc)
            mstore(add(points, 0x80), 0x024adca53382eb5b779f781247a011ab70c49209face5157ea08773ff71b2b19)
            mstore(add(points, 0xa0), 0x012720e5b6365b29f7ed2b96f32429bd5077af63026e31cc7670f6b0b1c9b859)
            mstore(add(points, 0xc0), 0x18eda140d4c953472f63d9f6ce2b30394909e2283f4835129ccc926cf88602fd)
            mstore(add(points, 0xe0), 0x2e7b8fc5fe3f24ed13d3d9a601b54affc57bba58c4967b162509b4512e0e195e)
            mstore(add(points, 0x100), 0x2fc7f9b8705c7676976d983290e9efa7ce72e508d1ef119ac4af553cc9e22d62)
            mstore(add(points, 0x120), 0x1b47808698f33333c448b11d16d3b8cbf8696b6e04aee48207fd09310e86b4bc)
            mstore(add(points, 0x140), 0x0270af489a5b6b4b193e5813bb4c16e63b9797e344385cbb1e53a3ee8768fe95)
            mstore(add(points, 0x160), 0x0df52ab1d4c0546be08c84a3651afa10508443c0eac75c72f8d9703077107c26)
            mstore(add(points, 0x180), 0x093bd55024562f030f3eb71226567cc95a702a9e47ec9cdc366418ba688746f0)
            mstore(add(points, 0x1a0), 0x060a60b6ebe9330b385e59f2d18cb0715c6b34667a7d5625b9ca3d254bb8b931)
            mstore(add(points, 0x1c0), 0x2120f2d3e5d4f770a8a340f31c42dd369727c9e8ade56a2d17938efb265102f6)
            mstore(add(points, 0x1e0), 0x0e65302d3a241295d2102cfe1e8e733efd4957e0d71f169ca893d602488d631d)
            mstore(add(points, 0x200), 0x038a389ac722265ec0c095857a26eccdbb9f8cab30c3cfc2db9e89952b0ad474)
            mstore(add(points, 0x220), 0x2a09dae52c04a3c85fc3ec62b5e11361d2c5a2cd1fd8c9b1fc935bd5dae4bc0b)
            mstore(add(points, 0x240), 0x2fed0efd971241e4204ec6be21e5d5ebe55ea19c1c5144c578d638fe3590fa52)
            mstore(add(points, 0x260), 0x28570f220d3571822762249584f03ba54c4cf04f847745800062ca7b2a91a4be)
            mstore(add(points, 0x280), 0x0b700b05b6dcb014d0457644554adcfae4695aed695b118c9e1bcdb0f22b5fc3)
            mstore(add(points, 0x2a0), 0x1ffb6e929ce6ee1dd12b289dcc3ba635105d89a06c274edd4d332e932ee59fc0)
            mstore(add(points, 0x2c0), 0x2ead519783b2d495f0a544a9a3633bb928f31b53ced65268288b8a5c48918cd0)
            mstore(add(points, 0x2e0), 0x11af74b0ecd160da5c078f1bd76575b5b2e61447bba577b528f18422f4eb647c)
            mstore(add(points, 0x300), 0x036aeab0d7e79182cb46b550b6d77e606aec2ca513aca4ef40bfd97e07200f4a)
            mstore(add(points, 0x320), 0x1c478116b69d6a0df20c490301e859e2d952041fa7a16b4563d0c648321a4041)
            mstore(add(points, 0x340), 0x1977e83cbb7e0ef70212ddbd093e1b0ddcfbd3256493ba6fb578d2fd867c2284)
            mstore(add(points, 0x360), 0x0c99e7f548c6b09be907035a32c1fa35c426a60b7f14f04121b30e49cdf51979)
            mstore(add(points, 0x380), 0x16f60f8522c1c385dfe4256a55673c4c506c4ea4ebbc6dc003aa39f491e9fd50)
            mstore(add(points, 0x3a0), 0x2376dd0337009ae125480ec054bb16ee15b10f48b5eb24ef45b2650336aceb11)
        }
    }

    function _loadRoundPoints(uint256 points) internal pure virtual override {
        assembly ("memory-safe") {
            mstore(points, 0x1cf8579eabe330aff86a3153340d45992949a0486d1c0fbf3e2a6af81c6e4c26)
            mstore(add(points, 0x20), 0x0b6f8d9c6fc4d3a4ceab2a689a7091604c7c903810a79e7ae86ac9213b945e2d)
            mstore(add(points, 0x40), 0x2ac22c2dab9e87b71089583075a4ea44ab53e4db1488d546e888fff2a4ac7eb9)
            mstore(add(points, 0x60), 0x1f831baf50055907742f2459cc9df07da546a9ff1e7d1129dd9b467f334d24a7)
            mstore(add(points, 0x80), 0x081699cb024bcba7b173958cce31edd375dabdabbe0725c641f99b735a43d7a1)
            mstore(add(points, 0xa0), 0x2ecce6a52ec80c22d19ac58242c85c0f08f07754dac41f50a0ecb3cd3e7e9cba)
            mstore(add(points, 0xc0), 0x26a0003337ed6556de0733c21eb464729333ec4673abee57a40e7557456d2e02)
            mstore(add(points, 0xe0), 0x1692f9e499e7dd25a861a4da60baef56c8c384f0c3086d39ce66674c211b4aa5)
            mstore(add(points, 0x100), 0x0a51c6cef37f3b5aad434d814f43eb77c0a67aa69820e9ded9fa50301e31b051)
            mstore(add(points, 0x120), 0x115a7149f608092ef21587f0f47668d4706f1b66f033084e81bba239fa05b592)
            mstore(add(points, 0x140), 0x0997a37b16442e3d19863969472f732df78ed9c2fee07d2c2ce7c915ed3dba79)
            mstore(add(points, 0x160), 0x2dd1dd47ab13bd762aee6f519932354b9f8c9c99557fc6b6c88fa33bb5c91167)
            mstore(add(points, 0x180), 0x172b41f2b8175926e07a33d1753645faef3636864aad9e3f40fcb19699249348)
            mstore(add(points, 0x1a0), 0x10f16b16effd2f6e0431c8cc02acb3002efbeec87a9aefcc655b852050e89b5d)
            mstore(add(points, 0x1c0), 0x089a03a822beea770bef41bc5aa2535836682992155b1d34bbd7895827060cc9)
            mstore(add(points, 0x1e0), 0x1dc5ef8b1cd2070fa0edc178968e9ab9b09f51689ae4142e996e5ad7cf621de1)
            mstore(add(points, 0x200), 0x1dd3d4d0a86cbf8ff5d30f01521830d6d054e20224b400fefacd99c7dd47b9e9)
            mstore(add(points, 0x220), 0x08815698be5424b7cf46714c2fc7bd1f32420632f0e8c7dd0e9121ecc509aae6)
            mstore(add(points, 0x240), 0x0739437efbdfd250c146e03dfbc970ffc3bad7d0d8cf156ff521da8c555907e8)
            mstore(add(points, 0x260), 0x0f883fed6ad1a8644c0b026481b021ed5e3ba51a9083f19809be5be3550b1031)
            mstore(add(points, 0x280), 0x143ac46339249547a04cb2b72794dbb4858e6e3a73a0110324db0226a68ff31f)
            mstore(add(points, 0x2a0), 0x18880c0ea4c37447cf6ee25462704beda7a4941eaad0b6d4a45942c786e7f56b)
            mstore(add(points, 0x2c0), 0x14782973ed417cc9c0fc46ccb5766f1f4daaa86dee48642e8b6be33bfdf42731)
            mstore(add(points, 0x2e0), 0x111291470753e395079412e021885bf0b775d8a735c06a079644254d9f6e97c5)
            mstore(add(points, 0x300), 0x07ae9d38ebe62c09fe82f15fe03406273a60de1a562e229bc2fad8a89ae5396a)
            mstore(add(points, 0x320), 0x27b7d8bb57a6c8b2d6d1b6450a845fae40e7e1c454ad686c711180570881c518)
            mstore(add(points, 0x340), 0x0f2d3ff4109c06ec2a05c9d3a0404c91dcd787b3fa748f01535c05da9af822ef)
            mstore(add(points, 0x360), 0x2caea045cc5669d584d1d47ebbe093115f47558911cc10a49bbfcb88d1be9e7d)
            mstore(add(points, 0x380), 0x2919e8cc833ce834bfd8bc7bfb7cd580e5505886236779f352b21ad32be6a00f)
            mstore(add(points, 0x3a0), 0x29da999e26396fa71917e15af2338cd7b0b7f167439c094f486e4b75e9c8e109)
            mstore(add(points, 0x3c0), 0x0060b2bd15de9eb2f20de3f5ef5549cfc1ce12ed681bf29d2c76cba2db6874f4)
            mstore(add(points, 0x3e0), 0x02c2245e94d8f88cab93115430802703cac44e11eaebd1c7a12686d13e66baa0)
            mstore(add(points, 0x400), 0x011950bd90c18e81e18a2168aaaa80f4d62b1cc73480c0a5666ebc05a5c12031)
            mstore(add(points, 0x420), 0x2d464d7d9c8b7e7efc9a0877adee97f9493e55577eb41d377852f64de28e668f)
            mstore(add(points, 0x440), 0x03cdf300b378b0ff0886d4f6428ff2a3fa280995c2271d7a343a0acd368b6550)
            mstore(add(points, 0x460), 0x150e933033258efdc7d2c364f9dab01f0029f3b60859f651fcba3a90abad8c25)
            mstore(add(points, 0x480), 0x16851492acb05e5a75ad5dc7f11327b6c9c500bba48c1872eb2cc0e259735d50)
            mstore(add(points, 0x4a0), 0x2e0faac5682f7c64adfa8a6762b09de7bf1c2cbf784cff09e3112ae50ecd40d2)
            mstore(add(points, 0x4c0), 0x1a88e74c23232df150f594948b2c919205f3e9a837e88e034c40650881b65957)
            mstore(add(points, 0x4e0), 0x0190b6a940306581bc1978743fcb4a8e8a4cf3e274789e953304afc5f497a39a)
            mstore(add(points, 0x500), 0x0f03078482173d994fa3e0d201c4df564d51807a50373329bfe62a267c15e388)
            mstore(add(points, 0x520), 0x248437bc99fe7c0b9fea07f389e88d639021e18de53b270d51286355b2e809ae)
            mstore(add(points, 0x540), 0x27ca51f919b86058793650f6a8a91ec497acf69eb016c393ea848838fc43d382)
            mstore(add(points, 0x560), 0x1d95848d0bdf761fc4ec29b938a739a04a048d5376c9e80b5954958286e2bfa9)
            mstore(add(points, 0x580), 0x10530db84cefc4240c4453e329097fc98cf7fafed2bc2d01625c5925cd2a16e4)
            mstore(add(points, 0x5a0), 0x1af7de17f0b3cf4e0169eb352dff247a576eeafef06c7a92e9f19cb9fcee67ff)
            mstore(add(points, 0x5c0), 0x19f8ebf86eea9326d36c974ac3f82925c36c57530b2ddb163cc688ddf1898cbd)
            mstore(add(points, 0x5e0), 0x19c790b2f097d8478a698a8db3bc65ed4ff49609e3dd02fbd35c9f9ecde013f4)
            mstore(add(points, 0x600), 0x17cc0002740c39097c8aef0b76e27e1e7b3ce04c59756a62b8ad427ce00a3745)
            mstore(add(points, 0x620), 0x0987e415b762f8f4a78ab3f0f7d13182071e4981312e32ece98425193d5d0c7c)
            mstore(add(points, 0x640), 0x0400a44bb62fae3a5db4610080d130d33216ee9d6069d7505cecf8d2bae30c85)
            mstore(add(points, 0x660), 0x157e67d7a0d0631215ac9ee328c4a7ec87baecfaa8777a9de23e1eadca27771f)
            mstore(add(points, 0x680), 0x1e4644295a19f189b2692bb2fc05e9bc9b29f4824d7e4ce305dc90ddd3dbb8f9)
            mstore(add(points, 0x6a0), 0x04f21d9e4191a8854b137dd6724cacdee34f4348bf8fac6302d9f54dca059c8d)
            mstore(add(points, 0x6c0), 0x2b63618daa2e8dc2d5896cfc35180a6242dd2718cebd10b1169712e3f2997684)
            mstore(add(points, 0x6e0), 0x246114ee3651e277c49ec1199585c328a5a722043917754789efb1ba2c0d34aa)
            mstore(add(points, 0x700), 0x2c3e9953ce30c3f2557b07b32362de453a6f2d4415487486b9eb17b47b40a04c)
            mstore(add(points, 0x720), 0x2470655f3d0b1c663e4d7e6e9591134adf118cf6affbe7d4d8a9e3b309c72a82)
            mstore(add(points, 0x740), 0x016a287ef38333c94f62a7f427a8e569687ba4e774c4b04ceffdada7d758617d)
            mstore(add(points, 0x760), 0x074aecfd638d1da05de3a2527ca01d875840f1589f7c1bd7c6fd30e831b38fed)
            mstore(add(points, 0x780), 0x2e9e6ef19365897e6131ee9d43aabb33e462f46297deb475430ef5ff078e04c5)
            mstore(add(points, 0x7a0), 0x1909563e9b1214825f09b5fa7e6f8060c68c896322da73bbdaf729d210c23974)
            mstore(add(points, 0x7c0), 0x28c61b3555380d44417cd5be8cba30cfefe353f704d03deae7b7167309967fa1)
            mstore(add(points, 0x7e0), 0x22df10fa2bf87c834ec8c84c2850e2715f72e45f605caba3b3b34f6105b5924a)
            mstore(add(points, 0x800), 0x2abd14dc1b210ea22ca959333839661be10440db7b0e4641fabead2640d5e0e8)
            mstore(add(points, 0x820), 0x14c8beba7c83a659eac99bc7618bea016c64737a5d61aff35eaa554063c34587)
            mstore(add(points, 0x840), 0x025614fd5c2c5e96c9c23e62d29f0253c304420f359fcb79ff041373dc1e1764)
            mstore(add(points, 0x860), 0x17b967220f84aa9e8980f40486d75b09423122b3d9c45451c564272e9df58f9f)
            mstore(add(points, 0x880), 0x0be98db524d7978d74ee642abffffeca061a6c8decbb0c20dbb39a1eee56b091)
            mstore(add(points, 0x8a0), 0x29e7287269703888b9643e7fd8bb4d849df8ba6d18df2c7858a107aa3b4297a8)
            mstore(add(points, 0x8c0), 0x1f7d97229365a032dcf13e3ac556534a62f55d07919ddf1a98d6605336e47996)
            mstore(add(points, 0x8e0), 0x089c89d529d98a742843cc8a7d21924d0b442d701639158794372886777fc8dd)
            mstore(add(points, 0x900), 0x13e7508982e3fc8c76440c3984f2697f7558dcb8d340669c271699b12ddefcee)
            mstore(add(points, 0x920), 0x1fc15cb1dbfe58b1a2d4285b5df1a38264bc80e8a8381cc5cb0ec0d11d785dc4)
            mstore(add(points, 0x940), 0x05e260bff301aec0ce16a6b6c10998bee6acffd52de0fa203e442dca47fc9bd5)
            mstore(add(points, 0x960), 0x176183ae7e4bb045bed8733aae501291ff63d75d92da3374c1aa43b6fd0c713d)
            mstore(add(points, 0x980), 0x04883a3d20732da682a39939bbea110a44eb2849743256844858cb139caeca9f)
            mstore(add(points, 0x9a0), 0x0a5f2dd9f2abed955bfae679e6d6601e69fb045cbcf4ae56acf6bd1873625f09)
            mstore(add(points, 0x9c0), 0x025c40ef4850d747bcf365b0aa5eec74d3a999632afde3cb382646cc3beac39c)
            mstore(add(points, 0x9e0), 0x04eb3f244878f794d76faa39dacb0d3b8241f859e6bba47c7867913387276367)
        }
    }
}
