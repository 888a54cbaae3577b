"""The JSON area of a LUKS2 header, every field of it checked before it is used.

Source: the LUKS2 On-Disk Format Specification, version 1.1.1, chapter 3, and its requirements of reencryption.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from evidence.images.base import Problem
from evidence.volumes.luks_header import Header, Kdf, KeyDigest, KeySlot, LuksError, Segment

_KNOWN_REQUIREMENTS = ("online-reencrypt", "online-reencrypt-v2", "online-reencrypt-v3")
_MAX_KEY_BYTES = 512
_MAX_STRIPES = 1 << 16
_MAX_ENTRIES = 64
_SECTOR_SIZES = (512, 1024, 2048, 4096)


class _Fields:
    """An object of the document, with the path to it for messages."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, dict):
            raise LuksError(f"{path} of the LUKS2 header is missing or no object.")
        self._value: dict[str, object] = value
        self._path = path

    def has(self, name: str) -> bool:
        return name in self._value

    def object(self, name: str) -> _Fields:
        return _Fields(self._value.get(name), f"{self._path}.{name}")

    def text(self, name: str) -> str:
        value = self._value.get(name)
        if not isinstance(value, str) or len(value) > 4096:
            raise self._wrong(name, "text")
        return value

    def number(self, name: str, least: int, most: int) -> int:
        """A number, also where it is written as text, as those of 64 bits are."""
        value = self._value.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._wrong(name, f"number from {least} to {most}")
        return value

    def octets(self, name: str) -> bytes:
        try:
            return base64.b64decode(self.text(name), validate=True)
        except (binascii.Error, ValueError):
            raise self._wrong(name, "base64") from None

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._value.get(name, [])
        if not isinstance(value, list) or len(value) > _MAX_ENTRIES or not all(isinstance(item, str) for item in value):
            raise self._wrong(name, "list of texts")
        return tuple(value)

    def numbered(self, name: str) -> Iterator[tuple[int, _Fields]]:
        """The objects under the keys "0", "1" ... of an object, in the order of the numbers."""
        inner = self.object(name)
        keys = [key for key in inner._value if key.isascii() and key.isdigit() and len(key) <= 4]
        if len(keys) != len(inner._value) or len(keys) > _MAX_ENTRIES:
            raise self._wrong(name, "table of numbered entries")
        for key in sorted(keys, key=int):
            yield int(key), inner.object(key)

    def _wrong(self, name: str, wanted: str) -> LuksError:
        return LuksError(f"{self._path}.{name} of the LUKS2 header is no {wanted}.")


def header_of(document: dict[str, object], uuid: str, media_bytes: int, header_bytes: int) -> Header:
    """The header that a document describes.

    Args:
        document: The JSON object.
        uuid: From the binary header.
        media_bytes: Size of the volume.
        header_bytes: Size of one copy of the header: no area can lie inside the two.

    Raises:
        LuksError: A field is missing or impossible.
    """
    root = _Fields(document, "the JSON area")
    problems: list[Problem] = []
    slots = []
    for number, fields in root.numbered("keyslots"):
        try:
            slot = _slot(str(number), fields, media_bytes, header_bytes)
        except LuksError as error:
            problems.append(error.problem)
        else:
            slots += [slot] if slot else []
    segments = [_segment(number, fields) for number, fields in root.numbered("segments") if not _is_backup(fields)]
    if [segment.number for segment in segments] != list(range(len(segments))) or not segments:
        raise LuksError("The segments of the LUKS2 header are not numbered one after the other.")
    if any(segment.length_bytes is None for segment in segments[:-1]):
        raise LuksError("A segment of the LUKS2 header that is not the last one has no size.")
    requirements = _requirements(root)
    for name in requirements:
        if name in _KNOWN_REQUIREMENTS:
            what = f"The volume was being reencrypted and that has not ended ({name})."
            problems.append(Problem(what=what, where="", offset_bytes=None, is_damage=False))
    unknown = [name for name in requirements if name not in _KNOWN_REQUIREMENTS]
    return Header(
        version=2,
        uuid=uuid,
        slots=tuple(slots),
        digests=tuple(_digest(fields) for _, fields in root.numbered("digests")),
        segments=tuple(segments),
        problems=tuple(problems),
        refusal=f"The header requires {', '.join(unknown)}, which is not supported." if unknown else "",
    )


