"""Outlook messages and jump lists: what they hold, as made here by their specifications, and what becomes of damage."""

import email
import email.policy
import random
import struct
import subprocess
from pathlib import Path

import pytest

from evidence.errors import UnreadableStructureError
from evidence.viewers.base import TREE
from evidence.viewers.table import in_words
from tests.evidence.made_images import need
from tests.evidence.viewers import windows_samples as made
from tests.evidence.viewers.compound_samples import Storage, compound_of
from tests.evidence.viewers.test_windows_files import facts, opened
from tests.evidence.viewers.windows_samples import FILETIME_2026, TIME_TEXT

TIME = "(UTC, FILETIME of 100 ns)"


def properties(header_bytes: int, fixed: dict[int, tuple[int, bytes]]) -> bytes:
    rows = (struct.pack("<HHI8s", kind, number, 6, value) for number, (kind, value) in fixed.items())
    return bytes(header_bytes) + b"".join(rows)


def texts(values: dict[int, str]) -> dict[str, bytes]:
    return {f"__substg1.0_{number:04X}001F": text.encode("utf-16-le") for number, text in values.items()}


def message() -> bytes:
    """A message to two people, with its text twice, an attachment, and one string in a Cyrillic code page."""
    people: dict[str, Storage] = {}
    for at, (role, name, address) in enumerate(((1, "Ana Kovač", "ana@example.org"), (2, "Bo", "bo@example.org"))):
        people[f"__recip_version1.0_#{at:08X}"] = {
            "__properties_version1.0": properties(8, {0x0C15: (3, struct.pack("<i", role).ljust(8, b"\0"))}),
            **texts({0x3001: name, 0x3003: address, 0x39FE: address}),
        }
    attached: Storage = {
        "__properties_version1.0": properties(8, {0x3705: (3, struct.pack("<i", 1).ljust(8, b"\0"))}),
        "__substg1.0_37010102": b"%PDF-" + bytes(5000),
        **texts({0x3707: "invoice of March.pdf", 0x3704: "INVOIC~1.PDF", 0x370E: "application/pdf"}),
    }
    fixed = {
        0x0039: (0x40, struct.pack("<Q", FILETIME_2026)),
        0x3FFD: (3, struct.pack("<i", 1251).ljust(8, b"\0")),
        0x3FDE: (3, struct.pack("<i", 65001).ljust(8, b"\0")),
    }
    return compound_of({
        "__properties_version1.0": properties(32, fixed),
        "__substg1.0_0070001E": "Договір".encode("cp1251"),
        "__substg1.0_10130102": "<p>Grüße</p>".encode(),
        **texts({
            0x001A: "IPM.Note", 0x0037: "Invoice", 0x0C1A: "Cy", 0x5D01: "cy@example.org", 0x0E04: "Ana Kovač",
            0x0E03: "Bo",
            0x1000: "Pay today.\r\n" * 500, 0x007D: "Received: from mx.example.org\r\n", 0x1035: "<1@example.org>",
        }),
        **people,
        "__attach_version1.0_#00000000": attached,
    })  # fmt: skip


def listed(version: int, entries: list[tuple[int, str, int, int]]) -> bytes:
    """A stream DestList; of each entry its number, path, uses, and place where it is pinned or -1."""
    data = struct.pack("<IIIf", version, len(entries), 0, 1.0).ljust(32, b"\0")
    for number, path, uses, pinned in entries:
        head = bytes(72) + b"lm-laptop".ljust(16, b"\0")
        if version == 1:
            head += struct.pack("<IIfQiH", number, 0, uses, FILETIME_2026, pinned, len(path))
            data += head + path.encode("utf-16-le")
        else:
            head += struct.pack("<IIfQiIIQH", number, 0, 1.0, FILETIME_2026, pinned, 0, uses, 0, len(path))
            data += head + path.encode("utf-16-le") + bytes(4)
    return data


ENTRIES = [(1, "C:\\Users\\lm\\secret.docx", 7, -1), (0xAB, "D:\\відео.mp4", 2, 0)]


def jump_list(version: int) -> bytes:
    links = {"1": made.shortcut(), "ab": made.shortcut("D:\\video.mp4"), "c": made.shortcut("E:\\gone.txt")}
    return compound_of({"DestList": listed(version, ENTRIES), **links})


CUSTOM = struct.pack("<III", 2, 1, 0) + bytes(24) + made.shortcut() + made.shortcut("E:\\b.txt") + b"\xab\xfb\xbf\xba"
SAMPLES = {"message": message(), "old list": jump_list(1), "new list": jump_list(4), "custom list": CUSTOM}


