"""Names of evidence as file names that every system takes, that lead nowhere else, and that never meet each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

_UNSAFE = re.compile(r'[<>:"/\\|?*]')
_NUMBERS = "123456789\u00b9\u00b2\u00b3"
_RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$", *(f"{it}{n}" for it in ("com", "lpt") for n in _NUMBERS)}
_LONGEST_BYTES = 200
_LONGEST_EXTENSION = 16


def safe_name(name: str) -> str:
    """A name of evidence as a file name that every system takes and that leads nowhere else.

    Separators, reserved and invisible characters become ``_``; names of devices get one in front; a long name keeps
    its extension. At most 200 bytes of UTF-8.
    """
    shown = "".join(char if char.isprintable() and char != "\ufffd" else "_" for char in name)
    clean = _UNSAFE.sub("_", shown).strip().rstrip(". ") or "_"
    if clean.split(".")[0].strip().lower() in _RESERVED:
        clean = f"_{clean}"
    stem, dot, extension = clean.rpartition(".")
    if not stem or len(extension) > _LONGEST_EXTENSION:
        stem, dot, extension = clean, "", ""
    tail = f"{dot}{extension}"
    room = _LONGEST_BYTES - len(tail.encode())
    stem = stem.encode()[:room].decode(errors="ignore")
    return f"{stem}{tail}" if tail else stem.rstrip(". ")


def sameness(name: str) -> str:
    """Equal for two names that some file system takes for the same: in another case, or composed otherwise."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())


class TakenNames:
    """The names that were given in one folder."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Begin with those that are there."""
        self._taken = {sameness(name) for name in taken}
        self._last: dict[str, int] = {}

    def candidates(self, name: str) -> Iterator[str]:
        """Safe names that were not given before: the name itself, then with numbers; each is given by being asked for.

        A file system may still refuse one, for it may give names of its own; then the next is the one to try.
        """
        clean = safe_name(name)
        stem, dot, extension = clean.rpartition(".") if "." in clean[1:] else (clean, "", "")
        asked = sameness(clean)
        number = self._last.get(asked, 1)
        candidate = clean if number == 1 else f"{stem} ({number}){dot}{extension}"
        while True:
            if (key := sameness(candidate)) not in self._taken:
                self._taken.add(key)
                yield candidate
            self._last[asked] = number = max(number, self._last.get(asked, 1)) + 1
            candidate = f"{stem} ({number}){dot}{extension}"

    def take(self, name: str) -> str:
        """The first of the candidates."""
        return next(self.candidates(name))


def free_path(folder: Path, name: str) -> Path:
    """A path in ``folder`` that nothing bears: ``name`` made safe, with a number where it is taken.

    Raises:
        OSError: The folder cannot be listed.
    """
    return folder / TakenNames(there.name for there in folder.iterdir()).take(name)
