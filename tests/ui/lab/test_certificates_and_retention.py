"""Certificates and retention on the Lab page: who may do what is said, and two people carry an erasure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from forensics_app.model.retention import ErasureState
from tests.builders import NOON, Bench
from tests.soft_token import MISSING, MODULE, PIN, soft_token
from tests.soft_token import certified as certificate_of
from tests.ui.desk import Desk, open_desk
from tests.ui.lab import tabs
from ui.appearance import Appearance
from ui.jobs import JobRunner
from ui.lab.certificate_sheets import TokenSheet
from ui.lab.certificates_tab import CertificatesTab
from ui.lab.page import LabPage
from ui.lab.register_tab import RegisterTab
from ui.lab.retention_tab import RetentionTab
from ui.preferences import Preferences
from ui.widgets.buttons import Button


@pytest.fixture
def desk(
    appearance: Appearance, tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences
) -> Iterator[Desk]:
    """The Lab page as an administrator sees it, over a lab with one case."""

    def make(context: object) -> LabPage:
        return LabPage(context, preferences, appearance, ask=lambda *_: tmp_path / "authority.pem")  # type: ignore[arg-type]

    def prepare(bench: Bench) -> object:
        return bench.case()

    with open_desk(
        tmp_path / "lab", qtbot, jobs, preferences, "lab", make, prepare=prepare, who=lambda bench: bench.admin
    ) as made:
        yield made


def turn_to(desk: Desk, kind: type[RegisterTab[object]], name: str) -> RegisterTab[object]:
    """The tab, in sight and read; another one's sign-in gets a new page."""
    found: list[RegisterTab[object]] = []

    def there() -> bool:
        if not desk.seen("labTabs"):
            return False
        found[:] = [tabs.turn_to(desk, kind, name)]
        return bool(found[-1].records) and found[-1].chosen() is not None

    desk.until(there)
    return found[-1]


def why_not(desk: Desk, name: str) -> str:
    button = desk.part(Button, name)
    return "" if button.isEnabled() else button.toolTip()


def test_an_authority_is_made_a_certificate_asked_for_issued_and_saved(desk: Desk, tmp_path: Path) -> None:
    tab = turn_to(desk, CertificatesTab, "certificates")  # type: ignore[type-abstract,arg-type]
    desk.until(lambda: "no authority yet" in why_not(desk, "askCertificate"))
    desk.open_dialog("makeAuthority", "authorityCertificateSheet")
    desk.press("submitButton")
    desk.until(lambda: desk.bench.lab.certificates.authority() is not None)
    desk.until(lambda: desk.part(Button, "askCertificate").isEnabled())
    desk.open_dialog("askCertificate", "askCertificateSheet")
    desk.press("submitButton")
    desk.until(lambda: "You asked already" in why_not(desk, "askCertificate"))
    desk.open_dialog("issueCertificates", "issueSheet")
    assert any("Ada Admin" in one.text() for one in desk.window.findChildren(QLabel) if one.isVisible())
    desk.press("submitButton")
    desk.until(lambda: "You have one" in why_not(desk, "askCertificate"))
    (mine,) = (one for one in desk.bench.lab.certificates.list() if one.certificate)
    assert mine.person.name == "Ada Admin"
    desk.press("saveAuthority")
    desk.until(lambda: (tmp_path / "authority.pem").exists())
    saved = x509.load_pem_x509_certificate((tmp_path / "authority.pem").read_bytes())
    authority = desk.bench.lab.certificates.authority()
    assert authority is not None
    assert saved.public_bytes(Encoding.DER) == authority.certificate.der
    assert any(authority.certificate.sha256[:8] in one.text() for one in tab.findChildren(QLabel))

    (tmp_path / "not.p12").write_bytes(b"no certificate")
    desk.open_dialog("importCertificate", "importCertificateSheet")
    desk.fill(certificateFile=str(tmp_path / "not.p12"))
    desk.press("submitButton")
    desk.until(
        lambda: any("cannot be taken" in one.text() for one in desk.window.findChildren(QLabel) if one.isVisible())
    )
    assert desk.errors == []
    assert desk.bench.lab.verification.verify().ok


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
@pytest.mark.req("REQ-67")
def test_a_certificate_is_taken_from_a_token_by_its_pin(desk: Desk, tmp_path: Path) -> None:
    turn_to(desk, CertificatesTab, "certificates")  # type: ignore[type-abstract,arg-type]
    certificates, admin = desk.bench.lab.certificates, desk.bench.admin.person
    with soft_token(tmp_path / "token", "Ada's card") as token:
        private = ec.generate_private_key(ec.SECP256R1())
        token.add_key(private, "signing", "a1")
        token.add_certificate(certificate_of("Ada Admin", private), "signing", "a1")
        desk.open_dialog("importToken", "tokenSheet")
        desk.fill(tokenModule=str(MODULE), tokenPin="999999", tokenLabel="Ada's card", tokenSlot="two")
        desk.press("submitButton")
        assert desk.part(QLabel, "tokenSlotError").text() == "A slot is a number."
        desk.fill(tokenSlot="")
        if folder := os.environ.get("FORENSICS_SCREENS"):
            desk.window.grab().save(f"{folder}/token-sheet-under.png")
            desk.part(TokenSheet, "tokenSheet").grab().save(f"{folder}/token-sheet.png")
        desk.press("submitButton")
        desk.until(
            lambda: any("PIN is wrong" in one.text() for one in desk.window.findChildren(QLabel) if one.isVisible())
        )
        assert desk.part(QLineEdit, "tokenPin").text() == "", "a PIN is forgotten once it was used"
        assert certificates.token_of(admin) is None
        desk.fill(tokenPin=PIN)
        desk.press("submitButton")
        desk.until(lambda: certificates.token_of(admin) is not None)
    place = certificates.token_of(admin)
    assert place is not None
    assert (place.module, place.token, place.slot) == (MODULE, "Ada's card", None)
    assert desk.errors == []


