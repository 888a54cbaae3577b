"""Hand-over by somebody without a key: their signature on the screen, or the scanned form."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from forensics_app.model.case import Case
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import State
from forensics_app.model.person import SignedIn
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.papers import signed_pdf
from tests.ui.lab_window import RECEIVING, LabWindow, open_window
from tests.ui.signing import sign_on
from ui.custody.page import CustodyPage
from ui.custody.step_sheet import Phase, StepSheet
from ui.jobs import JobRunner
from ui.widgets.buttons import Button
from ui.widgets.signature_pad import SignaturePad


@pytest.fixture
def lab(tmp_path: Path, qtbot: QtBot, jobs: JobRunner) -> Iterator[LabWindow]:
    def prepare(bench: Bench) -> tuple[Case, Callable[[Bench], SignedIn]]:
        case = bench.case()
        bench.exhibit(case)
        return case, lambda made: made.custodian

    with open_window(tmp_path / "lab", qtbot, jobs, "custody", CustodyPage, prepare) as made:
        made.part(Button, "step-receive")
        yield made


def receiving(lab: LabWindow) -> StepSheet:
    """The dialog, filled in but for the signature of who hands it over."""
    lab.part(Button, "step-receive").click()
    lab.until(lambda: lab.window.findChildren(StepSheet))
    sheet = lab.window.findChildren(StepSheet)[-1]
    for name, words in {**RECEIVING, "outside_party": "Sgt. Duarte"}.items():
        sheet.form.field(name).set_text(words)
    return sheet


def let_sign(lab: LabWindow) -> None:
    lab.window.activateWindow()
    lab.part(Button, "signOnScreen").click()
    assert lab.part(SignaturePad, "signaturePad").window().focusWidget() is lab.part(SignaturePad, "signaturePad")
    sign_on(lab.part(SignaturePad, "signaturePad"))
    lab.part(Button, "keepSignature").click()
    lab.until(lambda: lab.absent("signatureSheet"))


def recorded(lab: LabWindow, sheet: StepSheet) -> CustodyEvent:
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: sheet.phase is Phase.SIGN)
    lab.part(Button, "stepPrimary").click()
    exhibits, case = lab.bench.lab.exhibits, lab.session.case.id
    lab.until(lambda: exhibits.numbered(case, "LH/01").state is State.RECEIVED)
    return lab.bench.lab.custody.history(exhibits.numbered(case, "LH/01").id)[-1]


@pytest.mark.req("REQ-18")
def test_a_signature_on_the_screen_is_kept_with_its_strokes_and_its_digest_stands_in_entry_and_form(
    lab: LabWindow, tmp_path: Path
) -> None:
    sheet = receiving(lab)
    lab.part(Button, "stepPrimary").click()
    assert "Let the person sign here" in lab.part(QLabel, "signatureError").text()
    let_sign(lab)
    assert lab.part(QLineEdit, "signature").text() == "Signed here by Sgt. Duarte"
    event = recorded(lab, sheet)
    (kept,) = (tmp_path / "lab" / "cases").rglob("papers/*.png")
    digest = sha256(kept.read_bytes()).hexdigest()
    assert (event.fact("signature_sha256"), kept.stem) == (digest, digest)
    with Image.open(kept) as picture:
        told = picture.info
        assert picture.convert("L").getextrema()[0] < 64, "there is ink"
    assert [[(x, y) for x, y, _ in stroke] for stroke in json.loads(told["strokes"])][1][0] == (160, 80)
    assert told["signer"] == "Sgt. Duarte"
    assert told["signed"].startswith("Receive: LH/01, Laptop")
    assert lab.bench.lab.verification.verify().ok
    form = lab.bench.lab.custody_forms
    assert digest in Oracle(tmp_path).flat(form.pdf(lab.session.case.id))
    (printed,) = form.gather(lab.session.case.id).items[0].signatures
    assert (printed.who, printed.sequence, printed.sha256.hex()) == ("Sgt. Duarte", event.sequence, digest)
    assert printed.jpeg is not None
    kept.write_bytes(kept.read_bytes() + b" ")
    (changed,) = form.gather(lab.session.case.id).items[0].signatures
    assert (changed.jpeg, "was changed" in changed.absent) == (None, True)
    assert not lab.bench.lab.verification.verify().ok


def test_a_scanned_form_stands_for_the_signature_on_the_screen(lab: LabWindow, tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(signed_pdf("Sgt. Duarte"))
    sheet = receiving(lab)
    assert lab.part(Button, "chooseForm").accessibleName() == "Choose a file: Signed form, scanned"
    sheet.form.field("form").set_text(str(scan))
    event = recorded(lab, sheet)
    assert event.fact("form_sha256") == sha256(scan.read_bytes()).hexdigest()
    assert event.fact("signature") == ""


def test_a_signature_is_not_kept_for_another_name_nor_changed_after_the_text_was_shown(lab: LabWindow) -> None:
    sheet = receiving(lab)
    let_sign(lab)
    sheet.form.field("outside_party").set_text("Somebody else")
    assert lab.part(QLineEdit, "signature").text() == ""
    assert dict(sheet.form.request().papers) == {}
    let_sign(lab)
    lab.part(Button, "stepPrimary").click()
    lab.until(lambda: sheet.phase is Phase.SIGN)
    assert not lab.part(Button, "signOnScreen").isEnabled()
    assert lab.part(QLineEdit, "signature").isReadOnly()


def test_a_slip_of_the_hand_is_no_signature_and_an_empty_sheet_can_be_taken(qtbot: QtBot) -> None:
    pad = SignaturePad(title="Field to sign in")
    qtbot.addWidget(pad)
    QTest.mouseClick(pad, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert not pad.is_signed
    sign_on(pad)
    assert pad.is_signed
    pad.clear()
    assert (pad.is_signed, pad.strokes) == (False, ())
