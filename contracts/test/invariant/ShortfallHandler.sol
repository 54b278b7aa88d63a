// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {InsuranceFund} from "../../src/liquidation/InsuranceFund.sol";
import {ShortfallLedger} from "../../src/liquidation/ShortfallLedger.sol";
import {BookVault} from "../../src/book/BookVault.sol";
import {QueuedWithdrawal} from "../../src/interfaces/IBookVault.sol";
import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {BlockingToken, TestToken} from "../mocks/Tokens.sol";
import {LedgerFixture} from "../utils/LedgerFixture.sol";
import {Tally} from "./Tally.sol";

/// @title ShortfallHandler
/// @notice Book and engine of a vault with its ledger and fund. It deposits, withdraws, writes debt off, recapitalises, has
///         the fund drawn, pay-outs made, claims taken, and shares requested, redeemed and transferred, in any order. It keeps
///         its own record.
/// @dev Calls that the rules forbid are made too: they must fail, or the record goes out of step.
contract ShortfallHandler is LedgerFixture, Tally {
    struct Draw {
        uint256 time;
        uint256 amount;
    }

    uint256 private constant PEOPLE = 4;

    /// @notice What accounts and queue are owed [1e-18 USD].
    uint256 public owed;

    uint256 public withdrawn;
    uint256 public paidOut;

    /// @notice Write-offs, recapitalisations and pay-outs: each rounds by less than a unit.
    uint256 public roundings;

    uint256 public broughtToClaims;
    uint256 public claimsTaken;
    uint256 public broughtToFund;
    uint256 public redeemed;
    uint256 public drawn;

    Draw[] private _draws;
    uint256 private _greatestFund;
    uint256 private _drawnInRound;

    constructor() {
        setUp();
        deposit(USDC, 50_000e6);
        owed = 50_000e18;
        bring(0, 20_000e6);
    }

    function settlementToken() internal override returns (TestToken) {
        return new BlockingToken();
    }

    /// @dev No call but a write-off lowers f.
    modifier fractionKept() {
        (uint256 backing, uint256 uncovered) = (vault.backing(), shortfalls.shortfall());
        _;
        assertLe(backing * shortfalls.shortfall(), vault.backing() * uncovered, "LEDGER-1");
        if (uncovered == 0) assertEq(shortfalls.shortfall(), 0, "LEDGER-1");
    }

    // ------------------------------------------------------------------------------------------------ the book

    function depositInto(uint256 who, uint256 amount, uint256 accepted) external fractionKept {
        address payer = payerAt(who);
        amount = bound(amount, 1, 20_000e6);
        if (accepted % 2 == 0) {
            vm.prank(payer);
            shortfalls.acceptHaircut(bound(accepted, 0, 1e18));
        }
        bool due = shortfalls.fraction() >= shortfalls.leastFractionOf(payer);
        usdc.mint(payer, amount);
        vm.prank(payer);
        usdc.approve(address(vault), amount);
        try vault.collect(USDC, amount, payer) {
            assertTrue(due, "a deposit without consent");
            owed += amount * 1e12;
        } catch {
            assertFalse(due, "a deposit was refused");
            usdc.burn(payer, amount);
        }
        tally("collect", due);
    }

    function withdraw(uint256 who, uint256 amount) external fractionKept {
        uint256 free = owed / 1e12 - vault.queuedOf(USDC);
        if (free == 0) return;
        amount = bound(amount, 1, free / 2 + 1);
        vault.enqueue(USDC, amount, personAt(who));
        withdrawn += amount;
        tally("enqueue", true);
    }

    function payOut(uint256 count) external fractionKept {
        if (count % 2 == 0) skip(DELAY);
        count = bound(count, 1, 4);
        (uint256 held, uint256 credited) = (vault.holdingsOf(USDC), vault.creditedOf(USDC));
        bool due = isDue();
        try vault.payOut(USDC, count) returns (uint256 amount) {
            assertTrue(due);
            owed -= amount * 1e12;
            paidOut += held - vault.holdingsOf(USDC);
            assertGe(vault.creditedOf(USDC), credited);
            ++roundings;
        } catch {
            // What T does not cover waits, too.
            assertTrue(!due || shortfalls.fraction() < 1e18 || vault.queuedOf(USDC) > vault.backing());
        }
        tally("payOut", due);
    }

    function claimCredit(uint256 who) external fractionKept {
        address recipient = personAt(who);
        uint256 credit = vault.creditOf(USDC, recipient);
        vm.startPrank(recipient);
        if (credit == 0 || breaker.level() == Level.NoWithdrawals) {
            vm.expectRevert();
            vault.claimCredit(USDC, address(0xD00D));
        } else {
            vault.claimCredit(USDC, address(0xD00D));
            paidOut += credit;
        }
        vm.stopPrank();
    }

    // ------------------------------------------------------------------------------------------------ the ledger

    function writeOff(uint256 debt) external {
        debt = bound(debt, 1, debt % 2 == 0 ? 20_000e18 : 2e12);
        uint256 assets = fund.totalAssets();
        uint256 paid = shortfalls.cover(debt);
        owed += debt;
        ++roundings;
        recordDraw(assets, paid);
        tally("cover", true);
    }

    function recapitaliseBy(uint256 amount) external fractionKept {
        amount = bound(amount, 1, amount % 4 == 0 ? 100_000e6 : 3_000e6);
        uint256 backing = vault.backing();
        bool due = shortfalls.claims() + shortfalls.shortfall() != 0;
        usdc.mint(thief, amount);
        vm.startPrank(thief);
        usdc.approve(address(shortfalls), amount);
        try shortfalls.recapitalise(amount) returns (uint256 paid) {
            assertTrue(due);
            broughtToClaims += paid - (vault.backing() - backing);
            ++roundings;
            usdc.burn(thief, amount - paid);
        } catch {
            assertFalse(due);
            usdc.burn(thief, amount);
        }
        vm.stopPrank();
        tally("recapitalise", due);
    }

    function drawFund() external fractionKept {
        (uint256 backing, uint256 assets) = (vault.backing(), fund.totalAssets());
        bool due = shortfalls.claims() + shortfalls.shortfall() != 0 && fund.drawable() != 0;
        try shortfalls.drawFund() returns (uint256 paid) {
            assertTrue(due);
            broughtToClaims += paid - (vault.backing() - backing);
            ++roundings;
            recordDraw(assets, paid);
        } catch {
            assertFalse(due);
        }
        tally("drawFund", due);
    }

    function takeClaim(uint256 who) external fractionKept {
        address recipient = personAt(who);
        // Most have none: half of the time the next one who has some is taken.
        for (uint256 i = 0; i < PEOPLE && who % 2 == 0 && dueTo(recipient) == 0; ++i) {
            recipient = personAt(i);
        }
        uint256 due = dueTo(recipient);
        vm.prank(recipient);
        try shortfalls.claim(address(0xD00D)) returns (uint256 amount) {
            assertEq(amount, due);
            claimsTaken += amount;
        } catch {
            assertEq(due, 0, "a claim was refused");
        }
        tally("claim", due != 0);
    }

    // ------------------------------------------------------------------------------------------------ the fund

    function joinFund(uint256 who, uint256 amount) external fractionKept {
        bring(who, bound(amount, 1, 5_000e6));
        tally("deposit", true);
    }

    function request(uint256 who, uint256 shares) external fractionKept {
        address holder = personAt(who);
        shares = bound(shares, 0, fund.balanceOf(holder));
        vm.prank(holder);
        fund.requestRedeem(shares);
    }

    function redeem(uint256 who, uint256 shares) external fractionKept {
        address holder = holderAt(who);
        (uint256 requested, uint48 dueAt) = fund.requestOf(holder);
        uint256 active = breaker.activeTime(Level.NoFlags);
        if (who % 4 == 0 && requested != 0 && active < dueAt) skip(dueAt - active);
        uint256 most = fund.maxRedeem(holder);
        uint256 time = breaker.activeTime(Level.NoFlags);
        bool isOpen = time >= dueAt && time <= dueAt + fund.CLAIM_WINDOW() && breaker.level() == Level.Open;
        assertEq(most, isOpen ? requested : 0, "FUND-2");
        shares = bound(shares, 1, most + 1);
        vm.prank(holder);
        try fund.redeem(shares, address(0xD00D), holder) returns (uint256 assets) {
            assertLe(shares, most, "FUND-2");
            redeemed += assets;
            tally("redeem", true);
        } catch {
            assertGt(shares, most, "FUND-2");
            tally("redeem", false);
        }
    }

    function transferShares(uint256 who, uint256 to, uint256 shares) external fractionKept {
        address holder = personAt(who);
        uint256 balance = fund.balanceOf(holder);
        (uint256 requested, uint48 dueAt) = fund.requestOf(holder);
        if (breaker.activeTime(Level.NoFlags) > dueAt + fund.CLAIM_WINDOW()) requested = 0;
        shares = bound(shares, 0, balance);
        bool due = balance - shares >= requested || holder == personAt(to);
        vm.prank(holder);
        try fund.transfer(personAt(to), shares) {
            assertTrue(due, "FUND-2");
        } catch {
            assertFalse(due, "FUND-2");
        }
    }

    // ------------------------------------------------------------------------------------------------ others

    function nextPrices() external fractionKept {
        nextRound();
        _drawnInRound = 0;
    }

    function wait(uint256 time) external fractionKept {
        skip(bound(time, 1, time % 3 == 0 ? 5 days : 40 minutes));
    }

    function interfere(uint256 what, uint256 how) external fractionKept {
        what = what % 6;
        bool blocks = what == 0;
        BlockingToken(address(usdc))
            .setBlocked(personAt(how), blocks ? BlockingToken.How.Reverts : BlockingToken.How.Pays);
        if (what == 1) raiseTo(Level(how % 3));
        else if (breaker.level() != Level.Open) lowerTo(Level.Open);
        if (what == 2) usdc.mint(address(shortfalls), bound(how, 0, 1e9));
    }

    // ------------------------------------------------------------------------------------------------ record

    function parts() external view returns (BookVault, ShortfallLedger, InsuranceFund) {
        return (vault, shortfalls, fund);
    }

    function people() external pure returns (address[] memory all) {
        all = new address[](PEOPLE);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            all[i] = personAt(i);
        }
    }

    function bring(uint256 who, uint256 amount) private {
        address payer = payerAt(who);
        usdc.mint(payer, amount);
        vm.startPrank(payer);
        usdc.approve(address(fund), amount);
        fund.deposit(amount, personAt(who));
        vm.stopPrank();
        broughtToFund += amount;
    }

    /// @dev In a round a tenth of what is there and was drawn in it; within a time t three tenths of the greatest fund (1 + t / 1
    ///      day).
    function recordDraw(uint256 assets, uint256 amount) private {
        if (amount == 0) return; // what was redeemed since an earlier draw is no share of the fund any more
        uint256 limit = (assets + _drawnInRound) / 10;
        drawn += amount;
        _drawnInRound += amount;
        assertLe(_drawnInRound, limit, "FUND-1");
        _draws.push(Draw(block.timestamp, amount));
        uint256 sum = 0;
        for (uint256 i = _draws.length; i > 0; --i) {
            Draw memory draw = _draws[i - 1];
            uint256 elapsed = block.timestamp - draw.time;
            sum += draw.amount;
            if (assets + sum > _greatestFund) _greatestFund = assets + sum;
            assertLe(sum, _greatestFund * 3 / 10 * (1 days + elapsed) / 1 days, "FUND-1");
        }
    }

    function isDue() private view returns (bool) {
        (uint256 next, uint256 end) = vault.queueOf(USDC);
        if (next == end || breaker.level() == Level.NoWithdrawals) return false;
        QueuedWithdrawal memory first = vault.withdrawalAt(USDC, next);
        return first.dueAt <= breaker.activeTime(Level.NoFlags);
    }

    /// @dev Most have no window open: half of the time the next one who has is taken.
    function holderAt(uint256 who) private view returns (address holder) {
        holder = personAt(who);
        for (uint256 i = 0; i < PEOPLE && who % 2 == 0 && fund.maxRedeem(holder) == 0; ++i) {
            holder = personAt(i);
        }
    }

    /// @dev A person that the token does not block.
    function payerAt(uint256 which) private pure returns (address) {
        return address(uint160(0xC0 + which % PEOPLE));
    }

    function personAt(uint256 which) private pure returns (address) {
        return address(uint160(0xA0 + which % PEOPLE));
    }
}
