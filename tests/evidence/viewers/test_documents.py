"""Databases, property lists, letters, archives and PDF: what they hold, and what becomes of damage."""

import base64
import io
import plistlib
import random
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from evidence.errors import NoViewerError, UnreadableStructureError
from evidence.examination import examine_isolated
from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.content import BytesContent
from evidence.isolation import Child
from evidence.search.extraction import text_of
from evidence.viewers.base import Viewer
from evidence.viewers.table import in_words, open_viewer
from evidence.volumes.base import Volume
from tests.evidence.made_images import ext, source_tree

PATH, ADDRESS = FILE_COLUMNS.index("path"), FILE_COLUMNS.index("address")


def opened(data: bytes) -> Viewer:
    return open_viewer(BytesContent(data), lambda done, total: None)


def titles(viewer: Viewer) -> list[str]:
    return [part.title for part in viewer.sheet.parts]


def database(*statements: str, path: Path | None = None) -> bytes:
    connection = sqlite3.connect(":memory:" if path is None else path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


MANY = (
    "INSERT INTO a(x, y) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
    "SELECT i, i FROM n"
)
VALUES = (
    "INSERT INTO a VALUES (1, 'NULL', x'00ff'), (2.5, NULL, 'žš'), (9223372036854775807, CAST(x'61ff' AS TEXT), '')"
)
DATABASE = database(
    "CREATE TABLE a (x, y TEXT, z)", VALUES, "CREATE TABLE w (k PRIMARY KEY, v) WITHOUT ROWID", MANY,
    "INSERT INTO w VALUES ('b', 1), ('a', 2)", 'CREATE TABLE "odd ""name" (rowid, oid)',
    """INSERT INTO "odd ""name" VALUES ('own', 'two')""", "CREATE VIEW v AS SELECT * FROM a",
)  # fmt: skip


def test_the_tables_of_a_database_are_shown_with_their_row_numbers_and_every_kind_of_value() -> None:
    found = opened(DATABASE)
    assert titles(found) == ["a", "w", 'odd "name', "Schema", "Header"]
    assert found.sheet.parts[0].columns == ("rowid", "x", "y", "z")
    assert found.rows("table:a", "", 0, 3).rows == (
        ("1", "1", "'NULL'", "BLOB, 2 bytes: 00 ff"),
        ("2", "2.5", "NULL", "žš"),
        ("3", "9223372036854775807", "a\ufffd", ""),
    )
    assert found.rows("table:w", "", 0, 9).rows == (("a", "2"), ("b", "1"))
    assert found.rows('table:odd "name', "", 0, 9).rows == (("1", "own", "two"),)
    assert ("view", "v", "not run", "CREATE VIEW v AS SELECT * FROM a") in found.rows("schema", "", 0, 99).rows
    found.close()


def test_a_page_of_a_table_is_what_sqlite_itself_gives() -> None:
    found = opened(DATABASE)
    assert found.sheet.parts[0].count == 1003
    assert [row[1] for row in found.rows("table:a", "", 800, 200).rows] == [str(n) for n in range(798, 998)]
    assert len(found.rows("table:a", "", 1000, 200).rows) == 3
    assert found.rows("table:a", "", 5000, 200).rows == ()
    found.close()


def test_a_database_with_a_write_ahead_log_says_that_the_log_is_not_applied(tmp_path: Path) -> None:
    data = database("PRAGMA journal_mode = WAL", "CREATE TABLE t (x)", "INSERT INTO t VALUES (4)", path=tmp_path / "d")
    assert data[18] == 2
    found = opened(data)
    assert "write-ahead log" in found.sheet.remarks[0]
    assert found.rows("table:t", "", 0, 9).rows == (("1", "4"),)
    found.close()


def test_a_property_list_is_the_same_tree_binary_and_in_xml() -> None:
    value = {"name": "Ana", "when": datetime(2026, 1, 12, 11), "list": [1, True, b"\1\2"]}  # noqa: DTZ001 - the format keeps no zone
    trees: list[list[tuple[str, str]]] = []
    for kind in (plistlib.FMT_BINARY, plistlib.FMT_XML):
        found = opened(plistlib.dumps(value, fmt=kind, sort_keys=False))
        (root,) = found.nodes("tree", "")
        inside = found.nodes("tree", root.key)
        trees.append(
            [(node.words, node.second.split(" (")[0]) for node in (*inside, *found.nodes("tree", inside[2].key))]
        )
    assert trees[0] == trees[1]
    assert trees[0] == [
        ("name", "Ana"), ("when", "2026-01-12T11:00:00Z"), ("list", "array of 3"),
        ("0", "1"), ("1", "true"), ("2", "2 bytes: 01 02"),
    ]  # fmt: skip


def letter() -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@example.org", "b@example.org", "Žluťoučký"
    made["Date"] = "Mon, 12 Jan 2026 12:00:00 +0100"
    made.set_content("Hello,\nAna\n")
    made.add_alternative("<p><img src='http://example.org/x'>Hello</p>", subtype="html")
    made.add_attachment(b"123", maintype="application", subtype="pdf", filename="účet.pdf")
    return made.as_bytes()


def sent(date: str) -> str:
    found = opened(f"From: a@b.example\r\nDate: {date}\r\nSubject: s\r\n\r\n".encode())
    return next(row[1] for row in found.rows("headers", "", 0, 9).rows if row[0].startswith("Date, put to UTC"))


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("+0300", "2020-03-03T07:00:00Z"),
        ("-0330", "2020-03-03T13:30:00Z"),
        ("-0000", "2020-03-03T10:00:00Z"),
        ("-0000 (somewhere (else))", "2020-03-03T10:00:00Z"),
        ("-0800 (PST)", "2020-03-03T18:00:00Z"),
        ("GMT", "2020-03-03T10:00:00Z"),
        ("Z", "2020-03-03T10:00:00Z"),
        ("EST", "2020-03-03T15:00:00Z"),
        ("pdt", "2020-03-03T17:00:00Z"),
    ],
)
def test_a_letter_s_date_is_put_to_utc_where_it_says_its_zone(zone: str, at: str) -> None:
    assert {sent(f"{day}3 Mar 2020 10:00:00 {zone}") for day in ("Tue, 0", "Tue,0", "Tue 0", "")} == {at}


