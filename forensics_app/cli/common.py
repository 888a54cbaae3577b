"""What every command shares: the lab, the person, the passphrase, and how answers are printed."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TextIO, TypeAlias
from zoneinfo import ZoneInfo

from forensics_app.bootstrap import Lab, open_lab, unlocked, who_unlocks
from forensics_app.errors import LabUnusableError, UsageError
from forensics_app.model.case import Case
from forensics_app.model.custody import in_zone
from forensics_app.model.exhibit import PhotoView
from forensics_app.model.incident import SealCondition, SealSeen, seal_condition
from forensics_app.model.person import MINIMUM_PASSPHRASE_CHARACTERS, SignedIn
from forensics_app.model.report import LANGUAGES

DONE, FINDING, WRONG_USE, NOT_FOUND_OUT = 0, 1, 2, 3
FINDING_HELP = (
    "Exit status 0: done, and nothing was found that needs attention. 1: done and recorded, and something was found: "
    "a digest that differs, bytes that could not be read, damage; the answer names each. 2: wrong use or refused. "
    "3: could not find out."
)
PROGRESS_INTERVAL_S = 0.5
UNLOCK = "unlock-"

OF_A_THING = {
    "make": "who made it",
    "model": "model by its maker",
    "serial": "serial number that is printed on it",
    "condition": "marks and damage",
}
"""Options that tell of a thing how it is known again."""

Parsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Run: TypeAlias = Callable[[argparse.Namespace], int]
StepsOf: TypeAlias = Callable[[argparse.Namespace, Lab], Sequence[str]]
"""The steps of custody that a command is about, as it was typed."""


def command(parsers: Parsers, name: str, words: str, run: Run, *, signs: bool = False) -> argparse.ArgumentParser:
    """Add the command ``name`` of a lab, with ``--lab`` and, where it signs, ``--as`` and the passphrase options."""
    parser = parsers.add_parser(name, help=words, description=words)
    parser.set_defaults(run=run)
    parser.add_argument("--lab", required=True, metavar="DIR", type=Path, help="the lab folder")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")
    if signs:
        parser.add_argument("--as", dest="person", required=True, metavar="PERSON", help="who acts and signs")
        passphrase_options(parser)
    unlock_options(parser)
    return parser


def unlock_options(parser: argparse.ArgumentParser) -> None:
    """Add who unlocks an encrypted lab, where it is not who signs, and where their passphrase is read."""
    parser.add_argument("--unlock-as", metavar="PERSON", help="who unlocks the lab, where it is an encrypted one")
    passphrase_options(parser, UNLOCK)


def pin_options(parser: argparse.ArgumentParser, prefix: str = "") -> None:
    """Add ``--pin-file`` and ``--pin-fd`` for the PIN of a token, with ``prefix`` before them for a second person."""
    group = parser.add_mutually_exclusive_group()
    whose = "the authoriser's token" if prefix else "the token"
    group.add_argument(
        f"--{prefix}pin-file", metavar="F", type=Path, help=f"file whose first line is the PIN of {whose}"
    )
    group.add_argument(f"--{prefix}pin-fd", metavar="N", type=int, help="open file descriptor to read it from")


def pin(args: argparse.Namespace, prompt: str, prefix: str = "") -> str:
    """The PIN from the file, the descriptor or a prompt; never from the command line.

    Raises:
        UsageError: It cannot be read, or there is no terminal to ask at.
    """
    return _secret(args, prompt, prefix, "pin", "PIN")


def passphrase_options(parser: argparse.ArgumentParser, prefix: str = "") -> None:
    """Add ``--passphrase-file`` and ``--passphrase-fd``, with ``prefix`` before them for a second person."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        f"--{prefix}passphrase-file", metavar="F", type=Path, help="file whose first line is the passphrase"
    )
    group.add_argument(f"--{prefix}passphrase-fd", metavar="N", type=int, help="open file descriptor to read it from")


