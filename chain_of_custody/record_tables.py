"""The tables of the record: which kinds of entries make a row of each, and which change what in it (fifth rules).

What is not here no entry writes. Every table that a program of ours projects from the ledger is here, and the same
table stands in ``ledger-format.md``, section 7: a new table or column to be changed is a new rule.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Where: TypeAlias = Literal["case", "lab", "case or lab"]

STEP: Final = "step"
"""Stands for every step of the custody of an exhibit."""
ENDS: Final = ("custody.return_to_owner", "custody.destroy", "custody.forfeit", "custody.archive")
_BY_HOLDERS: Final = frozenset(("examiner", "exhibits officer", "supervisor"))
_BY_REGISTRARS: Final = frozenset(("examiner", "exhibits officer"))
_BY_ANALYSTS: Final = frozenset(("examiner", "supervisor"))
_BY_EXAMINERS: Final = frozenset(("examiner",))
_BY_SUPERVISORS: Final = frozenset(("supervisor",))
_BY_KEEPERS: Final = frozenset(("administrator", "supervisor"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Who writes a table.

    Attributes:
        where: the kind of chain that does.
        made: the actions of entries that make rows of it.
        changed: by action of an entry, the columns that it may change in a row that is there.
        by: the columns that name who does it: people who sign the entry that writes them.
    """

    where: Where = "case"
    made: Collection[str]
    changed: Mapping[str, Collection[str]] = field(default_factory=dict)
    by: Collection[str] = ()


_STEPPED: Final = (
    "state", "state_since", "holder_id", "holder", "place", "seal_number", "condition", "expected_back",
)  # fmt: skip
_CORRECTED: Final = (
    "type", "description", "make", "model", "serial", "condition", "seal_number", "seized_at", "seized_place",
    "seized_by", "seizure_witness", "place",
)  # fmt: skip
_STEP_CORRECTED: Final = (
    "holder", "place", "seal_number", "condition", "expected_back", "seized_at", "seized_place", "seized_by",
    "seizure_witness",
)  # fmt: skip
_DECIDED: Final = ("state", "decision", "decided_by", "decided_at")
_WRITTEN: Final = (
    "kind", "title", "zone", "zone_of_local_times", "sections", "summary", "limitations", "statements", "language",
    "replaces_id", "changes", "content_sha256", "changed_at",
)  # fmt: skip
_BASIS: Final = (
    "basis_instrument", "basis_number", "basis_issuer", "basis_issued_on", "basis_scope", "basis_expires_on", "status",
)  # fmt: skip
_OUTSIDER: Final = ("name", "function", "organisation", "identity", "contact")
_RESULT: Final = {f"report.{step}": ("state",) for step in ("recall", "return", "approve", "discard")}

