// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {FaucetToken} from "../../../examples/FaucetToken.sol";
import {Deploy} from "../../utils/Deploy.sol";

contract FaucetTokenTest is Test {
    function test_anyCallerMintsInTheChosenDecimals(address caller, address to, uint8 decimals, uint128 amount)
        external
    {
        vm.assume(to != address(0));
        FaucetToken token = Deploy.faucetToken("Test dollar", "TUSD", decimals);
        vm.prank(caller);
        token.mint(to, amount);
        assertEq(token.balanceOf(to), amount);
        assertEq(token.totalSupply(), amount);
        assertEq(token.decimals(), decimals);
        assertEq(token.name(), "Test dollar");
        assertEq(token.symbol(), "TUSD");
    }

    function test_existsOnLocalChainsOnly(uint64 chainId) external {
        vm.assume(chainId != 31337 && chainId != 1337);
        vm.chainId(chainId);
        vm.expectRevert(abi.encodeWithSelector(FaucetToken.FaucetOnPublicChain.selector, chainId));
        Deploy.faucetToken("Test dollar", "TUSD", 6);
        vm.chainId(1337);
        Deploy.faucetToken("Test dollar", "TUSD", 6);
    }
}
