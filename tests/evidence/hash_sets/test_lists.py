"""Lists as programs write them, and as they go wrong: nothing is dropped without a word."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.errors import HashSetError
from evidence.hash_sets.base import Remarks, Source
from evidence.hash_sets.lines import BLOCK_BYTES, blocks
from evidence.hash_sets.lists import ListSource
from evidence.hash_sets.sources import open_source
from evidence.hash_sets.vics import VicsSource

ONE, TWO, THREE = (hashlib.md5(name).hexdigest() for name in (b"one", b"two", b"three"))
SHA1, SHA256 = hashlib.sha1(b"one").hexdigest(), hashlib.sha256(b"one").hexdigest()


def read(
    path: Path, source: Source | None = None
) -> tuple[dict[str, list[tuple[str, int]]], list[tuple[str, int, str]], str]:
    """Digests with their lines by algorithm, the remarks, and the format."""
    source, remarks = source or open_source(path), Remarks()
    found: dict[str, list[tuple[str, int]]] = {}
    for batch in source.batches(remarks, lambda done, total: None):
        found.setdefault(batch.algorithm, []).extend(zip(batch.digests, batch.numbers, strict=True))
    return found, [(one.kind, one.number, one.what) for one in remarks.first], source.format


def listed(folder: Path, text: str | bytes) -> Path:
    path = folder / "list"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("tool", ["md5sum", "sha1sum", "sha256sum"])
@pytest.mark.parametrize("options", [[], ["-b"], ["--tag"]])
def test_what_the_core_utilities_write_is_read(tmp_path: Path, tool: str, options: list[str]) -> None:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    names = ["a file", "back\\slash", "new\nline", "f\u00fcnf"]
    for name in names:
        (tmp_path / name).write_text(name)
    written = subprocess.run([tool, *options, "--", *names], cwd=tmp_path, capture_output=True, check=True).stdout
    algorithm = tool.removesuffix("sum")
    found, remarks, _ = read(listed(tmp_path, written))
    expected = [hashlib.new(algorithm, name.encode()).hexdigest() for name in names]
    assert found == {algorithm: list(zip(expected, range(1, 5), strict=True))}
    assert remarks == []


@pytest.mark.skipif(shutil.which("hashdeep") is None, reason="hashdeep is not installed")
def test_what_hashdeep_writes_is_read_with_all_of_its_digests(tmp_path: Path) -> None:
    (tmp_path / "a, b").write_bytes(b"one")
    command = ["hashdeep", "-c", "md5,sha1,sha256", "-l", "a, b"]
    found, remarks, name = read(
        listed(tmp_path, subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout)
    )
    assert {algorithm: [digest for digest, _ in pairs] for algorithm, pairs in found.items()} == {
        "md5": [ONE],
        "sha1": [SHA1],
        "sha256": [SHA256],
    }
    assert (remarks, name) == ([], "hashdeep")


def test_one_column_in_any_case_with_windows_line_ends_comments_and_no_end_is_read(tmp_path: Path) -> None:
    found, remarks, _ = read(listed(tmp_path, f"# set of 2026\r\n\r\n{ONE.upper()}\r\n{TWO}\r\n{THREE}"))
    assert found == {"md5": [(ONE, 3), (TWO, 4), (THREE, 5)]}
    assert remarks == [("noted", 5, "the last line has no end: the list may be cut; it was taken")]


@pytest.mark.parametrize("head", ["", "%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n", "size,md5,name\n"])
def test_a_list_that_is_cut_behind_a_digest_is_taken_and_told(tmp_path: Path, head: str) -> None:
    lines = [f"3,{one},a" if head else f"{one}  a" for one in (ONE, TWO)]
    found, remarks, _ = read(listed(tmp_path, head + "\n".join(lines)))
    assert [digest for digest, _ in found["md5"]] == [ONE, TWO]
    assert [(kind, words.split(":")[0]) for kind, _, words in remarks] == [("noted", "the last line has no end")]
    assert read(listed(tmp_path, head + "\n".join(lines) + "\n"))[1] == []
    if not head.startswith("size"):  # a table has no comments
        assert read(listed(tmp_path, head + "\n".join(lines) + "\n# the end"))[1] == []


def test_lines_that_end_with_carriage_returns_are_lines(tmp_path: Path) -> None:
    found, remarks, _ = read(listed(tmp_path, f"{ONE}\r{TWO}\r\n{THREE}\r"))
    assert found == {"md5": [(ONE, 1), (TWO, 2), (THREE, 3)]}
    assert remarks == []
    assert read(listed(tmp_path, f"md5,x\r{ONE},a\r{TWO},b"))[0] == {"md5": [(ONE, 2), (TWO, 3)]}


@pytest.mark.parametrize("head", ["", "%%%% HASHDEEP-1.0\r\n%%%% size,md5,filename\r\n", "size,md5,name\r\n"])
def test_a_list_that_is_cut_between_the_two_signs_of_a_line_end_is_told(tmp_path: Path, head: str) -> None:
    lines = [f"3,{one},a" if head else f"{one}  a" for one in (ONE, TWO)]
    for text in (head + "\r\n".join(lines) + "\r", f"{ONE}\r"):
        found, remarks, _ = read(listed(tmp_path, text))
        assert [digest for digest, _ in found["md5"]] in ([ONE, TWO], [ONE])
        assert [(kind, words.split(":")[0]) for kind, _, words in remarks] == [("noted", "the last line has no end")]
    assert read(listed(tmp_path, f"{ONE}\r{TWO}\r"))[1] == []


@pytest.mark.parametrize("head", ["", "name,hash\n"])
@pytest.mark.parametrize("digits", [40, 32])
def test_what_is_left_of_a_digest_that_is_cut_is_not_taken_as_a_shorter_one(
    tmp_path: Path, head: str, digits: int
) -> None:
    before = "a," if head else ""
    found, remarks, _ = read(listed(tmp_path, f"{head}{before}{SHA256}\n{before}{SHA256[:digits]}"))
    assert {name: [digest for digest, _ in pairs] for name, pairs in found.items()} == {"sha256": [SHA256]}
    assert [(kind, words.split(":")[0]) for kind, _, words in remarks] == [
        ("refused", "the last line has no end, and its digest is shorter than others of the list"),
    ]
    found, remarks, _ = read(listed(tmp_path, f"{head}{before}{SHA256}\n{before}{SHA256[:digits]}\n"))
    assert len(found) == 2


def test_a_table_without_a_header_is_told_what_it_needs(tmp_path: Path) -> None:
    found, remarks, _ = read(listed(tmp_path, f"f1,{ONE}\nname,{TWO}\n"))
    assert found == {}
    assert [words.endswith("columns need a header that names them") for _, _, words in remarks] == [True, True]


def test_line_ends_are_the_same_wherever_blocks_end(tmp_path: Path) -> None:
    text = f"{'x' * (BLOCK_BYTES - 102)}\n#{'y' * 99}\r\n{ONE}\r\n"
    assert text[BLOCK_BYTES - 1] == "\r"
    told = [(number, len(block)) for number, block in blocks(listed(tmp_path, text))]
    assert [number for number, _ in told] == [1, 2]
    assert sum(length for _, length in told) == len(text) - 2


@pytest.mark.parametrize("between", [",", " ", ";", "\t", " *"])
def test_a_second_digest_on_a_line_is_named(tmp_path: Path, between: str) -> None:
    found, remarks, _ = read(listed(tmp_path, f"{ONE}  a\n{ONE}{between}{SHA256}\n{TWO}  b\n{THREE}  {SHA256}.bin\n"))
    assert [digest for digest, _ in found["md5"]] == [ONE, ONE, TWO, THREE]
    assert [(kind, number) for kind, number, _ in remarks] == [("noted", 2)]


def test_blank_lines_before_the_header_of_a_table_are_passed_over(tmp_path: Path) -> None:
    found, remarks, name = read(listed(tmp_path, f"\n \nmd5,sha256\n{ONE},{SHA256}\n"))
    assert (found, remarks, name) == ({"md5": [(ONE, 4)], "sha256": [(SHA256, 4)]}, [], "CSV")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_text_in_the_encodings_that_programs_write_is_read(tmp_path: Path, encoding: str) -> None:
    found, remarks, _ = read(listed(tmp_path, f"{ONE}  \u00fcber\n{TWO}  x\n".encode(encoding)))
    assert found == {"md5": [(ONE, 1), (TWO, 2)]}
    assert remarks == []


def test_a_wrong_line_is_named_and_the_others_are_taken(tmp_path: Path) -> None:
    text = f"{ONE}\n{ONE[:-1]}\nhello\n{TWO[:10]} {TWO[10:]}\n{'g' * 32}\n{TWO}\n"
    found, remarks, _ = read(listed(tmp_path, text))
    assert found == {"md5": [(ONE, 1), (TWO, 6)]}
    assert [(kind, number) for kind, number, _ in remarks] == [("refused", line) for line in (2, 3, 4, 5)]
    assert "31 hexadecimal digits" in remarks[0][2]


def test_the_half_line_at_the_end_of_half_a_file_is_named(tmp_path: Path) -> None:
    found, remarks, _ = read(listed(tmp_path, f"{ONE}  a\n{TWO}  b\n{THREE[:20]}"))
    assert found == {"md5": [(ONE, 1), (TWO, 2)]}
    assert [(kind, number) for kind, number, _ in remarks] == [("refused", 3)]


def test_another_algorithm_in_a_list_is_taken_and_named(tmp_path: Path) -> None:
    found, remarks, _ = read(listed(tmp_path, f"{ONE}\n{SHA256}\n{TWO}\n"))
    assert found == {"md5": [(ONE, 1), (TWO, 3)], "sha256": [(SHA256, 2)]}
    assert [(kind, number) for kind, number, _ in remarks] == [("noted", 2)]


def test_a_table_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    text = f'"Name";"MD5 Hash";"SHA-256"\n"a;b";"{ONE}";"{SHA256}"\n"c";"{TWO}";""\nd;;\n"e";"{ONE[:9]}";{SHA256}\nx\n'
    found, remarks, name = read(listed(tmp_path, text))
    assert found == {"md5": [(ONE, 2), (TWO, 3)], "sha256": [(SHA256, 2), (SHA256, 5)]}
    assert sorted((kind, number) for kind, number, _ in remarks) == [("refused", 4), ("refused", 5), ("refused", 6)]
    assert name == "CSV"


def test_the_older_nsrl_is_a_table(tmp_path: Path) -> None:
    text = f'"SHA-1","MD5","CRC32","FileName","FileSize"\n"{SHA1.upper()}","{ONE.upper()}","0","a ""b"".c",3\n'
    assert read(listed(tmp_path, text))[0] == {"sha1": [(SHA1, 2)], "md5": [(ONE, 2)]}


def test_a_quotation_mark_that_is_not_closed_swallows_no_other_line(tmp_path: Path) -> None:
    text = f'md5,name\n{ONE},"half\n{TWO},b\n{THREE},"half\n'
    found, remarks, _ = read(listed(tmp_path, text))
    assert found == {"md5": [(TWO, 3)]}
    assert [(kind, number) for kind, number, _ in remarks] == [("refused", 2), ("refused", 4)]


def test_a_column_called_hash_holds_what_its_lengths_say(tmp_path: Path) -> None:
    found, remarks, _ = read(listed(tmp_path, f"hash,name\n{ONE},a\n{SHA256},b\nno,c\n"))
    assert found == {"md5": [(ONE, 2)], "sha256": [(SHA256, 3)]}
    assert [number for _, number, _ in remarks] == [4]


def vics_document(*media: object) -> dict[str, object]:
    case = {"CaseID": "7", "SourceApplicationName": "x]}", "Media": list(media)}
    return {"@odata.context": "http://projectvic.org/$metadata#Cases", "value": [case, {**case, "Media": []}]}


def test_a_document_of_project_vic_is_read_media_by_media(tmp_path: Path) -> None:
    files = [{"FileName": '\u00fc \\" {[', "MD5": THREE}]
    media = [{"MediaID": 1, "Category": 1, "MD5": ONE.upper(), "SHA1": SHA1, "MediaFiles": files}]
    media.append({"MediaID": 2, "Category": 2, "MD5": TWO, "SHA1": None})
    document = json.dumps(vics_document(*media), indent=1)
    path = listed(tmp_path, b"\xef\xbb\xbf" + document.encode())
    for source in (VicsSource(path, chunk_bytes=7), open_source(path)):
        found, remarks, name = read(path, source)
        assert found == {"md5": [*sorted([(ONE, 1), (THREE, 1)]), (TWO, 2)], "sha1": [(SHA1, 1)]}
        assert (remarks, name) == ([], "Project VIC / CAID JSON")


def test_a_document_in_one_long_line_is_read(tmp_path: Path) -> None:
    document = json.dumps(vics_document(*({"MD5": ONE, "Comments": "x" * 1000} for _ in range(2500))))
    assert len(read(listed(tmp_path, document))[0]["md5"]) == 2500


def test_the_categories_of_a_document_are_counted(tmp_path: Path) -> None:
    media = [{"Category": category, "MD5": ONE} for category in (1, 1, 2)]
    source = open_source(listed(tmp_path, json.dumps(vics_document(*media))))
    list(source.batches(Remarks(), lambda done, total: None))
    assert source.told == {"category 1": "2 media", "category 2": "1 media"}


def test_what_a_document_says_of_categories_is_limited(tmp_path: Path) -> None:
    media = [{"Category": f"{number} {'x' * 500}", "MD5": ONE} for number in range(60)]
    source = open_source(listed(tmp_path, json.dumps(vics_document(*media))))
    list(source.batches(Remarks(), lambda done, total: None))
    assert len(source.told) == 51
    assert source.told["further categories"] == "10 media"
    assert max(map(len, source.told)) < 120


@pytest.mark.parametrize("text", ['[{"MD5": ' + "1" * 5000 + "}]", f"%%%% HASHDEEP-1.0\n%%%% size,md5\n1,{ONE}\n"])
def test_hostile_lists_are_refused_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(HashSetError, match=r"hold together|names no column"):
        read(listed(tmp_path, text))


WRAPS = (
    lambda media: media,
    lambda media: {"value": media},
    lambda media: {"Media": media},
    lambda media: [{"CaseID": "7", "Media": media}],
)


@pytest.mark.parametrize("wrap", WRAPS)
def test_media_are_found_in_the_other_forms_of_such_documents(tmp_path: Path, wrap: object) -> None:
    assert callable(wrap)
    document = wrap([{"MD5": ONE}, {"MD5": TWO}, {"MD5": "half"}, {}])
    found, remarks, _ = read(listed(tmp_path, json.dumps(document)))
    assert found == {"md5": [(ONE, 1), (TWO, 2)]}
    assert [number for _, number, _ in remarks] == [3, 4]


def test_half_a_document_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = json.dumps(vics_document({"MediaID": 12, "MD5": ONE}, {"MediaID": 13, "MD5": TWO}))
    for length in range(1, len(whole), 3):
        with pytest.raises(HashSetError):
            read(listed(tmp_path, whole[:length]))
    with pytest.raises(HashSetError, match="behind the end"):
        read(listed(tmp_path, whole + "]"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"\x1f\x8brest", "gzip"),
        (b"\x7fELF\x00\x00", "zero bytes"),
        (b"a" * (1 << 21), "longer than"),
        (b"[" * 100_000, "deeper|hold together"),
        ("\ufeff".encode("utf-16-le") + b"\x00", "cut off"),
    ],
)
def test_what_is_no_list_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(HashSetError, match=words):
        read(listed(tmp_path, content))


KINDS = (
    *(f"{ONE}  a.txt", f"{ONE} *{'long/' * 9}", SHA256, f"{SHA256}  {ONE}", f"{ONE}  x {TWO}", f"md5 (x) = {THREE}"),
    *("# none", "", "12"),
)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(KINDS), max_size=9))
def test_a_list_says_what_each_of_its_lines_says(lines: list[str]) -> None:
    def told(text: str) -> list[tuple[str, str, int]]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "list")
            path.write_text(text)
            batches = ListSource(path).batches(Remarks(), lambda done, total: None)
            return [
                (batch.algorithm, digest, number)
                for batch in batches
                for digest, number in zip(batch.digests, batch.numbers, strict=True)
            ]

    alone = [(algorithm, digest, at) for at, line in enumerate(lines, 1) for algorithm, digest, _ in told(f"{line}\n")]
    assert told("".join(f"{line}\n" for line in lines)) == alone