@pytest.mark.parametrize(
    "zone", ["MSK", "EET", "CEST", "GMT+2", "+3", "+03:00", "+0360", "(MSK)", "A", "EET +0300", "+0300 EET", ""]
)
def test_a_letter_s_date_of_no_known_zone_is_not_put_to_utc(zone: str) -> None:
    assert sent(f"Tue, 03 Mar 2020 10:00:00 {zone}").startswith("no time of a zone that is known")


@pytest.mark.parametrize(
    "date", ["yesterday", "Tue, 33 Mar 2020 10:00:00 +0000", "(" * 2000, "Fri, 31 Dec 9999 23:30:00 -0100"]
)
def test_a_letter_s_date_that_is_none_is_told(date: str) -> None:
    assert sent(date) == "not a date that can be read"


def test_a_letter_shows_headers_parts_and_text_and_draws_nothing() -> None:
    found = opened(letter())
    headers = dict(found.rows("headers", "", 0, 99).rows)
    assert headers["Subject"] == "Žluťoučký"
    assert headers["Date, put to UTC (as the sender's computer wrote it, to the second)"] == "2026-01-12T11:00:00Z"
    rows = found.rows("parts", "", 0, 99).rows
    assert [row[1] for row in rows] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    assert rows[-1][2:5] == ("účet.pdf", "3", "attachment")
    assert found.text("text1.1.1") == "Hello,\nAna\n"
    assert "<img src=" in found.text("text1.1.2")
    assert "not drawn" in found.sheet.remarks[0]


