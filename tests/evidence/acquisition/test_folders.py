"""Folders in a hashed container, held against unzip, sha256sum and what the system says."""

import errno
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from evidence.acquisition import FolderAcquisition, acquire_folders, left_over
from evidence.acquisition.attributes import MAX_BYTES
from evidence.acquisition.folders import MANIFEST, compare
from evidence.errors import AcquisitionRefusedError, SourceAccessError, TargetError
from tests.evidence.images.ewf_builder import media_of

ROOT = Path(__file__).parents[3]
LONG_AGO_NS = 1_500_000_000_123_456_789
UNDECODABLE = b"caf\xe9 \xff.txt"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what file systems hold."""
    top = tmp_path / "documents"
    (top / "empty").mkdir(parents=True)
    (top / "deep" / "er").mkdir(parents=True)
    (top / "letter.txt").write_text("Dear Sirs,\n")
    (top / "deep" / "er" / "Ω größe 硬盘.bin").write_bytes(media_of(2_500_000))
    (top / "nothing").write_bytes(b"")
    (top / "back\\slash").write_bytes(b"b")
    Path(os.fsdecode(os.fsencode(top) + b"/" + UNDECODABLE)).write_bytes(b"undecodable")
    (top / "outside").symlink_to("/etc/passwd")
    (top / "loop").symlink_to(".")
    (top / "twin").hardlink_to(top / "letter.txt")
    os.mkfifo(top / "pipe")
    (top / "letter.txt").chmod(0o640)
    os.utime(top / "letter.txt", ns=(LONG_AGO_NS, LONG_AGO_NS + 1))
    return top


def manifest_of(made: FolderAcquisition) -> list[dict[str, Any]]:
    with zipfile.ZipFile(made.path) as archive:
        raw = archive.read(MANIFEST)
    assert hashlib.sha256(raw).digest() == made.manifest_sha256
    return [json.loads(line) for line in raw.splitlines()]


def entries_of(made: FolderAcquisition) -> dict[str, dict[str, Any]]:
    return {line["path"]: line for line in manifest_of(made)[1:-1]}


def test_everything_in_a_folder_is_copied_listed_and_digested(folder: Path, tmp_path: Path) -> None:
    made = acquire_folders([folder], tmp_path / "documents.zip", labels={"case_number": "2026/14"})
    first, *_, last = manifest_of(made)
    entries = entries_of(made)
    assert first["labels"] == {"case_number": "2026/14"}
    assert first["roots"] == [{"number": 1, "path": str(folder)}]
    assert last == {"entries": made.entries, "files": made.files, "content_bytes": made.content_bytes}
    assert (made.entries, made.files, made.verified, made.unreadable_count) == (len(entries), 6, True, 0)
    listed = subprocess.run(["find", "."], cwd=folder, capture_output=True, check=True).stdout.splitlines()
    assert made.entries == len(listed)
    for path, line in entries.items():
        if line["kind"] != "file":
            assert "sha256" not in line
            continue
        real = os.fsencode(folder) + b"/" + (bytes.fromhex(line["path_hex"]) if "path_hex" in line else path.encode())
        content = Path(os.fsdecode(real)).read_bytes()
        assert (line["sha256"], line["md5"]) == (hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest())
        with zipfile.ZipFile(made.path) as archive:
            assert archive.read(line["member"]) == content
    assert hashlib.sha256(made.path.read_bytes()).digest() == made.sha256


def test_names_links_times_and_owners_are_told_as_they_are(folder: Path, tmp_path: Path) -> None:
    entries = entries_of(acquire_folders([folder], tmp_path / "documents.zip"))
    odd = next(line for line in entries.values() if "path_hex" in line)
    assert bytes.fromhex(odd["path_hex"]) == UNDECODABLE
    assert odd["member"].startswith("unnamed/")
    assert entries["back\\slash"]["member"].startswith("unnamed/")
    assert entries["deep/er/Ω größe 硬盘.bin"]["member"] == "1/deep/er/Ω größe 硬盘.bin"
    assert (entries["outside"]["kind"], entries["outside"]["link_target"]) == ("link", "/etc/passwd")
    assert entries["pipe"]["kind"] == "fifo"
    letter, status = entries["letter.txt"], (folder / "letter.txt").stat()
    assert letter["mode"] == "0640"
    assert (letter["owner"], letter["group"], letter["links"]) == (status.st_uid, status.st_gid, 2)
    assert (letter["accessed_ns"], letter["modified_ns"]) == (str(LONG_AGO_NS), str(LONG_AGO_NS + 1))
    assert entries["twin"]["inode"] == letter["inode"]


def marked(path: Path, values: dict[bytes, bytes]) -> None:
    """Give a file extended attributes, or skip."""
    try:
        for name, value in values.items():
            os.setxattr(path, name, value)
    except (AttributeError, OSError) as error:
        pytest.skip(f"no extended attributes here: {error}")


def test_extended_attributes_are_kept_with_files_and_folders(folder: Path, tmp_path: Path) -> None:
    origin = b"https://example.org/a?b=1"
    marked(folder / "letter.txt", {b"user.xdg.origin.url": origin, b"user.caf\xe9": bytes(range(256)), b"user.no": b""})
    marked(folder / "deep", {b"user.colour": b"red"})
    marked(folder, {b"user.top": b"1"})
    made = acquire_folders([folder], tmp_path / "documents.zip")
    entries = entries_of(made)

    def kept(path: str) -> list[dict[str, str]]:
        return [one for one in entries[path].get("extended_attributes", []) if one["name"].startswith("user.")]

    assert kept("letter.txt") == [
        {"name": "user.caf\ufffd", "name_hex": b"user.caf\xe9".hex(), "hex": bytes(range(256)).hex()},
        {"name": "user.no", "hex": ""},
        {"name": "user.xdg.origin.url", "hex": origin.hex()},
    ]
    assert kept("twin") == kept("letter.txt")
    assert (kept("deep"), kept("")) == (
        [{"name": "user.colour", "hex": b"red".hex()}], [{"name": "user.top", "hex": b"1".hex()}]
    )  # fmt: skip
    assert [kept(path) for path in ("nothing", "outside", "pipe")] == [[], [], []]
    assert "copied as far as" in manifest_of(made)[0]["extended_attributes"]
    assert (made.attributes or 0) >= 8
    assert (made.unreadable_count, made.verified) == (0, True)
    if shutil.which("getfattr"):
        told = ["getfattr", "--only-values", "-n", "user.xdg.origin.url", folder / "letter.txt"]
        assert subprocess.run(told, capture_output=True, check=True).stdout == origin


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of them")
def test_extended_attributes_that_cannot_be_had_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear Sirs,\n")
    marked(folder / "letter.txt", {b"user.a": b"1", b"user.b": b"22"})
    read, listed = os.getxattr, os.listxattr

    def refuse(path: Any, name: Any, *, follow_symlinks: bool = True) -> bytes:
        if name == "user.a":
            raise OSError(errno.E2BIG, os.strerror(errno.E2BIG))
        return read(path, name, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "getxattr", refuse)
    made = acquire_folders([folder], tmp_path / "one.zip")
    why = "its extended attribute user.a cannot be read: Argument list too long"
    assert [told for told in made.unreadable if "user." in told[1]] == [("letter.txt", why)]
    (kept,) = [one for one in entries_of(made)["letter.txt"]["extended_attributes"] if one["name"][:5] == "user."]
    assert kept == {"name": "user.b", "hex": b"22".hex()}
    assert made.verified

    def large(path: Any, name: Any, *, follow_symlinks: bool = True) -> bytes:
        return bytes(MAX_BYTES) if name == "user.a" else read(path, name, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "getxattr", large)
    (_, why), *_ = acquire_folders([folder], tmp_path / "two.zip").unreadable
    assert "user.b was not copied: all together have more than 1048576 bytes" in why

    def gone(path: Any = None, *, follow_symlinks: bool = True) -> list[str]:
        if isinstance(path, int):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return listed(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "listxattr", gone)
    made = acquire_folders([folder], tmp_path / "three.zip")
    assert dict(made.unreadable)["letter.txt"] == "its extended attributes cannot be listed: Input/output error"


def test_a_system_that_tells_of_no_extended_attributes_is_said_in_the_manifest(folder: Path, tmp_path: Path) -> None:
    code = """
