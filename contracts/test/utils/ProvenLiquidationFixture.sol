// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../src/interfaces/IAccountLife.sol";
import {Ground} from "../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../../src/interfaces/IGroth16Verifier.sol";
import {LiquidationTerms, Takeover} from "../../src/interfaces/ILiquidationEngine.sol";
import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {LiquidationEngine} from "../../src/liquidation/LiquidationEngine.sol";
import {TestDebtLedger} from "../mocks/TestDebtLedger.sol";
import {TestModule} from "../mocks/TestModule.sol";
import {Deploy} from "./Deploy.sol";
import {BookRow, MarginBookFixture} from "./MarginBookFixture.sol";

/// @title ProvenLiquidationFixture
/// @notice A book with an engine, and real proofs: victor is long two BTC-PERP, which he bought of carl, and below maintenance
///         margin from round 2 on. Bea and carl can buy.
abstract contract ProvenLiquidationFixture is MarginBookFixture {
    uint256 internal constant CHALLENGE_BOND = 0.05 ether;
    uint256 internal constant ELEMENTS = 5;

    LiquidationEngine internal engine;
    TestModule internal other;
    TestDebtLedger internal debtLedger;
    BookRow[] internal releases;
    uint256 internal victor;
    uint256 internal bea;
    uint256 internal carl;

    /// @dev What each release takes from its round.
    uint256[][] internal releaseRounds;

    function setUp() public virtual override {
        super.setUp();
        string memory json = rowsFile(rowsName());
        readRowsOf(json, ".releases", releases);
        for (uint256 i = 0; i < releases.length; ++i) {
            releaseRounds.push(vm.parseJsonUintArray(json, string.concat(".releaseRounds[", vm.toString(i), "]")));
        }
        string[5] memory names = ["victor", "ivy", "olaf", "bea", "carl"];
        for (uint256 i = 0; i < names.length; ++i) {
            open(names[i]);
        }
        deposit("bea deposits");
        deposit("carl deposits");
        deposit("victor deposits");
        settle("victor buys", "carl sells");
        (victor, bea, carl) = (accountNamed("victor"), accountNamed("bea"), accountNamed("carl"));
    }

    function rowsName() internal pure override returns (string memory) {
        return "book-liquidation";
    }

    function deployFirstGate() internal virtual override {
        debtLedger = new TestDebtLedger();
        other = new TestModule(BOOK);
        IGroth16Verifier[3] memory verifiers = [
            Deploy.verifier("Margin13Verifier"),
            Deploy.verifier("Release13Verifier"),
            Deploy.verifier("Writeoff13Verifier")
        ];
        engine = Deploy.liquidationEngine(BOOK, SLOTS, verifiers, terms(), curves());
    }

    function modules() internal view override returns (address[] memory named) {
        named = new address[](2);
        (named[0], named[1]) = (address(engine), address(other));
    }

    function ledger() internal view virtual override returns (IShortfallLedger) {
        return IShortfallLedger(address(debtLedger));
    }

    /// @dev The defaults of the design.
    function terms() internal pure returns (LiquidationTerms memory) {
        return LiquidationTerms(2500, 500, 2500, 2 hours, 1 hours, 10_000e18, 1_000e18, CHALLENGE_BOND);
    }

    /// @dev As above.
    function curves() internal pure returns (LiquidationEngine.Curves memory) {
        return LiquidationEngine.Curves(1000, 5000, 300, 50, 500, 600, 2500, 300);
    }

    /// @dev Victor falls below his margin, and is flagged at the newest round; the cure window is over.
    function flagVictor() internal {
        postBookRound(2);
        flag("victor is below", Ground.Maintenance);
        skip(CURE_WINDOW);
    }

    function flag(string memory name, Ground ground) internal {
        BookRow memory row = find(margins, name);
        address recipient = address(uint160(row.inputs[2]));
        engine.flag(openings[row.account].inputs[1], ground, rounds.latestRoundId(), recipient, row.proof);
    }

    /// @dev As `expire` would, or anything else that a test leaves out: an account has the state that a release starts from.
    function give(string memory name, string memory release) internal {
        uint256 account = accountNamed(name);
        uint256 commitment = find(releases, release).inputs[0];
        other.replaceState(account, commitmentOf(account), commitment, 0, 0, 0, new uint256[](ELEMENTS));
    }

    /// @dev At the newest round.
    function takeoverNamed(string memory release, string memory purchase, Ground ground)
        internal
        view
        returns (Takeover memory takeover)
    {
        BookRow memory row = find(releases, release);
        (takeover.roundId, takeover.ground, takeover.ticket) = (rounds.latestRoundId(), ground, row.inputs[2]);
        (takeover.rate, takeover.uncoveredRate) = (row.inputs[4], row.inputs[5]);
        (takeover.isReserved, takeover.isCured) = (row.inputs[3] != 0, row.inputs[6] == 1);
        takeover.victim = stateChangeOf(row, 8, row.inputs.length);
        BookRow memory bought = step(purchase);
        takeover.buyer = stateChangeOf(bought, 10, bought.inputs.length - 1);
    }

    /// @dev Of a row whose ciphertext is between two places: rho comes before.
    function stateChangeOf(BookRow memory row, uint256 from, uint256 to) internal view returns (StateChange memory) {
        return StateChange({
            account: openings[row.account].inputs[1],
            oldCommitment: row.inputs[0],
            newCommitment: row.inputs[1],
            rho: row.inputs[from - 1],
            ciphertext: slice(row.inputs, from, to),
            proof: row.proof
        });
    }

    /// @dev The prices of the fixture have no spot: the engine is told what they say of an overdraft.
    function tellOverdrafts(string memory release) internal {
        uint256[] memory all;
        for (uint256 i = 0; i < releases.length; ++i) {
            if (keccak256(bytes(releases[i].name)) == keccak256(bytes(release))) all = releaseRounds[i];
        }
        bytes memory question =
            abi.encodeWithSelector(rounds.roundInputs.selector, rounds.latestRoundId(), overdraft(), uint256(1e18));
        vm.mockCall(address(rounds), question, abi.encode(slice(all, 0, 3 * SLOTS)));
    }

    function overdraft() private pure returns (uint8[] memory kinds) {
        kinds = new uint8[](1);
        kinds[0] = 2;
    }
}