def document(core: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<d/>")
        archive.writestr("docProps/core.xml", core)
    return out.getvalue()


CORE = '<p xmlns:d="u"><d:creator>Ana</d:creator><d:created>2026-01-12T11:00:00Z</d:created></p>'


def test_an_office_document_tells_its_properties_and_its_members() -> None:
    found = opened(document(CORE))
    assert found.sheet.format == "a Word document (OOXML)"
    assert found.rows("docProps/core.xml", "", 0, 9).rows == (("creator", "Ana"), ("created", "2026-01-12T11:00:00Z"))
    assert [row[0] for row in found.rows("members", "", 0, 9).rows][1:] == ["word/document.xml", "docProps/core.xml"]


def test_entities_in_a_document_are_refused_in_words() -> None:
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><p>&b;</p>'
    found = opened(document(bomb))
    assert titles(found) == ["Members"]
    assert "declares entities" in found.sheet.remarks[0]


def test_a_zip_without_its_directory_is_listed_by_the_heads_of_its_members() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("one.txt", (2024, 2, 29, 23, 59, 58)), "first " * 300)
        archive.writestr("two.bin", random.Random(4).randbytes(40_000))
    whole = out.getvalue()
    (before,) = [opened(whole).rows("members", "", 0, 9).rows]
    without = opened(whole[: whole.index(b"PK\1\2")])
    assert without.rows("members", "", 0, 9).rows == before
    assert "Its directory is missing or damaged" in without.sheet.remarks[0]
    assert "2 members found by their own heads" in without.sheet.remarks[0]
    damaged = bytearray(whole)
    damaged[whole.index(b"PK\1\2")] = 0
    assert opened(bytes(damaged)).rows("members", "", 0, 9).rows == before
    cut = opened(whole[: whole.index(b"two.bin") + 5_000])
    assert [row[0] for row in cut.rows("members", "", 0, 9).rows] == ["one.txt"]
    assert any("two.bin is not whole: it should end at byte" in one for one in cut.sheet.remarks)


def test_heads_that_end_nowhere_are_looked_for_within_bounds() -> None:
    head = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 8, 0, 0, 0x5A21, 0, 0, 0, 1, 0) + b"x"
    found = opened(head * 3_000)
    assert any("Members behind those are not listed" in one for one in found.sheet.remarks)
    assert any("nothing says where that is" in one for one in found.sheet.remarks)
    assert any("more members are not whole" in one for one in found.sheet.remarks)


def paper() -> bytes:
    out = io.BytesIO()
    page = Canvas(out, pagesize=(200, 100))
    page.setAuthor("Ana")
    for words in ("First", "Second"):
        page.drawString(20, 50, words)
        page.showPage()
    page.save()
    return out.getvalue()


def test_the_pages_of_a_pdf_are_drawn_within_the_box_and_its_facts_told() -> None:
    found = opened(paper())
    pages = found.sheet.parts[0]
    assert (pages.kind, pages.count) == ("pages", 2)
    picture = found.picture("pages", 1, 400, 400)
    assert (picture.width_pixels, picture.height_pixels) == (200, 100)
    assert picture.encoded.startswith(b"\x89PNG")
    assert int.from_bytes(picture.encoded[16:20]) == 400
    assert "Second" in found.text("1")
    assert ("Author", "Ana") in found.rows("facts", "", 0, 99).rows
    with pytest.raises(UnreadableStructureError, match="no page 3"):
        found.picture("pages", 2, 400, 400)
    found.close()


@pytest.mark.parametrize(
    "data", [b"", b"plain words", b"\x89PNG\r\n\x1a\n", b"From the sea: words", b"<?xml version='1.0'?><a/>"]
)
def test_what_is_of_no_known_format_is_told_apart_from_what_is_damaged(data: bytes) -> None:
    with pytest.raises(NoViewerError):
        opened(data)


def deep_binary_list() -> bytes:
    """A list that holds itself."""
    objects = b"\xa1\x00"
    return b"bplist00" + objects + b"\x08" + bytes(6) + b"\1\1" + (1).to_bytes(8) + bytes(8) + (10).to_bytes(8)


