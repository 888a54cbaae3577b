"""Windows files for tests, written from the descriptions of their formats; none of them comes from a computer."""

import struct
import zlib
from dataclasses import dataclass
from uuid import UUID

FILETIME_2026 = 134_126_892_000_000_001
"""2026-01-12T11:00:00.0000001Z."""
TIME_TEXT = "2026-01-12T11:00:00.0000001Z"


@dataclass(frozen=True)
class Key:
    """A registry key: values as (name, type, data)."""

    name: str
    values: tuple[tuple[str, int, bytes], ...] = ()
    keys: tuple["Key", ...] = ()


def hive(root: Key, *, sequence: tuple[int, int] = (7, 7)) -> bytes:
    """A registry hive with one bin."""
    cells = bytearray(32)

    def cell(data: bytes) -> int:
        at = len(cells)
        size = (4 + len(data) + 7) // 8 * 8
        cells.extend(struct.pack("<i", -size) + data.ljust(size - 4, b"\0"))
        return at

    def value(name: str, kind: int, data: bytes) -> int:
        if len(data) <= 4:
            size, place = len(data) | 0x80000000, int.from_bytes(data.ljust(4, b"\0"), "little")
        else:
            size, place = len(data), cell(data)
        return cell(b"vk" + struct.pack("<HIIIHH", len(name), size, place, kind, 1, 0) + name.encode("latin-1"))

    def key(one: Key, *, is_root: bool) -> int:
        values = [value(*each) for each in one.values]
        listed = cell(struct.pack(f"<{len(values)}I", *values)) if values else 0xFFFFFFFF
        inside = [(key(each, is_root=False), each.name) for each in one.keys]
        leaf = b"".join(struct.pack("<I", at) + name[:4].encode().ljust(4, b"\0") for at, name in inside)
        keys = cell(b"lf" + struct.pack("<H", len(inside)) + leaf) if inside else 0xFFFFFFFF
        fields = (0xFFFFFFFF, len(inside), 0, keys, 0xFFFFFFFF, len(values), listed, 0xFFFFFFFF, 0xFFFFFFFF)
        head = struct.pack("<HQI9I", 0x2C if is_root else 0x20, FILETIME_2026, 0, *fields)
        return cell(b"nk" + head + struct.pack("<5IHH", 0, 0, 0, 0, 0, len(one.name), 0) + one.name.encode("latin-1"))

    root_at = key(root, is_root=True)
    size = (len(cells) + 4 + 4095) // 4096 * 4096
    cells.extend(struct.pack("<i", size - len(cells)).ljust(size - len(cells), b"\0"))
    cells[:32] = b"hbin" + struct.pack("<IIQQI", 0, size, 0, FILETIME_2026, 0)
    head = b"regf" + struct.pack("<IIQIIIIIII", *sequence, FILETIME_2026, 1, 3, 0, 1, root_at, size, 1)
    head += "SYSTEM".encode("utf-16-le").ljust(64, b"\0")
    head = head.ljust(508, b"\0")
    checksum = 0
    for (word,) in struct.iter_unpack("<I", head):
        checksum ^= word
    return (head + struct.pack("<I", checksum)).ljust(4096, b"\0") + bytes(cells)


def event_log(events: list[tuple[int, str]], *, flags: int = 0) -> bytes:
    """A log of one chunk; each event is its identifier and the name of its computer."""
    chunk = bytearray(512)
    last = 512
    for number, (identifier, computer) in enumerate(events, 1):
        last = len(chunk)
        body = _event_xml(last + 24, identifier, computer)
        size = 24 + len(body) + 4
        chunk += struct.pack("<IIQQ", 0x2A2A, size, number, FILETIME_2026) + body + struct.pack("<I", size)
    free = len(chunk)
    head = b"ElfChnk\0" + struct.pack(
        "<QQQQIIII", 1, len(events), 1, len(events), 128, last, free, zlib.crc32(chunk[512:])
    )
    chunk[: len(head)] = head
    chunk[124:128] = struct.pack("<I", zlib.crc32(bytes(chunk[:120]) + bytes(chunk[128:512])))
    file = b"ElfFile\0" + struct.pack("<QQQIHHHH", 0, 0, len(events) + 1, 128, 1, 3, 4096, 1)
    file = file.ljust(120, b"\0")
    file += struct.pack("<II", flags, zlib.crc32(file))
    return file.ljust(4096, b"\0") + bytes(chunk).ljust(65536, b"\0")


def _event_xml(at: int, identifier: int, computer: str) -> bytes:
    """Binary XML without templates; ``at`` is where it begins in the chunk, for names stand beside their first use."""
    out = bytearray(b"\x0f\x01\x01\x00")

    def name(text: str) -> None:
        out.extend(struct.pack("<I", at + len(out) + 4))
        hashed = 0
        for char in text:
            hashed = (hashed * 65599 + ord(char)) & 0xFFFFFFFF
        out.extend(struct.pack("<IHH", 0, hashed & 0xFFFF, len(text)) + text.encode("utf-16-le") + b"\0\0")

    def element(tag: str, inside: list[tuple[str, object]] | str) -> None:
        start = len(out)
        out.extend(b"\x01\xff\xff\0\0\0\0")
        name(tag)
        out.append(0x02)
        if isinstance(inside, str):
            out.extend(b"\x05\x01" + struct.pack("<H", len(inside)) + inside.encode("utf-16-le"))
        else:
            for child, content in inside:
                element(child, content)  # type: ignore[arg-type]
        out.append(0x04)
        struct.pack_into("<I", out, start + 3, len(out) - start - 7)

    system: list[tuple[str, object]] = [("EventID", str(identifier)), ("Level", "04"), ("Channel", "Security"),
                                        ("Computer", computer)]  # fmt: skip
    element("Event", [("System", system)])
    out.append(0x00)
    return bytes(out)


