// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

/// @title OracleInvariantNames
/// @notice What no sequence of calls to price rounds, risk parameters and breaker may break. The handler checks besides
///         that each call succeeds when it is due, and only then.
library OracleInvariantNames {
    string internal constant ROUNDS_ARE_MONOTONIC =
        "ORACLE-1: ids count up by one, and each round is newer than the last";
    string internal constant ROUNDS_NEVER_CHANGE = "ORACLE-2: a round and what is derived from it never change";
    string internal constant A_QUORUM_SIGNED =
        "ORACLE-3: behind every round are valid signatures of a quorum of different reporters";
    string internal constant NO_ROUND_DEVIATES =
        "ORACLE-4: no round moves a price further than its entry or governance allows";
    string internal constant PARAMETERS_WITHIN_BOUNDS =
        "RISK-1: floor <= maintenance <= initial <= ceiling <= 1e6 ppm for every asset";
    string internal constant LOOSENING_WAITS =
        "RISK-2: a fraction falls only by an announcement that is as old as the delay";
    string internal constant VERSIONS_NEVER_CHANGE = "RISK-3: versions count up by one and never change";
    string internal constant ONLY_GOVERNANCE_LOWERS =
        "BREAKER-1: the level is raised by guardians and rounds, and lowered by governance only";
}
