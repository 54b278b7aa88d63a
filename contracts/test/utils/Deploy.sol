// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Vm} from "forge-std/Vm.sol";

import {FaucetToken} from "../../examples/FaucetToken.sol";
import {PrivateMarginVenue} from "../../examples/PrivateMarginVenue.sol";
import {PrivatePerpsVenue} from "../../examples/PrivatePerpsVenue.sol";
import {AccountLife} from "../../src/book/AccountLife.sol";
import {BookVault} from "../../src/book/BookVault.sol";
import {BookVaultFactory} from "../../src/book/BookVaultFactory.sol";
import {MarginBook} from "../../src/book/MarginBook.sol";
import {BookGate} from "../../src/gate/BookGate.sol";
import {RegistrarGate} from "../../src/gate/RegistrarGate.sol";
import {IAccountGate} from "../../src/interfaces/IAccountGate.sol";
import {VaultTerms} from "../../src/interfaces/IBookVault.sol";
import {ICircuitBreaker} from "../../src/interfaces/ICircuitBreaker.sol";
import {IAccountReports} from "../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../../src/interfaces/IGroth16Verifier.sol";
import {IInsuranceFund} from "../../src/interfaces/IInsuranceFund.sol";
import {LiquidationTerms} from "../../src/interfaces/ILiquidationEngine.sol";
import {IMarginBook} from "../../src/interfaces/IMarginBook.sol";
import {IPriceFeed} from "../../src/interfaces/IPriceFeed.sol";
import {IPriceRounds} from "../../src/interfaces/IPriceRounds.sol";
import {IRegistrarGate} from "../../src/interfaces/IRegistrarGate.sol";
import {Asset, IRiskParameters, MarginFractions} from "../../src/interfaces/IRiskParameters.sol";
import {FixedRateEngine} from "../../src/liquidation/FixedRateEngine.sol";
import {InsuranceFund} from "../../src/liquidation/InsuranceFund.sol";
import {LiquidationEngine} from "../../src/liquidation/LiquidationEngine.sol";
import {ShortfallLedger} from "../../src/liquidation/ShortfallLedger.sol";
import {ChainlinkRounds} from "../../src/oracle/ChainlinkRounds.sol";
import {CircuitBreaker} from "../../src/oracle/CircuitBreaker.sol";
import {OwnerPriceRounds} from "../../src/oracle/OwnerPriceRounds.sol";
import {PriceRounds} from "../../src/oracle/PriceRounds.sol";
import {RiskParameters} from "../../src/oracle/RiskParameters.sol";
import {SnarkjsMargin13Verifier} from "../generated/SnarkjsMargin13Verifier.sol";
import {KeyReader} from "../mocks/KeyReader.sol";
import {MockChainlinkFeed} from "../mocks/MockChainlinkFeed.sol";
import {TestExpiries} from "../mocks/TestExpiries.sol";
import {TestToken} from "../mocks/Tokens.sol";

