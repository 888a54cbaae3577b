"""Containers of copied folders, read as their manifest describes them and held against it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from evidence.acquisition import acquire_folders
from evidence.errors import EvidenceError, NotAnImageError
from evidence.filesystems.manifest import MANIFEST
from evidence.filesystems.reading import FileReader
from evidence.images.logical import open_logical
from evidence.isolation import run_isolated
from evidence.stored_check import check_stored
from evidence.views import StoredCheck
from evidence.volumes.base import Volume
from tests.evidence.documents import document
from tests.evidence.images.l01_builder import tree_text, write_set

WHOLE = Volume(id="v0", parent=None, kind="whole", start_bytes=0, length_bytes=0, description="")
SUMMER_NS = 1_593_597_600_123_456_789
Members = dict[str, bytes]


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("copied")
    top = base / "documents"
    (top / "deep" / "er").mkdir(parents=True)
    (top / "letter.txt").write_text("Dear Sirs,\n")
    (top / "deep" / "er" / "Ω größe.bin").write_bytes(random.Random(1).randbytes(300_000))
    (top / "nothing").write_bytes(b"")
    Path(os.fsdecode(os.fsencode(top) + b"/caf\xe9.txt")).write_bytes(b"undecodable")
    (top / "outside").symlink_to("/etc/passwd")
    os.mkfifo(top / "pipe")
    os.utime(top / "letter.txt", ns=(SUMMER_NS + 1, SUMMER_NS))
    acquire_folders([top], base / "copied.zip", labels={"case_number": "2026/14", "examiner": "Ana Kovač"})
    return base / "copied.zip"


def changed(container: Path, target: Path, change: Callable[[Members], None]) -> Path:
    """The container, packed again with other members; every checksum of the ZIP is right."""
    with zipfile.ZipFile(container) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    change(members)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def checked(path: Path) -> StoredCheck:
    image = open_logical([path])
    try:
        return check_stored(image)
    finally:
        image.close()


def listed(path: Path) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    image = open_logical([path])
    try:
        found = document(image, zone="Europe/Berlin")
    finally:
        image.close()
    return {row["path"]: row for row in found["rows"]}, found


def line_of(members: Members, path: str) -> dict[str, Any]:
    lines: list[dict[str, Any]] = [json.loads(line) for line in members[MANIFEST].splitlines()]
    return next(line for line in lines if line.get("path") == path)


def test_names_times_kinds_and_contents_are_those_of_the_folder(container: Path) -> None:
    rows, found = listed(container)
    top = container.parent / "documents"
    for path in sorted(top.rglob("*")):
        name = os.fsencode(path.relative_to(top)).decode(errors="replace")
        row, status = rows[f"/1/{name}"], path.lstat()
        assert (row["modified_ns"], row["changed_ns"]) == (status.st_mtime_ns, status.st_ctime_ns), name
        if path.is_file() and not path.is_symlink():
            assert row["sha256"] == hashlib.sha256(path.read_bytes()).digest()
            assert row["size_bytes"] == status.st_size
    assert len(rows) == 1 + len(list(top.rglob("*")))
    assert (rows["/1/pipe"]["kind"], rows["/1/outside"]["link_target"]) == ("fifo", "/etc/passwd")
    assert rows["/1/caf\ufffd.txt"]["name_bytes"] == b"caf\xe9.txt"
    assert {rule.basis for rule in found["rules"].values()} == {"utc"}
    assert found["files"][[row["path"] for row in found["rows"]].index("/1/letter.txt")]["times"]["modified"] == {
        "utc": "2020-07-01T10:00:00.123456789Z"
    }
    assert found["volumes"][0]["file_system"]["type"] == "folder"


def test_extended_attributes_are_streams_of_their_files(container: Path, tmp_path: Path) -> None:
    def mark(members: Members) -> None:
        attributes = [{"name": "user.origin", "hex": "68747470"}, {"name": "user.?", "name_hex": "75e9", "hex": ""}]
        lines = [json.loads(line) for line in members[MANIFEST].splitlines()]
        for line in lines:
            if line.get("path") in ("letter.txt", "deep"):
                line["extended_attributes"] = attributes
        members[MANIFEST] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    path = changed(container, tmp_path / "marked.zip", mark)
    rows, found = listed(path)
    assert not [problem for problem in found["warnings"] if problem.is_damage]
    origin, odd = rows["/1/letter.txt:user.origin"], rows["/1/letter.txt:u\ufffd"]
    assert (origin["kind"], origin["size_bytes"], origin["modified_ns"]) == ("stream", 4, SUMMER_NS)
    assert origin["sha256"] == hashlib.sha256(b"http").digest()
    assert (odd["name_bytes"], odd["size_bytes"]) == (b"letter.txt:u\xe9", 0)
    assert rows["/1/deep:user.origin"]["sha256"] == origin["sha256"]
    assert rows["/1/letter.txt"]["sha256"] == hashlib.sha256(b"Dear Sirs,\n").digest()
    image = open_logical([path])
    assert FileReader(image).content([WHOLE], origin["address"]).read(0, 99) == b"http"
    for wrong in ("0", "3", "x", ""):
        with pytest.raises(EvidenceError, match="no such extended attribute"):
            FileReader(image).content([WHOLE], origin["address"].rpartition(":")[0] + f":{wrong}")
    image.close()
    assert checked(path).equal == checked(container).equal


@pytest.mark.parametrize(
    "said", ["x", [5], [{"name": "user.a"}], [{"hex": "00"}], [{"name": "user.a", "hex": "0"}], {}]
)
def test_extended_attributes_that_make_no_sense_are_told_of(said: object, container: Path, tmp_path: Path) -> None:
    def mark(members: Members) -> None:
        lines = [json.loads(line) for line in members[MANIFEST].splitlines()]
        for line in lines:
            if line.get("path") == "letter.txt":
                line["extended_attributes"] = said
        members[MANIFEST] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    _, found = listed(changed(container, tmp_path / "marked.zip", mark))
    assert any("extended attributes are not names with values in hex" in str(one) for one in found["warnings"])


@pytest.mark.parametrize(
    ("said", "words"), [(None, "the version of the program that made"), ("not copied: why", "why.")]
)
def test_a_container_without_extended_attributes_says_so(
    said: str | None, words: str, container: Path, tmp_path: Path
) -> None:
    def unsay(members: Members) -> None:
        first, _, rest = members[MANIFEST].partition(b"\n")
        head = json.loads(first) | {"extended_attributes": said}
        members[MANIFEST] = json.dumps(head).encode() + b"\n" + rest

    (problem,) = checked(changed(container, tmp_path / "without.zip", unsay)).problems
    assert problem.what.startswith("Extended attributes and alternate streams of the files: not copied: ")
    assert problem.what.endswith(words) or words in problem.what
    assert not problem.is_damage


def test_what_the_manifest_says_of_the_acquisition_is_told_as_of_any_image(container: Path) -> None:
    image = open_logical([container])
    said: Mapping[str, str] = image.metadata
    assert (said["case_number"], said["examiner"]) == ("2026/14", "Ana Kovač")
    assert said["description"] == str(container.parent / "documents")
    image.close()


def test_contents_are_read_by_the_address_of_their_row(container: Path) -> None:
    rows, _ = listed(container)
    image = open_logical([container])
    content = FileReader(image).content([WHOLE], rows["/1/deep/er/Ω größe.bin"]["address"])
    assert content.read(100_000, 999) == random.Random(1).randbytes(300_000)[100_000:100_999]
    image.close()


def test_a_whole_container_agrees_with_its_manifest(container: Path) -> None:
    told: list[tuple[int, int]] = []
    found: StoredCheck = run_isolated(
        "check_stored",
        {"paths": (container,), "logical": True},
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert (found.compared, found.equal, found.differing, found.problems) == (4, 4, (), ())
    assert found.agrees
    assert told[-1][0] == told[-1][1] > 300_000


def test_a_content_that_was_exchanged_is_named_at_the_check_and_in_the_list(container: Path, tmp_path: Path) -> None:
    path = changed(container, tmp_path / "c.zip", lambda members: members.update({"1/letter.txt": b"Dear Madam\n"}))
    found = checked(path)
    assert not found.agrees
    assert (found.compared, found.equal) == (4, 3)
    [(name, why)] = found.differing
    assert name == "/1/letter.txt"
    assert why.startswith("the MD5 of the content is")
    row = listed(path)[0]["/1/letter.txt"]
    assert row["sha256"] is None
    assert "the MD5 of the content is" in row["note"]


def test_an_empty_file_that_was_filled_or_a_filled_one_that_was_emptied_is_named(
    container: Path, tmp_path: Path
) -> None:
    def fill(members: Members) -> None:
        members.update({"1/nothing": b"x", "1/letter.txt": b""})

    found = checked(changed(container, tmp_path / "c.zip", fill))
    assert [name for name, _ in found.differing] == ["/1/letter.txt", "/1/nothing"]

    def lie(members: Members) -> None:
        line = line_of(members, "letter.txt")
        changed_line = line | {"stored_bytes": 0}
        members["1/letter.txt"] = b""
        members[MANIFEST] = members[MANIFEST].replace(raw(line), raw(changed_line))

    path = changed(container, tmp_path / "d.zip", lie)
    assert [name for name, _ in checked(path).differing] == ["/1/letter.txt"]
    assert "of the content is" in listed(path)[0]["/1/letter.txt"]["note"]


def test_a_member_whose_name_is_no_text_is_named_in_words_that_the_record_can_hold(
    container: Path, tmp_path: Path
) -> None:
    def lie(members: Members) -> None:
        line = raw(line_of(members, "letter.txt"))
        members[MANIFEST] = members[MANIFEST].replace(line, line.replace(b"1/letter.txt", b"1/\\ud800"))

    [(name, why)] = checked(changed(container, tmp_path / "c.zip", lie)).differing
    assert name == "/1/letter.txt"
    assert "the container has no member" in why
    assert why.encode().decode() == why


def raw(line: dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_a_member_that_is_missing_and_one_that_was_added_are_told(container: Path, tmp_path: Path) -> None:
    def change(members: Members) -> None:
        del members["1/letter.txt"]
        members["1/planted.txt"] = b"planted"

    path = changed(container, tmp_path / "c.zip", change)
    found = checked(path)
    assert not found.agrees
    assert [name for name, _ in found.differing] == ["/1/letter.txt"]
    assert "1 members of the container are not in its manifest, such as 1/planted.txt." in [
        problem.what for problem in found.problems
    ]
    rows, _ = listed(path)
    assert rows["/1\u2215planted.txt"]["sha256"] == hashlib.sha256(b"planted").digest()
    assert "the manifest does not name it" in rows["/1\u2215planted.txt"]["note"]
    assert "the container has no member" in rows["/1/letter.txt"]["note"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[: text.rstrip(b"\n").rindex(b"\n") + 1], "is missing"),
        (lambda text: text.replace(b'"kind":"fifo"', b'"kind":7'), "makes no sense"),
        (lambda text: text + b'{"root":1}\n', "goes on behind its last line"),
        (lambda text: text.replace(b'"files":4', b'"files":5'), "as many lines"),
    ],
)
def test_a_manifest_that_does_not_hold_together_is_told(
    container: Path, tmp_path: Path, change: Callable[[bytes], bytes], words: str
) -> None:
    path = changed(container, tmp_path / "c.zip", lambda m: m.update({MANIFEST: change(m[MANIFEST])}))
    found = checked(path)
    assert not found.agrees
    assert any(words in problem.what for problem in found.problems)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [(b'"version":1', b'"version":2', "version 2"), (b'"basis":"utc"', b'"basis":"local"', "UTC")],
)
def test_a_manifest_of_another_version_or_of_another_clock_is_refused(
    container: Path, tmp_path: Path, old: bytes, new: bytes, words: str
) -> None:
    path = changed(container, tmp_path / "c.zip", lambda m: m.update({MANIFEST: m[MANIFEST].replace(old, new)}))
    with pytest.raises(NotAnImageError, match=words):
        open_logical([path])


def test_a_zip_with_some_other_manifest_is_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr(MANIFEST, '{"name": "an extension"}\n')
        archive.writestr("a.txt", "a")
    rows, found = listed(tmp_path / "other.zip")
    assert set(rows) == {"/a.txt", f"/{MANIFEST}"}
    assert found["volumes"][0]["file_system"]["type"] == "zip"
    nothing = checked(tmp_path / "other.zip")
    assert (nothing.stored_in, nothing.compared, nothing.agrees) == ("", 0, True)


def test_random_damage_of_a_manifest_never_breaks_the_reader(container: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    for _ in range(40):

        def damage(members: Members) -> None:
            text = bytearray(members[MANIFEST])
            for _ in range(chance.randint(1, 12)):
                text[chance.randrange(len(text))] = chance.choice(b'\x00"{}[]9-,\n\xff\\')
            members[MANIFEST] = bytes(text[: chance.randint(1, len(text))])

        path = changed(container, tmp_path / "c.zip", damage)
        try:
            checked(path)
            listed(path)
        except EvidenceError:
            continue


def test_the_contents_of_an_l01_are_compared_with_the_digests_in_its_list(tmp_path: Path) -> None:
    files = {"a.txt": b"first" * 9000, "b.txt": b"second"}
    whole, _ = write_set(files, tmp_path, name="whole")
    assert run_isolated("check_stored", {"paths": tuple(whole)}) == StoredCheck(
        stored_in="its list of the files", compared=2, equal=2, differing=(), problems=()
    )
    text = tree_text(files).replace(hashlib.md5(files["b.txt"]).hexdigest(), hashlib.md5(b"third").hexdigest())
    exchanged, _ = write_set(files, tmp_path, name="exchanged", text=text)
    found: StoredCheck = run_isolated("check_stored", {"paths": tuple(exchanged)})
    assert [name for name, _ in found.differing] == ["/folder/b.txt"]
    assert not found.agrees


def test_an_image_of_a_medium_has_no_digests_of_contents(tmp_path: Path) -> None:
    (tmp_path / "disk.raw").write_bytes(bytes(65536))
    found: StoredCheck = run_isolated("check_stored", {"paths": (tmp_path / "disk.raw",)})
    assert (found.stored_in, found.compared) == ("", 0)
