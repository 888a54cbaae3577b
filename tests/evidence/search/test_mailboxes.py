"""Mailboxes larger than what is held in memory: read message by message, with the text that they have as a whole."""

from __future__ import annotations

import random
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from evidence.examine import examine
from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.reading import FileReader
from evidence.search.extraction import MAX_DOCUMENT_BYTES, text_of, texts_of_mailbox
from evidence.search.finder import Wanted
from evidence.search.mails import messages_in
from evidence.search.task import search
from evidence.volumes.base import Volume
from tests.evidence.documents import PlainImage
from tests.evidence.made_images import blank, need, run


def letter(number: int, text: str, size_bytes: int = 0) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = f"sender{number}@example.org", f"letter {number}"
    made.set_content(text, cte="base64")
    if size_bytes:
        made.add_attachment(b"x" * size_bytes, maintype="application", subtype="octet-stream", filename="x.bin")
    return b"From sender Mon Jan  1 00:00:00 2024\n" + made.as_bytes() + b"\n"


def pieces(data: bytes, source: random.Random) -> Any:
    """Gives fewer bytes than asked for, as many as chance wants."""
    return lambda at, size: data[at : at + max(1, min(size, source.randint(1, 700)))]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_messages_are_those_of_the_whole_in_whatever_pieces_they_come(ending: bytes) -> None:
    source = random.Random(40)
    data = b"".join(letter(number, f"grüße {number}\n\nFrom here it is text\n" * 3) for number in range(30))
    data = data.replace(b"\n", ending)
    found = list(texts_of_mailbox(pieces(data, source), len(data)))
    assert len(found) == 30
    assert "\n".join(text for text, _ in found).split() == text_of("mail", data)[0].split()
    assert {left_out for _, left_out in found} == {""}


def test_a_message_over_the_limit_is_read_to_it_and_the_next_one_whole() -> None:
    data = letter(1, "first") + letter(2, "second " * 500) + letter(3, "third")
    found = list(messages_in(pieces(data, random.Random(41)), len(data), 2000))
    assert [is_cut for _, is_cut in found] == [False, True, False]
    assert (len(found[1][0]), b"letter 3" in found[2][0]) == (2000, True)


def test_a_mailbox_that_ends_early_says_so() -> None:
    data = letter(1, "first")
    with pytest.raises(ValueError, match="ends at byte"):
        list(messages_in(lambda at, size: data[at : at + size], len(data) + 5, 1000))


def test_an_empty_message_does_not_hide_the_next_one() -> None:
    data = b"From a\n\nFrom b\nSubject: second\n\nwords\n"
    assert [message for message, _ in messages_in(lambda at, size: data[at : at + size], len(data), 1000)] == [
        b"Subject: second\n\nwords\n"
    ]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_dated_border_without_an_empty_line_before_it_begins_a_message(ending: bytes) -> None:
    data = b"".join(letter(number, f"NEEDLE{number} ").rstrip() + b"\n" for number in range(9)).replace(b"\n", ending)
    found = [text for text, _ in texts_of_mailbox(pieces(data, random.Random(42)), len(data))]
    whole = text_of("mail", data)[0]
    assert [f"NEEDLE{number}" in found[number] and f"NEEDLE{number}" in whole for number in range(9)] == [True] * 9


class Kept:
    """What a search streams."""

    place = ""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.most = 0

    def item(self, value: object) -> None:
        self.items.append(value)

    def progress(self, done: int, total: int) -> None:
        self.most = max(self.most, done)

    def note(self, step: str) -> None:
        pass


@pytest.mark.req("REQ-57")
def test_words_in_the_last_message_of_a_large_mailbox_are_found_in_its_text(tmp_path: Path) -> None:
    need("mkfs.vfat", "mcopy")
    letters = [letter(number, f"nothing {number}", 900_000) for number in range(32)]
    mailbox = b"".join([*letters, letter(99, "the quicksilver is here")])
    assert len(mailbox) > MAX_DOCUMENT_BYTES
    assert b"quicksilver" not in mailbox
    (tmp_path / "inbox").write_bytes(mailbox)
    path = blank(tmp_path / "fat", 48 << 20)
    run("mkfs.vfat", "-F", "16", "-s", "8", path)
    run("mcopy", "-i", path, tmp_path / "inbox", "::inbox")
    seen = list(examine(PlainImage(path), hash_files=False))
    (volume,) = {one.id: one for one in seen if isinstance(one, Volume)}.values()
    rows = [dict(zip(FILE_COLUMNS, row, strict=True)) for one in seen if isinstance(one, tuple) for row in one]
    (address,) = [row["address"] for row in rows if row["path"] == "/inbox"]
    kept: Any = Kept()
    asked = {
        "image": "image", "wanted": Wanted(terms=("quicksilver",), encodings=("utf-8",)).plain(),
        "lineages": {"v0": (volume,)}, "starts": {"v0": 0},
        "pieces": ((0, "v0", address, "file", 0, 1000, "mail", 1),),
    }  # fmt: skip
    search({"image": FileReader(PlainImage(path))}, asked, kept)
    (hits,) = [one for one in kept.items if one[0] == "hits"]
    ((offset, length, *_),) = hits[3]
    assert (hits[2], length) == ("text", len("quicksilver"))
    whole = "\n".join(text for text, _ in texts_of_mailbox(lambda at, size: mailbox[at : at + size], len(mailbox)))
    assert whole[offset : offset + length] == "quicksilver"
    assert [one for one in kept.items if one[0] == "missed"] == []
