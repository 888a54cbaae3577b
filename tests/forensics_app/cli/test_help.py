"""Every option of every command says in plain words what it is."""

import argparse
from collections.abc import Iterator

import pytest

from forensics_app.__main__ import COMMANDS, command_line, main


def parts(parser: argparse.ArgumentParser, path: str) -> Iterator[tuple[str, str]]:
    """What can be typed, with its help: commands, options and arguments of a parser and of those below it."""
    for action in parser._actions:  # argparse has no other way to list them
        if isinstance(action, argparse._SubParsersAction):
            words = {one.dest: one.help or "" for one in action._choices_actions}
            for name, below in action.choices.items():
                yield f"{path} {name}", words.get(name, "")
                yield from parts(below, f"{path} {name}")
        else:
            yield f"{path} {'/'.join(action.option_strings) or action.dest}", action.help or ""


def test_every_command_option_and_argument_has_help_in_words() -> None:
    found = dict(parts(command_line(COMMANDS), "forensics-app"))
    assert len(found) > 400
    assert [path for path, words in found.items() if len(words.split()) < 2] == []


@pytest.mark.parametrize("name", ["step", "bulk"])
def test_a_step_is_offered_only_where_it_can_be_told_so(name: str) -> None:
    (parser,) = (
        one for path, one in parsers(command_line(COMMANDS), "forensics-app") if path.endswith(f" custody {name}")
    )
    (offered,) = (action.choices for action in parser._actions if action.dest == "event")
    assert offered is not None
    assert {"dispatch", "move", "confirm_receipt"} <= set(offered)
    assert not {"identify", "register_seized", "image", "propose_disposal", "destroy"} & set(offered)


def test_days_times_sizes_and_digests_say_how_they_are_written() -> None:
    wanted = {"_at": "TIME", "_on": "YYYY-MM-DD", "_bytes": "BYTES", "sha256": "HEX"}
    wrong = [
        (path, action.dest, action.metavar)
        for path, parser in parsers(command_line(COMMANDS), "forensics-app")
        for action in parser._actions
        for end, metavar in wanted.items()
        if action.dest.endswith(end) and action.nargs != 0 and action.metavar != metavar
    ]
    assert wrong == []


def test_every_time_says_in_which_zone_it_is_read() -> None:
    times = {
        f"{path} {action.dest}": action.help or ""
        for path, parser in parsers(command_line(COMMANDS), "forensics-app")
        for action in parser._actions
        if action.metavar == "TIME"
    }
    assert len(times) > 15
    assert [path for path, words in times.items() if "zone without an offset" not in words] == []


def parsers(parser: argparse.ArgumentParser, path: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """A parser and all below it, with what is typed for it."""
    yield path, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from parsers(below, f"{path} {name}")


@pytest.mark.parametrize("command", ["custody bulk", "scene capture", "exhibit add"])
def test_help_is_printed(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    assert "--json" in capsys.readouterr().out