def passphrase(args: argparse.Namespace, prompt: str, prefix: str = "") -> str:
    """The passphrase from the file, the descriptor or a prompt; never from the command line.

    Raises:
        UsageError: It cannot be read, or there is no terminal to ask at.
    """
    return _secret(args, prompt, prefix, "passphrase", "passphrase")


def _secret(args: argparse.Namespace, prompt: str, prefix: str, option: str, what: str) -> str:
    name = f"{prefix}{option}".replace("-", "_")
    file: Path | None = getattr(args, f"{name}_file")
    descriptor: int | None = getattr(args, f"{name}_fd")
    try:
        if file is not None:
            return _first_line(file.read_text(encoding="utf-8"))
        if descriptor is not None:
            with os.fdopen(descriptor, encoding="utf-8") as stream:
                return _first_line(stream.read())
    except (OSError, UnicodeDecodeError) as error:
        source = f"file descriptor {descriptor}" if file is None else str(file)
        why = (isinstance(error, OSError) and error.strerror) or "it is no text in UTF-8"
        raise UsageError(f"The {what} cannot be read from {source}: {why}.") from error
    if not sys.stdin.isatty():
        raise UsageError(
            f"There is no terminal to ask for the {what} at; use --{prefix}{option}-file or --{prefix}{option}-fd."
        )
    return getpass.getpass(f"{prompt}: ", stream=sys.stderr)


def chosen_passphrase(args: argparse.Namespace, name: str, prefix: str = "new-") -> str:
    """The passphrase of a new key or a new one of an old key; asked for twice at a prompt, where nobody sees it.

    Raises:
        UsageError: As :func:`passphrase`, or the two that were typed differ.
    """
    chosen = passphrase(args, f"New passphrase for {name}, at least {MINIMUM_PASSPHRASE_CHARACTERS} characters", prefix)
    options = prefix.replace("-", "_")
    is_typed = all(getattr(args, f"{options}passphrase_{source}") is None for source in ("file", "fd"))
    if is_typed and passphrase(args, "The same again", prefix) != chosen:
        raise UsageError("The two passphrases differ; nothing was recorded.", then="Start the command again.")
    return chosen


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0].removesuffix("\r")


@contextmanager
def unlocking(args: argparse.Namespace, folder: Path) -> Iterator[None]:
    """Unlock the lab in ``folder``, where it is encrypted, with whom ``--unlock-as`` or else ``--as`` names.

    Raises:
        UsageError: Neither does, or there is no passphrase.
        StoreRefusedError: Name and passphrase do not belong together.
    """
    if who_unlocks(folder) is None:
        yield
        return
    name, secret = getattr(args, "unlock_as", None), ""
    if name is not None:
        secret = passphrase(args, f"Passphrase of {name}", UNLOCK)
    elif (name := getattr(args, "person", None)) is not None:
        secret = own_passphrase(args)
    else:
        raise UsageError(
            f"The lab in {folder} is encrypted.", then="Name somebody who is enrolled in it with --unlock-as."
        )
    with unlocked(folder, name, secret):
        yield


def own_passphrase(args: argparse.Namespace) -> str:
    """The passphrase of the person that ``--as`` names, read once."""
    if not hasattr(args, "read_passphrase"):
        args.read_passphrase = passphrase(args, f"Passphrase of {args.person}")
    return str(args.read_passphrase)


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[Lab]:
    """The lab that ``--lab`` names, closed at the end."""
    with unlocking(args, args.lab):
        lab = open_lab(args.lab)
    try:
        yield lab
    finally:
        lab.close()


@contextmanager
def signed_in(args: argparse.Namespace) -> Iterator[tuple[Lab, SignedIn]]:
    """The lab, and the person that ``--as`` names with their key open; the key is closed at the end."""
    with opened(args) as lab:
        _say_what_is_asked(args, lab)
        person = lab.people.sign_in(args.person, own_passphrase(args))
        try:
            yield lab, person
        finally:
            person.key.close()


