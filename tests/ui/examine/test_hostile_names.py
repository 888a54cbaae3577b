from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from forensics_app.bootstrap import Lab
from forensics_app.db.catalogue import write_catalogue
from forensics_app.model.catalogue import FileRow
from tests.forensics_app.db.catalogue_rows import HEADER, PART, RULES, WHOLE, row
from tests.ui.examine.conftest import Desk, MakeDesk
from ui.examine.case_reading import FOLDERS_SHOWN
from ui.examine.crumbs import CrumbBar
from ui.examine.places import Place
from ui.examine.tree_nodes import MoreKey
from ui.widgets.buttons import IconButton

HOSTILE = {
    "override": "invoice\u202efdp.exe",
    "isolates": "\u2066\u2067a\u2069\u2069.txt",
    "hebrew": "\u05e9\u05dc\u05d5\u05dd.txt",
    "control": "a\x00b\x07c\nd\te\x1b[31m.log",
    "undecodable": "caf\ufffd.doc",
    "longest": "\u0416" * 127 + "x",
    "markup": "<b>bold</b>&amp;<img src=x>.html",
    "formula": '=HYPERLINK("http://x","y").csv',
    "separators": "a\u2028b\u2029c",
    "marks": "e" + "\u0301" * 120 + ".txt",
    "blank": "   ",
    "empty": "",
}


def hostile_rows() -> list[FileRow]:
    rows = [row(1, None, "/lot", kind="directory")]
    for at, name in enumerate(HOSTILE.values(), start=2):
        name_bytes = b"caf\xe9.doc" if "\ufffd" in name else None
        extra: dict[str, Any] = {"name": name, "name_bytes": name_bytes, "extension": "", "size_bytes": 10 * at}
        rows.append(row(at, 1, f"/lot/{name}", **extra, note="a\u202enote\x00", link_target="/\u202eetc\n/passwd"))
    return rows


def write(lab: Lab, batches: Sequence[Sequence[FileRow]]) -> None:
    """Put a catalogue with these rows in the place of the one that the lab has."""
    image = lab.intake.list(lab.cases.list()[0].id)[0]

    def found() -> Iterator[Any]:
        yield WHOLE
        yield PART
        yield from RULES
        for batch in batches:
            yield tuple(batch)

    write_catalogue(lab.catalogues.path(image), found(), replace(HEADER, image_digests=image.digests))


def first_width(desk: Desk) -> int:
    return desk.page.minimumSizeHint().width()


@pytest.mark.parametrize("which", list(HOSTILE))
def test_a_hostile_name_shows_everything_in_it_and_moves_nothing(make_desk: MakeDesk, lab: Lab, which: str) -> None:
    write(lab, [hostile_rows()])
    desk = make_desk(lab)
    desk.read()
    desk.settle(lambda: desk.ids())
    width, geometry = first_width(desk), desk.page.browser.viewers.geometry()
    entry = desk.go_to(f"/lot/{HOSTILE[which]}")
    name = desk.names()[desk.page.browser.files.model.row_of(entry.id)]
    assert name.replace("\u0301", "").isprintable()
    assert "\ufffd" in name or name == HOSTILE[which] or "[U+" in name
    assert first_width(desk) == width
    assert desk.page.browser.viewers.geometry() == geometry
    for part in desk.page.findChildren(QLabel):
        assert all(char.isprintable() or char in "\n\u00a0\u2009" for char in part.text()), part.objectName()
    desk.page.browser.files.table.setFocus()
    desk.page.browser.files.table.copy_rows()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert len(lines) == 2
    assert len({line.count("\t") for line in lines}) == 1
    desk.page.grab()


def test_a_list_of_hostile_names_makes_a_csv_that_runs_nothing(make_desk: MakeDesk, lab: Lab) -> None:
    write(lab, [hostile_rows()])
    desk = make_desk(lab)
    desk.read()
    desk.settle(lambda: desk.ids())
    desk.go_to(f"/lot/{HOSTILE['formula']}")
    desk.child(IconButton, "exportCsv").click()
    desk.settle(lambda: f"{len(HOSTILE)} rows" in desk.page.browser.messages.text)
    text = next(desk.out.glob("*.csv")).read_text("utf-8-sig")
    assert len(text.splitlines()) == len(HOSTILE) + 1
    assert "\"'=HYPERLINK" in text
    assert "\u202e" not in text


def test_a_very_deep_path_keeps_its_first_and_last_steps_in_sight(make_desk: MakeDesk, lab: Lab) -> None:
    rows, path = [], ""
    for at in range(1, 61):
        path += f"/folder number {at}"
        rows.append(row(at, at - 1 or None, path, kind="directory"))
    rows.append(row(61, 60, f"{path}/last.txt"))
    write(lab, [rows])
    desk = make_desk(lab)
    desk.read()
    desk.settle(lambda: desk.ids())
    desk.go_to(f"{path}/last.txt")
    crumbs = desk.child(CrumbBar, "pathBar")
    assert len(crumbs.words) == 62
    assert crumbs.words[-1] == "folder number 60"
    assert crumbs.findChild(QLabel, "lastCrumb") is not None
    assert desk.page.minimumSizeHint().width() < 900
    desk.settle(lambda: (node := desk.page.browser.tree.tree.current_node()) and node.words == "folder number 60")


def test_a_folder_of_very_many_folders_is_listed_whole_and_shown_in_part_in_the_tree(
    make_desk: MakeDesk, lab: Lab
) -> None:
    count = FOLDERS_SHOWN + 500
    write(lab, [[row(at, None, f"/f{at:06}", kind="directory") for at in range(1, count + 1)]])
    desk = make_desk(lab)
    desk.read()
    place = Place(image_id=lab.intake.list(desk.case.id)[0].id, volume_id="v0.p1")
    desk.settle(lambda: len(desk.ids()) == count)
    folders = desk.page.browser.tree.folders
    desk.settle(lambda: folders.index_of(MoreKey(place)).isValid())
    more = folders.node(folders.index_of(MoreKey(place)))
    assert more is not None
    assert more.whole == "500 more folders, see the list"


def test_every_selected_file_of_a_long_list_is_copied_whole(make_desk: MakeDesk, lab: Lab) -> None:
    count = 13_500
    rows = [row(1, None, "/lot", kind="directory")]
    rows += [row(at, 1, f"/lot/file  {at:06}.txt", size_bytes=at) for at in range(2, count + 2)]
    write(lab, [rows])
    desk = make_desk(lab)
    desk.read()
    desk.settle(lambda: desk.ids())
    desk.go(Place(image_id=desk.image.id, volume_id="v0.p1", folder_id=1), list(range(2, count + 2)))
    table, messages = desk.page.browser.files.table, desk.page.browser.messages
    table.selectAll()
    table.copy_rows()
    desk.settle(lambda: messages.text == f"Copied {count:,} rows with the heads of their columns.")
    lines = QGuiApplication.clipboard().text().split("\n")
    assert [line.split("\t")[0] for line in lines[1:]] == [f"file  {at:06}.txt" for at in range(2, count + 2)]
    assert len({line.count("\t") for line in lines}) == 1
    assert not any("…" in line for line in lines)
