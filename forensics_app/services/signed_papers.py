"""Whether what somebody without a key signed is a signature: that it has ink, and is nobody else's (REQ-18)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from chain_of_custody.errors import CustodyError
from chain_of_custody.hand_rules import DRAWN, one_person, who_signed
from chain_of_custody.ledger import Json
from evidence.errors import EvidenceError
from evidence.isolation import run_isolated
from forensics_app.db.ledger import entries_about
from forensics_app.db.tables import PAPER
from forensics_app.errors import RefusedError
from forensics_app.model.custody import PaperKind
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.image import Ink
from forensics_app.services.folder import content_of

LEAST_INK_OF_MILLION: Final = 100
LEAST_EXTENT_PERCENT: Final = 4
"""A line of 3 cm on a scanned sheet of A4 has more of both; a blot or a slip of the hand has less."""
_REMEMBERED: Final = 256


def check_ink(path: Path, sha256: bytes) -> None:
    """Refuse a paper on which nothing is written, or that cannot be looked at; it is decoded in a child process.

    Args:
        path: The file.
        sha256: Of its bytes.

    Raises:
        RefusedError: It cannot be read, shown, or is blank.
    """
    if why := _why_not(path, sha256):
        raise RefusedError(f"{path.name} {why}.", then="Let the person sign again, or scan the paper again.")


@lru_cache(maxsize=_REMEMBERED)
def _why_not(path: Path, sha256: bytes) -> str:
    """Why a paper is none; the SHA-256 makes another content another paper, and one is looked at once for many."""
    try:
        ink: Ink = run_isolated("ink", {"content": content_of(path)})
    except OSError as error:
        return f"cannot be read: {error.strerror}"
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
    roles: Collection[str],
) -> dict[str, str]:
    """Refuse a drawn signature that is somebody else's by an earlier entry of any case.

    One form may be signed by several people, so of it this is only told, by entries of the same case.

    Args:
        connection: Of the open transaction.
        exhibit: Whom the step is about.
        papers: The SHA-256 of each.
        facts: What the entry is going to state.
        roles: In which the people of the laboratory sign.

    Returns:
        The fact ``form_also_of`` where the same form was told to be signed by others.

    Raises:
        RefusedError: It is, or one file is given as signature and as form.
    """
    if len(set(papers.values())) < len(papers):
        raise RefusedError("One file is given as two papers.", then="Give the signature and the form apart.")
    who = who_signed(facts, roles)
    others = {kind: _others(connection, exhibit, kind, sha256, who) for kind, sha256 in papers.items() if who}
    if drawn := others.get(PaperKind.SIGNATURE):
        raise RefusedError(
            f"This drawn signature is that of {drawn[0]}, and is told to be that of {who}.",
            then=f"Let {who} sign themselves.",
        )
    also = others.get(PaperKind.FORM)
    return {"form_also_of": "; ".join(also)} if also else {}


def _others(connection: Connection, exhibit: Exhibit, kind: PaperKind, sha256: bytes, who: str) -> Sequence[str]:
    """Who else is told to have signed this paper: a drawn signature in any case, a form in this one."""
    query = select(PAPER.c.exhibit_id).where(PAPER.c.kind == kind.value, PAPER.c.sha256 == sha256.hex())
    if kind is not PaperKind.SIGNATURE:
        query = query.where(PAPER.c.case_id == str(exhibit.case_id))
    about = sorted(set(connection.scalars(query)))
    name = DRAWN if kind is PaperKind.SIGNATURE else f"{kind}_sha256"
    found: dict[str, None] = {}
    for entry in entries_about(connection, about) if about else ():
        try:
            content = entry.content
        except CustodyError:
            continue  # verification names it
        other = who_signed(content.facts, {slot.role for slot in content.signers})
        if content.facts.get(name) == sha256.hex() and other and not one_person(other, who):
            where = "" if content.chain == str(exhibit.case_id) else " of another case"
            found[f"{other} (entry {content.sequence}{where})"] = None
    return tuple(found)
