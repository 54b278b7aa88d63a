// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {BookVault} from "../../src/book/BookVault.sol";
import {QueuedWithdrawal} from "../../src/interfaces/IBookVault.sol";
import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {TestLedger} from "../mocks/TestLedger.sol";
import {BlockingToken, TestToken} from "../mocks/Tokens.sol";
import {VaultFixture} from "../utils/VaultFixture.sol";
import {Tally} from "./Tally.sol";

/// @title BookVaultHandler
/// @notice The book of a vault with two tokens that block recipients, and a ledger. It deposits, withdraws, has pay-outs made
///         and credits claimed in any order, and keeps its own record of what must come of it.
/// @dev Calls that the rules forbid are made too: they must fail, or the record goes out of step.
contract BookVaultHandler is VaultFixture, Tally {
    struct Payment {
        uint256 time;
        uint256 amount;
    }

    uint256 private constant RECIPIENTS = 4;

    TestLedger private _ledger;
    mapping(uint256 asset => uint256) public deposited;
    mapping(uint256 asset => uint256) public withdrawn;

    /// @dev What left the vault.
    mapping(uint256 asset => uint256) public left;

    mapping(uint256 asset => uint256[]) private _amounts;
    mapping(uint256 asset => Payment[]) private _payments;
    mapping(uint256 asset => uint256) private _greatestLimit;

    constructor() {
        setUp();
        take(0, 50_000e6);
        take(1, 50_000e6);
    }

    function settlementToken() internal override returns (TestToken) {
        return new BlockingToken();
    }

    function spotToken() internal override returns (TestToken) {
        return new BlockingToken();
    }

    function ledger() internal override returns (IShortfallLedger) {
        _ledger = new TestLedger();
        return IShortfallLedger(address(_ledger));
    }

    // ------------------------------------------------------------------------------------------------ actions

    function bringIn(uint256 which, uint256 amount) external {
        take(which, bound(amount, 1, 20_000e6));
        tally("collect", true);
    }

    function withdraw(uint256 which, uint256 amount, uint256 who) external {
        uint256 asset = assetOf(which);
        uint256 free = vault.holdingsOf(asset) - vault.queuedOf(asset) - vault.creditedOf(asset);
        amount = bound(amount, 1, 2 * free / 3 + 100);
        bool due = amount <= free;
        if (!due && asset == USDC) return; // a vault with a ledger takes it: here the queue stays payable
        try vault.enqueue(asset, amount, recipientAt(who)) returns (uint256 index) {
            assertTrue(due, "more was queued than is there");
            assertEq(index, _amounts[asset].length, "VAULT-3");
            _amounts[asset].push(amount);
            withdrawn[asset] += amount;
        } catch {
            assertFalse(due, "a withdrawal was not queued");
        }
        tally("enqueue", due);
    }

    function payOut(uint256 which, uint256 count) external {
        uint256 asset = assetOf(which);
        count = bound(count, 0, 5);
        bool due = count != 0 && isDue(asset);
        uint256 claims = _ledger.claims();
        uint256 credited = vault.creditedOf(asset);
        uint256 held = vault.holdingsOf(asset);
        uint256 limit = vault.outflowLeft(asset);
        try vault.payOut(asset, count) returns (uint256 amount) {
            assertTrue(due, "paid before it was due");
            claims = _ledger.claims() - claims;
            assertLe(amount - claims, limit, "VAULT-4");
            credited = vault.creditedOf(asset) - credited;
            left[asset] += amount - claims - credited;
            assertEq(held - vault.holdingsOf(asset), amount - claims - credited);
            recordPayment(asset, amount - claims);
        } catch {
            assertFalse(due, "a pay-out was refused");
        }
        tally("payOut", due);
    }

    function claim(uint256 which, uint256 who, uint256 to) external {
        uint256 asset = assetOf(which);
        address recipient = recipientAt(who);
        // Most have none: half of the time the next one who has some is taken.
        for (uint256 i = 0; i < RECIPIENTS && who % 2 == 0 && vault.creditOf(asset, recipient) == 0; ++i) {
            recipient = recipientAt(i);
        }
        uint256 credit = vault.creditOf(asset, recipient);
        TestToken token = TestToken(vault.tokenOf(asset));
        uint256 before = token.balanceOf(recipientAt(to));
        vm.prank(recipient);
        try vault.claimCredit(asset, recipientAt(to)) {
            assertGt(credit, 0);
            assertEq(token.balanceOf(recipientAt(to)) - before, credit);
            left[asset] += credit;
            tally("claimCredit", true);
        } catch {
            assertEq(vault.creditOf(asset, recipient), credit);
            tally("claimCredit", false);
        }
    }

    function setBlocked(uint256 which, uint256 who, uint256 how) external {
        BlockingToken token = BlockingToken(vault.tokenOf(assetOf(which)));
        token.setBlocked(recipientAt(who), how % 2 == 0 ? BlockingToken.How.Reverts : BlockingToken.How.Pays);
    }

    function wait(uint256 time) external {
        skip(bound(time, 1, 40 minutes));
    }

    /// @notice What others do meanwhile: a fraction of the ledger, the breaker, tokens sent unasked, and an end of all that.
    function interfere(uint256 what, uint256 how) external {
        what = what % 6;
        if (what == 0) _ledger.setFraction(bound(how, 0, 1e18));
        if (what == 1) raiseTo(Level(how % 4));
        if (what == 2) TestToken(vault.tokenOf(assetOf(how))).mint(address(vault), bound(how, 0, 1e12));
        if (what < 3) return;
        _ledger.setFraction(1e18);
        if (breaker.level() != Level.Open) lowerTo(Level.Open);
    }

    // ------------------------------------------------------------------------------------------------ record

    function vaultUnderTest() external view returns (BookVault) {
        return vault;
    }

    function requestCount(uint256 asset) external view returns (uint256) {
        return _amounts[asset].length;
    }

    function amountAt(uint256 asset, uint256 index) external view returns (uint256) {
        return _amounts[asset][index];
    }

    /// @notice What became claims instead of tokens.
    function claimsOf(uint256 asset) external view returns (uint256) {
        return asset == USDC ? _ledger.claims() : 0;
    }

    function creditsOf(uint256 asset) external view returns (uint256 sum) {
        for (uint256 i = 0; i < RECIPIENTS; ++i) {
            sum += vault.creditOf(asset, recipientAt(i));
        }
    }

    // ------------------------------------------------------------------------------------------------ steps

    function take(uint256 which, uint256 amount) private {
        uint256 asset = assetOf(which);
        deposit(asset, amount);
        deposited[asset] += amount;
    }

    function isDue(uint256 asset) private view returns (bool) {
        (uint256 next, uint256 end) = vault.queueOf(asset);
        if (next == end || breaker.level() == Level.NoWithdrawals || vault.outflowLeft(asset) == 0) return false;
        QueuedWithdrawal memory first = vault.withdrawalAt(asset, next);
        return first.dueAt <= breaker.activeTime(Level.NoFlags);
    }

    /// @dev From each pay-out so far to this one: no more than a limit at once, and another one an hour.
    function recordPayment(uint256 asset, uint256 amount) private {
        Payment[] storage payments = _payments[asset];
        payments.push(Payment(block.timestamp, amount));
        uint256 available = vault.holdingsOf(asset) - vault.creditedOf(asset) + amount;
        uint256 sum = 0;
        for (uint256 i = payments.length; i > 0; --i) {
            sum += payments[i - 1].amount;
            uint256 elapsed = block.timestamp - payments[i - 1].time;
            if (elapsed < 1 hours) available += i == payments.length ? 0 : payments[i - 1].amount;
            uint256 limit = available * OUTFLOW_PPM / 1_000_000;
            if (limit < vault.leastOutflowOf(asset)) limit = vault.leastOutflowOf(asset);
            if (limit > _greatestLimit[asset]) _greatestLimit[asset] = limit;
            assertLe(sum, _greatestLimit[asset] * (1 hours + elapsed) / 1 hours, "VAULT-4");
        }
    }

    function assetOf(uint256 which) private pure returns (uint256) {
        return which % 2 == 0 ? USDC : WBTC;
    }

    function recipientAt(uint256 which) private pure returns (address) {
        return address(uint160(0xA0 + which % RECIPIENTS));
    }
}
