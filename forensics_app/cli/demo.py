"""``demo``: the whole path, from an empty folder to a signed record and a report, each step printed."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from forensics_app.bootstrap import Lab, create_lab
from forensics_app.cli.common import DONE, FINDING, Parsers, Progress, printable
from forensics_app.cli.documents import report_lines
from forensics_app.cli.intake import image_lines
from forensics_app.errors import RefusedError, UsageError
from forensics_app.model.case import Case, LegalBasis, NewCase
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.custody import CustodyRequest, PaperKind
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewExhibit, NewPhoto, PhotoView, Seizure
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.incident import SealSeen
from forensics_app.model.lab import NewLab
from forensics_app.model.person import NewPerson, Role, SignedIn
from forensics_app.model.report import Block, FindingKind, ReportRequest
from forensics_app.model.wording import act_words
from resources import path as resource

ZONE = "Europe/Berlin"
PEOPLE = (
    ("Ada Admin", "Administrator", "1001", Role.ADMINISTRATOR),
    ("Ana Kovač", "Examiner", "2217", Role.EXAMINER),
    ("Tomasz Lis", "Exhibits officer", "2203", Role.EXHIBITS_OFFICER),
    ("Ingrid Solberg", "Head of laboratory", "2001", Role.SUPERVISOR),
)
CHOSEN_LIMIT = 12


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    words = "show the whole path in a new folder: lab, case, exhibit, intake, custody, report, verification"
    parser = parsers.add_parser("demo", help=words, description=words)
    parser.set_defaults(run=run)
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that does not exist yet or is empty")
    parser.add_argument("image", type=Path, nargs="*", metavar="IMAGE", help="images; the shipped one when left out")


def run(args: argparse.Namespace) -> int:
    """Walk the whole path."""
    images: list[Path] = args.image or [resource("demo/demo.E01")]
    if missing := [image for image in images if not image.exists()]:
        raise UsageError(f"There is no {missing[0]}.")
    args.folder.mkdir(parents=True, exist_ok=True)
    if any(args.folder.iterdir()):
        raise UsageError(f"{args.folder} is not empty.")
    with _bench(args.folder) as bench:
        case = bench.open_case()
        for number, image in enumerate(images, 1):
            bench.examine_one(case, f"LM/{number:02}", image)
        ok = bench.report_and_verify(case, args.folder)
    return DONE if ok else FINDING


@dataclass
class _Bench:
    lab: Lab
    people: dict[str, SignedIn]
    folder: Path
    findings: int = 0

    @property
    def examiner(self) -> SignedIn:
        return self.people["Ana Kovač"]

    @property
    def custodian(self) -> SignedIn:
        return self.people["Tomasz Lis"]

    @property
    def supervisor(self) -> SignedIn:
        return self.people["Ingrid Solberg"]

    def open_case(self) -> Case:
        _say("Open a case")
        today = datetime.now(UTC).date()
        case = self.lab.cases.create(
            self.examiner,
            NewCase(
                number="2026-0031",
                title="Lindenhof payment fraud",
                offence="Fraud",
                requesting_authority="Public prosecutor's office",
                questions="Which invoices were altered?\nWhich bank accounts are named?",
                lead_examiner_id=self.examiner.person.id,
                supervisor_id=self.supervisor.person.id,
                legal_basis=LegalBasis(
                    instrument="Search warrant",
                    number="4 Gs 812/26",
                    issuer="District court",
                    issued_on=today - timedelta(days=20),
                    scope="Data carriers found at Lindenhofstr. 12",
                    expires_on=date(today.year + 1, 12, 31),
                ),
            ),
        )
        _tell(f"Case {case.number}, {case.title}, on {case.legal_basis and case.legal_basis.number}")
        return case

    def examine_one(self, case: Case, number: str, source: Path) -> None:
        exhibit = self._receive(case, number)
        image = self._take_in(exhibit, source)
        if not image.may_be_examined:
            self.findings += 1
            _tell("The integrity failed; a supervisor releases it for this demonstration, and the record says so.")
            image = self.lab.intake.decide(
                self.supervisor, image.id, release=True, reason="Demonstration: findings are reported as they are"
            )
        self._catalogue(image)
        self._choose(image)
        self._return(exhibit)

    def report_and_verify(self, case: Case, folder: Path) -> bool:
        _say("Write a report, have it reviewed by the head of the laboratory, and issue it")
        block = Block(
            id=uuid4(),
            heading="Files chosen",
            kind=FindingKind.FACT,
            text="The files listed in this report were found on the images at the places given with them.",
        )
        summary = "Each image was read whole; part 5 says how its digests compare. Part 8 lists the files chosen."
        request = ReportRequest(
            case_id=case.id, zone=ZONE, zone_of_local_times=ZONE, summary=(summary,), blocks=(block,)
        )
        draft = self.lab.drafts.begin(self.examiner, request)
        draft = self.lab.drafts.submit(self.examiner, draft.id)
        _tell(f"{self.examiner.person.name} submitted {draft.label}")
        self.lab.drafts.approve(self.supervisor, draft.id, "Read against the record", seen=draft.content_sha256)
        _tell(f"{self.supervisor.person.name} approved it")
        report = self.lab.reporting.issue(self.examiner, self.supervisor, draft.id)
        target = folder / f"{report.number}.pdf"
        self.lab.reporting.save_copy(self.lab.report_upgrades.file(report).pdf, target)
        _tell(f"{target}: {report.pages} pages, SHA-256 {report.sha256.hex()}")
        _say("Hand the custody record to a stranger")
        custody = folder / f"{case.number}-custody"
        self.lab.custody.export(case.id, custody, self.examiner)
        _tell(f"{custody}; check it with: python -m chain_of_custody verify .. (in {custody / 'verifier'})")
        _say("Verify the lab")
        verified = self.lab.verification.verify()
        for line in report_lines(verified):
            _tell(line)
        _tell(f"Again at any time: forensics-app verify {self.lab.folder.root}")
        return verified.ok and not self.findings

    def _receive(self, case: Case, number: str) -> Exhibit:
        _say(f"Register {number}, receive it, store it, check it out")
        now = datetime.now(UTC).astimezone()
        new = NewExhibit(
            case_id=case.id,
            number=number,
            type=ExhibitType.STORAGE,
            description="Hard disk from a desktop computer",
            make="Demonstration",
            model="64 MB",
            serial=f"DEMO-{number}",
            condition="Undamaged",
            seal_number=f"00488{number[-2:]}",
            seizure=Seizure(
                seized_at=now - timedelta(hours=6),
                place="Lindenhofstr. 12, office",
                officer="Sgt. M. Duarte",
                witness="Insp. R. Haas",
            ),
        )
        views = {"exhibit-photo-drive.jpg": PhotoView.WHOLE, "exhibit-photo-laptop.jpg": PhotoView.CONTEXT}
        taken_at = now - timedelta(hours=5)
        photos = [
            NewPhoto(path=resource(f"demo/{name}"), view=view, caption=f"{number}, {view}", taken_at=taken_at)
            for name, view in views.items()
        ]
        exhibit = self.lab.exhibits.add(self.custodian, new, photos)
        seal = {"seal_number": new.seal_number, "seal_check": "intact, number agrees"}
        self._step(exhibit, "receive", self.custodian, now - timedelta(hours=3), seal | {
            "place": "Laboratory, reception", "purpose": "Examination", "condition": "Undamaged",
        }, outside="Sgt. M. Duarte")  # fmt: skip
        self._step(exhibit, "store", self.custodian, now - timedelta(hours=2), {"shelf": "A-07-3"})
        back = (now + timedelta(days=3)).isoformat(timespec="minutes")
        taking = {"purpose": "Imaging and examination", "expected_return": back, "place": "Bench 2, room 114"}
        event = self.lab.custody.hand_over(
            self.custodian, self.examiner, self._request(exhibit, "check_out", now - timedelta(hours=1), taking | seal)
        )
        _tell(f"#{event.sequence} {act_words(event)}: signed by {' and '.join(s.name for s in event.signatures)}")
        try:
            self._step(exhibit, "store", self.examiner, now, {"shelf": "A-07-3"})
        except RefusedError as error:
            _tell(f"An illegal step is refused, and the attempt recorded: {error}")
        return exhibit

    def _take_in(self, exhibit: Exhibit, source: Path) -> EvidenceImage:
        _say(f"Take in {source.name} for {exhibit.number}")
        request = IntakeRequest(
            exhibit_id=exhibit.id, paths=(source,), write_blocker=WriteBlocker(device="Tableau T8u, S/N 77012"),
            seal=SealSeen(condition="intact"),
        )  # fmt: skip
        image = self.lab.intake.take_in(self.examiner, request, on_progress=Progress("Reading and hashing"))
        for line in image_lines(image):
            _tell(line)
        return image

    def _catalogue(self, image: EvidenceImage) -> None:
        _say(f"Build the catalogue of {image.number}")
        built = self.lab.catalogues.build(self.examiner, image.id, on_progress=Progress("Listing files", "entries"))
        _tell(f"{built.catalogue_entries:,} entries, each file hashed and its type found out by content")

    def _choose(self, image: EvidenceImage) -> None:
        _say("Choose files for the report")
        for entry in self._worth_citing(image):
            self.lab.examine.choose(self.examiner, image.id, entry)
            _tell(f"{entry.volume_id} {entry.path} ({entry.type_text or entry.mime or 'not read'})")

    def _worth_citing(self, image: EvidenceImage) -> Sequence[CatalogueEntry]:
        """Deleted files, disguised files, pictures and streams first: a few of each."""
        with self.lab.catalogues.open(image) as catalogue:
            page = catalogue.page(CatalogueQuery(kinds=("file", "stream")), None, 5000)
        content = [entry for entry in page.entries if entry.sha256 and entry.size_bytes and "$" not in entry.path[:3]]
        kinds = (
            [entry for entry in content if not entry.allocated],
            [entry for entry in content if entry.mismatch],
            [entry for entry in content if (entry.mime or "").startswith("image/")],
            [entry for entry in content if entry.kind == "stream"],
        )
        chosen = {entry.id: entry for kind in kinds for entry in kind[: CHOSEN_LIMIT // len(kinds)]}
        return list(chosen.values())

    def _return(self, exhibit: Exhibit) -> None:
        _say(f"Return {exhibit.number} to the store")
        fields = {"shelf": "A-07-3", "seal_number": f"00489{exhibit.number[-2:]}", "seal_check": "new seal applied"}
        request = self._request(exhibit, "return_to_store", datetime.now(UTC).astimezone(), fields)
        event = self.lab.custody.hand_over(self.examiner, self.custodian, request)
        _tell(f"#{event.sequence} {act_words(event)}: signed by {' and '.join(s.name for s in event.signatures)}")

    def _step(
        self, exhibit: Exhibit, event: str, actor: SignedIn, at: datetime, fields: dict[str, str], outside: str = ""
    ) -> None:
        done = self.lab.custody.perform(actor, self._request(exhibit, event, at, fields, outside))
        _tell(f"#{done.sequence} {act_words(done)}, {done.from_state} to {done.to_state}")

    def _request(
        self, exhibit: Exhibit, event: str, at: datetime, fields: dict[str, str], outside: str = ""
    ) -> CustodyRequest:
        papers = {PaperKind.FORM: self._form(exhibit)} if outside else {}
        return CustodyRequest(
            exhibit_id=exhibit.id, event=event, occurred_at=at, fields=fields, outside_party=outside, papers=papers
        )

    def _form(self, exhibit: Exhibit) -> Path:
        """The custody form as it is printed; in a demonstration nobody is there to sign it."""
        path = self.folder / f"custody-form-{exhibit.number.replace('/', '-')}.pdf"
        path.write_bytes(self.lab.custody_forms.pdf(exhibit.case_id, exhibit.id))
        return path


@contextmanager
def _bench(folder: Path) -> Iterator[_Bench]:
    """A new lab with four people; their passphrases are chosen by chance and shown once."""
    _say("Create a lab with four people, each with a key of their own")
    passphrases = {name: secrets.token_urlsafe(12) for name, *_ in PEOPLE}
    first, *others = PEOPLE
    new = NewLab(folder=folder / "lab", name="Demonstration laboratory", address="Hafenstr. 3, Hamburg", zone=ZONE)
    lab = create_lab(new, _person(first), passphrases[first[0]])
    try:
        people = {first[0]: lab.people.sign_in(first[0], passphrases[first[0]])}
        for person in others:
            lab.people.enrol(people[first[0]], _person(person), passphrases[person[0]])
            people[person[0]] = lab.people.sign_in(person[0], passphrases[person[0]])
        for name, function, _, role in PEOPLE:
            _tell(f"{name}, {function}, {role}; passphrase {passphrases[name]}")
        _certify(lab, people)
        yield _Bench(lab=lab, people=people, folder=folder)
        for signed_in in people.values():
            signed_in.key.close()
    finally:
        lab.close()


def _certify(lab: Lab, people: dict[str, SignedIn]) -> None:
    """Give everybody a certificate of the lab's own authority, so that reports are signed for any reader of PDFs."""
    _say("Make the laboratory's own certificate authority, and certify everybody")
    administrator = next(iter(people.values()))
    authority = lab.certificates.create_authority(administrator)
    _tell(f"{authority.subject}: SHA-256 {authority.sha256}")
    for signed_in in people.values():
        lab.certificates.request(signed_in)
    for made in lab.certificates.issue(administrator):
        _tell(f"{made.subject}, until {made.valid_until:%Y-%m-%d}")


def _person(told: tuple[str, str, str, Role]) -> NewPerson:
    name, function, id_number, role = told
    return NewPerson(
        name=name,
        function=function,
        organisation="Demonstration laboratory",
        id_number=id_number,
        roles=frozenset({role}),
    )


def _say(step: str) -> None:
    sys.stdout.write(f"\n{step}\n")
    sys.stdout.flush()


def _tell(line: str) -> None:
    sys.stdout.write(f"  {printable(line)}\n")
    sys.stdout.flush()
