"""The tables of the record.

Every column of a projected table is TEXT or INTEGER and holds exactly the value that the ledger entry holds for
it: ids and times as canonical text, digests as lower-case hex, yes and no as 1 and 0. So what is signed and what is
stored are compared value by value, without a conversion between them.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _maybe(name: str) -> Column[str | None]:
    return Column(name, Text)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _ref(name: str, target: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, ForeignKey(f"{target}.id"), nullable=nullable)


def _id() -> Column[str]:
    return Column("id", Text, primary_key=True)


LAB = Table(
    "lab", METADATA, _id(), _text("name"), _text("address"), _text("zone"), _text("created_at"),
)  # fmt: skip
PERSON = Table(
    "person", METADATA, _id(), _text("name"), _text("function"), _text("organisation"), _text("id_number"),
    _text("roles"), _text("key_id"), _text("public_key"), _text("sealed_key_sha256"), _text("enrolled_at"),
    _maybe("revoked_at"), UniqueConstraint("name"),
)  # fmt: skip
PLACE = Table(
    "place", METADATA, _id(), _ref("parent_id", "place", nullable=True), _text("kind"), _text("code"), _text("name"),
    _text("recorded_at"), _maybe("closed_at"), UniqueConstraint("code"),
)  # fmt: skip
OUTSIDER = Table(
    "outsider", METADATA, _id(), _text("kind"), _text("name"), _text("function"), _text("organisation"),
    _text("identity"), _text("contact"), _text("recorded_at"), _maybe("ended_at"),
)  # fmt: skip
"""People who are not users of the program."""
CASE = Table(
    "case_file", METADATA, _id(), _text("number"), _text("title"), _text("offence"), _text("requesting_authority"),
    _text("questions"), _maybe("basis_instrument"), _maybe("basis_number"), _maybe("basis_issuer"),
    _maybe("basis_issued_on"), _maybe("basis_scope"), _maybe("basis_expires_on"), _ref("lead_examiner_id", "person"),
    _ref("supervisor_id", "person"), _text("status"), _text("opened_at"), _maybe("override_reason"),
    _maybe("override_until"), _maybe("override_by"), UniqueConstraint("number"),
)  # fmt: skip
EXHIBIT = Table(
    "exhibit", METADATA, _id(), _ref("case_id", "case_file"), _text("number"),
    _ref("parent_id", "exhibit", nullable=True), _ref("root_id", "exhibit"), _text("type"),
    _text("description"), _text("make"), _text("model"), _text("serial"), _text("condition"),
    _text("seal_number"), _maybe("seized_at"), _text("seized_place"), _text("seized_by"),
    _text("seizure_witness"), _text("no_photo_reason"), _text("state"), _text("state_since"),
    _ref("holder_id", "person", nullable=True), _text("holder"), _text("place"), _maybe("expected_back"),
    _number("integrity_failed"), _text("recorded_at"), UniqueConstraint("case_id", "number"),
)  # fmt: skip
PHOTO = Table(
    "photo", METADATA, _id(), _ref("exhibit_id", "exhibit"), _text("view"), _text("caption"), _maybe("taken_at"),
    _ref("author_id", "person"), _text("sha256"), _number("size_bytes"), _text("media_type"), _text("recorded_at"),
)  # fmt: skip
EXHIBIT_DETAIL = Table(
    "exhibit_detail", METADATA, _id(), _ref("exhibit_id", "exhibit"), _text("field"), _text("value"), _text("doubt"),
    _text("recorded_at"), UniqueConstraint("exhibit_id", "field"),
)  # fmt: skip
"""What the guidance asks of a kind of device; ``doubt`` is what the check of the value found."""
IMAGE = Table(
    "image", METADATA, Column("id", Text, ForeignKey("exhibit.id"), primary_key=True), _ref("case_id", "case_file"),
    _ref("exhibit_id", "exhibit"), _text("paths"), _text("container"), _number("media_bytes"),
    _number("container_bytes"), _number("sector_bytes"), _text("metadata"), _text("problems"),
    _text("stored_digests"), _text("md5"), _text("sha1"), _text("sha256"), _text("unreadable"), _text("integrity"),
    _text("write_blocker"), _text("no_write_blocker_reason"), _text("started_at"), _text("ended_at"), _text("tool"),
    _text("decision"), _maybe("catalogue_sha256"), Column("catalogue_entries", BigInteger),
)  # fmt: skip
IMAGE_CHECK = Table(
    "image_check", METADATA, _id(), _ref("image_id", "image"), _text("started_at"), _text("ended_at"), _text("md5"),
    _text("sha1"), _text("sha256"), _text("unreadable"), _number("agrees"), _text("what"),
    Column("part_bytes", BigInteger), _maybe("parts"), _maybe("differing"),
)  # fmt: skip
"""Readings of whole media. ``md5``, ``sha1`` and ``sha256`` are empty where it was read part by part; ``parts`` is the
SHA-256 of each part, one after the other; ``differing`` the stretches whose digests are not those of the intake."""
CHOSEN_FILE = Table(
    "chosen_file", METADATA, _id(), _ref("case_id", "case_file"), _ref("image_id", "image"), _text("volume_id"),
    _number("entry_id"), _text("path"), _text("address"), _number("size_bytes"), _text("state"), _text("times"),
    _maybe("md5"), _maybe("sha256"), _maybe("mime"), _text("note"), _text("chosen_at"), _maybe("withdrawn_at"),
)  # fmt: skip
FILE_EXPORT = Table(
    "file_export", METADATA, _id(), _ref("case_id", "case_file"), _ref("image_id", "image"), _text("volume_id"),
    _text("path"), _text("address"), _text("target"), _number("size_bytes"), _text("sha256"), _text("exported_at"),
)  # fmt: skip
REPORT = Table(
    "report", METADATA, _id(), _ref("case_id", "case_file"), _text("number"), _number("version"), _text("title"),
    _text("zone"), _ref("author_id", "person"), _text("sha256"), _number("size_bytes"), _number("pages"),
    _text("ledger_head"), _text("issued_at"), _maybe("kind"), _maybe("draft_id"),
    _maybe("authoriser_id"), _maybe("replaces_id"), _maybe("changes"),
    UniqueConstraint("case_id", "number", "version"),
)  # fmt: skip
"""Issued reports. ``kind`` and what follows it are null in those that were issued before drafts were kept."""

REPORT_DRAFT = Table(
    "report_draft", METADATA, _id(), _ref("case_id", "case_file"), _number("number"), _text("kind"), _text("title"),
    _text("zone"), _text("zone_of_local_times"), _text("sections"), _text("summary"), _text("limitations"),
    _text("statements"), _text("language"), _maybe("replaces_id"), _text("changes"), _text("content_sha256"),
    _text("state"), _ref("author_id", "person"), _text("begun_at"), _text("changed_at"), _maybe("submitted_at"),
    _maybe("report_id"),
    UniqueConstraint("case_id", "number"),
)  # fmt: skip
REPORT_BLOCK = Table(
    "report_block", METADATA, _id(), _ref("draft_id", "report_draft"), _number("position"), _text("section"),
    _text("kind"), _text("heading"), _text("text"), _text("basis"), _maybe("withdrawn_at"),
    Index(None, "draft_id"),
)  # fmt: skip
"""Facts and opinions in the words of an author; ``position`` counts from 0 among those that were not withdrawn."""
REPORT_REVIEW = Table(
    "report_review", METADATA, _id(), _ref("draft_id", "report_draft"), _ref("reviewer_id", "person"),
    _number("approved"), _text("comment"), _text("content_sha256"), _text("decided_at"), Index(None, "draft_id"),
)  # fmt: skip

SEALED_KEY = Table(
    "sealed_key", METADATA, _id(), _ref("image_id", "image"), _ref("person_id", "person"), _text("volume_id"),
    _text("kind"), _text("sealed_sha256"), _text("kept_at"), _maybe("removed_at"),
)  # fmt: skip
"""That somebody keeps the key of an encrypted volume; the sealed key itself is in ``volume_secret``."""

SCENE = Table(
    "scene", METADATA, _id(), _ref("case_id", "case_file"), _ref("exhibit_id", "exhibit", nullable=True),
    _text("flow"), _text("flow_version"), _text("subject"), _text("place"), _text("led_by"), _text("started_at"),
    _text("recorded_at"), _maybe("closed_at"),
)  # fmt: skip
SCENE_ANSWER = Table(
    "scene_answer", METADATA, _id(), _ref("scene_id", "scene"), _text("step"), _text("value"), _text("reason"),
    _ref("person_id", "person"), _text("given_at"), _text("recorded_at"), _number("number"),
    UniqueConstraint("scene_id", "number"),
)  # fmt: skip
SCENE_PHOTO = Table(
    "scene_photo", METADATA, _id(), _ref("scene_id", "scene"), _text("step"), _text("view"), _text("caption"),
    _maybe("taken_at"), _ref("author_id", "person"), _text("sha256"), _number("size_bytes"), _text("media_type"),
    _text("recorded_at"),
)  # fmt: skip
CAPTURE = Table(
    "capture", METADATA, _id(), _ref("scene_id", "scene"), _number("number"), _text("rule"), _number("tier"),
    _number("out_of_order"), _text("what"), _text("tool"), _text("tool_version"), _text("tool_sha256"),
    _text("command"), _text("started_at"), _text("ended_at"), _text("footprint"), _text("medium"), _text("output"),
    _text("output_sha256"), _text("witness"), _text("reason"), _ref("person_id", "person"), _text("recorded_at"),
    UniqueConstraint("scene_id", "number"),
)  # fmt: skip
"""Steps of live captures. Digests are empty where there is nothing to digest."""
DEVIATION = Table(
    "deviation", METADATA, _id(), _ref("case_id", "case_file"), _text("principle"), _text("gap"), _text("what"),
    _text("reason"), _ref("author_id", "person"), _text("recorded_at"),
)  # fmt: skip
INCIDENT = Table(
    "incident", METADATA, _id(), _ref("case_id", "case_file"), _ref("exhibit_id", "exhibit"), _text("kind"),
    _text("what"), _text("raised_at"), _ref("raised_by", "person"), _text("decision"),
    _ref("decided_by", "person", nullable=True), _maybe("decided_at"),
)  # fmt: skip
NOTE = Table(
    "note", METADATA, _id(), _ref("case_id", "case_file"), _number("number"),
    _ref("exhibit_id", "exhibit", nullable=True), _ref("addendum_to", "note", nullable=True), _text("text"),
    _ref("author_id", "person"), _text("told_at"), _text("recorded_at"), UniqueConstraint("case_id", "number"),
)  # fmt: skip
TRAINING = Table(
    "training", METADATA, _id(), _ref("person_id", "person"), _text("subject"), _text("provider"),
    _text("achieved_on"), _maybe("expires_on"), _text("document"), _text("sha256"), _ref("recorded_by", "person"),
    _text("recorded_at"), _text("withdrawn_reason"),
)  # fmt: skip
ASSIGNMENT = Table(
    "assignment", METADATA, _id(), _ref("case_id", "case_file"), _ref("person_id", "person"), _text("post"),
    _text("override_reason"), _ref("assigned_by", "person"), _text("assigned_at"),
)  # fmt: skip
TOOL = Table(
    "tool", METADATA, _id(), _text("name"), _text("version"), _text("vendor"), _text("sha256"),
    _ref("recorded_by", "person"), _text("recorded_at"),
)  # fmt: skip
TOOL_VALIDATION = Table(
    "tool_validation", METADATA, _id(), _ref("tool_id", "tool"), _text("validated_on"), _text("scope"),
    _number("passed"), _text("result"), _text("validated_by"), _maybe("next_due"), _text("document"), _text("sha256"),
    _ref("recorded_by", "person"), _text("recorded_at"),
)  # fmt: skip
HASH_SET = Table(
    "hash_set", METADATA, _id(), _text("name"), _text("version"), _text("source"), _text("kind"), _text("list_name"),
    _text("list_sha256"), _number("list_bytes"), _text("format"), _text("parts"), _number("refused"),
    _ref("recorded_by", "person"), _text("recorded_at"), _maybe("removed_at"),
)  # fmt: skip
"""``parts`` says how many digests of which algorithm are stored, and the SHA-256 of the file that holds them."""
TAG = Table(
    "tag", METADATA, _id(), _text("name"), _text("colour"), Column("key", BigInteger), _number("conceals"),
    _ref("recorded_by", "person"), _text("recorded_at"), _maybe("retired_at"),
)  # fmt: skip


def _target() -> tuple[Column[str] | Column[str | None] | Column[int] | Column[int | None], ...]:
    """What a tag is on and what a finding cites; ``entry_id`` is only a hint where to look first."""
    return (
        _ref("image_id", "image"), _text("area"), _text("volume_id"), _text("path"), _text("address"),
        Column("entry_id", BigInteger), _number("size_bytes"), _maybe("sha256"), Column("offset_bytes", BigInteger),
        Column("length_bytes", BigInteger), _text("term"),
    )  # fmt: skip


TAGGING = Table(
    "tagging", METADATA, _id(), _ref("case_id", "case_file"), _ref("tag_id", "tag"), *_target(),
    _ref("tagged_by", "person"), _text("tagged_at"), _maybe("removed_at"), Index(None, "image_id"),
)  # fmt: skip
FINDING = Table(
    "finding", METADATA, _id(), _ref("case_id", "case_file"), _number("number"), _text("kind"), *_target(),
    _text("state"), _text("times"), _maybe("bytes_sha256"), _text("text"), _ref("author_id", "person"),
    _text("recorded_at"), _maybe("withdrawn_at"), UniqueConstraint("case_id", "number"),
)  # fmt: skip
"""Findings and bookmarks. ``bytes_sha256`` is of the cited bytes, ``sha256`` of the whole file's content."""
DECISION = Table(
    "decision", METADATA, _id(), _ref("case_id", "case_file", nullable=True), _text("kind"), _text("matter"),
    _text("what"), _number("approved"), _text("comment"), _ref("decided_by", "person"), _text("decided_at"),
    UniqueConstraint("matter"),
)  # fmt: skip

