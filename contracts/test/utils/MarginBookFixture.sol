// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MarginBook} from "../../src/book/MarginBook.sol";
import {IAccountGate} from "../../src/interfaces/IAccountGate.sol";
import {IBookVault, IBookVaultFactory, VaultTerms, VaultSettings} from "../../src/interfaces/IBookVault.sol";
import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {IGroth16Verifier, Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {Claim, Opening, Settlement, StateUpdate} from "../../src/interfaces/IMarginBook.sol";
import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {CircuitBreaker} from "../../src/oracle/CircuitBreaker.sol";
import {OwnerPriceRounds} from "../../src/oracle/OwnerPriceRounds.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {Deploy} from "./Deploy.sol";
import {Fixture, FixtureRound} from "./Fixture.sol";
import {RecordedVerifier} from "./RecordedVerifier.sol";
import {RoundReader} from "./RoundReader.sol";

/// @dev One real proof of tools/book_fixtures.py: the proof inputs of its statement, and the proof.
struct BookRow {
    string name;
    uint256 account;
    uint64 roundId;
    uint256[] inputs;
    Proof proof;
}

/// @title MarginBookFixture
/// @notice A book of 13 slots, unless said otherwise, at the address that the proofs are bound to, with WBTC, WETH and SOL as spot assets, USDC
///         as settlement currency, and the first round of the fixture posted.
abstract contract MarginBookFixture is Fixture {
    MarginBook internal constant BOOK = MarginBook(address(uint160(0xB00C << 144 | 1)));
    address internal constant RECIPIENT = address(uint160(0xFEE << 148 | 1));
    address internal constant PAYER = address(uint160(0x9A7E << 144));

    uint256 internal constant SLOTS = 13;
    uint256 internal constant USDC = SLOTS;
    uint256 internal constant WBTC = 0;
    uint256 internal constant WETH = 1;
    uint256 internal constant SOL = 2;
    uint256 internal constant BTC_PERP = 3;
    /// @dev The scalar field of the proofs.
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint64 internal constant MAX_PROOF_AGE = 10 minutes;
    uint64 internal constant RESUME_GRACE = 10 minutes;
    uint64 internal constant CURE_WINDOW = 1 minutes;
    uint64 internal constant TRADE_GRACE = 12 seconds;
    uint256 internal constant BOND = 0.01 ether;
    uint256 internal constant START = 1_700_000_000;

    string private constant ROW_TYPE =
        "FixtureRow(string name,uint256 account,uint64 roundId,uint256[] inputs,uint256[8] words)";

    address internal owner = makeAddr("owner");
    address internal watch = makeAddr("watch");
    TestToken internal usdc;
    OwnerPriceRounds internal rounds;
    CircuitBreaker internal breaker;
    IGroth16Verifier internal openVerifier;
    IGroth16Verifier internal updateVerifier;

    Instance internal instance;
    IBookVaultFactory internal vaults;
    BookRow[] internal openings;
    BookRow[] internal updates;

    /// @dev Proofs of `margin` about accounts of the book.
    BookRow[] internal margins;
    BookRow[] internal writeoffs;
    uint256 internal fixtureDomain;

    /// @dev The state of the chain to go back to, for a book without a round.
    uint256 internal beforeTheFirstRound;

    error NoSuchRow(string name);

    function setUp() public virtual {
        vm.warp(START);
        readRows(rowsName());
        deployBook(bookTokens());
        beforeTheFirstRound = vm.snapshotState();
        postBookRound(1);
    }

    function rowsName() internal pure virtual returns (string memory) {
        return "book-cases";
    }

    /// @dev N.
    function slotCount() internal pure virtual returns (uint256) {
        return SLOTS;
    }

    function deployVerifiers() internal virtual returns (IGroth16Verifier opens, IGroth16Verifier updates_) {
        return (Deploy.verifier("Open13Verifier"), Deploy.verifier("Update13Verifier"));
    }

    function readRows(string memory name) internal {
        string memory json = rowsFile(name);
        instance.fractions = vm.parseJsonUintArray(json, ".fractions");
        fixtureDomain = vm.parseJsonUint(json, ".domain");
        FixtureRound[] memory items = parseRounds(json);
        for (uint256 i = 0; i < items.length; ++i) {
            instance.rounds.push(items[i]);
        }
        readRowsOf(json, ".openings", openings);
        readRowsOf(json, ".updates", updates);
        readRowsOf(json, ".margins", margins);
        readRowsOf(json, ".writeoffs", writeoffs);
    }

    /// @dev The content of a file of rows.
    function rowsFile(string memory name) internal view returns (string memory) {
        return vm.readFile(string.concat("test/generated/", name, ".json"));
    }

    /// @dev The rows of one kind.
    function readRowsOf(string memory json, string memory key, BookRow[] storage to) internal {
        BookRow[] memory from = abi.decode(vm.parseJsonTypeArray(json, key, ROW_TYPE), (BookRow[]));
        for (uint256 i = 0; i < from.length; ++i) {
            to.push(from[i]);
        }
    }

    function bookTokens() internal virtual returns (address[] memory tokens) {
        tokens = new address[](slotCount() + 1);
        tokens[WBTC] = address(Deploy.testToken("WBTC", 8));
        tokens[WETH] = address(Deploy.testToken("WETH", 18));
        tokens[SOL] = address(Deploy.testToken("SOL", 6));
        tokens[slotCount()] = address(Deploy.testToken("USDC", 6));
    }

    function deployBook(address[] memory tokens) internal {
        usdc = TestToken(tokens[slotCount()]);
        rounds = deployRounds(instance);
        breaker = Deploy.circuitBreaker(owner, RESUME_GRACE);
        (openVerifier, updateVerifier) = deployVerifiers();
        vaults = Deploy.bookVaultFactory();
        bytes32 role = breaker.GUARDIAN_ROLE();
        vm.prank(owner);
        breaker.grantRole(role, watch);
        deployFirstGate();
        deployAt(address(BOOK), parts(tokens));
        for (uint256 i = 0; i < tokens.length; ++i) {
            if (tokens[i] != address(0)) fund(TestToken(tokens[i]));
        }
    }

    function parts(address[] memory tokens) internal view returns (MarginBook.Parts memory) {
        uint256[2][] memory guardians = new uint256[2][](1);
        guardians[0] = guardianOf(openings[0]);
        return MarginBook.Parts({
            owner: owner,
            rounds: rounds,
            tokens: tokens,
            openVerifier: openVerifier,
            updateVerifier: updateVerifier,
            breaker: breaker,
            gate: firstGate(),
            vault: VaultSettings({factory: vaults, terms: vaultTerms(tokens.length)}),
            modules: modules(),
            maxProofAge: MAX_PROOF_AGE,
            cureWindow: CURE_WINDOW,
            guardians: guardians
        });
    }

    /// @dev Before the book is deployed, after its price source.
    // solhint-disable-next-line no-empty-blocks
    function deployFirstGate() internal virtual {}

    function firstGate() internal view virtual returns (IAccountGate) {
        return IAccountGate(address(0));
    }

    /// @dev Longer than a proof serves.
    function withdrawalDelay() internal view virtual returns (uint64) {
        return 30 minutes;
    }

    /// @dev Whatever is due can leave at once: what limits it has tests of its own, of the vault alone.
    function vaultTerms(uint256 tokenCount) internal view returns (VaultTerms memory terms) {
        terms.delay = withdrawalDelay();
        terms.outflowPpm = 1_000_000;
        terms.leastOutflows = new uint256[](tokenCount);
        for (uint256 i = 0; i < tokenCount; ++i) {
            terms.leastOutflows[i] = 1;
        }
        terms.ledger = ledger();
        terms.openingBond = BOND;
    }

    /// @dev None, unless a test says otherwise.
    function ledger() internal view virtual returns (IShortfallLedger) {
        return IShortfallLedger(address(0));
    }

    /// @dev None, unless a test says otherwise.
    function modules() internal view virtual returns (address[] memory) {
        return new address[](0);
    }

    /// @dev Where the book's tokens are.
    function vault() internal view returns (IBookVault) {
        return BOOK.vault();
    }

    /// @dev As if the constructor had run at that address: proofs are bound to it.
    function deployAt(address where, MarginBook.Parts memory made) internal {
        deployCodeTo(Deploy.artefact("MarginBook"), abi.encode(made), where);
    }

    /// @dev PAYER has more of a token than any test moves, and lets the vault take it.
    function fund(TestToken token) internal {
        token.mint(PAYER, 1e30);
        bytes memory approval = abi.encodeCall(token.approve, (address(vault()), type(uint256).max));
        vm.prank(PAYER);
        // solhint-disable-next-line avoid-low-level-calls
        (bool success,) = address(token).call(approval);
        success; // a token without `approve` needs no allowance
    }

    /// @dev Posts a round with the prices of one of the fixture's, and a minute later.
    function postBookRound(uint64 like) internal returns (uint64 roundId) {
        skip(1 minutes);
        FixtureRound memory item = instance.rounds[like - 1];
        return rounds.postRound(item.prices, item.funding);
    }

    /// @dev What `update` takes from a round.
    function roundInputs(uint64 roundId) internal view returns (uint256[] memory inputs) {
        uint256[] memory vectors = rounds.roundInputs(roundId, RoundReader.ofUpdate(), RoundReader.UNSCALED);
        uint256 count = vectors.length;
        inputs = new uint256[](count + 3);
        for (uint256 i = 0; i < count; ++i) {
            inputs[i] = vectors[i];
        }
        inputs[count] = BOOK.longOnly(roundId);
        (inputs[count + 1], inputs[count + 2]) = rounds.lambdasPpm();
    }

    function raiseTo(Level level) internal {
        vm.prank(watch);
        breaker.raiseTo(level);
    }

    // ------------------------------------------------------------------------------------------------ calls

    function open(string memory name) internal {
        BOOK.open{value: BOND}(openingOf(find(openings, name)));
    }

    function deposit(string memory name) internal {
        deposit(find(updates, name), 0);
    }

    /// @param roundId 0 for the row's own.
    function deposit(BookRow memory row, uint64 roundId) internal {
        deposit(row, roundId == 0 ? row.roundId : roundId, 0);
    }

    /// @param value Of the ether that PAYER sends along, wei.
    function depositWith(string memory name, uint256 value) internal {
        BookRow memory row = find(updates, name);
        deposit(row, row.roundId, value);
    }

    function deposit(BookRow memory row, uint64 roundId, uint256 value) private {
        (uint256 asset, uint256 amount, StateUpdate memory update) = (row.inputs[4], row.inputs[5], updateOf(row));
        vm.prank(PAYER);
        BOOK.deposit{value: value}(roundId, asset, amount, update);
    }

    function withdraw(string memory name) internal {
        withdraw(find(updates, name), 0);
    }

    function withdraw(BookRow memory row, uint64 roundId) internal {
        if (roundId == 0) roundId = row.roundId;
        address recipient = address(uint160(row.inputs[8]));
        BOOK.withdraw(roundId, row.inputs[4], row.inputs[5], recipient, updateOf(row));
    }

    /// @dev Pays whatever is queued of an asset when it is due, and goes back to the present: the fixture's proofs age.
    function payOut(uint256 asset) internal {
        uint256 present = block.timestamp;
        skip(withdrawalDelay());
        vault().payOut(asset, type(uint256).max);
        vm.warp(present);
    }

    function settle(string memory buyer, string memory seller) internal {
        BOOK.settle(1, trade(buyer, seller));
    }

    // ------------------------------------------------------------------------------------------------ rows

    /// @dev Records the rows of one of the fixture's rounds, if there are any.
    function record(RecordedVerifier verifier, BookRow[] storage rows, uint64 roundId, uint256[] memory inputs)
        internal
    {
        uint256 count = verifier.proofInputCount();
        Proof[] memory proofs = new Proof[](rows.length);
        uint256[] memory own = new uint256[](rows.length * count);
        uint256 size = 0;
        for (uint256 k = 0; k < rows.length; ++k) {
            BookRow memory row = rows[k];
            if (row.roundId != roundId) continue;
            proofs[size] = row.proof;
            for (uint256 i = 0; i < count; ++i) {
                own[size * count + i] = row.inputs[i];
            }
            ++size;
        }
        if (size == 0) return;
        assembly ("memory-safe") {
            mstore(proofs, size)
            mstore(own, mul(size, count))
        }
        verifier.record(proofs, own, inputs);
    }

    function trade(string memory buyer, string memory seller) internal view returns (Settlement memory) {
        return trade(find(updates, buyer), find(updates, seller));
    }

    function trade(BookRow memory buyer, BookRow memory seller) internal view returns (Settlement memory) {
        return Settlement(buyer.inputs[2], updateOf(buyer), updateOf(seller));
    }

    function openingOf(BookRow memory row) internal pure returns (Opening memory opening) {
        opening.commitment = row.inputs[0];
        opening.identity = row.inputs[1];
        opening.ownerTag = row.inputs[3];
        opening.ownerPoint = [row.inputs[4], row.inputs[5]];
        opening.guardianPoint = guardianOf(row);
        opening.rho = row.inputs[8];
        opening.ciphertext = slice(row.inputs, 9, row.inputs.length);
        opening.proof = row.proof;
    }

    function updateOf(BookRow memory row) internal view returns (StateUpdate memory) {
        return StateUpdate({
            account: openings[row.account].inputs[1],
            oldCommitment: row.inputs[0],
            newCommitment: row.inputs[1],
            claim: Claim(row.inputs[7]),
            rho: row.inputs[9],
            ciphertext: slice(row.inputs, 10, row.inputs.length - 1), // the last one is reduceOnly
            proof: row.proof
        });
    }

    /// @dev Any field element but one.
    function otherSignal(uint256 present, uint256 by) internal pure returns (uint256) {
        return addmod(present, bound(by, 1, R - 1), R);
    }

    function guardianOf(BookRow memory row) internal pure returns (uint256[2] memory) {
        return [row.inputs[6], row.inputs[7]];
    }

    /// @dev The account of a trader of the cases, by the name of its opening.
    function accountNamed(string memory name) internal view returns (uint256) {
        return find(openings, name).inputs[1];
    }

    function commitmentOf(uint256 account) internal view returns (uint256) {
        return BOOK.accountState(account).commitment;
    }

    /// @dev Whether both accounts of a trade have the states that it leaves them.
    function isSettled(Settlement memory deal) internal view returns (bool) {
        return commitmentOf(deal.buyer.account) == deal.buyer.newCommitment
            && commitmentOf(deal.seller.account) == deal.seller.newCommitment;
    }

    function commitmentNamed(string memory name) internal view returns (uint256) {
        return find(updates, name).inputs[1];
    }

    function step(string memory name) internal view returns (BookRow memory) {
        return find(updates, name);
    }

    function find(BookRow[] storage rows, string memory name) internal view returns (BookRow memory) {
        bytes32 wanted = keccak256(bytes(name));
        for (uint256 i = 0; i < rows.length; ++i) {
            if (keccak256(bytes(rows[i].name)) == wanted) return rows[i];
        }
        revert NoSuchRow(name);
    }

    function slice(uint256[] memory items, uint256 from, uint256 to) internal pure returns (uint256[] memory part) {
        part = new uint256[](to - from);
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = items[from + i];
        }
    }
}
