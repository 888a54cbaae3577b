"""Writes L01 images, logical evidence, from the published format: no free tool writes them.

Source: "Expert Witness Compression Format specification", J. Metz, libewf documentation; "Ltree section" and the
remarks on EWF-L01 in the other sections.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

from tests.evidence.images.ewf_builder import SET_IDENTIFIER, Segment, chunks_of, summed

SIGNATURE = b"LVF\x09\x0d\x0a\xff\x00"
LOGICAL = 14
_HEADER = "1\nmain\nc\tn\ta\te\tt\tav\tov\tm\tu\tp\ncase 7\titem 3\ta folder\tN. Jashi\tnotes\t6.19\tLinux\t\t\t0\n\n"
_KEYS = "p n id opr src sub cid jq cr ac wr mo dl aq ha ls du lo po mid cfi be pm lpt"
_ENTRY = tuple(_KEYS.split(" "))


def logical_volume(sector_bytes: int = 512, per_chunk: int = 64, sectors: int = 7) -> bytes:
    """The data of a section "volume": no chunks announced, and a number of sectors that says nothing."""
    head = struct.pack(
        "<B3xIIIQ12xB15xB3xI4x16s", LOGICAL, 0, per_chunk, sector_bytes, sectors, 1, 1, 64, SET_IDENTIFIER.bytes_le
    )
    return summed(head.ljust(1048, b"\0"))


def tree_text(files: Mapping[str, bytes]) -> str:
    """What a section "ltree" says of files in one folder, whose contents lie one behind the other."""
    total = sum(map(len, files.values()))
    lines = ["5", "rec", "tb\tcl\tn", f"{total}\t1\t1", ""]
    lines += ["perm", "0\t1", "p\tn\ts\tpr\tnta\tnti", "0\t0", "1\t\t\t10\t\t", ""]
    lines += ["srce", "0\t1", "p\tn\tid\tev\ttb\tlo\tpo\tah\tgu\taq", "0\t0", "\t\t\t\t\t-1\t-1\t\t\t", ""]
    lines += ["sub", "0\t1", "p\tn\tid\tnu\tco\tgu", "0\t0", "\t\t\t\t1\t", ""]
    lines += ["entry", "1\t1", "\t".join(_ENTRY), "0\t1", _entry(1), f"0\t{len(files)}", _entry(2, p="1", n="folder")]
    offset = 0
    for number, (name, content) in enumerate(files.items(), 3):
        lines += ["0\t0", _content_entry(number, name, content, offset)]
        offset += len(content)
    return "\n".join([*lines, "", ""])


def _content_entry(number: int, name: str, content: bytes, offset: int) -> str:
    digest = hashlib.md5(content).hexdigest()
    return _entry(number, n=name, ha=digest, ls=str(len(content)), be=f"1 {offset:x} {len(content):x}")


def _entry(number: int, **values: str) -> str:
    said = {"id": str(number), "p": "1" if number < 3 else "", "lo": "-1", "po": "-1", "pm": "0"} | values
    return "\t".join(said.get(key, "") for key in _ENTRY)


def tree(text: str) -> bytes:
    """The data of a section "ltree"."""
    data = text.encode("utf-16-le")
    head = struct.pack("<16sQ", hashlib.md5(data).digest(), len(data))
    empty = bytes(20)
    return head + struct.pack("<I", zlib.adler32(head + bytes(4) + empty)) + empty + data


def write_set(
    files: Mapping[str, bytes], folder: Path, segments: int = 1, name: str = "files", text: str | None = None
) -> tuple[list[Path], list[Segment]]:
    """Write files as an L01 set; every third chunk is not compressed."""
    chunks = chunks_of(b"".join(files.values()))
    share = -(-len(chunks) // segments)
    paths, made = [], []
    for number in range(1, segments + 1):
        segment = Segment(number, SIGNATURE)
        if number == 1:
            segment.add("header2", zlib.compress(_HEADER.encode("utf-16")))
            segment.add("header", zlib.compress(_HEADER.encode()))
            segment.add("volume", logical_volume())
        else:
            segment.add("data", logical_volume())
        segment.add_chunks(chunks[(number - 1) * share : number * share], compress=lambda chunk: chunk % 3 != 2)
        if number == segments:
            segment.add("ltypes", bytes(6))
            segment.add("ltree", tree(tree_text(files) if text is None else text))
            segment.add("data", logical_volume())
        segment.add("done" if number == segments else "next")
        paths.append(segment.write(folder / f"{name}.L{number:02d}"))
        made.append(segment)
    return paths, made
