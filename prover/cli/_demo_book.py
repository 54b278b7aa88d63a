"""The story of a margin book: two traders, a guardian and three reporters through a crash and an expiry."""

from dataclasses import dataclass, field
from functools import partial
from typing import Final

from rich.console import Console

from prover import Claim, Side, Ticket, instance_name
from prover.chain import OnchainRound
from prover.cli._demo_knowledge import Knowledge, knowledge_table, leaks
from prover.cli._demo_narration import Narration
from prover.cli._exits import ExitCode
from prover.cli._output import as_hex, columns, emit, print_table
from prover.cli._progress import progress
from prover.formats import format_utc
from prover.market import (
    BALANCE_DECIMALS,
    PRICE_DECIMALS,
    QUOTE_DECIMALS,
    MarginStatus,
    format_decimal,
    format_usd_down,
)
from prover.onchain import (
    USD_DECIMALS,
    AccountReader,
    BookProver,
    ExpiryKeeper,
    Gatekeeper,
    MarginProver,
    Owner,
    due_pay_outs,
    permission_name,
    restore,
)
from prover.onchain.local_market import (
    BOOK,
    CALL,
    COLLATERAL,
    EXPIRY,
    OPTION,
    REPORTERS,
    STATEMENTS,
    TIME_VALUE,
    Market,
    Trader,
    demo_book,
)
from prover.toolchain import Anvil, ContractSuite, build_with_contracts, load_book, open_backend
from verifier import ChainError, ProvingError

BITCOIN: Final = "BTC-PERP"
CALLS: Final = 9 * 10**8
"""How much of the call Alice buys, which ends out of the money [1e-9 token]."""

DOLLAR: Final = 10**QUOTE_DECIMALS
HOURS: Final = (
    1542189600,  # 14 November 2018, 10:00
    1542240000,  # 15 November, 00:00
    1542628800,  # 19 November, 12:00
    1542672000,  # 20 November, 00:00
    1542715200,  # 20 November, 12:00
    EXPIRY,  # 23 November, 08:00
    1543060800,  # 24 November, 12:00
    1543118400,  # 25 November, 04:00
)
"""Hours of the series that become price rounds."""


@dataclass
class _Story(Narration):
    market: Market
    alice: Trader
    bob: Trader
    guardian: Gatekeeper
    rounds: list[OnchainRound] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)

    def next_round(self) -> OnchainRound:
        """Post the next hour as a round."""
        hour = HOURS[len(self.rounds)]
        round_ = self.market.post(hour)
        self.rounds.append(round_)
        bitcoin = round_.prices[self.market.book.slots[BITCOIN]]
        options = [round_.prices[self.market.book.slots[symbol]] for symbol in (OPTION, CALL)]
        worth = "" if round_.epoch else f", put {_usd(options[0])}, call {_usd(options[1])}"
        rounds = self.market.contracts.rounds.contract
        is_leap = bool(rounds.logs("CandidateConfirmed", roundId=round_.id))
        leap = ", a leap that a second set of reports confirmed" if is_leap else ""
        self.tell(f"  round {round_.id}, {format_utc(hour)}: {BITCOIN} {_usd(bitcoin)}{worth}{leap}")
        return round_

    def trade(
        self, buyer: Trader, seller: Trader, symbol: str, size: int, price: int, shown: Claim = Claim.UNSAID
    ) -> None:
        """The seller makes an offer, the buyer takes it.

        Args:
            buyer: takes the offer.
            seller: makes it.
            symbol: what is traded.
            size: [1e-9 token].
            price: mark price [1e-9 USD].
            shown: what the seller shows of its risk.
        """
        slot = self.market.book.slots[symbol]
        ticket = seller.owner.book.ticket(slot, size, price, self.rounds[-1])
        terms = f"{format_decimal(size, BALANCE_DECIMALS)} {symbol} at {_usd(price)}"
        with self.timed(f"trade {len(self.tickets) + 1}, from the ticket to the accepted transaction"):
            buyer.owner.take(seller.owner.offer(ticket, Side.SELL, shown))
        self.tickets.append(ticket)
        buyer.trades.append(f"bought {terms} from {seller.name}")
        seller.trades.append(f"sold {terms} to {buyer.name}")
        self.tell(f"  {buyer.name} buys {terms}; the chain sees ticket {as_hex(ticket.id)[:18]}...")


