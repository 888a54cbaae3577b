"""Verifies the file of an issued report and upgrades it, each as a job; the whole answer is a sheet."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui import text
from ui.announce import announce
from ui.jobs import JobCard
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import label
from ui.widgets.layout import plain
from ui.widgets.notes import facts, note
from ui.widgets.sheet import Sheet, sheet_body

if TYPE_CHECKING:
    from forensics_app.model.proof import FileChecked, SignatureChecked, Upgraded
    from forensics_app.model.report import IssuedReport
    from ui.page import PageContext

_TONES = {"good": Tone.OK, "bad": Tone.BAD, "cannot tell": Tone.WARN}
_HIGHEST = "PAdES B-LTA"


class Signatures(QObject):
    """``upgraded`` says that the record has a new file of a report."""

    upgraded = Signal()

    def __init__(self, owner: QWidget, context: PageContext) -> None:
        """Show sheets over ``owner``."""
        super().__init__(owner)
        self._owner, self._context = owner, context

    def verify(self, report: IssuedReport | None) -> None:
        """Check the newest file of a report, and show what was found."""
        if report is None:
            return
        lab = self._context.session.lab
        title = self.tr("Verify {number}").format(number=report.number)
        self._context.jobs.start(
            self, lambda _: lab.report_upgrades.check(report), done=lambda found: self._show(report, found),
            failed=lambda error: self._context.show_error(title, error),
            card=JobCard(title=title, icon="shield", unit="", if_stopped=self.tr("Nothing is recorded.")),
            warning=lambda found: self.tr("The report does not prove itself") if found.bad else "",
        )  # fmt: skip

    def upgrade(self, report: IssuedReport | None) -> None:
        """Add time stamps and validation data behind the signatures of a report."""
        if report is None:
            return
        lab, actor = self._context.session.lab, self._context.session.actor
        title = self.tr("Upgrade {number}").format(number=report.number)
        kept = self.tr("The file before stays, and nothing is recorded.")
        self._context.jobs.start(
            self, lambda _: lab.report_upgrades.upgrade(actor, report), done=lambda done: self._done(report, done),
            failed=lambda error: self._context.show_error(title, error),
            card=JobCard(title=title, icon="sign", unit="", if_stopped=kept, needs_key=True),
        )  # fmt: skip

    def _show(self, report: IssuedReport, found: FileChecked) -> None:
        zone = ZoneInfo(self._context.session.lab.info.zone)
        sheet = SignaturesSheet(self._owner, report, found, zone)
        sheet.upgrade_asked.connect(lambda: self.upgrade(report))
        sheet.open()

    def _done(self, report: IssuedReport, done: Upgraded) -> None:
        words = self.tr("{number} was {before} and is {after}").format(
            number=report.number, before=done.before.value, after=done.after.value
        )
        announce(self._owner, f"{words}. {done.why}" if done.why else words, urgent=bool(done.why))
        self._context.session.tell_record_changed()
        self.upgraded.emit()
        self.verify(report)


class SignaturesSheet(Sheet):
    """Shows what a check of a report's file found; ``upgrade_asked`` wants more behind its signatures."""

    upgrade_asked = Signal()

    def __init__(self, parent: QWidget, report: IssuedReport, found: FileChecked, zone: tzinfo) -> None:
        """Show ``found`` with times in ``zone``."""
        super().__init__(
            parent, title=self.tr("Signatures of {number}").format(number=report.number), subtitle=found.level.value,
            name="signaturesSheet", width_px=760,
        )  # fmt: skip
        self.set_body(sheet_body(*self._parts(found, zone)))
        upgrade = Button(
            self.tr("Upgrade…"), name="upgradeReport", icon="sign",
            tip=self.tr("Add a time stamp and validation data behind the signatures; what was signed stays as it is"),
        )  # fmt: skip
        upgrade.setEnabled(bool(found.signatures) and not found.bad)
        upgrade.clicked.connect(self.upgrade_asked)
        upgrade.clicked.connect(self.reject)
        close = Button(self.tr("Close"), name="closeSignatures", kind="primary")
        close.clicked.connect(self.reject)
        self.set_buttons(close, upgrade)
        close.setFocus()

    def _parts(self, found: FileChecked, zone: tzinfo) -> list[QWidget]:
        parts: list[QWidget] = [note(*self._verdict(found))]
        for one in found.signatures:
            parts.append(label(self._who(one), "strong", wrap=True))
            parts.append(note(_TONES[one.answer.value], one.words))
            parts.append(plain(facts(self._facts(one, zone), label_px=150)))
        if found.checks:
            parts.append(label(self.tr("The file"), "section"))
            parts.extend(note(_TONES[one.answer.value], f"{one.what}: {one.words}") for one in found.checks)
        parts.append(DigestView("SHA-256", found.sha256))
        return parts

    def _verdict(self, found: FileChecked) -> tuple[Tone, str]:
        if found.bad:
            return Tone.BAD, self.tr("The report does NOT prove itself: see what is bad below.")
        if not found.signatures:
            return Tone.WARN, self.tr(
                "The file has no digital signatures: the lab had no certificates when it was issued. Author and "
                "authoriser signed its SHA-256 in the ledger."
            )
        if found.is_signed_well and not found.ok:
            return Tone.WARN, self.tr(
                "The report proves a part of itself. Both people signed it, and nothing that a reader shows was added "
                "since. What an outsider cannot tell from the file stands below; to them this laboratory has to show "
                "it."
            )
        if not found.ok:
            return Tone.WARN, self.tr("The file is whole, but whose signatures these are cannot be told.")
        if found.level.value == _HIGHEST:
            return Tone.OK, self.tr("The report proves itself, and will when its certificates have ended.")
        return Tone.OK, self.tr("The report proves itself. An upgrade keeps that so when its certificates have ended.")

    def _who(self, one: SignatureChecked) -> str:
        if one.is_time_stamp:
            return self.tr("Time stamp of {name}").format(name=one.signer)
        part = self.tr("author") if one.field == "author" else self.tr("authoriser")
        return self.tr("{name}, {part}").format(name=one.signer, part=part)

    def _facts(self, one: SignatureChecked, zone: tzinfo) -> list[tuple[str, str | QWidget]]:
        issuer = self.tr("Certified by") if one.answer.value == "good" else self.tr("Names as its issuer")
        rows: list[tuple[str, str | QWidget]] = [(issuer, one.issuer)]
        if one.claimed_at:
            rows.append((self.tr("Signed, by own clock"), text.time_text(one.claimed_at, zone)))
        if one.stamped_at:
            rows.append((self.tr("Existed at"), text.time_text(one.stamped_at, zone)))
        return rows
