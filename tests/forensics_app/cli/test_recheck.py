import json
import os
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from forensics_app.cli.recheck import part_numbers
from forensics_app.errors import UsageError
from forensics_app.model.image import IntakeRequest, WriteBlocker
from tests.builders import PASSPHRASE, Bench


def test_parts_are_named_by_numbers_and_stretches() -> None:
    assert part_numbers("0-3,7, 5") == (0, 1, 2, 3, 5, 7)


@pytest.mark.parametrize("words", ["", "x", "3-1", "-1", "1-", "0-99999999", "1;2", "\u0663"])
def test_what_names_no_parts_is_wrong_use(words: str) -> None:
    with pytest.raises(UsageError, match="names no parts"):
        part_numbers(words)


def test_a_check_in_parts_ends_with_a_finding_where_the_media_differs(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "disk.dd"
    source.write_bytes(os.urandom(1 << 20))
    exhibit = bench.exhibit(bench.case())
    blocker = WriteBlocker(device="Tableau T8u")
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=blocker)
    image = bench.lab.intake.take_in(bench.examiner, request)
    (tmp_path / "passphrase").write_text(f"{PASSPHRASE}\n")
    who = ["--lab", str(bench.lab.folder.root), "--as", "Ana Kovač", "--passphrase-file", str(tmp_path / "passphrase")]
    command = ["recheck", *who, "--case", "2026-0147", "--image", image.number, "--json"]
    assert main([*command, "--parts", "0"]) == 0
    assert json.loads(capsys.readouterr().out)["check"]["agrees"] is True
    source.write_bytes(bytes(1 << 20))
    assert main([*command, "--resume"]) == 1
    check = json.loads(capsys.readouterr().out)["check"]
    assert check["differing"] == [{"offset_bytes": 0, "length_bytes": 1 << 20}]
    assert "damage lies in 0 to 1 MiB" in check["what"]
