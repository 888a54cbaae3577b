"""What can be done with files: export, choose for the report, take back; and building catalogues. All as jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.errors import RefusedError
from forensics_app.services.safe_names import free_path, safe_name
from ui import text
from ui.examine.listing import write_csv
from ui.examine.places import BytesWanted
from ui.examine.sheets import Choose, ChooseSheet, Rebuild, Withdraw, WithdrawSheet, name_of
from ui.examine.targets import Targets, last_folder, remember_folder
from ui.examine.unlock_sheet import Unlock, UnlockSheet
from ui.examine.words import tr, visible
from ui.jobs import JobCard, OnProgress
from ui.latest import Latest
from ui.recording import record, signed_as
from ui.widgets.form_sheet import ReasonSheet

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.catalogue import CatalogueEntry, Volume
    from forensics_app.model.finding import ChosenFile, FileExport, TreeExport
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.mark import Mark
    from forensics_app.model.person import SignedIn
    from ui.examine.case_reading import ImageShown
    from ui.examine.shelf import Reader, Shelf
    from ui.models.cells import Column
    from ui.page import PageContext
    from ui.preferences import Preferences

T = TypeVar("T")


@dataclass(slots=True)
class Build:
    """A catalogue that is being built."""

    number: str
    cancel: Callable[[], None]
    entries: int = 0


class Acts(QObject):
    """Does what was asked and says how it ended: ``told`` carries a sentence and a digest to copy (or an empty text).

    ``built`` and ``building`` carry the id of an image; ``record_changed`` follows every entry in the record.
    """

    told = Signal(str, str)
    building = Signal(object)
    built = Signal(object)
    record_changed = Signal()

    def __init__(
        self, page: QWidget, context: PageContext, preferences: Preferences, shelf: Shelf, targets: Targets
    ) -> None:
        """Act for ``page``; ``targets`` asks where files go."""
        super().__init__(page)
        self._page, self._context, self._preferences = page, context, preferences
        self._shelf, self._targets = shelf, targets
        self._key_kept = Latest(self, context.jobs)
        self._folder_read = Latest(self, context.jobs)
        self.builds: dict[UUID, Build] = {}

    def build(self, image: EvidenceImage, request: Rebuild) -> None:
        """Build the catalogue of an image as a job of the tray."""
        if image.id in self.builds:
            return
        lab, actor = self._context.session.lab, self._context.session.actor
        self._shelf.forget(image.id)

        def progress(done: int, total: int) -> None:
            if build := self.builds.get(image.id):
                build.entries = done
                self.building.emit(image.id)

        def end(then: Callable[[], None]) -> None:
            self.builds.pop(image.id, None)
            then()
            self.built.emit(image.id)

        def done(made: EvidenceImage) -> None:
            words = text.plural(
                made.catalogue_entries or 0,
                tr("The catalogue of {image} is complete: 1 entry."),
                tr("The catalogue of {image} is complete: {n} entries."),
            )
            said = words.format(image=image.number)
            end(lambda: self.told.emit(said, ""))

        card = JobCard(
            title=tr("Catalogue {image}").format(image=image.number),
            icon="examine",
            unit=tr("entries"),
            if_stopped=tr(
                "What was listed until a few seconds before is kept, and building goes on from there when it is asked "
                "for again. A complete catalogue from before stays. The image is not changed."
            ),
            needs_key=True,
        )
        title = tr("Build the catalogue of {image}").format(image=image.number)
        cancel = self._context.jobs.start(
            self._page,
            lambda on_progress: lab.catalogues.build(
                actor,
                image.id,
                with_content=request.with_content,
                archives=request.archives,
                on_progress=on_progress,
            ),
            done=done,
            failed=lambda error: end(lambda: self._context.show_error(title, error)),
            cancelled=lambda: end(lambda: None),
            progress=progress,
            card=card,
        )
        self.builds[image.id] = Build(number=image.number, cancel=cancel)
        self.building.emit(image.id)

    def unlock(self, shown: ImageShown, volume: Volume) -> None:
        """Look whether the key of a volume is kept, then ask for it."""
        lab, actor = self._context.session.lab, self._context.session.actor
        self._key_kept.ask(
            lambda _: bool(lab.unlocking.kept(actor, shown.image.id)),
            lambda kept: self._ask_key(shown, volume, kept=kept),
            lambda error: self._context.show_error(tr("Unlock {volume}").format(volume=volume.id), error),
        )

    def _ask_key(self, shown: ImageShown, volume: Volume, *, kept: bool) -> None:
        """Ask for the key of a volume; once it is unlocked, the catalogue is built again to list what is in it."""
        context, image = self._context, shown.image
        sheet = UnlockSheet(self._page, image, volume, kept=kept, signed_as=signed_as(context.session.actor.person))

        def work(lab: Lab, actor: SignedIn, request: Unlock) -> tuple[str, ...]:
            if request.use_kept:
                return lab.unlocking.use_kept(actor, image.id)
            try:
                keys = request.all_keys()
            except OSError as error:
                raise RefusedError(f"The key file cannot be read: {error.strerror}.") from error
            opened = lab.unlocking.unlock(actor, image.id, keys)
            if request.keep:
                there = {one.volume_id for one in lab.unlocking.kept(actor, image.id)}
                for volume_id in opened:
                    if volume_id not in there:
                        lab.unlocking.keep(actor, image.id, volume_id)
            return opened

        def done(opened: tuple[str, ...]) -> None:
            locked = [one.id for one in shown.volumes if one.locked and one.id in opened]
            self.told.emit(tr("Unlocked: {volumes}.").format(volumes=", ".join(opened)), "")
            if locked and shown.content:
                header = shown.content.header
                self.build(image, Rebuild(with_content=header.content_examined, archives=header.archives_opened))

        record(context, sheet, work, done)

    def export(self, image: EvidenceImage, entries: Sequence[CatalogueEntry]) -> None:
        """Ask where to, and copy the entries there: one file as it is, several or a folder with their tree."""
        if len(entries) == 1 and entries[0].kind != "directory":
            self._export_file(image, entries[0])
        elif entries:
            self._export_tree(image, tuple(entries))

    def export_folder(self, image: EvidenceImage, folder_id: int) -> None:
        """Read the entry of a folder and export it."""
        self._folder_read.ask(
            lambda _: self._shelf.reader(image).rows([folder_id]),
            lambda entries: self.export(image, entries),
            lambda error: self._context.show_error(tr("Export a folder"), error),
        )

    def _export_file(self, image: EvidenceImage, entry: CatalogueEntry) -> None:
        title = tr("Export {name} from {image}").format(name=entry.name, image=image.number)
        target = self._targets.file(self._page, title, self._folder() / safe_name(entry.name))
        if target is None:
            return
        self._remember(target.parent)
        where, lab, actor = target, self._context.session.lab, self._context.session.actor
        card = JobCard(
            title=tr("Export {name}").format(name=entry.name),
            icon="export",
            if_stopped=tr("The file being written is removed, and nothing is recorded."),
            needs_key=True,
        )
        self._run(
            card.title,
            lambda on_progress: lab.examine.exporting.file(actor, image.id, entry, where, on_progress=on_progress),
            self._tell_export,
            card,
        )

    def _export_tree(self, image: EvidenceImage, entries: tuple[CatalogueEntry, ...]) -> None:
        name = name_of(entries, tr("{n} entries"))
        title = tr("Choose a folder; {name} goes into a new one in it").format(name=name)
        folder = self._targets.folder(self._page, title, self._folder())
        if folder is None:
            return
        self._remember(folder)
        lab, actor = self._context.session.lab, self._context.session.actor
        new = tr("{image} export").format(image=image.number.replace("/", "-"))
        card = JobCard(
            title=tr("Export {name}").format(name=name),
            icon="export",
            if_stopped=tr("The new folder is removed with all that is in it, and nothing is recorded."),
            needs_key=True,
        )
        self._run(
            card.title,
            lambda on_progress: lab.examine.exporting.tree(
                actor, image.id, entries, free_path(folder, new), on_progress=on_progress
            ),
            self._tell_tree,
            card,
        )

    def export_area(self, wanted: BytesWanted) -> None:
        """Export bytes of an area; where marked files would leave with all of it, ask for a reason first."""
        if wanted.size_bytes is not None:
            self._export_area(wanted)
            return
        lab, image, area = self._context.session.lab, wanted.image, wanted.area
        title = tr("Export {name} from {image}").format(name=area.words, image=image.number)

        def done(marks: Sequence[Mark]) -> None:
            if marks:
                self._ask_why(wanted, title, marks)
            else:
                self._export_area(wanted)

        self._context.jobs.start(
            self._page,
            lambda _: lab.examine.exporting.hidden_in(image, area),
            done=done,
            failed=lambda error: self._context.show_error(title, error),
        )

    def _ask_why(self, wanted: BytesWanted, title: str, marks: Sequence[Mark]) -> None:
        files = text.plural(len(marks), tr("1 marked file"), tr("{n} marked files"))
        sheet = ReasonSheet(
            self._page,
            title=title,
            subtitle=files,
            sentences=(
                tr("With all of it leave files that are marked as privileged or sensitive."),
                tr("The record names each of them, who looks at it, and why."),
            ),
            act=tr("Sign and export…"),
            kind="primary",
            name="lookSheet",
            signed_as=signed_as(self._context.session.actor.person),
        )

        def work(lab: Lab, actor: SignedIn, reason: str) -> None:
            lab.examine.exporting.uncover_area(actor, wanted.image, wanted.area, reason)

        record(self._context, sheet, work, lambda _: self._export_area(wanted))

    def _export_area(self, wanted: BytesWanted) -> None:
        """Ask where to, copy bytes of an area there, and say what was written with its SHA-256."""
        image, area = wanted.image, wanted.area
        title = tr("Export {name} from {image}").format(name=area.words, image=image.number)
        name = safe_name(f"{image.number} {area.words}".replace("/", "-"))
        at = f" at {wanted.offset_bytes}" if wanted.size_bytes is not None else ""
        target = self._targets.file(self._page, title, self._folder() / f"{name}{at}.bin")
        if target is None:
            return
        self._remember(target.parent)
        where, lab, actor = target, self._context.session.lab, self._context.session.actor

        def work(on_progress: OnProgress) -> FileExport:
            return lab.examine.exporting.area(
                actor, image.id, area, where, offset_bytes=wanted.offset_bytes, size_bytes=wanted.size_bytes,
                on_progress=on_progress,
            )  # fmt: skip

        stopped = tr("The file being written is removed, and nothing is recorded.")
        card = JobCard(title=title, icon="export", if_stopped=stopped, needs_key=True)
        self._run(title, work, self._tell_export, card)

    def choose(self, image: EvidenceImage, entries: Sequence[CatalogueEntry]) -> None:
        """Ask for a note and choose the entries for the report."""
        sheet = ChooseSheet(self._page, image.number, tuple(entries))
        sheet.submitted.connect(lambda request: self._choose(image, request))
        sheet.open()

    def withdraw(self, chosen: ChosenFile) -> None:
        """Ask for a reason and take a chosen file back."""
        sheet = WithdrawSheet(self._page, chosen)
        sheet.submitted.connect(self._withdraw)
        sheet.open()

    def export_list(
        self,
        name: str,
        reader: Callable[[], Reader],
        ids: Sequence[int],
        heads: Sequence[str],
        columns: Sequence[Column[CatalogueEntry]],
    ) -> None:
        """Ask where to and write the shown list as CSV."""
        suggested = self._folder() / f"{safe_name(name)}.csv"
        target = self._targets.file(self._page, tr("Export the list as CSV"), suggested)
        if target is None:
            return
        if target.suffix.lower() != ".csv":
            target = target.with_name(f"{target.name}.csv")
        self._remember(target.parent)
        where = target
        title = tr("Export the list of {name}").format(name=name)

        def done(rows: int) -> None:
            n = text.plural(rows, tr("1 row"), tr("{n} rows"))
            self.told.emit(tr("The list was written to {path}, {rows}.").format(path=where, rows=n), "")

        self._context.jobs.start(
            self._page,
            lambda on_progress: write_csv(reader(), ids, heads, columns, where, on_progress),
            done=done,
            failed=lambda error: self._context.show_error(title, error),
            card=JobCard(title=title, icon="export", unit=tr("rows"), if_stopped=tr("No part of the list is kept.")),
        )

    def _choose(self, image: EvidenceImage, request: Choose) -> None:
        lab, actor = self._context.session.lab, self._context.session.actor

        def work(_: OnProgress) -> int:
            for entry in request.entries:
                lab.examine.choose(actor, image.id, entry, request.note)
            return len(request.entries)

        name = name_of(request.entries, tr("{n} files"))
        said = tr("Chosen for the report: {name}. The record has an entry of it.").format(name=name)
        self._run(tr("Choose {name}").format(name=name), work, lambda _: self.told.emit(said, ""))

    def _withdraw(self, request: Withdraw) -> None:
        lab, actor = self._context.session.lab, self._context.session.actor
        said = tr("Taken back. The record has an entry of it, with the reason.")
        self._run(
            tr("Take the file back"),
            lambda _: lab.examine.withdraw(actor, request.chosen.id, request.reason),
            lambda _: self.told.emit(said, ""),
        )

    def _tell_export(self, made: FileExport) -> None:
        words = tr("Exported to {path}, {size}. SHA-256 {digest}. Read back and equal; the record has an entry of it.")
        digest, size = text.digest_text(made.sha256), text.bytes_text(made.size_bytes)
        self.told.emit(words.format(path=made.target, size=size, digest=digest), made.sha256.hex())

    def _tell_tree(self, made: TreeExport) -> None:
        words = tr(
            "{what} exported to {path}, {size}. Each file was read back; manifest.json has its SHA-256,"
            " and the record that of the manifest."
        )
        what = text.plural(made.files, tr("1 file"), tr("{n} files"))
        if made.folders:
            folders = text.plural(made.folders, tr("1 folder"), tr("{n} folders"))
            what = tr("{files} and {folders}").format(files=what, folders=folders)
        said = words.format(
            what=what,
            path=made.target,
            size=text.bytes_text(made.size_bytes),
        )
        if made.left_out:
            out = text.plural(made.left_out_count, tr("1 entry was left out"), tr("{n} entries were left out"))
            first = made.left_out[0]
            rest = tr("The manifest says of each why.") if made.left_out_count > 1 else ""
            said += f" {out}: {visible(first.path)}: {first.why} {rest}".rstrip()
        self.told.emit(said, made.manifest_sha256.hex())

    def _run(
        self,
        title: str,
        work: Callable[[OnProgress], T],
        done: Callable[[T], None],
        card: JobCard | None = None,
    ) -> None:
        def finish(answer: T) -> None:
            done(answer)
            self.record_changed.emit()

        def fail(error: Exception) -> None:
            self._context.show_error(title, error)
            self.record_changed.emit()

        self._context.jobs.start(
            self._page, work, done=finish, failed=fail, cancelled=self.record_changed.emit, card=card
        )

    def _folder(self) -> Path:
        return last_folder(self._preferences)

    def _remember(self, folder: Path) -> None:
        remember_folder(self._preferences, folder)
