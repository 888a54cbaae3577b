"""The command that checks a custody folder or a ledger file: its arguments, its words, its exit status."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from chain_of_custody.checking import check
from chain_of_custody.errors import LedgerFileError
from chain_of_custody.workers import worker_command

DONE: Final = 0
ATTENTION: Final = 1
NOT_KNOWN: Final = 3

_PROGRESS_ENTRIES: Final = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Returns:
        0 when every chain is intact, signed and trusted; 1 when one of these fails or cannot be found out; 3 when the
        folder or file cannot be read, or what stands in it is in order but entries are withheld. Wrong use ends the
        program with 2.
    """
    options = _parser().parse_args(arguments)
    try:
        checked = check(options.path, root=options.root, on_progress=_progress, worker=worker_command())
    except (OSError, LedgerFileError) as error:
        print(f"{options.path}: {error}", file=sys.stderr)
        return NOT_KNOWN
    if options.json:
        print(json.dumps(checked.as_json(), indent=2))
    else:
        for line in checked.in_words():
            print(_printable(line))
    if checked.all_yes:
        return DONE
    return NOT_KNOWN if checked.is_good_as_far_as_it_stands else ATTENTION


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m chain_of_custody",
        description="Checks the custody ledger of a laboratory without anything of the laboratory.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    verify = commands.add_parser(
        "verify",
        help="answer about every chain: intact? signed? trusted? every act of custody allowed?",
        description="Exit status: 0 all answers are yes; 1 something fails; 2 wrong use; 3 unreadable, or withheld.",
    )
    verify.add_argument("path", type=Path, metavar="FOLDER", help="the custody folder, or a ledger file alone")
    verify.add_argument(
        "--root", type=fingerprint, metavar="FINGERPRINT", help="the fingerprint that the laboratory gave on paper"
    )
    verify.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def fingerprint(text: str) -> str:
    """The digits of a fingerprint as it stands on paper: in groups, in capitals, with colons or without.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    digits = re.sub(r"[\s:]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise argparse.ArgumentTypeError("a fingerprint has 64 hexadecimal digits")
    return digits


def _printable(line: str) -> str:
    """Keep control characters out of the terminal, and what its encoding lacks: the ledger may be a forgery."""
    shown = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in line)
    encoding = sys.stdout.encoding
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def _progress(done: int, total: int) -> None:
    if total >= _PROGRESS_ENTRIES and sys.stderr.isatty():
        print(f"\r{done} of {total} entries", end="\n" if done == total else "", file=sys.stderr, flush=True)
