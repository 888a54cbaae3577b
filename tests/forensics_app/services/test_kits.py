"""The defence kit: whole, without what is concealed, and every fact of it found again, or not, in another copy."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from forensics_app.errors import PermissionRefusedError, RefusedError, UsageError
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.dossier_paper import LANGUAGES
from forensics_app.model.kit import Kit, KitDamagedError, Outcome, Rechecked
from forensics_app.model.mark import MarkKind, hidden_keys, holding_keys
from forensics_app.model.report import ReportRequest
from forensics_app.model.tag import NewTag, TagColour
from forensics_app.model.target import entry_target
from forensics_app.reports.how_to_recheck import how_to_recheck
from forensics_app.services.kit_files import STEPS, facts_document, manifest_document, read_kit, steps
from forensics_app.services.rechecking import Copy, recheck_kit
from resources import path as resource
from tests.builders import make_bench
from tests.evidence.images.ewf_builder import simple, summed
from tests.evidence.volumes.luks_images import holding, needs_cryptsetup
from tests.forensics_app.cli.calls import run
from tests.forensics_app.services.kits_lab import Made, made_kit
from tests.forensics_app.services.test_exporting import at as entry_at
from tests.forensics_app.services.test_logical_evidence import take_in


@pytest.fixture(scope="module")
def made() -> Iterator[Made]:
    with made_kit() as whole:
        yield whole


def outcomes(found: Rechecked) -> set[Outcome]:
    return {one.outcome for one in found.facts}


def test_every_fact_is_the_same_in_the_same_image_and_in_another_container(made: Made) -> None:
    kit = read_kit(made.folder)
    for copy in (resource("demo/demo.E01"), made.raw):
        found = recheck_kit(kit, Copy(paths=(copy,)))
        assert outcomes(found) == {Outcome.SAME}, [one for one in found.facts if one.outcome is not Outcome.SAME]
        assert len(found.facts) == made.made.facts
    whats = {one.what for one in found.facts}
    assert {"SHA-256 of the media", "SHA-256 of the content", "path", "state", "file system"} <= whats
    assert any(what.startswith("time modified") for what in whats)


def test_the_kit_signs_for_itself_by_an_entry_of_the_ledger(made: Made) -> None:
    kit = read_kit(made.folder)
    assert kit.manifest_sha256 == hashlib.sha256((made.folder / "manifest.json").read_bytes()).hexdigest()
    assert made.bench.examiner.person.key_id in kit.signed
    assert made.bench.lab.verification.verify().ok


def test_nothing_concealed_is_in_the_kit(made: Made) -> None:
    content = b"".join(path.read_bytes() for path in made.folder.iterdir())
    name = made.marked.path.rsplit("/", 1)[-1]
    assert name
    assert json.dumps(name)[1:-1].encode() not in content
    assert b"Contraband" not in content
    assert b"Lindenhof payment fraud" not in content
    kit = read_kit(made.folder)
    assert [one.path is None for one in kit.files] == [False, True, False]
    assert made.made.left_out == 1
    assert {path.name for path in made.folder.iterdir()} == {
        *("facts.json", "HOW-TO-RECHECK.txt", "manifest.json", "entry.json"),
    }


@pytest.mark.req("REQ-40")
def test_a_copy_of_hidden_content_has_no_name_in_a_kit(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    lab, exhibit = bench.lab, bench.exhibit(bench.case())
    with zipfile.ZipFile(tmp_path / "docs.zip", "w") as out:
        for name in ("advice.txt", "twin-of-advice.txt", "plain.txt"):
            out.writestr(name, b"plain" if name == "plain.txt" else b"privileged")
    image = lab.catalogues.build(bench.examiner, take_in(bench, exhibit, tmp_path / "docs.zip").id)
    for name in ("twin-of-advice.txt", "plain.txt"):
        lab.examine.choose(bench.examiner, image.id, entry_at(bench, image, f"/{name}"), "")
    lab.examine.marks.add(
        bench.examiner, image.id, entry_at(bench, image, "/advice.txt"), MarkKind.PRIVILEGED, "Counsel"
    )
    lab.kits.make(bench.examiner, ReportRequest(case_id=exhibit.case_id, language="fr"), tmp_path / "kit")
    how = (tmp_path / "kit" / "HOW-TO-RECHECK.txt").read_text("utf-8")
    assert how.startswith("COMMENT VÉRIFIER LES FAITS DU RAPPORT")
    assert how.endswith(STEPS), "the English stands behind it"
    commands = [line for line in STEPS.splitlines() if line.startswith("       ")][:2]
    assert [how.count(line) for line in commands] == [2, 2]
    assert [one.path for one in read_kit(tmp_path / "kit").files] == [None, "/plain.txt"]
    lab.close()


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_how_to_recheck_stands_in_every_language_before_the_english_with_the_same_commands(language: str) -> None:
    own = how_to_recheck(language).decode("utf-8")
    assert steps(language).decode("utf-8") == own + STEPS
    told = re.compile(
        r"sha256sum manifest\.json|sha256sum facts\.json HOW-TO-RECHECK\.txt|forensics-app recheck|recheck --help|"
        r"\([a-z ]+\)|\bicat\b|mmls|ewfverify|--bytes=\+N|offset_bytes|length_bytes|unallocated space|slack|"
        r"Finding 1|F-1|list 1, no\. 1|basis|UTC|1970|remarks|Entry\.json|^\d\.",
        re.MULTILINE,
    )
    at_least = {"(same)", "(different)", "(cannot test)"}
    assert at_least <= set(told.findall(own))
    assert set(told.findall(STEPS)) - set(told.findall(own)) == set()
    assert max(map(len, own.splitlines())) <= 122
    assert own.endswith("\n\n"), "the English begins on a line of its own"


def test_a_changed_copy_is_different_where_it_was_changed_and_nowhere_else(made: Made, tmp_path: Path) -> None:
    kit = read_kit(made.folder)
    image, first = kit.images[0], kit.files[0]
    changed = tmp_path / "changed.raw"
    data = bytearray(made.raw.read_bytes())
    data[made.first_at] ^= 1
    changed.write_bytes(data)
    found = recheck_kit(kit, Copy(paths=(changed,)))
    differing = {(one.subject, one.what) for one in found.facts if one.outcome is Outcome.DIFFERENT}
    assert differing == {
        *((image.number, f"{name} of the media") for name in ("MD5", "SHA-1", "SHA-256")),
        *((first.reference, f"{name} of the content") for name in ("MD5", "SHA-256")),
    }
    assert Outcome.CANNOT_TEST not in outcomes(found)


def with_bad_sectors(data: bytes, path: Path, first_sector: int, sectors: int) -> Path:
    """An E01 of a drive of which some sectors could not be read, as it says itself."""
    listed = struct.pack("<II", first_sector, sectors)
    return simple(data, path, more=[("error2", summed(struct.pack("<I512x", 1)) + summed(listed))])


def test_what_lies_in_bad_sectors_of_a_copy_is_never_the_same_and_what_lies_beside_is_tested(
    made: Made, tmp_path: Path
) -> None:
    kit, data = read_kit(made.folder), made.raw.read_bytes()
    image, first = kit.images[0], kit.files[0]
    media = {(image.number, f"{name} of the media") for name in ("MD5", "SHA-1", "SHA-256")}
    content = {(first.reference, f"{name} of the content") for name in ("MD5", "SHA-256")}
    # The bytes are those of the original, as they would be where that holds zeros, too.
    copy = with_bad_sectors(data, tmp_path / "in.E01", made.first_at // 512, 2)
    found = recheck_kit(kit, Copy(paths=(copy,)))
    untested = {(one.subject, one.what): one.why for one in found.facts if one.outcome is Outcome.CANNOT_TEST}
    assert media | content <= set(untested)
    region = f"1,024 bytes from byte {made.first_at // 512 * 512:,}"
    assert all(untested[one] == f"it lies where {region} cannot be read" for one in content)
    assert all("of this copy cannot be read" in untested[one] for one in media)
    assert Outcome.DIFFERENT not in outcomes(found)
    assert any(one.what.endswith("of the content") and one.outcome is Outcome.SAME for one in found.facts)
    changed = bytearray(data)
    changed[made.first_at] ^= 1
    copy = with_bad_sectors(bytes(changed), tmp_path / "beside.E01", len(data) // 512 - 40, 2)
    found = recheck_kit(kit, Copy(paths=(copy,)))
    assert {(one.subject, one.what) for one in found.facts if one.outcome is Outcome.DIFFERENT} == content


def test_a_copy_that_is_no_image_a_shorter_one_and_none_are_told_apart(made: Made, tmp_path: Path) -> None:
    kit = read_kit(made.folder)
    broken = tmp_path / "broken.E01"
    broken.write_bytes(resource("demo/demo.E01").read_bytes()[:3_000])
    found = recheck_kit(kit, Copy(paths=(broken,)))
    assert Outcome.DIFFERENT not in outcomes(found), "what a damaged copy lacks is not known to differ"
    assert all(one.why for one in found.facts if one.outcome is Outcome.CANNOT_TEST)
    assert len(found.facts) == made.made.facts
    short = tmp_path / "short.raw"
    short.write_bytes(made.raw.read_bytes()[: 1 << 20])
    assert Outcome.DIFFERENT in outcomes(recheck_kit(kit, Copy(paths=(short,))))


@needs_cryptsetup
def test_facts_behind_a_lock_that_no_key_opens_cannot_be_tested(made: Made, tmp_path: Path) -> None:
    """The kit says that a file lies in a decrypted volume; in the copy that volume is locked."""
    kit = read_kit(made.folder)
    image = kit.images[0]
    inner = replace(image.volumes[0], id="v0.d", parent="v0", kind="decrypted", start_bytes=0, file_system="ntfs")
    outer = replace(image.volumes[0], encryption="luks", file_system=None)
    file = replace(kit.files[0], volume="v0.d")
    locked = replace(kit, images=(replace(image, volumes=(outer, inner), archives=False),), files=(file,))
    copy = Copy(paths=(holding(tmp_path, bytes(4096)),))
    found = recheck_kit(locked, copy)
    inside = [one for one in found.facts if one.subject in (file.reference, f"{image.number}, v0.d")]
    assert inside
    assert {one.outcome for one in inside} == {Outcome.CANNOT_TEST}
    assert all("no key that was given opens it" in one.why for one in inside)


# A kit that is not as it was made.


@pytest.fixture
def kit_copy(made: Made, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made.folder, tmp_path / "kit"))


@pytest.mark.parametrize("name", ["facts.json", "HOW-TO-RECHECK.txt", "manifest.json", "entry.json"])
def test_half_a_kit_is_refused(kit_copy: Path, name: str) -> None:
    content = (kit_copy / name).read_bytes()
    for some in (content[: len(content) // 2], b"", b"[]", b"{}", b"\xff"):
        (kit_copy / name).write_bytes(some)
        with pytest.raises(KitDamagedError):
            read_kit(kit_copy)
    (kit_copy / name).unlink()
    with pytest.raises(KitDamagedError, match="no whole kit"):
        read_kit(kit_copy)


def test_a_kit_with_a_changed_byte_anywhere_is_refused(kit_copy: Path) -> None:
    """Every 41st byte: what is signed for, and what signs for it; white space of the entry's file tells nothing."""
    for name in ("facts.json", "HOW-TO-RECHECK.txt", "manifest.json", "entry.json"):
        whole = (kit_copy / name).read_bytes()
        before = read_kit(kit_copy)
        for at in range(0, len(whole), 41):
            (kit_copy / name).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            try:
                after = read_kit(kit_copy)
            except KitDamagedError:
                continue
            assert name == "entry.json"
            assert after == before
        (kit_copy / name).write_bytes(whole)