def guided(parser: argparse.ArgumentParser, steps: StepsOf) -> argparse.ArgumentParser:
    """Let the command say what the guidance asks at the steps of custody that ``steps`` names, before it is signed."""
    parser.set_defaults(steps=steps)
    parser.add_argument(
        "--quiet", action="store_true", help="do not write to standard error what the guidance asks at this step"
    )
    return parser


def _say_what_is_asked(args: argparse.Namespace, lab: Lab) -> None:
    """Write the rules of the step to standard error; standard output is for the answer alone."""
    steps: StepsOf | None = getattr(args, "steps", None)
    if steps is None or args.quiet:
        return
    try:
        guidance = lab.guidance()
    except LabUnusableError as error:
        sys.stderr.write(f"{printable(str(error))}\n")
        return
    rules = dict.fromkeys(rule for event in steps(args, lab) for rule in guidance.at_step(event))
    if rules:
        sys.stderr.write("The guidance asks at this step:\n")
        sys.stderr.writelines(f"  {printable(rule.text)} ({rule.id})\n" for rule in rules)
        sys.stderr.flush()


def case_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--case``."""
    parser.add_argument("--case", required=True, metavar="NUMBER", help="number of the case")


def language_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--language``, that of the program's words on paper."""
    words = "language in which the program's words are printed"
    parser.add_argument("--language", choices=LANGUAGES, default="en", help=words)


def the_case(lab: Lab, args: argparse.Namespace) -> Case:
    """The case that ``--case`` names."""
    return lab.cases.numbered(args.case)


