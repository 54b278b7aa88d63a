// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MarginBook} from "../../../src/book/MarginBook.sol";
import {IAccountGate} from "../../../src/interfaces/IAccountGate.sol";
import {ICircuitBreaker} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IMarginBook} from "../../../src/interfaces/IMarginBook.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {Poseidon3} from "../../../src/libraries/Poseidon3.sol";
import {OtherSplitVerifier} from "../../mocks/OtherSplitVerifier.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {MarginBookFixture} from "../../utils/MarginBookFixture.sol";

/// @notice What a book refuses to be made of, and what it knows of itself.
contract MarginBookDeploymentTest is MarginBookFixture {
    uint256 private constant TAG_DOMAIN = uint136(bytes17("zksolvency.domain"));

    MarginBook.Parts private made;

    function setUp() public override {
        super.setUp();
        made = parts(bookTokens());
    }

    function test_aBookKnowsItsParts() public {
        MarginBook book = Deploy.marginBook(made);
        assertEq(book.owner(), owner);
        assertEq(address(book.rounds()), address(rounds));
        assertEq(address(book.verifier()), address(updateVerifier));
        assertEq(address(book.openVerifier()), address(openVerifier));
        assertEq(address(book.breaker()), address(breaker));
        assertEq(address(book.gate()), address(0));
        assertEq(book.maxProofAge(), MAX_PROOF_AGE);
        assertEq(book.spotAssets(), 7);
        for (uint256 i = 0; i <= SLOTS; ++i) {
            assertEq(book.vault().tokenOf(i), made.tokens[i]);
        }
        assertTrue(book.guardianAccepted(book.guardianId(made.guardians[0])));
    }

    function test_domainIsOfChainAndContract() public {
        MarginBook book = Deploy.marginBook(made);
        assertEq(book.domain(), Poseidon3.hash(TAG_DOMAIN, 31337, uint160(address(book))));
        assertNotEq(book.domain(), BOOK.domain());
        vm.chainId(1337);
        book = Deploy.marginBook(made);
        assertEq(book.domain(), Poseidon3.hash(TAG_DOMAIN, 1337, uint160(address(book))));
    }

    function test_poseidonIsCircomlibs() public view {
        // circomlibjs: poseidon([1, 2, 3])
        assertEq(Poseidon3.hash(1, 2, 3), 6542985608222806190361240322586112750744169038454362455181422643027100751666);
        assertEq(BOOK.domain(), fixtureDomain);
    }

    function test_refusesOtherStatements() public {
        made.openVerifier = updateVerifier;
        refuses(abi.encodeWithSelector(IProofErrors.WrongStatement.selector, "open-13", "update-13"));
        made.openVerifier = openVerifier;
        made.updateVerifier = Deploy.verifier("Margin13Verifier");
        refuses(abi.encodeWithSelector(IProofErrors.WrongStatement.selector, "update-13", "margin-13"));
    }

    function test_refusesOtherNumbersOfSignals() public {
        refusesSplitOfUpdate(15, 68);
        refusesSplitOfUpdate(16, 67);
        refusesSplitOfUpdate(15, 67);
        made.updateVerifier = updateVerifier;
        made.openVerifier = IGroth16Verifier(address(new OtherSplitVerifier("open-13", 15, 0)));
        refuses(abi.encodeWithSelector(IProofErrors.WrongSignals.selector, "open-13"));
    }

    function test_refusesDevelopmentKeysOnPublicChains() public {
        vm.chainId(1);
        bytes memory reason = abi.encodeWithSelector(IGroth16Verifier.DevelopmentKeyOnPublicChain.selector, 1);
        vm.expectRevert(reason);
        Deploy.verifier("Open13Verifier");
        vm.expectRevert(reason);
        Deploy.verifier("Update13Verifier");
    }

    function test_refusesZeroProofAge() public {
        made.maxProofAge = 0;
        refuses(abi.encodeWithSelector(IProofErrors.ZeroProofAge.selector));
    }

    function test_refusesWrongTokens() public {
        address[] memory tokens = made.tokens;
        made.tokens = new address[](13);
        refuses(abi.encodeWithSelector(IMarginBook.WrongTokens.selector));
        made.tokens = tokens;
        made.tokens[USDC] = address(0);
        refuses(abi.encodeWithSelector(IMarginBook.WrongTokens.selector));
        made.tokens[USDC] = tokens[WETH];
        refuses(abi.encodeWithSelector(IMarginBook.WrongTokens.selector));
        made.tokens[USDC] = makeAddr("nothing");
        refuses(abi.encodeWithSelector(IMarginBook.NotAContract.selector, makeAddr("nothing")));
        made.tokens[USDC] = address(Deploy.testToken("FINE", 36));
        Deploy.marginBook(made);
        made.tokens[USDC] = address(Deploy.testToken("FINER", 37));
        refuses(abi.encodeWithSelector(IMarginBook.TooManyDecimals.selector, USDC));
    }

    function test_refusesPartsWithoutCode() public {
        made.breaker = ICircuitBreaker(makeAddr("breaker"));
        refuses(abi.encodeWithSelector(IMarginBook.NotAContract.selector, made.breaker));
        made.breaker = breaker;
        made.gate = IAccountGate(makeAddr("gate"));
        refuses(abi.encodeWithSelector(IMarginBook.NotAContract.selector, made.gate));
    }

    function test_namesModulesForEver() public {
        address[] memory named = new address[](4);
        for (uint256 i = 0; i < 4; ++i) {
            named[i] = address(uint160(0x300 + i)); // without code: a module may be built with the address of its book
        }
        made.modules = named;
        MarginBook book = Deploy.marginBook(made);
        for (uint256 i = 0; i < 4; ++i) {
            assertTrue(book.isModule(named[i]));
        }
        assertFalse(book.isModule(address(this)));

        named[3] = named[0];
        made.modules = named;
        refuses(abi.encodeWithSelector(IMarginBook.WrongModule.selector));
        named[3] = address(0);
        made.modules = named;
        refuses(abi.encodeWithSelector(IMarginBook.WrongModule.selector));
        made.modules = new address[](5);
        refuses(abi.encodeWithSelector(IMarginBook.TooManyModules.selector));
    }

    function test_refusesMoreSlotsThanDecimalsFitIn() public {
        made.tokens = new address[](33);
        made.tokens[32] = address(usdc);
        vm.mockCall(address(rounds), abi.encodeCall(rounds.assetCount, ()), abi.encode(32));
        refuses(abi.encodeWithSelector(IMarginBook.WrongTokens.selector));
    }

    /// @dev The vault is deployed by the constructor: both codes are within the limits of EIP-170 and EIP-3860.
    function test_bookAndVaultFitTheLimits() public {
        MarginBook book = Deploy.marginBook(made);
        assertEq(book.vault().book(), address(book));
        assertLe(address(book).code.length, 24_576);
        assertLe(vm.getCode(Deploy.artefact("MarginBook")).length + abi.encode(made).length, 49_152);
    }

    function test_refusesAGuardianTwice() public {
        made.guardians.push(made.guardians[0]);
        refuses(abi.encodeWithSelector(IMarginBook.GuardianUnchanged.selector));
    }

    function refusesSplitOfUpdate(uint256 proofInputs, uint256 roundInputs) private {
        made.updateVerifier = IGroth16Verifier(address(new OtherSplitVerifier("update-13", proofInputs, roundInputs)));
        refuses(abi.encodeWithSelector(IProofErrors.WrongSignals.selector, "update-13"));
    }

    function refuses(bytes memory reason) private {
        vm.expectRevert(reason);
        Deploy.marginBook(made);
    }
}
