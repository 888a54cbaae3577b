"""Registry hives, event logs, shortcuts, prefetch and compound files: what they hold, and what becomes of damage."""

import random
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.errors import NoViewerError, UnreadableStructureError
from evidence.filesystems.content import BytesContent
from evidence.viewers.base import Viewer
from evidence.viewers.event_log import _number
from evidence.viewers.table import in_words, open_viewer
from tests.evidence.made_images import need
from tests.evidence.viewers import windows_samples as made
from tests.evidence.viewers.windows_samples import TIME_TEXT, Key


def opened(data: bytes) -> Viewer:
    return open_viewer(BytesContent(data), lambda done, total: None)


def facts(viewer: Viewer, part: str, node: str = "") -> dict[str, str]:
    return {row[0]: row[1] for row in viewer.rows(part, node, 0, 100).rows}


def wide(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\0\0"


HIVE = made.hive(
    Key(
        "ROOT",
        (("Owner", 1, wide("Ana Kovač")), ("N", 4, b"\5\0\0\0"), ("Q", 11, bytes(7) + b"\1"), ("Raw", 3, b"\xff" * 90)),
        (Key("Sub", (("List", 7, wide("a\0b\0")), ("", 1, wide("it")))), Key("Two")),
    )
)
SAMPLES = {
    "hive": HIVE,
    "event log": made.event_log([(4624, "HOST"), (4625, "OTHER")]),
    "shortcut": made.shortcut(),
    "prefetch": made.prefetch(),
    "compound": made.compound(),
}


def test_a_hive_shows_its_keys_with_the_time_of_writing_and_their_values() -> None:
    hive = opened(HIVE)
    (root,) = hive.nodes("keys", "")
    assert (root.words, root.second, root.opens) == ("ROOT", f"{TIME_TEXT} · 4 values", True)
    assert [node.words for node in hive.nodes("keys", root.key)] == ["Sub", "Two"]
    assert hive.rows("keys", root.key, 0, 10).rows == (
        ("Owner", "REG_SZ", "Ana Kovač", "20"),
        ("N", "REG_DWORD", "5 (0x00000005)", "4"),
        ("Q", "REG_QWORD", "72057594037927936 (0x0100000000000000)", "8"),
        ("Raw", "REG_BINARY", f"90 bytes: {' '.join(['ff'] * 48)} …", "90"),
    )
    sub = hive.nodes("keys", root.key)[0]
    assert hive.rows("keys", sub.key, 1, 10).rows == (("(default)", "REG_SZ", "it", "6"),)
    assert hive.rows("keys", sub.key, 0, 1).rows[0][2] == "a\nb"


def test_a_hive_that_was_not_closed_in_order_says_that_its_logs_are_not_applied() -> None:
    assert opened(HIVE).sheet.remarks == ()
    assert "transaction logs" in opened(made.hive(Key("R"), sequence=(8, 7))).sheet.remarks[0]


def test_numbers_of_an_event_come_from_its_system_part_alone() -> None:
    system = "<Event><System><EventID></EventID></System>"
    data = "<UserData><EventID>4624</EventID></UserData></Event>"
    assert _number(system + data, "EventID") == ""
    told = system.replace("<EventID>", '<EventID Qualifiers="1">007')
    assert _number(told + data, "EventID") == "7"
    assert _number("<Event><EventID>1</EventID></Event>", "EventID") == ""


def test_a_hive_is_the_same_to_hivex(tmp_path: Path) -> None:
    need("hivexget")
    path = tmp_path / "hive"
    path.write_bytes(HIVE)
    done = subprocess.run(["hivexget", path, "\\Sub", "@"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "it"


def test_an_event_log_shows_its_records() -> None:
    log = opened(made.event_log([(4624, "HOST"), (4625, "OTHER")], flags=1))
    assert [part.title for part in log.sheet.parts] == ["Records", "Header"]
    first, second = log.rows("records", "", 0, 10).rows
    assert first[:7] == ("1", TIME_TEXT, "4624", "information", "", "Security", "HOST")
    assert "<Computer>OTHER</Computer>" in second[8]
    assert "not closed in order" in log.sheet.remarks[0]
    assert log.rows("records", "", 1, 10).rows == (second,)


def test_a_shortcut_tells_target_times_drive_and_who_made_its_identifiers() -> None:
    link = opened(made.shortcut())
    told = facts(link, "facts")
    assert told["Target"] == "C:\\Users\\lm\\secret.docx"
    assert told["Arguments"] == "/x"
    assert told["Target created (UTC, FILETIME of 100 ns)"] == TIME_TEXT
    assert told["Target modified (UTC, FILETIME of 100 ns)"] == "not set"
    assert (told["Drive"], told["Serial number of the volume"]) == ("fixed", "DEAD-BEEF")
    tracked = facts(link, "tracking")
    assert tracked["Computer"] == "lm-laptop"
    assert tracked["File: network address"] == "02:42:ac:11:00:02"
    made_at = datetime(1582, 10, 15, tzinfo=UTC) + timedelta(microseconds=made.TRACKED.time // 10)
    assert tracked["File: identifier made (UTC, UUID of 100 ns)"].startswith(f"{made_at:%Y-%m-%dT%H:%M:%S.%f}")


def test_a_prefetch_file_tells_program_runs_files_and_volumes() -> None:
    found = opened(made.prefetch())
    told = facts(found, "facts")
    assert (told["Program"], told["Run count"]) == ("NOTEPAD.EXE", "12")
    assert told["Last run (UTC, FILETIME of 100 ns)"] == TIME_TEXT
    assert found.rows("metrics", "", 0, 9).rows == (("\\DEVICE\\HARDDISKVOLUME1\\WINDOWS\\NOTEPAD.EXE", "41", "3"),)
    assert found.rows("volumes", "", 0, 9).rows[0][1:] == ("CAFE-1234", "2026-01-12T10:59:59.9999991Z")


def test_a_compound_file_tells_its_properties_and_its_streams() -> None:
    found = opened(made.compound("Ana"))
    told = facts(found, "\5SummaryInformation")
    assert (told["Author"], told["Time of editing"], told["Pages"]) == ("Ana", "90 seconds", "5")
    assert told["Created (UTC, FILETIME of 100 ns)"] == TIME_TEXT
    (root,) = found.nodes("tree", "")
    (stream,) = found.nodes("tree", root.key)
    assert stream.words == "\\x05SummaryInformation"
    assert facts(found, "tree", stream.key)["Begins with"].startswith("4,096 bytes: fe ff 00 00")


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_damage_gives_an_error_with_words_or_fewer_values_and_nothing_else(name: str) -> None:
    sample, dice = SAMPLES[name], random.Random(7)
    ends = (0, 8, 100, len(sample) // 2)
    damaged = [sample[:8] + sample[8:end] for end in ends]
    for _ in range(60):
        bytes_ = bytearray(sample)
        for _ in range(dice.randrange(1, 6)):
            bytes_[dice.randrange(8, min(len(sample), 9000))] = dice.randrange(256)
        damaged.append(bytes(bytes_))
    refused = 0
    for data in damaged:
        try:
            with in_words("it"):
                read_all(opened(data))
        except (UnreadableStructureError, NoViewerError):
            refused += 1
    assert refused >= len(ends) - 1


def read_all(viewer: Viewer) -> None:
    """Every row of every part, as somebody would who looks at all of them."""
    for part in viewer.sheet.parts:
        waiting = [""] if part.kind == "tree" else []
        seen = 0
        while waiting and seen < 200:
            for node in viewer.nodes(part.key, waiting.pop()):
                seen += 1
                viewer.rows(part.key, node.key, 0, 50)
                waiting += [node.key] if node.opens else []
        if part.kind == "table":
            assert len(viewer.rows(part.key, "", 0, 50).rows) == min(50, part.count)