def _requirements(root: _Fields) -> tuple[str, ...]:
    config = root.object("config")
    return config.object("requirements").texts("mandatory") if config.has("requirements") else ()


def _slot(name: str, fields: _Fields, media_bytes: int, header_bytes: int) -> KeySlot | None:
    """The slot; None for one that keeps the state of a reencryption."""
    kind = fields.text("type")
    if kind == "reencrypt":
        return None
    if kind != "luks2":
        raise LuksError(f"Key slot {name} is of the type {kind}, which is not known.", is_damage=False)
    area, split = fields.object("area"), fields.object("af")
    if area.text("type") != "raw" or split.text("type") != "luks1":
        raise LuksError(f"Key slot {name} keeps its key in a way that is not known.", is_damage=False)
    return KeySlot(
        name=name,
        kdf=_kdf(fields.object("kdf")),
        area_offset_bytes=area.number("offset", 2 * header_bytes, max(2 * header_bytes, media_bytes)),
        area_bytes=area.number("size", 1, max(1, media_bytes)),
        encryption=area.text("encryption"),
        area_key_bytes=area.number("key_size", 1, _MAX_KEY_BYTES),
        key_bytes=fields.number("key_size", 1, _MAX_KEY_BYTES),
        stripes=split.number("stripes", 1, _MAX_STRIPES),
        split_hash=split.text("hash"),
    )


def _kdf(fields: _Fields) -> Kdf:
    kind = fields.text("type")
    if kind == "pbkdf2":
        return Kdf(
            type=kind,
            salt=fields.octets("salt"),
            hash=fields.text("hash"),
            iterations=fields.number("iterations", 1, (1 << 32) - 1),
        )
    return Kdf(
        type=kind,
        salt=fields.octets("salt"),
        iterations=fields.number("time", 1, (1 << 32) - 1),
        memory_kib=fields.number("memory", 1, (1 << 32) - 1),
        lanes=fields.number("cpus", 1, 256),
    )


def _digest(fields: _Fields) -> KeyDigest:
    if fields.text("type") != "pbkdf2":
        raise LuksError(f"A digest of the type {fields.text('type')} is not known.", is_damage=False)
    segments = [name for name in fields.texts("segments") if name.isascii() and name.isdigit() and len(name) <= 4]
    digest = fields.octets("digest")
    if not 16 <= len(digest) <= 64:
        raise LuksError(f"A digest of a volume key has {len(digest)} bytes.")
    return KeyDigest(
        kdf=_kdf(fields),
        digest=digest,
        slots=fields.texts("keyslots"),
        segments=tuple(int(name) for name in segments),
    )


def _is_backup(fields: _Fields) -> bool:
    return any(flag.startswith("backup-") for flag in fields.texts("flags"))


def _segment(number: int, fields: _Fields) -> Segment:
    kind = fields.text("type")
    size = None if fields.text("size") == "dynamic" else fields.number("size", 1, (1 << 63) - 1)
    refusal = "" if kind in ("crypt", "linear") else f"it is of the type {kind}, which is not supported"
    if fields.has("integrity"):
        refusal = f"it is protected by {fields.object('integrity').text('type')} (dm-integrity), which is not supported"
    elif "in-reencryption" in fields.texts("flags"):
        refusal = "it was being reencrypted: nobody can tell which of its sectors are under which key"
    is_crypt = kind == "crypt"
    sector_bytes = fields.number("sector_size", 512, 4096) if is_crypt else 512
    if sector_bytes not in _SECTOR_SIZES:
        raise LuksError(f"Segment {number} of the LUKS2 header has sectors of {sector_bytes} bytes.")
    return Segment(
        number=number,
        type=kind,
        offset_bytes=fields.number("offset", 0, (1 << 63) - 1),
        length_bytes=size,
        encryption=fields.text("encryption") if is_crypt else "",
        sector_bytes=sector_bytes,
        first_iv=fields.number("iv_tweak", 0, (1 << 64) - 1) if is_crypt else 0,
        refusal=refusal,
    )
