"""The names of the files of a target."""

from __future__ import annotations

import re
from pathlib import Path

from evidence.acquisition.ewf_bytes import CHUNK_BYTES, TABLE_FIXED_BYTES
from evidence.acquisition.journal import SUFFIX
from evidence.acquisition.settings import Format, Settings
from evidence.images.segments import EWF_SEGMENTS_MAX, ewf_suffix

FILES_MAX = EWF_SEGMENTS_MAX

_FILE_FIXED_BYTES = 16 * 1024
_FIRST_E01 = re.compile(r"\.e01", re.IGNORECASE)


def base_of(target: Path, settings: Settings) -> Path:
    """What all files of a target are named after, from the name of its first file or without a suffix."""
    if settings.format is Format.E01:
        return target.with_suffix("") if _FIRST_E01.fullmatch(target.suffix) else target
    return target.with_suffix("") if settings.segment_bytes and target.suffix == ".001" else target


def begun_as(target: Path) -> Path:
    """What the files of a begun target are named after: whatever has a journal beside it."""
    short = target.with_suffix("") if target.suffix else target
    return short if journal_of(short).exists() and not journal_of(target).exists() else target


def file_of(base: Path, settings: Settings, number: int) -> Path:
    """The file with this number, from 1."""
    if settings.format is Format.E01:
        return base.with_name(base.name + ewf_suffix("E", number))
    return base if settings.segment_bytes is None else base.with_name(f"{base.name}.{number:03d}")


def journal_of(base: Path) -> Path:
    """The journal beside the target."""
    return base.with_name(f"{base.name}{SUFFIX}")


def most_files(media_bytes: int, settings: Settings) -> int:
    """How many files a target may become, if nothing can be compressed."""
    if settings.segment_bytes is None:
        return 1
    if settings.format is Format.RAW:
        return -(-media_bytes // settings.segment_bytes)
    usable = settings.segment_bytes - _FILE_FIXED_BYTES - CHUNK_BYTES
    return -(-_stored_bytes(media_bytes, settings) // usable) + 1


def most_bytes(media_bytes: int, settings: Settings) -> int:
    """How many bytes the files of a target may hold together, if nothing can be compressed."""
    if settings.format is Format.RAW:
        return media_bytes
    return _stored_bytes(media_bytes, settings) + most_files(media_bytes, settings) * _FILE_FIXED_BYTES


def _stored_bytes(media_bytes: int, settings: Settings) -> int:
    """The chunks of an E01 with their checksums and their tables."""
    chunks = -(-media_bytes // CHUNK_BYTES)
    per_table = max(1, settings.checkpoint_bytes // CHUNK_BYTES)
    return chunks * (CHUNK_BYTES + 4 + 8) + (chunks // per_table + 1) * 3 * TABLE_FIXED_BYTES
