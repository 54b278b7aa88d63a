// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MarginBook} from "../../src/book/MarginBook.sol";
import {BookGate} from "../../src/gate/BookGate.sol";
import {IBookVault, VaultSettings, VaultTerms} from "../../src/interfaces/IBookVault.sol";
import {Claim, StateUpdate} from "../../src/interfaces/IMarginBook.sol";
import {Asset, AssetKind} from "../../src/interfaces/IRiskParameters.sol";
import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {MockVerifier} from "../../test-utils/MockVerifier.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {Deploy} from "./Deploy.sol";
import {ReporterFixture} from "./ReporterFixture.sol";

/// @title MarketFixture
/// @notice A book of three slots with its gate, vault, signed rounds and breaker, as tests/vectors/market-runs.json has them.
///         The verifiers accept what they are told holds.
abstract contract MarketFixture is ReporterFixture {
    struct MarketSlot {
        uint256 kind;
        uint256 initial;
        uint256 maintenance;
        uint256 shortInitial;
        uint256 shortMaintenance;
        uint256 underlyingInitial;
        uint256 underlyingMaintenance;
        uint256 underlying;
        uint256 deviation;
        uint256 deviationAmount;
        uint256 least;
        uint256 greatest;
    }

    string private constant SLOT_TYPE = "MarketSlot(uint256 kind,uint256 initial,uint256 maintenance,uint256 shortInitial,"
        "uint256 shortMaintenance,uint256 underlyingInitial,uint256 underlyingMaintenance,uint256 underlying,"
        "uint256 deviation,uint256 deviationAmount,uint256 least,uint256 greatest)";

    uint256 internal constant SLOTS = 3;
    uint256 internal constant WBTC = 0;
    uint256 internal constant USDC = SLOTS;
    address internal constant PAYER = address(uint160(0x9A7E << 144));

    /// @dev Public signals of `open` and `margin`. Of `update` oldCommitment, newCommitment, ticket, side, asset, amount,
    ///      isWithdrawal, claim, recipient, rho, ciphertext, reduceOnly.
    uint256 internal constant OPEN_INPUTS = 10;
    uint256 internal constant MARGIN_INPUTS = 3;
    uint256 internal constant UPDATE_INPUTS = 12;

    MarginBook internal book;
    BookGate internal gate;
    IBookVault internal vault;
    MockVerifier internal opens;
    MockVerifier internal updates;
    MockVerifier internal margins;

    function deployMarket() internal {
        string memory json = vectors();
        deployBook(SLOTS, listing(json, ".slots"));
        deployRounds(1, 1);
        opens = new MockVerifier("open-3", OPEN_INPUTS, 0);
        updates = new MockVerifier("update-3", UPDATE_INPUTS, 5 * SLOTS + 3);
        margins = new MockVerifier("margin-3", MARGIN_INPUTS, 3 * SLOTS);
        book = MarginBook(address(uint160(0xB00C << 144 | 1)));
        gate = Deploy.bookGate(book, breaker, rounds, margins, maxAge());
        deployCodeTo(Deploy.artefact("MarginBook"), abi.encode(parts()), address(book));
        vault = book.vault();
        fund(WBTC, 1e30);
        fund(USDC, 1e30);
        requireSettings();
    }

    /// @dev The decimals of the statements, so that every amount is one of the token.
    function marketTokens() internal virtual returns (TestToken wbtc, TestToken usdc) {
        return (Deploy.testToken("WBTC", 9), Deploy.testToken("USDC", 18));
    }

    function marketLedger() internal virtual returns (IShortfallLedger) {
        return IShortfallLedger(address(0));
    }

    /// @dev A proof whose other values no rule is about.
    function updateOf(uint256 account, uint256 old, uint256 next, Claim claim)
        internal
        pure
        returns (StateUpdate memory update)
    {
        (update.account, update.oldCommitment, update.newCommitment) = (account, old, next);
        (update.claim, update.rho) = (claim, next);
        update.ciphertext = new uint256[](1);
    }

    /// @dev Public signals of a deposit, or of a withdrawal to a recipient.
    function transferInputs(
        StateUpdate memory update,
        uint256 asset,
        uint256 amount,
        address recipient,
        uint256 reduceOnly
    ) internal pure returns (uint256[] memory inputs) {
        inputs = updateInputs(update, reduceOnly);
        (inputs[4], inputs[5]) = (asset, amount);
        (inputs[6], inputs[8]) = (recipient == address(0) ? 0 : 1, uint160(recipient));
    }

    /// @dev Public signals of a side of a trade: 1 buys, 2 sells.
    function tradeInputs(StateUpdate memory update, uint256 ticket, uint256 side, uint256 reduceOnly)
        internal
        pure
        returns (uint256[] memory inputs)
    {
        inputs = updateInputs(update, reduceOnly);
        (inputs[2], inputs[3]) = (ticket, side);
    }

    function openInputs(uint256 account, uint256 commitment) internal view returns (uint256[] memory inputs) {
        inputs = new uint256[](OPEN_INPUTS);
        (inputs[0], inputs[1], inputs[2]) = (commitment, account, book.domain());
        (inputs[6], inputs[7]) = (guardianPoint()[0], guardianPoint()[1]);
    }

    /// @dev Below maintenance margin, and no recipient.
    function flagInputs(uint256 commitment) internal pure returns (uint256[] memory inputs) {
        inputs = new uint256[](MARGIN_INPUTS);
        inputs[0] = commitment;
    }

    function recipientOf(uint256 account) internal pure returns (address) {
        return address(uint160(0xFEE << 148 | account));
    }

    function guardianPoint() internal pure returns (uint256[2] memory) {
        return [uint256(1), 2];
    }

    function updateInputs(StateUpdate memory update, uint256 reduceOnly)
        private
        pure
        returns (uint256[] memory inputs)
    {
        inputs = new uint256[](UPDATE_INPUTS);
        (inputs[0], inputs[1]) = (update.oldCommitment, update.newCommitment);
        (inputs[7], inputs[9], inputs[11]) = (uint256(update.claim), update.rho, reduceOnly);
    }

    function parts() private returns (MarginBook.Parts memory made) {
        made.owner = governance;
        (made.maxProofAge, made.rounds, made.breaker, made.gate) = (maxAge(), rounds, breaker, gate);
        (made.openVerifier, made.updateVerifier) = (opens, updates);
        made.cureWindow = uint64(setting("cureWindow"));
        made.tokens = new address[](SLOTS + 1);
        (TestToken wbtc, TestToken usdc) = marketTokens();
        (made.tokens[WBTC], made.tokens[USDC]) = (address(wbtc), address(usdc));
        made.guardians = new uint256[2][](1);
        made.guardians[0] = guardianPoint();
        made.vault = VaultSettings({factory: Deploy.bookVaultFactory(), terms: terms()});
        made.modules = marketModules();
    }

    /// @dev What may replace states; deployed with the address of the book.
    function marketModules() internal virtual returns (address[] memory) {
        return new address[](0);
    }

    function terms() private returns (VaultTerms memory made) {
        made.delay = uint64(setting("withdrawalDelay"));
        made.outflowPpm = 1_000_000;
        made.leastOutflows = new uint256[](SLOTS + 1);
        (made.leastOutflows[WBTC], made.leastOutflows[USDC]) = (1, 1);
        made.ledger = marketLedger();
    }

    function fund(uint256 asset, uint256 amount) private {
        fundPayer(PAYER, asset, amount);
    }

    function fundPayer(address payer, uint256 asset, uint256 amount) internal {
        TestToken token = TestToken(vault.tokenOf(asset));
        token.mint(payer, amount);
        vm.prank(payer);
        token.approve(address(vault), amount);
    }

    function maxAge() internal view returns (uint64) {
        return uint64(setting("maxAge"));
    }

    /// @dev Rounds serve as long as the source is not silent.
    function staleAfter() internal view override returns (uint64) {
        return maxAge();
    }

    function setting(string memory name) internal view returns (uint256) {
        if (address(this).code.length == 0) return parsedSetting(name); // in a constructor, which has no functions yet
        return this.readSetting(name);
    }

    /// @notice A parameter of the file.
    /// @dev In a call of its own, whose memory is free afterwards.
    /// @param name Of it.
    function readSetting(string calldata name) external view returns (uint256) {
        return parsedSetting(name);
    }

    function parsedSetting(string memory name) private view returns (uint256) {
        return vm.parseJsonUint(vectors(), string.concat(".settings.", name));
    }

    function vectors() internal view returns (string memory) {
        return vm.readFile(string.concat("../tests/vectors/", runsFile(), ".json"));
    }

    function runsFile() internal pure virtual returns (string memory) {
        return "market-runs";
    }

    function requireSettings() private view {
        assertEq(rounds.staleAfter(), maxAge());
        assertEq(book.TRADE_GRACE(), setting("grace"));
        assertEq(breaker.resumeGrace(), setting("resumeGrace"));
        assertEq(risk.lambdaInitialPpm(), setting("lambdaInitial"));
        assertEq(risk.lambdaMaintenancePpm(), setting("lambdaMaintenance"));
    }

    /// @dev The assets of a list of the file. A time of an expiry is counted from the start of a run.
    function listing(string memory json, string memory path) internal view returns (Asset[] memory assets) {
        MarketSlot[] memory slots = abi.decode(vm.parseJsonTypeArray(json, path, SLOT_TYPE), (MarketSlot[]));
        assets = new Asset[](slots.length);
        for (uint256 i = 0; i < slots.length; ++i) {
            MarketSlot memory v = slots[i];
            Asset memory entry = perpetual(i, v.maintenance, v.initial);
            entry.kind = AssetKind(v.kind);
            (entry.shortMaintenancePpm, entry.shortInitialPpm) = (uint24(v.shortMaintenance), uint24(v.shortInitial));
            entry.underlyingMaintenancePpm = uint24(v.underlyingMaintenance);
            entry.underlyingInitialPpm = uint24(v.underlyingInitial);
            entry.underlying = uint8(v.underlying);
            (entry.deviationPpm, entry.deviationAmount) = (uint32(v.deviation), uint64(v.deviationAmount));
            (entry.leastPrice, entry.greatestPrice) = (uint64(v.least), uint64(v.greatest));
            string memory expiry = string.concat(path, "[", vm.toString(i), "].expiresAt");
            if (vm.keyExistsJson(json, expiry)) {
                uint256 time = vm.parseJsonUint(json, expiry);
                if (time != 0) entry.expiresAt = uint40(START + time);
            }
            assets[i] = entry;
        }
    }
}
