"""Labs, people, cases and exhibits for tests: real ones, made through the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from chain_of_custody.passphrase import Argon2Parameters
from forensics_app.bootstrap import Lab, create_lab
from forensics_app.model.case import Case, LegalBasis, NewCase
from forensics_app.model.custody import CustodyRequest
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewExhibit, Seizure
from forensics_app.model.lab import NewLab
from forensics_app.model.person import NewPerson, Person, Role, SignedIn

QUICK = Argon2Parameters(passes=1, memory_kib=64, lanes=1)
PASSPHRASE = "correct horse battery"
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

    def exhibit(self, case: Case, number: str = "LH/01", *, parent: Exhibit | None = None) -> Exhibit:
        new = NewExhibit(
            case_id=case.id,
            number=number,
            type=ExhibitType.COMPUTER,
            description="Laptop, Lenovo ThinkPad T14",
            make="Lenovo",
            model="ThinkPad T14",
            serial="PF-3X7K2M",
            condition="Lid scratched",
            seal_number="0048812",
            seizure=Seizure(
                seized_at=NOON - timedelta(days=1),
                place="Lindenhofstr. 12",
                officer="Sgt. Duarte",
                witness="Insp. Haas",
            ),
            parent_id=None if parent is None else parent.id,
            no_photo_reason="Not photographed in this test",
        )
        return self.lab.exhibits.add(self.custodian, new)

    def request(self, exhibit: Exhibit, event: str, **more: object) -> CustodyRequest:
        return CustodyRequest(exhibit_id=exhibit.id, event=event, occurred_at=self.clock(), **more)  # type: ignore[arg-type]


def make_bench(folder: Path, server: str = "") -> Bench:
    """A bench in ``folder``, with its record in the empty database ``server`` if that is named."""
    clock = Clock()
    lab = create_lab(
        NewLab(folder=folder, name="Digital laboratory", address="Hafenstr. 3", zone="Europe/Berlin", server=server),
        new_person("Ada Admin", Role.ADMINISTRATOR),
        PASSPHRASE,
        now=clock,
        key_parameters=QUICK,
    )
    admin = lab.people.sign_in("Ada Admin", PASSPHRASE)
    for name, role in (
        ("Ana Kovač", Role.EXAMINER),
        ("Tomasz Lis", Role.EXHIBITS_OFFICER),
        ("Ingrid Solberg", Role.SUPERVISOR),
    ):
        lab.people.enrol(admin, new_person(name, role), PASSPHRASE)
    people = [lab.people.sign_in(name, PASSPHRASE) for name in ("Ana Kovač", "Tomasz Lis", "Ingrid Solberg")]
    return Bench(lab=lab, clock=clock, admin=admin, examiner=people[0], custodian=people[1], supervisor=people[2])
