"""Certificates with which people sign reports: the lab's own authority, requests, issues and endings in the lab chain.

Private keys are derived from ledger keys, so whoever may sign an entry may sign a report, and nothing more is to be
kept (decision 0021). Keys from outside (PKCS #12) are kept in the lab folder, sealed for their owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from chain_of_custody.certificate_rules import AUTHORITY, IMPORT, ISSUE, REQUEST, REVOCATIONS
from chain_of_custody.enrolment import REPLACE, REVOKE
from chain_of_custody.errors import SealedSecretError
from chain_of_custody.ledger import Content, Json, Subject, utc_text
from chain_of_custody.sealing import seal, unseal
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_about
from forensics_app.db.mapping import person_of
from forensics_app.db.rows import records
from forensics_app.db.tables import PERSON
from forensics_app.errors import RefusedError
from forensics_app.model.lab import LabInfo
from forensics_app.model.names import storable
from forensics_app.model.person import Person, Role, SignedIn
from forensics_app.model.proof import Certificate, CertificateOf, PersonCertificate, TokenPlace
from forensics_app.proof import certificates as x509
from forensics_app.proof.errors import CertificateError
from forensics_app.services.certificate_record import CERTIFICATES_ID, certificate_in, of_action, recorded_authorities
from forensics_app.services.folder import LabFolder, content_of, write_whole
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, lab_chain
from forensics_app.services.token_modules import choose, usable

if TYPE_CHECKING:
    from forensics_app.proof.tokens import TokenIdentity

_AUTHORITY_PURPOSE, _SIGNING_PURPOSE = "certificate-authority", "report-signing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Use cases about certificates."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    now: Callable[[], datetime]

    def authority(self) -> CertificateOf | None:
        """The lab's own authority; None until an administrator makes it. A newer one takes its place."""
        return next(iter(reversed(self.authorities())), None)

    def authorities(self) -> tuple[CertificateOf, ...]:
        """Every authority that the lab had, oldest first."""
        with self.db.reading() as connection:
            return tuple(certificate_in(one) for one in of_action(self._contents(connection), AUTHORITY))

    def list(self) -> tuple[PersonCertificate, ...]:
        """Everybody whose key is in force, by name, with the certificate that goes with the key they have now."""
        with self.db.reading() as connection:
            contents = self._contents(connection)
            query = select(PERSON).where(PERSON.c.revoked_at.is_(None)).order_by(PERSON.c.name)
            people = records(connection, query, person_of)
        asked = {content.facts["key"] for content in of_action(contents, REQUEST)}
        return tuple(
            PersonCertificate(
                person=person,
                certificate=None if (found := _newest(contents, person)) is None else found.certificate,
                is_requested=person.key_id in asked,
            )
            for person in people
        )

    def revocation_lists(self) -> tuple[bytes, ...]:
        """The newest list of ended certificates of each authority that the lab had, in DER, oldest first."""
        with self.db.reading() as connection:
            newest = {one.facts["authority"]: one for one in of_action(self._contents(connection), REVOCATIONS)}
        return tuple(bytes.fromhex(str(one.facts["list"])) for one in newest.values())

    def create_authority(self, actor: SignedIn) -> Certificate:
        """Make the lab's own authority, whose key only the passphrase of this administrator opens.

        Certificates of an authority before it stay what they are until their owner's key ends; then :meth:`issue` ends
        them, too, by the record alone where the key of that authority is not the actor's.

        Raises:
            PermissionRefusedError: The actor is no administrator.
        """
        require(actor, "make the authority that certifies who signs reports", Role.ADMINISTRATOR)
        at, salt = self.now(), x509.new_salt()
        key = x509.derived_key(actor.key.derive, _AUTHORITY_PURPOSE, salt)
        made = x509.read_certificate(x509.make_authority(key, self.lab.name, x509.utc(at)))
        facts = {**_facts(made), "person": str(actor.person.id), "key": actor.key.key_id, "salt": salt.hex()}
        with self.db.writing() as connection:
            writer = Writer(connection, at)
            self._append(writer, actor, AUTHORITY, made.subject, facts)
            self._end(connection, writer, actor)
        return made

    def request(self, actor: SignedIn) -> None:
        """Ask for a certificate for the key that the actor has now; it is asked for once.

        Raises:
            RefusedError: The lab has no authority, or there is a certificate for this key already.
        """
        with self.db.writing() as connection:
            contents = self._contents(connection)
            if not of_action(contents, AUTHORITY):
                raise RefusedError(
                    "This lab has no authority that certifies who signs reports.",
                    then="Let an administrator make it: certificate authority.",
                )
            if _newest(contents, actor.person) is not None:
                raise RefusedError(f"{actor.person.name} has a certificate for this key already.")
            if any(one.facts["key"] == actor.key.key_id for one in of_action(contents, REQUEST)):
                return
            salt = x509.new_salt()
            key = x509.derived_key(actor.key.derive, _SIGNING_PURPOSE, salt)
            facts: dict[str, Json] = {
                "person": str(actor.person.id),
                "key": actor.key.key_id,
                "salt": salt.hex(),
                "request": x509.request_of(key, actor.person.name).hex(),
            }
            self._append(Writer(connection, self.now()), actor, REQUEST, actor.person.name, facts)

    def issue(self, actor: SignedIn) -> tuple[Certificate, ...]:
        """Certify everybody who asked and whose key is in force, and renew the list of ended certificates.

        Args:
            actor: The administrator who made the authority, with the key that they had then.

        Raises:
            PermissionRefusedError: The actor is no administrator.
            RefusedError: The lab has no authority, or somebody else made it.
        """
        require(actor, "certify who signs reports", Role.ADMINISTRATOR)
        at = self.now()
        with self.db.writing() as connection:
            contents = self._contents(connection)
            authority, key = self._opened_authority(actor, contents)
            writer, issued = Writer(connection, at), []
            for asked, person in self._waiting(connection, contents):
                request = bytes.fromhex(str(asked.facts["request"]))
                der = x509.issue(
                    key,
                    authority.certificate.der,
                    request,
                    name=person.name,
                    organisation=person.organisation,
                    at=x509.utc(at),
                )
                made = x509.read_certificate(der)
                facts = {**_facts(made), **{name: asked.facts[name] for name in ("person", "key", "salt")}}
                self._append(writer, actor, ISSUE, person.name, {**facts, "authority": authority.certificate.sha256})
                issued.append(made)
            self._end(connection, writer, actor)
        return tuple(issued)

    def import_pkcs12(self, actor: SignedIn, content: bytes, passphrase: str) -> Certificate:
        """Take a certificate from outside with its key, from a file of PKCS #12; it signs from now on.

        Raises:
            RefusedError: The file cannot be opened, its key is not that of its certificate, it names somebody else, or
                it does not sign reports now.
        """
        try:
            identity = x509.opened_pkcs12(content, passphrase)
            made = x509.read_certificate(identity.certificate)
            if not x509.fits(identity):
                raise CertificateError("its private key is not that of its certificate")
            _check(made, actor.person, self.now())
        except CertificateError as error:
            raise RefusedError(f"The certificate cannot be taken: {error.why}.") from error
        sealed = seal(actor.key, identity.private_key, _belongs(made.sha256))
        path = self.folder.signing_key(made.sha256, actor.key.key_id)
        if not path.exists():
            write_whole(path, [sealed.encode()])
        facts: dict[str, Json] = {
            **_facts(made),
            "person": str(actor.person.id),
            "key": actor.key.key_id,
            "issuers": [x509.pem_of(one) for one in identity.issuers],
        }
        with self.db.writing() as connection:
            self._append(Writer(connection, self.now()), actor, IMPORT, actor.person.name, facts)
        return made

    def import_token(self, actor: SignedIn, place: TokenPlace, pin: str) -> Certificate:
        """Take a certificate from outside whose key stays on a token (PKCS #11); it signs from now on.

        Where the token is found stands in the entry; the PIN is asked for at each signature, and kept nowhere. Its
        module is chosen by this act for this computer, on which no other is ever loaded.

        Raises:
            RefusedError: Token, key or certificate is not there, the PIN is wrong, it names somebody else or does
                not sign reports now, or the choice of the module cannot be kept.
        """
        from forensics_app.proof.tokens import look

        try:
            found = look(place, pin)
            made = x509.read_certificate(found.certificate)
            _check(made, actor.person, self.now())
        except CertificateError as error:
            raise RefusedError(f"The certificate cannot be taken: {error.why}.") from error
        choose(place.module)
        facts: dict[str, Json] = {
            **_facts(made),
            "person": str(actor.person.id),
            "key": actor.key.key_id,
            "issuers": [x509.pem_of(one) for one in found.issuers],
            "token": {
                "module": storable(str(place.module)),
                "slot": place.slot,
                "label": storable(place.token),
                "key_label": storable(place.key),
                "serial": storable(found.serial),
            },
        }
        with self.db.writing() as connection:
            self._append(Writer(connection, self.now()), actor, IMPORT, actor.person.name, facts)
        return made

    def token_of(self, person: Person) -> TokenPlace | None:
        """Where the token with somebody's newest certificate is, whose PIN is to be asked for; None if on none."""
        with self.db.reading() as connection:
            found = _newest(self._contents(connection), person)
        return None if found is None else found.token

    def identity(self, signer: SignedIn, pin: str | None = None) -> x509.Identity | TokenIdentity | None:
        """What signs for somebody: their newest certificate with its private key; None where they have none.

        Args:
            signer: Who signs.
            pin: Of their token, if their key is on one.

        Raises:
            RefusedError: The certificate does not sign reports now, its key cannot be opened, the PIN of its token is
                missing, or the module of its token was not chosen on this computer.
        """
        with self.db.reading() as connection:
            contents = self._contents(connection)
        found = _newest(contents, signer.person)
        if found is None or found.key_id != signer.key.key_id:
            return None
        if why := x509.unfit(found.certificate.der, self.now()):
            raise RefusedError(
                f"The certificate of {signer.person.name} signs no report: {why}.",
                then="Take another certificate, or take a new key and ask for a certificate for it.",
            )
        if found.token is not None:
            return self._on_token(signer, found, found.token, pin)
        if found.salt:
            private = x509.derived_key(signer.key.derive, _SIGNING_PURPOSE, found.salt)
        else:
            private = self._kept_key(signer, found.certificate.sha256)
        return x509.Identity(private_key=private, certificate=found.certificate.der, issuers=found.issuers)

    def _on_token(self, signer: SignedIn, found: CertificateOf, place: TokenPlace, pin: str | None) -> TokenIdentity:
        from forensics_app.proof.tokens import OnToken, TokenIdentity

        if pin is None:
            raise RefusedError(
                f"{signer.person.name} signs with a token, and its PIN was not given.",
                then="Put the token in, and give its PIN when the report is issued.",
            )
        der = found.certificate.der
        return TokenIdentity(found=OnToken(place=usable(place), certificate=der, issuers=found.issuers), pin=pin)

    def _kept_key(self, signer: SignedIn, sha256: str) -> bytes:
        path = self.folder.signing_key(sha256, signer.key.key_id)
        if not path.exists():
            path = self.folder.signing_key(sha256)
        try:
            sealed = content_of(path).decode("utf-8")
            return unseal(signer.key, sealed, _belongs(sha256))
        except (OSError, UnicodeDecodeError, SealedSecretError) as error:
            raise RefusedError(
                f"The private key for the certificate of {signer.person.name} cannot be opened.",
                then="Take the certificate from its file again: certificate import.",
            ) from error

    def _opened_authority(self, actor: SignedIn, contents: Sequence[Content]) -> tuple[CertificateOf, bytes]:
        found = of_action(contents, AUTHORITY)
        if not found:
            raise RefusedError("This lab has no authority yet.", then="Make it first: certificate authority.")
        authority = certificate_in(found[-1])
        if authority.key_id != actor.key.key_id:
            raise RefusedError(
                f"The authority was made by {found[-1].actor.name} with a key that is not yours.",
                then="Let them do it, or make a new authority: certificate authority.",
            )
        return authority, x509.derived_key(actor.key.derive, _AUTHORITY_PURPOSE, authority.salt)

    def _waiting(self, connection: Connection, contents: Sequence[Content]) -> Iterator[tuple[Content, Person]]:
        """Requests that were not answered, of people whose key is still the one that asked."""
        authority = certificate_in(of_action(contents, AUTHORITY)[-1]).certificate.sha256
        answered = {one.facts["key"] for one in of_action(contents, ISSUE) if one.facts["authority"] == authority}
        people = {str(one.id): one for one in records(connection, select(PERSON), person_of)}
        for asked in of_action(contents, REQUEST):
            person = people[str(asked.facts["person"])]
            if asked.facts["key"] not in answered and person.key_id == asked.facts["key"] and not person.revoked_at:
                yield asked, person

    def _end(self, connection: Connection, writer: Writer, actor: SignedIn) -> None:
        """Renew the list of ended certificates of each authority that the actor's key opens.

        What ended of the others, which nobody can sign a list for any more, stands beside the newest list in the entry.
        """
        contents = self._contents(connection)
        ended = _ended(connection, contents)
        authorities = [certificate_in(one) for one in of_action(contents, AUTHORITY)]
        mine = [one for one in authorities if one.key_id == actor.key.key_id]
        opened = {one.certificate.sha256 for one in mine}
        elsewhere: list[Json] = [
            {"sha256": one.certificate.sha256, "authority": one.authority, "since": utc_text(one.since)}
            for one in ended
            if one.authority not in opened
        ]
        for number, authority in enumerate(mine, len(of_action(contents, REVOCATIONS)) + 1):
            key = x509.derived_key(actor.key.derive, _AUTHORITY_PURPOSE, authority.salt)
            listed = [
                (one.certificate.der, one.since) for one in ended if one.authority == authority.certificate.sha256
            ]
            made = x509.revocations(key, authority.certificate.der, listed, x509.utc(writer.now), number)
            sha256 = authority.certificate.sha256
            facts: dict[str, Json] = {"list": made.hex(), "ended": len(listed), "authority": sha256}
            is_last = authority is mine[-1]
            told = {**facts, "ended_elsewhere": elsewhere} if is_last and elsewhere else facts
            self._append(writer, actor, REVOCATIONS, authority.certificate.subject, told)

    def _append(self, writer: Writer, actor: SignedIn, action: str, label: str, facts: dict[str, Json]) -> None:
        subject = Subject(kind="certificate", id=CERTIFICATES_ID, label=label)
        writer.append(lab_chain(self.lab), action, subject, facts, [("actor", actor)])

    def _contents(self, connection: Connection) -> Sequence[Content]:
        found = (entry.content for entry in entries_about(connection, [CERTIFICATES_ID]))
        return [content for content in found if content.chain == str(self.lab.id)]


