"""The command that checks a ledger file: its arguments, its words, its exit status."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from chain_of_custody.errors import LedgerFileError
from chain_of_custody.file import MAX_LINE_BYTES, read_lines
from chain_of_custody.report import as_json, in_words, judge

DONE: Final = 0
ATTENTION: Final = 1
UNREADABLE: Final = 3

_PROGRESS_ENTRIES: Final = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Returns:
        0 when every chain is intact, signed and trusted; 1 when one of these fails or cannot be found out; 3 when the
        file cannot be read. Wrong use ends the program with 2.
    """
    options = _parser().parse_args(arguments)
    try:
        with options.file.open("rb") as stream:
            parts = read_lines(_lines(stream))
    except (OSError, LedgerFileError) as error:
        print(f"{options.file}: {error}", file=sys.stderr)
        return UNREADABLE
    report = judge(parts, root=options.root, on_progress=_progress)
    if options.json:
        print(json.dumps(as_json(report), indent=2))
    else:
        for line in in_words(report):
            print(_printable(line))
    return DONE if report.all_yes else ATTENTION


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m chain_of_custody",
        description="Checks the custody ledger of a laboratory without anything of the laboratory.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    verify = commands.add_parser(
        "verify",
        help="answer three questions about every chain: intact? signed? trusted?",
        description="Exit status: 0 all answers are yes; 1 something fails; 2 wrong use; 3 unreadable.",
    )
    verify.add_argument("file", type=Path, metavar="FILE", help="the ledger file")
    verify.add_argument(
        "--root", type=_fingerprint, metavar="FINGERPRINT", help="the fingerprint that the laboratory gave on paper"
    )
    verify.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def _fingerprint(text: str) -> str:
    digits = re.sub(r"[\s:]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise argparse.ArgumentTypeError("a fingerprint has 64 hexadecimal digits")
    return digits


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            raise LedgerFileError(f"it has a line of more than {MAX_LINE_BYTES} bytes")
        yield line


def _printable(line: str) -> str:
    """Keep control characters out of the terminal, and what its encoding lacks: the ledger may be a forgery."""
    shown = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in line)
    encoding = sys.stdout.encoding
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def _progress(done: int, total: int) -> None:
    if total >= _PROGRESS_ENTRIES and sys.stderr.isatty():
        print(f"\r{done} of {total} entries", end="\n" if done == total else "", file=sys.stderr, flush=True)
