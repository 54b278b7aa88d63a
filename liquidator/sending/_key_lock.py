"""One process sends with a key on a chain: two would give out the same nonces."""

from typing import Final

import platformdirs
from filelock import FileLock, Timeout

from prover.storage import user_folder
from verifier import InputError

FOLDER: Final = "keys"


def lock_key(chain_id: int, address: str) -> FileLock:
    """Lock a key for as long as the process lives, or until the lock is released.

    The lock is a file in the user's data folder, whatever store an engine has.

    Args:
        chain_id: of the chain.
        address: of the key, checksummed.

    Raises:
        InputError: another process holds it, or there is no folder for it.
    """
    data = user_folder(lambda: platformdirs.user_data_path("zksolvency"), "lock of the key", "set HOME")
    lock = FileLock(data / FOLDER / f"{chain_id}-{address}.lock", timeout=0, mode=0o600)
    try:
        (data / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise InputError(
            f"another process sends with the key of {address} on chain {chain_id}: stop it, or give this one a key of "
            "its own"
        ) from None
    except OSError as error:
        raise InputError(f"{data / FOLDER}: the key cannot be locked ({error.strerror})") from None
    return lock
