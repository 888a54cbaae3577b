"""The configuration in force: every setting that can change what an examination finds, and its digest (REQ-35)."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from chain_of_custody.canonical import canonical
from chain_of_custody.ledger import Json
from evidence.attempts import MAX_ATTEMPTS, MAX_UNREAD, MAX_UNREAD_OF_ALL
from evidence.digest import PART_BYTES
from evidence.isolation import SILENCE_S
from evidence.limits import Limits
from forensics_app import __version__
from forensics_app.db.mapping_image import ALGORITHMS
from forensics_app.db.schema import REVISIONS
from forensics_app.model.lab import LabInfo
from forensics_app.services.folder import LabFolder

LIBRARIES = (
    "cramjam", "cryptography", "google-crc32c", "libevtx-python", "libewf-python", "liblnk-python", "libolecf-python",
    "libregf-python", "libscca-python", "lzfse", "Pillow", "pypdfium2", "pytsk3", "python-magic",
    "python-magic-standalone", "tzdata", "xxhash", "zstandard",
)  # fmt: skip
"""Distributions that read evidence, or tell the times of it."""


def configuration_of(lab: LabInfo, folder: LabFolder) -> dict[str, Json]:
    """The configuration as one document that can be written canonically."""
    own: dict[str, Json] = {"stationery": _stationery(folder)} if folder.stationery.is_dir() else {}
    return {
        "version": 1,
        **own,
        "schema": REVISIONS[-1],
        "zone": lab.zone,
        "algorithms": list(ALGORITHMS),
        "limits": dict(_limits()),
        "libraries": dict(_libraries()),
        "guidance": _guidance(folder),
    }


def configuration_sha256(lab: LabInfo, folder: LabFolder) -> bytes:
    """SHA-256 over the canonical form (RFC 8785) of :func:`configuration_of`; it hashes no evidence."""
    return hashlib.sha256(canonical(configuration_of(lab, folder))).digest()


@cache
def _limits() -> Mapping[str, Json]:
    from evidence.examine import MAX_NESTING  # the readers, which only a child needs: a start would wait for them
    from evidence.filesystems.archives import LIMITS, MAX_DEPTH
    from evidence.pictures import MAX_PIXELS

    child = Limits()
    return {
        "child_memory_bytes": child.memory_bytes,
        "child_open_files": child.open_files,
        "child_silence_ms": round(SILENCE_S * 1000),
        "attempts": MAX_ATTEMPTS,
        "unread_of_a_volume": MAX_UNREAD,
        "unread_of_all": MAX_UNREAD_OF_ALL,
        "volumes_deep": MAX_NESTING,
        "archives_deep": MAX_DEPTH,
        "archives": {name: _whole(value) for name, value in asdict(LIMITS).items()},
        "picture_pixels": MAX_PIXELS,
        "part_bytes": PART_BYTES,
    }


@cache
def _libraries() -> Mapping[str, Json]:
    found: dict[str, Json] = {"Python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # one of two that serve the same end on different systems
            found[name] = None
    return found


def _guidance(folder: LabFolder) -> dict[str, Json]:
    """The lab's own guidance by the SHA-256 of each file; else that of the program, which its build answers for."""
    own = folder.root / "guidance"
    if not own.is_dir():
        return {"of": "program", "version": __version__}
    files: list[Json] = [{"name": path.name, "sha256": _digest(path)} for path in sorted(own.glob("*.toml"))]
    return {"of": "laboratory", "files": files}


def _stationery(folder: LabFolder) -> list[Json]:
    return [{"name": path.name, "sha256": _digest(path)} for path in sorted(folder.stationery.glob("*"))]


def _digest(path: Path) -> str | None:
    """None for a file that cannot be read: an act that took hours is not lost for it, and the digest shows it."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _whole(value: object) -> Json:
    """A limit as the ledger writes numbers: it knows no fractions."""
    return value if isinstance(value, int) else str(value)
