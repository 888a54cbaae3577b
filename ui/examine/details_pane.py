"""Every fact about what is looked at, and every time of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from forensics_app.model.logical import volume_around
from ui import text
from ui.examine.stamps import stamp_lines
from ui.examine.words import (
    encryption_name,
    entropy_words,
    entry_name,
    kind_words,
    marks_words,
    state_words,
    type_name,
    visible,
    why_no_files,
)
from ui.exhibits.words import container_words, digest_words
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import label, set_tone
from ui.widgets.layout import hbox, line, plain, scrolled, vbox
from ui.widgets.notes import Fact, facts, mono, note

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry, Volume
    from forensics_app.model.finding import ChosenFile
    from forensics_app.model.hash_set import EntrySets
    from forensics_app.model.image import EvidenceImage
    from ui.examine.places import Subject

_LABEL_PX = 76
_MARGINS = (Space.M, Space.M, Space.M, Space.M)


class _Column(QFrame):
    """A column of parts that is built anew for each subject."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setProperty("pane", True)
        self._body = QVBoxLayout()
        self._body.setContentsMargins(*_MARGINS)
        self._body.setSpacing(Space.S)
        self.content = plain(self._body)
        self.area = scrolled(self.content, name=f"{name}Scroll")

    def fill(self, parts: Sequence[QWidget]) -> None:
        """Show these parts, from the top."""
        while item := self._body.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for part in parts:
            self._body.addWidget(part)
        self._body.addStretch(1)
        self.area.verticalScrollBar().setValue(0)


