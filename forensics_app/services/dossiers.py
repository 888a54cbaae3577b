"""Gathering a dossier: everything a report says, from one look at the record."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from forensics_app import __version__
from forensics_app.db.schema import REVISIONS
from forensics_app.model import dossier as paper
from forensics_app.model.case import Case
from forensics_app.model.custody import ChainReport
from forensics_app.model.exhibit import ExhibitType
from forensics_app.model.image import Integrity
from forensics_app.model.person import Person
from forensics_app.model.report import TITLES, ReportRequest, Section
from forensics_app.model.told import Count, Told, told_list
from forensics_app.model.tool import ToolStanding, UsedTool, standing_of
from forensics_app.model.validation import SCOPE
from forensics_app.model.wording import act_words
from forensics_app.services.case_imports import told_elsewhere
from forensics_app.services.dossier_custody import custody_log
from forensics_app.services.dossier_deviations import deviations_of
from forensics_app.services.dossier_evidence import exhibit_part, file_part, image_part, not_examined
from forensics_app.services.dossier_findings import block_part, finding_part, note_part
from forensics_app.services.dossier_operations import not_examined_of, operations_of
from forensics_app.services.gathered import Gathered
from forensics_app.services.program import NAME, build_sha256
from forensics_app.services.tools import used_in

LIBRARIES = (
    "pytsk3", "libewf-python", "python-magic", "cryptography", "SQLAlchemy", "reportlab", "PySide6-Essentials",
    "Pillow",
)  # fmt: skip


def dossier_of(
    got: Gathered,
    request: ReportRequest,
    *,
    number: str,
    version: int,
    tzdata_version: str,
    made_at: datetime,
    issued_at: datetime | None,
) -> paper.Dossier:
    """Put the records into the form that a report is rendered from."""
    case = got.case
    recorded = [event.recorded_at for event in got.events]
    return paper.Dossier(
        head=paper.ReportHead(
            title=Told(request.title) if request.title in TITLES.values() else request.title,
            number=number,
            version=version,
            made_at=made_at,
            issued_at=issued_at,
            zone=request.zone,
            zone_of_local_times=request.zone_of_local_times,
            tzdata_version=tzdata_version,
            activity_from=min(recorded, default=None),
            activity_to=max(recorded, default=None),
            replaces=None if got.replaced is None else got.replaced.number,
            changes=request.changes,
        ),
        laboratory=paper.Laboratory(name=got.lab.name, address=tuple(got.lab.address.splitlines())),
        case=paper.CaseFacts(
            number=case.number,
            title=case.title,
            offence=case.offence,
            requesting_authority=case.requesting_authority,
            opened_at=case.opened_at,
            status=case.status.value,
        ),
        author=_person(got.author, "author of this report"),
        reviewer=_reviewer(got),
        request=paper.Request(
            requester=paper.Person(name=case.requesting_authority),
            questions=tuple(line for line in case.questions.splitlines() if line.strip()),
            scope=case.legal_basis.scope if case.legal_basis else None,
        ),
        authorities=_authorities(case),
        people=_people(got),
        exhibits=tuple(exhibit_part(got, exhibit) for exhibit in got.exhibits),
        images=tuple(image_part(got, image) for image in got.images),
        custody=tuple(custody_log(got, exhibit) for exhibit in got.exhibits if exhibit.type is not ExhibitType.IMAGE),
        ledger_heads=tuple(_head(got, chain) for chain in got.verified.chains if _concerns(got, chain)),
        program=paper.Program(
            name="forensics-app",
            version=__version__,
            build=f"SHA-256 {build_sha256().hex()[:16]}",
            schema=REVISIONS[-1],
            configuration_sha256=got.configuration_sha256,
            test_pack=_test_pack(got),
            file_type_database=got.libraries.get("libmagic"),
            platform=f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
            libraries=_libraries(got),
        ),
        tools=tuple(_tools(got)),
        files=tuple(
            file_part(got, index, read)
            for index, read in enumerate(got.files if Section.FILES in request.printed else (), 1)
        ),
        file_lists=got.file_lists,
        summary=request.summary,
        findings=(
            *(finding_part(got, cited) for cited in got.cited),
            *(block_part(got, block) for block in request.blocks),
        ),
        limitations=(*request.limitations, *_limitations(got), *_unprinted(got, request)),
        deviations=tuple(deviations_of(got.principles)),
        reconciliation=_reconciliation(got),
        statements=request.statements,
        operations=operations_of(got, number),
        not_examined=not_examined_of(got),
        stationery=paper.Stationery(language=request.language),
        kind=request.kind,
        sections=request.printed,
        notes=tuple(note_part(got, note) for note in got.notes),
        signatures=got.signatures,
        timeline=got.timeline,
    )


def _person(person: Person, part: str | None = None) -> paper.Person:
    return paper.Person(
        name=person.name,
        function=person.function,
        organisation=person.organisation,
        id_number=person.id_number or None,
        part=part,
        key_id=bytes.fromhex(person.key_id),
    )


def _reviewer(got: Gathered) -> paper.Person:
    """Who approved the report; until somebody has, the supervisor of the case."""
    if got.approved_by is not None:
        return _person(got.people[got.approved_by], "authoriser of this report")
    return _person(got.people[got.case.supervisor_id], "supervisor")


def _authorities(case: Case) -> tuple[paper.Authority, ...]:
    basis = case.legal_basis
    if basis is None:
        return ()
    return (
        paper.Authority(
            instrument=basis.instrument,
            number=basis.number,
            issuer=basis.issuer,
            issued_on=basis.issued_on,
            scope=basis.scope,
            expires_on=basis.expires_on,
        ),
    )


def _people(got: Gathered) -> tuple[paper.Person, ...]:
    """Everybody who signed an entry of the case, with what they signed for; who had two keys, once for each."""
    roles: dict[tuple[str, str, str], set[str]] = {}
    known = {str(person.id): person for person in got.people.values()}
    for event in got.events:
        for signature in event.signatures:
            if (person := known.get(signature.person_id)) is not None:
                signed = (person.name, signature.person_id, signature.key_id)
                roles.setdefault(signed, set()).add(act_words(event).lower())
    return tuple(
        replace(_person(known[person_id], ", ".join(sorted(acts))), key_id=bytes.fromhex(key_id))
        for (_, person_id, key_id), acts in sorted(roles.items())
    )


def _concerns(got: Gathered, chain: ChainReport) -> bool:
    return chain.kind == "lab" or chain.chain == got.case.id


def _head(got: Gathered, chain: ChainReport) -> paper.LedgerHead:
    return paper.LedgerHead(
        chain=Told("Case {number}" if chain.kind == "case" else "Laboratory {number}", number=chain.label),
        chain_id=str(chain.chain),
        sequence=chain.entries,
        digest=chain.head or b"",
        recorded_at=chain.head_recorded_at or got.verified.checked_at,
        verified_at=got.verified.checked_at,
        verified_by=got.author.name,
        intact=chain.intact and not got.verified.row_findings,
        signed=chain.signed,
        trusted=chain.trusted and chain.allowed,
    )


def _libraries(got: Gathered) -> tuple[tuple[str, str], ...]:
    installed = [(name, version(name)) for name in LIBRARIES]
    known = {name.lower() for name, _ in installed}
    return (*installed, *((name, text) for name, text in got.libraries.items() if name.lower() not in known))


def _tools(got: Gathered) -> list[paper.Tool]:
    tools = [_tool(got, used) for used in _used(got)]
    tools.append(paper.Tool(name="Python", version=sys.version.split()[0], used_for="digests (hashlib)"))
    blockers = sorted({image.write_blocker.device for image in got.images if image.write_blocker.device})
    tools += [paper.Tool(name=device, version=Told("as recorded"), used_for="write blocking") for device in blockers]
    return tools


def _used(got: Gathered) -> tuple[UsedTool, ...]:
    """What the entries of the case tell of, and this program, which writes the report."""
    used, today = used_in(got.events, got.lab.zone), got.verified.checked_at.astimezone(ZoneInfo(got.lab.zone)).date()
    writing = UsedTool(
        name=NAME,
        version=__version__,
        sha256=build_sha256(),
        used_for=("custody record", "this report"),
        first_on=today,
        last_on=today,
    )
    same = [one for one in used if (one.name, one.version, one.sha256) == (NAME, __version__, writing.sha256)]
    if not same:
        return (writing, *used)
    joined = replace(same[0], used_for=(*same[0].used_for, *writing.used_for), last_on=today)
    return (joined, *(one for one in used if one not in same))


def _test_pack(got: Gathered) -> str | None:
    """The newest run of the validation set by this very build, with the digest of its signed record."""
    this = [one for one in got.register if (one.name, one.version, one.sha256) == (NAME, __version__, build_sha256())]
    runs = [one for tool in this for one in tool.validations if one.scope.startswith(SCOPE)]
    newest = max(runs, key=lambda one: one.recorded_at, default=None)
    if newest is None or newest.sha256 is None:
        return None
    return Told(
        "{outcome} on {day} by {person}: {scope}. {result} Signed record {document}, SHA-256 {sha256}",
        outcome=Told("passed" if newest.passed else "NOT PASSED"),
        day=newest.validated_on,
        person=newest.validated_by,
        scope=newest.scope,
        result=newest.result,
        document=newest.document,
        sha256=newest.sha256.hex(),
    )


def _tool(got: Gathered, used: UsedTool) -> paper.Tool:
    standing = _standing(got, used)
    return paper.Tool(
        name=used.name,
        version=used.version,
        used_for=", ".join(used.used_for),
        sha256=used.sha256,
        validation=standing.words if standing.is_validated else None,
        flag=None if standing.is_validated else standing.words,
    )


def _standing(got: Gathered, used: UsedTool) -> ToolStanding:
    return standing_of(got.register, used.name, used.version, used.sha256, used.last_on)


def _limitations(got: Gathered) -> list[str]:
    found: list[str] = []
    if got.later is not None:
        words = (
            "Custody, and what was done, is told up to entry {entry} of the case, as it was reviewed. Later entries: "
            "{count}, those about the review of this report among them; the attached ledger holds them."
        )
        found.append(Told(words, entry=f"{len(got.events):,}", count=f"{got.later:,}"))
    found += told_elsewhere(got.events)
    for image in got.images:
        if image.integrity in (Integrity.FAILED, Integrity.RELEASED, Integrity.QUARANTINED):
            words = "{image}: {integrity}. {decision}" if image.decision else "{image}: {integrity}."
            integrity = Told(str(image.integrity))
            found.append(Told(words, image=image.number, integrity=integrity, decision=image.decision))
        found += [
            Told("{image}, {volume}: {reason}.", image=image.number, volume=volume.id, reason=reason)
            for volume in got.volumes_of(image.id)
            if (reason := not_examined(volume)) and volume.kind not in ("unallocated", "metadata")
        ]
    found += [
        Told(
            "{tool} was used and was not validated in this laboratory: {why}.",
            tool=used.label,
            why=_standing(got, used).words,
        )
        for used in _used(got)
        if not _standing(got, used).is_validated
    ]
    found += [
        Told("The custody record does not verify: {finding}", finding=finding) for finding in got.verified.row_findings
    ]
    found += [
        Told("An act of custody was not allowed: {finding}", finding=finding)
        for chain in got.verified.chains
        if _concerns(got, chain)
        for finding in chain.not_allowed
    ]
    found += [Told("A kept file does not verify: {finding}", finding=finding) for finding in got.verified.file_findings]
    return found


def _unprinted(got: Gathered, request: ReportRequest) -> list[str]:
    """What the record holds and this report leaves out by the choice of its sections."""
    counts = {
        Section.FINDINGS: ("findings", len(got.cited)),
        Section.FILES: ("chosen files", len(got.files)),
        Section.EXHIBITS: ("exhibits", len(got.exhibits)),
        Section.ACQUISITION: ("images", len(got.images)),
        Section.DEVIATIONS: ("deviations", sum(1 for _ in deviations_of(got.principles))),
    }
    return [
        Told("The case holds {count} {what} that this report does not print.", count=Count(count), what=Told(what))
        for section, (what, count) in counts.items()
        if count and section not in request.printed
    ]


def _reconciliation(got: Gathered) -> tuple[paper.Reconciled, ...]:
    return (
        paper.Reconciled(
            what="chosen files",
            selected=len(got.files),
            written=len(got.files),
            rehashed=sum(one.is_equal is True for one in got.files),
            note=_not_compared(got) or None,
        ),
        paper.Reconciled(
            what="photographs",
            selected=sum(len(photos) for photos in got.photos.values()),
            written=sum(one.jpeg is not None for photos in got.photos.values() for one in photos),
            rehashed=sum(one.is_as_recorded for photos in got.photos.values() for one in photos),
        ),
        *_listed(got),
    )


def _listed(got: Gathered) -> Iterator[paper.Reconciled]:
    """The files in lists, which are read out of catalogues and not hashed again."""
    if got.file_lists:
        count = sum(len(one.rows) for one in got.file_lists)
        yield paper.Reconciled(what="files in lists", selected=count, written=count, rehashed=None)


def _not_compared(got: Gathered) -> str:
    """How many chosen files were not found equal, by what was found."""
    bare = [one.chosen for one in got.files if one.chosen.sha256 is None]
    counted = (
        (sum(one.is_equal is False for one in got.files), "differing from the recorded SHA-256"),
        (sum(bool(one.not_read) for one in got.files), "that could not be read"),
        (sum(chosen.size_bytes > 0 for chosen in bare), "with content of which no SHA-256 was recorded"),
        (sum(chosen.size_bytes == 0 for chosen in bare), "without content, which have no digest"),
    )
    return told_list(
        [Told("{count} {what}", count=Count(number), what=Told(words)) for number, words in counted if number], "; "
    )