def tell_of_a_book(width: int, *, as_json: bool) -> ExitCode:
    """Two traders in a private margin book, and at the end who knows what.

    Args:
        width: columns of the table at the end.
        as_json: print one JSON object on stdout, and the story on stderr.
    """
    console = Console(stderr=as_json, highlight=False)
    book = demo_book(load_book(BOOK))
    console.print("[bold]1. Circuits, development keys, contracts[/bold] (cached after the first run)")
    with open_backend() as backend:
        with progress() as sink:
            names = [instance_name(statement, book.n) for statement in STATEMENTS]
            built, code = build_with_contracts(names, [ContractSuite.BOOK], progress=sink)
            prover = BookProver.build(book.n, backend, progress=sink)
            margin = MarginProver(built[instance_name("margin", book.n)], backend)
        with Anvil(timestamp=HOURS[0] - 3600) as node:
            console.print(f"\n[bold]2. A local chain[/bold] at {node.url}, in November 2018")
            market = Market.deploy(node, code, book, gate=True)
            alice, bob = (Trader.join(name, market, prover) for name in ("Alice", "Bob"))
            guardian = Gatekeeper(market.new_user(0)[0], margin)
            story = _Story(market, alice, bob, guardian, tell=partial(console.print, soft_wrap=True))
            _tell(story, console)
            knowledge = Knowledge.gather(market, (alice, bob), story.rounds, story.tickets)
            leaked = leaks(market, knowledge)
            if not as_json:
                Console(width=width, highlight=False).print(knowledge_table(knowledge))
    return _conclude(story, knowledge, leaked, as_json=as_json)


def _tell(story: _Story, console: Console) -> None:
    market, alice, bob = story.market, story.alice, story.bob
    story.tell("  deployed: RiskParameters (fractions from Binance's leverage tiers), CircuitBreaker, PriceRounds,")
    story.tell("  verifiers of each statement, MarginBook with AccountLife and BookGate, and tokens from a faucet")
    story.tell(f"  {REPORTERS} reporters sign each round, and the median counts; one guardian is accepted")

    console.print("\n[bold]3. The market opens[/bold]: Bitcoin as Coinbase traded it; other assets stand still")
    story.next_round()

    console.print("\n[bold]4. Two accounts[/bold]: a proof of open, a proof of update for the deposit")
    for trader in (alice, bob):
        with story.timed(f"{trader.name} opens an account and deposits {COLLATERAL:,} USDC"):
            trader.owner.open()
            trader.owner.deposit(market.book.n, COLLATERAL * 10**QUOTE_DECIMALS)

    console.print("\n[bold]5. Trades[/bold]: an offer with the maker's proof, taken with the taker's")
    bitcoin = story.rounds[-1].prices[market.book.slots[BITCOIN]]
    story.trade(alice, bob, BITCOIN, 8 * 10**BALANCE_DECIMALS, bitcoin)
    story.trade(alice, bob, OPTION, 4 * 10**BALANCE_DECIMALS, TIME_VALUE)
    call = story.rounds[-1].prices[market.book.slots[CALL]]
    story.trade(alice, bob, CALL, CALLS, call)

    console.print("\n[bold]6. The crash[/bold], as the guardian sees it: from the chain's events and its own key")
    for _ in range(3):
        story.next_round()
        _screen(story, console)

    console.print(
        "\n[bold]7. Alice cuts her risk[/bold]: she sells half of her Bitcoin back, and shows that it reduces risk"
    )
    bitcoin = story.rounds[-1].prices[market.book.slots[BITCOIN]]
    story.trade(bob, alice, BITCOIN, 4 * 10**BALANCE_DECIMALS, bitcoin, Claim.REDUCES_RISK)

    console.print("\n[bold]8. Money out[/bold]")
    try:
        alice.owner.withdraw(market.book.n, 10_000 * 10**QUOTE_DECIMALS, alice.address)
    except ProvingError as error:
        story.tell(f"  Alice asks for 10,000 USDC, and her own prover refuses: {error}")
    with story.timed("Bob withdraws 5,000 USDC: they leave his account, and wait in the vault's queue"):
        bob.owner.withdraw(market.book.n, 5_000 * 10**QUOTE_DECIMALS, bob.address)

    console.print("\n[bold]9. Friday, 08:00: the options expire[/bold]. The reporters sign the prices of that second")
    while len(story.rounds) <= HOURS.index(EXPIRY):
        story.next_round()
    _expire(story, console)

    console.print("\n[bold]10. The crash goes on[/bold]")
    while len(story.rounds) < len(HOURS):
        story.next_round()
        _screen(story, console)

    story.tell(f"  Bob's withdrawal is due. Any sender can have it paid: {_pay_out(story)} USDC")

    console.print("\n[bold]11. The guardian flags Alice[/bold]: a proof of margin with her viewing key, not her secret")
    _flag(story)
    console.print("\n[bold]12. Alice cures her account[/bold]: a deposit after which she proves initial margin")
    _cure(story)

    console.print("\n[bold]13. Alice loses her computer.[/bold] Her owner secret, on paper, is all that is left")
    with story.timed("account found and decrypted from the chain"):
        (keys,) = restore(alice.owner.book, alice.owner.keys.owner_secret)
        found = Owner(alice.owner.book, keys, alice.owner.prover)
        state = found.state().sealed.state
    same = state == alice.owner.state().sealed.state and found.identity == alice.owner.identity
    story.tell(f"  the same account, the same balances: {same}\n")


