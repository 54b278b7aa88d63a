"""Private solvency proofs: from positions to a commitment, a witness and a proof."""

from prover._account import Account, commit
from prover._babyjubjub import Point
from prover._book import Asset, AssetKind, Book
from prover._keys import AccountKeys, Domain
from prover._margin import Health, assess, effective_price, liquidation_price, margin_per_unit_up
from prover._poseidon import poseidon, poseidon_many
from prover._r1cs import R1CS
from prover._round import PriceRound, VectorKind
from prover._statements import Backend, instance_name, margin_inputs, prove_margin
from prover._symbols import Symbols
from prover._witness import Witness

__all__ = [
    "R1CS",
    "Account",
    "AccountKeys",
    "Asset",
    "AssetKind",
    "Backend",
    "Book",
    "Domain",
    "Health",
    "Point",
    "PriceRound",
    "Symbols",
    "VectorKind",
    "Witness",
    "assess",
    "commit",
    "effective_price",
    "instance_name",
    "liquidation_price",
    "margin_inputs",
    "margin_per_unit_up",
    "poseidon",
    "poseidon_many",
    "prove_margin",
]
