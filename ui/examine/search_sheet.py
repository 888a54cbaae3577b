"""The dialogs of a search: what is looked for and where; and showing a secret to two people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from forensics_app.model.search import (
    ENCODINGS,
    USUAL_ENCODINGS,
    SearchHit,
    SearchRequest,
    Space,
    secret_key,
    term_lines,
)
from ui.examine.words import tr
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.wrap_layout import WrapLayout

_MOST_BYTES = 8 * 1024 * 1024


class SearchSheet(FormSheet):
    """Asks what is looked for; ``submitted`` carries a :class:`SearchRequest`."""

    def __init__(self, parent: QWidget, image_number: str, signed_as: str, images: int = 1) -> None:
        """Search the image with that number, or all of the case's ``images``."""
        super().__init__(
            parent, title=self.tr("Search the content"), subtitle=image_number, name="searchSheet",
            act=self.tr("Search"), width_px=680,
        )  # fmt: skip
        self._form = forms.Form()
        terms = forms.Field(
            self.tr("Words"), forms.text_edit(lines=4), name="searchTerms", optional=True,
            hint=self.tr("One on each line, as it stands in the text: blanks and signs count too."),
        )  # fmt: skip
        self._terms = self._form.add(terms)
        expressions = forms.Field(
            self.tr("Regular expressions"), forms.text_edit(lines=2), name="searchExpressions", optional=True,
            hint=self.tr("One on each line, such as [a-z]+@example\\.org or \\d{2}-\\d{4}."),
        )  # fmt: skip
        self._expressions = self._form.add(expressions)
        read = Button(self.tr("Words from a file…"), name="searchTermsFile", icon="import")
        read.clicked.connect(self._ask_file)
        self._detect = forms.check(
            self.tr("Also addresses, accounts, cards, keys and seed phrases (slower; not in UTF-16BE)"),
            name="searchDetect",
        )
        self._all = forms.check(
            self.tr("All {n} images of the case, one after the other").format(n=images), name="searchAllImages"
        )
        self._all.setVisible(images > 1)
        self._secret = forms.check(
            self.tr("The words are secrets, as passwords are: the record has none of them"), name="searchSecret"
        )
        self._match_case = forms.check(self.tr("Capital and small letters differ"), name="searchMatchCase")
        self._documents = forms.check(self.tr("Also the text of documents"), name="searchDocuments", on=True)
        self._spaces = {
            space: forms.check(_space_words(space), name=f"searchIn{space.name.capitalize()}", on=True)
            for space in Space
        }
        self._encodings = {
            name: forms.check(words, name=f"searchEncoding-{name}", on=name in USUAL_ENCODINGS)
            for name, words in ENCODINGS.items()
        }
        choices = vbox(self._detect, self._match_case, self._documents, self._secret)
        self.fill(
            self._form,
            plain(hbox(read, None)),
            plain(choices),
            label(self.tr("Where"), "label"),
            self._all,
            plain(WrapLayout(*self._spaces.values())),
            label(self.tr("How words may be written"), "label"),
            plain(WrapLayout(*self._encodings.values())),
            signed_as=signed_as,
        )

    def entry_forms(self) -> Sequence[forms.Form]:
        """Words and expressions."""
        return (self._form,)

    def problem(self) -> str:
        """Why nothing can be searched yet."""
        request = self.request()
        self._terms.set_error("")
        if not (request.terms or request.expressions or request.detect):
            self._terms.set_error(self.tr("Write what to look for, or let detectors look."))
            return self.tr("See the marked fields.")
        if not request.spaces:
            return self.tr("Choose where to look.")
        if not request.encodings:
            return self.tr("Choose how words may be written.")
        return super().problem()

    def request(self) -> SearchRequest:
        """What is asked for."""
        return SearchRequest(
            terms=_lines(self._terms),
            expressions=_lines(self._expressions),
            encodings=tuple(name for name, box in self._encodings.items() if box.isChecked()),
            any_case=not self._match_case.isChecked(),
            detect=self._detect.isChecked(),
            documents=self._documents.isChecked(),
            spaces=tuple(space for space, box in self._spaces.items() if box.isChecked()),
            secret_key=secret_key() if self._secret.isChecked() else "",
        )

    @property
    def is_of_all(self) -> bool:
        """Whether all images of the case are to be searched."""
        return self._all.isChecked()

    def take_file(self, path: Path) -> None:
        """Put the lines of a file behind the words, or say why not."""
        try:
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
            if len(content) > _MOST_BYTES:
                self._terms.set_error(self.tr("The file is larger than 8 MiB."))
                return
            more = term_lines(content)
        except OSError as error:
            self._terms.set_error(self.tr("The file cannot be read: {why}.").format(why=error.strerror))
            return
        except ValueError:
            self._terms.set_error(self.tr("The file is no text in UTF-8 or UTF-16. Save it as UTF-8 and try again."))
            return
        held = self._terms.text()
        self._terms.set_text("\n".join(part for part in (held, *more) if part))

    def _ask_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Words from a file"))
        if chosen:
            self.take_file(Path(chosen))


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealRequest:
    """Who answers for it too, with their passphrase, and why."""

    second: str
    passphrase: str
    reason: str


class RevealSheet(FormSheet):
    """Asks for the second person and the reason; ``submitted`` carries a :class:`RevealRequest`."""

    def __init__(self, parent: QWidget, hit: SearchHit, people: Sequence[str], signed_as: str) -> None:
        """Show ``hit`` to the person at the desk and one of ``people``."""
        super().__init__(
            parent, title=self.tr("Show the {kind}").format(kind=hit.kind), subtitle=hit.text, name="revealSheet",
            act=self.tr("Show it to both"), kind="danger", width_px=520,
        )  # fmt: skip
        self._form = forms.Form()
        box = forms.choice(list(people))
        self._second = self._form.add(forms.Field(self.tr("Second person"), box, name="revealSecond"))
        edit = forms.PassphraseEdit()
        rule = forms.required(self.tr("Let the second person type it."))
        self._passphrase = self._form.add(
            forms.Field(self.tr("Their passphrase"), edit, name="revealPassphrase"), rule=rule
        )
        field = forms.Field(self.tr("Reason"), forms.text_edit(lines=3), name="revealReason")
        self._reason = self._form.add(field, rule=forms.required(self.tr("Write the reason.")))
        what = self.tr(
            "Whoever reads it owns what it opens. It is shown once, on this screen; it is not kept, and stands in no "
            "report. That it was shown, to whom and why, becomes an entry signed by both."
        )
        self.fill(label(what, wrap=True), self._form, signed_as=signed_as)

    def entry_forms(self) -> Sequence[forms.Form]:
        """Person, passphrase and reason."""
        return (self._form,)

    def request(self) -> RevealRequest:
        """Who and why."""
        return RevealRequest(second=self._second.text(), passphrase=self._passphrase.text(), reason=self._reason.text())


def _lines(field: forms.Field) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in field.text().splitlines() if line.strip()))


def _space_words(space: Space) -> str:
    return {
        Space.FILES: tr("Files"),
        Space.DELETED: tr("Deleted files"),
        Space.SLACK: tr("Slack"),
        Space.UNALLOCATED: tr("Unallocated space"),
        Space.GAPS: tr("Metadata and gaps"),
    }[space]