def told_time(text: str | None, lab: Lab) -> datetime:
    """A time as typed: ISO 8601; without an offset it is in the lab's zone; nothing typed is now.

    Raises:
        UsageError: It is no time, or one that the clocks of that zone showed twice or left out.
    """
    zone = ZoneInfo(lab.info.zone)
    if text is None:
        return datetime.now(zone).replace(microsecond=0)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time; write it like 2026-11-19T07:35:00+01:00.") from error
    if at.tzinfo is not None:
        return at
    local = at.replace(tzinfo=zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise UsageError(
            f"On that day the clocks of {lab.info.zone} were changed, and {text!r} was shown twice or not at all.",
            then="Write it with its offset, like 2026-10-25T02:30:00+01:00.",
        )
    return local


def local_time(moment: datetime, lab: Lab) -> str:
    """When something was recorded, by the clocks of the lab's zone, with their offset; what is told stays as told."""
    return in_zone(moment, ZoneInfo(lab.info.zone)).isoformat(" ", "seconds")


def told_day(text: str) -> date:
    """A day as typed, YYYY-MM-DD.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it like 2026-11-24") from error


def answer(args: argparse.Namespace, document: object, lines: Sequence[str]) -> None:
    """Print the answer: the document with ``--json``, else the lines."""
    if args.json:
        json.dump(document, sys.stdout, ensure_ascii=False, indent=2, default=str)
        sys.stdout.write("\n")
    else:
        sys.stdout.writelines(f"{printable(line)}\n" for line in lines)
    sys.stdout.flush()


def printable(text: str) -> str:
    """The text without characters that a terminal would obey, turn around or refuse; names in evidence hold them.

    A line break is shown by its arrow, so that no name can add a line to an answer.
    """
    return "".join("\u21b5" if char == "\n" else char if char.isprintable() else "\ufffd" for char in text)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)] if rows else []
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


class Progress:
    """Writes how far a long operation has come to standard error, twice a second at most."""

    def __init__(self, what: str, unit: str = "bytes", stream: TextIO | None = None) -> None:
        """Args: what runs, what is counted (nothing: percent only), and where to write instead of standard error."""
        self._what, self._unit, self._stream = what, unit, stream or sys.stderr
        self._started_s = self._last_s = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Take note; print when it is time or the end is reached."""
        now_s = time.monotonic()
        if now_s - self._last_s < PROGRESS_INTERVAL_S and done != total:
            return
        self._last_s = now_s
        if not self._unit:
            self._stream.write(f"{self._what}: {100 * done // max(total, 1)} %\n")
            self._stream.flush()
            return
        rate = done / max(now_s - self._started_s, 0.001)
        share = f"{100 * done / total:.0f} % of {total:,}" if total else f"{done:,}"
        amount = f"{rate / 1e6:.0f} MB/s" if self._unit == "bytes" else f"{rate:,.0f} {self._unit}/s"
        unit = " bytes" if self._unit == "bytes" else f" {self._unit}"
        self._stream.write(f"{self._what}: {share}{unit}, {amount}\n")
        self._stream.flush()


def add_blocker(parser: argparse.ArgumentParser, *, is_required: bool = True) -> None:
    """Add how the source was protected; one of the two has to be said unless it is not required."""
    blocker = parser.add_mutually_exclusive_group(required=is_required)
    blocker.add_argument("--write-blocker", default="", metavar="DEVICE", help="make, model and serial number")
    blocker.add_argument("--no-write-blocker", default="", metavar="REASON", help="why there was none")


def add_seal_found(parser: argparse.ArgumentParser) -> None:
    """Add how the seal was found by who opens what is checked out and sealed."""
    parser.add_argument(
        "--seal-check", metavar="CONDITION",
        help=f"how the seal was found that is opened now ({', '.join(SealCondition)}); asked of what is checked out",
    )  # fmt: skip
    parser.add_argument("--seal-number", default="", metavar="NUMBER", help="the number that is read on that seal")
    parser.add_argument(
        "--seal-remarks",
        default="",
        metavar="TEXT",
        help="anything else of that seal; why, where it was not checked",
    )


def seal_found(args: argparse.Namespace) -> SealSeen | None:
    """What the options of :func:`add_seal_found` tell; None where nothing is.

    Raises:
        UsageError: A number or remarks are told and not the condition, or that is none of those that can be chosen.
    """
    if args.seal_check is None:
        if args.seal_number or args.seal_remarks:
            raise UsageError("Tell with --seal-check how the seal was found.")
        return None
    condition = seal_condition(args.seal_check)
    if condition is None:
        raise UsageError(f"{args.seal_check!r} is no condition of a seal; choose one of: {'; '.join(SealCondition)}.")
    return SealSeen(condition=condition.value, number=args.seal_number, remarks=args.seal_remarks)


def photo_arguments(photo: argparse.ArgumentParser) -> None:
    """What is told of a photograph: what it shows, words, when it was taken, and the file."""
    photo.add_argument(
        "--view", required=True, choices=[view.value for view in PhotoView], help="what the photograph shows"
    )
    photo.add_argument("--caption", default="", metavar="TEXT", help="words under the photograph")
    photo.add_argument(
        "--taken-at",
        metavar="TIME",
        help="when it was taken, like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    photo.add_argument("file", type=Path, metavar="PHOTO", help="the photograph: JPEG or PNG")


def counted(number: int, thing: str) -> str:
    """A number and what is counted: "1 file", "2,000 files"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def given_values(args: argparse.Namespace, columns: Mapping[str, str]) -> dict[str, str]:
    """What was given of the options in ``columns``, by the column that each of them is of; blank texts too."""
    given = {column: getattr(args, option) for option, column in columns.items()}
    return {column: value for column, value in given.items() if value is not None}


def named_values(given: Sequence[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` arguments of ``option`` by name.

    Raises:
        UsageError: One has another form.
    """
    if wrong := [value for value in given if "=" not in value]:
        raise UsageError(f"{option} is NAME=VALUE, not {wrong[0]!r}.")
    return dict(value.split("=", 1) for value in given)


def scans(args: argparse.Namespace) -> tuple[str, ...]:
    """What ``--scan`` and ``--scan-file`` give, in this order.

    Raises:
        UsageError: The file cannot be read.
    """
    lines: list[str] = []
    if args.scan_file is not None:
        try:
            lines = args.scan_file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"The scans cannot be read: {error}.") from error
    return tuple(text for text in (*args.scan, *lines) if text.strip())
