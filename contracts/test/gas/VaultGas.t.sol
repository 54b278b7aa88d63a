// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IBookVaultFactory} from "../../src/interfaces/IBookVault.sol";
import {IPriceClock} from "../../src/interfaces/IPriceClock.sol";
import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {TestLedger} from "../mocks/TestLedger.sol";
import {BlockingToken, TestToken} from "../mocks/Tokens.sol";
import {TestPriceSource} from "../mocks/TestPriceSource.sol";
import {Deploy} from "../utils/Deploy.sol";
import {VaultFixture} from "../utils/VaultFixture.sol";

/// @notice Gas of the calls of a vault, without the 21,000 and the calldata of a transaction. Every contract, slot and account
///         is cold, queue and recipients have been paid before, and the breaker asks a price source.
contract VaultGasTest is VaultFixture {
    string private constant GROUP = "book-vault";

    /// @dev One to be paid, then eight, all due.
    function setUp() public override {
        super.setUp();
        TestPriceSource source = new TestPriceSource(breaker, 1 days);
        source.record();
        vm.prank(owner);
        breaker.setPriceSource(source);
        deposit(USDC, 100_000e6);
        usdc.mint(alice, 1);
        for (uint256 i = 0; i < 10; ++i) {
            request(USDC, 100e6, alice);
        }
        skip(DELAY);
        vault.payOut(USDC, 1);
        skip(10);
        usdc.mint(PAYER, 100e6);
        vm.prank(PAYER);
        usdc.approve(address(vault), 100e6);
    }

    modifier fromCold() {
        vm.cool(address(vault));
        vm.cool(address(usdc));
        vm.cool(address(breaker));
        vm.cool(address(breaker.priceSource()));
        _;
    }

    function test_collect() public fromCold {
        vault.collect(USDC, 100e6, PAYER);
        vm.snapshotGasLastCall(GROUP, "collect");
    }

    function test_enqueue() public fromCold {
        vault.enqueue(USDC, 100e6, alice);
        vm.snapshotGasLastCall(GROUP, "enqueue");
    }

    function test_payOutOfOne() public fromCold {
        vault.payOut(USDC, 1);
        vm.snapshotGasLastCall(GROUP, "payOut");
    }

    function test_payOutOfEight() public fromCold {
        vault.payOut(USDC, 8);
        uint256 gas = vm.snapshotGasLastCall(GROUP, "payOut of 8 total");
        vm.snapshotValue(GROUP, "payOut of 8 per withdrawal", gas / 8);
    }

    function test_create() public {
        IBookVaultFactory factory = Deploy.bookVaultFactory();
        vm.cool(address(factory));
        factory.create(tokens, breaker, terms());
        vm.snapshotGasLastCall(GROUP, "create");
    }

    function test_transferExactly() public fromCold {
        vm.prank(address(vault));
        vault.transferExactly(IERC20(address(usdc)), alice, 100e6);
        vm.snapshotGasLastCall(GROUP, "transferExactly");
    }
}

/// @notice Gas of a credit, given and claimed.
contract CreditGasTest is VaultFixture {
    string private constant GROUP = "book-vault";

    function settlementToken() internal override returns (TestToken) {
        return new BlockingToken();
    }

    function setUp() public override {
        super.setUp();
        TestPriceSource source = new TestPriceSource(breaker, 1 days);
        source.record();
        vm.prank(owner);
        breaker.setPriceSource(source);
        deposit(USDC, 100_000e6);
        usdc.mint(bob, 1);
        BlockingToken(address(usdc)).setBlocked(alice, BlockingToken.How.Reverts);
        request(USDC, 100e6, alice);
        request(USDC, 100e6, alice);
        skip(DELAY);
        vault.payOut(USDC, 1);
    }

    function test_payOutToABlockedRecipient() public {
        coolDown();
        vault.payOut(USDC, 1);
        vm.snapshotGasLastCall(GROUP, "payOut to a blocked recipient");
    }

    function test_claimCredit() public {
        coolDown();
        vm.prank(alice);
        vault.claimCredit(USDC, bob);
        vm.snapshotGasLastCall(GROUP, "claimCredit");
    }

    function coolDown() private {
        IPriceClock source = breaker.priceSource();
        vm.cool(address(vault));
        vm.cool(address(usdc));
        vm.cool(address(breaker));
        vm.cool(address(source));
    }
}

/// @notice Gas of what a ledger brings. Nothing is warm.
contract ContributionGasTest is VaultFixture {
    string private constant GROUP = "book-vault";

    TestLedger private theLedger;

    function ledger() internal override returns (IShortfallLedger) {
        theLedger = new TestLedger();
        return IShortfallLedger(address(theLedger));
    }

    function test_contribute() public {
        deposit(USDC, 100_000e6);
        usdc.mint(address(vault), 100e6);
        vm.cool(address(vault));
        vm.cool(address(usdc));
        vm.prank(address(theLedger));
        vault.contribute(100e6);
        vm.snapshotGasLastCall(GROUP, "contribute");
    }
}
