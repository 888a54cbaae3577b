"""``inspect``: describes a source without a lab."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from forensics_app.cli.common import Parsers, Progress, printable
from forensics_app.cli.inspect_text import described
from forensics_app.cli.keys import add_key_options, keys_of
from forensics_app.services.inspecting import Inspection, InspectRequest, Part, Watchers


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    words = "describe an image: container, digests, partitions, file systems, files; needs no lab"
    parser = parsers.add_parser("inspect", help=words, description=words)
    parser.set_defaults(run=run)
    parser.add_argument("source", nargs="+", type=Path, metavar="SOURCE", help="the image, or all its segments")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")
    parser.add_argument("--hash", action="store_true", help="digest the media and, with --files, every content")
    parser.add_argument("--files", action="store_true", help="list every entry of every file system")
    parser.add_argument(
        "--logical", action="store_true", help="SOURCE is a folder, a ZIP or a tar whose files are the evidence"
    )
    parser.add_argument(
        "--archives", action="store_true", help="with --hash and --files, also list what lies in archives, three deep"
    )
    add_key_options(parser)
    parser.add_argument(
        "--zone", default="UTC", help="where the wall clocks of the media ran, such as Europe/Warsaw (default UTC)"
    )


def run(args: argparse.Namespace) -> int:
    """Describe the source.

    Returns:
        0 described; 1 described, and something needs attention; 3 could not be read.

    Raises:
        UsageError: The zone is not known, or the file with the key cannot be read.
    """
    request = InspectRequest(
        paths=tuple(args.source),
        digest=args.hash,
        files=args.files,
        zone=args.zone,
        keys=keys_of(args),
        logical=args.logical,
        archives=args.archives,
    )
    digesting = Progress("Digesting", stream=sys.stderr)
    watchers = Watchers(digesting=digesting, listing=Progress("Listing", "entries", sys.stderr))
    inspection = Inspection(request, watchers)
    if args.json:
        write_json(inspection.parts(), sys.stdout, files=args.files)
    else:
        sys.stdout.writelines(f"{printable(line)}\n" for line in described(inspection.parts()))
    sys.stdout.flush()
    return inspection.status


def write_json(parts: Iterator[Part], stream: TextIO, *, files: bool) -> None:
    """Write the parts as one JSON document, each as it comes.

    Args:
        parts: Of one inspection.
        stream: Where the document goes. It is of ASCII characters, whatever the names are.
        files: Whether there is a key ``files``, be it empty.
    """
    separator, in_files = "{", False
    for part in parts:
        if part.key == "files":
            if not in_files:
                stream.write(f'{separator}\n "files": [')
                separator, in_files, files = "", True, False
            for line in part.value:
                stream.write(f"{separator}\n  {_dump(line)}")
                separator = ","
            continue
        if in_files:
            stream.write("\n ]")
            separator, in_files = ",", False
        if files and part.key == "volumes":
            stream.write(f'{separator}\n "files": []')
            separator, files = ",", False
        stream.write(f'{separator}\n "{part.key}": {_value(part.value)}')
        separator = ","
    stream.write("\n}\n")


def _value(value: Any) -> str:
    """A list with a line for each of its values; everything else in one line."""
    if isinstance(value, list) and value:
        return "[\n  " + ",\n  ".join(map(_dump, value)) + "\n ]"
    return _dump(value)


_dump = json.JSONEncoder(ensure_ascii=True, check_circular=False).encode
