"""Hidden content does not leave inside its archive, nor as the same content elsewhere, without a reason."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from forensics_app.errors import HiddenContentError, RefusedError
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.hash_set import HashSetKind
from forensics_app.model.image import EvidenceImage
from forensics_app.model.mark import MarkKind
from forensics_app.model.tag import FIRST_TAGS
from forensics_app.model.target import entry_target
from tests.builders import Bench, make_bench, reopened
from tests.forensics_app.services.test_archives_in_catalogues import LETTER, zipped
from tests.forensics_app.services.test_exporting import all_files, at, manifest_of
from tests.forensics_app.services.test_hash_sets import listed, new, sets
from tests.forensics_app.services.test_logical_evidence import take_in

PLAIN = b"nothing of it is hidden\n"
INNER = zipped(letter__txt=LETTER, empty__txt=b"")
CONTENTS = {
    "docs/box.zip": zipped(inner__zip=INNER, other__txt=PLAIN),
    "docs/copied.zip": zipped(renamed__txt=LETTER),
    "docs/inner.zip": INNER,
    "docs/twin.txt": LETTER,
    "docs/plain.txt": PLAIN,
    "docs/empty.txt": b"",
}
MEMBER = "/docs/box.zip/inner.zip/letter.txt"
WITH_IT = {"/docs/box.zip", "/docs/copied.zip", "/docs/inner.zip", "/docs/twin.txt"}
Hide = Callable[[Bench, EvidenceImage, CatalogueEntry, Path], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, EvidenceImage]]:
    folder = tmp_path_factory.mktemp("carried")
    bench = make_bench(folder / "lab")
    with tarfile.open(folder / "docs.tar", "w") as out:
        for name, content in CONTENTS.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), 1_600_000_000
            out.addfile(member, io.BytesIO(content))
    image = take_in(bench, bench.exhibit(bench.case()), folder / "docs.tar")
    yield bench, bench.lab.catalogues.build(bench.examiner, image.id, archives=True)
    bench.lab.close()


@pytest.fixture
def own(made: tuple[Bench, EvidenceImage], tmp_path: Path) -> Iterator[Bench]:
    shutil.copytree(made[0].lab.folder.root, tmp_path / "lab")
    bench = reopened(tmp_path / "lab", made[0].clock.at + timedelta(days=1))
    yield bench
    bench.lab.close()


def by_mark(bench: Bench, image: EvidenceImage, entry: CatalogueEntry, _: Path) -> None:
    bench.lab.examine.marks.add(bench.examiner, image.id, entry, MarkKind.SENSITIVE, "A child")


def by_tag(bench: Bench, image: EvidenceImage, entry: CatalogueEntry, _: Path) -> None:
    tag = next(one for one in bench.lab.tags.make(bench.examiner, *FIRST_TAGS) if one.conceals)
    bench.lab.tags.put(bench.examiner, tag.id, [entry_target(image, entry)])


def by_alert(bench: Bench, image: EvidenceImage, entry: CatalogueEntry, folder: Path) -> None:
    sets(bench).add(bench.examiner, new(listed(folder, (entry.md5 or b"").hex()), HashSetKind.ALERT, "Hot list"))
    bench.lab.hash_matching.look_up(bench.examiner, image.id)


@pytest.mark.req("REQ-39", "REQ-40")
@pytest.mark.parametrize("hide", [by_mark, by_tag, by_alert])
def test_hidden_content_leaves_neither_in_its_archive_nor_as_the_same_elsewhere_without_a_reason(
    made: tuple[Bench, EvidenceImage], own: Bench, tmp_path: Path, hide: Hide
) -> None:
    exporting, image = own.lab.examine.exporting, made[1]
    hide(own, image, at(own, image, MEMBER), tmp_path)
    for path in (*sorted(WITH_IT), "/docs/box.zip/inner.zip", "/docs/copied.zip/renamed.txt", MEMBER):
        with pytest.raises(HiddenContentError):
            exporting.file(own.examiner, image.id, at(own, image, path), tmp_path / "one")
        assert not (tmp_path / "one").exists()
    for number, path in enumerate(("/docs/plain.txt", "/docs/empty.txt", "/docs/box.zip/other.txt")):
        exporting.file(own.examiner, image.id, at(own, image, path), tmp_path / f"plain {number}")
    folder = at(own, image, "/docs")
    done = exporting.tree(own.examiner, image.id, [folder], tmp_path / "without")
    assert {one.path for one in done.left_out} == WITH_IT
    assert {path.name for path in all_files(tmp_path / "without/files")} == {"plain.txt", "empty.txt"}
    told = [one for one in manifest_of(tmp_path / "without")["entries"] if one["not_exported"]]
    assert {one["path"] for one in told} == {None}
    assert {one["address"] for one in told} == {at(own, image, path).address for path in WITH_IT}
    assert all("Nobody gave a reason" in str(one["not_exported"]) for one in told)
    assert not any(path.rpartition("/")[2] in str(told) for path in (*WITH_IT, MEMBER))
    exporting.uncover(own.examiner, image, [at(own, image, path) for path in WITH_IT], "To describe it")
    done = exporting.tree(own.examiner, image.id, [folder], tmp_path / "with")
    assert done.left_out == ()
    exporting.file(own.examiner, image.id, at(own, image, "/docs/box.zip"), tmp_path / "box.zip")
    assert (tmp_path / "box.zip").read_bytes() == CONTENTS["docs/box.zip"]
    assert own.lab.custody.case_history(image.case_id)[-1].facts.keys() & {"marked", "concealed"}
    own.lab.examine.forget_keys()
    with pytest.raises(HiddenContentError):
        exporting.file(own.examiner, image.id, at(own, image, "/docs/box.zip"), tmp_path / "again.zip")
    assert own.lab.verification.verify().ok


@pytest.mark.req("REQ-39")
def test_members_of_a_hidden_archive_do_not_leave_and_a_hidden_empty_file_hides_no_other(
    made: tuple[Bench, EvidenceImage], own: Bench, tmp_path: Path
) -> None:
    exporting, image = own.lab.examine.exporting, made[1]
    by_mark(own, image, at(own, image, "/docs/box.zip/inner.zip/empty.txt"), tmp_path)
    exporting.file(own.examiner, image.id, at(own, image, "/docs/empty.txt"), tmp_path / "empty")
    with pytest.raises(HiddenContentError, match="hidden at"):
        exporting.file(own.examiner, image.id, at(own, image, "/docs/box.zip"), tmp_path / "box.zip")
    by_tag(own, image, at(own, image, "/docs/copied.zip"), tmp_path)
    with pytest.raises(HiddenContentError, match="tagged Sensitive"):
        exporting.file(own.examiner, image.id, at(own, image, "/docs/copied.zip/renamed.txt"), tmp_path / "renamed")


@pytest.mark.req("REQ-40")
def test_a_reason_lets_out_only_what_its_giver_exports(
    made: tuple[Bench, EvidenceImage], own: Bench, tmp_path: Path
) -> None:
    exporting, image = own.lab.examine.exporting, made[1]
    twin = at(own, image, "/docs/twin.txt")
    by_tag(own, image, twin, tmp_path)
    own.lab.examine.concealing.look(own.supervisor, image, [twin], "To review it")
    with pytest.raises(HiddenContentError):
        exporting.file(own.examiner, image.id, twin, tmp_path / "twin")
    with pytest.raises(HiddenContentError):
        exporting.tree(own.examiner, image.id, [twin], tmp_path / "tree")
    own.lab.examine.concealing.look(own.examiner, image, [twin], "To describe it")
    exporting.file(own.examiner, image.id, twin, tmp_path / "twin")
    acts = [event.action for event in own.lab.custody.case_history(image.case_id)]
    assert acts.count("picture.look") == 2


def test_nothing_is_exported_into_the_folder_of_the_lab(
    made: tuple[Bench, EvidenceImage], own: Bench, tmp_path: Path
) -> None:
    exporting, image, lab = own.lab.examine.exporting, made[1], own.lab.folder.root
    plain = at(own, image, "/docs/plain.txt")
    (tmp_path / "link").symlink_to(lab)
    for folder in (lab, lab / "cases", tmp_path / "link"):
        folder.mkdir(exist_ok=True)
        with pytest.raises(RefusedError, match="folder of the lab"):
            exporting.file(own.examiner, image.id, plain, folder / "plain.txt")
        with pytest.raises(RefusedError, match="folder of the lab"):
            exporting.tree(own.examiner, image.id, [plain], folder / "plain")


@pytest.mark.req("REQ-39", "REQ-40")
def test_an_archive_leaves_with_a_reason_for_each_member_where_it_cannot_be_told_what_is_in_alert_sets(
    made: tuple[Bench, EvidenceImage], own: Bench, tmp_path: Path
) -> None:
    exporting, image = own.lab.examine.exporting, made[1]
    by_alert(own, image, at(own, image, MEMBER), tmp_path)
    matches = own.lab.folder.matches(image.case_id, image.id)
    own.lab.catalogues.build(own.examiner, image.id)
    of_another_catalogue = matches.read_bytes()
    image = own.lab.catalogues.build(own.examiner, image.id, archives=True)
    matches.write_bytes(of_another_catalogue)
    box = at(own, image, "/docs/box.zip")
    own.lab.examine.concealing.look(own.examiner, image, (box,), "To describe it")
    with pytest.raises(HiddenContentError, match="hidden at"):
        exporting.file(own.examiner, image.id, box, tmp_path / "box.zip")
    exporting.uncover(own.examiner, image, [box], "To describe what lies in it")
    exporting.file(own.examiner, image.id, box, tmp_path / "box.zip")
    assert (tmp_path / "box.zip").read_bytes() == CONTENTS["docs/box.zip"]
