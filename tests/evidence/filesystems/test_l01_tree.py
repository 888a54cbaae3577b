"""The files of an L01: names, times, digests, deletion and sparse contents, as its list has them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from evidence.filesystems.l01 import L01Tree
from evidence.filesystems.logical import tree_of
from evidence.filesystems.opened import FileSystemError
from evidence.images import open_image
from tests.evidence.documents import document
from tests.evidence.filesystems.trees import Held, by_path, contents, listed, survive
from tests.evidence.images.l01_builder import write_set

_KEYS = "mid ls be id cr ac wr mo dl sig ha sha ent snh p n du lo po pm oes opr src"
KEYS = _KEYS.split(" ")
MEDIA = random.Random(3).randbytes(70_000)
NODE = tuple[Mapping[str, str], Sequence["NODE"]]


def lines(node: NODE, keys: Sequence[str] = KEYS) -> list[str]:
    values, inner = node
    found = [f"26\t{len(inner)}", "\t".join(values.get(key, "") for key in keys)]
    return found + [line for one in inner for line in lines(one, keys)]


def text_of(*nodes: NODE) -> str:
    """A list as of EnCase 7, with a root and a drive."""
    root: NODE = ({"n": "LogicalEntries", "p": "1"}, [({"n": "C", "p": "1"}, nodes)])
    head = ["5", "rec", "tb\tcl", f"{len(MEDIA)}\t1", "", "entry", "9\t1", "\t".join(KEYS)]
    return "\n".join([*head, *lines(root), "", ""])


def file(name: str, start: int, size: int, **more: str) -> NODE:
    values = {"n": name, "ls": str(size), "be": f"1 {start:x} {max(1, size):x}"}
    return values | more, []


def tree(*nodes: NODE) -> L01Tree:
    return L01Tree(Held(MEDIA), text_of(*nodes))


def test_folders_and_files_have_their_paths_times_and_contents() -> None:
    times = {"cr": "1000000001", "ac": "1000000002", "wr": "1000000003", "mo": "1000000004", "dl": "1000000005"}
    digest = {"ha": hashlib.md5(MEDIA[5:1005]).hexdigest(), "sha": hashlib.sha1(MEDIA[5:1005]).hexdigest()}
    made = tree(
        (
            {"n": "folder", "p": "1"},
            [file("a.txt", 5, 1000, **digest, **times), ({"n": "deep", "p": "1"}, [file("b", 9, 4)])],
        ),
        file("gone", 2000, 50, opr=str(0x80)),
        file("a·stream", 3000, 10, opr=str(0x2000)),
        file("empty", 1, 0),
    )
    rows = by_path(made)
    expected = {
        "/C/folder/a.txt": (5, 1000), "/C/folder/deep/b": (9, 4), "/C/gone": (2000, 50), "/C/a·stream": (3000, 10),
        "/C/empty": (1, 0),
    }  # fmt: skip
    assert contents(rows.values()) == {p: hashlib.md5(MEDIA[s : s + n]).digest() for p, (s, n) in expected.items()}
    row = rows["/C/folder/a.txt"]
    stamps = [row[f"{field}_ns"] for field in ("created", "accessed", "modified", "changed", "deleted")]
    assert stamps == [(1_000_000_000 + second) * 10**9 for second in range(1, 6)]
    assert not rows["/C/gone"]["allocated"]
    assert rows["/C/a·stream"]["kind"] == "stream"
    assert rows["/C/folder"]["kind"] == "directory"


def test_a_digest_that_is_not_that_of_the_content_is_told() -> None:
    rows, _ = listed(tree(file("md5", 0, 100, ha="0123456789abcdef" * 2), file("sha", 0, 100, sha="ab" * 20)))
    notes = {row["name"]: row["note"] for row in rows}
    assert "MD5 of the content" in notes["md5"]
    assert "SHA1 of the content" in notes["sha"]


def test_sparse_contents_repeat_a_byte_or_lie_at_another_place() -> None:
    made = tree(
        ({"n": "repeated", "ls": "5000", "be": "1 64 1", "opr": str(0x04000000)}, []),
        ({"n": "elsewhere", "ls": "300", "be": "1 64 1", "du": "777", "opr": str(0x04000000)}, []),
        ({"n": "two", "ls": "30", "be": "2 0 a 100 14"}, []),
    )
    expected = {"repeated": MEDIA[100:101] * 5000, "elsewhere": MEDIA[777:1077], "two": MEDIA[:10] + MEDIA[256:276]}
    assert contents(by_path(made).values()) == {f"/C/{n}": hashlib.md5(d).digest() for n, d in expected.items()}


def test_contents_that_do_not_lie_on_the_media_are_told() -> None:
    made = tree(
        file("behind", 69_990, 100), ({"n": "none", "ls": "5"}, []), ({"n": "odd", "ls": "5", "be": "1 x y"}, [])
    )
    notes = {row["name"]: row["note"] or "" for row in listed(made)[0]}
    assert "behind its end" in notes["behind"]
    assert "no place" in notes["none"]
    assert "makes no sense" in notes["odd"]


def test_an_l01_is_listed_by_an_examination(tmp_path: Path) -> None:
    files = {"a.bin": MEDIA[:40_000], "b.bin": MEDIA[40_000:]}
    paths, _ = write_set(files, tmp_path)
    image = open_image(paths)
    found = document(image)
    assert {f["path"]: f["md5"] for f in found["files"] if f["md5"]} == {
        f"/folder/{name}": hashlib.md5(data).hexdigest() for name, data in files.items()
    }
    assert found["volumes"][0]["file_system"]["type"] == "l01"
    image.close()


def test_a_list_without_entries_is_refused(tmp_path: Path) -> None:
    text = "5\nrec\ntb\tcl\n" + f"{len(MEDIA)}\t1\n\n"
    paths, _ = write_set({"a": MEDIA}, tmp_path, text=text)
    image = open_image(paths)
    with pytest.raises(FileSystemError, match="no entries"):
        tree_of(image)
    assert any("not listed" in problem.what for problem in document(image)["warnings"])
    image.close()


def test_lists_that_are_cut_off_or_count_wrongly_end_in_words() -> None:
    whole = text_of(({"n": "folder", "p": "1"}, [file(f"f{n}", n, 10) for n in range(50)]), file("last", 1, 5))
    _, problems = listed(L01Tree(Held(MEDIA), whole[: len(whole) * 2 // 3]))
    assert problems
    random_ = random.Random(4)

    def damaged() -> bytes:
        data = bytearray(whole.encode())
        for _ in range(random_.randrange(1, 20)):
            data[random_.randrange(len(data))] = random_.choice(b"\t\n0123456789- x")
        return bytes(data)

    def opened(held: Held) -> L01Tree:
        try:
            return L01Tree(Held(MEDIA), held.data.decode(errors="replace"))
        except OSError as error:
            raise FileSystemError("l01", str(error)) from error

    assert survive(opened, (damaged() for _ in range(100))) > 20