def _expire(story: _Story, console: Console) -> None:
    """The options settle. Alice turns hers into cash, Bob sleeps, and the guardian settles his account."""
    market, alice, bob, guardian = story.market, story.alice.owner, story.bob.owner, story.guardian
    epoch = market.settle()
    _, prices = market.contracts.expiries.epoch_at(epoch)
    for symbol in (OPTION, CALL):
        price = prices.effective[market.book.slots[symbol]]
        story.tell(f"  {symbol} settles at {_usd(price)}{'' if price else ': it ends out of the money'}")
    story.next_round()
    try:
        alice.withdraw(market.book.n, DOLLAR, story.alice.address)
    except ChainError as error:
        story.tell(f"  Alice asks for 1 USDC, and has to wait: {error}")
    with story.timed("Alice proves that her options are cash: a proof of expire"):
        alice.expire()
    snapshot = AccountReader(market.guardian).look(guardian.book)
    asleep = [account for account in snapshot.accounts if account.identity in snapshot.asleep]
    with story.timed("Bob sleeps, and the guardian proves it for him, with his viewing key"):
        for account in asleep:
            ExpiryKeeper(guardian.book, bob.prover.expiry).expire(account.viewing)
    _screen(story, console)


def _pay_out(story: _Story) -> str:
    """Have the withdrawals paid that are due, and return how much."""
    book = story.guardian.book
    due = due_pay_outs(book, book.n, 10)
    story.market.contracts.book.vault.pay_out(book.n, 10)
    return format_decimal(sum(item.amount for item in due), USD_DECIMALS)


def _flag(story: _Story) -> None:
    """The guardian flags every account that it sees below maintenance margin."""
    snapshot = AccountReader(story.market.guardian).look(story.guardian.book)
    for account in snapshot.accounts:
        if account.health(story.rounds[-1]).status is MarginStatus.LIQUIDATABLE:
            with story.timed("the flag, from reading the account to the accepted transaction"):
                story.guardian.flag(account.viewing)
            story.tell(f"  account {as_hex(account.identity)[:14]}... is flagged at round {story.rounds[-1].id}")
    try:
        story.alice.owner.withdraw(story.market.book.n, DOLLAR, story.alice.address)
    except ProvingError as error:
        story.tell(f"  Alice asks for 1 USDC, and her own prover refuses: {error}")


def _cure(story: _Story) -> None:
    owner = story.alice.owner
    missing = -owner.state().health(story.rounds[-1]).initial.health
    dollars = -(-missing // DOLLAR)
    with story.timed(f"Alice deposits {dollars:,} USDC and shows initial margin"):
        owner.deposit(story.market.book.n, dollars * DOLLAR, Claim.MEETS_INITIAL_MARGIN)
    permission = owner.book.contracts.book.permission_of(owner.identity)
    story.tell(f"  the book lets her act again: permission {permission_name(permission)}")


def _screen(story: _Story, console: Console) -> None:
    """What the guardian sees of all accounts at the newest round."""
    rows = [
        [
            as_hex(account.identity)[:14] + "...",
            format_usd_down((health := account.health(story.rounds[-1])).maintenance.equity),
            format_usd_down(health.maintenance.health),
            health.status,
        ]
        for account in AccountReader(story.market.guardian).look(story.guardian.book).accounts
    ]
    print_table(console, columns(["  account", "equity", "health", "status"], rows))


def _usd(price: int) -> str:
    return f"{price / 10**PRICE_DECIMALS:,.2f} USD"


def _conclude(story: _Story, knowledge: Knowledge, leaked: list[str], *, as_json: bool) -> ExitCode:
    def render(console: Console) -> None:
        if leaked:
            console.print(f"ON CHAIN, in the clear: {', '.join(leaked)}", style="bold red")
        else:
            console.print(
                f"Every word of calldata and events was searched for {len(knowledge.secrets)} secrets (balances, "
                "quotes, equity, health, terms and salts of tickets, keys): none is there.",
                style="bold green",
            )

    result = {
        "rounds": len(story.rounds),
        "trades": len(story.tickets),
        "transactions": knowledge.transactions,
        "secrets": len(knowledge.secrets),
        "leaked": leaked,
        "seconds": story.timings,
    }
    emit(result, render, as_json=as_json)
    return ExitCode.NO if leaked else ExitCode.OK