TRACKED = UUID("0f6b0fa0-ef9a-11f0-8000-0242ac110002")


def shortcut(path: str = "C:\\Users\\lm\\secret.docx", arguments: str = "/x") -> bytes:
    """A shortcut to a file on a fixed drive, with arguments and a tracking block. [MS-SHLLINK] 2.1 to 2.5."""
    has_info, has_arguments, is_unicode = 0x2, 0x20, 0x80
    head = struct.pack("<I", 76) + UUID("00021401-0000-0000-c000-000000000046").bytes_le
    head += struct.pack("<II", has_info | has_arguments | is_unicode, 0x20)
    head += struct.pack("<QQQIIIHHII", FILETIME_2026, FILETIME_2026 + 10, 0, 4321, 0, 1, 0, 0, 0, 0)
    volume = struct.pack("<IIII", 17 + 4, 3, 0xDEADBEEF, 16) + b"DISK\0"
    base = path.encode("cp1252") + b"\0"
    at_volume, at_base = 28, 28 + len(volume)
    info = struct.pack("<IIIIII", 28, 1, at_volume, at_base, 0, at_base + len(base)) + volume + base + b"\0"
    info = struct.pack("<I", len(info) + 4) + info
    given = struct.pack("<H", len(arguments)) + arguments.encode("utf-16-le")
    tracked = struct.pack("<IIII", 96, 0xA0000003, 88, 0) + b"lm-laptop".ljust(16, b"\0")
    tracked += UUID(int=1).bytes_le + TRACKED.bytes_le + UUID(int=1).bytes_le + TRACKED.bytes_le
    return head + info + given + tracked + bytes(4)


def prefetch(program: str = "NOTEPAD.EXE", runs: int = 12) -> bytes:
    """A prefetch file of Windows 7 (format 23) with one file on one volume."""
    device = "\\DEVICE\\HARDDISKVOLUME1"
    file = f"{device}\\WINDOWS\\{program}"
    at_metrics = 240
    at_traces = at_metrics + 32
    at_names = at_traces + 12
    names = file.encode("utf-16-le") + b"\0\0"
    at_volumes = (at_names + len(names) + 7) // 8 * 8
    volume = struct.pack("<IIQIIIII", 104, len(device), FILETIME_2026 - 10, 0xCAFE1234, 0, 0, 0, 0).ljust(104, b"\0")
    volume += device.encode("utf-16-le") + b"\0\0"
    info = struct.pack("<9I", at_metrics, 1, at_traces, 1, at_names, len(names), at_volumes, 1, len(volume)) + bytes(8)
    info += struct.pack("<Q", FILETIME_2026) + bytes(16) + struct.pack("<II", runs, 1) + bytes(80)
    metrics = struct.pack("<IIIIIIQ", 0, 1, 1, 0, len(file), 2, 41 | (3 << 48))
    body = info + metrics + struct.pack("<IIBBH", 0xFFFFFFFF, 1, 0, 0, 0)
    total = at_volumes + len(volume)
    head = struct.pack("<I4sII", 23, b"SCCA", 0x11, total) + program.encode("utf-16-le").ljust(60, b"\0")
    head += struct.pack("<II", 0x12345678, 0)
    return ((head + body).ljust(at_names, b"\0") + names).ljust(at_volumes, b"\0") + volume


def compound(author: str = "Ana") -> bytes:
    """A compound file with a stream of summary information. [MS-CFB] 2 and [MS-OLEPS] 2."""
    words = (author.encode() + b"\0").ljust((len(author) + 4) // 4 * 4, b"\0")
    values = {
        1: struct.pack("<IhH", 2, 1252, 0),
        4: struct.pack("<II", 0x1E, len(author) + 1) + words,
        10: struct.pack("<IQ", 0x40, 90 * 10_000_000),
        12: struct.pack("<IQ", 0x40, FILETIME_2026),
        14: struct.pack("<Ii", 3, 5),
    }  # fmt: skip
    at, index, data = 8 + 8 * len(values), b"", b""
    for number, value in values.items():
        index += struct.pack("<II", number, at + len(data))
        data += value
    section = struct.pack("<II", at + len(data), len(values)) + index + data
    stream = struct.pack("<HHI16sI", 0xFFFE, 0, 0x20006, b"", 1)
    stream += UUID("f29f85e0-4ff9-1068-ab91-08002b27b3d9").bytes_le + struct.pack("<I", 48) + section
    stream = stream.ljust(4096, b"\0")
    end, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    head += struct.pack("<108I", *[free] * 108)
    fat = struct.pack("<128I", table, end, *range(3, 10), end, *[free] * 118)
    folder = _entry("Root Entry", 5, child=1, start=end) + _entry("\5SummaryInformation", 2, start=2, size=4096)
    return head + fat + folder.ljust(512, b"\0") + stream


def _entry(name: str, kind: int, *, child: int = 0xFFFFFFFF, start: int, size: int = 0) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return head + bytes(20) + struct.pack("<QQIQ", 0, FILETIME_2026 if kind == 5 else 0, start, size)
