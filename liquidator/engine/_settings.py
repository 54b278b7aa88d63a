"""The settings of the engine: a TOML file, and environment variables that overrule it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from liquidator.risk import ImpactMethod, VolatilityMethod
from prover.storage import AddressText

PREFIX: Final = "ZKSOLVENCY_LIQUIDATOR_"
"""Of environment variables: `ZKSOLVENCY_LIQUIDATOR_NODE__TIMEOUT_SECONDS=5` sets `timeout_seconds` of `[node]`."""

NESTED: Final = "__"

PORT: Final = 9464
"""Where an exporter of metrics listens by custom."""

Seconds = Annotated[float, Field(gt=0, le=86_400)]
DecimalText = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,9})?$")]
Probability = Annotated[float, Field(gt=0, lt=1)]
HistoryText = Annotated[str, Field(pattern=r"^[^=,\s]+(,[^=,\s]+)*(=.+)?$")]
"""Symbols, and perhaps a file with past prices: WBTC,BTC-PERP=btc.csv."""

HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
WebsocketUrl = Annotated[str, Field(pattern=r"^wss?://[^\s]+$")]


class Role(StrEnum):
    """What an engine does.

    GUARDIAN: flags accounts, makes notices, answers challenges, turns expired positions into cash.
    LIQUIDATOR: takes parcels of notices.
    HOUSEKEEPER: prepares rounds, pays withdrawals that are due, writes debts off.
    REPORTER: signs and posts prices.
    """

    GUARDIAN = "guardian"
    LIQUIDATOR = "liquidator"
    HOUSEKEEPER = "housekeeper"
    REPORTER = "reporter"


class LogFormat(StrEnum):
    """How the log is written."""

    JSON = "json"
    CONSOLE = "console"


class Section(BaseModel):
    """A table of the file: no unknown names, and no value in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class NodeSettings(Section):
    """Which nodes are asked, and when one is behind."""

    rpc: Annotated[tuple[HttpUrl, ...], Field(min_length=1, description="Endpoints of one chain, asked in turn")]
    timeout_seconds: Annotated[Seconds, Field(description="How long to wait for an answer")] = 10.0
    poll_seconds: Annotated[Seconds, Field(description="How often the newest block is asked for")] = 0.25
    websocket: Annotated[WebsocketUrl | None, Field(description="Tells of new blocks, before they are asked for")] = (
        None
    )
    look_seconds: Annotated[Seconds, Field(description="How often the roles act, though no block comes")] = 15.0
    confirmations: Annotated[
        int, Field(ge=1, le=64, description="Blocks that make a transaction final, its own among them")
    ] = 1
    private_rpc: Annotated[HttpUrl | None, Field(description="Gets transactions before the nodes do")] = None
    private_blocks: Annotated[
        int, Field(ge=1, le=100, description="Blocks without a transaction until the nodes get it too")
    ] = 3
    max_block_age_seconds: Annotated[
        float | None,
        Field(gt=0, description="Older is an alarm; none for never, as an idle local chain needs"),
    ] = None
    max_clock_seconds: Annotated[Seconds, Field(description="How far this clock may be from the chain's time")] = 5.0


class BookSettings(Section):
    """The book that is watched, and the keys of its statements."""

    deployment: Annotated[Path, Field(description="Record of the deployment")]
    keys: Annotated[Path | None, Field(description="Keys of ceremonies; none for this machine's development keys")] = (
        None
    )


class SignerSettings(Section):
    """An account that signs, and what opens it."""

    keystore: Annotated[Path | None, Field(description="Encrypted keystore (Web3 Secret Storage)")] = None
    passphrase_file: Annotated[Path | None, Field(description="Its first line opens the keystore; 0600")] = None
    passphrase: Annotated[SecretStr | None, Field(description="The same, by the environment alone")] = None
    signer_url: Annotated[HttpUrl | None, Field(description="A remote signer, in place of the keystore")] = None
    signer_address: Annotated[AddressText | None, Field(description="Its account; none for the only one")] = None

    @model_validator(mode="after")
    def _names_one_signer(self) -> Self:
        if (self.keystore is None) == (self.signer_url is None):
            raise ValueError("name either keystore or signer_url")
        return self


class SenderSettings(SignerSettings):
    """The account that sends transactions and signs notices."""

    least_ether: Annotated[DecimalText, Field(description="Below this balance there is an alarm")] = "0.05"
    profit_share_percent: Annotated[
        int, Field(ge=1, le=100, description="The most that fees take of a profit that is known")
    ] = 50


class StewardSettings(SignerSettings):
    """The account that signs proposals of margin fractions, with `zksolvency liquidator propose`."""

    send_tightening: Annotated[
        bool, Field(description="Send what tightens at once; loosening waits for governance")
    ] = False


class KeySettings(Section):
    """An encrypted key, and what opens it."""

    key: Annotated[Path, Field(description="The key file")]
    passphrase_file: Annotated[Path | None, Field(description="Its first line opens the key; 0600")] = None
    passphrase: Annotated[SecretStr | None, Field(description="The same, by the environment alone")] = None


