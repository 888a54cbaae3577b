"""The options of commands that read encrypted volumes. Keys come by file: a process list shows the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.errors import UsageError
from forensics_app.model.image import Keys

_MAX_KEY_BYTES = 8 * 1024 * 1024
"""The largest key file of cryptsetup."""


def add_key_options(parser: argparse.ArgumentParser) -> None:
    """Add the options; each may be given several times, and every key is tried on every locked volume."""
    options = (
        ("--password-file", "F", "file whose first line is a password of an encrypted volume"),
        ("--recovery-key-file", "F", "file whose first line is a recovery key"),
        ("--startup-key", "FILE", "a BitLocker startup key (.BEK) or a LUKS key file"),
    )
    for option, name, words in options:
        parser.add_argument(option, type=Path, action="append", default=[], metavar=name, help=words)


def keys_of(args: argparse.Namespace) -> Keys:
    """Read the keys.

    Raises:
        UsageError: A file cannot be read, or there is nothing in it.
    """
    return Keys(
        passwords=tuple(_line(path) for path in args.password_file),
        recovery_keys=tuple(_line(path) for path in args.recovery_key_file),
        startup_keys=tuple(_content(path) for path in args.startup_key),
    )


def _line(path: Path) -> str:
    line = _content(path).split(b"\n", 1)[0].rstrip(b"\r")
    if not line.strip():
        raise UsageError(f"The first line of the key file {path} is empty.")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"The first line of the key file {path} is not UTF-8 text.") from error


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_KEY_BYTES + 1)
    except OSError as error:
        raise UsageError(f"The key file {path} cannot be read: {error.strerror}.") from error
    if not content:
        raise UsageError(f"The key file {path} is empty.")
    if len(content) > _MAX_KEY_BYTES:
        raise UsageError(f"The key file {path} is larger than 8 MiB: that is no key.")
    return content
