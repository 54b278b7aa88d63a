"""`zksolvency chain`: commitments, rounds and proofs on an EVM chain."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from prover import PriceRound
from prover.chain import Chain
from prover.cli._commands import examples, new_app
from prover.cli._deploying import DeployOptions, carry_out, deployment_target, record_facts
from prover.cli._ether import ether, parse_ether
from prover.cli._gate_options import GateOptions, GateSenderOptions
from prover.cli._options import AccountOption, JsonFlag, RoundOption, as_address, parse_address
from prover.cli._output import as_hex, columns, emit, print_facts, print_table, report, result_facts, sent, side
from prover.cli._progress import progress
from prover.onchain import DeploymentKind, RegistrarGate, gate_code, gate_deployment
from prover.toolchain import load_account, load_book
from verifier import ProofEnvelope

app = new_app("Hold commitments, post rounds and send proofs on an EVM chain.")

DEFAULT_TIP: Final = 10**16
"""What a flag earns [wei] where nothing else is said."""

AddressOption = Annotated[
    int | None,
    typer.Option("--address", metavar="ADDRESS", parser=parse_address, help="The account on chain.  [default: sender]"),
]

ProofArgument = Annotated[Path, typer.Argument(metavar="PROOF", help="Proof file.")]


@app.command(
    epilog=examples(
        "zksolvency chain deploy",
        "zksolvency chain deploy --rpc http://127.0.0.1:8545 \\",
        "    --deployment deployment.json",
    )
)
def deploy(
    book: Annotated[str, typer.Option("--book", metavar="NAME|FILE", help="Book to serve.")] = "perps-13",
    max_proof_age: Annotated[
        int, typer.Option("--max-proof-age", min=1, help="How old the round of a proof may be [seconds].")
    ] = 3600,
    tip: Annotated[
        int | None,
        typer.Option(
            "--tip",
            metavar="AMOUNT",
            parser=parse_ether,
            help="What a flag earns while the pot lasts, such as 0.02eth.  [default: 0.01eth]",
        ),
    ] = None,
    pot: Annotated[
        int | None,
        typer.Option(
            "--pot", metavar="AMOUNT", parser=parse_ether, help="What to put into the pot for tips.  [default: nothing]"
        ),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys", metavar="FOLDER", help="Keys of a ceremony.  [default: this machine's development keys]"
        ),
    ] = None,
    *,
    options: GateSenderOptions,
    deploying: DeployOptions,
    as_json: JsonFlag = False,
) -> None:
    """Deploy price source, verifier and gate for a book. The sender owns them and is the registrar.

    The pot for tips stays empty unless --pot fills it.
    Development keys are refused on any chain but a local one (chain id 31337 or 1337). A public chain costs ETH: the
    command shows what it will send and the estimated cost, and asks.
    """
    target = deployment_target(options.deployment, options.rpc, DeploymentKind.GATE)
    assets = load_book(book)
    with progress() as sink:
        code = gate_code(assets.n, keys, progress=sink)
    steps = gate_deployment(
        assets, book, max_proof_age=max_proof_age, tip=DEFAULT_TIP if tip is None else tip, pot=pot or 0
    )
    with options.open_chain(code) as chain:
        deployed = carry_out(chain, target, steps, deploying, as_json=as_json)
        if deployed is not None:
            made = record_facts(steps.record(deployed))
            report({**made, "deployment": str(target.path), "owner": chain.sender}, as_json=as_json)


@app.command(epilog=examples("zksolvency chain post-round --round round.json"))
def post_round(
    round_: RoundOption,
    *,
    options: GateSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Post a price round. Only the owner of the price source may.

    The chain counts rounds from 1: the id in the file must be the next one.
    """
    with options.open() as gate:
        prices = PriceRound.load(round_, gate.assets)
        posted = gate.post_round(prices)
        report({"round": posted, "digest": prices.digest()}, as_json=as_json)


