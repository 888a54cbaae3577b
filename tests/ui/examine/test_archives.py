"""Archives in the Examine page: opened when the catalogue is built, gone into like folders, shown as no volume."""

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox

from forensics_app.bootstrap import open_lab
from tests.builders import QUICK, Clock, make_bench
from tests.evidence.made_images import need, run
from tests.ui.examine.conftest import Desk, MakeDesk, take_in
from tests.ui.examine.test_browsing import lines
from ui.examine.crumbs import CrumbBar
from ui.examine.places import Place
from ui.widgets.buttons import Button, Chip

LETTER = b"Dear Sirs,\n" * 40


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


@pytest.fixture(scope="module")
def archived_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed lab with a disk that holds archives, its catalogue built without opening them."""
    need("mke2fs")
    base = tmp_path_factory.mktemp("archived")
    top = base / "tree"
    (top / "mail").mkdir(parents=True)
    inner = zipped({"note.txt": b"note\n"})
    (top / "mail" / "box.zip").write_bytes(zipped({"docs/letter.txt": LETTER, "inner.zip": inner}))
    (top / "mail" / "plain.txt").write_bytes(b"plain\n" * 9)
    run("mke2fs", "-q", "-t", "ext4", "-d", top, base / "disk.raw", "16M")
    bench = make_bench(base / "lab")
    image = take_in(bench, base / "disk.raw")
    bench.lab.catalogues.build(bench.examiner, image.id)
    bench.lab.close()
    return base / "lab"


@pytest.fixture
def archived(archived_folder: Path, make_desk: MakeDesk, tmp_path: Path) -> Desk:
    """The page over it, once the catalogue was built again from the dialog, with archives."""
    shutil.copytree(archived_folder, tmp_path / "lab")
    desk = make_desk(open_lab(tmp_path / "lab", now=Clock(), key_parameters=QUICK))
    desk.read()
    desk.settle(lambda: desk.page.browser.files.model.rowCount())
    assert not any("box.zip" in line for line in lines(desk.page.browser.tree.tree))
    desk.child(Button, "aboutCatalogue").click()
    sheet = desk.sheet()
    box = sheet.findChild(QCheckBox, "rebuildArchives")
    assert box is not None
    box.setChecked(True)
    again = sheet.findChild(Button, "rebuildButton")
    assert again is not None
    again.click()
    desk.settle(lambda: (shown := desk.page.browser.image) and shown.content and shown.content.header.archives_opened)
    return desk


def at(desk: Desk, path: str) -> Place:
    return Place(image_id=desk.image.id, volume_id="v0", folder_id=desk.entry(path, "v0").id)


def test_an_archive_is_gone_into_like_a_folder_and_out_of_again(archived: Desk) -> None:
    desk = archived
    files = desk.page.browser.files
    desk.page.browser.go(at(desk, "/mail"))
    desk.settle(lambda: desk.names() == ["box.zip", "plain.txt"])
    files.open_entry(desk.entry("/mail/box.zip", "v0"))
    desk.settle(lambda: desk.names() == ["docs", "inner.zip"])
    assert desk.child(CrumbBar, "pathBar").words == ("LH/01-I1", "v0  Whole media", "mail", "box.zip")
    files.open_entry(desk.entry("/mail/box.zip/inner.zip", "v0"))
    desk.settle(lambda: desk.names() == ["note.txt"])
    desk.page.browser.up()
    desk.settle(lambda: desk.names() == ["docs", "inner.zip"])
    desk.page.browser.up()
    desk.settle(lambda: desk.names() == ["box.zip", "plain.txt"])
    assert desk.errors == []


def test_the_tree_shows_archives_among_the_folders_and_none_as_a_volume(archived: Desk) -> None:
    desk = archived
    desk.go_to("/mail/box.zip/docs/letter.txt", "v0")
    tree = desk.page.browser.tree.tree
    desk.settle(lambda: any("docs" in line for line in lines(tree)))
    said = [line.split("  ·")[0] for line in lines(tree)]
    depth = {line.strip(): len(line) - len(line.lstrip()) for line in said}
    assert depth["box.zip"] == depth["mail"] + 2
    assert depth["docs"] == depth["box.zip"] + 2
    assert not any("archive" in line.lower() or "!" in line for line in lines(tree))
    node = tree.current_node()
    assert node is not None
    assert node.words == "docs"


def test_a_member_is_looked_at_exported_and_listed_with_its_path(archived: Desk) -> None:
    desk = archived
    entry = desk.go_to("/mail/box.zip/docs/letter.txt", "v0")
    subject = desk.page.browser.subject
    assert subject is not None
    assert subject.volume is not None
    assert subject.volume.id == "v0"
    hexes = desk.page.browser.viewers.hex
    desk.settle(lambda: hexes.view.isVisible())
    desk.child(Button, "exportFile").click()
    desk.settle(lambda: (desk.out / "letter.txt").exists())
    desk.settle(lambda: not [job for job in desk.page.context.jobs.jobs if job.active])
    assert (desk.out / "letter.txt").read_bytes() == LETTER
    assert entry.volume_id != "v0"
    desk.page.browser.go(Place(image_id=desk.image.id, volume_id="v0"))
    desk.child(Chip, "subfoldersChip").click()
    desk.settle(lambda: {"letter.txt", "note.txt", "plain.txt"} <= set(desk.names()))


def test_names_only_and_archives_exclude_each_other(archived: Desk) -> None:
    desk = archived
    desk.child(Button, "aboutCatalogue").click()
    sheet = desk.sheet()
    archives, names = sheet.findChild(QCheckBox, "rebuildArchives"), sheet.findChild(QCheckBox, "rebuildNamesOnly")
    assert archives is not None
    assert names is not None
    assert archives.isChecked()
    names.setChecked(True)
    assert not archives.isEnabled()
    assert not sheet.request().archives  # type: ignore[union-attr]
    sheet.reject()


def test_what_stopping_leaves_is_said_as_it_is(archived: Desk) -> None:
    """A building that is stopped goes on later; the card must not say that nothing is kept."""
    cards = [job.card for job in archived.page.context.jobs.jobs if job.card.title == "Catalogue LH/01-I1"]
    assert cards
    assert "is kept, and building goes on from there" in cards[0].if_stopped