LEGAL_HOLD = Table(
    "legal_hold", METADATA, _id(), _ref("case_id", "case_file"), _ref("exhibit_id", "exhibit", nullable=True),
    _text("authority"), _text("reason"), _text("placed_at"), _ref("placed_by", "person"), _maybe("lifted_at"),
    _ref("lifted_by", "person", nullable=True), _text("lift_authority"), _text("lift_reason"),
)  # fmt: skip
DISPOSAL = Table(
    "disposal", METADATA, _id(), _ref("case_id", "case_file"), _ref("exhibit_id", "exhibit"), _text("way"),
    _text("method"), _text("authority"), _text("recipient"), _text("state"), _ref("proposed_by", "person"),
    _text("proposed_at"), _text("decision"), _ref("decided_by", "person", nullable=True), _maybe("decided_at"),
    _ref("carried_out_by", "person", nullable=True), _ref("witness_id", "person", nullable=True),
    _maybe("carried_out_at"),
)  # fmt: skip
PAPER = Table(
    "paper", METADATA, _id(), _ref("case_id", "case_file"), _ref("exhibit_id", "exhibit"), _text("kind"),
    _text("name"), _text("sha256"), _number("size_bytes"), _text("media_type"), _text("recorded_at"),
)  # fmt: skip
"""Receipts, forms and drawn signatures; the files lie in the lab folder under their SHA-256."""