class GuardianSettings(KeySettings):
    """Flags and notices of the guardian's accounts."""

    recipient: Annotated[AddressText | None, Field(description="Earns the bonds; none for the sender")] = None
    liquidators: Annotated[Path | None, Field(description="Recipients of notices, one a line; none for no notices")] = (
        None
    )
    notices: Annotated[Path | None, Field(description="Folder for notices; it must exist")] = None
    notice_seconds: Annotated[int, Field(ge=1, le=3_600, description="How far a notice looks ahead")] = 60
    step_seconds: Annotated[int, Field(ge=1, le=600, description="Between two rates of a notice: about a block")] = 12
    liquidity: Annotated[Path | None, Field(description="CSV: what selling costs; none for a guess")] = None
    impact: Annotated[
        ImpactMethod | None,
        Field(description="Impact that decides what is sold first; needs [prediction]; none for liquidity"),
    ] = None

    @model_validator(mode="after")
    def _has_both_or_neither(self) -> "GuardianSettings":
        if (self.liquidators is None) != (self.notices is None):
            raise ValueError("notices need both liquidators and notices, or neither")
        if self.notice_seconds // self.step_seconds >= 64:
            raise ValueError("a notice has 64 rates at most: make step_seconds longer")
        return self


class LiquidatorSettings(KeySettings):
    """Takeovers by an account of one's own."""

    wallet: Annotated[Path, Field(description="Wallet of the account that takes over")]
    wallet_passphrase_file: Annotated[Path | None, Field(description="Its first line opens the wallet; 0600")] = None
    wallet_passphrase: Annotated[SecretStr | None, Field(description="The same, by the environment alone")] = None
    account: Annotated[str | None, Field(description="Its name in the wallet; none for the only one")] = None
    notices: Annotated[Path, Field(description="Folder in which guardians' notices arrive")]
    liquidity: Annotated[Path | None, Field(description="CSV: what selling costs; none for a guess")] = None
    ether_usd: Annotated[DecimalText | None, Field(description="Price of ETH; none for that of the book")] = None
    least_profit_usd: Annotated[DecimalText, Field(description="What a takeover must leave")] = "1"
    reservation_ppm: Annotated[
        int, Field(ge=0, le=1_000_000, description="Part of the notional that must be left, for risk")
    ] = 200
    bidder: Annotated[tuple[str, ...], Field(description="A bidding process; none for the built-in rate")] = ()
    bid_seconds: Annotated[Seconds, Field(description="How long the bidding process may think")] = 0.5


class HousekeeperSettings(Section):
    """What is done for all users of the book, for the gas alone."""

    prepare_rounds: Annotated[bool, Field(description="Prepare rounds while accounts are flagged")] = True
    write_off: Annotated[bool, Field(description="Write off debts without positions; needs the guardian's key")] = True
    pay_out: Annotated[int, Field(ge=0, le=100, description="Withdrawals in one pay-out; 0 pays none")] = 20
    interval_seconds: Annotated[Seconds, Field(description="Between two looks at the queues")] = 30.0


class ReporterSettings(Section):
    """A reporter with the sender's key."""

    feeds: Annotated[tuple[str, ...], Field(min_length=1, description="Files or addresses with prices")]
    reports: Annotated[Path | None, Field(description="Folder that reporters share")] = None
    peers: Annotated[tuple[HttpUrl, ...], Field(description="Newest reports of other reporters")] = ()
    post: Annotated[bool, Field(description="Post the sets of a quorum")] = True
    interval_seconds: Annotated[Seconds, Field(description="Between two looks at the feeds")] = 10.0
    min_feeds: Annotated[int, Field(ge=1, description="How many feeds must price an asset")] = 1


class PredictionSettings(Section):
    """Forecasts of who will miss a margin. They need the extra risk."""

    history: Annotated[
        tuple[HistoryText, ...],
        Field(description="Symbols that move together, and their past prices; none for each asset alone"),
    ] = ()
    step_seconds: Annotated[int, Field(ge=60, le=86_400, description="Between two past prices")] = 3_600
    volatility: Annotated[VolatilityMethod, Field(description="ewma, har or garch")] = VolatilityMethod.HAR
    refit_seconds: Annotated[Seconds, Field(description="Between two estimates from past prices")] = 3_600.0
    interval_seconds: Annotated[Seconds, Field(description="Between two forecasts")] = 60.0
    accounts: Annotated[int, Field(ge=1, le=100_000, description="Simulated at once: those nearest to their line")] = (
        2_000
    )
    paths: Annotated[int, Field(ge=100, le=100_000, multiple_of=2, description="Of each simulation")] = 2_000
    seconds: Annotated[Seconds, Field(description="Longest wait for a forecast")] = 30.0


