"""Alembic's entry: migrates the connection that the program hands over."""

from __future__ import annotations

from alembic import context

from forensics_app.db.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
