"""The files that travel inside a PDF, read again and held against what the PDF says of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

from forensics_app.proof.errors import NotAReportError
from forensics_app.proof.reading import UNREADABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file inside a PDF; ``problem`` says what is wrong with it, or is empty."""

    name: str
    content: bytes
    problem: str


def attached_in(reader: PdfFileReader) -> tuple[Attached, ...]:
    """Every embedded file, in the order of the names.

    Raises:
        NotAReportError: The list of them cannot be read.
    """
    try:
        root: Any = reader.root
        if "/Names" not in root or "/EmbeddedFiles" not in root["/Names"]:
            return ()
        named = root["/Names"]["/EmbeddedFiles"]["/Names"]
        return tuple(_attached(str(named[at]), named[at + 1]) for at in range(0, len(named), 2))
    except UNREADABLE as error:
        raise NotAReportError("its attached files cannot be read") from error


def _attached(name: str, specification: Any) -> Attached:
    stream = specification["/EF"]["/F"]
    content = bytes(stream.data)
    told = stream["/Params"]
    checksum = told["/CheckSum"]
    raw = bytes(getattr(checksum, "original_bytes", checksum))
    problem = ""
    if str(specification["/UF"]) != name or str(specification["/F"]) != name:
        problem = "it is listed under another name"
    elif int(told["/Size"]) != len(content):
        problem = f"it has {len(content)} bytes, and {told['/Size']} are recorded"
    elif raw != hashlib.md5(content, usedforsecurity=False).digest():
        problem = "it does not have the checksum that is recorded beside it"
    return Attached(name=name, content=content, problem=problem)