def test_facts_with_a_new_manifest_of_their_own_are_refused(kit_copy: Path) -> None:
    """Who changes a digest and makes the manifest anew has no signature over it."""
    kit = read_kit(kit_copy)
    changed = replace(kit, files=(replace(kit.files[0], sha256="00" * 32), *kit.files[1:]))
    files = {
        "facts.json": facts_document(changed),
        "HOW-TO-RECHECK.txt": (kit_copy / "HOW-TO-RECHECK.txt").read_bytes(),
    }
    (kit_copy / "facts.json").write_bytes(files["facts.json"])
    (kit_copy / "manifest.json").write_bytes(manifest_document(files))
    with pytest.raises(KitDamagedError, match="names another manifest"):
        read_kit(kit_copy)


def test_the_command_answers_fact_by_fact_with_its_exit_status(made: Made, tmp_path: Path, kit_copy: Path) -> None:
    document = json.loads(run("recheck", made.folder, made.raw, "--json").stdout)
    assert document["counts"] == {"same": made.made.facts, "different": 0, "cannot test": 0}
    changed = tmp_path / "changed.raw"
    data = bytearray(made.raw.read_bytes())
    data[-1] ^= 1
    changed.write_bytes(data)
    said = run("recheck", made.folder, changed, status=1).stdout
    assert "DIFFERENT    LH/01-I1  SHA-256 of the media: " in said
    assert f"same: {made.made.facts - 3}; different: 3; cannot test: 0." in said
    (tmp_path / "none.E01").write_bytes(b"EVF\x09\x0d\x0a\xff\x00")
    assert "CANNOT TEST" in run("recheck", made.folder, tmp_path / "none.E01", status=3).stdout
    (kit_copy / "entry.json").unlink()
    assert "no whole kit" in run("recheck", kit_copy, made.raw, status=3).stderr
    assert "Name your copy" in run("recheck", made.folder, status=2).stderr
    assert "without a lab" in run("recheck", made.folder, made.raw, "--lab", tmp_path, status=2).stderr
    assert "Name the lab" in run("recheck", status=2).stderr


