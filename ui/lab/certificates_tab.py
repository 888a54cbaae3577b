"""With what people sign reports in the file: the lab's own authority, who asked, and certificates from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from forensics_app.errors import UsageError
from forensics_app.model.person import Role
from forensics_app.services.certificates import certificate_pem
from ui import text
from ui.announce import announce
from ui.lab.certificate_sheets import CertificateAsked, ImportCertificateSheet, TokenAsked, TokenSheet
from ui.lab.register_tab import RegisterTab
from ui.lab.sign_sheet import SignSheet
from ui.latest import Latest
from ui.models.cells import Cell, Column, Kind
from ui.recording import record, signed_as
from ui.saving import AskWhere, ask_where, file_name
from ui.tones import Tone
from ui.widgets.buttons import Button, allow
from ui.widgets.notes import Note

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.person import SignedIn
    from forensics_app.model.proof import Certificate, CertificateOf, PersonCertificate
    from ui.page import PageContext


class CertificatesTab(RegisterTab["PersonCertificate"]):
    """Everybody whose key is in force, with the certificate that goes with it."""

    def __init__(self, context: PageContext, *, ask: AskWhere = ask_where) -> None:
        """Show nothing yet; ``ask`` tells where a file goes."""
        self._ask_where = ask
        mine = Button(_tr("Ask for mine…"), name="askCertificate", icon="sign")
        self._import = Button(_tr("Take one from outside…"), name="importCertificate", icon="import")
        self._token = Button(_tr("Take one from a token…"), name="importToken", icon="key")
        self._issue = Button(_tr("Certify who asked…"), name="issueCertificates", icon="check")
        self._make = Button(_tr("Make the authority…"), name="makeAuthority", icon="key")
        self._save = Button(_tr("Save its certificate…"), name="saveAuthority", kind="quiet", icon="export")
        self._said = Note(Tone.NONE, "", name="certificatesNote")
        super().__init__(
            context, name="certificates", title=_tr("Certificates"),
            columns=_columns(ZoneInfo(context.session.lab.info.zone)), key=lambda one: one.person.id,
            read=lambda lab: lab.certificates.list(), hint=_tr("Type to filter: person, state, issuer, SHA-256"),
            acts=(mine, self._import, self._token, self._issue, self._make, self._save),
            empty=_tr("Nobody has a key in force."), note=self._said,
        )  # fmt: skip
        self._authority: CertificateOf | None = None
        self._naming = Latest(self, context.jobs)
        self.note_row.hide()
        mine.clicked.connect(lambda: self._naming.afterwards(self._ask_for_mine))
        self._import.clicked.connect(self._ask_import)
        self._token.clicked.connect(self._ask_token)
        self._issue.clicked.connect(lambda: self._naming.afterwards(self._ask_issue))
        self._make.clicked.connect(lambda: self._naming.afterwards(self._ask_authority))
        self._save.clicked.connect(lambda: self._naming.afterwards(self._save_authority))

    def refresh(self) -> None:
        """Read the certificates, and who issues them."""
        super().refresh()
        lab = self.context.session.lab
        self._naming.ask(
            lambda _: lab.certificates.authority(), self._take_authority,
            lambda error: self.context.show_error(self.accessibleName(), error),
        )  # fmt: skip

    def show_acts(self) -> None:
        """Everybody asks for their own; an administrator makes the authority, and certifies with that key."""
        person = self.context.session.actor.person
        is_administrator = Role.ADMINISTRATOR in person.roles
        only = "" if is_administrator else self.tr("Administrators do this.")
        authority, mine = self._authority, next((one for one in self.records if one.person.id == person.id), None)
        none_yet = "" if authority else self.tr("The lab has no authority yet; an administrator makes it.")
        has_one = self.tr("You have one for your key.") if mine and mine.certificate else ""
        asked = (
            self.tr("You asked already; an administrator certifies who asked.") if mine and mine.is_requested else ""
        )
        not_theirs = ""
        if authority and authority.key_id != person.key_id:
            words = self.tr("{name} made the authority; only the key that they had then certifies.")
            not_theirs = words.format(name=authority.person)
        allow(self.add_button, none_yet or has_one or asked)
        allow(self._issue, only or none_yet or not_theirs)
        allow(self._make, only)
        allow(self._save, none_yet)
        self._make.set_text(self.tr("Make another authority…") if authority else self.tr("Make the authority…"))

    def _take_authority(self, found: CertificateOf | None) -> None:
        if not self.context.session.is_open:
            return
        self._authority = found
        self.note_row.show()
        self._said.say(Tone.NONE if found else Tone.INFO, authority_words(found))
        self.show_acts()

    def _ask_for_mine(self) -> None:
        def work(lab: Lab, actor: SignedIn, _: None) -> None:
            lab.certificates.request(actor)

        self._sign(
            work, title=self.tr("Ask for a certificate"), name="askCertificateSheet", act=self.tr("Sign and ask"),
            sentences=(
                self.tr("An administrator certifies the key that you have now; your reports are signed with it."),
                self.tr("Who gets a new key asks again."),
            ),
        )  # fmt: skip

    def _ask_issue(self) -> None:
        waiting = [one.person.name for one in self.records if one.is_requested and one.certificate is None]
        who = self.tr("Certified are: {names}.").format(names=", ".join(waiting))
        nobody = self.tr("Nobody waits for a certificate.")

        def work(lab: Lab, actor: SignedIn, _: None) -> tuple[Certificate, ...]:
            return lab.certificates.issue(actor)

        def done(made: tuple[Certificate, ...]) -> None:
            announce(self, text.plural(len(made), self.tr("1 certificate issued"), self.tr("{n} certificates issued")))

        self._sign(
            work, done, title=self.tr("Certify who asked"), name="issueSheet", act=self.tr("Sign and certify"),
            sentences=(who if waiting else nobody, self.tr("The list of ended certificates is renewed with it.")),
        )  # fmt: skip

    def _ask_authority(self) -> None:
        def work(lab: Lab, actor: SignedIn, _: None) -> Certificate:
            return lab.certificates.create_authority(actor)

        another = self.tr("Certificates of the authority until now stay what they are until their owner's key ends.")
        self._sign(
            work, title=self.tr("Make the lab's authority"), name="authorityCertificateSheet",
            act=self.tr("Sign and make it"), warning=another if self._authority else "",
            sentences=(
                self.tr("It certifies who signs reports. Its key opens with your passphrase, and with nobody else's."),
                self.tr("Readers trust it by its SHA-256; give that on paper to whoever asks for it."),
            ),
        )  # fmt: skip

    def _sign(
        self, work: Callable[[Lab, SignedIn, None], Any], done: Callable[[Any], None] = lambda _: None, **words: Any
    ) -> None:
        sheet = SignSheet(
            self, subtitle=self.tr("It becomes an entry of the lab chain"),
            signed_as=signed_as(self.context.session.actor.person), **words,
        )  # fmt: skip
        record(self.context, sheet, work, done)

    def _ask_import(self) -> None:
        sheet = ImportCertificateSheet(self, actor=self.context.session.actor.person)

        def work(lab: Lab, actor: SignedIn, asked: CertificateAsked) -> Certificate:
            try:
                content = asked.path.read_bytes()
            except OSError as error:
                raise UsageError(f"{asked.path} cannot be read: {error.strerror}.") from error
            return lab.certificates.import_pkcs12(actor, content, asked.passphrase)

        record(self.context, sheet, work, self._say_taken)

    def _ask_token(self) -> None:
        sheet = TokenSheet(self, actor=self.context.session.actor.person)

        def work(lab: Lab, actor: SignedIn, asked: TokenAsked) -> Certificate:
            return lab.certificates.import_token(actor, asked.place, asked.pin)

        record(self.context, sheet, work, self._say_taken)

    def _say_taken(self, made: Certificate) -> None:
        words = self.tr("You sign reports as {subject}, certified by {issuer}")
        announce(self, words.format(subject=made.subject, issuer=made.issuer))

    def _save_authority(self) -> None:
        authority, title = self._authority, self.tr("Save the certificate of the authority")
        if authority is None:
            return
        path = self._ask_where(self, title, file_name(self.tr("authority"), suffix=".pem"), "PEM (*.pem)")
        if path is None:
            return
        lab, words = self.context.session.lab, certificate_pem(authority.certificate).encode()
        self.context.jobs.start(
            self, lambda _: lab.reporting.save_copy(words, path),
            done=lambda _: announce(self, self.tr("Written to {path}").format(path=path)),
            failed=lambda error: self.context.show_error(title, error),
        )  # fmt: skip


def authority_words(found: CertificateOf | None) -> str:
    """Who certifies, until when, and the digest that readers compare."""
    if found is None:
        return _tr("No authority yet: reports are signed in the ledger alone, until an administrator makes one here.")
    one = found.certificate
    words = _tr("{subject}, made by {name}, certifies until {day}.\nSHA-256 {digest}")
    return words.format(
        subject=one.subject, name=found.person, day=one.valid_until.date(), digest=text.digest_text(one.sha256)
    )


def _columns(zone: ZoneInfo) -> tuple[Column[PersonCertificate], ...]:
    def state(one: PersonCertificate) -> Cell:
        if one.certificate is not None:
            return Cell(_tr("Has one"), Kind.BADGE, tone=Tone.OK)
        return Cell(_tr("Asked"), Kind.BADGE, tone=Tone.LATE) if one.is_requested else Cell(_tr("None"), Kind.BADGE)

    def valid(one: PersonCertificate) -> Cell:
        if one.certificate is None:
            return Cell("")
        until = text.time_text(one.certificate.valid_until, zone, to_minute=True)
        return Cell(until, Kind.TWO, one.certificate.issuer)

    return (
        Column(
            key="person", title=_tr("Person"), width_px=190, stretch=True,
            cell=lambda one: Cell(one.person.name, Kind.TWO, one.person.function, "person"),
        ),
        Column(key="state", title=_tr("Certificate"), cell=state, width_px=110),
        Column(
            key="valid", title=_tr("Valid until ({zone}), issued by").format(zone=zone.key), cell=valid, width_px=260
        ),
        Column(
            key="sha256", title=_tr("SHA-256 of the certificate"), width_px=170,
            cell=lambda one: Cell(
                text.short_digest_text(one.certificate.sha256, groups=2) if one.certificate else "", Kind.MONO
            ),
        ),
    )  # fmt: skip


def _tr(words: str) -> str:
    return QCoreApplication.translate("Certificates", words)