def certificate_pem(certificate: Certificate) -> str:
    """A certificate in PEM, for other programs."""
    return x509.pem_of(certificate.der)


def _newest(contents: Sequence[Content], person: Person) -> CertificateOf | None:
    """The certificate that was recorded last for the key that a person has now, with those of who issued it."""
    authorities = {one.certificate.sha256: one.certificate.der for one in recorded_authorities(contents)}
    mine = [one for one in contents if one.action in (ISSUE, IMPORT) and one.facts["key"] == person.key_id]
    if not mine:
        return None
    newest = certificate_in(mine[-1])
    issuer = authorities.get(str(mine[-1].facts.get("authority", "")))
    return newest if issuer is None else replace(newest, issuers=(issuer,))


def _facts(made: Certificate) -> dict[str, Json]:
    return {"certificate": x509.pem_of(made.der), "sha256": made.sha256, "valid_until": made.valid_until.isoformat()}


def _check(made: Certificate, person: Person, at: datetime) -> None:
    if why := x509.unfit(made.der, at):
        raise CertificateError(why)
    if not x509.is_of(made.der, person.name):
        raise CertificateError(f"it names {made.subject}, and the record knows you as {person.name}")


def _belongs(sha256: str) -> dict[str, str]:
    return {"certificate": sha256}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """A certificate whose owner's ledger key is in force no more, the authority that issued it, and since when."""

    certificate: Certificate
    authority: str
    since: datetime


def _ended(connection: Connection, contents: Sequence[Content]) -> list[_Ended]:
    """The certificates that authorities of the lab issued and whose ledger key is in force no more."""
    ended = []
    for content in of_action(contents, ISSUE):
        person, key = str(content.facts["person"]), content.facts["key"]
        later = (one.content for one in entries_about(connection, [person]) if one.content.sequence > content.sequence)
        ends = [one for one in later if (one.action == REPLACE) == (one.facts.get("key") != key)]
        since = next((one.recorded_at for one in ends if one.action in (REPLACE, REVOKE)), None)
        if since is not None:
            told = certificate_in(content).certificate
            ended.append(_Ended(certificate=told, authority=str(content.facts["authority"]), since=since))
    return ended
