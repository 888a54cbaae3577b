"""What a package is made of: licences, bill of materials, lists of digests, and what a desktop is told."""

import configparser
import json
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from build_spec.workshop import inventory, licences, locks, occurrences, packaging, sbom
from build_spec.workshop.console import StepError
from build_spec.workshop.licences import Part
from evidence.images.signatures import EVF_SIGNATURE, EWF2_SIGNATURE, LVF_SIGNATURE

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "build_spec" / "package"
BUILT_WITH = {"setuptools", "pycparser"}


def part(licence: str, *, texts: tuple[Path, ...] = (Path("LICENSE"),), name: str = "part") -> Part:
    return Part(
        kind="distribution",
        name=name,
        version="1",
        sha256="ab" * 32,
        licence=licence,
        texts=texts,
        purl=f"pkg:pypi/{name}@1",
    )


@pytest.mark.parametrize(
    ("expression", "may"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", True),
        ("MIT AND GPL-2.0-only", False),
        ("MIT AND (GPL-2.0-only OR BSD-3-Clause)", True),
        ("GPL-2.0-only OR MIT AND AGPL-3.0-only", False),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", True),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", False),
        ("GPL-2.0-or-later WITH Bootloader-exception AND GPL-2.0-only", False),
        ("Unknown-1.0", False),
    ],
)
def test_an_expression_lets_us_ship_only_where_an_allowed_licence_can_be_chosen(expression: str, may: bool) -> None:
    assert licences.may_ship(expression) is may


@pytest.mark.parametrize("expression", ["", "MIT AND", "(MIT", "MIT)", "OR MIT", "MIT GPL-2.0-only"])
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(StepError):
        licences.may_ship(expression)


def test_a_part_under_the_gpl_alone_stops_the_build_by_name() -> None:
    with pytest.raises(StepError, match=r"readline: GPL-3\.0-or-later"):
        licences.refuse([part("MIT"), part("GPL-3.0-or-later", name="readline")])


def test_a_part_without_the_text_of_its_licence_stops_the_build() -> None:
    with pytest.raises(StepError, match="not found: bare"):
        licences.refuse([part("MIT"), part("MIT", texts=(), name="bare")])


def test_a_part_whose_licence_nobody_has_read_stops_the_build() -> None:
    with pytest.raises(StepError, match="Nobody has read the licence of libnew"):
        licences.licence_of("debian", "libnew")


def test_the_licence_of_every_locked_distribution_has_been_read() -> None:
    names = set(re.findall(r"^([a-z0-9._-]+)==", (locks.LOCKS / "run.txt").read_text("utf-8"), re.M)) - BUILT_WITH
    known = licences.table()["distributions"]
    assert names - known.keys() == set(), "read their licences, then add them to build_spec/package/licences.toml"


def test_every_licence_of_the_table_lets_us_ship() -> None:
    table = licences.table()
    told = {**table["distributions"], **table["debian"], **table["fonts"]}
    told |= {name: row[0] for kind in ("bundled", "data") for name, row in table[kind].items()}
    assert [name for name, licence in told.items() if not licences.may_ship(licence)] == []


def test_every_text_that_the_table_names_is_there() -> None:
    table = licences.table()
    named = {name for names in table["texts"].values() for name in names} | {
        row[1] for row in table["bundled"].values()
    }
    assert [name for name, row in table["data"].items() if not (ROOT / name / row[1]).is_file()] == []
    assert [name for name in named - {""} if not (licences.TEXTS / f"{name}.txt").is_file()] == []


@pytest.mark.parametrize(
    ("licence", "texts"),
    [
        ("MIT AND LGPL-2.1-or-later", {"LGPL-2.1-only", "lgpl-notice"}),
        ("LGPL-3.0-only OR GPL-3.0-only", {"LGPL-3.0-only", "GPL-3.0-only", "lgpl-notice"}),
        ("MIT", set()),
    ],
)
def test_what_is_under_the_lgpl_goes_with_its_texts_and_says_how_to_replace_it(licence: str, texts: set[str]) -> None:
    found = list(inventory.general_texts(licence))
    assert {path.stem for path in found} == texts
    assert all(path.is_file() for path in found)


def test_the_bill_of_materials_is_whole_and_the_same_for_the_same_parts() -> None:
    parts = [part("MIT"), part("LGPL-3.0-only", name="other")]
    text = sbom.document("1.2.3", parts)
    assert text == sbom.document("1.2.3", parts) != sbom.document("1.2.4", parts)
    told = json.loads(text)
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", told["serialNumber"]
    )
    assert told["components"][1]["licenses"] == [{"expression": "LGPL-3.0-only"}]
    assert told["components"][0]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    references = [one["bom-ref"] for one in told["components"]]
    assert told["dependencies"] == [{"ref": "forensics-app@1.2.3", "dependsOn": references}]
    assert len(set(references)) == len(references)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is the judge here")
