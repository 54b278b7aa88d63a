// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../src/interfaces/IAccountLife.sol";
import {TestExpiries} from "../mocks/TestExpiries.sol";
import {Deploy} from "./Deploy.sol";
import {LifeModuleFixture} from "./LifeModuleFixture.sol";
import {BookRow} from "./MarginBookFixture.sol";

/// @title ExpiryFixture
/// @notice A book with real proofs of expiries. Settlements are simulated: tests open epochs, and say of which epoch a round is.
///         Rita and sam hold a perpetual and an option on it; the option settles first.
abstract contract ExpiryFixture is LifeModuleFixture {
    uint64 internal constant PERPETUAL_BIT = uint64(1 << BTC_PERP);
    uint64 internal constant OPTION_BIT = uint64(1 << (BTC_PERP + 7));

    TestExpiries internal expiries;
    BookRow[] internal expiryRows;
    uint256 internal rita;
    uint256 internal sam;

    function setUp() public virtual override {
        super.setUp();
        readRowsOf(rowsFile(rowsName()), ".expiries", expiryRows);
        expiries = Deploy.testExpiries(SLOTS);
        vm.mockCall(address(rounds), abi.encodeCall(rounds.expiries, ()), abi.encode(expiries));
        string[2] memory names = ["rita", "sam"];
        for (uint256 i = 0; i < names.length; ++i) {
            open(names[i]);
            deposit(string.concat(names[i], " deposits"));
        }
        settle("rita buys", "sam sells");
        (rita, sam) = (accountNamed("rita"), accountNamed("sam"));
    }

    function rowsName() internal pure override returns (string memory) {
        return "book-expiry";
    }

    /// @dev Slots settle at the effective prices of the fixture's second round, and the newest round is of the new epoch.
    function openEpoch(uint64 slots) internal {
        settleOnly(slots);
        (uint32 epoch,,) = expiries.status();
        sayEpoch(rounds.latestRoundId(), epoch);
    }

    /// @dev Before a round is of the new epoch.
    function settleOnly(uint64 slots) internal {
        int256[] memory prices = new int256[](SLOTS);
        for (uint256 i = 0; i < SLOTS; ++i) {
            if (slots >> i & 1 == 1) prices[i] = priceAt(i);
        }
        expiries.open(slots, prices);
    }

    function sayEpoch(uint64 roundId, uint32 epoch) internal {
        vm.mockCall(address(rounds), abi.encodeCall(rounds.epochOf, (roundId)), abi.encode(epoch));
    }

    function priceAt(uint256 slot) internal view returns (int256) {
        return int256(instance.rounds[1].prices[slot]) - instance.rounds[1].funding[slot];
    }

    /// @dev Posts the second round, as one of an epoch.
    function roundOf(uint32 epoch) internal returns (uint64 roundId) {
        roundId = postBookRound(2);
        sayEpoch(roundId, epoch);
    }

    function rowNamed(string memory name) internal view returns (BookRow memory) {
        return find(expiryRows, name);
    }

    function changeNamed(string memory name) internal view returns (StateChange memory) {
        return changeOf(rowNamed(name), 4);
    }

    function expire(string memory name, uint32 toEpoch) public {
        life.expire(toEpoch, changeNamed(name));
    }

    function leave(string memory name) public {
        life.exit(40_000e18, RECIPIENT, changeOf(find(exits, name), 5));
    }

    function depositNow(string calldata name, uint64 roundId) external {
        deposit(find(updates, name), roundId);
    }
}