def test_a_property_list_that_holds_itself_is_a_tree_that_is_opened_step_by_step() -> None:
    found = opened(deep_binary_list())
    key = ""
    for _ in range(5):
        (node,) = found.nodes("tree", key)
        key = node.key
    assert node.opens


SAMPLES: dict[str, Callable[[], bytes]] = {
    "database": lambda: DATABASE,
    "binary list": lambda: plistlib.dumps({"a": [1, 2, {"b": b"x" * 90}]}, fmt=plistlib.FMT_BINARY),
    "list": lambda: plistlib.dumps({"a": [1, 2, {"b": b"x" * 90}]}),
    "letter": letter,
    "document": lambda: document(CORE),
    "paper": paper,
}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_damage_gives_words_or_fewer_values_and_nothing_else(name: str) -> None:
    sample, dice = SAMPLES[name](), random.Random(11)
    for number in range(50):
        data = bytearray(sample)
        for _ in range(dice.randrange(1, 8)):
            data[dice.randrange(6, len(data))] = dice.randrange(256)
        if number % 5 == 0:
            del data[dice.randrange(6, len(data)) :]
        try:
            with in_words("it"):
                found = opened(bytes(data))
                for part in found.sheet.parts:
                    if part.kind == "table":
                        assert len(found.rows(part.key, "", 0, 20).rows) == min(20, part.count)
                    elif part.kind == "tree":
                        found.nodes(part.key, "")
                found.close()
        except (UnreadableStructureError, NoViewerError) as error:
            assert str(error)  # noqa: PT017 - either is right


def test_contents_are_taken_apart_in_the_child_by_their_place_in_an_image(tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "tree")
    (tree / "history.bin").write_bytes(DATABASE)
    (tree / "notes.sqlite").write_bytes(b"no database\n")
    image = ext(tmp_path / "image", tree)
    found = list(examine_isolated([image], hash_files=False))
    volume = next(item for item in found if isinstance(item, Volume))
    rows = {row[PATH]: row[ADDRESS] for item in found if isinstance(item, tuple) for row in item}
    with Child() as child:
        child.call("open", {"image": "one", "paths": (image,)})
        place = {"image": "one", "volumes": (volume,), "address": rows["/history.bin"]}
        sheet = child.call("view", place)
        assert sheet.format == "a SQLite database"
        asked = {**place, "part": "table:a", "node": "", "first": 2, "count": 2}
        assert [row[0] for row in child.call("view_rows", asked).rows] == ["3", "4"]
        with pytest.raises(NoViewerError):
            child.call("view", {**place, "address": rows["/notes.sqlite"]})
        with pytest.raises(UnreadableStructureError, match="no table nothing"):
            child.call("view_rows", {**asked, "part": "nothing"})


def test_a_damaged_letter_is_taken_apart_as_the_search_does() -> None:
    head = b"From: a@example.org\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
    packed = base64.b64encode(b"first line of it\n" * 6 + b"BEHINDIT\n")
    packed = packed[:40] + b"=\r\n" + packed[40:]
    foreign = head + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + packed
    found = opened(foreign)
    assert "BEHINDIT" in found.text("text1")
    assert "padding amid its base64" in " ".join(found.sheet.remarks)
    part = b"--other\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    lost = head + b'Content-Type: multipart/mixed; boundary="gone"\r\n\r\n' + part + packed + b"\r\n--other--\r\n"
    found = opened(lost)
    assert "BEHINDIT" in found.text("readable")
    assert "the border of its parts that it tells is nowhere in it" in " ".join(found.sheet.remarks)
    assert not any(one.key == "readable" for one in opened(letter()).sheet.parts)


def test_a_head_that_is_wrongly_encoded_hides_nothing_of_a_letter_from_the_search() -> None:
    text, _ = text_of("mail", b"From: a@example.org\r\nSubject: =?utf-8?b?A?=\r\n\r\nNEEDLE\r\n")
    assert "NEEDLE" in text
    assert "=?utf-8?b?A?=" in text