def test_the_list_of_digests_is_read_by_sha256sum_and_a_changed_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a folder" / "b").write_bytes(b"content")
    (tmp_path / "z").write_bytes(b"")
    listed = packaging.digests_of(tmp_path)
    (tmp_path / packaging.LIST).write_text(listed)
    assert packaging.digests_of(tmp_path) == listed
    check = ["sha256sum", "--check", "--quiet", packaging.LIST]
    assert subprocess.run(check, cwd=tmp_path, check=False).returncode == 0
    (tmp_path / "z").write_bytes(b"changed")
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 1


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the key and is the judge here")
def test_a_signed_list_is_verified_by_openssl_and_a_changed_one_is_not(tmp_path: Path) -> None:
    key, listed = tmp_path / "key.pem", tmp_path / "SHA256SUMS"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
    listed.write_text("ab  file\n")
    subprocess.run([sys.executable, packaging.SIGN, key, listed], check=True)
    public, signature = tmp_path / "SHA256SUMS.pub.pem", tmp_path / "SHA256SUMS.sig"
    verify = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        public,
        "-rawin",
        "-in",
        listed,
        "-sigfile",
        signature,
    ]
    assert subprocess.run(verify, check=False, capture_output=True).returncode == 0
    listed.write_text("ac  file\n")
    assert subprocess.run(verify, check=False, capture_output=True).returncode != 0


def test_a_file_that_is_no_key_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")
    (tmp_path / "list").write_text("")
    command = [sys.executable, packaging.SIGN, tmp_path / "key.pem", tmp_path / "list"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "cannot be read as an unencrypted private key" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_desktop_is_told_of_the_window_and_takes_no_default_from_others() -> None:
    window, inspecting = configparser.ConfigParser(interpolation=None), configparser.ConfigParser(interpolation=None)
    window.read(PACKAGE / "debian" / "forensics-app.desktop", "utf-8")
    inspecting.read(PACKAGE / "debian" / "forensics-app-inspect.desktop", "utf-8")
    assert window["Desktop Entry"]["Exec"] == "forensics-app"
    assert "MimeType" not in window["Desktop Entry"]
    types = set(inspecting["Desktop Entry"]["MimeType"].split(";")) - {""}
    told = ElementTree.parse(PACKAGE / "debian" / "forensics-app.xml").getroot()
    assert types == {element.get("type") for element in told if element.tag.endswith("mime-type")}


def test_the_kinds_of_files_have_the_signatures_that_the_readers_know() -> None:
    told = (PACKAGE / "debian" / "forensics-app.xml").read_text("utf-8")
    values = {
        value.encode().decode("unicode_escape").encode("latin-1") for value in re.findall(r'value="([^"]+)"', told)
    }
    assert values >= {EVF_SIGNATURE, LVF_SIGNATURE, EWF2_SIGNATURE}


def test_nothing_that_the_program_imports_is_left_out_of_the_package() -> None:
    left_out = set(tomllib.loads((PACKAGE / "contents.toml").read_text("utf-8"))["without_modules"])
    names = "|".join(map(re.escape, sorted(left_out)))
    wanted = re.compile(rf"^\s*(?:import|from) ({names})(?:[. ]|$)", re.M)
    folders = ("chain_of_custody", "evidence", "forensics_app", "ui")
    found = [
        (path.name, match[1])
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if (match := wanted.search(path.read_text("utf-8")))
    ]
    assert found == []


def test_the_bill_of_materials_says_which_files_are_of_whom_and_a_stray_or_a_missing_one_is_found(
    tmp_path: Path,
) -> None:
    inside = tmp_path / "_internal"
    for name in ("a.so", "part-1.dist-info/METADATA", "notes.txt"):
        (inside / name).parent.mkdir(parents=True, exist_ok=True)
        (inside / name).write_bytes(b"\x7fELF" if name.endswith(".so") else b"text")
    (tmp_path / "forensics-app").write_bytes(b"\x7fELF")
    (inside / "link.so").symlink_to("a.so")
    bill = sbom.document("1", [replace(part("MIT"), files=("_internal/a.so", "_internal/part-1.dist-info/METADATA"))])
    assert occurrences.of_nobody(tmp_path, bill, {"forensics-app"}) == []
    (inside / "stray").write_bytes(b"\x7fELF")
    (inside / "a.so").unlink()
    assert occurrences.of_nobody(tmp_path, bill, {"forensics-app"}) == ["_internal/a.so", "_internal/stray"]


def test_a_file_that_no_distribution_installed_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "Some_Part-1.dist-info").mkdir()
    (tmp_path / "Some_Part-1.dist-info" / "RECORD").write_text('part/a.py,sha256=x,1\n"part/b,c.py",,\n')
    assert {occurrences.distribution_of(tmp_path / "part" / name, tmp_path) for name in ("a.py", "b,c.py")} == {
        "some-part"
    }
    with pytest.raises(StepError, match="no distribution says"):
        occurrences.distribution_of(tmp_path / "part" / "d.py", tmp_path)


WORKFLOW = Path(".github", "workflows", "packages.yml")
NOT_RUN = (Path("build_spec", "package", "windows.iss"), Path("build_spec", "package", "macos_dmg.sh"), WORKFLOW)


@pytest.mark.parametrize("script", NOT_RUN, ids=lambda path: path.name)
def test_what_nobody_has_run_says_so_and_names_files_that_there_are(script: Path) -> None:
    told = (ROOT / script).read_text("utf-8")
    assert "NOT RUN YET" in told.splitlines()[0] + told.splitlines()[1]
    named = {name.replace("\\", "/") for name in re.findall(r"\bbuild_spec[/\\][\w./\\]+\w", told)}
    named |= set(re.findall(r"^LicenseFile=\.\.\\\.\.\\(\S+)", told, re.M))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


def test_the_workflow_builds_and_tries_the_package_with_the_command_that_people_use() -> None:
    assert "python3 build_spec/dev.py package --test" in (ROOT / WORKFLOW).read_text("utf-8")
    assert "python3 build_spec/dev.py package --test" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