def test_a_kit_is_made_by_who_may_of_a_case_with_an_image_and_over_nothing(made: Made, tmp_path: Path) -> None:
    lab, bench = made.bench.lab, made.bench
    case = lab.cases.list()[0]
    with pytest.raises(RefusedError, match="already exists"):
        lab.kits.make(bench.examiner, ReportRequest(case_id=case.id), made.folder)
    with pytest.raises(PermissionRefusedError):
        lab.kits.make(bench.custodian, ReportRequest(case_id=case.id), tmp_path / "kit")
    with pytest.raises(RefusedError, match="has no image"):
        lab.kits.make(bench.examiner, ReportRequest(case_id=bench.case("2026-0148").id), tmp_path / "kit")
    assert not list(tmp_path.iterdir())
    assert lab.verification.verify().ok


def test_one_of_several_images_is_told_by_its_digest_or_its_number(made: Made) -> None:
    kit = read_kit(made.folder)
    image = kit.images[0]
    other = replace(image, number="X-1", digests={**image.digests, "sha256": "00" * 32})
    both: Kit = replace(kit, images=(other, replace(image, volumes=())), files=())
    assert recheck_kit(both, Copy(paths=(made.raw,))).image == image.number
    strange = replace(both, images=(other, replace(other, number="X-2")))
    with pytest.raises(UsageError, match="several images"):
        recheck_kit(strange, Copy(paths=(made.raw,)))
    with pytest.raises(UsageError, match="no image"):
        recheck_kit(kit, Copy(paths=(made.raw,)), "X-9")