/// @title Deploy
/// @notice Deploys optimised code: the artefacts in contracts/out that `forge build` makes with the settings of production. So
///         tests are compiled without the optimiser, in a third of the time, and the gas that they measure is that of
///         production. Where a test would write `new X(...)`, it writes `Deploy.x(...)`.
/// @dev Reverts as the constructor does, and counts as a deployment for `vm.prank` and `vm.expectRevert`.
library Deploy {
    /// @dev Where assets of the parameters and price sources below settle.
    address internal constant EXPIRIES = address(uint160(0xE4919 << 140));

    /// @dev How long a source is silent before its book can wind down.
    uint64 internal constant SILENCE = 7 days;

    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function accountLife(
        IMarginBook book,
        uint256 slots,
        IGroth16Verifier expires,
        IGroth16Verifier rekeys,
        IGroth16Verifier writeoffs,
        IGroth16Verifier exits
    ) internal returns (AccountLife) {
        return AccountLife(deploy(artefact("AccountLife"), abi.encode(book, slots, expires, rekeys, writeoffs, exits)));
    }

    function bookGate(
        IAccountReports book,
        ICircuitBreaker breaker,
        IPriceRounds rounds,
        IGroth16Verifier verifier_,
        uint64 maxProofAge
    ) internal returns (BookGate) {
        return BookGate(deploy(artefact("BookGate"), abi.encode(book, breaker, rounds, verifier_, maxProofAge)));
    }

    function bookVaultFactory() internal returns (BookVaultFactory) {
        return BookVaultFactory(deploy(artefact("BookVaultFactory"), ""));
    }

    /// @dev The test is its book.
    function bookVault(address[] memory tokens, ICircuitBreaker breaker, VaultTerms memory terms)
        internal
        returns (BookVault)
    {
        return BookVault(deploy(artefact("BookVault"), abi.encode(address(this), tokens, breaker, terms)));
    }

    function chainlinkRounds(
        address governance,
        IRiskParameters riskParameters_,
        ICircuitBreaker breaker,
        uint64 staleAfter,
        uint64 minInterval,
        IPriceFeed sequencerFeed,
        uint64 sequencerGrace
    ) internal returns (ChainlinkRounds) {
        bytes memory arguments = abi.encode(
            governance, riskParameters_, EXPIRIES, breaker, staleAfter, minInterval, sequencerFeed, sequencerGrace
        );
        address deployed = deploy(artefact("ChainlinkRounds"), arguments);
        deployExpiries(riskParameters_, deployed, SILENCE);
        return ChainlinkRounds(deployed);
    }

    function circuitBreaker(address governance, uint64 resumeGrace) internal returns (CircuitBreaker) {
        return CircuitBreaker(deploy(artefact("CircuitBreaker"), abi.encode(governance, resumeGrace)));
    }

    function faucetToken(string memory name, string memory symbol, uint8 decimals) internal returns (FaucetToken) {
        return FaucetToken(deploy(artefact("FaucetToken"), abi.encode(name, symbol, decimals)));
    }

    /// @param verifiers Of `margin`, `release` and `writeoff`.
    function liquidationEngine(
        IMarginBook book,
        uint256 slots,
        IGroth16Verifier[3] memory verifiers,
        LiquidationTerms memory terms,
        LiquidationEngine.Curves memory curves
    ) internal returns (LiquidationEngine) {
        bytes memory arguments = abi.encode(book, slots, verifiers, terms, curves);
        return LiquidationEngine(deploy(artefact("LiquidationEngine"), arguments));
    }

    /// @param verifiers Of `margin`, `release` and `writeoff`.
    function fixedRateEngine(
        IMarginBook book,
        uint256 slots,
        IGroth16Verifier[3] memory verifiers,
        LiquidationTerms memory terms,
        FixedRateEngine.Rates memory rates
    ) internal returns (FixedRateEngine) {
        bytes memory arguments = abi.encode(book, slots, verifiers, terms, rates);
        return FixedRateEngine(deploy(artefact("FixedRateEngine"), arguments));
    }

    function insuranceFund(IERC20 token, address ledger, IPriceRounds rounds, ICircuitBreaker breaker, uint64 cooldown)
        internal
        returns (InsuranceFund)
    {
        bytes memory arguments = abi.encode(token, "Fund of a book", "FUND", ledger, rounds, breaker, cooldown);
        return InsuranceFund(deploy(artefact("InsuranceFund"), arguments));
    }

    function marginBook(MarginBook.Parts memory parts) internal returns (MarginBook) {
        return MarginBook(deploy(artefact("MarginBook"), abi.encode(parts)));
    }

    /// @dev Without options: of two arrays as long as each other.
    function ownerPriceRounds(address owner, uint256[] memory maintenancePpm, uint256[] memory initialPpm)
        internal
        returns (OwnerPriceRounds)
    {
        MarginFractions[] memory fractions = new MarginFractions[](maintenancePpm.length);
        for (uint256 i = 0; i < fractions.length; ++i) {
            (fractions[i].maintenancePpm, fractions[i].initialPpm) = (uint24(maintenancePpm[i]), uint24(initialPpm[i]));
        }
        return ownerPriceRounds(owner, fractions);
    }

    function ownerPriceRounds(address owner, MarginFractions[] memory fractions) internal returns (OwnerPriceRounds) {
        return OwnerPriceRounds(deploy(artefact("OwnerPriceRounds"), abi.encode(owner, fractions)));
    }

    function priceRounds(
        address governance,
        IRiskParameters riskParameters_,
        ICircuitBreaker breaker,
        uint64 staleAfter,
        uint64 minInterval,
        uint64 maxReportAge,
        address[] memory reporters,
        uint256 threshold
    ) internal returns (PriceRounds) {
        bytes memory arguments = abi.encode(
            governance, riskParameters_, EXPIRIES, breaker, staleAfter, minInterval, maxReportAge, reporters, threshold
        );
        address deployed = deploy(artefact("PriceRounds"), arguments);
        deployExpiries(riskParameters_, deployed, SILENCE);
        return PriceRounds(deployed);
    }

    function privateMarginVenue(IERC20 token, IRegistrarGate gate, address operator)
        internal
        returns (PrivateMarginVenue)
    {
        return PrivateMarginVenue(deploy(artefact("PrivateMarginVenue"), abi.encode(token, gate, operator)));
    }

    function privatePerpsVenue(
        IMarginBook book,
        IAccountGate innerGate,
        address owner,
        IERC20 feeToken,
        uint256 fee,
        address treasury
    ) internal returns (PrivatePerpsVenue) {
        bytes memory arguments = abi.encode(book, innerGate, owner, feeToken, fee, treasury);
        return PrivatePerpsVenue(deploy(artefact("PrivatePerpsVenue"), arguments));
    }

    function registrarGate(
        address owner,
        address registrar,
        IPriceRounds rounds,
        IGroth16Verifier verifier_,
        uint64 maxProofAge,
        uint256 tip
    ) internal returns (RegistrarGate) {
        bytes memory arguments = abi.encode(owner, registrar, rounds, verifier_, maxProofAge, tip);
        return RegistrarGate(deploy(artefact("RegistrarGate"), arguments));
    }

    function riskParameters(address governance, uint256 assetCount, uint64 delay, Asset[] memory assets)
        internal
        returns (RiskParameters)
    {
        return riskParameters(governance, assetCount, delay, 50_000, 100_000, assets);
    }

    function riskParameters(
        address governance,
        uint256 assetCount,
        uint64 delay,
        uint24 lambdaInitialPpm,
        uint24 lambdaMaintenancePpm,
        Asset[] memory assets
    ) internal returns (RiskParameters) {
        bytes memory arguments = abi.encode(
            governance, assetCount, delay, lambdaInitialPpm, lambdaMaintenancePpm, EXPIRIES, assets
        );
        RiskParameters deployed = RiskParameters(deploy(artefact("RiskParameters"), arguments));
        deployExpiries(deployed, address(0), SILENCE);
        return deployed;
    }

    /// @dev For the last price source that was deployed: the two name each other.
    /// @param rounds Zero before there is one.
    function deployExpiries(IRiskParameters riskParameters_, address rounds, uint64 silence) internal {
        uint256 slots = address(riskParameters_).code.length == 0 ? 0 : riskParameters_.assetCount();
        bytes memory arguments = abi.encode(riskParameters_, rounds, slots, silence);
        VM.etch(EXPIRIES, bytes.concat(VM.getCode(artefact("Expiries")), arguments));
        // solhint-disable-next-line avoid-low-level-calls
        (, bytes memory code) = EXPIRIES.call("");
        VM.etch(EXPIRIES, code);
    }

    function mockChainlinkFeed(uint8 decimals) internal returns (MockChainlinkFeed) {
        return MockChainlinkFeed(deploy(artefact("MockChainlinkFeed"), abi.encode(decimals)));
    }

    function testExpiries(uint256 assetCount) internal returns (TestExpiries) {
        return TestExpiries(deploy(artefact("TestExpiries"), abi.encode(assetCount)));
    }

    function testToken(string memory symbol, uint8 decimals) internal returns (TestToken) {
        return TestToken(deploy(artefact("Tokens", "TestToken"), abi.encode(symbol, decimals)));
    }

    /// @param name Of a generated verifier.
    function verifier(string memory name) internal returns (IGroth16Verifier) {
        return IGroth16Verifier(deploy(artefact(name), ""));
    }

    /// @param name Of a contract in test/mocks/AlteredKeys.sol.
    function alteredVerifier(string memory name) internal returns (IGroth16Verifier) {
        return IGroth16Verifier(deploy(artefact("AlteredKeys", name), ""));
    }

    function keyReader() internal returns (KeyReader) {
        return KeyReader(deploy(artefact("KeyReader"), ""));
    }

    function shortfallLedger(address book, address engine, IInsuranceFund fund) internal returns (ShortfallLedger) {
        return ShortfallLedger(deploy(artefact("ShortfallLedger"), abi.encode(book, engine, fund)));
    }

    function snarkjsVerifier() internal returns (SnarkjsMargin13Verifier) {
        return SnarkjsMargin13Verifier(deploy(artefact("SnarkjsMargin13Verifier"), ""));
    }

    /// @param path Of an artefact.
    /// @param arguments Of its constructor, in the encoding of the ABI.
    function deploy(string memory path, bytes memory arguments) private returns (address payable deployed) {
        bytes memory code = bytes.concat(VM.getCode(path), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
            if iszero(deployed) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
    }

    /// @return Where the artefact is of a contract alone in a file of its name.
    function artefact(string memory name) internal pure returns (string memory) {
        return artefact(name, name);
    }

    function artefact(string memory file, string memory name) internal pure returns (string memory) {
        return string.concat("out/", file, ".sol/", name, ".json");
    }
}
