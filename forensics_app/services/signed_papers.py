"""Whether what somebody without a key signed is a signature: that it has ink, and is nobody else's (REQ-18)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from chain_of_custody.errors import CustodyError
from chain_of_custody.hand_rules import DRAWN, Drawing, one_person, who_signed
from chain_of_custody.ledger import Content, Json, SignerRole, utc_text
from chain_of_custody.rule_sets import RULES
from chain_of_custody.states import Event
from evidence.errors import EvidenceError, IsolationError
from evidence.isolation import run_isolated
from forensics_app.db.ledger import entries_about, entries_after
from forensics_app.db.tables import ENTRY, PAPER
from forensics_app.errors import RefusedError
from forensics_app.model.custody import PaperKind
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.image import Ink
from forensics_app.model.person import SignedIn
from forensics_app.services.folder import content_of

LEAST_INK_OF_MILLION: Final = 100
LEAST_EXTENT_PERCENT: Final = 4
"""A line of 3 cm on a scanned sheet of A4 has more of both; a blot or a slip of the hand has less."""
_REMEMBERED: Final = 256
_STEPS: Final = tuple(f"custody.{event}" for event in Event)


def check_ink(path: Path, sha256: bytes) -> None:
    """Refuse a paper on which nothing is written, or that cannot be looked at; it is decoded in a child process.

    Args:
        path: The file.
        sha256: Of its bytes.

    Raises:
        RefusedError: It cannot be read, shown, or is blank.
    """
    try:
        why = _why_not(path, sha256)
    except IsolationError as error:
        raise RefusedError(
            f"{path.name} could not be looked at, so it is not known whether it is signed: {error}",
            then="Try again; if that fails once more, scan the paper again.",
        ) from error
    if why:
        raise RefusedError(f"{path.name} {why}.", then="Let the person sign again, or scan the paper again.")


@lru_cache(maxsize=_REMEMBERED)
def _why_not(path: Path, sha256: bytes) -> str:
    """Why a paper is none; the SHA-256 makes another content another paper, and one is looked at once for many."""
    try:
        ink: Ink = run_isolated("ink", {"content": content_of(path)})
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except IsolationError:
        raise  # says nothing of the paper, and is not remembered
    except EvidenceError:
        return "cannot be shown: it is damaged, or no picture and no PDF document"
    if ink.of_million < LEAST_INK_OF_MILLION or ink.longest_percent < LEAST_EXTENT_PERCENT:
        return "is blank: nothing on it could be a signature"
    return ""


def check_signer(
    connection: Connection,
    exhibit: Exhibit,
    papers: Mapping[PaperKind, bytes],
    facts: Mapping[str, Json],
    signers: Sequence[tuple[SignerRole, SignedIn]],
    now: datetime,
) -> dict[str, str]:
    """Refuse a drawn signature that is somebody else's, or was drawn for another act, by an earlier entry of any case.

    One form may be signed by several people, so of it this is only told, by entries of the same case.

    Args:
        connection: Of the open transaction.
        exhibit: Whom the step is about.
        papers: The SHA-256 of each.
        facts: What the entry is going to state, its event and time among it.
        signers: The people of the laboratory, each with the role in which they sign.
        now: The present moment.

    Returns:
        The fact ``form_also_of`` where the same form was told to be signed by others.

    Raises:
        RefusedError: It is, or one file is given as signature and as form.
    """
    if len(set(papers.values())) < len(papers):
        raise RefusedError("One file is given as two papers.", then="Give the signature and the form apart.")
    _check_kinds(connection, exhibit, papers)
    who = who_signed(facts, {role for role, _ in signers})
    others = {kind: _others(connection, exhibit, kind, sha256, who) for kind, sha256 in papers.items() if who}
    if drawn := others.get(PaperKind.SIGNATURE):
        raise RefusedError(
            f"This drawn signature is that of {drawn[0]}, and is told to be that of {who}.",
            then=f"Let {who} sign themselves.",
        )
    if drawn_sha256 := papers.get(PaperKind.SIGNATURE):
        new = Drawing(
            who=who,
            action=f"custody.{facts.get('event')}",
            occurred_at=facts.get("occurred_at"),
            people=tuple(str(by.person.id) for _, by in signers),
            recorded_at=now,
            at=_time_of_use(connection, str(exhibit.case_id), now),
            sequence=0,
            exhibits={str(exhibit.id)},
        )
        _check_drawn_for_it(connection, exhibit, drawn_sha256, new)
    _check_receipts(connection, exhibit, papers)
    also = others.get(PaperKind.FORM)
    return {"form_also_of": "; ".join(also)} if also else {}


def _check_kinds(connection: Connection, exhibit: Exhibit, papers: Mapping[PaperKind, bytes]) -> None:
    """Refuse as signed on paper what an entry states as drawn on the screen, and the other way round."""
    for kind, sha256 in papers.items():
        is_drawn = kind is PaperKind.SIGNATURE
        others = [one for one in PaperKind if (one is PaperKind.SIGNATURE) is not is_drawn]
        stated = (content for other in others for content in _stating(connection, other, sha256))
        if (first := next(stated, None)) is not None:
            where = "" if first.chain == str(exhibit.case_id) else " of another case"
            was = "signed on paper" if is_drawn else "a signature drawn on the screen"
            raise RefusedError(
                f"This file is told to be {was} by entry {first.sequence}{where}; it is no other signature.",
                then="Let the person sign anew, or scan what they signed.",
            )


def _check_drawn_for_it(connection: Connection, exhibit: Exhibit, sha256: bytes, new: Drawing) -> None:
    """Refuse a drawing that an earlier entry states of another act: one is drawn for each."""
    for content in _stating(connection, PaperKind.SIGNATURE, sha256):
        is_here = content.chain == str(exhibit.case_id)
        in_one_go = not is_here or not _stepped_since(connection, content, new.people, sha256.hex())
        if not in_one_go or not Drawing.of(content).is_of_one_act_with(new, rules=RULES):
            where = "" if content.chain == str(exhibit.case_id) else " of another case"
            raise RefusedError(
                f"This drawn signature was drawn for another act: entry {content.sequence}{where} states it already.",
                then=f"Let {new.who or 'the person'} sign anew for this one.",
            )


def _stepped_since(connection: Connection, first: Content, people: Sequence[str], sha256: str) -> bool:
    """Whether one of these people signed another step of the case since an entry stated a drawing."""
    _, entries = entries_after(connection, first.chain, first.sequence, _STEPS)
    since = (entry.content for entry in entries)
    return any(one.facts.get(DRAWN) != sha256 and any(slot.person in people for slot in one.signers) for one in since)


def _time_of_use(connection: Connection, case_id: str, now: datetime) -> str:
    """The time at which a verifier takes an entry to be made now: never before that of an entry of its chain."""
    newest = connection.scalar(select(func.max(ENTRY.c.recorded_at)).where(ENTRY.c.chain == case_id))
    return max(utc_text(now), newest or "")


def _check_receipts(connection: Connection, exhibit: Exhibit, papers: Mapping[PaperKind, bytes]) -> None:
    """Refuse as a receipt what was signed as a form, the other way round, and a receipt that was signed before."""
    case_id = str(exhibit.case_id)
    for kind, other in ((PaperKind.FORM, PaperKind.RECEIPT), (PaperKind.RECEIPT, PaperKind.FORM)):
        if (sha256 := papers.get(kind)) is None:
            continue
        if (first := next(_stating(connection, other, sha256, case_id), None)) is not None:
            raise RefusedError(
                f"This file is told to be the signed {other} of entry {first.sequence}; it is no {kind}.",
                then="Scan what was signed for this step.",
            )
    if (sha256 := papers.get(PaperKind.RECEIPT)) is None:
        return
    stated = _stating(connection, PaperKind.RECEIPT, sha256, case_id)
    if (first := next((one for one in stated if one.object.id == str(exhibit.id)), None)) is not None:
        raise RefusedError(
            f"Entry {first.sequence} states this receipt of {exhibit.number} already, for an earlier transfer.",
            then="Let whoever received it now sign a receipt.",
        )


def _stating(connection: Connection, kind: PaperKind, sha256: bytes, case_id: str | None = None) -> Iterator[Content]:
    """The entries, of one case or of all, that state a paper."""
    query = select(PAPER.c.exhibit_id).where(PAPER.c.kind == kind.value, PAPER.c.sha256 == sha256.hex())
    if case_id is not None:
        query = query.where(PAPER.c.case_id == case_id)
    about = sorted(set(connection.scalars(query)))
    name = DRAWN if kind is PaperKind.SIGNATURE else f"{kind}_sha256"
    for entry in entries_about(connection, about) if about else ():
        try:
            content = entry.content
        except CustodyError:
            continue  # verification names it
        if content.facts.get(name) == sha256.hex():
            yield content


def _others(connection: Connection, exhibit: Exhibit, kind: PaperKind, sha256: bytes, who: str) -> Sequence[str]:
    """Who else is told to have signed this paper: a drawn signature in any case, a form in this one."""
    found: dict[str, None] = {}
    for content in _stating(connection, kind, sha256, None if kind is PaperKind.SIGNATURE else str(exhibit.case_id)):
        other = who_signed(content.facts, {slot.role for slot in content.signers})
        if other and not one_person(other, who):
            where = "" if content.chain == str(exhibit.case_id) else " of another case"
            found[f"{other} (entry {content.sequence}{where})"] = None
    return tuple(found)
