"""How SQLite files are opened: as they are, or by SQLCipher where they lie in an encrypted store (REQ-70).

SQLCipher encrypts every page by AES-256 and authenticates it by HMAC-SHA512, those of journals, too. What would go to
temporary files of SQLite, which it does not encrypt, is kept in memory.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from forensics_app.db.store_keys import key_for

SQLITE_ERRORS: tuple[type[Exception], type[Exception]] = (sqlite3.Error, sqlcipher.Error)
"""What either way of opening raises."""
OPERATIONAL_ERRORS: tuple[type[Exception], type[Exception]] = (sqlite3.OperationalError, sqlcipher.OperationalError)


def connect(path: Path, parameters: str = "", **arguments: Any) -> sqlite3.Connection:
    """Open the database at ``path``, with the key of the store where it lies in one.

    Args:
        path: The file; made if it is not there and ``parameters`` do not forbid it.
        parameters: Of the URI: ``mode=ro&immutable=1``; empty for a file that is read and written.
        arguments: As :func:`sqlite3.connect` takes them.

    Raises:
        sqlite3.Error: It cannot be opened; see :data:`SQLITE_ERRORS`.
    """
    place = uri(path, parameters) if parameters else str(path)
    if parameters:
        arguments["uri"] = True
    module = driver(path)
    db: sqlite3.Connection = module.connect(place, **arguments)
    unlock(db, path)
    return db


def uri(path: Path, parameters: str) -> str:
    """The URI of a file with parameters for SQLite."""
    return f"{path.absolute().as_uri()}?{parameters}"


def driver(path: Path) -> ModuleType:
    """The module that opens ``path``."""
    return sqlite3 if key_for(path) is None else sqlcipher


def unlock(db: sqlite3.Connection, path: Path) -> None:
    """Give a fresh connection the key of the store in which ``path`` lies; nothing where it lies in none."""
    if (raw := raw_key(path)) is None:
        return
    db.execute("PRAGMA cipher_log_level = NONE").close()  # it would go to standard error
    db.execute(f'PRAGMA key = "{raw}"').close()
    db.execute("PRAGMA temp_store = MEMORY").close()


def attach(db: sqlite3.Connection, path: Path, name: str, parameters: str = "") -> None:
    """Let another database of the same store be asked by the same statements, as ``name``."""
    place = uri(path, parameters) if parameters else str(path)
    if (raw := raw_key(path)) is None:
        db.execute(f"ATTACH ? AS {name}", (place,))
    else:
        db.execute(f"ATTACH ? AS {name} KEY ?", (place, raw))


def connect_to_encrypt(path: Path) -> sqlite3.Connection:
    """Open a database by SQLCipher whether it is encrypted or not; nothing else in this process may have it open."""
    db: sqlite3.Connection = sqlcipher.connect(str(path))
    db.execute("PRAGMA cipher_log_level = NONE").close()
    unlock(db, path)
    db.execute("PRAGMA temp_store = MEMORY").close()
    return db


def is_encrypted(path: Path) -> bool:
    """Whether a database at ``path`` is one of SQLCipher, whose header says nothing."""
    return key_for(path) is not None


def is_busy(error: BaseException) -> bool:
    """Whether another connection was in the way."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def raw_key(path: Path) -> str | None:
    """The key as SQLCipher takes one that is not to be stretched; None outside of encrypted stores."""
    key = key_for(path)
    return None if key is None else f"x'{key.of_databases.hex()}'"