@pytest.mark.req("REQ-23")
def test_a_period_is_set_a_hold_blocks_and_an_erasure_takes_a_proposer_a_supervisor_and_somebody_else(
    desk: Desk,
) -> None:
    lab = desk.bench.lab
    (case,) = lab.cases.list()
    turn_to(desk, RetentionTab, "retention")  # type: ignore[type-abstract,arg-type]
    desk.open_dialog("setPeriod", "periodSheet")
    desk.fill(keepUntil="next year", keepBasis="Archive act, section 4")
    desk.press("submitButton")
    assert desk.part(QLabel, "keepUntilError").text() == "Write a day like 2036-12-31."
    desk.fill(keepUntil=(NOON - timedelta(days=2)).date().isoformat())
    desk.press("submitButton")
    desk.until(lambda: lab.retentions.of(case.id) is not None)
    hold = "Court order 7"
    desk.sign_in(desk.bench.sign_in("Ingrid Solberg"))
    turn_to(desk, RetentionTab, "retention")  # type: ignore[type-abstract,arg-type]
    desk.open_dialog("placeHold", "holdSheet")
    desk.fill(holdAuthority=hold, holdReason="An appeal is open")
    desk.press("submitButton")
    desk.until(lambda: "legal hold" in why_not(desk, "proposeErasure"))
    desk.open_dialog("liftHold", "liftSheet")
    assert any(hold in one.text() for one in desk.window.findChildren(QLabel) if one.isVisible())
    desk.fill(liftAuthority="Court order 9", liftReason="The appeal ended")
    desk.press("submitButton")
    desk.until(lambda: desk.part(Button, "proposeErasure").isEnabled())

    desk.sign_in(desk.bench.sign_in("Ada Admin"))
    turn_to(desk, RetentionTab, "retention")  # type: ignore[type-abstract,arg-type]
    desk.open_dialog("proposeErasure", "erasureSheet")
    desk.fill(eraseAuthority="Order 12", eraseReason="The period is over")
    desk.press("submitButton")
    assert desk.part(QLabel, "eraseError").text() == "Choose what is erased."
    desk.part(QCheckBox, "erase-photos").click()
    desk.press("submitButton")
    desk.until(lambda: len(lab.erasing.waiting()) == 1)
    desk.until(lambda: "Supervisors decide" in why_not(desk, "decideErasure"))
    assert "approved" in why_not(desk, "carryOutErasure")

    desk.sign_in(desk.bench.sign_in("Ingrid Solberg"))
    turn_to(desk, RetentionTab, "retention")  # type: ignore[type-abstract,arg-type]
    desk.open_dialog("decideErasure", "decideErasureSheet")
    desk.fill(erasureDecision="Approve it", decisionWords="Nothing speaks against it")
    desk.press("submitButton")
    desk.until(lambda: "You approved it" in why_not(desk, "carryOutErasure"))

    desk.sign_in(desk.bench.sign_in("Ada Admin"))
    turn_to(desk, RetentionTab, "retention")  # type: ignore[type-abstract,arg-type]
    desk.open_dialog("carryOutErasure", "carryOutSheet")
    desk.press("submitButton")
    desk.until(lambda: lab.erasing.list(case.id)[0].state is ErasureState.CARRIED_OUT)
    assert desk.errors == []
    assert lab.verification.verify().ok


@pytest.mark.parametrize("name", ["certificates", "backups", "retention", "tools"])
def test_no_register_is_squeezed_at_200_percent(desk: Desk, name: str) -> None:
    desk.window.resize(640, 400)
    tabs.turn_to(desk, RegisterTab, name)  # type: ignore[type-abstract]
    desk.laid_out(desk.window)
    shown = [one for one in desk.window.findChildren(Button) if one.isVisible() and one.parentWidget()]
    assert [
        (one.objectName(), other.objectName())
        for one in shown
        for other in shown
        if one is not other and one.parent() is other.parent() and one.geometry().intersects(other.geometry())
    ] == []
