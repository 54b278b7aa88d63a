// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../src/interfaces/IAccountLife.sol";
import {BookAccount, Ground} from "../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier, Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {LiquidationTerms, Takeover} from "../../src/interfaces/ILiquidationEngine.sol";
import {Claim} from "../../src/interfaces/IMarginBook.sol";
import {IShortfallLedger} from "../../src/interfaces/IShortfallLedger.sol";
import {InsuranceFund} from "../../src/liquidation/InsuranceFund.sol";
import {LiquidationEngine} from "../../src/liquidation/LiquidationEngine.sol";
import {ShortfallLedger} from "../../src/liquidation/ShortfallLedger.sol";
import {MockVerifier} from "../../test-utils/MockVerifier.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {Deploy} from "./Deploy.sol";
import {ExpiryReplay} from "./ExpiryReplay.sol";
import {RoundReader} from "./RoundReader.sol";

/// @title LiquidationReplay
/// @notice Replays runs in which engine, fund and ledger take part: each call is accepted or refused as in the model, and after
///         each of them flags, T, S, claims and fund are those of the model.
abstract contract LiquidationReplay is ExpiryReplay {
    /// @dev What a step has beside the fields of RunStep and LifeStep. tests/market_model/liquidation_recording.py says what
    ///      they are.
    struct EngineStep {
        uint256 ground;
        uint256 rate;
        uint256 uncoveredRate;
        bool cured;
        bool reserved;
        uint256 caller;
        uint256 other;
        uint256 answeredAt;
        string flaw;
        uint256[] kindInputs;
        uint256[] updateInputs;
        uint256[][] known;
        uint256[] insurance;
    }

    struct RunOwner {
        uint256 owner;
        uint256 shares;
        uint256 requested;
        uint256 dueAt;
        uint256 owed;
        uint256 due;
        int256 bonds;
        int256 wallet;
    }

    string private constant ENGINE_TYPE = "EngineStep(uint256 ground,uint256 rate,uint256 uncoveredRate,bool cured,"
        "bool reserved,uint256 caller,uint256 other,uint256 answeredAt,string flaw,uint256[] kindInputs,"
        "uint256[] updateInputs,uint256[][] known,uint256[] insurance)";
    string private constant OWNER_TYPE = "RunOwner(uint256 owner,uint256 shares,uint256 requested,uint256 dueAt,uint256 owed,"
        "uint256 due,int256 bonds,int256 wallet)";

    uint256 private constant FIELD = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    uint256 private constant CHALLENGE_BOND = 0.05 ether;
    uint256 private constant ONE = 1e18;
    uint8 private constant DECIMALS = 6;

    /// @dev Of quote in a unit of the settlement token.
    uint256 private constant GRAIN = 10 ** (18 - DECIMALS);

    LiquidationEngine internal engine;
    InsuranceFund internal insurance;
    ShortfallLedger internal shortfalls;
    MockVerifier private releases;
    MockVerifier private debts;
    TestToken private usdc;
    EngineStep[] private engineSteps;

    mapping(uint64 roundId => uint256) private _staleSlots;
    mapping(uint256 account => bool) private _isFunded;
    mapping(uint256 owner => uint256) private _dealt;

    function replayLiquidation(uint256 run) internal {
        string memory json = vectors();
        string memory path = pathOf(run);
        EngineStep[] memory steps =
            abi.decode(vm.parseJsonTypeArray(json, string.concat(path, ".steps"), ENGINE_TYPE), (EngineStep[]));
        for (uint256 k = 0; k < steps.length; ++k) {
            engineSteps.push(steps[k]);
        }
        replayLife(run);
        checkOwners(json, path);
    }

    function checkOwners(string memory json, string memory path) private view {
        RunOwner[] memory owners =
            abi.decode(vm.parseJsonTypeArray(json, string.concat(path, ".owners"), OWNER_TYPE), (RunOwner[]));
        for (uint256 i = 0; i < owners.length; ++i) {
            RunOwner memory v = owners[i];
            address holder = recipientOf(v.owner);
            string memory name = string.concat("owner ", vm.toString(v.owner));
            assertEq(insurance.balanceOf(holder), v.shares, name);
            (uint256 requested, uint256 dueAt) = insurance.requestOf(holder);
            assertEq(requested, v.requested, name);
            assertEq(dueAt, v.dueAt, name);
            (uint256 owed, uint256 due) = shortfalls.claimOf(holder);
            assertEq(owed, v.owed, name);
            assertEq(due, v.due, name);
            assertEq(int256(holder.balance) - int256(_dealt[v.owner]), v.bonds * int256(CHALLENGE_BOND), name);
            assertEq(received(v.owner, USDC), v.wallet, name);
        }
    }

    // ------------------------------------------------------------------------------------------------ deployment

    function marketTokens() internal override returns (TestToken wbtc, TestToken usdc_) {
        assertEq(setting("grain"), GRAIN);
        usdc = Deploy.testToken("USDC", DECIMALS);
        return (Deploy.testToken("WBTC", 9), usdc);
    }

    function marketLedger() internal override returns (IShortfallLedger) {
        releases = new MockVerifier("release-3", 9, 3 * SLOTS + 6);
        debts = new MockVerifier("writeoff-3", 5, 0);
        IGroth16Verifier[3] memory verifiers = [IGroth16Verifier(margins), releases, debts];
        engine = Deploy.liquidationEngine(book, SLOTS, verifiers, termsOfEngine(), curves());
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        insurance = Deploy.insuranceFund(usdc, predicted, rounds, breaker, uint64(setting("cooldown")));
        shortfalls = Deploy.shortfallLedger(address(book), address(engine), insurance);
        return shortfalls;
    }

    function marketModules() internal override returns (address[] memory named) {
        address[] memory others = super.marketModules();
        named = new address[](2);
        (named[0], named[1]) = (others[0], address(engine));
    }

    function termsOfEngine() private view returns (LiquidationTerms memory made) {
        made.maintenanceBuffer = uint16(setting("maintenanceBuffer"));
        made.overdraftBuffer = uint16(setting("overdraftBuffer"));
        made.leastShare = uint16(setting("leastShare"));
        made.flagLifetime = uint32(setting("flagLifetime"));
        made.answerWindow = uint32(setting("answerWindow"));
        made.leastAmount = setting("leastAmount");
        made.dust = setting("dust");
        made.challengeBond = CHALLENGE_BOND;
    }

    function curves() private view returns (LiquidationEngine.Curves memory made) {
        made.maintenanceFloor = uint16(setting("maintenanceFloor"));
        made.maintenanceCap = uint16(setting("maintenanceCap"));
        made.maintenanceRamp = uint32(setting("maintenanceRamp"));
        made.overdraftFloor = uint16(setting("overdraftFloor"));
        made.overdraftCap = uint16(setting("overdraftCap"));
        made.overdraftRamp = uint32(setting("overdraftRamp"));
        made.uncoveredCap = uint16(setting("uncoveredCap"));
        made.uncoveredRamp = uint32(setting("uncoveredRamp"));
    }

    // ------------------------------------------------------------------------------------------------ calls

    function payerOf(uint256 account) internal override returns (address payer) {
        payer = address(uint160(0x9A7E << 144 | account));
        if (_isFunded[account]) return payer;
        _isFunded[account] = true;
        fundPayer(payer, WBTC, 1e30);
        fundPayer(payer, USDC, 1e30);
        vm.startPrank(payer);
        usdc.approve(address(insurance), type(uint256).max);
        usdc.approve(address(shortfalls), type(uint256).max);
        vm.stopPrank();
    }

    function tokensOf(uint256 asset, uint256 amount) internal view override returns (uint256) {
        return asset == USDC ? amount / GRAIN : amount;
    }

    function submitOther(RunStep calldata step) internal override returns (bool) {
        EngineStep memory more = engineSteps[_position];
        return liquidate(step, more) || challenged(step, more) || insure(step, more) || super.submitOther(step);
    }

    function liquidate(RunStep calldata step, EngineStep memory more) private returns (bool) {
        Proof memory proof;
        if (equal(step.action, "flagOn")) {
            engine.flag(step.sides[0].account, Ground(more.ground), step.roundId, address(0), proof);
        } else if (equal(step.action, "recover")) {
            engine.recover(step.sides[0].account, Ground(more.ground), step.roundId, proof);
        } else if (equal(step.action, "takeOver")) {
            engine.takeOver(takeoverOf(step, more));
        } else if (equal(step.action, "writeOff")) {
            engine.writeOff(step.amount, debtOf(step.sides[0]));
        } else if (equal(step.action, "prepare")) {
            engine.prepareRound(type(uint64).max, Ground.Maintenance);
        } else {
            return false;
        }
        return true;
    }

    function challenged(RunStep calldata step, EngineStep memory more) private returns (bool) {
        if (equal(step.action, "challenge")) {
            address challenger = recipientOf(more.caller);
            uint256 value = equal(more.flaw, "bond") ? CHALLENGE_BOND - 1 : CHALLENGE_BOND;
            vm.prank(challenger);
            engine.challenge{value: value}(step.sides[0].account);
        } else if (equal(step.action, "answer")) {
            Proof memory proof;
            engine.answer(step.sides[0].account, addressOf(more.other), proof);
        } else if (equal(step.action, "endChallenge")) {
            engine.endChallenge(step.sides[0].account);
        } else if (equal(step.action, "flagSilent")) {
            engine.flagSilent(step.sides[0].account);
        } else {
            return false;
        }
        return true;
    }

    function insure(RunStep calldata step, EngineStep memory more) private returns (bool) {
        address holder = recipientOf(more.caller);
        if (equal(step.action, "joinFund")) {
            vm.prank(payerOf(more.caller));
            insurance.deposit(step.amount, holder);
            _deposited[more.caller][USDC] += int256(step.amount);
        } else if (equal(step.action, "recapitalise")) {
            vm.prank(payerOf(more.caller));
            _deposited[more.caller][USDC] += int256(shortfalls.recapitalise(step.amount));
        } else if (equal(step.action, "drawFund")) {
            shortfalls.drawFund();
        } else if (equal(step.action, "acceptHaircut")) {
            vm.prank(payerOf(more.caller));
            shortfalls.acceptHaircut(step.amount);
        } else {
            vm.prank(holder);
            return insuredBy(holder, step, more);
        }
        return true;
    }

    /// @dev The caller is the holder.
    function insuredBy(address holder, RunStep calldata step, EngineStep memory more) private returns (bool) {
        if (equal(step.action, "requestRedeem")) {
            insurance.requestRedeem(step.amount);
        } else if (equal(step.action, "redeem")) {
            insurance.redeem(step.amount, holder, holder);
        } else if (equal(step.action, "withdrawFund")) {
            insurance.withdraw(step.amount, holder, holder);
        } else if (equal(step.action, "moveShares")) {
            insurance.transfer(recipientOf(more.other), step.amount);
        } else if (equal(step.action, "claim")) {
            shortfalls.claim(equal(more.flaw, "token") ? address(usdc) : holder);
        } else if (equal(step.action, "cover")) {
            shortfalls.cover(step.amount);
        } else if (equal(step.action, "recordPayOut")) {
            shortfalls.recordPayOut(holder, step.amount);
        } else if (equal(step.action, "draw")) {
            insurance.draw(step.amount, holder);
        } else if (equal(step.action, "contribute")) {
            vault.contribute(step.amount);
        } else {
            vm.stopPrank();
            return false;
        }
        return true;
    }

    function takeoverOf(RunStep memory step, EngineStep memory more) private pure returns (Takeover memory takeover) {
        (takeover.ground, takeover.roundId) = (Ground(more.ground), step.roundId);
        (takeover.isCured, takeover.isReserved) = (more.cured, more.reserved);
        (takeover.rate, takeover.uncoveredRate) = (more.rate, more.uncoveredRate);
        takeover.ticket = equal(more.flaw, "ticket") ? 0 : step.ticket;
        takeover.victim = changeOf(step.sides[0]);
        takeover.victim.rho = rhoOf(takeover.victim.oldCommitment, bytes32(takeover.ticket));
        if (equal(more.flaw, "rho")) ++takeover.victim.rho;
        if (equal(more.flaw, "ciphertext")) takeover.victim.ciphertext = new uint256[](2);
        if (step.sides.length > 1) takeover.buyer = changeOf(step.sides[1]);
    }

    function debtOf(RunSide memory side) private pure returns (StateChange memory change) {
        change = changeOf(side);
        change.rho = rhoOf(change.oldCommitment, "writeoff");
    }

    function rhoOf(uint256 oldCommitment, bytes32 of_) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(oldCommitment, of_))) % FIELD;
    }

    /// @dev The zero address for none.
    function addressOf(uint256 owner) private pure returns (address) {
        return owner == 0 ? address(0) : recipientOf(owner);
    }

    // ------------------------------------------------------------------------------------------------ proofs

    function allowOther(RunStep memory step) internal override returns (bool) {
        EngineStep memory more = engineSteps[_position];
        if (more.updateInputs.length != 0) {
            requireScaled(step.roundId, more.updateInputs);
            _inputs[step.roundId] = more.updateInputs;
        }
        if (equal(step.action, "challenge")) dealTo(more.caller);
        if (equal(step.action, "flagOn")) {
            allowMargin(step.sides[0], false, address(0), more.kindInputs);
        } else if (equal(step.action, "recover")) {
            allowMargin(step.sides[0], true, address(0), more.kindInputs);
        } else if (equal(step.action, "answer")) {
            allowMargin(step.sides[0], true, addressOf(more.other), more.kindInputs);
        } else if (equal(step.action, "takeOver")) {
            allowTakeover(step, more);
        } else if (equal(step.action, "writeOff")) {
            allowDebt(step);
        } else {
            return super.allowOther(step);
        }
        return true;
    }

    /// @dev Bonds for all challenges of an owner.
    function dealTo(uint256 owner) private {
        if (_dealt[owner] != 0) return;
        _dealt[owner] = 100 ether;
        vm.deal(recipientOf(owner), recipientOf(owner).balance + _dealt[owner]);
    }

    /// @dev The reference has the same prices and margins at the scale of now.
    function requireScaled(uint64 roundId, uint256[] memory inputs) private view {
        uint256[] memory now_ = rounds.roundInputs(roundId, RoundReader.ofUpdate(), book.spotScale(roundId));
        for (uint256 i = 0; i < now_.length; ++i) {
            assertEq(now_[i], inputs[i], "scaled");
        }
    }

    function allowMargin(RunSide memory side, bool healthy, address recipient, uint256[] memory inputs) private {
        if (!side.holds || inputs.length == 0) return;
        uint256[] memory signals = new uint256[](MARGIN_INPUTS);
        (signals[0], signals[1], signals[2]) = (side.old, healthy ? 1 : 0, uint160(recipient));
        margins.allow(signals, inputs);
    }

    function allowTakeover(RunStep memory step, EngineStep memory more) private {
        if (step.sides.length < 2) return;
        Takeover memory takeover = takeoverOf(step, more);
        uint256[] memory sold = new uint256[](9);
        (sold[0], sold[1]) = (takeover.victim.oldCommitment, takeover.victim.newCommitment);
        sold[2] = takeover.ticket;
        if (more.reserved && !equal(more.flaw, "reserved")) sold[3] = takeover.buyer.account;
        (sold[4], sold[5], sold[7]) = (more.rate, more.uncoveredRate, takeover.victim.rho);
        sold[6] = more.cured != equal(more.flaw, "cured") ? 1 : 0;
        if (step.sides[0].holds) releases.allow(sold, more.kindInputs);
        if (!step.sides[1].holds) return;
        RunSide memory side = step.sides[1];
        uint256[] memory bought = tradeInputs(
            updateOf(side.account, side.old, side.next, Claim.MeetsInitialMargin),
            takeover.ticket,
            1,
            _staleSlots[step.roundId]
        );
        updates.allow(bought, _inputs[step.roundId]);
    }

    function allowDebt(RunStep memory step) private {
        if (!step.sides[0].holds) return;
        StateChange memory change = debtOf(step.sides[0]);
        uint256[] memory inputs = inputsOf(change, 5);
        (inputs[2], inputs[3]) = (step.amount, change.rho);
        debts.allow(inputs, new uint256[](0));
    }

    // ------------------------------------------------------------------------------------------------ comparisons

    function requireRecorded(RunRound memory made, string memory name) internal override {
        super.requireRecorded(made, name);
        _staleSlots[made.id] = lifeSteps[_position].staleSlots;
    }

    function requireKnown(string memory name) internal view override {
        EngineStep memory more = engineSteps[_position];
        for (uint256 i = 0; i < more.known.length; ++i) {
            uint256[] memory known = more.known[i];
            BookAccount memory state = book.accountState(known[0]);
            assertEq(state.changedAtRound, known[1], name);
            assertEq(state.provenAtRound, known[2], name);
            assertEq(state.maintenanceFlaggedAt, known[3], name);
            assertEq(state.overdraftFlaggedAt, known[4], name);
        }
        uint256[] memory v = more.insurance;
        assertEq(vault.backing() * GRAIN, v[0], string.concat(name, ": T"));
        assertEq(shortfalls.shortfall(), v[1], string.concat(name, ": S"));
        assertEq(shortfalls.fraction(), v[1] == 0 ? ONE : v[0] * ONE / (v[0] + v[1]), string.concat(name, ": f"));
        assertEq(shortfalls.claims(), v[2], string.concat(name, ": claims"));
        assertEq(usdc.balanceOf(address(shortfalls)), v[3], string.concat(name, ": paid claims"));
        assertEq(insurance.totalAssets(), v[4], string.concat(name, ": fund"));
        assertEq(insurance.drawable(), v[5], string.concat(name, ": drawable"));
        assertEq(shortfalls.spotScale(), v[6], string.concat(name, ": scale"));
        assertEq(address(engine).balance, v[7] * CHALLENGE_BOND, string.concat(name, ": bonds"));
    }
}