TABLES: Final[Mapping[str, Table]] = {
    "case_file": Table(made=("case.open",), changed={
        "case.legal_basis": _BASIS,
        "case.override": ("override_reason", "override_until", "override_by"),
        "case.change": ("title", "offence", "requesting_authority", "questions"),
        "case.close": ("status",),
    }),
    "assignment": Table(made=("case.open", "case.assign"), by=("assigned_by",)),
    "exhibit": Table(made=("exhibit.add", "exhibit.derive", "image.intake"), changed={
        STEP: _STEPPED,
        "custody.seize": ("seized_at", "seized_by", "seizure_witness", "seized_place"),
        "exhibit.correct": _CORRECTED,
        "exhibit.correct_step": _STEP_CORRECTED,
        "image.intake": ("integrity_failed",),
        "image.check": ("integrity_failed",),
        "image.check_part": ("integrity_failed",),
        "image.decision": ("integrity_failed",),
    }),
    "exhibit_detail": Table(
        made=("exhibit.add", "exhibit.particulars"), changed={"exhibit.particulars": ("value", "doubt")}
    ),
    "photo": Table(made=("exhibit.photo",), by=("author_id",)),
    "image": Table(made=("image.intake",), changed={
        "image.check": ("integrity",),
        "image.check_part": ("integrity",),
        "image.decision": ("integrity", "decision"),
        "image.catalogue": ("catalogue_sha256", "catalogue_entries"),
    }),
    "image_check": Table(made=("image.intake", "image.check")),
    "sealed_key": Table(made=("key.keep",), changed={"key.remove": ("removed_at",)}, by=("person_id",)),
    "chosen_file": Table(made=("file.choose",), changed={"file.withdraw": ("withdrawn_at",)}),
    "file_export": Table(made=("file.export",)),
    "tagging": Table(made=("tag.put",), changed={"tag.remove": ("removed_at",)}, by=("tagged_by",)),
    "finding": Table(
        made=("finding.add", "bookmark.add"),
        changed=dict.fromkeys(("finding.withdraw", "bookmark.withdraw"), ("withdrawn_at",)),
        by=("author_id",),
    ),
    "note": Table(made=("note.add", "note.addendum"), by=("author_id",)),
    "scene": Table(made=("scene.begin",), changed={"scene.close": ("closed_at",)}),
    "scene_answer": Table(made=("scene.answer",), by=("person_id",)),
    "scene_photo": Table(made=("scene.photo",), by=("author_id",)),
    "capture": Table(made=("scene.capture",), by=("person_id",)),
    "deviation": Table(
        made=(STEP, "image.intake", "exhibit.correct_step", "case.deviation"), by=("author_id",)
    ),
    "incident": Table(
        made=(STEP, "image.intake", "exhibit.correct", "exhibit.correct_step", "incident.raise"),
        changed={"incident.close": ("decision", "decided_by", "decided_at")},
        by=("raised_by", "decided_by"),
    ),
    "transfer_offer": Table(
        made=("transfer.offer",),
        changed=dict.fromkeys((STEP, "transfer.refuse", "transfer.withdraw"), ("state", "answered_at", "reason")),
        by=("giver_id",),
    ),
    "paper": Table(made=(STEP,)),
    "legal_hold": Table(
        made=("hold.place",),
        changed={"hold.lift": ("lifted_at", "lifted_by", "lift_authority", "lift_reason")},
        by=("placed_by", "lifted_by"),
    ),
    "disposal": Table(
        made=("custody.propose_disposal",),
        changed={
            **dict.fromkeys(("disposal.approve", "custody.reject_disposal"), _DECIDED),
            **dict.fromkeys(ENDS, ("state", "carried_out_by", "witness_id", "carried_out_at")),
        },
        by=("proposed_by", "decided_by", "carried_out_by", "witness_id"),
    ),
    "report_draft": Table(made=("report.draft",), changed={
        "report.edit": _WRITTEN,
        "report.submit": ("state", "author_id", "submitted_at"),
        **_RESULT,
        "report.issue": ("state", "report_id"),
    }, by=("author_id",)),
    "report_block": Table(made=("report.draft", "report.edit"), changed={
        "report.edit": ("position", "section", "kind", "heading", "text", "basis", "withdrawn_at"),
    }),
    "report_review": Table(made=("report.approve", "report.return"), by=("reviewer_id",)),
    "report": Table(made=("report.issue",), by=("author_id", "authoriser_id")),
    "decision": Table(where="case or lab", made=("desk.approve", "desk.return"), by=("decided_by",)),
    "lab": Table(where="lab", made=("person.enrol",)),
    "person": Table(where="lab", made=("person.enrol",), changed={
        "key.replace": ("key_id", "public_key", "sealed_key_sha256", "revoked_at"),
        "person.passphrase": ("sealed_key_sha256",),
        "person.revoke": ("revoked_at",),
    }),
    "place": Table(where="lab", made=("place.add",), changed={
        "place.change": ("code", "name"), "place.close": ("closed_at",),
    }),
    "outsider": Table(where="lab", made=("outsider.add",), changed={
        "outsider.change": _OUTSIDER, "outsider.end": ("ended_at",),
    }),
    "training": Table(
        where="lab",
        made=("person.training",),
        changed={"person.training_withdrawn": ("withdrawn_reason",)},
        by=("recorded_by",),
    ),
    "tool": Table(where="lab", made=("tool.add",), by=("recorded_by",)),
    "tool_validation": Table(where="lab", made=("tool.validate",), by=("recorded_by",)),
    "hash_set": Table(
        where="lab", made=("hash_set.add",), changed={"hash_set.remove": ("removed_at",)}, by=("recorded_by",)
    ),
    "tag": Table(
        where="lab",
        made=("tag.make",),
        changed={"tag.change": ("name", "colour", "key", "conceals"), "tag.retire": ("retired_at", "key")},
        by=("recorded_by",),
    ),
    "room_audit": Table(where="lab", made=("room.audit",), by=("person_id",)),
    "audit_finding": Table(where="lab", made=("room.audit",)),
}  # fmt: skip

REFERENCES: Final = {"exhibit_id": "exhibit", "image_id": "image", "scene_id": "scene", "draft_id": "report_draft"}
"""Columns of rows in the chain of a case that name a row there, which has to be there."""

WRITERS: Final[Mapping[str, Collection[str]]] = {
    "case.open": _BY_HOLDERS | {"administrator"},
    "case.override": _BY_HOLDERS,
    **dict.fromkeys(("case.legal_basis", "case.change"), _BY_ANALYSTS),
    "case.close": _BY_SUPERVISORS,
    "case.assign": _BY_KEEPERS,
    **dict.fromkeys(("exhibit.photo", "exhibit.particulars"), _BY_REGISTRARS),
    "image.check": _BY_HOLDERS,
    "image.check_part": _BY_HOLDERS,
    **dict.fromkeys(("image.catalogue", "key.keep", "file.choose", "file.withdraw", "file.export"), _BY_EXAMINERS),
    **dict.fromkeys(
        (
            "tag.put", "tag.remove", "finding.add", "finding.withdraw", "bookmark.add", "bookmark.withdraw",
        ),
        _BY_ANALYSTS,
    ),
    **dict.fromkeys(("note.add", "note.addendum", "case.deviation"), _BY_HOLDERS),
    **dict.fromkeys(
        ("scene.begin", "scene.answer", "scene.photo", "scene.capture", "scene.close"), _BY_REGISTRARS
    ),
    **dict.fromkeys(("person.training", "person.training_withdrawn", "tool.validate"), _BY_KEEPERS),
    **dict.fromkeys(("place.add", "place.change", "place.close"), frozenset(("administrator", "exhibits officer"))),
    **dict.fromkeys(("outsider.add", "outsider.change", "outsider.end"), _BY_HOLDERS | {"administrator"}),
    **dict.fromkeys(("tool.add", "hash_set.add", "tag.make", "tag.change"), _BY_ANALYSTS | {"administrator"}),
    **dict.fromkeys(("hash_set.remove", "tag.retire"), _BY_KEEPERS),
    "room.audit": _BY_HOLDERS | {"auditor"},
}  # fmt: skip
"""Which of these roles who signs an entry needs that writes into a table; others are asked for their action anyway."""
