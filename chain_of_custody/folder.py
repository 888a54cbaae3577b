"""The custody folder: a ledger file with what stands in it said again for people, and the digests of all files.

Everything but the ledger file can be made from the ledger file again; a verifier does so, and compares. See
``ledger-format.md``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from chain_of_custody.anchors import anchors_in
from chain_of_custody.anchors import as_json as anchor_json
from chain_of_custody.body import utc_text
from chain_of_custody.canonical import Json
from chain_of_custody.enrolment import ENROL, REPLACE, REVOKE
from chain_of_custody.entry import Entry
from chain_of_custody.errors import BodyError
from chain_of_custody.file import ChainPart
from chain_of_custody.time_stamps import stamps_in

LEDGER: Final = "ledger.jsonl"
KEYS: Final = "keys.json"
ANCHORS: Final = "anchors.json"
SUMS: Final = "SHA256SUMS"
PROCEDURE: Final = "PROCEDURE.txt"
FORMAT: Final = "ledger-format.md"
"""The description of the format, which lies beside this module, too."""
VERIFIER: Final = "verifier"
KEYS_FORMAT: Final = "forensics-ledger-keys/1"
ANCHORS_FORMAT: Final = "forensics-ledger-anchors/1"
STAMPS: Final = "time-stamps"
MAX_SUMS_BYTES: Final = 1024 * 1024

_STARTS: Final = tuple(f'{{"action":"{action}",'.encode() for action in (ENROL, REPLACE, REVOKE))
_HEAD: Final = re.compile(r"[0-9a-f]{64}")
_SUM: Final = re.compile(r"([0-9a-f]{64})  ([^\\\x00-\x1f]+)")


def keys_document(lab: Sequence[Entry]) -> bytes:
    """Return the file that names every key of a lab chain, with the entries that enrolled and ended it.

    Each certificate of registration is an entry of the lab chain, whole: its text and its signatures.
    """
    keys: list[Json] = []
    for entry in lab:
        if not entry.body.startswith(_STARTS):
            continue
        try:
            keys.append(_certificate(entry))
        except BodyError:
            continue
    return _document({"format": KEYS_FORMAT, "keys": keys})


def _certificate(entry: Entry) -> Json:
    content = entry.content
    return {
        "action": content.action,
        **{name: content.facts.get(name) for name in ("person", "key", "public_key", "roles")},
        "name": content.object.label,
        "recorded_at": utc_text(content.recorded_at),
        "lab_sequence": content.sequence,
        "entry_sha256": entry.digest.hex(),
        "certificate": {
            "body": entry.body.decode("utf-8"),
            "signatures": [signature.hex() for signature in entry.signatures],
        },
    }


def anchors_document(lab: Sequence[Entry], chains: Sequence[str]) -> bytes:
    """Return the file that names the anchors of case chains in a lab chain."""
    anchors: list[Json] = [anchor_json(one) for one in anchors_in(lab) if one.chain in chains]
    return _document({"format": ANCHORS_FORMAT, "anchors": anchors})


def stamp_files(lab: Sequence[Entry]) -> Mapping[str, bytes]:
    """Return, by name, the files for checking the time stamps of a lab chain with other tools.

    For each stamp the digest that was stamped and the authority's response, and the certificates of the authorities.
    """
    stamped = stamps_in(lab)
    files: dict[str, bytes] = {}
    for one in stamped.stamps:
        files[f"{STAMPS}/{one.lab_sequence}.tsr"] = one.response
        files[f"{STAMPS}/{one.lab_sequence}.head"] = bytes.fromhex(one.head) if _HEAD.fullmatch(one.head) else b""
    if stamped.certificates:
        files[f"{STAMPS}/authorities.pem"] = "".join(f"{pem.strip()}\n" for pem in stamped.certificates).encode()
    return files


def sums_of(digests: Mapping[str, bytes]) -> bytes:
    """Return the lines that ``sha256sum -c`` reads.

    Args:
        digests: SHA-256 by name, with ``/`` between folders.
    """
    return "".join(f"{digest.hex()}  {name}\n" for name, digest in sorted(digests.items())).encode()


def file_findings(folder: Path, parts: Sequence[ChainPart]) -> Iterator[str]:
    """Compare the other files of a custody folder with its ledger file, and all of them with their digests.

    Yields:
        A sentence for everything that is not as it was written.

    Raises:
        OSError: a file that is there cannot be read.
    """
    lab = parts[0].entries if parts[0].kind == "lab" else ()
    cases = [part.chain for part in parts if part.kind == "case"]
    derived = {KEYS: keys_document(lab), ANCHORS: anchors_document(lab, cases), **stamp_files(lab)}
    for name, expected in derived.items():
        if not (folder / name).is_file():
            yield f"{name} is missing."
        elif (folder / name).read_bytes() != expected:
            yield f"{name} does not say what the ledger file says."
    for part in parts:
        if withheld := sum(entry.withheld is not None for entry in part.entries):
            yield f"{LEDGER} leaves out {withheld} of the entries of a chain: no custody folder is written without any."
    yield from _sums_findings(folder)


def _sums_findings(folder: Path) -> Iterator[str]:
    path = folder / SUMS
    if not path.is_file() or path.stat().st_size > MAX_SUMS_BYTES:
        yield f"{SUMS} is missing, so the files cannot be compared with their digests."
        return
    listed: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        match = _SUM.fullmatch(line)
        if match is None or not _is_inside(match[2]):
            yield f"{SUMS} has a line that names no file of the folder."
            continue
        listed[match[2]] = match[1]
    there = {one.relative_to(folder).as_posix(): one for one in _files(folder)}
    for name in sorted(listed.keys() | there.keys() - {SUMS}):
        if name not in there:
            yield f"{name} is missing."
        elif name not in listed:
            yield f"{name} is not in {SUMS}: it was added."
        elif _sha256(there[name]) != listed[name]:
            yield f"{name} does not have the SHA-256 that stands in {SUMS}: it was changed."


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in name.split("/")


def _files(folder: Path) -> Iterator[Path]:
    """The files of a folder, without what Python leaves beside the verifier when it runs."""
    for path in folder.rglob("*"):
        if "__pycache__" not in path.relative_to(folder).parts and (path.is_symlink() or not path.is_dir()):
            yield path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _document(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
