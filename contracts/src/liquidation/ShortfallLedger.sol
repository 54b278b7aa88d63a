// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

import {IBookVault} from "../interfaces/IBookVault.sol";
import {Level} from "../interfaces/ICircuitBreaker.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {IMarginBook} from "../interfaces/IMarginBook.sol";
import {IShortfallLedger} from "../interfaces/IShortfallLedger.sol";
import {ExactTransfers} from "../libraries/ExactTransfers.sol";
import {Claim, Claims, SharedClaims} from "../libraries/SharedClaims.sol";

/// @title ShortfallLedger
/// @notice See IShortfallLedger.
/// @dev Amounts of quote are in 1e-18 of the settlement currency, like T and S; claims and all that moves are in the token's own
///      units, of which one is `_grain` of quote.
///
///      Why no pay-out lowers f: of w, p = floor(w T / (T + S)) is paid and c = w - p is a claim. So p is at most
///      w T / (T + S) and c at least w S / (T + S): S falls by at least the share that T falls by. S is 0 where c exceeds
///      it, which is less than a token unit where T suffices for p.
///
///      The vault is asked for at each call: it is created with the book, and so after this ledger.
contract ShortfallLedger is IShortfallLedger, ReentrancyGuardTransient {
    using ExactTransfers for IERC20;
    using SafeERC20 for IERC20;
    using SharedClaims for Claims;

    uint256 private constant ONE = 1e18;
    uint256 private constant QUOTE_DECIMALS = 18;

    /// @dev A spot price moves in such steps, S / T.
    uint256 private constant SCALE_STEPS = 1_000;

    /// @notice The greatest factor of spot prices [1e-18]. An account owes at most a part of its spot (the lambdas of the price
    ///         source). While that part times this is at most 1, an account that owes all that it may at a scaled price owes no
    ///         more than its spot is worth once the shortfall is paid.
    uint256 public constant MAX_SPOT_SCALE = 10e18;

    /// @inheritdoc IShortfallLedger
    address public immutable book;

    /// @inheritdoc IShortfallLedger
    address public immutable engine;

    /// @inheritdoc IShortfallLedger
    IInsuranceFund public immutable fund;

    IERC20 private immutable _token;

    /// @dev Quote in a unit of the token.
    uint256 private immutable _grain;

    /// @inheritdoc IShortfallLedger
    uint256 public shortfall;

    Claims private _claims;
    mapping(address owner => Claim) private _claimOf;

    /// @dev The cut that a depositor accepts [1e-18], so that nothing said is nothing accepted.
    mapping(address depositor => uint256) private _cutOf;

    /// @param book_ May have no code yet: its vault names its ledger at deployment.
    /// @param engine_ May have no code yet.
    /// @param fund_ Names this ledger.
    constructor(address book_, address engine_, IInsuranceFund fund_) {
        if (fund_.ledger() != address(this)) revert NotTheFundsLedger();
        (book, engine, fund) = (book_, engine_, fund_);
        _token = IERC20(IERC4626(address(fund_)).asset());
        uint256 decimals = IERC20Metadata(address(_token)).decimals();
        if (decimals > QUOTE_DECIMALS) revert TokenTooFine();
        _grain = 10 ** (QUOTE_DECIMALS - decimals);
    }

    /// @inheritdoc IShortfallLedger
    function recordPayOut(address recipient, uint256 amount) external nonReentrant returns (uint256 paid) {
        uint256 uncovered = shortfall;
        if (uncovered == 0) return amount;
        IBookVault vault = _vault();
        if (msg.sender != address(vault)) revert IBookVault.NotTheVault();
        uint256 backing = vault.backing() * _grain;
        paid = Math.mulDiv(amount, backing, backing + uncovered);
        uint256 rest = amount - paid;
        if (rest == 0) return paid;
        uncovered -= Math.min(uncovered, rest * _grain);
        shortfall = uncovered;
        _claims.add(_claimOf[recipient], SafeCast.toUint128(rest));
        emit ClaimRecorded(recipient, rest, uncovered);
    }

    /// @inheritdoc IShortfallLedger
    function cover(uint256 debt) external nonReentrant returns (uint256 drawn) {
        if (msg.sender != engine) revert NotTheEngine();
        IBookVault vault = _vault();
        // Rounded up: a part of a unit would keep a shortfall open that no one notices but those who deposit.
        drawn = fund.draw(Math.ceilDiv(debt, _grain), address(vault));
        uint256 uncovered = shortfall + debt - Math.min(debt, drawn * _grain);
        if (uncovered != shortfall) shortfall = uncovered;
        emit DebtCovered(debt, drawn, uncovered);
        if (drawn != 0) vault.contribute(drawn);
    }

    /// @inheritdoc IShortfallLedger
    function recapitalise(uint256 most) external nonReentrant returns (uint256 paid) {
        paid = Math.min(most, _owed());
        if (paid == 0) revert NothingOwed();
        (uint256 toClaims, uint256 toVault) = _share(msg.sender, paid);
        if (toClaims != 0) _token.receiveFrom(msg.sender, toClaims);
        if (toVault == 0) return paid;
        IBookVault vault = _vault();
        _token.safeTransferFrom(msg.sender, address(vault), toVault);
        vault.contribute(toVault);
    }

    /// @inheritdoc IShortfallLedger
    function drawFund() external nonReentrant returns (uint256 drawn) {
        uint256 owed = _owed();
        if (owed == 0) revert NothingOwed();
        uint256 balance = _token.balanceOf(address(this));
        drawn = fund.draw(owed, address(this));
        if (drawn == 0) revert NothingDrawn();
        if (_token.balanceOf(address(this)) != balance + drawn) revert IBookVault.InexactTransfer();
        (, uint256 toVault) = _share(address(fund), drawn);
        if (toVault == 0) return drawn;
        IBookVault vault = _vault();
        _token.sendTo(address(vault), toVault);
        vault.contribute(toVault);
    }

    /// @inheritdoc IShortfallLedger
    function claim(address to) external nonReentrant returns (uint256 amount) {
        Claim storage stored = _claimOf[msg.sender];
        _claims.settle(stored);
        amount = stored.due;
        if (amount == 0) revert NothingToClaim(msg.sender);
        IBookVault vault = _vault();
        vault.breaker().requireBelow(Level.NoWithdrawals);
        bool isPart = to == address(this) || to == address(_token) || to == book || to == address(vault);
        if (to == address(0) || isPart) revert IBookVault.InvalidRecipient();
        stored.due = 0;
        emit ClaimPaid(msg.sender, to, amount);
        _token.sendTo(to, amount);
    }

    /// @inheritdoc IShortfallLedger
    function acceptHaircut(uint256 leastFraction) external {
        if (leastFraction > ONE) revert FractionOutOfRange(leastFraction);
        _cutOf[msg.sender] = ONE - leastFraction;
        emit HaircutAccepted(msg.sender, leastFraction);
    }

    /// @inheritdoc IShortfallLedger
    function requireAccepted(address depositor) external view {
        if (shortfall == 0) return;
        (uint256 worth, uint256 least) = (fraction(), leastFractionOf(depositor));
        if (worth < least) revert HaircutNotAccepted(worth, least);
    }

    /// @inheritdoc IShortfallLedger
    function spotScale() external view returns (uint256) {
        uint256 uncovered = shortfall;
        if (uncovered == 0) return ONE;
        uint256 backing = _backing();
        if (backing == 0) return MAX_SPOT_SCALE;
        uint256 steps = Math.mulDiv(uncovered, SCALE_STEPS, backing);
        return Math.min(ONE + steps * (ONE / SCALE_STEPS), MAX_SPOT_SCALE);
    }

    /// @inheritdoc IShortfallLedger
    function claims() external view returns (uint256) {
        return _claims.total;
    }

    /// @inheritdoc IShortfallLedger
    function claimOf(address owner) external view returns (uint256 owed, uint256 due) {
        return _claims.read(_claimOf[owner]);
    }

    /// @inheritdoc IShortfallLedger
    function fraction() public view returns (uint256) {
        uint256 uncovered = shortfall;
        if (uncovered == 0) return ONE;
        uint256 backing = _backing();
        return Math.mulDiv(backing, ONE, backing + uncovered);
    }

    /// @inheritdoc IShortfallLedger
    function leastFractionOf(address depositor) public view returns (uint256) {
        return ONE - _cutOf[depositor];
    }

    /// @dev Shares a payment between claims and shortfall.
    function _share(address from, uint256 paid) private returns (uint256 toClaims, uint256 toVault) {
        uint256 uncovered = shortfall;
        uint256 claimedQuote = _claims.total * _grain;
        toClaims = Math.mulDiv(paid, claimedQuote, claimedQuote + uncovered);
        toVault = paid - toClaims;
        uncovered -= Math.min(uncovered, toVault * _grain);
        shortfall = uncovered;
        _claims.pay(toClaims);
        emit Recapitalised(from, toClaims, toVault, uncovered);
    }

    /// @dev Claims and shortfall together, in the token's own units, rounded up.
    function _owed() private view returns (uint256) {
        return _claims.total + Math.ceilDiv(shortfall, _grain);
    }

    /// @dev T.
    function _backing() private view returns (uint256) {
        return _vault().backing() * _grain;
    }

    function _vault() private view returns (IBookVault) {
        return IMarginBook(book).vault();
    }
}
