import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

import resources
from forensics_app.bootstrap import Lab, open_lab
from forensics_app.model.case import Case
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.filter_language.tree import Words
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from tests.builders import PASSPHRASE, QUICK, Bench, Clock, make_bench
from ui.examine.page import ExaminePage
from ui.examine.places import Destination, Place
from ui.examine.targets import Targets
from ui.jobs import JobRunner
from ui.page import PageContext
from ui.preferences import Preferences
from ui.session import Session
from ui.widgets.notes import EmptyState
from ui.widgets.sheet import Sheet

W = TypeVar("W", bound=QWidget)
DEMO = Path(str(resources.path("demo/demo.E01")))


def take_in(bench: Bench, source: Path) -> EvidenceImage:
    """An image of a new exhibit in the bench's first case."""
    case = next(iter(bench.lab.cases.list()), None) or bench.case()
    exhibit = bench.exhibit(case, f"LH/{len(bench.lab.exhibits.list(case.id)) + 1:02d}")
    blocker = WriteBlocker(device="Tableau T35u")
    return bench.lab.intake.take_in(
        bench.examiner, IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=blocker)
    )


@pytest.fixture(scope="session")
def examined_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed lab in which the demonstration disk was taken in and catalogued."""
    folder = tmp_path_factory.mktemp("examined") / "lab"
    bench = make_bench(folder)
    image = take_in(bench, DEMO)
    bench.lab.catalogues.build(bench.examiner, image.id)
    bench.lab.close()
    return folder


@dataclass
class Desk:
    """The page over a real lab, as somebody sits before it."""

    page: ExaminePage
    lab: Lab
    case: Case
    qtbot: QtBot
    out: Path
    gone_to: list[tuple[str, object]] = field(default_factory=list)
    errors: list[tuple[str, BaseException]] = field(default_factory=list)

    def read(self) -> None:
        """Open the case and wait for its first list."""
        self.page.show_case(self.case.id)
        self.page.refresh()

    def settle(self, until: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(until()), timeout=15_000)

    @property
    def image(self) -> EvidenceImage:
        shown = self.page.browser.image
        assert shown is not None
        return shown.image

    def entry(self, path: str, volume_id: str = "v0.p1") -> CatalogueEntry:
        """The entry of the catalogue at a path."""
        with self.lab.catalogues.open(self.lab.intake.list(self.case.id)[0]) as catalogue:
            found = catalogue.rows(
                catalogue.ids(CatalogueQuery(volume_id=volume_id, filter=Words(column="path", text=path)))
            )
        return next(entry for entry in found if entry.path == path)

    def go_to(self, path: str, volume_id: str = "v0.p1") -> CatalogueEntry:
        """Choose the entry at a path, and wait until every viewer shows it."""
        entry = self.entry(path, volume_id)
        self.page.open_target(Destination(image_id=self.image.id, entry_id=entry.id))
        self.settle(lambda: (subject := self.page.browser.subject) and subject.entry and subject.entry.id == entry.id)
        return entry

    def found(self, query: CatalogueQuery) -> list[int]:
        """What the catalogue itself answers."""
        with self.lab.catalogues.open(self.image) as catalogue:
            return list(catalogue.ids(query))

    def ids(self) -> list[int]:
        """The ids in the list, from the top."""
        return list(self.page.browser.files.model.ids)

    def go(self, place: Place, expected: list[int]) -> None:
        """List a place and wait until it shows exactly these ids."""
        self.page.browser.go(place)
        self.shows(expected)

    def shows(self, expected: list[int]) -> None:
        """Wait until the list shows exactly these ids, in this order."""
        self.settle(lambda: self.ids() == expected)

    def names(self) -> list[str]:
        """The names in the list, from the top."""
        model = self.page.browser.files.model
        self.settle(lambda: all(model.record(row) for row in range(model.rowCount())))
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    def sheet(self) -> Sheet:
        """The dialog that is open."""
        self.settle(lambda: [one for one in self.page.window().findChildren(QDialog) if one.isVisible()])
        found = [one for one in self.page.window().findChildren(Sheet) if one.isVisible()]
        return found[0]

    @property
    def why_nothing(self) -> str:
        """What is said in the place of the list; empty while there is one."""
        said = self.child(EmptyState, "noFiles")
        return said.accessibleName() if said.isVisible() else ""

    def child(self, kind: type[W], name: str) -> W:
        """The part of the page with this object name."""
        found = self.page.findChild(kind, name)
        assert found is not None, name
        return found


MakeDesk = Callable[[Lab], Desk]


@pytest.fixture
def make_desk(
    qtbot: QtBot, jobs: JobRunner, session: Session, preferences: Preferences, tmp_path: Path
) -> Iterator[MakeDesk]:
    """Puts the page over a lab whose first case is open; every page is closed again."""
    out = tmp_path / "out"
    out.mkdir()
    pages: list[ExaminePage] = []

    def make(lab: Lab) -> Desk:
        if not session.has_lab:
            session.open_lab(lab)
            session.sign_in(lab.people.sign_in("Ana Kovač", PASSPHRASE))
        gone_to: list[tuple[str, object]] = []
        errors: list[tuple[str, BaseException]] = []
        context = PageContext(
            session=session,
            jobs=jobs,
            go_to=lambda key, target: gone_to.append((key, target)),
            show_error=lambda title, error: errors.append((title, error)),
        )
        targets = Targets(file=lambda parent, title, suggested: out / suggested.name, folder=lambda *_: out)
        page = ExaminePage(context, preferences, targets=targets)
        session.record_changed.connect(page.refresh)
        qtbot.addWidget(page)
        page.resize(1364, 748)
        page.show()
        page.activateWindow()
        pages.append(page)
        return Desk(page, lab, lab.cases.list()[0], qtbot, out, gone_to, errors)

    yield make
    jobs.shut_down()
    for page in pages:
        page.close()


@pytest.fixture
def lab(examined_folder: Path, tmp_path: Path) -> Lab:
    """A lab of this test's own, with the catalogued demonstration disk; the session closes it."""
    folder = tmp_path / "lab"
    shutil.copytree(examined_folder, folder)
    return open_lab(folder, now=Clock(), key_parameters=QUICK)


@pytest.fixture
def desk(make_desk: MakeDesk, lab: Lab) -> Desk:
    """The page with the demonstration disk in sight."""
    desk = make_desk(lab)
    desk.read()
    desk.settle(lambda: desk.page.browser.files.model.rowCount())
    return desk
