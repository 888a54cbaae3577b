"""Signatures of people without a key, as the custody form prints them: the kept file, if it is the recorded one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from chain_of_custody.hand_rules import who_signed
from evidence.errors import EvidenceError
from evidence.isolation import run_isolated
from forensics_app.model.case import CaseId
from forensics_app.model.custody import ON_SCREEN, CustodyEvent
from forensics_app.model.custody_form import FormSignature
from forensics_app.model.image import Picture
from forensics_app.model.told import Told
from forensics_app.services.folder import LabFolder, content_of, content_size
from forensics_app.services.papers import KINDS, LIMIT_BYTES, paper_path

BOX_PX: Final = 1200


def signatures_in(events: Iterable[CustodyEvent]) -> tuple[FormSignature, ...]:
    """The signatures that entries name, without their pictures."""
    return tuple(_named(event) for event in events if event.fact("signature_sha256"))


def _named(event: CustodyEvent) -> FormSignature:
    """What an entry states; somebody with a program of their own may have stated what is no digest."""
    who = who_signed(event.facts, {one.role for one in event.signatures}).removesuffix(ON_SCREEN)
    stated = event.fact("signature_sha256")
    try:
        return FormSignature(sequence=event.sequence, who=who, sha256=bytes.fromhex(stated))
    except ValueError:
        return FormSignature(
            sequence=event.sequence, who=who, sha256=b"", absent=Told("The entry states no SHA-256 of it.")
        )


def with_picture(folder: LabFolder, case_id: CaseId, one: FormSignature) -> FormSignature:
    """A signature with the picture to print, or with why there is none."""
    if one.absent:
        return one
    paths = [paper_path(folder, case_id, one.sha256, media_type) for media_type, _ in KINDS.values()]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return replace(one, absent=Told("The picture is missing: its file is not in the lab folder."))
    if path.suffix == ".pdf":
        return replace(one, absent=Told("It is a PDF; its file is in the lab folder."))
    try:
        content = content_of(path) if content_size(path) <= LIMIT_BYTES else b""
    except OSError as error:
        return replace(one, absent=Told("The picture cannot be read: {why}.", why=error.strerror))
    if hashlib.sha256(content).digest() != one.sha256:
        words = "The picture was changed: its file does not have the recorded SHA-256."
        return replace(one, absent=Told(words))
    arguments = {"content": content, "width_pixels": BOX_PX, "height_pixels": BOX_PX, "encoding": "JPEG"}
    try:
        picture: Picture = run_isolated("picture", arguments)
    except EvidenceError:
        return replace(one, absent=Told("The picture cannot be decoded; its file has the recorded SHA-256."))
    return replace(one, jpeg=picture.encoded)
