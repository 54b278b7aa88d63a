// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Order} from "../../examples/PrivatePerpsVenue.sol";
import {IAccountGate} from "../../src/interfaces/IAccountGate.sol";
import {Settlement, StateUpdate} from "../../src/interfaces/IMarginBook.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {Deploy} from "../utils/Deploy.sol";
import {VenueFixture} from "../utils/VenueFixture.sol";

/// @notice Gas of single calls, without the 21,000 and the calldata of a transaction. The round is prepared; every
///         contract, slot and account is cold.
contract VenueGasTest is VenueFixture {
    string private constant GROUP = "venue";

    TestToken private feeToken;

    function setUp() public override {
        super.setUp();
        feeToken = Deploy.testToken("FEE", 18);
        feeToken.mint(TREASURY, 1); // has some already
        feeToken.mint(PAYER, 10);
        vm.prank(PAYER);
        feeToken.approve(address(VENUE), 10);
        usdc.mint(RECIPIENT, 1); // has some already
        BOOK.prepareRound(postBookRound(1));
    }

    /// @dev What a transaction finds: no address and no slot was touched before.
    modifier fromCold() {
        vm.cool(address(VENUE));
        vm.cool(address(BOOK));
        vm.cool(address(rounds));
        vm.cool(address(breaker));
        vm.cool(address(updateVerifier));
        vm.cool(address(usdc));
        vm.cool(address(feeToken));
        _;
    }

    function test_fill() public {
        fillFromCold(trade("alice buys", "bob sells"), orderOf("alice buys"), orderOf("bob sells"));
        vm.snapshotGasLastCall(GROUP, "fill");
    }

    function test_fillWithAFee() public {
        deployVenue(IAccountGate(address(0)), IERC20(address(feeToken)), 1);
        fillFromCold(trade("alice buys", "bob sells"), orderOf("alice buys"), orderOf("bob sells"));
        vm.snapshotGasLastCall(GROUP, "fill with a fee");
    }

    function test_withdraw() public {
        (uint256 asset, uint256 amount, address recipient, StateUpdate memory change) = withdrawalOf("alice withdraws");
        withdrawFromCold(asset, amount, recipient, change);
        vm.snapshotGasLastCall(GROUP, "withdraw");
    }

    function test_cancel() public {
        cancelFromCold(orderOf("alice buys"));
        vm.snapshotGasLastCall(GROUP, "cancel");
    }

    function test_pause() public {
        pauseFromCold();
        vm.snapshotGasLastCall(GROUP, "pause");
    }

    function fillFromCold(Settlement memory deal, Order memory buyOrder, Order memory sellOrder) private fromCold {
        vm.prank(PAYER);
        VENUE.fill(2, deal, buyOrder, sellOrder);
    }

    function withdrawFromCold(uint256 asset, uint256 amount, address recipient, StateUpdate memory change)
        private
        fromCold
    {
        VENUE.withdraw(2, asset, amount, recipient, change);
    }

    function cancelFromCold(Order memory order) private fromCold {
        vm.prank(CANCELLER);
        VENUE.cancel(order);
    }

    function pauseFromCold() private fromCold {
        vm.prank(owner);
        VENUE.pause();
    }
}

/// @notice The end of a pause.
contract PausedVenueGasTest is VenueFixture {
    function setUp() public override {
        super.setUp();
        vm.prank(owner);
        VENUE.pause();
    }

    function test_unpause() public {
        vm.cool(address(VENUE));
        vm.prank(owner);
        VENUE.unpause();
        vm.snapshotGasLastCall("venue", "unpause");
    }
}
