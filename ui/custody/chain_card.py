"""The case chain with its three answers, its head, the key where trust starts, and what failed."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from ui import text
from ui.custody.digest_line import digest_line
from ui.integrity import answers_of
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.notes import facts, note
from ui.widgets.refill import refill

if TYPE_CHECKING:
    from forensics_app.model.custody import ChainReport, LabReport
    from forensics_app.services.verification import LastCheck

FINDINGS_SHOWN = 20


class ChainCard(QFrame):
    """Shows what the newest verification says of one chain; ``verify_asked`` wants a new one."""

    verify_asked = Signal()
    export_asked = Signal()

    def __init__(self) -> None:
        """Say that nothing was checked yet."""
        super().__init__()
        self.setObjectName("chainCard")
        self.setProperty("card", True)
        self.verify_button = Button(
            self.tr("Verify now"), name="verifyNow", kind="quiet", icon="play",
            tip=self.tr("Verify every chain, row and file, and record the result (F5)"),
        )  # fmt: skip
        self.verify_button.clicked.connect(self.verify_asked)
        export = Button(
            self.tr("Export custody folder…"), name="exportCustody", icon="export",
            tip=self.tr("Anchor the case, and write a folder that anybody can verify without this program"),
        )  # fmt: skip
        export.clicked.connect(self.export_asked)
        self._title = label(self.tr("Case chain"), "section")
        self._answers = [Badge(Tone.NONE, ""), Badge(Tone.NONE, ""), Badge(Tone.NONE, "")]
        for badge, name in zip(self._answers, ("intact", "signed", "trusted"), strict=True):
            badge.setObjectName(f"{name}Answer")
        self._words = [label(role="small", wrap=True) for _ in self._answers]
        rows = [hbox(badge, (words, 1)) for badge, words in zip(self._answers, self._words, strict=True)]
        self._when = label(role="caption", wrap=True, name="chainCheckedAt")
        self._findings = vbox(gap=Space.XS)
        self._facts = vbox(gap=0)
        self.setLayout(
            vbox(
                hbox(self._title, None, self.verify_button), *rows, self._when, self._findings, line(), self._facts,
                hbox(export, None), margins=(Space.L, Space.S + 2, Space.L, Space.M),
            )
        )  # fmt: skip

    def show_unchecked(self, last: LastCheck | None, zone: tzinfo) -> None:
        """Say that this run of the program has verified nothing yet."""
        for badge, word in zip(self._answers, self._unchecked_words(), strict=True):
            badge.show_state(Tone.NONE, word)
        for words in self._words:
            words.setText(self.tr("Not checked since the program was started"))
        self._when.setText(self._last_words(last, zone))
        refill(self._findings, [])

    def show_report(self, report: LabReport, by: str, chain_id: object, zone: tzinfo, entries_now: int) -> None:
        """Show the answers about the chain of a case; changed rows and files count against *intact*."""
        chain = next((one for one in report.chains if one.chain == chain_id), None)
        if chain is None:
            self.show_unchecked(None, zone)
            return
        broken = (*report.row_findings, *report.file_findings)
        answers = list(answers_of(chain))
        if broken and chain.intact:
            answers[0] = (Tone.BAD, self.tr("Not intact"))
        for badge, (tone, word) in zip(self._answers, answers, strict=True):
            badge.show_state(tone, word)
        for words, sentence in zip(self._words, self._sentences(chain, broken, report), strict=True):
            words.setText(sentence)
        self._when.setText(self._when_words(report.checked_at, by, zone, entries_now - chain.entries))
        self._show_findings([*broken, *chain.findings, *_of_other_chains(report, chain)], chain.notices)

    def show_facts(self, head: bytes | None, entries: int, root_fingerprint: str) -> None:
        """Show the head of the chain, how long it is, and the key where trust starts, hex."""
        rows: list[tuple[str, str | QWidget]] = [
            (self.tr("Entries"), text.count_text(entries)),
            (self.tr("Head"), digest_line(self.tr("Head"), head, short=True) if head else self.tr("No entry yet")),
            (self.tr("Root key"), digest_line(self.tr("Root key"), root_fingerprint)),
        ]
        refill(self._facts, [plain(facts(rows, label_px=72, gap=5))])

    def show_busy(self, share: str) -> None:
        """Say how far a verification is; an empty text says that none runs."""
        self.verify_button.setEnabled(not share)
        self.verify_button.set_text(share or self.tr("Verify now"))

    def _sentences(self, chain: ChainReport, broken: tuple[str, ...], report: LabReport) -> tuple[str, str, str]:
        rows = text.plural(report.rows_compared, self.tr("1 row agrees"), self.tr("{n} rows agree"))
        hashed = text.plural(
            chain.entries,
            self.tr("The 1 entry is as it was hashed"),
            self.tr("{n} of {n} entries hash to their successor"),
        )
        intact = f"{hashed}; {rows}"
        if not chain.intact:
            intact = self.tr("Entries were changed; see below")
        elif broken:
            count = text.plural(len(broken), self.tr("1 row or file"), self.tr("{n} rows or files"))
            intact = self.tr("The entries are whole, but {count} is not what they say").format(count=count)
        signed = text.plural(chain.signatures, self.tr("1 signature fits"), self.tr("{n} signatures fit"))
        trusted = self.tr("Every key was enrolled when it signed")
        if not chain.trusted:
            trusted = self.tr("A key was not enrolled when it signed; see below")
        elif not chain.allowed:
            trusted = self.tr("An act of custody was not allowed when it was signed; see below")
        return (
            intact,
            signed if chain.signed else self.tr("A signature is missing or does not fit; see below"),
            trusted,
        )

    def _show_findings(self, findings: list[str], notices: tuple[str, ...]) -> None:
        parts: list[QWidget] = [note(Tone.BAD, sentence, name="chainFinding") for sentence in findings[:FINDINGS_SHOWN]]
        rest = len(findings) - FINDINGS_SHOWN
        if rest > 0:
            parts.append(label(text.plural(rest, self.tr("and 1 more"), self.tr("and {n} more")), "small"))
        parts += [note(Tone.WARN, sentence) for sentence in notices[:FINDINGS_SHOWN]]
        refill(self._findings, parts)

    def _unchecked_words(self) -> tuple[str, str, str]:
        return self.tr("Intact?"), self.tr("Signed?"), self.tr("Trusted?")

    def _last_words(self, last: LastCheck | None, zone: tzinfo) -> str:
        if last is None:
            return self.tr("No check was ever recorded.")
        sentence = self.tr("Last recorded check {time} by {name}: everything verified.")
        if not last.ok:
            sentence = self.tr("Last recorded check {time} by {name}: something failed.")
        return sentence.format(time=text.time_text(last.at, zone), name=last.by)

    def _when_words(self, at: datetime, by: str, zone: tzinfo, newer: int) -> str:
        said = self.tr("Checked {time} by {name}").format(time=text.time_text(at, zone), name=by)
        if newer > 0:
            since = text.plural(newer, self.tr("1 entry since, not checked"), self.tr("{n} entries since, not checked"))
            said = f"{said} · {since}"
        return said


def _of_other_chains(report: LabReport, shown: ChainReport) -> list[str]:
    return [f"{one.label}: {finding}" for one in report.chains if one is not shown for finding in one.findings]
