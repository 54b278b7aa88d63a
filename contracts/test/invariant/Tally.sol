// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

/// @title Tally
/// @notice How often each kind of call was made in a campaign, and how often it was accepted. Invariants that hold because
///         nothing was accepted say nothing.
/// @dev The state of the chain is put back after each run, so the sums of a campaign are kept in the environment of forge's
///      process.
abstract contract Tally is Test {
    struct Count {
        uint256 made;
        uint256 accepted;
    }

    string private constant MADE = ", made";
    string private constant ACCEPTED = ", accepted";

    string[] private _kinds;
    mapping(string kind => Count) private _counts;

    function tally(string memory kind, bool accepted) internal {
        Count storage count = _counts[kind];
        if (count.made == 0) _kinds.push(kind);
        ++count.made;
        if (accepted) ++count.accepted;
    }

    /// @notice Adds this run to its campaign.
    /// @param runs Of the campaign.
    /// @return isOver Whether it was the last of them.
    function addRun(string calldata campaign, uint256 runs) external returns (bool isOver) {
        for (uint256 i = 0; i < _kinds.length; ++i) {
            Count storage count = _counts[_kinds[i]];
            add(campaign, string.concat(_kinds[i], MADE), count.made);
            add(campaign, string.concat(_kinds[i], ACCEPTED), count.accepted);
        }
        isOver = add(campaign, "runs", 1) == runs;
    }

    /// @notice Writes into contracts/cache/tally how often some kinds of calls were accepted in a campaign.
    function writeDown(string calldata campaign, string[] calldata kinds) external {
        string memory text = "";
        for (uint256 i = 0; i < kinds.length; ++i) {
            uint256 accepted = vm.envOr(keyOf(campaign, string.concat(kinds[i], ACCEPTED)), uint256(0));
            uint256 made = vm.envOr(keyOf(campaign, string.concat(kinds[i], MADE)), uint256(0));
            text = string.concat(text, kinds[i], ": ", vm.toString(accepted), " of ", vm.toString(made), "\n");
        }
        vm.createDir("cache/tally", true);
        vm.writeFile(string.concat("cache/tally/", campaign, ".txt"), text);
    }

    function add(string memory campaign, string memory name, uint256 number) private returns (uint256 sum) {
        string memory key = keyOf(campaign, name);
        sum = vm.envOr(key, uint256(0)) + number;
        vm.setEnv(key, vm.toString(sum));
    }

    function keyOf(string memory campaign, string memory name) private pure returns (string memory) {
        return string.concat("ZKSOLVENCY_TALLY ", campaign, " ", name);
    }
}
