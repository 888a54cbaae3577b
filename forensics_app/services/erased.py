"""What the chain of a case tells of erasures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from chain_of_custody.erasure_rules import APPROVE, CARRY_OUT, COUNT, DIGEST, FINISH, PREFIX, PROPOSE, Erasures
from chain_of_custody.errors import CustodyError
from chain_of_custody.ledger import Content, Entry, Json
from forensics_app.model.case import CaseId
from forensics_app.model.person import PersonId
from forensics_app.model.retention import Erasable, ErasedFile, Erasure, ErasureId, ErasureState

ERASURES_ID = "case-erasures"
"""Id of the object of these entries: by it they are found."""
_STARTS = f'{{"action":"{PREFIX}'.encode()
_KEPT_AGAIN = tuple(f'"table":"{table}"'.encode() for table in ("photo", "scene_photo", "paper", "report"))
"""An entry that makes such a row with the digest of an erased file keeps that file again."""
_CATALOGUED = b'{"action":"image.catalogue",'
"""An entry that lets what is made of an image, and of the case, be made again."""
_UUID_CHARACTERS = 36


def erasures_of(entries: Iterable[Entry]) -> tuple[Erasure, ...]:
    """The erasures that entries tell of, by case in the order in which they were proposed."""
    found: dict[str, Erasure] = {}
    numbers: dict[str, int] = {}
    for entry in entries:
        content = entry.content
        key, facts = str(content.facts.get("erasure")), content.facts
        if content.action == PROPOSE:
            if not _is_proposal(key, facts):
                continue  # verification names it
            numbers[content.chain] = numbers.get(content.chain, 0) + 1
            found[key] = Erasure(
                id=ErasureId(UUID(key)),
                number=numbers[content.chain],
                case_id=CaseId(UUID(content.chain)),
                what=frozenset(Erasable(str(one)) for one in _list(facts.get("what"))),
                listed=_listed(facts.get(COUNT), facts[DIGEST]) if DIGEST in facts else None,
                authority=str(facts.get("authority")),
                reason=content.reason or "",
                state=ErasureState.PROPOSED,
                proposed_by=content.actor.name,
                proposer_id=PersonId(UUID(content.actor.id)),
                proposed_at=content.recorded_at,
                decided_by="",
                decider_id=None,
                decision="",
                carried_out_by="",
                carried_out_at=None,
                files=(),
            )
        elif key in found and content.action == CARRY_OUT:
            found[key] = replace(
                found[key],
                state=ErasureState.CARRIED_OUT,
                carried_out_by=content.actor.name,
                carried_out_at=content.recorded_at,
                files=tuple(_file(one) for one in _list(facts.get("files"))),
            )
        elif key in found and content.action != FINISH:
            is_approved = content.action == APPROVE
            found[key] = replace(
                found[key],
                state=ErasureState.APPROVED if is_approved else ErasureState.REJECTED,
                decided_by=content.actor.name,
                decider_id=PersonId(UUID(content.actor.id)),
                decision=content.reason or "",
            )
    return tuple(found.values())


def _is_proposal(key: str, facts: Mapping[str, Json]) -> bool:
    """Whether what a proposal tells can be read: the id of the erasure, and the kinds of files."""
    kinds = {kind.value for kind in Erasable}
    try:
        UUID(key)
    except ValueError:
        return False
    return all(str(one) in kinds for one in _list(facts.get("what")))


def unread_proposal(content: Content) -> str:
    """Words where an entry proposes an erasure and which one cannot be read; else empty."""
    if content.action != PROPOSE or _is_proposal(str(content.facts.get("erasure")), content.facts):
        return ""
    return "which files it means to have erased cannot be read"


def erased_files(chains: Iterable[Iterable[Entry]]) -> dict[str, str]:
    """SHA-256 in hex of each file, by its name in the lab folder, that was erased as it may be and not kept again."""
    erased: dict[str, str] = {}
    for entries in chains:
        acts = Erasures()
        for entry in entries:
            if entry.body.startswith(_STARTS):
                try:
                    list(acts.take(entry.content))
                except CustodyError:
                    break
            elif acts.erased and any(row in entry.body for row in _KEPT_AGAIN):
                for name in [name for name, sha256 in acts.erased.items() if sha256.encode() in entry.body]:
                    del acts.erased[name]
            elif acts.erased and entry.body.startswith(_CATALOGUED):
                for name in [name for name in acts.erased if _is_made_again(name, entry.body)]:
                    del acts.erased[name]
        erased |= acts.erased
    return erased


def _is_made_again(name: str, body: bytes) -> bool:
    """Whether a file among the catalogues may be there again after its image was catalogued once more."""
    _, _, made = name.partition("/catalogues/")
    return bool(made) and (made.startswith("timeline.") or made[:_UUID_CHARACTERS].encode() in body)


def _list(told: Json) -> list[Json]:
    return [*told] if isinstance(told, (list, tuple)) else []


def _listed(count: Json, sha256: Json) -> tuple[int, str]:
    """What a proposal says of its files; what is no number or text is that of no list."""
    return (count if isinstance(count, int) else -1, sha256 if isinstance(sha256, str) else "")


def _file(told: Json) -> ErasedFile:
    one = told if isinstance(told, dict) else {}
    size_bytes = one.get("size_bytes")
    return ErasedFile(
        name=str(one.get("name")),
        size_bytes=size_bytes if isinstance(size_bytes, int) else 0,
        sha256=str(one.get("sha256")),
    )
