"""One account: its curve and hash, keys, states, the wallet that holds its secrets, positions from elsewhere."""

from typing import TYPE_CHECKING

from prover._lazy import lazy_names

__all__ = [
    "BASE",
    "CONSTANTS",
    "FORMAT",
    "FULL_ROUNDS",
    "HEADER",
    "MAX_INPUTS",
    "PARTIAL_ROUNDS",
    "SUBGROUP_ORDER",
    "Account",
    "Basis",
    "CallBulletin",
    "Columns",
    "Domain",
    "Exchange",
    "FoundAccount",
    "GuardianKey",
    "Holding",
    "MarginCall",
    "OpenedState",
    "OwnerKeys",
    "OwnerRecord",
    "Point",
    "Portfolio",
    "Position",
    "SealedState",
    "Seed",
    "Settlement",
    "State",
    "StateRecord",
    "Tag",
    "ViewingKeys",
    "Wallet",
    "WalletAccount",
    "account_positions",
    "assess_at",
    "cipher_elements",
    "clear_cofactor",
    "commit",
    "derive_keystream",
    "derive_viewing_keys",
    "empty_state",
    "encrypt_state",
    "health_amounts",
    "held_amounts",
    "owner_secret_from_text",
    "owner_tag",
    "parse_exchange",
    "parse_portfolio",
    "point_from_text",
    "point_to_text",
    "poseidon",
    "poseidon_many",
    "position_amounts",
    "quote_units_down",
    "secret_from_text",
    "unrealised_profit",
    "unseal_states",
    "update_wallet",
]

if TYPE_CHECKING:
    from prover.account._account import FORMAT, Account
    from prover.account._amounts import health_amounts, held_amounts, position_amounts
    from prover.account._babyjubjub import BASE, SUBGROUP_ORDER, Point, clear_cofactor
    from prover.account._guardian_key import GuardianKey, point_from_text, point_to_text
    from prover.account._keys import Domain, OwnerKeys, Tag, owner_tag
    from prover.account._keystream import cipher_elements, derive_keystream, encrypt_state
    from prover.account._margin_call import CallBulletin, MarginCall
    from prover.account._opening import OwnerRecord, StateRecord, derive_viewing_keys, unseal_states
    from prover.account._portfolio import Basis, Holding, Portfolio, Settlement, quote_units_down, unrealised_profit
    from prover.account._portfolio_csv import HEADER, Columns, parse_portfolio
    from prover.account._portfolio_exchanges import Exchange, parse_exchange
    from prover.account._poseidon import CONSTANTS, FULL_ROUNDS, MAX_INPUTS, PARTIAL_ROUNDS, poseidon, poseidon_many
    from prover.account._position import Position, account_positions
    from prover.account._sealed import SealedState, ViewingKeys
    from prover.account._secret_text import owner_secret_from_text, secret_from_text
    from prover.account._seed import Seed
    from prover.account._state import OpenedState, State, assess_at, commit, empty_state
    from prover.account._wallet import FoundAccount, Wallet, WalletAccount, update_wallet
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "._account": (
                "FORMAT",
                "Account",
            ),
            "._amounts": (
                "health_amounts",
                "held_amounts",
                "position_amounts",
            ),
            "._babyjubjub": (
                "BASE",
                "SUBGROUP_ORDER",
                "Point",
                "clear_cofactor",
            ),
            "._guardian_key": (
                "GuardianKey",
                "point_from_text",
                "point_to_text",
            ),
            "._keys": (
                "Domain",
                "OwnerKeys",
                "Tag",
                "owner_tag",
            ),
            "._keystream": (
                "cipher_elements",
                "derive_keystream",
                "encrypt_state",
            ),
            "._margin_call": ("CallBulletin", "MarginCall"),
            "._opening": (
                "OwnerRecord",
                "StateRecord",
                "derive_viewing_keys",
                "unseal_states",
            ),
            "._portfolio": (
                "Basis",
                "Holding",
                "Portfolio",
                "Settlement",
                "quote_units_down",
                "unrealised_profit",
            ),
            "._portfolio_csv": (
                "HEADER",
                "Columns",
                "parse_portfolio",
            ),
            "._portfolio_exchanges": (
                "Exchange",
                "parse_exchange",
            ),
            "._poseidon": (
                "CONSTANTS",
                "FULL_ROUNDS",
                "MAX_INPUTS",
                "PARTIAL_ROUNDS",
                "poseidon",
                "poseidon_many",
            ),
            "._position": (
                "Position",
                "account_positions",
            ),
            "._sealed": (
                "SealedState",
                "ViewingKeys",
            ),
            "._secret_text": (
                "owner_secret_from_text",
                "secret_from_text",
            ),
            "._seed": ("Seed",),
            "._state": (
                "OpenedState",
                "State",
                "assess_at",
                "commit",
                "empty_state",
            ),
            "._wallet": (
                "FoundAccount",
                "Wallet",
                "WalletAccount",
                "update_wallet",
            ),
        },
    )
