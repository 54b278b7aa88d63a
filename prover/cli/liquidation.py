"""`zksolvency liquidation`: takeovers of accounts below their margin."""

from prover.cli._commands import LazyGroup, new_app


class _Liquidation(LazyGroup):
    COMMANDS = {  # noqa: RUF012
        "keygen": "Make a liquidator's key, and print its recipient.",
        "open": "Flag an account, and make a notice of it for liquidators.",
        "offers": "Show what notices offer, and what they are expected to earn.",
        "take": "Take over a part of an account.",
        "show": "Show flags, auctions, takeovers and challenge of an account.",
        "recover": "End the flag of an account that meets its margin again.",
        "write-off": "Write off the debt of an account that was sold whole.",
        "challenge": "Ask an account to show that it meets maintenance margin.",
        "show-notice": "Show what a notice says, and who sent it.",
    }
    MODULES = "prover.cli._liquidation_{}"


app = new_app("Tell liquidators of accounts below their margin, and take them over.", _Liquidation)


@app.callback()
def liquidation_commands() -> None:
    """Tell liquidators of accounts below their margin, and take them over."""
