"""Labels of exhibits: what stands on one, what its QR code says, and what a scan of it finds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import unquote
from uuid import UUID

from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit

KIND = "FXL2"
FIRST_KIND = "FXL1"
"""What labels were printed with before the seal was part of their code; they stay on for years and are read too."""
DIGEST_BYTES = 8
_CHECK_DIGITS = 4
_PLAIN = " $*+-./"
"""Beside digits and capitals: what the alphanumeric mode of a QR code takes as it is; `%` and `:` have a meaning."""
_HEAD = r"(?P<lab>[0-9A-F]{32}):(?P<case>[^:]+):(?P<exhibit>[^:]+)"
_TAIL = r"(?P<digest>[0-9A-F]{16}):(?P<check>[0-9A-F]{4})"
_SHAPES = (
    re.compile(rf"{KIND}:{_HEAD}:(?P<seal>[^:]*):{_TAIL}"),
    re.compile(rf"{FIRST_KIND}:{_HEAD}:{_TAIL}(?P<seal>)"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelText:
    """What the QR code of a label says; written down in docs/labels.md.

    Attributes:
        seal: Number of the seal when the label was printed, empty where there was none; None on a label of the first
            kind, which does not say it.
        digest: First eight bytes of the SHA-256 of the exhibit's last entry when the label was printed.
    """

    lab: UUID
    case: str
    exhibit: str
    seal: str | None
    digest: bytes

    @property
    def text(self) -> str:
        """The characters of the code; all of them are of its alphanumeric mode, which keeps it small."""
        kind, seal = (FIRST_KIND, ()) if self.seal is None else (KIND, (_coded(self.seal),))
        told = ":".join(
            (kind, self.lab.hex.upper(), _coded(self.case), _coded(self.exhibit), *seal, self.digest.hex().upper())
        )
        return f"{told}:{_check(told)}"


def is_label(text: str) -> bool:
    """Whether a text means to be that of a label, whole or not."""
    return text.strip().upper().startswith((f"{KIND}:", f"{FIRST_KIND}:"))


def label_text(text: str) -> LabelText | None:
    """What a scanner typed, read back; None when it is not the whole text of a label."""
    told = text.strip().upper()
    found = next((one for shape in _SHAPES if (one := shape.fullmatch(told))), None)
    if found is None or _check(told.rpartition(":")[0]) != found["check"]:
        return None
    try:
        case, exhibit, seal = (unquote(found[name], errors="strict") for name in ("case", "exhibit", "seal"))
    except UnicodeDecodeError:
        return None
    return LabelText(
        lab=UUID(hex=found["lab"]),
        case=case,
        exhibit=exhibit,
        seal=None if told.startswith(FIRST_KIND) else seal,
        digest=bytes.fromhex(found["digest"]),
    )


def _coded(words: str) -> str:
    return "".join(char if char in _PLAIN or (char.isascii() and (char.isdigit() or char.isupper()))
                   else "".join(f"%{byte:02X}" for byte in char.encode()) for char in words)  # fmt: skip


def _check(told: str) -> str:
    return sha256(told.encode()).hexdigest()[:_CHECK_DIGITS].upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label (REQ-10).

    Attributes:
        at: When it was seized; ``at_words`` says so, or that it is the time of the registration.
        place: Where it was seized, or where it is.
        officer: Who seized it, or who registered it.
    """

    laboratory: str
    case: str
    exhibit: str
    description: str
    place: str
    at: datetime
    officer: str
    seal: str
    told: LabelText


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSheet:
    """How labels lie on paper, in tenths of a millimetre; one label and no margin is a printer of single labels.

    Attributes:
        pitch_right, pitch_down: From one label to the next.
    """

    columns: int
    rows: int
    width: int
    height: int
    left: int = 0
    top: int = 0
    pitch_right: int = 0
    pitch_down: int = 0
    page_width: int = 2100
    page_height: int = 2970

    @property
    def count(self) -> int:
        """How many labels a sheet holds."""
        return self.columns * self.rows


SHEETS = {
    "3x8": LabelSheet(columns=3, rows=8, width=700, height=370, top=5, pitch_right=700, pitch_down=370),
    "3x7": LabelSheet(
        columns=3, rows=7, width=635, height=381, left=72, top=151, pitch_right=660, pitch_down=381
    ),
    "2x7": LabelSheet(
        columns=2, rows=7, width=991, height=381, left=47, top=151, pitch_right=1016, pitch_down=381
    ),
    "2x4": LabelSheet(
        columns=2, rows=4, width=991, height=677, left=47, top=131, pitch_right=1016, pitch_down=677
    ),
}  # fmt: skip
"""Sheets of A4 that are sold everywhere, by columns and rows."""
LEAST_WIDTH, LEAST_HEIGHT = 400, 200
MOST_WIDTH, MOST_HEIGHT = 2000, 2000


def single_label(width: int, height: int) -> LabelSheet:
    """The paper of a printer of single labels, in tenths of a millimetre.

    Raises:
        ValueError: A label of that size cannot hold what has to be on it, or is larger than any printer makes.
    """
    if not (LEAST_WIDTH <= width <= MOST_WIDTH and LEAST_HEIGHT <= height <= MOST_HEIGHT):
        raise ValueError(
            f"A label is between {LEAST_WIDTH // 10} x {LEAST_HEIGHT // 10} mm and "
            f"{MOST_WIDTH // 10} x {MOST_HEIGHT // 10} mm."
        )
    return LabelSheet(columns=1, rows=1, width=width, height=height, page_width=width, page_height=height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a scan found.

    Attributes:
        entries_since: How many entries about the exhibit were made after the label was printed; None where no label
            was read but a number typed.
        label_seal: Number of the seal by the label, empty where it had none; None where nothing says it.
    """

    case: Case
    exhibit: Exhibit
    entries_since: int | None
    label_seal: str | None

    @property
    def seal_differs(self) -> bool:
        """Whether the label names another seal than the record."""
        return self.label_seal is not None and self.label_seal != self.exhibit.seal_number

    @property
    def words(self) -> str:
        """What was found, in a few sentences."""
        found = f"{self.exhibit.number} of case {self.case.number}"
        if self.entries_since is None:
            return f"{found}, by its number."
        return f"{found}. {self._age} {self._seals}".rstrip()

    @property
    def _age(self) -> str:
        if self.entries_since == 0:
            return "The label is as new as the record."
        entries = "1 entry" if self.entries_since == 1 else f"{self.entries_since:,} entries"
        return f"The label is older than the last entry, which is normal: {entries} more since it was printed."

    @property
    def _seals(self) -> str:
        if not self.seal_differs:
            return ""
        on_label = f"the seal {self.label_seal}" if self.label_seal else "no seal"
        recorded = self.exhibit.seal_number
        now = f"the seal {recorded} is recorded now" if recorded else "none is recorded now"
        return (
            f"The label names {on_label}; {now}. Look at the seal on the item itself: where it is as recorded, print "
            "a new label; where it is not, report an incident."
        )
