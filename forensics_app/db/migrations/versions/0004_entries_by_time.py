"""An index over the times of entries: the newest of a long ledger is found without reading all of it."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index(op.f("ix_ledger_entry_recorded_at"), "ledger_entry", ["recorded_at"], unique=False)
