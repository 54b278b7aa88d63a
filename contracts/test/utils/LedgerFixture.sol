// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {InsuranceFund} from "../../src/liquidation/InsuranceFund.sol";
import {ShortfallLedger} from "../../src/liquidation/ShortfallLedger.sol";
import {OwnerPriceRounds} from "../../src/oracle/OwnerPriceRounds.sol";
import {VaultsBook} from "../mocks/Books.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {Deploy} from "./Deploy.sol";
import {VaultFixture} from "./VaultFixture.sol";

/// @title LedgerFixture
/// @notice A vault with a ledger and its fund. The test is the book that the vault obeys, and the engine that writes debt off.
abstract contract LedgerFixture is VaultFixture {
    uint64 internal constant COOLDOWN = 7 days;
    uint256 internal constant USD = 1e18;

    OwnerPriceRounds internal rounds;
    InsuranceFund internal fund;
    ShortfallLedger internal shortfalls;
    address internal thief = makeAddr("thief");
    VaultsBook private _book;

    function setUp() public virtual override {
        super.setUp();
        _book.setVault(vault);
        nextRound();
    }

    function ledger() internal override returns (IShortfallLedger) {
        if (address(shortfalls) != address(0)) return shortfalls;
        uint256[] memory ppm = new uint256[](1);
        ppm[0] = 50_000;
        rounds = Deploy.ownerPriceRounds(address(this), ppm, ppm);
        _book = new VaultsBook();
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        fund = Deploy.insuranceFund(usdc, predicted, rounds, breaker, COOLDOWN);
        shortfalls = Deploy.shortfallLedger(address(_book), address(this), fund);
        return shortfalls;
    }

    /// @dev Enough for all that is paid here: BookVault.t.sol has the limit.
    function leastOutflow() internal view override returns (uint256) {
        return units(1e12);
    }

    function nextRound() internal {
        uint256[] memory prices = new uint256[](1);
        prices[0] = 1e9;
        rounds.postRound(prices, new int256[](1));
    }

    /// @dev Of the settlement currency, in quote.
    function grain() internal view returns (uint256) {
        return 10 ** (18 - usdc.decimals());
    }

    /// @dev In the token's own units, of whole USD.
    function units(uint256 usd) internal view returns (uint256) {
        return usd * 10 ** usdc.decimals();
    }

    function join(address who, uint256 assets) internal {
        usdc.mint(who, assets);
        vm.startPrank(who);
        usdc.approve(address(fund), assets);
        fund.deposit(assets, who);
        vm.stopPrank();
    }

    /// @dev By a payer who accepts any haircut.
    function depositAnyway(uint256 amount) internal {
        vm.prank(PAYER);
        shortfalls.acceptHaircut(0);
        deposit(USDC, amount);
    }

    function recapitalise(address who, uint256 most) internal returns (uint256 paid) {
        usdc.mint(who, most);
        vm.startPrank(who);
        usdc.approve(address(shortfalls), most);
        paid = shortfalls.recapitalise(most);
        vm.stopPrank();
        usdc.burn(who, most - paid);
    }

    /// @dev Has a withdrawal queued and waits until it is due.
    function requestDue(uint256 amount, address recipient) internal {
        request(USDC, amount, recipient);
        skip(DELAY);
    }

    /// @dev Withdraws, waits and pays.
    function payTo(address recipient, uint256 amount) internal returns (uint256 paid) {
        requestDue(amount, recipient);
        uint256 before = usdc.balanceOf(recipient);
        vault.payOut(USDC, type(uint256).max);
        return usdc.balanceOf(recipient) - before;
    }

    function claimBy(address who) internal returns (uint256) {
        vm.prank(who);
        return shortfalls.claim(who);
    }

    function owedTo(address who) internal view returns (uint256 owed) {
        (owed,) = shortfalls.claimOf(who);
    }

    function dueTo(address who) internal view returns (uint256 due) {
        (, due) = shortfalls.claimOf(who);
    }
}

/// @title FineLedgerFixture
/// @notice The same of a token with 18 decimals.
abstract contract FineLedgerFixture is LedgerFixture {
    function settlementToken() internal override returns (TestToken) {
        return Deploy.testToken("DAI", 18);
    }
}
