"""Time stamps of the lab chain: settings, requests that wait, and stamps, all entries of the lab chain (REQ-16)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from chain_of_custody.errors import TimeStampError
from chain_of_custody.ledger import Content, Json, Subject
from chain_of_custody.time_stamps import ATTACH, AUTHORITY, REQUEST
from chain_of_custody.time_tokens import Certificate, Token, certificates_of, fingerprint_of, pem_of
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_about, last_entry
from forensics_app.errors import RefusedError
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.time_stamp import StampOutcome, TimeAuthority, TimeStamp
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, lab_chain
from forensics_app.services.time_authority import AuthorityUnreachableError, checked_url, stamp

AUTHORITY_ID, STAMPS_ID = "time-authority", "time-stamps"
"""Ids of the objects of these entries: by them the entries are found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStamps:
    """Use cases about time stamps."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]

    def authority(self) -> TimeAuthority | None:
        """The authority that stamps for the lab; None until an administrator names one."""
        with self.db.reading() as connection:
            return _authority(self._contents(connection, AUTHORITY_ID))

    def certificates(self) -> tuple[str, ...]:
        """Certificates in PEM of every authority that ever stamped for the lab, oldest first."""
        with self.db.reading() as connection:
            contents = self._contents(connection, AUTHORITY_ID)
        return tuple(pem for content in contents for pem in _authority_of(content.facts).certificates)

    def set_authority(self, actor: SignedIn, name: str, url: str, certificates: str) -> TimeAuthority:
        """Name the authority that stamps from now on; stamps of earlier ones stay what they are.

        Args:
            actor: An administrator.
            name: What people call it.
            url: Where requests are sent.
            certificates: Its own certificates, or of who issued them, in PEM.

        Raises:
            PermissionRefusedError: The actor is no administrator.
            RefusedError: The name is missing, the URL is none, or the certificates cannot be read.
        """
        require(actor, "name a time-stamp authority", Role.ADMINISTRATOR)
        if not name.strip():
            raise RefusedError("A time-stamp authority needs a name.")
        try:
            found = certificates_of(certificates)
        except TimeStampError as error:
            raise RefusedError(
                "The certificates of the authority cannot be read.", then="Give a file in PEM, as the authority has it."
            ) from error
        facts: dict[str, Json] = {
            "name": name.strip(),
            "url": checked_url(url),
            "certificates": [pem_of(one) for one in found],
            "fingerprints": [fingerprint_of(one) for one in found],
        }
        with self.db.writing() as connection:
            subject = Subject(kind="time_authority", id=AUTHORITY_ID, label=name.strip())
            Writer(connection, self.now()).append(lab_chain(self.lab), AUTHORITY, subject, facts, [("actor", actor)])
        return _authority_of(facts)

    def list(self) -> tuple[TimeStamp, ...]:
        """Every stamp that was asked for, oldest first."""
        with self.db.reading() as connection:
            return _stamps(self._contents(connection, STAMPS_ID))

    def request(self, actor: SignedIn) -> StampOutcome:
        """Ask for a stamp of the present head of the lab chain, and for those that wait.

        The request is an entry of its own before anything is sent, so that it is not forgotten when the authority
        cannot be reached.

        Raises:
            RefusedError: No authority was named, or its answer is not a time stamp of it.
        """
        with self.db.writing() as connection:
            if _authority(self._contents(connection, AUTHORITY_ID)) is None:
                raise RefusedError(
                    "This lab has no time-stamp authority.", then="Let an administrator name one: stamp authority."
                )
            head = last_entry(connection, str(self.lab.id))
            assert head is not None, "a lab chain begins with an entry"
            facts: dict[str, Json] = {"sequence": head.content.sequence, "head": head.digest.hex()}
            self._append(connection, actor, REQUEST, facts)
        return self.fetch(actor)

    def fetch(self, actor: SignedIn) -> StampOutcome:
        """Ask the authority for the stamps that wait; those that come are attached.

        Raises:
            RefusedError: An answer is not a time stamp of the authority; nothing of it is kept.
        """
        attached: list[TimeStamp] = []
        why = ""
        authority, waiting = self.authority(), [one for one in self.list() if one.is_waiting]
        for one in waiting:
            assert authority is not None, "a request is made only where an authority is named"
            try:
                response, token = stamp(authority.url, one.head, _trusted(authority))
            except AuthorityUnreachableError as error:
                why = str(error)
                break
            except TimeStampError as error:
                raise RefusedError(
                    f"The answer of {authority.name} is not a time stamp of entry {one.sequence}: {error.why}.",
                    kept="The request waits.",
                    then="Compare the certificates with those that the authority publishes.",
                ) from error
            attached += self._attach(actor, one, response, token)
        left = tuple(one for one in self.list() if one.is_waiting)
        return StampOutcome(attached=tuple(attached), waiting=left, why=why)

    def _attach(self, actor: SignedIn, one: TimeStamp, response: bytes, token: Token) -> Sequence[TimeStamp]:
        facts: dict[str, Json] = {
            "sequence": one.sequence,
            "head": one.head.hex(),
            "response": response.hex(),
            "stamped_at": token.stamped_at.isoformat(),
            "authority": token.authority,
            "serial": str(token.serial),
        }
        with self.db.writing() as connection:
            before = _stamps(self._contents(connection, STAMPS_ID))
            if not any(it.sequence == one.sequence and it.is_waiting for it in before):
                return ()  # another workstation attached it meanwhile
            self._append(connection, actor, ATTACH, facts)
            after = _stamps(self._contents(connection, STAMPS_ID))
        return [it for it in after if it.sequence == one.sequence]

    def _append(self, connection: Connection, actor: SignedIn, action: str, facts: dict[str, Json]) -> None:
        subject = Subject(kind="time_stamp", id=STAMPS_ID, label=f"Entry {facts['sequence']} of the lab chain")
        Writer(connection, self.now()).append(lab_chain(self.lab), action, subject, facts, [("actor", actor)])

    def _contents(self, connection: Connection, object_id: str) -> Sequence[Content]:
        found = (entry.content for entry in entries_about(connection, [object_id]))
        return [content for content in found if content.chain == str(self.lab.id)]


def _authority(contents: Sequence[Content]) -> TimeAuthority | None:
    return _authority_of(contents[-1].facts) if contents else None


def _authority_of(facts: object) -> TimeAuthority:
    told = facts if isinstance(facts, dict) else {}
    certificates = tuple(told["certificates"])
    return TimeAuthority(
        name=str(told["name"]),
        url=str(told["url"]),
        certificates=certificates,
        fingerprints=tuple(told["fingerprints"]),
        certificates_until=min(one.not_valid_after_utc for one in certificates_of("".join(certificates))),
    )


def _trusted(authority: TimeAuthority) -> tuple[Certificate, ...]:
    return certificates_of("".join(authority.certificates))


def _stamps(contents: Sequence[Content]) -> tuple[TimeStamp, ...]:
    answers = {content.facts["sequence"]: content.facts for content in contents if content.action == ATTACH}
    return tuple(
        _stamp(content, answers.get(content.facts["sequence"])) for content in contents if content.action == REQUEST
    )


def _stamp(request: Content, answer: object) -> TimeStamp:
    told = answer if isinstance(answer, dict) else {}
    return TimeStamp(
        sequence=int(str(request.facts["sequence"])),
        head=bytes.fromhex(str(request.facts["head"])),
        requested_at=request.recorded_at,
        requested_by=request.actor.name,
        stamped_at=datetime.fromisoformat(told["stamped_at"]) if told else None,
        authority=str(told.get("authority", "")),
    )
