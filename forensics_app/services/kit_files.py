"""The files of a kit: written to be the same for the same facts, and read back only when whole and as signed for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from chain_of_custody.errors import CustodyError
from chain_of_custody.ledger import Entry, message_of
from chain_of_custody.signing import PublicKey
from forensics_app.model.catalogue import Stamp
from forensics_app.model.kit import (
    ENTRY_NAME,
    FACTS_NAME,
    KIT_FORM,
    KIT_FORMS,
    MANIFEST_NAME,
    STEPS_NAME,
    Kit,
    KitDamagedError,
    KitFile,
    KitImage,
    KitVolume,
)
from forensics_app.reports.how_to_recheck import how_to_recheck

_MAX_BYTES = 256 * 1024 * 1024
_HEAD = ("made_at", "laboratory", "case", "program", "libraries")
_SINCE_2 = ("of", "remarks")
_LISTED = (FACTS_NAME, STEPS_NAME)
Noun = TypeVar("Noun")

STEPS = """\
HOW TO CHECK THE FACTS OF THE REPORT IN YOUR OWN COPY
=====================================================

This folder holds no evidence: only what the report says of it, in numbers. With a copy of the same media, in any
container, you can find out whether each of these facts is in it. You need neither the laboratory nor its database.

1. Compare the SHA-256 of manifest.json with the one that the laboratory gave you on paper:
       sha256sum manifest.json
2. Compare the files named in manifest.json with their SHA-256:
       sha256sum facts.json HOW-TO-RECHECK.txt
3. Have every fact found again (give the key of an encrypted volume by a file, see recheck --help):
       forensics-app recheck THIS-FOLDER YOUR-IMAGE
   It answers for each fact: same, different, or cannot test. Its exit status is 0 where all are the same, 1 where any
   is different, and 3 where some cannot be tested.
4. With other programs: the digests are of the media (ewfverify, or sha256sum of a raw image); volumes are told by their
   place in bytes (mmls); files by the number that their file system gives them (istat, icat), with the SHA-256 of
   their content. Cited bytes are told by "area", "offset_bytes" and "length_bytes", with their SHA-256: of the media
   and of a file those are its own bytes (icat, or the raw image, then tail --bytes=+N, with N the offset and 1, then
   head --bytes=LENGTH, then sha256sum), of a volume they count from its start. Bytes of "unallocated space" and "slack"
   count in all that no file of the volume uses, or in what lies behind the end of the file, in the order of the volume.
   Times are nanoseconds since 1970 as stored; "basis" says whether in UTC or by a local clock.

WHAT THE FACTS ARE OF
=====================

Facts.json says under "of" which report they are of, and under "remarks" what you have to know of that. It holds every
image of the case with its volumes, and of what the report cites in them: each finding ("Finding 1"), each chosen file
("F-1"), and each file of the lists in the annex ("list 1, no. 1": lists and files in their printed order). What a
report says in words, its photographs, its custody records and its figure of the timeline are no facts of an image, and
are not in it.

