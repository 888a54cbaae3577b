"""The evidence of the sample dossier: exhibits, an image, files, and lists of any length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha1, sha256

from forensics_app.model.dossier import (
    ChosenFile,
    DigestCheck,
    Exhibit,
    FileList,
    FileTime,
    ImageFacts,
    ListedFile,
    MediaRegion,
    Photo,
    Seizure,
    TimeColumn,
    VolumeFacts,
    WriteBlock,
)
from tests.forensics_app.reports.sample_values import (
    DAY,
    HOSTILE_NAME,
    NS,
    digest,
    picture,
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
