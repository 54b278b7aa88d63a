// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Order, PrivatePerpsVenue} from "../../examples/PrivatePerpsVenue.sol";
import {IAccountGate} from "../../src/interfaces/IAccountGate.sol";
import {StateUpdate} from "../../src/interfaces/IMarginBook.sol";
import {Deploy} from "./Deploy.sol";
import {BookRow, MarginBookFixture} from "./MarginBookFixture.sol";

/// @dev One order of tools/venue_fixtures.py, under the name of the proof that signs it.
struct OrderRow {
    string name;
    Order order;
}

/// @title VenueFixture
/// @notice The example venue at the address that the orders are bound to, as the gate of a book in which three accounts
///         have collateral.
abstract contract VenueFixture is MarginBookFixture {
    PrivatePerpsVenue internal constant VENUE = PrivatePerpsVenue(address(uint160(0x7E17E << 140 | 1)));
    address internal constant CANCELLER = address(uint160(0xCA7CE1 << 136 | 1));
    address internal constant TREASURY = address(uint160(0x7EA5 << 144));
    uint256 internal constant DEADLINE = START + 3 minutes;

    string private constant ORDER_TYPE =
        "FixtureOrder(string name,uint256 counterparty,uint64 deadline,address canceller,uint256 nonce)";

    OrderRow[] internal orders;

    function setUp() public virtual override {
        vm.warp(START);
        readRows("book-venue");
        readOrders();
        deployVenue(IAccountGate(address(0)), IERC20(address(0)), 0);
        deployBook(bookTokens());
        postBookRound(1);
        string[3] memory names = ["alice", "bob", "carol"];
        for (uint256 i = 0; i < names.length; ++i) {
            open(names[i]);
            deposit(string.concat(names[i], " deposits"));
        }
    }

    function firstGate() internal pure override returns (IAccountGate) {
        return VENUE;
    }

    function deployVenue(IAccountGate inner, IERC20 feeToken, uint256 fee) internal {
        bytes memory arguments = abi.encode(BOOK, inner, owner, feeToken, fee, TREASURY);
        deployCodeTo(Deploy.artefact("PrivatePerpsVenue"), arguments, address(VENUE));
    }

    function fill(string memory buyer, string memory seller) internal {
        VENUE.fill(1, trade(buyer, seller), orderOf(buyer), orderOf(seller));
    }

    function withdrawThroughVenue(string memory name) internal {
        (uint256 asset, uint256 amount, address recipient, StateUpdate memory update) = withdrawalOf(name);
        VENUE.withdraw(1, asset, amount, recipient, update);
    }

    function withdrawalOf(string memory name)
        internal
        view
        returns (uint256 asset, uint256 amount, address recipient, StateUpdate memory update)
    {
        BookRow memory row = step(name);
        return (row.inputs[4], row.inputs[5], address(uint160(row.inputs[8])), updateOf(row));
    }

    /// @dev The same for book and venue.
    function withdrawalCall(string memory name) internal view returns (bytes memory) {
        (uint256 asset, uint256 amount, address recipient, StateUpdate memory update) = withdrawalOf(name);
        return abi.encodeCall(BOOK.withdraw, (1, asset, amount, recipient, update));
    }

    function orderOf(string memory name) internal view returns (Order memory) {
        for (uint256 i = 0; i < orders.length; ++i) {
            if (keccak256(bytes(orders[i].name)) == keccak256(bytes(name))) return orders[i].order;
        }
        revert NoSuchRow(name);
    }

    function readOrders() private {
        string memory json = vm.readFile("test/generated/book-venue.json");
        OrderRow[] memory rows = abi.decode(vm.parseJsonTypeArray(json, ".orders", ORDER_TYPE), (OrderRow[]));
        for (uint256 i = 0; i < rows.length; ++i) {
            orders.push(rows[i]);
        }
    }
}
