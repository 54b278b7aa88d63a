"""The one exception tree of the project.

    ZkSolvencyError
    ├── InputError         a file, value or option that the user can correct
    ├── VerificationError  a proof, key or signal that is refused, with a reason code
    ├── ProvingError       a witness that does not satisfy the statement
    ├── ToolError          an external tool that is missing, crashed or timed out
    └── ChainError         a node or contract that refused, or could not be reached
        └── UndecidedError a transaction that was sent, and may still be mined

No message ever contains a secret: a balance, quote, key, salt or witness value.
"""


class ZkSolvencyError(Exception):
    """Base of every error that the project raises on purpose."""


class InputError(ZkSolvencyError):
    """A file, value or option is malformed, out of range or of the wrong kind."""


class VerificationError(ZkSolvencyError):
    """A proof, a key or a public signal is refused.

    Attributes:
        reason: kebab-case code that names the check which failed, for machines.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class ProvingError(ZkSolvencyError):
    """The private inputs do not satisfy the statement, so there is nothing to prove."""


class ToolError(ZkSolvencyError):
    """An external tool is missing, crashed, or did not answer in time."""


class ChainError(ZkSolvencyError):
    """A node could not be reached, or a contract refused a transaction.

    Attributes:
        refusal: name of the contract's error, such as "RoundTooOld"; None when no contract refused.
    """

    def __init__(self, message: str, refusal: str | None = None) -> None:
        super().__init__(message)
        self.refusal = refusal


class UndecidedError(ChainError):
    """A transaction was sent, or may have been, and what became of it is not known: it may still be mined."""