Where a name is left out, the file was marked or concealed; volume and address lead to it. Entry.json is the entry of
the laboratory's signed ledger that names the SHA-256 of manifest.json. Whose key signed it, the laboratory can tell.
"""


def steps(language: str) -> bytes:
    """How to check a kit: in the language of the report where it is written in that, and in English."""
    return how_to_recheck(language) + STEPS.encode("ascii")


def packed(value: Any) -> bytes:
    """JSON with sorted keys, the same for the same values, in ASCII whatever names are."""
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode("ascii")


def facts_document(kit: Kit) -> bytes:
    """What is in the file of facts."""
    head = {name: getattr(kit, name) for name in (*_HEAD, *_SINCE_2)}
    images, files = [asdict(one) for one in kit.images], [asdict(one) for one in kit.files]
    return packed({"form": KIT_FORM, **head, "images": images, "files": files})


def manifest_document(files: Mapping[str, bytes]) -> bytes:
    """Names, sizes and SHA-256 of the files."""
    listed = [
        {"name": name, "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
    return packed({"form": KIT_FORM, "files": listed})


def entry_document(entry: Entry, keys: Sequence[bytes]) -> bytes:
    """The entry of the ledger with the keys that its signatures are checked with."""
    return packed(
        {
            "form": KIT_FORM,
            "body": entry.body.decode(),
            "signatures": [one.hex() for one in entry.signatures],
            "keys": [one.hex() for one in keys],
        }
    )


def read_kit(folder: Path) -> Kit:
    """A kit, if every file of it is there, is as its manifest says, and the manifest is the one that was signed for.

    Raises:
        KitDamagedError: It is not so.
    """
    manifest = _content(folder, MANIFEST_NAME)
    listed = _document(manifest, MANIFEST_NAME).get("files")
    found = {one.get("name"): one.get("sha256") for one in listed or () if isinstance(one, dict)}
    if sorted(map(str, found)) != sorted(_LISTED):
        raise KitDamagedError(f"{folder} is no whole kit: its manifest does not list {' and '.join(_LISTED)}.")
    for name in _LISTED:
        if hashlib.sha256(_content(folder, name)).hexdigest() != found[name]:
            raise KitDamagedError(f"{folder} is not as it was made: {name} does not have the SHA-256 of its manifest.")
    sha256 = hashlib.sha256(manifest).hexdigest()
    signed = _signed(_document(_content(folder, ENTRY_NAME), ENTRY_NAME), sha256)
    return _kit(_document(_content(folder, FACTS_NAME), FACTS_NAME), signed, sha256)


def _content(folder: Path, name: str) -> bytes:
    try:
        with (folder / name).open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise KitDamagedError(f"{folder} is no whole kit: {name} cannot be read: {error.strerror}.") from error
    if len(content) > _MAX_BYTES:
        raise KitDamagedError(f"{folder} is no kit: {name} is larger than {_MAX_BYTES:,} bytes.")
    return content


def _document(content: bytes, name: str) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise KitDamagedError(f"{name} cannot be read: it is no JSON.") from error
    if not isinstance(document, dict) or document.get("form") not in KIT_FORMS:
        raise KitDamagedError(f"{name} is of none of the forms that this version reads: {', '.join(KIT_FORMS)}.")
    return document


def _signed(document: dict[str, Any], manifest_sha256: str) -> str:
    """Who signed for the manifest."""
    try:
        keys = [PublicKey(bytes.fromhex(one)) for one in document["keys"]]
        signatures = tuple(bytes.fromhex(one) for one in document["signatures"])
        entry = Entry(document["body"].encode(), signatures)
        content = entry.content
    except (CustodyError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise KitDamagedError(f"{ENTRY_NAME} holds no entry of a ledger.") from error
    named = content.facts.get("manifest_sha256")
    if content.action != "report.kit" or named != manifest_sha256:
        raise KitDamagedError("The entry of the ledger names another manifest: the kit is not as it was signed for.")
    slots = content.signers
    if not slots or not len(slots) == len(signatures) == len(keys):
        raise KitDamagedError(f"{ENTRY_NAME} lacks a signature or a key.")
    for slot, key, signature in zip(slots, keys, signatures, strict=True):
        if key.key_id != slot.key or not key.fits(message_of(entry.body), signature):
            raise KitDamagedError(f"A signature of {ENTRY_NAME} does not fit: the kit is not as it was signed for.")
    who = "; ".join(f"{slot.name}, key {slot.key}" for slot in slots)
    return f"entry {content.sequence} of chain {content.chain}, {content.recorded_at}, signed by {who}"


def _kit(document: dict[str, Any], signed: str, sha256: str) -> Kit:
    try:
        return Kit(
            **{name: document[name] for name in _HEAD},
            of=document.get("of", ""),
            remarks=tuple(document.get("remarks", ())),
            images=tuple(
                KitImage(**{**one, "volumes": tuple(KitVolume(**volume) for volume in one["volumes"])})
                for one in document["images"]
            ),
            files=tuple(
                KitFile(**{**one, "times": {name: Stamp(**stamp) for name, stamp in one["times"].items()}})
                for one in document["files"]
            ),
            signed=signed,
            manifest_sha256=sha256,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise KitDamagedError(f"{FACTS_NAME} is not of the form {KIT_FORM!r}.") from error
