"""Reading and writing the project's files: validation, atomic writes, and encryption of secrets at rest."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "AddressText",
    "FileModel",
    "Keystore",
    "NaturalText",
    "Word",
    "Words",
    "load_model",
    "locked",
    "new_passphrase",
    "open_database",
    "passphrase_spellings",
    "read_passphrase",
    "read_private",
    "read_secret",
    "reading",
    "require_new_target",
    "require_private",
    "require_target",
    "require_writable",
    "rewrite_secret",
    "user_folder",
    "validate_model",
    "write_file",
    "write_private",
    "write_secret",
]

if TYPE_CHECKING:
    from prover.storage._files import (
        AddressText,
        FileModel,
        NaturalText,
        load_model,
        read_private,
        require_private,
        validate_model,
        write_file,
        write_private,
    )
    from prover.storage._keystore import Keystore
    from prover.storage._passphrases import new_passphrase, passphrase_spellings, read_passphrase
    from prover.storage._secret_file import locked, read_secret, rewrite_secret, write_secret
    from prover.storage._sqlite import Word, Words, open_database, reading
    from prover.storage._targets import require_new_target, require_target, require_writable
    from prover.storage._user_folder import user_folder
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._files": (
                "AddressText",
                "FileModel",
                "NaturalText",
                "load_model",
                "read_private",
                "require_private",
                "validate_model",
                "write_file",
                "write_private",
            ),
            "._keystore": ("Keystore",),
            "._passphrases": (
                "new_passphrase",
                "passphrase_spellings",
                "read_passphrase",
            ),
            "._secret_file": (
                "locked",
                "read_secret",
                "rewrite_secret",
                "write_secret",
            ),
            "._sqlite": ("Word", "Words", "open_database", "reading"),
            "._targets": ("require_new_target", "require_target", "require_writable"),
            "._user_folder": ("user_folder",),
        },
    )
