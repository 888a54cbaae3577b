"""A full dossier with everything that is hard to print, and builders for long ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import md5, sha1, sha256
from io import BytesIO

from PIL import Image, ImageDraw

from forensics_app.model.dossier import (
    Authority,
    CaseFacts,
    ChosenFile,
    Citation,
    CustodyEntry,
    CustodyLog,
    Deviation,
    DigestCheck,
    Dossier,
    Exhibit,
    FileList,
    FileTime,
    Finding,
    FindingKind,
    ImageFacts,
    Laboratory,
    LedgerHead,
    ListedFile,
    MediaRegion,
    Person,
    Photo,
    Program,
    Reconciled,
    ReportHead,
    Request,
    Seizure,
    Signer,
    TimeColumn,
    Tool,
    VolumeFacts,
    WriteBlock,
)

NS = 1_000_000_000
DAY = datetime(2026, 11, 20, 7, 41, 5, tzinfo=UTC)
HOSTILE_NAME = "/Users/k.brandt/счета/საქმე/<b>bold<br>&amp;\u202egpj.exe 发票 🙂 (1).pdf"


def digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


def key_of(name: str) -> bytes:
    return digest(f"key of {name}")


def picture(words: str, size: tuple[int, int] = (640, 420)) -> bytes:
    image = Image.new("RGB", size, (228, 230, 226))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((60, 50, size[0] - 60, size[1] - 90), 18, fill=(72, 78, 84), outline=(30, 30, 30), width=4)
    pen.rectangle((90, 78, size[0] - 90, size[1] - 120), fill=(120, 140, 160))
    pen.text((size[0] // 2 - 60, size[1] - 60), words, fill=(20, 20, 20), font_size=26)
    written = BytesIO()
    image.save(written, "JPEG", quality=80)
    return written.getvalue()


KOVAC = Person(
    name="Ana Kovač",
    function="Forensic examiner",
    organisation="Digital Forensics Laboratory",
    id_number="DF-114",
    part="author of this report; imaged LH/01",
    qualification="MSc computer science 2014; vendor training on NTFS 2023; 9 years of practice, 212 reports",
    key_id=key_of("Kovač"),
)
LIS = Person(
    name="Tomasz Łukasz Lis",
    function="Exhibits officer",
    organisation="Digital Forensics Laboratory",
    id_number="DF-031",
    part="received and stored LH/01 and LH/02",
    qualification="Exhibits handling course 2021",
    key_id=key_of("Lis"),
)
BERIDZE = Person(
    name="ნინო ბერიძე (Nino Beridze)",
    function="Head of laboratory",
    organisation="Digital Forensics Laboratory",
    id_number="DF-002",
    part="reviewer",
    qualification="PhD forensic informatics; authorised to issue reports since 2019",
    key_id=key_of("Beridze"),
)
SHEVCHENKO = Person(
    name="Олена Шевченко",
    function="Investigator, captain",
    organisation="Cyber Police Department, Kyiv",
    id_number="4471",
    part="seized LH/01 and LH/02",
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
        activity_from=date(2026, 11, 18),
        activity_to=date(2026, 11, 21),
    )


def exhibits() -> tuple[Exhibit, ...]:
    photos = (
        Photo(
            caption="Laptop in its evidence bag, as received",
            view="as sealed",
            taken_at=DAY,
            author="T. Lis",
            sha256=digest("photo 1"),
            jpeg=picture("LH/01 sealed"),
        ),
        Photo(
            caption="Serial number on the underside",
            view="serial label",
            taken_at=DAY + timedelta(minutes=2),
            author="T. Lis",
            sha256=digest("photo 2"),
            jpeg=picture("LH/01 label", (420, 600)),
        ),
        Photo(
            caption="Seal after opening",
            view="seal",
            taken_at=DAY + timedelta(minutes=9),
            author="A. Kovač",
            sha256=digest("photo 3"),
            absent="the stored photograph could not be decoded; its digest is that of the stored file",
        ),
    )
    seizure = Seizure(
        place="Lindenhof 4, 2nd floor, study, desk",
        at=datetime(2026, 11, 18, 5, 12, 0, tzinfo=UTC),
        zone="Europe/Kyiv",
        by="Олена Шевченко, captain",
        witness="Ştefan Țurcanu, caretaker",
    )
    laptop = Exhibit(
        number="LH/01",
        type="Laptop computer",
        description="Grey laptop computer with charger, sticker “Halmer GmbH” on the lid",
        make="Lenovo",
        model="ThinkPad T14 Gen 3",
        serial="PF-3XK0W9",
        condition="used, lid scratched, battery at 64 %, switched off",
        seal="A-0048213, intact on receipt; resealed A-0048377",
        seizure=seizure,
        received_at=DAY,
        received_from="Олена Шевченко",
        state="STORED",
        holder="T. Lis",
        place="Store 2, shelf B-14",
        disposition="to be returned after judgment",
        clock_offset="firmware clock 3 min 12 s behind NTP at 2026-11-20 09:02:00 +01:00",
        identifiers=(("MAC address", "8c:16:45:aa:01:9f"),),
        photos=photos,
    )
    image = Exhibit(
        number="LH/01-I1",
        parent="LH/01",
        root="LH/01",
        type="Disk image",
        description="E01 image of the internal solid-state disk of LH/01",
        condition="not applicable, data",
        state="STORED",
        no_photo_reason="data, no physical item",
    )
    stick = Exhibit(
        number="LH/02",
        type="USB stick",
        description="Black USB stick without marks",
        make="Kingston",
        serial="not readable",
        condition="plug bent",
        seal="A-0048214, intact on receipt",
        seizure=replace(seizure, place="Lindenhof 4, letter box"),
        received_at=DAY,
        state="STORED",
        no_photo_reason="photographed by the seizing authority only, see its record 4471/26 p. 7",
    )
    return (laptop, image, stick)


def image() -> ImageFacts:
    volumes = (
        VolumeFacts(id="v0", kind="whole", start_bytes=0, length_bytes=512_110_190_592),
        VolumeFacts(id="v0.u1", parent="v0", kind="unallocated", start_bytes=17_408, length_bytes=1_031_168),
        VolumeFacts(
            id="v0.p1",
            parent="v0",
            kind="partition",
            start_bytes=1_048_576,
            length_bytes=272_629_760,
            description="EFI system partition",
            file_system="fat32",
            label="SYSTEM",
            serial="5A31-09FF",
            block_bytes=1024,
            counts=(("files", 312), ("directories", 41), ("deleted", 3)),
        ),
        VolumeFacts(
            id="v0.p3",
            parent="v0",
            kind="partition",
            start_bytes=290_455_552,
            length_bytes=509_000_000_512,
            description="Basic data partition",
            file_system="ntfs",
            label="Windows",
            serial="A0C4E1D2F3B40817",
            block_bytes=4096,
            counts=(("files", 412_877), ("directories", 61_204), ("deleted", 18_332), ("orphans", 207)),
        ),
        VolumeFacts(
            id="v0.p4",
            parent="v0",
            kind="partition",
            start_bytes=509_290_456_064,
            length_bytes=2_147_483_648,
            description="Privat, საიდუმლო",
            encryption="bitlocker",
            locked=True,
            not_examined="locked (BitLocker), no key was supplied",
        ),
    )
    return ImageFacts(
        exhibit="LH/01-I1",
        container="ewf",
        paths=("LH-01-I1.E01", "LH-01-I1.E02", "LH-01-I1.E03"),
        segments=3,
        media_bytes=512_110_190_592,
        container_bytes=201_445_118_976,
        sector_bytes=512,
        source="Internal SSD of LH/01, Samsung MZVL2512HCJQ, serial S675NX0T",
        digests=(
            DigestCheck(algorithm="MD5", stored=md5(b"i").digest(), computed=md5(b"i").digest()),
            DigestCheck(algorithm="SHA-1", stored=sha1(b"i").digest(), computed=sha1(b"other").digest()),
            DigestCheck(algorithm="SHA-256", stored=None, computed=digest("image")),
        ),
        metadata=(
            ("Case number", "2026-0147"),
            ("Examiner", "A. Kovač"),
            ("Notes", "first try, <i>cable</i> changed"),
            ("Acquired", "2026-11-20 08:52:17, zone not stated by the container"),
        ),
        unreadable=(
            MediaRegion(offset_bytes=0x1A4F3C000, length_bytes=4096, why="chunk checksum differs"),
            MediaRegion(offset_bytes=0x2FFF00000, length_bytes=65_536, why="read error reported by the container"),
        ),
        problems=("The last segment ends with a section of unknown type; it was not read.",),
        write_block=WriteBlock(device="Tableau T356789iu", identifier="WB-07"),
        started_at=DAY + timedelta(hours=1),
        ended_at=DAY + timedelta(hours=3, minutes=25, seconds=37),
        operator="Ana Kovač",
        tool="forensics-app 0.1.0",
        partition_scheme="gpt",
        volumes=volumes,
        verifications=((DAY + timedelta(days=1), "SHA-256 equal"),),
        decision="N. Beridze, 2026-11-20 14:10:00 +01:00: go on; SHA-1 was entered wrongly by the first tool",
    )


def custody() -> tuple[CustodyLog, ...]:
    def entry(sequence: int, minutes: int, act: str, **more: object) -> CustodyEntry:
        at = DAY + timedelta(minutes=minutes)
        plain = CustodyEntry(
            sequence=sequence,
            recorded_at=at + timedelta(minutes=1, seconds=14),
            occurred_at=at,
            act=act,
            digest=digest(f"entry {sequence}"),
        )
        return replace(plain, **more)  # type: ignore[arg-type]

    both = (
        Signer(role="giver", name="Олена Шевченко"),
        Signer(role="receiver", name="Tomasz Łukasz Lis", key_id=key_of("Lis")),
    )
    lis = (Signer(role="actor", name="Tomasz Łukasz Lis", key_id=key_of("Lis")),)
    kovac = (Signer(role="actor", name="Ana Kovač", key_id=key_of("Kovač")),)
    laptop = (
        entry(
            31,
            0,
            "Received",
            giver="Олена Шевченко, captain, Cyber Police Department",
            receiver="Tomasz Łukasz Lis, exhibits officer, DF-031",
            purpose="examination as requested in 12/4471",
            place="Laboratory, intake room",
            authority="Order 4 Gs 812/26",
            from_state="IN_TRANSIT",
            to_state="RECEIVED",
            seal="A-0048213, intact",
            signers=both,
            clock="workstation clock, NTP",
            occurred_zone="Europe/Kyiv",
            remarks=("Brought by car, evidence bag in a locked case.",),
        ),
        entry(
            33,
            12,
            "Stored",
            place="Store 2, shelf B-41",
            from_state="RECEIVED",
            to_state="STORED",
            seal="A-0048213, intact",
            signers=lis,
            entered_by="T. Lis",
            corrected_by=34,
        ),
        entry(
            34,
            20,
            "Stored",
            place="Store 2, shelf B-14",
            from_state="RECEIVED",
            to_state="STORED",
            seal="A-0048213, intact",
            signers=lis,
            entered_by="T. Lis",
            corrects=33,
            remarks=("Reason: shelf number mistyped.",),
        ),
        entry(
            40,
            55,
            "Checked out",
            giver="Tomasz Łukasz Lis",
            receiver="Ana Kovač",
            purpose="imaging of the internal disk, expected back 2026-11-20 18:00:00 +01:00",
            place="Laboratory, bench 3",
            from_state="STORED",
            to_state="CHECKED_OUT",
            seal="A-0048213, opened",
            signers=(replace(lis[0], role="giver"), replace(kovac[0], role="receiver")),
        ),
        entry(44, 205, "Imaged", from_state="CHECKED_OUT", to_state="IMAGED", seal="none", signers=kovac),
        entry(45, 240, "Resealed", occurred_at=None, seal="A-0048377, new", signers=()),
    )
    image_log = (
        entry(44, 205, "Derived from LH/01", to_state="STORED", signers=kovac, place="Case store"),
        entry(47, 1500, "Read back, equal", from_state="STORED", to_state="STORED", signers=kovac),
    )
    return (
        CustodyLog(exhibit="LH/01", description="Grey laptop computer", entries=laptop),
        CustodyLog(exhibit="LH/01-I1", description="E01 image of the internal disk", entries=image_log),
    )


def files() -> tuple[ChosenFile, ...]:
    modified = int(datetime(2026, 11, 18, 8, 13, 58, tzinfo=UTC).timestamp()) * NS + 123_456_700
    ntfs = tuple(
        FileTime(label=label, ns=modified + step * NS, source=source, basis="utc", resolution_ns=100)
        for label, step, source in (
            ("Modified", 0, "$SI"),
            ("Accessed", 12, "$SI"),
            ("Entry changed", 23, "$SI"),
            ("Created", -86_400, "$SI"),
            ("Created", -86_400, "$FN"),
        )
    )
    ambiguous = int(datetime(2026, 10, 25, 2, 30, 0, tzinfo=UTC).timestamp()) * NS
    fat = (
        FileTime(label="Modified", ns=ambiguous, source="directory entry", basis="local", resolution_ns=2 * NS),
        FileTime(
            label="Accessed",
            ns=ambiguous - ambiguous % (86_400 * NS),
            source="directory entry",
            basis="date",
            resolution_ns=86_400 * NS,
        ),
        FileTime(
            label="Created",
            ns=None,
            source="directory entry",
            basis="local",
            resolution_ns=10_000_000,
            absent="not set (zero)",
        ),
    )
    return (
        ChosenFile(
            reference="F-1",
            path="/Users/k.brandt/Documents/Invoices 2026/iban_list.txt",
            image="LH/01-I1",
            volume="v0.p3 (NTFS)",
            address="48211-128-1",
            kind="file",
            allocated=False,
            size_bytes=3072,
            digests=(("MD5", md5(b"f").digest()), ("SHA-256", digest("f1"))),
            mime="text/plain",
            type_text="ASCII text, with CRLF line terminators",
            times=ntfs,
            remark="cited in finding 9.2",
        ),
        ChosenFile(
            reference="F-2",
            path=HOSTILE_NAME,
            image="LH/01-I1",
            volume="v0.p3 (NTFS)",
            address="51002-128-3",
            kind="file",
            allocated=True,
            size_bytes=1_204_224,
            digests=(("SHA-256", digest("f2")),),
            mime="application/x-dosexec",
            type_text="PE32+ executable (GUI) x86-64",
            mismatch=True,
            times=ntfs[:2],
        ),
        ChosenFile(
            reference="F-3",
            path="/DCIM/\ufffdIMG_0417.JPG",
            name_bytes=b"\x93IMG_0417.JPG",
            image="LH/01-I1",
            volume="v0.p1 (FAT32)",
            address="7241",
            kind="file",
            allocated=False,
            realloc=True,
            orphan=True,
            size_bytes=48_211,
            digests=(("SHA-256", digest("f3")),),
            mime="image/jpeg",
            type_text="JPEG image data, 640x420",
            times=fat,
            thumbnail_jpeg=picture("IMG 0417"),
            note="content partly overwritten at 32,768 bytes from its start",
        ),
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


def rows(count: int) -> Sequence[ListedFile]:
    modified = int(DAY.timestamp()) * NS
    return [
        ListedFile(
            path=f"/Users/k.brandt/AppData/Local/Temp/set {position % 97}/document_{position:06d}.docx",
            address=f"{1000 + position}-128-1",
            state="allocated" if position % 7 else "deleted",
            size_bytes=position * 7919 % 9_000_000,
            times_ns=(modified + position * 61 * NS,),
            sha256=sha256(position.to_bytes(4, "big")).digest(),
            mime="application/vnd.openxmlformats",
        )
        for position in range(count)
    ]


def file_list(listed: Sequence[ListedFile]) -> FileList:
    return FileList(
        title="Documents of the account k.brandt",
        image="LH/01-I1",
        volume="v0.p3 (NTFS)",
        selection="type by content is a document; 1 October to 18 November 2026",
        time_columns=(TimeColumn(label="Modified", source="$SI", basis="utc", resolution_ns=100),),
        rows=listed,
    )


def long_custody(count: int) -> CustodyLog:
    template = custody()[0].entries[0]
    entries = [
        replace(
            template,
            sequence=position,
            recorded_at=DAY + timedelta(seconds=61 * position),
            occurred_at=DAY + timedelta(seconds=60 * position),
            digest=sha256(position.to_bytes(4, "big")).digest(),
        )
        for position in range(1, count + 1)
    ]
    return CustodyLog(exhibit="LH/01", description="Grey laptop computer", entries=entries)
