// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAccountGate, Permission} from "../src/interfaces/IAccountGate.sol";
import {IMarginBook, Settlement, StateUpdate} from "../src/interfaces/IMarginBook.sol";

/// @notice What the owner of an account asks of a fill beside the trade itself: what is traded, how much of it and at
///         which price is in the ticket.
struct Order {
    /// Identity of the only account to trade with; 0 for any.
    uint256 counterparty;
    /// The last second at which it can be filled, Unix.
    uint64 deadline;
    /// Address that may cancel it; zero when no address may.
    address canceller;
    /// Fresh for every proof: it makes the order's id a fresh rho.
    uint256 nonce;
}

/// @title PrivatePerpsVenue
/// @notice A private venue for perpetuals on a margin book, by request for quote: a maker signs an order on a ticket, a
///         taker fills it. Only the two learn asset, size and price.
///
///         What signs an order is the proof of `update` that it comes with: the proof's public value rho is the order's
///         id. Only the account's owner can make that proof, and it is valid under no other order. The taker signs one
///         too: else it could pass its own order off as the maker's, and the maker's proof as the taker's.
///
///         The venue is the gate of the book, which refuses what would go past it, except deposits and trades that both
///         sides prove to reduce risk: an owner can close a position without the venue. So a proof that claims
///         `ReducesRisk` is not held to its order; a signer who wants the order enforced makes no claim. The venue
///         adds no rule to withdrawals, and any address may submit one here.
contract PrivatePerpsVenue is IAccountGate, EIP712, Ownable2Step, Pausable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice Thrown when a proof does not sign the order that it is brought with.
    error OrderNotSigned(uint256 orderId);

    /// @notice Thrown when the deadline of an order has passed.
    error OrderExpired(uint256 orderId);

    /// @notice Thrown when an order was cancelled.
    error OrderCancelled(uint256 orderId);

    /// @notice Thrown when an order is to be filled by another account than the one it names.
    error WrongCounterparty(uint256 orderId);

    /// @notice Thrown when the caller is not the canceller of the order.
    error NotCanceller(address caller);

    /// @notice Two orders were filled with each other.
    event Filled(uint256 indexed ticket, uint256 indexed buyOrderId, uint256 indexed sellOrderId);

    /// @notice An order cannot be filled any more.
    event Cancelled(uint256 indexed orderId);

    bytes32 private constant ORDER_TYPEHASH =
        keccak256("Order(uint256 counterparty,uint64 deadline,address canceller,uint256 nonce)");

    /// @notice The book, whose gate this contract must be.
    IMarginBook public immutable book;

    /// @notice A gate that watches solvency, asked as well; zero for none.
    IAccountGate public immutable innerGate;

    /// @notice What the caller of `fill` pays, in `feeToken`'s own units; 0 for no fee.
    uint256 public immutable fee;

    /// @notice The token of the fee.
    IERC20 public immutable feeToken;

    /// @notice Whom the fee is paid to.
    address public immutable treasury;

    /// @notice Whether an order was cancelled.
    mapping(uint256 orderId => bool) public cancelled;

    /// @param book_ The book, which may have no code yet: one of the two contracts has to be deployed first.
    /// @param innerGate_ Asked as well as the venue; zero for none.
    /// @param owner_ Pauses fills, and does nothing else.
    constructor(
        IMarginBook book_,
        IAccountGate innerGate_,
        address owner_,
        IERC20 feeToken_,
        uint256 fee_,
        address treasury_
    ) EIP712("PrivatePerpsVenue", "1") Ownable(owner_) {
        book = book_;
        innerGate = innerGate_;
        (feeToken, fee, treasury) = (feeToken_, fee_, treasury_);
    }

    /// @notice Fills two orders with each other. Any holder of both proofs may call it, and pays the fee.
    /// @param roundId The round of both proofs.
    /// @param settlement The ticket, and the proofs that sign the orders.
    function fill(uint64 roundId, Settlement calldata settlement, Order calldata buyOrder, Order calldata sellOrder)
        external
        whenNotPaused
    {
        uint256 buyOrderId = _requireOrder(buyOrder, settlement.buyer, settlement.seller);
        uint256 sellOrderId = _requireOrder(sellOrder, settlement.seller, settlement.buyer);
        emit Filled(settlement.ticket, buyOrderId, sellOrderId);
        _settle(roundId, settlement);
        // Not before the gate is shut again: a token may call whom it likes.
        if (fee != 0) feeToken.safeTransferFrom(msg.sender, treasury, fee);
    }

    /// @notice Passes a withdrawal to the book. Any address may call it: the recipient is bound into the proof.
    function withdraw(uint64 roundId, uint256 asset, uint256 amount, address recipient, StateUpdate calldata update)
        external
        nonReentrant
    {
        book.withdraw(roundId, asset, amount, recipient, update);
    }

    /// @notice Makes an order unfillable. A holder of both proofs may still fill it before this is mined.
    function cancel(Order calldata order) external {
        if (msg.sender != order.canceller) revert NotCanceller(msg.sender);
        uint256 id = orderId(order);
        cancelled[id] = true;
        emit Cancelled(id);
    }

    /// @notice Stops fills. Only the owner.
    function pause() external onlyOwner {
        _pause();
    }

    /// @notice Lets fills go on. Only the owner.
    function unpause() external onlyOwner {
        _unpause();
    }

    /// @inheritdoc IAccountGate
    /// @dev Free while this contract has the book settle or pay, which the guard's being entered says: the book is
    ///      locked then to all other callers. Never more than what the inner gate permits.
    function permissionOf(uint256 account, uint64 roundId) external view returns (Permission permission) {
        permission = _reentrancyGuardEntered() ? Permission.Free : Permission.NoNewRisk;
        if (address(innerGate) == address(0)) return permission;
        Permission inner = innerGate.permissionOf(account, roundId);
        if (inner > permission) permission = inner;
    }

    /// @notice The id of an order: the rho of the proof that signs it.
    /// @return The leading 253 bits of its EIP-712 digest: a field element.
    function orderId(Order calldata order) public view returns (uint256) {
        bytes32 structHash =
            keccak256(abi.encode(ORDER_TYPEHASH, order.counterparty, order.deadline, order.canceller, order.nonce));
        return uint256(_hashTypedDataV4(structHash)) >> 3;
    }

    function _settle(uint64 roundId, Settlement calldata settlement) private nonReentrant {
        book.settle(roundId, settlement);
    }

    /// @dev Reverts unless one side of a trade may be filled now, with the other side that is given.
    function _requireOrder(Order calldata order, StateUpdate calldata own, StateUpdate calldata other)
        private
        view
        returns (uint256 id)
    {
        id = orderId(order);
        if (own.rho != id) revert OrderNotSigned(id);
        if (block.timestamp > order.deadline) revert OrderExpired(id);
        if (cancelled[id]) revert OrderCancelled(id);
        // The book settles nothing of an account that is not the one named.
        if (order.counterparty != 0 && other.account != order.counterparty) revert WrongCounterparty(id);
    }
}
