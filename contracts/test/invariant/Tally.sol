// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

/// @title Tally
/// @notice How often each kind of call was made in a campaign, and how often it was accepted. Invariants that hold because
///         nothing was accepted say nothing, so each campaign requires a number of accepted calls: about a third of what a
///         campaign of 26 runs accepts.
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
    /// @return isOver Whether it was the last of them.
    function addRun(string calldata campaign) external returns (bool isOver) {
        for (uint256 i = 0; i < _kinds.length; ++i) {
            Count storage count = _counts[_kinds[i]];
            add(campaign, string.concat(_kinds[i], MADE), count.made);
            add(campaign, string.concat(_kinds[i], ACCEPTED), count.accepted);
        }
        isOver = add(campaign, "runs", 1) == runsOfACampaign();
    }

    /// @notice Writes into contracts/cache/tally how often some kinds of calls were accepted in a campaign.
    function writeDown(string calldata campaign, string[] calldata kinds) external {
        string memory text = "";
        for (uint256 i = 0; i < kinds.length; ++i) {
            uint256 accepted = acceptedIn(campaign, kinds[i]);
            uint256 made = vm.envOr(keyOf(campaign, string.concat(kinds[i], MADE)), uint256(0));
            text = string.concat(text, kinds[i], ": ", vm.toString(accepted), " of ", vm.toString(made), "\n");
        }
        vm.createDir("cache/tally", true);
        vm.writeFile(string.concat("cache/tally/", campaign, ".txt"), text);
    }

    /// @notice Reverts unless a kind of call was accepted so often in a campaign.
    function requireAccepted(string calldata campaign, string calldata kind, uint256 least) external view {
        assertGe(acceptedIn(campaign, kind), least, string.concat("accepted too seldom: ", kind));
    }

    function add(string memory campaign, string memory name, uint256 number) private returns (uint256 sum) {
        string memory key = keyOf(campaign, name);
        sum = vm.envOr(key, uint256(0)) + number;
        vm.setEnv(key, vm.toString(sum));
    }

    function acceptedIn(string calldata campaign, string calldata kind) private view returns (uint256) {
        return vm.envOr(keyOf(campaign, string.concat(kind, ACCEPTED)), uint256(0));
    }

    function runsOfACampaign() private view returns (uint256) {
        bool isDeep = keccak256(bytes(vm.envOr("FOUNDRY_PROFILE", string("test")))) == keccak256("deep");
        string memory profile = isDeep ? ".profile.deep" : ".profile.default";
        return vm.parseTomlUint(vm.readFile("foundry.toml"), string.concat(profile, ".invariant.runs"));
    }

    function keyOf(string memory campaign, string memory name) private pure returns (string memory) {
        return string.concat("ZKSOLVENCY_TALLY ", campaign, " ", name);
    }
}
