"""The program: without arguments the window, with arguments one command."""

from __future__ import annotations

import argparse
import importlib
import io
import sys
from collections.abc import Callable, Sequence

from forensics_app import __version__
from forensics_app.errors import CancelledError, Explanation, explain

COMMANDS = (
    "lab", "person", "outsider", "place", "media", "training", "tool", "hash-set", "case", "certificate", "principles",
    "scene", "note", "mark", "tag", "finding", "exhibit", "acquire", "acquire-folder", "intake", "catalogue", "files",
    "view", "search", "timeline", "compare", "custody", "incident", "hold", "disposal", "retention", "transfer",
    "audit", "desk", "export", "report", "verify", "stamp", "recheck", "validate", "inspect", "demo",
)  # fmt: skip
"""Each is a module of :mod:`forensics_app.cli` (with "_" for "-") that has ``add_parser``; only the one that is called
is imported."""

WRONG_USE, NOT_FOUND_OUT, INTERRUPTED = 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        argv: The arguments; those of the process when None.

    Returns:
        0 done; 1 a finding that needs attention; 2 wrong use; 3 could not find out; 130 interrupted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["--evidence-worker"]:
        from evidence.worker import main as worker

        worker()
        return 0
    if arguments[:1] == ["--ledger-worker"]:
        from chain_of_custody.worker import main as ledger_worker

        return ledger_worker()
    if arguments[:1] == ["--lab-verifier"]:
        from forensics_app.bootstrap.verifier import main as verifier

        return verifier()
    if not arguments:
        from ui.application import run

        return run()
    return run_command(arguments)


def run_command(arguments: Sequence[str]) -> int:
    """Run one command of the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that lacks a character gets its number instead
            stream.reconfigure(errors="backslashreplace")
    named = next((word for word in arguments if not word.startswith("-")), "")
    asks_version = not named and "--version" in arguments  # needs no command, and so none of their modules
    parser = command_line([named] if named in COMMANDS else () if asks_version else COMMANDS)
    try:
        args = parser.parse_args(arguments)
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else WRONG_USE
    return guarded(lambda: int(args.run(args)), arguments)


def guarded(run: Callable[[], int], arguments: Sequence[str]) -> int:
    """The exit status of ``run``, with words for every error.

    Args:
        run: Does what the command says.
        arguments: Name the command in the report of an error that nobody foresaw.
    """
    try:
        return run()
    except (KeyboardInterrupt, CancelledError):
        sys.stderr.write("Stopped. What was written before is whole; the operation itself left only its entry.\n")
        return INTERRUPTED
    except BrokenPipeError:
        return NOT_FOUND_OUT
    except Exception as error:  # noqa: BLE001  (the one blind except of the command line: what is no known error is saved)
        explanation = explain(error)
        if explanation is None:
            return _tell_bug(error, arguments)
        return _tell(explanation)


def _tell(explanation: Explanation) -> int:
    """Say what went wrong, without what names in evidence could make a terminal do; gives the exit status."""
    from forensics_app.cli.common import printable

    sys.stderr.writelines(f"{printable(line)}\n" for line in explanation.text().split("\n"))
    return explanation.exit_status


def _tell_bug(error: Exception, arguments: Sequence[str]) -> int:
    """Save a report of an error that nobody foresaw, as the window does, and say in a sentence where it lies."""
    from forensics_app.crashes import crash_folder, crash_report, save_report

    command = next((word for word in arguments if word in COMMANDS), "")  # the rest may name a case
    report = crash_report(f"forensics-app {command}", error)
    saved_as = save_report(report, crash_folder())
    where = f"the details are in {saved_as}" if saved_as else "a report of it could not be saved"
    what = f"The program met an error of its own ({type(error).__name__}) and stopped before it had finished"
    sys.stderr.write(f"{what}; {where}.\n")
    return NOT_FOUND_OUT


def command_line(names: Sequence[str]) -> argparse.ArgumentParser:
    """The parser with the commands of some ``names``; each imports the module of its command."""
    parser = argparse.ArgumentParser(
        prog="forensics-app",
        description="Examines digital evidence and keeps its chain of custody. Without arguments it opens the window.",
        epilog="Exit status: 0 done, 1 a finding that needs attention, 2 wrong use, 3 could not find out.",
    )
    parser.add_argument("--version", action="version", version=f"forensics-app {__version__}")
    parsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in names:
        importlib.import_module(f"forensics_app.cli.{name.replace('-', '_')}").add_parser(parsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
