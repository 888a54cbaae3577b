import hashlib
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from evidence.images.segments import ewf_suffix
from forensics_app.__main__ import main
from forensics_app.services import inspecting
from tests.evidence import made_images
from tests.evidence.images import ewf_builder
from tests.evidence.volumes import luks_images

KEYS = ["schema", "program", "source", "partition_table", "volumes", "error", "warnings"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_images.source_tree(tmp_path_factory.mktemp("source") / "tree")


@pytest.fixture(scope="module")
def fat(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_images.fat(tmp_path_factory.mktemp("fat") / "stick.dd", source, 16)


@pytest.fixture(scope="module")
def ext4(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_images.ext(tmp_path_factory.mktemp("ext4") / "disk.dd", source)


def inspected(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any], str]:
    status = main(["inspect", "--json", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status, json.loads(out), err


def e01(raw: Path, folder: Path) -> Path:
    made_images.need("ewfacquire")
    who = ["-C", "case-7", "-e", "J. Doe"]
    how = ["-u", "-q", "-f", "encase6", "-c", "fast", "-S", "1048576", "-d", "sha1"]
    made_images.run("ewfacquire", *how, *who, "-t", folder / "disk", raw)
    return folder / f"disk{ewf_suffix('E', 1)}"


def test_the_document_has_its_keys_and_a_sound_image_exits_0(ext4: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, document, _ = inspected(capsys, ext4)
    assert status == 0
    assert list(document) == KEYS
    assert document["schema"] == "inspect/1"
    assert document["program"]["name"] == "forensics-app"
    assert "sleuthkit" in document["program"]["libraries"]
    size = ext4.stat().st_size
    source = document["source"]
    assert source["paths"] == [str(ext4)]
    assert (source["container"], source["segments"], source["media_bytes"]) == ("raw", 1, size)
    assert (source["digests"], source["digest_check"], source["unreadable"]) == (None, "not computed", [])
    assert document["partition_table"] == {"scheme": None, "sector_bytes": 512}
    (volume,) = document["volumes"]
    assert (volume["id"], volume["parent"], volume["kind"], volume["length"]) == ("v0", None, "whole", size)
    assert (volume["locked"], volume["encryption"], volume["digests"]) == (False, None, None)
    system = volume["file_system"]
    assert (system["type"], system["label"]) == ("ext4", "TESTEXT")
    assert system["counts"]["links"] == 1
    assert document["error"] is None


def test_files_come_with_digests_times_and_types(ext4: Path, source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, document, _ = inspected(capsys, ext4, "--hash", "--files")
    content = ext4.read_bytes()
    assert document["source"]["digests"] == {
        name: hashlib.new(name, content).hexdigest() for name in ("md5", "sha1", "sha256")
    }
    assert document["source"]["digest_check"] == "none stored"
    files = {line["path"]: line for line in document["files"]}
    hello = files["/hello.txt"]
    assert (hello["volume"], hello["kind"], hello["allocated"], hello["size"]) == ("v0", "file", True, 6)
    assert hello["sha256"] == hashlib.sha256(b"hello\n").hexdigest()
    assert hello["type"]["mime"] == "text/plain"
    assert hello["times"]["modified"] == {
        "utc": "2001-09-09T01:46:40.000000000Z", "source": "inode", "basis": "utc", "resolution_ns": 1,
    }  # fmt: skip
    assert set(hello["times"]) >= {"modified", "accessed", "changed", "created"}
    assert files["/link.txt"]["kind"] == "link"
    assert files["/link.txt"]["link_target"] == "docs/large.bin"
    assert not files["/docs/gone.txt"]["allocated"]
    assert files["/docs/deep/zażółć gęślą jaźń.txt"]["size"] == len("jaźń\n".encode())


def test_wall_times_are_put_to_utc_by_the_zone(fat: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def modified(*options: str) -> dict[str, Any]:
        _, document, _ = inspected(capsys, fat, "--files", *options)
        return next(line for line in document["files"] if line["path"] == "/hello.txt")["times"]["modified"]

    here, there = modified(), modified("--zone", "Asia/Kolkata")
    assert here["basis"] == there["basis"] == "local"
    minutes = {stamp["utc"]: int(stamp["utc"][11:13]) * 60 + int(stamp["utc"][14:16]) for stamp in (here, there)}
    assert (minutes[here["utc"]] - minutes[there["utc"]]) % 1440 == 330


def test_an_e01_says_who_made_it_and_that_its_digests_agree(
    ext4: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, document, _ = inspected(capsys, e01(ext4, tmp_path), "--hash")
    source = document["source"]
    assert status == 0
    assert (source["container"], source["digest_check"]) == ("ewf", "match")
    assert source["media_bytes"] == ext4.stat().st_size
    assert source["container_bytes"] == sum(path.stat().st_size for path in tmp_path.iterdir() if path.suffix != ".txt")
    assert source["metadata"]["case_number"] == "case-7"
    assert source["metadata"]["examiner"] == "J. Doe"
    assert set(source["stored_digests"]) == {"md5", "sha1"}
    assert source["digests"]["md5"] == hashlib.md5(ext4.read_bytes()).hexdigest()


def test_a_damaged_e01_exits_1_and_never_calls_it_a_match(
    ext4: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = e01(ext4, tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    status, document, _ = inspected(capsys, path, "--hash", "--files")
    assert status in (1, 3)
    assert document["source"]["digest_check"] != "match"
    assert document["warnings"] or document["error"]


def test_a_missing_segment_exits_3_with_words_and_what_is_known(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (1, 3):
        made_images.blank(tmp_path / f"disk.{number:03}", 1 << 20)
    status, document, _ = inspected(capsys, tmp_path / "disk.001", "--hash", "--files")
    assert status == 3
    assert "002" in document["error"]["what"]
    assert document["error"]["then"]
    assert document["source"]["container"] == "raw"
    assert (document["source"]["media_bytes"], document["source"]["digests"]) == (None, None)
    assert (document["volumes"], document["files"]) == ([], [])


def test_all_segments_may_be_named(tmp_path: Path, ext4: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = ext4.read_bytes()
    parts = [tmp_path / "disk.001", tmp_path / "disk.002"]
    for path, part in zip(parts, (content[: 4 << 20], content[4 << 20 :]), strict=True):
        path.write_bytes(part)
    for named in (parts, parts[:1]):
        status, document, _ = inspected(capsys, *named)
        assert status == 0
        assert document["source"]["paths"] == list(map(str, parts))
        assert document["volumes"][0]["file_system"]["type"] == "ext4"


@pytest.mark.parametrize("what", ["text", "folder", "empty", "nothing"])
def test_what_is_no_image_exits_3_with_words(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "thing"
    match what:
        case "text":
            path.write_text("Dear Sir,\n" * 1000)
        case "folder":
            path.mkdir()
        case "empty":
            path.touch()
    status, document, _ = inspected(capsys, path, "--hash")
    assert status == 3
    assert document["error"]["what"]
    assert document["source"]["digest_check"] in ("not computed", "none stored")


def test_a_container_without_a_reader_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "disk.img"
    path.write_bytes(b"ADSEGMENTEDFILE\0" + bytes(1 << 20))
    status, document, _ = inspected(capsys, path)
    assert status == 3
    assert document["source"]["container"] == "logical"
    assert "AD1" in document["error"]["what"]


@luks_images.needs_cryptsetup
def test_an_encrypted_volume_stays_locked_and_the_key_is_said_to_open_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = luks_images.luks2(tmp_path, "--cipher", "aes-xts-plain64")
    (tmp_path / "password").write_text("hunter2\n")
    status, document, err = inspected(capsys, path, "--password-file", tmp_path / "password")
    assert status == 0
    assert (document["volumes"][0]["encryption"], document["volumes"][0]["locked"]) == ("luks", True)
    assert any("key that was given opened none" in warning["what"] for warning in document["warnings"])
    assert "hunter2" not in json.dumps(document) + err


@luks_images.needs_cryptsetup
def test_the_right_key_opens_an_encrypted_volume_and_is_not_repeated(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = made_images.ext(tmp_path / "inner.dd", source)
    path = luks_images.holding(tmp_path, inner.read_bytes())
    (tmp_path / "password").write_text(f"{luks_images.PASSWORD}\n", "utf-8")
    status, document, err = inspected(capsys, path, "--files", "--password-file", tmp_path / "password")
    assert status == 0
    assert [volume["kind"] for volume in document["volumes"]] == ["whole", "decrypted"]
    assert (document["volumes"][0]["encryption"], document["volumes"][0]["locked"]) == ("luks", False)
    assert document["volumes"][1]["file_system"]["type"] == "ext4"
    assert "/docs/large.bin" in [line["path"] for line in document["files"]]
    assert not any("opened none" in warning["what"] for warning in document["warnings"])
    assert luks_images.PASSWORD not in json.dumps(document, ensure_ascii=False) + err


@pytest.mark.parametrize(
    ("container", "name", "content"),
    [
        ("qcow", "disk.E01", b"QFI\xfb\0\0\0\x63" + bytes(5000)),
        ("vhdx", "disk.dd", b"vhdxfile" + bytes(400_000)),
        ("udif", "disk.raw", bytes(8192) + b"koly\0\0\0\4\0\0\2\0" + b"\x7f" * 500),
        ("ewf", "disk.img", b"EVF\x09\x0d\x0a\xff\0\x01\x01\0\0\0" + bytes(5000)),
        ("vmdk", "disk.dd", b"KDMV\x01\0\0\0" + bytes(5000)),
        ("parallels", "disk.dd", b"WithoutFreeSpace" + b"\xff" * 5000),
    ],
)
def test_a_damaged_container_is_called_what_it_is(
    container: str, name: str, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    status, document, _ = inspected(capsys, tmp_path / name)
    assert status == 3
    assert document["source"]["container"] == container
    assert document["error"]["what"]


def test_an_image_with_a_missing_part_is_called_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_images.need("qemu-img")
    whole = tmp_path / "base.raw"
    whole.write_bytes(bytes(1 << 20))
    overlay = tmp_path / "disk.E01"
    made_images.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", whole, "-F", "raw", overlay)
    whole.unlink()
    for parts in ("disk.001", "disk.002", "disk.004"):
        (tmp_path / parts).write_bytes(hashlib.sha512(parts.encode()).digest() * 128)
    for path, container in ((overlay, "qcow"), (tmp_path / "disk.001", "raw")):
        status, document, _ = inspected(capsys, path)
        assert (status, document["source"]["container"]) == (3, container)
        assert document["error"]["what"]


@pytest.mark.parametrize(
    "options",
    [["--zone", "Mars/Olympus"], ["--password-file", "/no/such/file"], ["--nonsense"], [], ["--zone"]],
)
def test_wrong_use_exits_2_and_writes_no_document(
    options: list[str], ext4: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", "--json", *options, *([str(ext4)] if options else [])]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err


def test_an_empty_key_file_is_wrong_use(ext4: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "key").write_bytes(b"\n")
    assert main(["inspect", "--json", "--recovery-key-file", str(tmp_path / "key"), str(ext4)]) == 2
    assert "empty" in capsys.readouterr().err


def test_standard_output_holds_the_document_and_nothing_else(ext4: Path) -> None:
    command = [sys.executable, "-m", "forensics_app", "inspect", "--json", "--hash", "--files", str(ext4)]
    done = subprocess.run(command, capture_output=True, cwd=Path(__file__).parents[3], check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout)["schema"] == "inspect/1"
    assert done.stdout.isascii()


def test_without_json_it_is_told_in_lines(ext4: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "--files", "--hash", str(ext4)]) == 0
    out, _ = capsys.readouterr()
    assert f"Source: {ext4}" in out
    assert "Container: raw, segments: 1" in out
    assert hashlib.sha256(ext4.read_bytes()).hexdigest() in out
    assert 'file system: ext4 "TESTEXT"' in out
    line = next(line for line in out.splitlines() if "/docs/large.bin" in line)
    assert "512,000" in line


def test_without_json_an_error_is_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(tmp_path)]) == 3
    out = capsys.readouterr().out
    assert "is not an image: it is a folder" in out
    assert "Partition table" not in out  # nobody looked for one


def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path) -> None:
    made_images.need("mke2fs")
    peaks = []
    for files in (500, 8000):
        tree = tmp_path / f"tree{files}"
        for number in range(files):
            folder = tree / f"{number // 100}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"a file with a rather long name, number {number:08}.txt").touch()
        image = tmp_path / f"{files}.dd"
        made_images.run("mke2fs", "-q", "-t", "ext4", "-N", str(files + 2000), "-d", tree, image, "32M")
        program = (
            "import resource, sys; from forensics_app.__main__ import main\n"
            f"status = main(['inspect', '--json', '--files', {str(image)!r}])\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, cwd=Path(__file__).parents[3], check=True
        )
        assert len(json.loads(done.stdout)["files"]) > files
        peaks.append(int(done.stderr.split()[-1]))
    assert peaks[1] - peaks[0] < 25_000


def test_what_lies_in_archives_is_listed_when_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    with zipfile.ZipFile(tree / "a.zip", "w") as archive:
        archive.writestr("inside/note.txt", "found")
    image = made_images.ext(tmp_path / "disk.dd", tree)
    _, without, _ = inspected(capsys, image, "--files", "--hash")
    _, document, _ = inspected(capsys, image, "--files", "--hash", "--archives")
    (member,) = [file for file in document["files"] if file["path"].endswith("/a.zip/inside/note.txt")]
    assert member["sha256"] == hashlib.sha256(b"found").hexdigest()
    assert [file for file in document["files"] if "!" not in file["volume"]] == without["files"]


def test_what_the_acquisition_did_not_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = b"".join(struct.pack("<II", 2 * number, 1) for number in range(7))
    body = ewf_builder.summed(struct.pack("<I512x", 7)) + ewf_builder.summed(entries)
    source = ewf_builder.simple(ewf_builder.media_of(50_000), tmp_path / "disk.E01", more=[("error2", body)])
    status, document, _ = inspected(capsys, source)
    assert status == 1
    lost = document["source"]["not_read_at_acquisition"]
    assert lost == [{"offset": 1024 * number, "length": 512} for number in range(7)]
    main(["inspect", str(source)])
    assert "Not read at the acquisition: 512 bytes at 6,144" in capsys.readouterr().out


def test_what_one_volume_is_full_of_hides_no_damage_of_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspecting, "MAX_WARNINGS", 5)
    archive = tmp_path / "tree" / "hostile.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as file:
        for number in range(30):
            file.writestr(f"{number}", "x")
    archive.write_bytes(
        archive.read_bytes().replace(b"PK\x01\x02\x14\x03\x14\0\0\0\0\0", b"PK\x01\x02\x14\x03\x14\0\0\0\x08\0")
    )
    image = made_images.ext(tmp_path / "disk.dd", archive.parent)
    image.write_bytes(image.read_bytes()[: -1 << 20])
    _, document, _ = inspected(capsys, image, "--hash", "--files", "--archives")
    told = [(warning["where"], warning["what"]) for warning in document["warnings"]]
    ours = [what for where, what in told if where.startswith("v0!")]
    assert len(ours) == 6
    assert ours[5] == "17 warnings more about it are left out."  # of twenty, how many more, and what is not read
    assert any(where == "v0" and "but the media ends after" in what for where, what in told)
