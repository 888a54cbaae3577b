"""What columns of the record hold that people read as a time, or as one of a list: times and such words (fifth rules).

What is no time, and no word of its list, nobody can read; a row that holds it hides the others beside it. The same
table stands in ``ledger-format.md``, section 7, *What columns hold*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from chain_of_custody.canonical import Json
from chain_of_custody.seals import SealFault
from chain_of_custody.vocabulary import EXPORT, IMAGE, LABORATORY_MEDIUM, State

PAPER: Final = "paper"
TIMES: Final[Mapping[str, Collection[str]]] = {
    "case_file": ("opened_at",),
    "exhibit": ("seized_at", "state_since", "expected_back", "recorded_at"),
    "photo": ("taken_at", "recorded_at"),
    "image": ("started_at", "ended_at"),
    "image_check": ("started_at", "ended_at"),
    "scene": ("started_at", "recorded_at", "closed_at"),
    "scene_answer": ("given_at", "recorded_at"),
    "scene_photo": ("taken_at", "recorded_at"),
    "capture": ("started_at", "ended_at", "recorded_at"),
    "deviation": ("recorded_at",),
    "incident": ("raised_at", "decided_at"),
    "note": ("told_at", "recorded_at"),
    "transfer_offer": ("due", "offered_at", "answered_at"),
    "paper": ("recorded_at",),
    "legal_hold": ("placed_at", "lifted_at"),
    "disposal": ("proposed_at", "decided_at", "carried_out_at"),
}
"""By table, the columns that hold a time with its offset, or null."""
LISTS: Final[Mapping[str, Mapping[str, Collection[str]]]] = {
    "exhibit": {
        "type": (
            "computer", "storage medium", "mobile device", "SIM or memory card", "network device",
            "CCTV, vehicle or IoT", "online account", "paper or wallet", IMAGE, EXPORT, LABORATORY_MEDIUM, "other",
        ),
        "state": tuple(State),
    },
    "incident": {"kind": (*SealFault, "lost", "other")},
    "transfer_offer": {"state": ("offered", "accepted", "refused", "withdrawn")},
    "paper": {
        "kind": ("receipt", "form", "signature"), "media_type": ("application/pdf", "image/jpeg", "image/png"),
    },
}  # fmt: skip
"""By table and column, the words of which it holds one, or null."""
DIGESTS: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("exhibit.photo", "photo"): {"sha256": "sha256"},
    ("image.intake", "image"): {"md5": "media_md5", "sha1": "media_sha1", "sha256": "media_sha256"},
}
"""By action and table, the columns of a new row that hold a digest, and the fact that tells it."""
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{6})?)?)"
)
YEARS: Final = range(1800, 9001)
"""The years of times that are still times in every zone, and can be the time of anything here."""
_SHA256: Final = re.compile("([0-9a-f]{64})?")
_OCCURRED: Final = "occurred_at"
_TOOL: Final = "tool_sha256"
PAPERS: Final = tuple(f"{kind}_sha256" for kind in LISTS[PAPER]["kind"])
"""The facts of a step that tell of a signed paper."""
_FACTS: Final = tuple(f'"{name}":'.encode() for name in (_OCCURRED, _TOOL, *PAPERS))
HEXADECIMAL: Final[Mapping[str, Collection[str]]] = {
    "capture": (_TOOL, "output_sha256"), "paper": ("sha256",),
}  # fmt: skip
"""By table, the columns that hold a SHA-256 in hexadecimal digits, the empty text, or null."""


def is_time(value: object) -> bool:
    """Whether a value is a time in ISO 8601 with its offset, of one of the years that are told."""
    if type(value) is not str or not _TIME.fullmatch(value):
        return False
    try:
        return datetime.fromisoformat(value).year in YEARS
    except ValueError:
        return False


def is_sha256_or_none(value: object) -> bool:
    """Whether a value is a SHA-256 in hexadecimal digits, or the empty text that stands for none."""
    return type(value) is str and _SHA256.fullmatch(value) is not None


def facts_to_read(body: bytes) -> Mapping[str, Json]:
    """The facts of an entry that nothing else is asked of, where they may tell a time, tool or paper; else none."""
    if not any(name in body for name in _FACTS):
        return {}
    try:
        facts: Any = json.loads(body)["facts"]
    except (ValueError, KeyError, TypeError):
        return {}  # it is no entry, which is a finding of its own
    return facts if isinstance(facts, dict) else {}


def fact_breaches(action: str, facts: Mapping[str, Json], *, is_step: bool) -> Iterator[str]:
    """Say whether an entry tells as a time or a digest what is none, or of a signed paper that only a step keeps.

    Args:
        action: of the entry.
        facts: of the entry.
        is_step: whether it is a step of custody.
    """
    told = facts.get(_OCCURRED)
    if told is not None and not is_time(told):
        yield f"{action} tells as the time at which it happened what is no time with its offset."
    if facts.get(_TOOL) is not None and not is_sha256_or_none(facts[_TOOL]):
        yield f"{action} tells as the SHA-256 of a tool what is none."
    if not is_step and any(facts.get(name) not in (None, "") for name in PAPERS):
        yield f"{action} tells of a signed paper, and is no step of custody, which keeps it."
    corrected = facts.get("corrected")
    pair = corrected.get(_OCCURRED) if isinstance(corrected, Mapping) else None
    if isinstance(pair, list | tuple) and not (pair and is_time(pair[-1])):
        yield f"{action} corrects the time of a step to what is no time with its offset."


def value_breaches(action: str, table: str, columns: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """Say which columns an entry sets to what is no time, or no word of their list.

    Args:
        action: of the entry.
        table: of the row.
        columns: by name, the value before and after.
    """
    for name in TIMES.get(table, ()):
        if name in columns and columns[name][1] is not None and not is_time(columns[name][1]):
            yield f"{action} writes into {name} of {table} what is no time with its offset."
    for name in HEXADECIMAL.get(table, ()):
        if name in columns and columns[name][1] is not None and not is_sha256_or_none(columns[name][1]):
            yield f"{action} writes into {name} of {table} what is no SHA-256."
    for name, words in LISTS.get(table, {}).items():
        if name in columns and columns[name][1] is not None and columns[name][1] not in words:
            yield f"{action} writes into {name} of {table} what is none of the words for it."


def digest_breaches(action: str, table: str, row: Mapping[str, Any], facts: Mapping[str, Json]) -> Iterator[str]:
    """Say whether a new row keeps another digest than the one that its entry tells.

    Args:
        action: of the entry.
        table: of the row.
        row: its columns.
        facts: of the entry.
    """
    for column, fact in DIGESTS.get((action, table), {}).items():
        if row.get(column) != facts.get(fact):
            yield f"{action} makes a row of {table} with another {column} than it tells."


def paper_breaches(action: str, facts: Mapping[str, Json], rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say which signed papers a step of custody tells and does not keep, or keeps and does not tell.

    Args:
        action: of the entry.
        facts: of the entry.
        rows: the columns of the rows of `paper` that it writes.
    """
    kinds = LISTS[PAPER]["kind"]
    if any(row.get("kind") not in kinds for row in rows):
        yield f"{action} makes a row of {PAPER} that is no signed paper which it tells."
    for kind in kinds:
        told = facts.get(f"{kind}_sha256")
        kept = [row.get("sha256") for row in rows if row.get("kind") == kind]
        if any(type(one) is not str or one != told for one in kept):
            yield f"{action} makes a row of {PAPER} with another sha256 than it tells."
        elif len(kept) != (told not in (None, "")):
            yield f"{action} tells of one signed {kind} where it makes {len(kept) or 'no'} row of {PAPER} for it."
