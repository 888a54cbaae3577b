"""Findings and bookmarks in the window: recorded of what is selected, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from forensics_app.model.cited import CitedKind
from forensics_app.model.target import entry_target
from ui import text
from ui.examine.bound_keys import bind
from ui.examine.selected_bytes import bytes_target
from ui.examine.stamps import stamp_lines
from ui.examine.words import entry_name, tr, visible
from ui.recording import record, signed_as
from ui.theme import Space
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet, ReasonSheet
from ui.widgets.labels import label
from ui.widgets.layout import plain
from ui.widgets.notes import facts, mono

if TYPE_CHECKING:
    from datetime import tzinfo

    from forensics_app.bootstrap import Lab
    from forensics_app.model.cited import Cited
    from forensics_app.model.person import SignedIn
    from forensics_app.model.tag import Tagging
    from forensics_app.model.target import Target
    from ui.examine.browser import Browser
    from ui.examine.places import Subject
    from ui.page import PageContext


class FindingSheet(FormSheet):
    """Shows what is cited and asks for the sentence; ``submitted`` carries it."""

    def __init__(self, parent: QWidget, subject: Subject, target: Target, zone: tzinfo, *, signed_as: str) -> None:
        """Cite ``target``."""
        entry = subject.entry if target.path else None
        name = entry_name(entry) if entry else target.words
        super().__init__(
            parent, title=self.tr("Record a finding"), subtitle=f"{subject.image.number}, {name}",
            name="findingSheet", act=self.tr("Record the finding"), width_px=620,
        )  # fmt: skip
        rows = [(self.tr("Place"), mono(visible(target.words)))]
        if target.address:
            rows.append((self.tr("Address"), mono(target.address)))
        if target.sha256 and target.offset_bytes is None:
            rows.append((self.tr("SHA-256"), mono(text.digest_text(target.sha256))))
        rows += [(one.name, mono(one.shown)) for one in stamp_lines(entry, zone)] if entry else []
        self._form = forms.Form()
        field = forms.Field(self.tr("What was found"), forms.text_edit(lines=4), name="findingSentence")
        self._text = self._form.add(field, rule=forms.required(self.tr("Write what was found.")))
        told = self.tr("It goes into the report. The record keeps the place, its times with basis, and its digest.")
        if target.offset_bytes is not None:
            told = self.tr("It goes into the report. The bytes are read now, and the record keeps their SHA-256.")
        self.fill(
            plain(facts(rows, label_px=9 * Space.M)),
            self._form,
            label(told, "caption", wrap=True),
            signed_as=signed_as,
        )

    def entry_forms(self) -> Sequence[forms.Form]:
        """The sentence."""
        return (self._form,)

    def request(self) -> str:
        """The sentence."""
        return self._text.text()


class Citing(QObject):
    """Ctrl+D records a finding and Ctrl+B a bookmark, of the selected bytes where the keyboard is in them."""

    def __init__(self, page: QWidget, context: PageContext, browser: Browser) -> None:
        """Act for ``page``."""
        super().__init__(page)
        self._page, self._context, self._browser = page, context, browser
        bind(browser, "Ctrl+D", lambda: self.cite(CitedKind.FINDING))
        bind(browser, "Ctrl+B", lambda: self.cite(CitedKind.BOOKMARK))
        browser.cite_asked.connect(self.cite)
        browser.tree.findings.withdraw_asked.connect(self._withdraw)
        browser.tree.findings.remove_asked.connect(self._remove)

    def cite(self, kind: CitedKind) -> None:
        """Record what is selected."""
        subject, target = self._browser.subject, self._target()
        if subject is None or target is None:
            self._browser.messages.tell(tr("Choose a file, or select bytes in the viewer of bytes, to cite them."))
        elif kind is CitedKind.BOOKMARK:
            self._bookmark(target)
        else:
            self._ask(subject, target)

    def _target(self) -> Target | None:
        browser = self._browser
        subject = browser.subject
        if subject is None:
            return None
        in_bytes = browser.viewers.hex.view.hasFocus()
        if subject.entry is None or (in_bytes and browser.viewers.hex.view.selection[1] > 1):
            return bytes_target(browser)
        return entry_target(subject.image, subject.entry)

    def _bookmark(self, target: Target) -> None:
        session = self._context.session
        lab, actor = session.lab, session.actor

        def done(cited: Cited) -> None:
            words = tr("Bookmark {number}: {place}.").format(number=cited.number, place=target.words)
            self._browser.messages.tell(visible(words))
            session.tell_record_changed()

        self._context.jobs.start(
            self._page,
            lambda on_progress: lab.findings.add(actor, CitedKind.BOOKMARK, target, "", on_progress=on_progress),
            done=done,
            failed=lambda error: self._context.show_error(tr("Set a bookmark"), error),
        )

    def _ask(self, subject: Subject, target: Target) -> None:
        signs = signed_as(self._context.session.actor.person)
        sheet = FindingSheet(self._page, subject, target, self._browser.zone, signed_as=signs)

        def work(lab: Lab, actor: SignedIn, words: str) -> Cited:
            return lab.findings.add(actor, CitedKind.FINDING, target, words)

        def done(cited: Cited) -> None:
            self._browser.messages.tell(tr("Recorded as finding {number}.").format(number=cited.number))

        record(self._context, sheet, work, done)

    def _withdraw(self, cited: Cited) -> None:
        what = tr("finding {number}") if cited.kind is CitedKind.FINDING else tr("bookmark {number}")
        named = what.format(number=cited.number)
        sheet = self._reason_sheet(tr("Take {what} back").format(what=named), visible(cited.text) or cited.target.words)

        def work(lab: Lab, actor: SignedIn, reason: str) -> None:
            lab.findings.withdraw(actor, cited.id, reason)

        record(self._context, sheet, work, lambda _: None)

    def _remove(self, tagging: Tagging) -> None:
        sheet = self._reason_sheet(tr("Take the tag off"), visible(tagging.target.words))

        def work(lab: Lab, actor: SignedIn, reason: str) -> None:
            lab.tags.remove(actor, [tagging.id], reason)

        record(self._context, sheet, work, lambda _: None)

    def _reason_sheet(self, title: str, subtitle: str) -> ReasonSheet:
        return ReasonSheet(
            self._page,
            title=title,
            subtitle=subtitle[:120],
            sentences=(tr("It leaves the lists. That it was there, and why it was taken back, stays in the record."),),
            act=tr("Take back"),
            name="takeBackSheet",
            signed_as=signed_as(self._context.session.actor.person),
        )