class DetailsPane(_Column):
    """The facts; at the foot what can be done with the selected files."""

    choose_asked = Signal()
    withdraw_asked = Signal(object)
    export_asked = Signal()

    def __init__(self) -> None:
        """Start without a subject."""
        super().__init__("detailsPane", self.tr("Details"))
        self._chosen: ChosenFile | None = None
        self._sets: QLabel | None = None
        self.tags_of: Callable[[CatalogueEntry], tuple[str, ...]] = lambda entry: ()
        self.choose = Button(
            self.tr("Choose for report…"),
            name="chooseForReport",
            kind="primary",
            tip=self.tr("Choose for report (Ctrl+R)"),
        )
        self.export = Button(self.tr("Export…"), name="exportFile", tip=self.tr("Export (Ctrl+E)"))
        self.choose.clicked.connect(self.choose_asked)
        self.export.clicked.connect(self.export_asked)
        self.withdraw = Button(self.tr("Take back…"), name="withdrawChosen", tip=self.tr("Take it out of the report"))
        self.withdraw.clicked.connect(lambda: self.withdraw_asked.emit(self._chosen))
        self._foot = plain(
            hbox(self.choose, self.withdraw, self.export, None, margins=(Space.M, Space.S, Space.M, Space.S))
        )
        self.setLayout(vbox((self.area, 1), line(), self._foot, gap=0))
        self._foot.hide()

    def show_subject(self, subject: Subject | None, chosen: ChosenFile | None, zone: tzinfo) -> None:
        """Tell everything about a subject; ``chosen`` is what the record holds when it is chosen for the report."""
        of_entry = subject is not None and subject.entry is not None
        self._foot.setVisible(subject is not None)
        for button in (self.choose, self.withdraw):
            button.setVisible(of_entry)
        self._sets = None
        if subject is None:
            self.fill([label(self.tr("Choose a file, a folder or a volume."), "muted", wrap=True)])
        elif subject.entry:
            self._chosen = chosen
            self.choose.setVisible(chosen is None)
            self.withdraw.setVisible(chosen is not None)
            self.fill(self._entry_parts(subject.entry, chosen, zone))
        elif subject.unallocated and subject.volume:
            self.fill(self._unallocated_parts(subject.volume))
        elif subject.volume:
            self.fill(self._volume_parts(subject.volume, subject.volume_start_bytes))
        else:
            self.fill(self._image_parts(subject.image))

    def show_sets(self, found: EntrySets | None) -> None:
        """Tell which hash sets the entry that is shown is in; None where it was not looked up."""
        if found is None:
            self._say_sets(self.tr("Not looked up"))
        elif found.matches:
            words = "\n".join(visible(match.words) for match in found.matches)
            self._say_sets(words, is_alert=any(match.is_alert for match in found.matches))
        elif not found.looked_up_in:
            self._say_sets(self.tr("Not compared: no hash set of the lab holds MD5 or SHA-256, as the catalogue does"))
        else:
            one, many = self.tr("Not in the one that was asked"), self.tr("In none of the {n} that were asked")
            self._say_sets(text.plural(found.looked_up_in, one, many))

    def show_sets_unreadable(self, why: str) -> None:
        """Tell why it is not known which hash sets the entry is in."""
        self._say_sets(visible(why))

    def _say_sets(self, words: str, *, is_alert: bool = False) -> None:
        if self._sets is not None:
            self._sets.setText(words)
            self._sets.setAccessibleName(f"{self.tr('Hash sets')}: {words}")
            set_tone(self._sets, "bad" if is_alert else "")

    def _entry_parts(self, entry: CatalogueEntry, chosen: ChosenFile | None, zone: tzinfo) -> list[QWidget]:
        parts: list[QWidget] = [label(entry_name(entry), "section", wrap=True, select=True, name="entryName")]
        if chosen:
            parts.append(self._chosen_note(chosen, zone))
        parts.append(plain(facts(self._entry_facts(entry), label_px=_LABEL_PX)))
        if entry.note:
            parts.append(note(Tone.WARN, visible(_sentence(entry.note)), name="entryNote"))
        for algorithm, digest in (("md5", entry.md5), ("sha256", entry.sha256)):
            if digest:
                parts.append(DigestView(digest_words(algorithm), digest, groups_a_line=2))
        if entry.kind != "directory" and not entry.sha256:
            parts.append(label(self.tr("No digest in the catalogue."), "caption", wrap=True))
        return parts

    def _entry_facts(self, entry: CatalogueEntry) -> list[tuple[str, Fact]]:
        state = state_words(entry)
        volume_id = volume_around(entry.volume_id)
        whole = self.tr("{address} in {volume}").format(address=entry.address, volume=volume_id)
        rows: list[tuple[str, Fact]] = [
            (self.tr("Address"), mono(whole)),
            *([(self.tr("Lies in"), self.tr("An archive"))] if volume_id != entry.volume_id else []),
            (self.tr("State"), Badge(Tone.NONE, state, bare=True) if state else self.tr("Allocated")),
            *([(self.tr("Kind"), self.tr("Alternate data stream"))] if entry.kind == "stream" else []),
            (self.tr("Size"), text.bytes_text(entry.size_bytes)),
            (self.tr("Type"), type_name(entry.mime) if entry.mime else kind_words(entry)),
        ]
        if entry.mime:
            rows.append((self.tr("In full"), f"{entry.mime}; {visible(entry.type_text or '')}".rstrip("; ")))
        if entry.mismatch:
            words = self.tr("Extension .{extension} is not of this type").format(extension=visible(entry.extension))
            rows.append((self.tr("Extension"), words))
        if entry.marks:
            rows.append((self.tr("Marks"), marks_words(entry)))
        if entry.entropy_head_millibits is not None:
            rows.append((self.tr("Entropy"), entropy_words(entry.entropy_head_millibits, entry.size_bytes)))
        if entry.md5 or entry.sha256:
            self._sets = label("", wrap=True, select=True, name="hashSetsOfEntry")
            rows.append((self.tr("Hash sets"), self._sets))
        if tags := self.tags_of(entry):
            rows.append((self.tr("Tags"), label(", ".join(tags), wrap=True, select=True, name="tagsOfEntry")))
        rows.append((self.tr("Path"), mono(visible(entry.path))))
        if entry.name_bytes is not None:
            rows.append((self.tr("Name, bytes"), mono(entry.name_bytes.hex(" "))))
        elif not entry.name.isprintable():
            rows.append((self.tr("Name, code points"), mono(" ".join(f"{ord(char):04X}" for char in entry.name))))
        if entry.link_target:
            rows.append((self.tr("Links to"), mono(visible(entry.link_target))))
        return rows

    def _chosen_note(self, chosen: ChosenFile, zone: tzinfo) -> QWidget:
        at = text.time_text(chosen.chosen_at, zone)
        words = self.tr("Chosen for the report {time}.").format(time=at)
        return note(Tone.INFO, f"{words} {chosen.note}".strip(), name="chosenNote")

    def _volume_parts(self, volume: Volume, start_bytes: int) -> list[QWidget]:
        fs = volume.file_system
        rows: list[tuple[str, Fact]] = [
            (self.tr("Kind"), volume.kind.capitalize()),
            (self.tr("Begins at"), mono(f"0x{start_bytes:X}  {text.count_text(start_bytes)}")),
            (self.tr("Size"), text.bytes_text(volume.length_bytes)),
        ]
        if volume.encryption:
            state = self.tr("locked") if volume.locked else self.tr("open")
            rows.append((self.tr("Encryption"), f"{encryption_name(volume)}, {state}"))
        if volume.partition_table:
            rows.append((self.tr("Table"), volume.partition_table.scheme.upper()))
        if fs:
            rows += [
                (self.tr("File system"), fs.type.upper()),
                (self.tr("Label"), visible(fs.label or "") or self.tr("none")),
            ]
            rows += [(self.tr("Serial"), mono(visible(fs.serial)))] if fs.serial else []
            rows += [(self.tr("Block"), text.bytes_text(fs.block_bytes))] if fs.block_bytes else []
            if fs.counts:
                rows.append((self.tr("Entries"), self._counts(volume)))
        parts: list[QWidget] = [label(f"{volume.id}  {visible(volume.description)}", "section", wrap=True, select=True)]
        parts.append(plain(facts(rows, label_px=_LABEL_PX)))
        if fs is None and volume.partition_table is None:
            parts.append(label(why_no_files(volume), "muted", wrap=True))
        return parts

    def _unallocated_parts(self, volume: Volume) -> list[QWidget]:
        system = volume.file_system
        rows: list[tuple[str, Fact]] = [
            (self.tr("Volume"), f"{volume.id}, {visible(volume.description)}"),
            (self.tr("File system"), system.type.upper() if system else ""),
            (self.tr("Block"), text.bytes_text(system.block_bytes) if system and system.block_bytes else ""),
            (self.tr("Found by"), self.tr("The file system's own record of the blocks in use")),
            (self.tr("Offsets"), self.tr("Count through all stretches; beside a selection stands where it lies")),
        ]
        return [
            label(self.tr("Unallocated space"), "section", wrap=True, name="unallocatedName"),
            plain(facts([row for row in rows if row[1]], label_px=_LABEL_PX)),
        ]

    def _counts(self, volume: Volume) -> str:
        counts = volume.file_system.counts if volume.file_system else None
        if counts is None:
            return ""
        return self.tr("{files} files, {folders} folders, {deleted} deleted, {orphans} of them orphans").format(
            files=text.count_text(counts.files),
            folders=text.count_text(counts.directories),
            deleted=text.count_text(counts.deleted),
            orphans=text.count_text(counts.orphans),
        )

    def _image_parts(self, image: EvidenceImage) -> list[QWidget]:
        source = image.source
        rows: list[tuple[str, Fact]] = [
            (self.tr("Container"), container_words(source)),
            (self.tr("Media"), text.bytes_text(source.media_bytes)),
            (self.tr("Sector"), text.bytes_text(source.sector_bytes)),
            (self.tr("Files"), mono("\n".join(str(path) for path in source.paths[:4]))),
            (self.tr("Integrity"), str(image.integrity)),
        ]
        if image.decision:
            rows.append((self.tr("Decision"), image.decision))
        parts: list[QWidget] = [
            label(image.number, "section", wrap=True, select=True),
            plain(facts(rows, label_px=_LABEL_PX)),
        ]
        if image.unreadable:
            size = sum(region.length_bytes for region in image.unreadable)
            words = self.tr("{n} of the media could not be read at intake.").format(n=text.bytes_text(size))
            parts.append(note(Tone.WARN, words))
        parts += [DigestView(digest_words(key), value, groups_a_line=2) for key, value in image.digests.items()]
        return parts


