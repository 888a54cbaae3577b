"""Labs, people, cases and exhibits for tests: real ones, made through the services."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from chain_of_custody.passphrase import Argon2Parameters
from forensics_app.bootstrap import Lab, create_lab, open_lab
from forensics_app.model.case import Case, LegalBasis, NewCase
from forensics_app.model.custody import CustodyRequest, PaperKind
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewExhibit, Seizure
from forensics_app.model.lab import NewLab
from forensics_app.model.person import NewPerson, Person, Role, SignedIn
from forensics_app.model.report import IssuedReport, ReportRequest
from forensics_app.model.report_draft import ReportDraft
from forensics_app.services.record import Writer
from resources import path as resource

QUICK = Argon2Parameters(passes=1, memory_kib=64, lanes=1)
PASSPHRASE = "correct horse battery"
PEOPLE = {
    "Ada Admin": Role.ADMINISTRATOR,
    "Ana Kovač": Role.EXAMINER,
    "Tomasz Lis": Role.EXHIBITS_OFFICER,
    "Ingrid Solberg": Role.SUPERVISOR,
}
SIGNED_FORM = {PaperKind.FORM: Path(resource("demo/exhibit-photo-drive.jpg"))}
"""What somebody without a key signed, scanned."""
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that tests set; it moves on by a second at every look."""

    at: datetime = NOON
    step: timedelta = field(default=timedelta(seconds=1))

    def __call__(self) -> datetime:
        self.at += self.step
        return self.at


def new_person(name: str, *roles: Role) -> NewPerson:
    return NewPerson(
        name=name, function="Officer", organisation="Digital laboratory", id_number="2217", roles=frozenset(roles)
    )


class UnjudgedWriter(Writer):
    """Writes the record as a program of somebody's own would, which asks nobody whether a step is allowed."""

    def _judge(self, body: bytes) -> None:
        pass


@dataclass
class Bench:
    """A lab with an administrator, an examiner, a custodian and a supervisor, all signed in."""

    lab: Lab
    clock: Clock
    admin: SignedIn
    examiner: SignedIn
    custodian: SignedIn
    supervisor: SignedIn

    def enrol(self, name: str, *roles: Role) -> Person:
        return self.lab.people.enrol(self.admin, new_person(name, *roles), PASSPHRASE)

    def admin_as_auditor(self) -> SignedIn:
        self.enrol("Olga Auditor", Role.AUDITOR)
        return self.sign_in("Olga Auditor")

    def sign_in(self, name: str) -> SignedIn:
        return self.lab.people.sign_in(name, PASSPHRASE)

    def case(self, number: str = "2026-0147", *, expires_on: date | None = date(2027, 1, 31)) -> Case:
        basis = LegalBasis(
            instrument="search warrant",
            number="4 Gs 812/26",
            issuer="District court",
            issued_on=date(2026, 11, 1),
            scope="Data carriers at Lindenhofstr. 12",
            expires_on=expires_on,
        )
        new = NewCase(
            number=number,
            title="Lindenhof payment fraud",
            offence="Fraud",
            requesting_authority="Public prosecutor",
            questions="Which invoices were altered?",
            lead_examiner_id=self.examiner.person.id,
            supervisor_id=self.supervisor.person.id,
            legal_basis=basis,
        )
        return self.lab.cases.create(self.examiner, new)

    def exhibit(
        self, case: Case, number: str = "LH/01", *, parent: Exhibit | None = None, seal: str = "0048812",
        officer: str = "Sgt. Duarte",
    ) -> Exhibit:  # fmt: skip
        new = NewExhibit(
            case_id=case.id,
            number=number,
            type=ExhibitType.COMPUTER,
            description="Laptop, Lenovo ThinkPad T14",
            make="Lenovo",
            model="ThinkPad T14",
            serial="PF-3X7K2M",
            condition="Lid scratched",
            seal_number=seal,
            seizure=Seizure(
                seized_at=NOON - timedelta(days=1),
                place="Lindenhofstr. 12",
                officer=officer,
                witness="Insp. Haas",
            ),
            parent_id=None if parent is None else parent.id,
            no_photo_reason="Not photographed in this test",
        )
        return self.lab.exhibits.add(self.custodian, new)

    def approved(self, request: ReportRequest, author: SignedIn | None = None) -> ReportDraft:
        """A draft of a report that the supervisor approved, ready to be issued."""
        by = author or self.examiner
        draft = self.lab.drafts.begin(by, request)
        draft = self.lab.drafts.submit(by, draft.id)
        return self.lab.drafts.approve(self.supervisor, draft.id, seen=draft.content_sha256)

    def issued(self, request: ReportRequest, author: SignedIn | None = None) -> IssuedReport:
        """A report that went through its review and was issued by both."""
        draft = self.approved(request, author)
        return self.lab.reporting.issue(author or self.examiner, self.supervisor, draft.id)

    def request(self, exhibit: Exhibit, event: str, **more: object) -> CustodyRequest:
        """A step as it is asked for; somebody outside signed for it on a form, unless papers are told."""
        if more.get("outside_party") or event in ("dispatch", "transfer_out", "send_back", "retain_by_court"):
            more.setdefault("papers", SIGNED_FORM)
        return CustodyRequest(exhibit_id=exhibit.id, event=event, occurred_at=self.clock(), **more)  # type: ignore[arg-type]


def make_bench(folder: Path, server: str = "", *, of_its_own: bool = False, encrypted: bool = False) -> Bench:
    """A bench in ``folder``, with its record in the empty database ``server`` if that is named.

    The lab is a copy of one that is made once for all tests of a process, for a lab takes longer to make than most
    tests; one on a server, ``of_its_own`` or ``encrypted``, is another lab than all others.
    """
    if server or of_its_own or encrypted:
        clock = Clock()
        return _signed_in(created(folder, server, clock, encrypted=encrypted), clock, clock.at)
    made, at = _made_once()
    shutil.copytree(Path(made.name) / "lab", folder, dirs_exist_ok=True)
    return reopened(folder, at)


def reopened(folder: Path, at: datetime) -> Bench:
    """A bench on the copy in ``folder`` of a lab that was made until ``at``."""
    clock = Clock()
    return _signed_in(open_lab(folder, now=clock, key_parameters=QUICK), clock, at)


def _signed_in(lab: Lab, clock: Clock, at: datetime) -> Bench:
    signed_in = [lab.people.sign_in(name, PASSPHRASE) for name in PEOPLE]
    clock.at = at + (len(PEOPLE) - 1) * clock.step  # the first was signed in when the lab was made
    return Bench(lab, clock, *signed_in)


@cache
def _made_once() -> tuple[TemporaryDirectory[str], datetime]:
    """Where a lab lies that nobody works in, and when it was made."""
    made, clock = TemporaryDirectory(prefix="lab-for-tests-"), Clock()
    created(Path(made.name) / "lab", "", clock).close()
    return made, clock.at


def created(folder: Path, server: str, clock: Clock, *, encrypted: bool = False) -> Lab:
    """A new lab of these people, whose keys cost next to nothing; the first of them was signed in."""
    first, *others = PEOPLE
    lab = create_lab(
        NewLab(
            folder=folder,
            name="Digital laboratory",
            address="Hafenstr. 3",
            zone="Europe/Berlin",
            server=server,
            encrypted=encrypted,
        ),
        new_person(first, PEOPLE[first]),
        PASSPHRASE,
        now=clock,
        key_parameters=QUICK,
    )
    admin = lab.people.sign_in(first, PASSPHRASE)
    for name in others:
        lab.people.enrol(admin, new_person(name, PEOPLE[name]), PASSPHRASE)
    return lab
