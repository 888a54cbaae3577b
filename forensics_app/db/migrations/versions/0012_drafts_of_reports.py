"""Drafts of reports with their blocks and reviews; issued reports name what they come from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and the columns."""
    op.create_table(
        "report_draft",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (
            "kind", "title", "zone", "zone_of_local_times", "sections", "summary", "limitations", "statements",
            "language",
        )),
        sa.Column("replaces_id", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (
            "changes", "content_sha256", "state", "author_id", "begun_at", "changed_at",
        )),
        sa.Column("submitted_at", sa.Text(), nullable=True),
        sa.Column("report_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_report_draft_case_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_report_draft_author_id")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_report_draft_case_id_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_draft")),
    )  # fmt: skip
    op.create_table(
        "report_block",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("section", "kind", "heading", "text", "basis")),
        sa.Column("withdrawn_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["report_draft.id"], name=op.f("fk_report_block_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_block")),
    )
    op.create_index(op.f("ix_report_block_draft_id"), "report_block", ["draft_id"])
    op.create_table(
        "report_review",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.Text(), nullable=False),
        sa.Column("reviewer_id", sa.Text(), nullable=False),
        sa.Column("approved", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("comment", "content_sha256", "decided_at")),
        sa.ForeignKeyConstraint(["draft_id"], ["report_draft.id"], name=op.f("fk_report_review_draft_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_report_review_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_review")),
    )
    op.create_index(op.f("ix_report_review_draft_id"), "report_review", ["draft_id"])
    for name in ("kind", "draft_id", "authoriser_id", "replaces_id", "changes"):
        op.add_column("report", sa.Column(name, sa.Text(), nullable=True))