@app.command(epilog=examples("zksolvency chain register --account account.json"))
def register(
    account: AccountOption,
    address: AddressOption = None,
    *,
    options: GateSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Register the commitment to an account. Only the registrar may; nothing but the commitment is sent."""
    with options.open() as gate:
        commitment = load_account(account, gate.assets.name).commitment()
        holder = _holder(gate, address)
        receipt = gate.contracts.gate.register(holder, commitment)
        result = {"address": Chain.checksum(holder), "commitment": as_hex(commitment), "gas": receipt["gasUsed"]}
        report(result, as_json=as_json)


@app.command(epilog=examples("zksolvency chain resolve --account liquidated.json"))
def resolve(
    account: AccountOption,
    address: AddressOption = None,
    *,
    options: GateSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Clear the flag of an account that was liquidated or cured. Only the registrar may.

    The account file holds its state after that; nothing but the commitment is sent.
    """
    with options.open() as gate:
        commitment = load_account(account, gate.assets.name).commitment()
        holder = _holder(gate, address)
        receipt = gate.resolve(holder, commitment)
        result = {"address": Chain.checksum(holder), "commitment": as_hex(commitment), "gas": receipt["gasUsed"]}
        report(result, as_json=as_json)


@app.command(
    epilog=examples("zksolvency chain prove proof.json --round round.json"),
)
def prove(
    proof: ProofArgument,
    round_: RoundOption,
    address: AddressOption = None,
    *,
    options: GateSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Send a proof that an account meets margin."""
    with options.open() as gate:
        _prove(gate, proof, round_, address, healthy=True, as_json=as_json)


@app.command(
    epilog=examples(
        "zksolvency chain flag flag.json --round round.json",
        "zksolvency chain flag flag.json --round round.json --address 0xf39F...2266",
    )
)
def flag(
    proof: ProofArgument,
    round_: RoundOption,
    address: AddressOption = None,
    *,
    options: GateSenderOptions,
    as_json: JsonFlag = False,
) -> None:
    """Send a proof that an account is below margin.

    The recipient that is bound into the proof earns the tip.
    """
    with options.open() as gate:
        _prove(gate, proof, round_, address, healthy=False, as_json=as_json)


@app.command(epilog=examples("zksolvency chain show", "zksolvency chain show --address 0xf39F...2266"))
def show(
    address: AddressOption = None,
    *,
    options: GateOptions,
    as_json: JsonFlag = False,
) -> None:
    """Show the public state of a gate.

    That is the contracts, the newest round, the state of an account, and every event of the gate.
    """
    with options.open() as gate:
        contracts, holder = gate.contracts, _holder(gate, address)
        state, pot = contracts.gate.account_state(holder), contracts.gate.tip_pot()
        logged = contracts.gate.contract.events(contracts.first_block)
        events = [(name, {k: _public(k, v) for k, v in args.items()}) for name, args, _ in logged]
        facts = {
            "chain_id": contracts.chain.chain_id,
            "book": gate.assets.name,
            "gate": contracts.gate.contract.address,
            "rounds": contracts.prices.contract.address,
            "latest_round": contracts.prices.rounds.latest_id(),
            "tip_pot": pot,
            "address": Chain.checksum(holder),
            "commitment": as_hex(state.commitment) if state.commitment else None,
            "changed_at_round": state.changed_at_round,
            "solvent_at_round": state.solvent_at_round or None,
            "flagged": bool(state.flagged_at_round),
        }

        def render(console: Console) -> None:
            told = facts | {"tip_pot": ether(pot)}
            print_facts(console, result_facts(told))
            console.print()
            rows = [[name, "\n".join(f"{k} {v}" for k, v in args.items())] for name, args in events]
            print_table(console, columns(["event", "what it shows"], rows, left=2))

        emit({**facts, "events": [{"event": n, **a} for n, a in events]}, render, as_json=as_json)


def _holder(gate: RegistrarGate, address: int | None) -> int:
    return int(gate.contracts.chain.sender, 16) if address is None else address


def _prove(
    gate: RegistrarGate, proof: Path, round_: Path, address: int | None, *, healthy: bool, as_json: bool
) -> None:
    envelope, prices = ProofEnvelope.load(proof), PriceRound.load(round_, gate.assets)
    holder = _holder(gate, address)
    receipt = gate.prove(holder, prices, envelope, healthy=healthy)
    result = {
        "address": Chain.checksum(holder),
        "round": prices.id,
        "proven": side(healthy),
        "recipient": as_address(envelope.claim().recipient),
        **sent(receipt),
    }
    report(result, as_json=as_json)


def _public(name: str, value: Any) -> Any:
    """An event's argument as text or number: hex for bytes and for field elements, which are no amounts."""
    if name == "account" and isinstance(value, int):
        return Chain.checksum(value)
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    return as_hex(value) if isinstance(value, int) and value >= 1 << 64 else value