TRANSFER_OFFER = Table(
    "transfer_offer", METADATA, _id(), _ref("case_id", "case_file"), _ref("exhibit_id", "exhibit"), _text("event"),
    _text("from_state"), _ref("giver_id", "person"), _ref("receiver_id", "person"), _text("fields"), _text("remarks"),
    _text("due"), _text("state"), _text("offered_at"), _maybe("answered_at"), _text("reason"),
)  # fmt: skip
ROOM_AUDIT = Table(
    "room_audit", METADATA, _id(), _text("place"), _ref("person_id", "person"), _text("began_at"), _number("expected"),
    _number("found"), _text("remarks"), _text("recorded_at"),
)  # fmt: skip
AUDIT_FINDING = Table(
    "audit_finding", METADATA, _id(), _ref("audit_id", "room_audit"), _number("number"), _text("kind"),
    _ref("exhibit_id", "exhibit", nullable=True), _text("label"), _text("what"),
    UniqueConstraint("audit_id", "number"),
)  # fmt: skip

PROJECTED: dict[str, Table] = {
    table.name: table
    for table in (
        LAB, PERSON, CASE, EXHIBIT, PHOTO, IMAGE, IMAGE_CHECK, CHOSEN_FILE, FILE_EXPORT, REPORT, SEALED_KEY,
        SCENE, SCENE_ANSWER, SCENE_PHOTO, CAPTURE, DEVIATION, INCIDENT, NOTE,
        LEGAL_HOLD, DISPOSAL, PAPER, TRANSFER_OFFER, ROOM_AUDIT, AUDIT_FINDING,
        TRAINING, ASSIGNMENT, TOOL, TOOL_VALIDATION, DECISION, EXHIBIT_DETAIL, PLACE, OUTSIDER,
        HASH_SET, TAG, TAGGING, FINDING, REPORT_DRAFT, REPORT_BLOCK, REPORT_REVIEW,
    )
}  # fmt: skip
"""The tables that the ledger's ``changes`` speak of; verification compares each value of each of them."""