class CallSettings(Section):
    """Margin calls: what owners are told of accounts that near their line."""

    bulletin: Annotated[Path | None, Field(description="Public file, with sealed calls among random ones")] = None
    bulletin_size: Annotated[int, Field(ge=1, le=65_536, description="Calls in the file, true and random ones")] = 64
    webhook: Annotated[HttpUrl | None, Field(description="Gets new calls as a POST of JSON")] = None
    command: Annotated[tuple[str, ...], Field(description="Gets new calls as JSON on its standard input")] = ()
    early: Annotated[Probability, Field(description="Probability within 24 hours of an early call")] = 0.3
    urgent: Annotated[Probability, Field(description="Probability within 1 hour of an urgent call")] = 0.1
    cooldown_seconds: Annotated[Seconds, Field(description="Between two calls of one level to one owner")] = 21_600.0


class WorkSettings(Section):
    """How much is done at once, and when it is tried again."""

    data: Annotated[Path | None, Field(description="Folder for what is kept; none for the user's own")] = None
    workers: Annotated[int, Field(ge=1, le=256, description="Transactions at once")] = 32
    passing_seconds: Annotated[Seconds, Field(description="Pause after a refusal that may pass")] = 5.0
    final_seconds: Annotated[Seconds, Field(description="Pause after one that needs an operator")] = 3_600.0


class StatusSettings(Section):
    """Where the engine tells how it is."""

    port: Annotated[int, Field(ge=0, le=65_535, description="Of loopback; 0 for any free one")] = PORT


class AlarmSettings(Section):
    """Who is told what needs an operator."""

    webhook: Annotated[HttpUrl | None, Field(description="Gets each alarm as a POST of JSON")] = None
    command: Annotated[tuple[str, ...], Field(description="Gets each alarm as JSON on its standard input")] = ()
    repeat_seconds: Annotated[Seconds, Field(description="Until an alarm that lasts is told again")] = 900.0
    heartbeat_file: Annotated[Path | None, Field(description="Touched while the loop lives")] = None
    heartbeat_url: Annotated[HttpUrl | None, Field(description="Asked for while the loop lives")] = None
    heartbeat_seconds: Annotated[Seconds, Field(description="Between two signs of life")] = 30.0


class LogSettings(Section):
    """The log, on standard error."""

    format: Annotated[LogFormat, Field(description="json or console")] = LogFormat.JSON
    level: Annotated[
        str, Field(pattern="^(debug|info|warning|error)$", description="debug, info, warning or error")
    ] = "info"


class Settings(BaseSettings):
    """All settings. Environment variables overrule the file; secrets come by files or the environment alone."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    roles: Annotated[frozenset[Role], Field(min_length=1)]
    node: NodeSettings
    book: BookSettings
    sender: SenderSettings
    guardian: GuardianSettings | None = None
    liquidator: LiquidatorSettings | None = None
    housekeeper: HousekeeperSettings = HousekeeperSettings()
    reporter: ReporterSettings | None = None
    steward: StewardSettings | None = None
    prediction: PredictionSettings | None = None
    calls: CallSettings | None = None
    work: WorkSettings = WorkSettings()
    status: StatusSettings = StatusSettings()
    alarms: AlarmSettings = AlarmSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment comes before the file, whose content is passed to the constructor."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _has_what_its_roles_need(self) -> "Settings":
        for role in (Role.GUARDIAN, Role.LIQUIDATOR, Role.REPORTER):
            if role in self.roles and getattr(self, role) is None:
                raise ValueError(f"the role {role} needs the table [{role}]")
        return self

    @model_validator(mode="after")
    def _has_what_forecasts_need(self) -> "Settings":
        if self.prediction is not None and Role.GUARDIAN not in self.roles:
            raise ValueError("[prediction] needs the role guardian")
        if self.prediction is None and self.calls is not None:
            raise ValueError("[calls] needs the table [prediction]")
        if self.prediction is None and self.guardian is not None and self.guardian.impact is not None:
            raise ValueError("guardian.impact needs the table [prediction]")
        return self

    def paths_from(self, folder: Path) -> "Settings":
        """The same settings, with relative paths as seen from a folder."""
        changed: dict[str, Any] = {}
        for name in type(self).model_fields:
            section = getattr(self, name)
            if isinstance(section, Section):
                paths = {key: folder / value for key, value in section if isinstance(value, Path)}
                changed[name] = section.model_copy(update=paths)
        if self.reporter is not None:
            feeds = tuple(feed if feed.startswith("http") else str(folder / feed) for feed in self.reporter.feeds)
            changed["reporter"] = changed["reporter"].model_copy(update={"feeds": feeds})
        if self.prediction is not None:
            history = tuple(_history_from(folder, text) for text in self.prediction.history)
            changed["prediction"] = changed["prediction"].model_copy(update={"history": history})
        return self.model_copy(update=changed)


def _history_from(folder: Path, text: str) -> str:
    symbols, equals, file = text.partition("=")
    return f"{symbols}={folder / file}" if equals else symbols
