"""Digests of the parts of a media, checks that are read in parts, and keys of volumes kept sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns to the readings of images, and the tables."""
    op.add_column("image_check", sa.Column("part_bytes", sa.BigInteger(), nullable=True))
    op.add_column("image_check", sa.Column("parts", sa.Text(), nullable=True))
    op.add_column("image_check", sa.Column("differing", sa.Text(), nullable=True))
    op.create_table(
        "check_part",
        sa.Column("image_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("part_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("unreadable", sa.Text(), nullable=False),
        sa.Column("read_at", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_check_part_image_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_check_part_person_id")),
        sa.PrimaryKeyConstraint("image_id", "number", name=op.f("pk_check_part")),
    )
    op.create_table(
        "sealed_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("image_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("volume_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed_sha256", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_sealed_key_image_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sealed_key_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_key")),
    )
    op.create_table(
        "volume_secret",
        sa.Column("sealed_key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sealed_key_id"], ["sealed_key.id"], name=op.f("fk_volume_secret_sealed_key_id")),
        sa.PrimaryKeyConstraint("sealed_key_id", name=op.f("pk_volume_secret")),
    )
