// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {BookVault} from "../../src/book/BookVault.sol";
import {VaultTerms} from "../../src/interfaces/IBookVault.sol";
import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {CircuitBreaker} from "../../src/oracle/CircuitBreaker.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {Deploy} from "./Deploy.sol";

/// @title VaultFixture
/// @notice A vault whose book is the test, with a spot asset, a derivative and the settlement currency.
abstract contract VaultFixture is Test {
    uint256 internal constant WBTC = 0;
    uint256 internal constant PERP = 1;
    uint256 internal constant USDC = 2;
    uint64 internal constant DELAY = 30 minutes;
    uint64 internal constant RESUME_GRACE = 10 minutes;
    uint256 internal constant START = 1_700_000_000;
    address internal constant PAYER = address(uint160(0x9A7E << 144));

    /// @dev The share that may leave within an hour, and the least.
    uint32 internal constant OUTFLOW_PPM = 100_000;
    uint256 internal constant LEAST_OUTFLOW = 1_000e6;

    address internal owner = makeAddr("owner");
    address internal watch = makeAddr("watch");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    CircuitBreaker internal breaker;
    BookVault internal vault;
    TestToken internal usdc;
    address[] internal tokens;

    function setUp() public virtual {
        vm.warp(START);
        breaker = Deploy.circuitBreaker(owner, RESUME_GRACE);
        bytes32 role = breaker.GUARDIAN_ROLE();
        vm.prank(owner);
        breaker.grantRole(role, watch);
        usdc = settlementToken();
        tokens = [address(spotToken()), address(0), address(usdc)];
        vault = Deploy.bookVault(tokens, breaker, terms());
    }

    function settlementToken() internal virtual returns (TestToken) {
        return Deploy.testToken("USDC", 6);
    }

    function spotToken() internal virtual returns (TestToken) {
        return Deploy.testToken("WBTC", 8);
    }

    function ledger() internal virtual returns (IShortfallLedger) {
        return IShortfallLedger(address(0));
    }

    function leastOutflow() internal view virtual returns (uint256) {
        return LEAST_OUTFLOW;
    }

    /// @dev What an account leaves when it is opened, wei.
    function bond() internal pure virtual returns (uint96) {
        return 0;
    }

    function terms() internal returns (VaultTerms memory made) {
        made.delay = DELAY;
        made.outflowPpm = OUTFLOW_PPM;
        made.leastOutflows = new uint256[](3);
        (made.leastOutflows[WBTC], made.leastOutflows[USDC]) = (1e8, leastOutflow());
        made.ledger = ledger();
        made.openingBond = bond();
    }

    function deposit(uint256 asset, uint256 amount) internal {
        TestToken token = TestToken(vault.tokenOf(asset));
        token.mint(PAYER, amount);
        vm.prank(PAYER);
        token.approve(address(vault), amount);
        vault.collect(asset, amount, PAYER);
    }

    function request(uint256 asset, uint256 amount, address recipient) internal returns (uint256) {
        return vault.enqueue(asset, amount, recipient);
    }

    function raiseTo(Level level) internal {
        vm.prank(watch);
        breaker.raiseTo(level);
    }

    function lowerTo(Level level) internal {
        vm.prank(owner);
        breaker.lowerTo(level);
    }

    /// @dev What the vault owes on all sides is there.
    function requireSums(uint256 asset) internal view {
        uint256 held = vault.holdingsOf(asset);
        assertLe(vault.queuedOf(asset) + vault.creditedOf(asset), held, "VAULT-1");
        assertGe(TestToken(vault.tokenOf(asset)).balanceOf(address(vault)), held, "VAULT-2");
    }
}
