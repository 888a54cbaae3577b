"""Whether files of a case were erased as they may be: proposed by one person, approved by another, then listed.

See ``ledger-format.md``, section 7, *Erasures*.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chain_of_custody.body import Content
from chain_of_custody.canonical import Json, canonical
from chain_of_custody.hand_rules import FIFTH, states_digest
from chain_of_custody.rule_sets import FIRST

PROPOSE: Final = "erasure.propose"
APPROVE: Final = "erasure.approve"
REJECT: Final = "erasure.reject"
CARRY_OUT: Final = "erasure.carry_out"
FINISH: Final = "erasure.finish"
PREFIX: Final = "erasure."
CATALOGUES: Final = "catalogues"
KINDS: Final = (CATALOGUES, "photos", "papers", "reports")
"""What of a case can be erased: each a folder of the case, with the same name."""
COUNT: Final = "file_count"
DIGEST: Final = "files_sha256"
"""The fact of a proposal by which it says which files it is about; older proposals have none."""


@dataclass(slots=True)
class _Erasure:
    proposer: str
    what: Json
    listed: tuple[Json, Json] | None
    approver: str | None = None
    is_over: bool = False
    is_carried_out: bool = False


class Erasures:
    """What was proposed for erasure in a chain, by whom, and what was erased as it may be.

    Attributes:
        erased: SHA-256 in hex of each file by its name in the lab folder, of erasures that were allowed.
    """

    def __init__(self) -> None:
        """Begin with nothing erased."""
        self.erased: dict[str, str] = {}
        self._proposed: dict[str, _Erasure] = {}

    def take(self, content: Content, *, rules: int = FIRST) -> Iterator[str]:
        """Say what was not allowed about an entry, and count it; `rules` is the number that holds."""
        if not content.action.startswith(PREFIX):
            return
        key = str(content.facts.get("erasure"))
        found = self._proposed.get(key)
        if content.action == PROPOSE:
            if rules >= FIFTH and not states_digest(content, DIGEST):
                yield f"{PROPOSE} does not say which files it is about."
            if found is not None:
                yield f"{PROPOSE} proposes what was proposed before."
            else:
                self._proposed[key] = _Erasure(
                    proposer=content.actor.id, what=content.facts.get("what"), listed=_listed(content)
                )
        elif content.action == FINISH:
            if found is None or not found.is_carried_out:
                yield f"{FINISH} is about an erasure that was not carried out."
            elif found.approver == content.actor.id:
                yield f"{content.actor.name} finishes an erasure that they approved."
        elif found is None or found.is_over:
            yield f"{content.action} is about an erasure that does not wait for it."
        elif content.action == CARRY_OUT:
            yield from self._carry_out(content, found)
        else:
            yield from self._decide(content, found)

    def _decide(self, content: Content, found: _Erasure) -> Iterator[str]:
        if content.actor.id == found.proposer:
            yield f"{content.actor.name} decides about an erasure that they proposed."
        elif content.action == REJECT:
            found.is_over = True
        elif content.action == APPROVE and found.approver is None:
            found.approver = content.actor.id
        else:
            yield f"{content.action} is no step that follows there."

    def _carry_out(self, content: Content, found: _Erasure) -> Iterator[str]:
        found.is_over = True
        if found.approver is None:
            yield f"{CARRY_OUT} erases what nobody else approved."
        elif found.approver == content.actor.id:
            yield f"{content.actor.name} carries out an erasure that they approved."
        else:
            found.is_carried_out = True
            yield from self._of_files(content, found)

    def _of_files(self, content: Content, found: _Erasure) -> Iterator[str]:
        """Say which files the approval does not cover; only what it covers was erased."""
        files = content.facts.get("files")
        if not isinstance(files, list):
            yield f"{CARRY_OUT} does not say which files it erases."
            return
        covered: dict[str, str] = {}
        for one in files:
            name: Json = one.get("name") if isinstance(one, dict) else None
            if isinstance(name, str) and is_erasable(name, content.chain, found.what):
                covered[name] = str(one.get("sha256"))
            else:
                yield f"{CARRY_OUT} erases {name!r}, which is nothing that was approved."
        if content.facts.get("what") != found.what:
            yield f"{CARRY_OUT} erases something else than was approved."
        elif found.listed not in (None, listed_of(files, content.chain)):
            yield f"{CARRY_OUT} erases other files than were there when it was proposed."
        else:
            self.erased |= covered


def is_erasable(name: str, chain: str, what: Json) -> bool:
    """Whether a name in the lab folder is one of a file of a case and of what is to be erased of it.

    Args:
        name: as an entry tells it.
        chain: id of the case.
        what: the kinds that were proposed.
    """
    parts = name.split("/")
    if len(parts) < 4 or parts[:2] != ["cases", chain] or "\\" in name or not all(part.strip(". ") for part in parts):
        return False
    return parts[2] in KINDS and isinstance(what, list) and parts[2] in what


def listed_of(files: Json, chain: str) -> tuple[Json, Json]:
    """Number and SHA-256 in hex of a list of files, by which a proposal says which it is about.

    Catalogues are left out: they are made anew from images, and change whenever somebody works with them.
    """
    start = f"cases/{chain}/{CATALOGUES}/"
    listed = [one for one in (files if isinstance(files, list) else []) if not _begins(one, start)]
    return len(listed), hashlib.sha256(canonical(listed)).hexdigest()


def _begins(one: Json, start: str) -> bool:
    return isinstance(one, dict) and str(one.get("name")).startswith(start)


def _listed(content: Content) -> tuple[Json, Json] | None:
    return (content.facts.get(COUNT), content.facts[DIGEST]) if DIGEST in content.facts else None
