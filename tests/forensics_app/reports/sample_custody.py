"""The custody record of the sample dossier, and records of any length."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from forensics_app.model.dossier import (
    CustodyEntry,
    CustodyLog,
    Signer,
)
from tests.forensics_app.reports.sample_values import (
    DAY,
    digest,
    key_of,
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