def test_a_message_tells_who_wrote_what_to_whom_and_what_is_attached() -> None:
    found = opened(SAMPLES["message"])
    told = facts(found, "message")
    assert told["Subject"] == "Invoice"
    assert told[f"Submitted {TIME}"] == TIME_TEXT
    assert (told["Sender"], told["Sender's address (SMTP)"], told["To"]) == ("Cy", "cy@example.org", "Ana Kovač")
    assert told["Conversation"] == "Договір"
    assert found.text("body") == "Pay today.\r\n" * 500
    assert found.text("html") == "<p>Grüße</p>"
    assert found.text("transport") == "Received: from mx.example.org\r\n"
    assert found.rows("recipients", "", 0, 9).rows == (
        ("to", "Ana Kovač", "ana@example.org", "ana@example.org"),
        ("copy", "Bo", "bo@example.org", "bo@example.org"),
    )
    assert found.rows("attachments", "", 0, 9).rows == (
        ("invoice of March.pdf", "INVOIC~1.PDF", "application/pdf", "5,005 bytes"),
    )
    assert "HTML is shown as its source" in " ".join(found.sheet.remarks)


@pytest.mark.parametrize("version", [1, 4])
def test_an_automatic_jump_list_tells_its_entries_in_order_with_their_shortcuts(version: int) -> None:
    found = opened(jump_list(version))
    assert found.rows("list", "", 0, 9).rows == (
        ("1", "C:\\Users\\lm\\secret.docx", TIME_TEXT, "7", "no", "lm-laptop"),
        ("ab", "D:\\відео.mp4", TIME_TEXT, "2", "yes, as 1", "lm-laptop"),
    )
    assert facts(found, "linkab")["Target"] == "D:\\video.mp4"
    titles = [part.title for part in found.sheet.parts]
    assert titles[:4] == ["Jump list", "Shortcut 1", "Shortcut c, not in the list", "Shortcut ab"]
    cut = opened(compound_of({"DestList": listed(version, ENTRIES)[:-3]}))
    assert len(cut.rows("list", "", 0, 9).rows) == (1 if version == 1 else 2)


def test_a_custom_jump_list_tells_its_shortcuts() -> None:
    found = opened(CUSTOM)
    assert [facts(found, f"link{at}")["Target"] for at in (1, 2)] == ["C:\\Users\\lm\\secret.docx", "E:\\b.txt"]
    assert found.sheet.remarks == ()
    assert "does not end as one does" in opened(CUSTOM[:-4]).sheet.remarks[0]


def test_the_files_made_here_are_compound_files_to_gsf_too(tmp_path: Path) -> None:
    need("gsf")
    (tmp_path / "a.msg").write_bytes(SAMPLES["message"])
    told = subprocess.run(["gsf", "list", tmp_path / "a.msg"], capture_output=True, text=True, check=True).stdout
    assert "__substg1.0_0037001F" in told
    assert "__recip_version1.0_#00000001" in told


def test_the_message_made_here_is_one_to_msgconvert_too(tmp_path: Path) -> None:
    need("msgconvert")
    (tmp_path / "a.msg").write_bytes(SAMPLES["message"])
    run = ["msgconvert", "--outfile", tmp_path / "a.eml", tmp_path / "a.msg"]
    subprocess.run(run, capture_output=True, check=True)
    letter = email.message_from_bytes((tmp_path / "a.eml").read_bytes(), policy=email.policy.default)
    told = facts(opened(SAMPLES["message"]), "message")
    assert (letter["Subject"], letter["To"]) == (told["Subject"], "Ana Kovač <ana@example.org>")
    assert letter["Cc"] == "Bo <bo@example.org>"
    (attached,) = letter.iter_attachments()
    assert (attached.get_filename(), len(attached.get_content())) == ("invoice of March.pdf", 5005)


@pytest.mark.parametrize("name", SAMPLES)
def test_damage_gives_words_or_fewer_values_and_nothing_else(name: str) -> None:
    sample, source = SAMPLES[name], random.Random(9)
    shown = 0
    for round_ in range(60):
        data = bytearray(sample)
        for _ in range(source.randrange(1, 9)):
            data[source.randrange(48, len(data))] = source.randrange(256)
        end = len(data) if round_ % 3 else source.randrange(100, len(data))
        try:
            with in_words("it"):
                found = opened(bytes(data[:end]))
                for part in found.sheet.parts:
                    if part.kind == "table":
                        found.rows(part.key, "", 0, 100)
                    elif part.kind == TREE:
                        found.nodes(part.key, "")
                    else:
                        found.text(part.key)
            shown += 1
        except UnreadableStructureError:
            pass
    assert shown > 10
