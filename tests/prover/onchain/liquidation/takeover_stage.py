"""What the stories of takeovers share: a book with an engine, a guardian, liquidators and notices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_account import Account as Signer

from prover.account import State, ViewingKeys
from prover.chain import LiquidationTerms
from prover.liquidation import LiquidatorKey, Liquidity, SealedNotice, best_parcel
from prover.onchain import (
    AccountReader,
    BookProver,
    EngineSettings,
    LiquidationKeeper,
    LiquidationMarket,
    LiquidationProver,
    Liquidator,
    NoticeMaker,
    TakeoverOffer,
)
from prover.onchain.local_market import Market, Trader
from prover.toolchain import AnyBackend, Artifacts
from tests.prover.onchain.expiry_stage import DOLLAR, PERP, UNIT
from verifier import StatementName, VectorKind

GUARDIAN = Signer.from_key("0x" + "11" * 32)
MAINTENANCE, OVERDRAFT = VectorKind.MAINTENANCE, VectorKind.OVERDRAFT
SETTINGS = EngineSettings(LiquidationTerms(dust=100 * DOLLAR), cooldown=2 * 86_400)
PRICE = 6_000


@dataclass(frozen=True)
class Stage:
    """A book with an engine, and what proves for it."""

    market: Market
    artifacts: Mapping[StatementName, Artifacts]
    backend: AnyBackend
    prover: BookProver

    def engine(self) -> LiquidationMarket:
        """As a party without an account uses it."""
        return LiquidationMarket.of(self.market.new_user(0)[0])

    def keeper(self) -> LiquidationKeeper:
        return LiquidationProver(self.artifacts, self.backend).keeper(self.engine())

    def maker(self) -> NoticeMaker:
        liquidity = Liquidity.uniform(self.market.book.n)
        return LiquidationProver(self.artifacts, self.backend).maker(self.engine(), liquidity)

    def liquidator(self, trader: Trader, key: LiquidatorKey) -> Liquidator:
        return Liquidator(
            LiquidationMarket.of(trader.owner.book),
            trader.owner,
            key,
            self.artifacts["release"].key,
            Liquidity.uniform(self.market.book.n),
            200 * UNIT,
        )

    def wait(self, seconds: int) -> None:
        """Mine a block so much later."""
        self.market.node.move_clock(self.market.contracts.chain.timestamp() + seconds)
        self.market.node.request("evm_mine")

    def viewing(self, trader: Trader) -> ViewingKeys:
        """What the guardian reads with its key alone."""
        accounts = AccountReader(self.market.guardian).look(self.market.new_user(0)[0]).accounts
        return next(found.viewing for found in accounts if found.identity == trader.owner.identity)


def told(stage: Stage, victim: Trader, *keys: LiquidatorKey, **options: int) -> SealedNotice:
    notice = stage.maker().ladder(stage.viewing(victim), MAINTENANCE, **{"seconds": 60, "step": 12} | options)
    assert notice is not None
    return SealedNotice.seal(notice, [key.recipient for key in keys], GUARDIAN)


def state(trader: Trader) -> State:
    return trader.owner.state().sealed.state


def total(*traders: Trader) -> tuple[int, int]:
    """Bitcoin and cash of accounts."""
    return sum(state(one).balances[PERP] for one in traders), sum(state(one).quote for one in traders)


def chosen(offer: TakeoverOffer) -> Any:
    best = best_parcel(offer.parcels, offer.elapsed)
    assert best is not None
    return best
