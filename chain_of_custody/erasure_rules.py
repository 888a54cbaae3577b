"""Whether files of a case were erased as they may be: proposed by one person, approved by another, then listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chain_of_custody.body import Content
from chain_of_custody.canonical import Json

PROPOSE: Final = "erasure.propose"
APPROVE: Final = "erasure.approve"
REJECT: Final = "erasure.reject"
CARRY_OUT: Final = "erasure.carry_out"
FINISH: Final = "erasure.finish"
PREFIX: Final = "erasure."


@dataclass(slots=True)
class _Erasure:
    proposer: str
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

    def take(self, content: Content) -> Iterator[str]:
        """Say what was not allowed about an entry, and count it."""
        if not content.action.startswith(PREFIX):
            return
        key = str(content.facts.get("erasure"))
        found = self._proposed.get(key)
        if content.action == PROPOSE:
            if found is not None:
                yield f"{PROPOSE} proposes what was proposed before."
            else:
                self._proposed[key] = _Erasure(proposer=content.actor.id)
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
            self.erased |= dict(_files(content.facts.get("files")))


def _files(told: Json) -> Iterator[tuple[str, str]]:
    for one in told if isinstance(told, (list, tuple)) else ():
        if isinstance(one, dict):
            yield str(one.get("name")), str(one.get("sha256"))
