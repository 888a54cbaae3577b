"""Pictures of the frame: first start, signing in, the window with jobs, the answer of a verification, errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from forensics_app.crashes import crash_report
from tests.ui import gallery_parts
from ui.errors import CrashSheet, ErrorSheet
from ui.frame.top_bar import CaseShown
from ui.frame.verdict_sheet import VerdictSheet
from ui.jobs import Act, JobCard, JobRunner, OnProgress
from ui.lab.first_start import FirstStart
from ui.lab.sign_in import SignIn
from ui.main_window import MainWindow
from ui.page import Page, PageContext, PageSpec
from ui.session import Session

NAMES = (
    ("cases", "Cases", "case"),
    ("exhibits", "Exhibits", "exhibit"),
    ("examine", "Examine", "examine"),
    ("custody", "Custody", "custody"),
    ("review", "Review", "review"),
    ("reports", "Reports", "report"),
    ("lab", "Lab", "lab"),
)


class DemoPage(Page):
    def __init__(self, context: PageContext) -> None:
        super().__init__(context, title="Exhibits", name="demoPage")
        self.set_body(gallery_parts.table_page())
        self.bar.hide()


def _gate(event: threading.Event, share: float) -> Callable[[OnProgress], None]:
    def work(on_progress: OnProgress) -> None:
        for step in range(14):
            on_progress(int(share * 2e12) + step * 412_000_000, int(2e12))
            time.sleep(0.12)
        event.wait(10)

    return work


def window(*, jobs: bool = True) -> MainWindow:
    app = QApplication.instance()
    assert app is not None
    clock = iter(range(0, 10_000))
    runner = JobRunner(app, clock=lambda: next(clock))
    session = Session(app, runner)
    specs = [
        PageSpec(key=key, title=title, icon=icon, make=DemoPage, at_foot=key == "lab") for key, title, icon in NAMES
    ]
    made = MainWindow(specs, session, runner)
    made.top_bar.show_case(
        CaseShown(
            key=1,
            number="2026-0147",
            title="Lindenhof payment fraud",
            authority="Authority: warrant 4 Gs 812/26, valid until 2026-12-31",
        )
    )
    made.top_bar.show_person("Ana Kovač", "Examiner", 14)
    made.top_bar.show_integrity(gallery_parts.integrity())
    made.rail.set_count("review", 2)
    made.show_work("exhibits")
    event = threading.Event()
    made.destroyed.connect(event.set)
    if jobs:
        for title, icon, share in (
            ("Verify LH/05-I1", "hash", 0.614),
            ("Index text LH/01-I1", "search", 0.27),
            ("Catalogue LH/03-I1", "examine", 0.0),
        ):
            runner.start(
                made,
                _gate(event, share),
                done=lambda _: None,
                failed=lambda _: None,
                card=JobCard(title=title, icon=icon),
            )
        runner.note_interrupted(
            "Intake of LH/02",
            "began 2026-11-21 09:12 +01:00; the program ended while it ran",
            (Act(text="Start again…", call=event.set), Act(text="Give up", call=event.set)),
        )
        deadline = time.monotonic() + 2.2
        while time.monotonic() < deadline:
            app.processEvents()
            time.sleep(0.01)
    event.set()
    return made


def tray_open() -> MainWindow:
    made = window()
    made.show()
    made.tray.toggle_panel()
    return made


def start(page: QWidget) -> MainWindow:
    made = window(jobs=False)
    made.show_start(page)
    return made


def first_start() -> MainWindow:
    return start(FirstStart([Path("/srv/labs/north"), Path("/home/ana/labs/training 2026")], shortest_passphrase=12))


def first_start_errors() -> MainWindow:
    page = FirstStart([], shortest_passphrase=12)
    made = start(page)
    page._ask_create()
    return made


def sign_in() -> MainWindow:
    return start(
        SignIn(
            lab_name="Digital Forensics Laboratory, North",
            folder=Path("/srv/labs/north"),
            people=["Ana Kovač", "Tomasz Lis"],
            last_person="Ana Kovač",
        )
    )


def sign_in_refused() -> MainWindow:
    page = SignIn(
        lab_name="Digital Forensics Laboratory, North",
        folder=Path("/srv/labs/north"),
        people=["Ana Kovač", "Tomasz Lis"],
        last_person="Ana Kovač",
        notice="Your key is locked. Jobs go on.",
    )
    made = start(page)
    page.refuse("Name and passphrase do not belong together.", 16)
    return made


def _over_window(make: Callable[[QWidget], QWidget]) -> MainWindow:
    made = window(jobs=False)
    made.resize(1280, 800)
    made.show()
    sheet = make(made)
    sheet.open()  # type: ignore[attr-defined]
    return made


def help_sheet() -> MainWindow:
    made = window(jobs=False)
    made.resize(1280, 800)
    made.show()
    made._open_help()
    return made


def error() -> MainWindow:
    from forensics_app.errors import Explanation

    words = Explanation(
        what="The image is not whole: 11 of its files are there, missing: LH-01.E07.",
        kept="The source was not changed. Nothing was recorded.",
        then="Put the missing files beside the others and take the image in again.",
        exit_status=3,
    )
    return _over_window(lambda parent: ErrorSheet(parent, "Take in LH/01", words))


def crash() -> MainWindow:
    try:
        {}["exhibit"]
    except KeyError as bug:
        found = bug
    report = crash_report("Take in LH/01", found)
    return _over_window(
        lambda parent: CrashSheet(
            parent, "Take in LH/01", report, Path("/home/ana/.local/share/forensics-app/crashes/2026-11-21.txt")
        )
    )


def verdict() -> MainWindow:
    from datetime import UTC, datetime
    from uuid import uuid4

    from forensics_app.model.custody import ChainReport, LabReport

    def chain(kind: str, label: str, *findings: str) -> ChainReport:
        return ChainReport(
            chain=uuid4(),
            kind=kind,
            label=label,
            intact=not findings,
            signed=True,
            trusted=True,
            not_allowed=(),
            entries=52,
            signatures=57,
            head=gallery_parts.SHA256,
            head_recorded_at=None,
            findings=findings,
            notices=(),
        )

    report = LabReport(
        chains=(
            chain("lab", "North"),
            chain("case", "2026-0147", "Entry 31 was changed: its digest is not the one that entry 32 names."),
            chain("case", "2026-0151"),
        ),
        row_findings=("exhibit LH/03: the column serial says 4C53, the ledger says 4C54.",),
        file_findings=(),
        root_fingerprint=gallery_parts.SHA256.hex(),
        checked_at=datetime.now(UTC),
        rows_compared=4182,
        files_compared=312,
    )
    return _over_window(lambda parent: VerdictSheet(parent, report, gallery_parts.ZONE))


PICTURES: dict[str, Callable[[], QWidget]] = {
    "window": window,
    "tray": tray_open,
    "first-start": first_start,
    "first-start-errors": first_start_errors,
    "sign-in": sign_in,
    "sign-in-refused": sign_in_refused,
    "help": help_sheet,
    "error": error,
    "crash": crash,
    "verdict": verdict,
}