def test_streams_of_what_is_marked_or_concealed_are_hidden_and_counted(made: Made, tmp_path: Path) -> None:
    lab, examiner = made.bench.lab, made.bench.examiner
    case_id = next(one.id for one in lab.cases.list() if one.number != "2026-0148")
    image = lab.intake.list(case_id)[0]
    with lab.catalogues.open(image) as catalogue:
        rows = catalogue.rows(catalogue.ids(CatalogueQuery(kinds=("stream",))))
        stream = next(row for row in rows if row.path.count(":") == 1 and "$" not in row.path)
        owner = catalogue.at(stream.volume_id, stream.path.partition(":")[0])[0]

    def left_out(name: str) -> int:
        found = lab.kits.make(examiner, ReportRequest(case_id=image.case_id), tmp_path / name)
        assert (stream.name in (tmp_path / name / "facts.json").read_text()) is name.startswith("shown")
        return found.left_out

    chosen = lab.examine.choose(examiner, image.id, stream, "")
    before = left_out("shown")
    (tag,) = lab.tags.make(examiner, NewTag(name="Covered", colour=next(iter(TagColour)), conceals=True))
    (tagging,) = lab.tags.put(examiner, tag.id, [entry_target(image, owner)])
    assert left_out("concealed") == before + 1
    lab.tags.remove(examiner, [tagging.id])
    assert left_out("shown again") == before
    lab.examine.marks.add(examiner, image.id, owner, MarkKind.PRIVILEGED, "Letters to a lawyer")
    assert left_out("marked") == before + 1
    lab.examine.withdraw(examiner, chosen.id, "Of another test")


@pytest.mark.parametrize(
    ("hidden", "path", "address", "holds"),
    [
        (("36-128-1", "/a.pdf"), "/b.pdf:Zone.Identifier", "36-128-4", True),
        (("36-128-1", "/a.pdf"), "/a.pdf2", "361-128-1", False),
        (("12", "/a.pdf"), "/b.pdf:rsrc", "12-rsrc", True),
        (("12", "/a.pdf"), "/b.pdf", "123", False),
        (("36-128-1", "/a.zip"), "/b.zip/c/d.txt", "36-128-1!40!7", True),
        (("36-128-1!40", "/a.zip/x"), "/a.zip/y", "36-128-1!407", False),
        (("36-128-5", "/a:b.zip"), "/a:b.zip/c", "36-128-5!0", True),
        (("", "/folder"), "/folder/a", "7", True),
    ],
)
def test_what_hangs_on_a_hidden_content_is_told_by_path_or_address(
    hidden: tuple[str, str], path: str, address: str, *, holds: bool
) -> None:
    assert bool(set(hidden_keys(*hidden)) & set(holding_keys(address, path))) is holds