import os, sys
for name in ("listxattr", "getxattr"):
    if hasattr(os, name):
        delattr(os, name)
from pathlib import Path
from evidence.acquisition import acquire_folders
made = acquire_folders([Path(sys.argv[1])], Path(sys.argv[2]))
print(made.attributes, made.unreadable_count)
"""
    words = [sys.executable, "-c", code, str(folder), str(tmp_path / "documents.zip")]
    assert subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "None 0\n"
    with zipfile.ZipFile(tmp_path / "documents.zip") as archive:
        first = json.loads(archive.read(MANIFEST).splitlines()[0])
    assert first["extended_attributes"].startswith("not copied: the system did not")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is killed in the middle of a call here")
def test_what_a_kill_leaves_of_a_container_is_found_by_its_target(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "documents.zip"
    (tmp_path / ".someone-else.part").touch()
    if (child := os.fork()) == 0:
        acquire_folders([folder], target, on_progress=lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    (left,) = left_over(target)
    assert left.parent == tmp_path
    assert not target.exists()
    acquire_folders([folder], target)
    assert left_over(target) == (left,)
    assert left_over(tmp_path / "others.zip") == ()


def test_every_line_of_the_manifest_is_canonical(folder: Path, tmp_path: Path) -> None:
    made = acquire_folders([folder], tmp_path / "documents.zip")
    with zipfile.ZipFile(made.path) as archive:
        for line in archive.read(MANIFEST).decode().splitlines():
            again = json.dumps(json.loads(line), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            assert line == again


def test_unzip_finds_the_container_sound(folder: Path, tmp_path: Path) -> None:
    if not shutil.which("unzip"):
        pytest.skip("unzip is not installed")
    made = acquire_folders([folder], tmp_path / "documents.zip")
    done = subprocess.run(["unzip", "-t", "-q", made.path], capture_output=True, text=True, check=True)
    assert "No errors detected" in done.stdout


def test_the_folder_is_left_as_it_was(folder: Path, tmp_path: Path) -> None:
    paths = [folder, folder / "deep", folder / "letter.txt"]
    for path in paths:
        os.utime(path, ns=(1_000_000_000, 2_000_000_000))

    def state() -> list[tuple[int, ...]]:
        stats = [path.lstat() for path in paths]
        return [(one.st_atime_ns, one.st_mtime_ns, one.st_ctime_ns, one.st_size) for one in stats]

    before = state()
    acquire_folders([folder], tmp_path / "documents.zip")
    assert state() == before
    assert not list(folder.glob(".*"))


def test_paths_longer_than_the_system_takes_are_reached(tmp_path: Path) -> None:
    top = tmp_path / "deep"
    top.mkdir()
    name = "d" * 200
    here = os.open(top, os.O_RDONLY)
    for _ in range(40):
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    file = os.open("at the end", os.O_WRONLY | os.O_CREAT, dir_fd=here)
    os.write(file, b"found")
    os.close(file)
    os.close(here)
    entries = entries_of(acquire_folders([top], tmp_path / "deep.zip"))
    longest = max(entries, key=len)
    assert len(longest) > 8000
    assert entries[longest]["sha256"] == hashlib.sha256(b"found").hexdigest()


READS_AS_NOBODY = """
import os, sys
from pathlib import Path
from evidence.acquisition import acquire_folders
"".encode("cp437")  # nobody may perhaps not read the interpreter's own files
os.setgid(65534); os.setuid(65534)
made = acquire_folders([Path(sys.argv[1])], Path(sys.argv[2]))
print(made.unreadable_count, made.verified, sorted(path for path, _ in made.unreadable))
"""


def test_what_may_not_be_read_is_listed_and_the_rest_copied() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to become somebody who may not read")
    with tempfile.TemporaryDirectory() as name:
        out, folder = Path(name), Path(name, "documents")
        out.chmod(0o777)
        for closed in ("one", "two"):
            (folder / closed).mkdir(parents=True)
            (folder / closed).chmod(0o700)
        (folder / "secret").write_text("secret")
        (folder / "secret").chmod(0o600)
        (folder / "open").write_text("open")
        words = [sys.executable, "-c", READS_AS_NOBODY, str(folder), str(out / "x.zip")]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "3 True ['one', 'secret', 'two']\n"


def test_a_folder_is_not_copied_into_itself_or_over_something(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(AcquisitionRefusedError, match="lies in"):
        acquire_folders([folder], folder / "empty" / "x.zip")
    (tmp_path / "link").symlink_to(folder / "empty")
    with pytest.raises(AcquisitionRefusedError, match="lies in"):
        acquire_folders([folder], tmp_path / "link" / "x.zip")
    (tmp_path / "taken.zip").write_bytes(b"taken")
    with pytest.raises(AcquisitionRefusedError, match="already exists"):
        acquire_folders([folder], tmp_path / "taken.zip")
    with pytest.raises(AcquisitionRefusedError, match="no folder"):
        acquire_folders([folder / "letter.txt"], tmp_path / "x.zip")
    with pytest.raises(AcquisitionRefusedError, match="no folder"):
        acquire_folders([folder / "loop"], tmp_path / "x.zip")
    with pytest.raises(SourceAccessError):
        acquire_folders([folder / "missing"], tmp_path / "x.zip")
    with pytest.raises(AcquisitionRefusedError, match="Name a folder"):
        acquire_folders([], tmp_path / "x.zip")
    assert (tmp_path / "taken.zip").read_bytes() == b"taken"


def test_nothing_is_left_of_a_copy_that_was_stopped(folder: Path, tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    before = sorted(tmp_path.iterdir())
    with pytest.raises(StopError):
        acquire_folders([folder], tmp_path / "x.zip", on_progress=stop)
    assert sorted(tmp_path.iterdir()) == before


FILLS = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, resource.RLIM_INFINITY))
from evidence.acquisition import acquire_folders
acquire_folders([Path(sys.argv[1])], Path(sys.argv[2]))
"""


