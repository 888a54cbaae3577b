"""The lab's hash sets: imported, listed, removed (REQ-41)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from forensics_app.model.hash_set import HashSet, HashSetKind
from forensics_app.model.person import Role
from ui import text
from ui.announce import announce
from ui.jobs import JobCard
from ui.lab.hash_set_sheets import HashSetSheet, ImportedSheet
from ui.lab.register_tab import RegisterTab
from ui.models.cells import Cell, Column, Kind
from ui.recording import record, signed_as
from ui.tones import Tone
from ui.widgets.buttons import Button, allow
from ui.widgets.form_sheet import ReasonSheet

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.hash_set import Imported, NewHashSet
    from forensics_app.model.person import SignedIn
    from ui.jobs import OnProgress
    from ui.page import PageContext

_REMOVE = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_ADD = _REMOVE | {Role.EXAMINER}


class HashSetsTab(RegisterTab[HashSet]):
    """The sets in use by name and version."""

    def __init__(self, context: PageContext) -> None:
        """Show nothing yet."""
        add = Button(_tr("Import a hash set…"), name="importHashSet", icon="plus")
        self._remove = Button(_tr("Remove…"), name="removeHashSet")
        zone = ZoneInfo(context.session.lab.info.zone)
        super().__init__(
            context, name="hashSets", title=_tr("Hash sets"), columns=_columns(zone), key=lambda one: one.id,
            read=lambda lab: lab.hash_sets.list(), hint=_tr("Type to filter: name, version, source, kind"),
            acts=(add, self._remove),
            empty=_tr("No hash set is here yet. Import lists of known files, and of files to be alerted to."),
        )  # fmt: skip
        add.clicked.connect(self._ask)
        self._remove.clicked.connect(lambda: self.act_upon_chosen(self._ask_why))

    def show_acts(self) -> None:
        """Examiners import; supervisors and administrators also remove."""
        roles = self.context.session.actor.person.roles
        no_add = "" if roles & _ADD else self.tr("Examiners, supervisors and administrators import hash sets.")
        no_removal = "" if roles & _REMOVE else self.tr("Supervisors and administrators remove hash sets.")
        allow(self.add_button, no_add)
        allow(self._remove, no_removal or ("" if self.chosen() else self.tr("Choose a hash set.")))

    def _ask(self) -> None:
        sheet = HashSetSheet(self, actor=self.context.session.actor.person)

        def asked(new: NewHashSet) -> None:
            sheet.finish()
            self._import(new)

        sheet.submitted.connect(asked)
        sheet.open()

    def _import(self, new: NewHashSet) -> None:
        session = self.context.session
        lab, actor = session.lab, session.actor
        title = self.tr("Import {set}").format(set=f"{new.name} {new.version}".strip())

        def work(on_progress: OnProgress) -> Imported:
            return lab.hash_sets.add(actor, new, on_progress)

        card = JobCard(
            title=title, icon="hash", unit="", needs_key=True,
            if_stopped=self.tr("Nothing is imported. Begin again with the same list."),
        )  # fmt: skip
        self.context.jobs.start(
            self, work, done=self._show, failed=lambda error: self.context.show_error(title, error), card=card,
            cancelled=lambda: announce(self, card.if_stopped), warning=self._warning,
        )  # fmt: skip

    def _show(self, made: Imported) -> None:
        self.context.session.tell_record_changed()
        announce(self, made.lines[0])
        ImportedSheet(self, made).open()

    def _warning(self, made: Imported) -> str:
        refused = made.built.counts.get("refused", 0)
        return self.tr("{n} entries of the list were not taken").format(n=text.count_text(refused)) if refused else ""

    def _ask_why(self, chosen: HashSet) -> None:
        sheet = ReasonSheet(
            self,
            title=self.tr("Remove {set}").format(set=chosen.label),
            subtitle=chosen.counts,
            sentences=[
                self.tr("Its digests are deleted, and no image is looked up in it any more."),
                self.tr("What was found in it is shown until an image is looked up again."),
                self.tr("The record stays: its import, and how many entries of which image were found in it."),
            ],
            act=self.tr("Sign and remove"),
            name="removeHashSetSheet",
            signed_as=signed_as(self.context.session.actor.person),
        )

        def work(lab: Lab, signer: SignedIn, reason: str) -> HashSet:
            return lab.hash_sets.remove(signer, chosen.id, reason)

        record(self.context, sheet, work, lambda _: None)


def _columns(zone: ZoneInfo) -> tuple[Column[HashSet], ...]:
    def name(one: HashSet) -> Cell:
        return Cell(one.label, Kind.TWO, one.source, "hash")

    def kind(one: HashSet) -> Cell:
        is_alert = one.kind is HashSetKind.ALERT
        return Cell(_tr("Alert") if is_alert else _tr("Known"), Kind.BADGE, tone=Tone.BAD if is_alert else Tone.NONE)

    def holds(one: HashSet) -> Cell:
        refused = _tr(" · {n} not taken").format(n=text.count_text(one.refused)) if one.refused else ""
        return Cell(one.counts, Kind.TWO, f"{one.format[:1].upper()}{one.format[1:]}{refused}")

    def imported(one: HashSet) -> Cell:
        return Cell(text.time_text(one.recorded_at, zone), Kind.TWO, one.recorded_by)

    return (
        Column(key="name", title=_tr("Hash set"), cell=name, width_px=200, stretch=True),
        Column(key="kind", title=_tr("Kind"), cell=kind, width_px=96),
        Column(key="holds", title=_tr("Digests"), cell=holds, width_px=180, wide_px=300),
        Column(key="imported", title=_tr("Imported, by"), cell=imported, width_px=218, wide_px=260),
    )


def _tr(words: str) -> str:
    return QCoreApplication.translate("HashSets", words)
