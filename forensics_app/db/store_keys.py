"""The keys of the encrypted stores that are open in this process, by folder; in memory only (REQ-70).

What lies in such a folder is encrypted when it is written and decrypted when it is read, by whoever does it: nobody who
writes a file there can forget to ask.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forensics_app.model.store import StoreKey  # loads ciphers, which a plain lab needs for signing only

_KEYS: dict[Path, tuple[StoreKey, int, Path]] = {}
"""By folder: its key, how often it is held, and where the folder really lies."""
_LOCK = Lock()


def hold(folder: Path, key: StoreKey) -> None:
    """Let this process read and write the store in ``folder``, until :func:`release` was called as often."""
    place = folder.absolute()
    with _LOCK:
        _, times, real = _KEYS.get(place, (key, 0, place.resolve()))
        _KEYS[place] = (key, times + 1, real)


def release(folder: Path) -> None:
    """Take back one :func:`hold`; the key is forgotten with the last."""
    place = folder.absolute()
    with _LOCK:
        if place not in _KEYS:
            return
        key, times, real = _KEYS.pop(place)
        if times > 1:
            _KEYS[place] = (key, times - 1, real)


def key_for(path: Path) -> StoreKey | None:
    """The key of the store in which ``path`` lies, whether or not it exists; None where it lies in none."""
    found = store_of(path)
    return None if found is None else found[1]


def store_of(path: Path) -> tuple[Path, StoreKey] | None:
    """The same with the way from the folder of the store to ``path``.

    A path lies there by its words or by where it really is: neither a link to the folder nor one in it leads around.
    """
    if not _KEYS:
        return None
    place = path.absolute()
    return _within(place) or _within(place.resolve())


def _within(place: Path) -> tuple[Path, StoreKey] | None:
    with _LOCK:
        held = [(one, key) for folder, (key, _, real) in _KEYS.items() for one in (folder, real)]
    found = [(place.relative_to(one), key) for one, key in held if place.is_relative_to(one)]
    return min(found, key=lambda one: len(one[0].parts), default=None)