ENTRY = Table(
    "ledger_entry", METADATA, Column("chain", Text, primary_key=True), Column("sequence", BigInteger, primary_key=True),
    _text("chain_kind"), _text("recorded_at"), _text("actor_id"), _text("action"), _text("object_id"),
    Column("body", LargeBinary, nullable=False), Column("signatures", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False), Index(None, "object_id", "sequence"),
    Index(None, "recorded_at"),
)  # fmt: skip
"""The ledger. ``body`` and ``signatures`` are the signed bytes; the other columns only find them, and are checked."""

PERSON_SECRET = Table(
    "person_secret", METADATA, Column("person_id", Text, ForeignKey("person.id"), primary_key=True),
    _text("sealed_key"),
)  # fmt: skip
"""Private keys sealed under passphrases. They never stand in the ledger, which holds only their SHA-256."""

VOLUME_SECRET = Table(
    "volume_secret", METADATA, Column("sealed_key_id", Text, ForeignKey("sealed_key.id"), primary_key=True),
    _text("sealed"),
)  # fmt: skip
"""Keys of volumes, sealed for one person. Not in the ledger, so that one that is removed is gone."""

CHECK_PART = Table(
    "check_part", METADATA, Column("image_id", Text, ForeignKey("image.id"), primary_key=True),
    Column("number", BigInteger, primary_key=True), _number("part_bytes"), _text("sha256"), _text("unreadable"),
    _text("read_at"), _ref("person_id", "person"), _text("signature"),
)  # fmt: skip
"""Parts of a media that were read again while others are not yet. Each is signed by who read it; when all are there
they become one row of ``image_check``."""

SIGN_IN = Table(
    "sign_in", METADATA, Column("id", Integer, primary_key=True, autoincrement=True), _maybe("person_id"),
    _number("succeeded"), _text("at"), _text("host"),
)  # fmt: skip
"""Attempts to open a key; append-only. ``person_id`` is the person, or where nobody bears the name that was typed
``name:`` and two bytes of a digest of it, which show no passphrase that was typed there."""

JOB = Table(
    "job", METADATA, _id(), _text("kind"), _text("subject"), _maybe("case_id"), _text("parameters"), _text("state"),
    _text("host"), _text("started_at"), _maybe("ended_at"), _text("message"),
)  # fmt: skip
"""Long operations, so that a crash is noticed. What they found is in the record, not here."""

APPEND_ONLY = (ENTRY, SIGN_IN)
"""Tables in which triggers refuse UPDATE and DELETE (REQ-14)."""
