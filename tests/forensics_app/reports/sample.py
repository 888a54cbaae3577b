"""A full dossier with everything that is hard to print, and one with nothing in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from forensics_app.model.dossier import (
    Authority,
    CaseFacts,
    Citation,
    CitedFile,
    Deviation,
    Dossier,
    FileTime,
    Finding,
    FindingKind,
    Laboratory,
    LedgerHead,
    Operation,
    Person,
    Program,
    Reconciled,
    ReportHead,
    Request,
    Statement,
    Tool,
)
from forensics_app.model.told import Told
from tests.forensics_app.reports.sample_custody import custody
from tests.forensics_app.reports.sample_evidence import exhibits, file_list, files, image, rows
from tests.forensics_app.reports.sample_values import (
    BERIDZE,
    DAY,
    KOVAC,
    LIS,
    SHEVCHENKO,
    digest,
)


def head(*, issued: bool) -> ReportHead:
    return ReportHead(
        title="Examination of a laptop computer and a USB stick",
        number="R-2026-0147-2",
        version=3,
        made_at=datetime(2026, 11, 21, 11, 52, 40, tzinfo=UTC),
        issued_at=datetime(2026, 11, 21, 13, 2, 11, tzinfo=UTC) if issued else None,
        zone="Europe/Berlin",
        tzdata_version="2026b",
        zone_of_local_times="Europe/Berlin",
        replaces="R-2026-0147-1",
        changes=("Part 9: finding 9.2 added after the deleted list had been recovered.",),
        activity_from=datetime(2026, 11, 17, 23, 30, tzinfo=UTC),
        activity_to=datetime(2026, 11, 21, 11, 50, tzinfo=UTC),
    )


def findings() -> tuple[Finding, ...]:
    return (
        Finding(
            heading="Altered invoice 0417",
            kind=FindingKind.FACT,
            text="The invoice 0417 (2).pdf was changed on 18 November 2026. Its first version is still in the "
            "volume's shadow copy; the two differ in the bank account only.",
            basis="Both versions were read from the image and compared byte by byte.",
            citations=(
                Citation(what="F-1", where="LH/01-I1, v0.p3 + 0x1a4f3c000", digest=digest("f1"), check="equal"),
                Citation(what="Custody entry 44", where="case chain", digest=digest("entry 44"), check="signed"),
            ),
            file=CitedFile(
                reference="Finding 1",
                path="/Users/k.brandt/0417 (2).pdf",
                image="LH/01-I1",
                volume="v0.p3",
                address="4711-128-1",
                state="deleted",
                size_bytes=48_211,
                sha256=digest("f1"),
                times=(
                    FileTime(
                        label="Modified", ns=1_795_000_000_123_456_700, source="$SI", basis="utc", resolution_ns=100
                    ),
                ),
            ),
        ),
        Finding(
            heading="Likely author of the change",
            kind=FindingKind.OPINION,
            text="The change is much more likely if the account k.brandt was used by its owner than if it was used by "
            "somebody else.",
            basis="The account was unlocked with a fingerprint eleven minutes before; no other session was open. "
            "An alternative, remote use of the session, left none of the traces that it normally leaves.",
            author="Ana Kovač",
        ),
    )


def sample_dossier(*, issued: bool = True) -> Dossier:
    """A dossier that uses every field of the model at least once."""
    return Dossier(
        head=head(issued=issued),
        laboratory=Laboratory(
            name="Digital Forensics Laboratory",
            address=("Central Forensic Service", "Hafenstraße 12, 1010 Wien, Austria"),
            contact="dfl@example.org · +43 1 555 0147",
            accreditation="Accredited to ISO/IEC 17025 for disk imaging (no. 0417); opinions are outside the scope",
            place_of_work="Hafenstraße 12, 1010 Wien, rooms 3.02 to 3.05",
        ),
        case=CaseFacts(
            number="2026-0147",
            title="Lindenhof payment fraud",
            offence="Computer-related fraud, section 148a",
            requesting_authority="Public Prosecutor's Office, District Court Lindenhof",
            reference="12/4471",
            opened_at=DAY,
            status="open",
        ),
        author=KOVAC,
        reviewer=BERIDZE,
        request=Request(
            requester=SHEVCHENKO,
            reference="12/4471",
            requested_at=date(2026, 11, 18),
            received_at=DAY,
            questions=(
                "Was invoice 0417 changed after it had been received, when, and under which account?",
                "Are there lists of bank accounts on the seized devices, deleted ones included?",
            ),
            scope="Documents and messages from 1 October to 18 November 2026; no private photographs.",
        ),
        authorities=(
            Authority(
                instrument="Search and seizure order",
                number="4 Gs 812/26",
                issuer="District Court Lindenhof, Judge M. Aliyev-Əliyev",
                issued_on=date(2026, 11, 17),
                scope="Data carriers of K. Brandt at Lindenhof 4",
                expires_on=date(2026, 12, 31),
                supervision="District Court Lindenhof",
                limits=("Correspondence with defence counsel must not be read.",),
            ),
        ),
        people=(KOVAC, LIS, SHEVCHENKO),
        exhibits=exhibits(),
        images=(image(),),
        custody=custody(),
        ledger_heads=(
            LedgerHead(
                chain="Case 2026-0147",
                chain_id="7b1a2c8e-51f2-4a52-9d60-0f0cbe0b7a11",
                sequence=47,
                digest=digest("head"),
                recorded_at=DAY + timedelta(days=1),
                verified_at=DAY + timedelta(days=1, minutes=3),
                verified_by="A. Kovač",
                intact=True,
                signed=True,
                trusted=None,
                anchors=("laboratory chain, entry 212",),
            ),
        ),
        program=Program(
            name="forensics-app",
            version="0.1.0",
            build="4c038cc",
            schema="0001",
            configuration_sha256=digest("settings"),
            file_type_database="libmagic 5.44",
            platform="CPython 3.11.9, Linux x86_64",
            libraries=(("pytsk3", "20260715"), ("reportlab", "5.1.0"), ("cryptography", "50.0.2")),
        ),
        tools=(
            Tool(
                name="forensics-app",
                version="0.1.0",
                used_for="imaging, listing, report",
                sha256=digest("tool"),
                validation="2026-10-02, passed, scope: raw and E01",
            ),
            Tool(name="ewfverify", version="20140816", used_for="second reading of the image"),
        ),
        files=files(),
        file_lists=(file_list(rows(40)),),
        summary=(
            "Invoice 0417 on LH/01 was changed after receipt; the bank account differs (finding 9.1, fact).",
            "The change was made under the account k.brandt (finding 9.2, opinion with its basis).",
        ),
        findings=findings(),
        limitations=("Memory was not captured: the device was found switched off.",),
        deviations=(
            Deviation(
                what="LH/02 was not imaged.",
                reason="Its plug is bent; the requester withdrew the item on 2026-11-20.",
                by="A. Kovač",
                at=DAY + timedelta(hours=2),
            ),
        ),
        literature=("Carrier, B.: File System Forensic Analysis, 2005.", "SWGDE 18-Q-002, version 1.0."),
        reconciliation=(
            Reconciled(what="Chosen files", selected=3, written=3, rehashed=3),
            Reconciled(what="Custody entries", selected=8, written=8, rehashed=None),
        ),
        statements=(Statement(item="crimpd-conflicts", text="I know of none."),),
        operations=(
            Operation(kind="acquire", subject="LH/01", at=DAY, by="Ana Kovač", entry=7),
            Operation(kind="intake", subject="LH/01-I1", at=DAY, by="Ana Kovač", entry=8),
            Operation(
                kind="search",
                subject="LH/01-I1",
                at=DAY,
                by="Ana Kovač",
                entry=21,
                times=3,
                limits=(Told("In one search, pieces that could not be searched: {count}.", count="2"),),
            ),
        ),
        not_examined=(Told("{image} was not read again since it was taken in.", image="LH/01-I1"),),
    )


def bare_dossier() -> Dossier:
    """A draft with nothing but what the model demands."""
    return Dossier(
        head=ReportHead(
            title="Examination",
            number="R-1",
            version=1,
            made_at=DAY,
            zone="UTC",
            tzdata_version="2026b",
        ),
        laboratory=Laboratory(name="Laboratory"),
        case=CaseFacts(number="2026-0001", title="Untitled"),
        author=Person(name="A. Author"),
        request=Request(requester=Person(name="R. Requester")),
        program=Program(name="forensics-app", version="0.1.0"),
    )
