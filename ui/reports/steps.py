"""The steps of a draft in the window: save, submit, take back, discard, return, approve, issue."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.errors import explain
from forensics_app.model.report_draft import DraftStep
from ui.announce import announce
from ui.custody.words import key_words
from ui.jobs import JobCard, OnProgress
from ui.reports.issue_sheet import IssueAsked, IssueSheet
from ui.widgets.form_sheet import FormSheet, ReasonSheet
from ui.widgets.sheet import ConfirmSheet

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.person import Person, SignedIn
    from forensics_app.model.report import DraftId, IssuedReport, ReportRequest
    from forensics_app.model.report_draft import ReportDraft
    from ui.page import PageContext


T = TypeVar("T")


class DraftSteps(QObject):
    """``recorded`` carries the draft after a step and ``issued`` the report.

    ``refused`` says that a try may stand in the record, ``busy`` that a step runs which takes long, or that it ended.
    """

    recorded = Signal(object)
    issued = Signal(object)
    refused = Signal()
    busy = Signal(bool)

    def __init__(self, page: QWidget, context: PageContext) -> None:
        """Act in the session of ``context``."""
        super().__init__(page)
        self._page, self._context = page, context

    def save(self, draft: ReportDraft | None, content: ReportRequest) -> None:
        """Write what is on the screen into the record."""
        self._run(self.tr("Save the draft"), lambda lab, actor: _saved(lab, actor, draft, content))

    def submit(self, draft: ReportDraft | None, content: ReportRequest) -> None:
        """Ask, then save and submit."""
        person = self._context.session.actor.person
        opinions = sum(block.kind.value == "opinion" for block in content.blocks)
        sheet = ConfirmSheet(
            self._page, title=self.tr("Submit for review"), name="submitSheet", kind="primary",
            act=self.tr("Sign and submit"), keep=self.tr("Not yet"),
            sentences=(
                self.tr("{name} signs as author for what is written: {title}; facts: {facts}, opinions: {opinions}.")
                .format(
                    name=person.name, title=content.title, facts=len(content.blocks) - opinions, opinions=opinions
                ),
                self.tr("A supervisor who wrote none of it approves it or returns it with comments. Until then it is "
                        "not edited, and can be taken back."),
                self.tr("This adds an entry that cannot be removed."),
            ),
        )  # fmt: skip

        def submit(lab: Lab, actor: SignedIn, on_progress: OnProgress) -> ReportDraft:
            saved = _saved(lab, actor, draft, content)
            return lab.drafts.submit(actor, saved.id, on_progress=on_progress)

        kept = self.tr("The draft is saved; it is not submitted.")
        sheet.accepted.connect(lambda: self._run_long(sheet.windowTitle(), submit, kept))
        sheet.open()

    def approve(self, draft: ReportDraft) -> None:
        """Ask, then approve."""
        lab = self._context.session.lab
        self._context.jobs.start(
            self._page, lambda _: lab.reporting.names_that_leave(draft), done=partial(self._ask_approval, draft),
            failed=lambda error: self._context.show_error(self.tr("Approve {draft}").format(draft=draft.label), error),
        )  # fmt: skip

    def _ask_approval(self, draft: ReportDraft, leaving: str) -> None:
        person = self._context.session.actor.person
        sheet = ConfirmSheet(
            self._page, title=self.tr("Approve {draft}").format(draft=draft.label), name="approveSheet", kind="primary",
            act=self.tr("Sign and approve"), keep=self.tr("Not yet"),
            sentences=(
                self.tr("{name} has read what {author} submitted, and approves it. The SHA-256 of what is written and "
                        "of the records that it prints stands in the entry: {digest} …").format(
                    name=person.name, author=draft.author, digest=draft.content_sha256.hex()[:16]
                ),
                *([leaving] if leaving else []),
                self.tr("The report is issued when both sign it. This adds an entry that cannot be removed."),
            ),
        )  # fmt: skip

        def approve(lab: Lab, actor: SignedIn, on_progress: OnProgress) -> ReportDraft:
            return lab.drafts.approve(actor, draft.id, seen=draft.content_sha256, on_progress=on_progress)

        kept = self.tr("Nothing is recorded; it is not approved.")
        sheet.accepted.connect(lambda: self._run_long(sheet.windowTitle(), approve, kept))
        sheet.open()

    def ask_reason(self, step: DraftStep, draft: ReportDraft) -> None:
        """Ask for the comment of a return, or the reason why a draft is taken back or discarded."""
        titles = {
            DraftStep.RETURN: self.tr("Return {draft}"),
            DraftStep.RECALL: self.tr("Take back {draft}"),
            DraftStep.DISCARD: self.tr("Discard {draft}"),
        }
        says = {
            DraftStep.RETURN: self.tr("Say what is to be mended. {author} mends it and submits it again."),
            DraftStep.RECALL: self.tr(
                "It can be edited again, and is submitted and reviewed anew. {author} is its author."
            ),
            DraftStep.DISCARD: self.tr("It is not worked on any more. What {author} wrote stays in the record."),
        }
        acts = {
            DraftStep.RETURN: self.tr("Sign and return"),
            DraftStep.RECALL: self.tr("Sign and take back"),
            DraftStep.DISCARD: self.tr("Sign and discard"),
        }
        person = self._context.session.actor.person
        sheet = ReasonSheet(
            self._page, title=titles[step].format(draft=draft.label), subtitle="", act=acts[step], name="draftReason",
            sentences=(says[step].format(author=draft.author),), kind="primary",
            signed_as=self.tr("Signed with the open key {key} of {name}").format(
                key=key_words(person.key_id), name=person.name
            ),
        )  # fmt: skip

        def act(lab: Lab, actor: SignedIn, words: str) -> ReportDraft:
            does: dict[DraftStep, Callable[[SignedIn, DraftId, str], ReportDraft]] = {
                DraftStep.RETURN: partial(lab.drafts.return_, seen=draft.content_sha256),
                DraftStep.RECALL: lab.drafts.recall,
                DraftStep.DISCARD: lab.drafts.discard,
            }
            return does[step](actor, draft.id, words)

        sheet.submitted.connect(
            lambda words: self._run(sheet.windowTitle(), lambda lab, actor: act(lab, actor, words), sheet)
        )
        sheet.open()

    def issue(self, draft: ReportDraft, people: dict[object, Person], number: str) -> None:
        """Take the passphrase of the other one of author and authoriser, then issue."""
        session, approval = self._context.session, draft.approval
        if approval is None:
            return
        mine = session.actor.person
        other = people[approval.reviewer_id if mine.id == draft.author_id else draft.author_id]
        lab = session.lab

        def ask(found: tuple[tuple[Person, ...], str]) -> None:
            on_tokens, leaving = found
            sheet = IssueSheet(
                self._page, draft, signed_in=mine, other=other, number=number, on_tokens=on_tokens, leaving=leaving
            )  # fmt: skip
            sheet.submitted.connect(lambda asked: self._issue(sheet, draft, other, asked, number))
            self._context.jobs.next_turn(sheet, sheet.open)

        def look(_: object) -> tuple[tuple[Person, ...], str]:
            on_tokens = tuple(one for one in (mine, other) if lab.certificates.token_of(one))
            return on_tokens, lab.reporting.names_that_leave(draft)

        self._context.jobs.start(
            self._page, look, done=ask,
            failed=lambda error: self._context.show_error(self.tr("Issue {number}").format(number=number), error),
        )  # fmt: skip

    def _issue(self, sheet: IssueSheet, draft: ReportDraft, other: Person, asked: IssueAsked, number: str) -> None:
        """Open the key of the other one while the sheet waits; then close it and issue as a job."""
        lab, actor = self._context.session.lab, self._context.session.actor

        def issue(second: SignedIn, on_progress: OnProgress) -> IssuedReport:
            author, authoriser = (actor, second) if actor.person.id == draft.author_id else (second, actor)
            try:
                return lab.reporting.issue(author, authoriser, draft.id, asked.pins, on_progress=on_progress)
            finally:
                second.key.close()

        def opened(second: SignedIn) -> None:
            kept = sheet if asked.pins else None  # a PIN may be wrong, which only the signing tells
            if kept is None:
                sheet.finish()
            title = self.tr("Issue {number}").format(number=number)
            self._start(
                title, "report", partial(issue, second), self.issued.emit, self.tr("Nothing is recorded."),
                over=second.key.close, sheet=kept,
            )  # fmt: skip

        self._context.jobs.start(
            sheet, lambda _: lab.people.sign_in(other.name, asked.passphrase), done=opened,
            failed=lambda error: self._refuse(sheet, error),
        )  # fmt: skip

    def _run_long(self, title: str, act: Callable[[Lab, SignedIn, OnProgress], ReportDraft], if_stopped: str) -> None:
        lab, actor = self._context.session.lab, self._context.session.actor
        self._start(title, "sign", partial(act, lab, actor), self.recorded.emit, if_stopped)

    def _start(
        self, title: str, icon: str, work: Callable[[OnProgress], T], done: Callable[[T], None], if_stopped: str,
        *, over: Callable[[], None] = lambda: None, sheet: FormSheet | None = None,
    ) -> None:  # fmt: skip
        """A step that takes long: a job that is listed and can be stopped, while the window is used.

        ``over`` is done however it ends, also when it was stopped before it began. A ``sheet`` stays open meanwhile.
        """

        def ended(told: Callable[[], None]) -> None:
            over()
            self.busy.emit(False)
            told()

        def succeeded(result: T) -> None:
            if sheet is not None:
                sheet.finish()
            done(result)

        def failed(error: Exception) -> None:
            if sheet is not None:
                self._refuse(sheet, error)
                return
            self._context.show_error(title, error)
            self.refused.emit()

        def stopped() -> None:
            if sheet is not None:
                sheet.refuse(if_stopped)
            announce(self._page, f"{title}: {if_stopped}")
            self.refused.emit()

        self.busy.emit(True)
        card = JobCard(title=title, icon=icon, unit="", if_stopped=if_stopped, needs_key=True)
        self._context.jobs.start(
            self._page, work, done=lambda result: ended(partial(succeeded, result)),
            failed=lambda error: ended(partial(failed, error)), cancelled=lambda: ended(stopped), card=card,
        )  # fmt: skip

    def _run(self, title: str, act: Callable[[Lab, SignedIn], ReportDraft], sheet: FormSheet | None = None) -> None:
        lab, actor = self._context.session.lab, self._context.session.actor

        def done(draft: ReportDraft) -> None:
            if sheet is not None:
                sheet.finish()
            self.recorded.emit(draft)

        def failed(error: Exception) -> None:
            if sheet is not None:
                self._refuse(sheet, error)
            else:
                self._context.show_error(title, error)
                self.refused.emit()

        self._context.jobs.start(self._page, lambda _: act(lab, actor), done=done, failed=failed)

    def _refuse(self, sheet: FormSheet, error: Exception) -> None:
        known = explain(error)
        if known is None:
            sheet.refuse(self.tr("Nothing was recorded."))
            self._context.show_error(sheet.windowTitle(), error)
        else:
            sheet.refuse(f"{known.what} {known.kept}", known.then)
        self.refused.emit()


def _saved(lab: Lab, actor: SignedIn, draft: ReportDraft | None, content: ReportRequest) -> ReportDraft:
    if draft is None:
        return lab.drafts.begin(actor, content)
    return lab.drafts.edit(actor, draft.id, content, seen=draft.written_sha256)
