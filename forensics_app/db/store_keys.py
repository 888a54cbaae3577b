"""The keys of the encrypted stores that are open in this process, by folder; in memory only (REQ-70).

What lies in such a folder is encrypted when it is written and decrypted when it is read, by whoever does it: nobody who
writes a file there can forget to ask.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from forensics_app.model.store import StoreKey

_KEYS: dict[Path, tuple[StoreKey, int]] = {}
_LOCK = Lock()


def hold(folder: Path, key: StoreKey) -> None:
    """Let this process read and write the store in ``folder``, until :func:`release` was called as often."""
    place = folder.absolute()
    with _LOCK:
        _, times = _KEYS.get(place, (key, 0))
        _KEYS[place] = (key, times + 1)


def release(folder: Path) -> None:
    """Take back one :func:`hold`; the key is forgotten with the last."""
    place = folder.absolute()
    with _LOCK:
        if place not in _KEYS:
            return
        key, times = _KEYS.pop(place)
        if times > 1:
            _KEYS[place] = (key, times - 1)


def key_for(path: Path) -> StoreKey | None:
    """The key of the store in which ``path`` lies, whether or not it exists; None where it lies in none."""
    if not _KEYS:
        return None
    place = path.absolute()
    found = (_KEYS.get(one) for one in (place, *place.parents))
    return next((one[0] for one in found if one is not None), None)
