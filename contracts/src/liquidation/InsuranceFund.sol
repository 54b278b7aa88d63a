// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ICircuitBreaker, Level} from "../interfaces/ICircuitBreaker.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {IPriceClock} from "../interfaces/IPriceClock.sol";
import {IPriceRounds} from "../interfaces/IPriceRounds.sol";
import {ExactTransfers} from "../libraries/ExactTransfers.sol";
import {Outflow, OutflowLimit} from "../libraries/OutflowLimit.sol";

/// @title InsuranceFund
/// @notice See IInsuranceFund.
/// @dev The clock of `NoFlags` alone would not do for the window: it stands still while flags are stopped, so a window that
///      was open then would stay open, and its owners would leave before a loss that all others see.
contract InsuranceFund is IInsuranceFund, ERC4626 {
    using ExactTransfers for IERC20;
    using OutflowLimit for Outflow;

    struct Request {
        uint208 shares;
        /// Active seconds.
        uint48 dueAt;
    }

    struct RoundDraw {
        uint64 roundId;
        uint192 amount;
    }

    /// @notice The shortest cooldown: longer than a flag of any liquidation engine lives.
    uint64 public constant MIN_COOLDOWN = 2 days;

    /// @notice The longest cooldown.
    uint64 public constant MAX_COOLDOWN = 90 days;

    /// @notice How long a request can be used, seconds in which accounts could be flagged.
    uint64 public constant CLAIM_WINDOW = 2 days;

    /// @notice The share of the fund that is drawn in a price round at most [ppm].
    uint256 public constant ROUND_PPM = 100_000;

    /// @notice The share of the fund that is drawn at once at most, and forgotten within a day [ppm].
    uint256 public constant DAY_PPM = 300_000;

    uint256 private constant PPM = 1_000_000;

    /// @inheritdoc IInsuranceFund
    address public immutable ledger;

    /// @inheritdoc IInsuranceFund
    uint64 public immutable cooldown;

    /// @notice The price source of the book, by whose rounds draws are limited.
    IPriceRounds public immutable rounds;

    /// @notice The circuit breaker of the book, by whose clock requests wait.
    ICircuitBreaker public immutable breaker;

    Outflow private _drawn;
    RoundDraw private _roundDraw;
    mapping(address owner => Request) private _requests;

    /// @param token Of the settlement currency.
    /// @param ledger_ May have no code yet: it names its fund at deployment.
    constructor(
        IERC20 token,
        string memory name,
        string memory symbol,
        address ledger_,
        IPriceRounds rounds_,
        ICircuitBreaker breaker_,
        uint64 cooldown_
    ) ERC20(name, symbol) ERC4626(token) {
        if (cooldown_ < MIN_COOLDOWN || cooldown_ > MAX_COOLDOWN) {
            revert CooldownOutOfRange(cooldown_);
        }
        (ledger, rounds, breaker, cooldown) = (ledger_, rounds_, breaker_, cooldown_);
    }

    /// @inheritdoc IInsuranceFund
    function requestRedeem(uint256 shares) external {
        uint256 balance = balanceOf(msg.sender);
        if (shares > balance) revert RequestTooLarge(balance);
        uint48 dueAt = uint48(_activeTime() + cooldown);
        _requests[msg.sender] = Request(SafeCast.toUint208(shares), dueAt);
        emit RedeemRequested(msg.sender, shares, dueAt);
    }

    /// @inheritdoc IInsuranceFund
    function draw(uint256 most, address to) external returns (uint256 amount) {
        if (msg.sender != ledger) revert NotTheLedger();
        uint64 roundId = rounds.latestRoundId();
        uint256 inRound = _drawnIn(roundId);
        (uint256 allowed, uint256 spent) = _limits(inRound);
        amount = Math.min(most, allowed);
        if (amount == 0) return 0;
        _roundDraw = RoundDraw(roundId, SafeCast.toUint192(inRound + amount));
        _drawn = Outflow(SafeCast.toUint208(spent + amount), uint48(block.timestamp));
        emit Drawn(roundId, amount);
        IERC20(asset()).sendTo(to, amount);
    }

    /// @inheritdoc IInsuranceFund
    function drawable() external view returns (uint256 most) {
        (most,) = _limits(_drawnIn(rounds.latestRoundId()));
    }

    /// @inheritdoc IInsuranceFund
    function requestOf(address owner) external view returns (uint256 shares, uint48 dueAt) {
        return (_requests[owner].shares, _requests[owner].dueAt);
    }

    /// @notice How many shares an owner can redeem now.
    /// @param owner Of the shares.
    /// @return The rest of its request, within its window, while accounts can be flagged.
    function maxRedeem(address owner) public view override returns (uint256) {
        Request memory request = _requests[owner];
        if (request.shares == 0 || !_canFlag()) return 0;
        uint256 time = _activeTime();
        return time < request.dueAt || time > request.dueAt + CLAIM_WINDOW ? 0 : request.shares;
    }

    /// @inheritdoc ERC4626
    function _withdraw(address caller, address receiver, address owner, uint256 assets, uint256 shares)
        internal
        override
    {
        _requests[owner].shares -= uint208(shares); // at most `maxRedeem`
        super._withdraw(caller, receiver, owner, assets, shares);
    }

    /// @inheritdoc ERC4626
    function _transferIn(address from, uint256 assets) internal override {
        IERC20(asset()).receiveFrom(from, assets);
    }

    /// @inheritdoc ERC4626
    function _transferOut(address to, uint256 assets) internal override {
        IERC20(asset()).sendTo(to, assets);
    }

    /// @inheritdoc ERC20
    function _update(address from, address to, uint256 shares) internal override {
        super._update(from, to, shares);
        if (from == address(0) || to == address(0)) return;
        Request memory request = _requests[from];
        if (request.shares == 0 || _activeTime() > request.dueAt + CLAIM_WINDOW) return;
        if (balanceOf(from) < request.shares) revert SharesLocked(request.shares);
    }

    /// @dev A first deposit is worth nothing to inflate: who makes it dear pays a million times what others lose.
    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }

    function _drawnIn(uint64 roundId) private view returns (uint256) {
        return _roundDraw.roundId == roundId ? _roundDraw.amount : 0;
    }

    /// @dev Both shares are of what is there and what was drawn of it, so that they do not depend on the number of draws.
    /// @param inRound What was drawn in the newest round.
    /// @return most What may be drawn now.
    /// @return spent What was drawn of late.
    function _limits(uint256 inRound) private view returns (uint256 most, uint256 spent) {
        uint256 assets = totalAssets();
        (spent, most) = _drawn.measure(assets, DAY_PPM, 0, 1 days);
        uint256 limit = Math.mulDiv(assets + inRound, ROUND_PPM, PPM);
        most = Math.min(most, limit - Math.min(limit, inRound));
    }

    /// @dev Whether accounts can be flagged: guardians have not stopped it, and prices are not silent.
    function _canFlag() private view returns (bool) {
        if (breaker.level() >= Level.NoFlags) return false;
        IPriceClock source = breaker.priceSource();
        return address(source) == address(0) || source.silentSince() == 0;
    }

    function _activeTime() private view returns (uint256) {
        return breaker.activeTime(Level.NoFlags);
    }
}