class TimesPane(_Column):
    """Each time: where the file system keeps it, in the page's zone and in UTC, and what the number means."""

    def __init__(self) -> None:
        """Start without a subject."""
        super().__init__("timesPane", self.tr("Times"))
        self._tell: Callable[[], Sequence[QWidget]] | None = None
        self.setLayout(vbox((self.area, 1), gap=0))

    def show_entry(self, entry: CatalogueEntry | None, zone: tzinfo, zone_name: str) -> None:
        """Tell every time of ``entry``: at once where this is in sight, else when it comes into sight."""
        self._tell = lambda: self._parts(entry, zone, zone_name)
        if self.isVisible():
            self._fill_anew()

    def showEvent(self, event: QShowEvent) -> None:
        """Tell what was asked for while something else was in sight."""
        self._fill_anew()
        super().showEvent(event)

    def _fill_anew(self) -> None:
        tell, self._tell = self._tell, None
        if tell:
            self.fill(tell())

    def _parts(self, entry: CatalogueEntry | None, zone: tzinfo, zone_name: str) -> Sequence[QWidget]:
        if entry is None:
            return [label(self.tr("Choose a file or a folder."), "muted", wrap=True)]
        lines = stamp_lines(entry, zone)
        if not lines:
            return [label(self.tr("The file system keeps no times of this entry."), "muted", wrap=True)]
        parts: list[QWidget] = [
            label(self.tr("UTC times are shown in {zone}.").format(zone=zone_name), "caption", wrap=True)
        ]
        for stamp in lines:
            rows: list[QWidget] = [label(stamp.name, "label"), _value(stamp.shown)]
            rows += [_value(stamp.utc)] if stamp.utc and stamp.utc != stamp.shown else []
            rows.append(label(stamp.meaning, "caption", wrap=True))
            box = plain(vbox(*rows, gap=1))
            box.setAccessibleName(f"{stamp.name}: {stamp.shown}, {stamp.utc}, {stamp.meaning}")
            parts.append(box)
        return parts


def _value(words: str) -> QWidget:
    return label(words, "mono", wrap=True, select=True)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