def test_a_full_disk_is_told_of(folder: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-c", FILLS, str(folder), str(tmp_path / "x.zip")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert TargetError.__name__ in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["documents"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_damage_to_a_container_is_found(share: float, folder: Path, tmp_path: Path) -> None:
    made = acquire_folders([folder], tmp_path / "documents.zip")
    assert compare(made.path, made.manifest_sha256, made.content_bytes) == []
    damaged = bytearray(made.path.read_bytes())
    damaged[int(len(damaged) * share)] ^= 0x55
    made.path.write_bytes(damaged)
    found = compare(made.path, made.manifest_sha256, made.content_bytes)
    assert found or hashlib.sha256(damaged).digest() != made.sha256
    if share < 0.9:
        assert found


def test_several_folders_keep_apart_and_a_socket_is_only_listed(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same").write_text(name)
    with socket.socket(socket.AF_UNIX) as listening:
        cwd = Path.cwd()
        os.chdir(tmp_path)
        try:
            listening.bind("one/socket")
        finally:
            os.chdir(cwd)
        made = acquire_folders([tmp_path / "one", tmp_path / "two"], tmp_path / "x.zip")
    lines = manifest_of(made)[1:-1]
    assert [(line["root"], line["path"], line["kind"]) for line in lines] == [
        (1, "", "directory"), (1, "same", "file"), (1, "socket", "socket"), (2, "", "directory"), (2, "same", "file"),
    ]  # fmt: skip
    with zipfile.ZipFile(made.path) as archive:
        assert [archive.read(f"{number}/same") for number in (1, 2)] == [b"one", b"two"]
