"""The rights of a lab folder: made for its account alone; of one that was there it is said who can get into it."""

import os
import stat
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from tests.builders import make_bench

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights of POSIX systems")


def rights(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def create(folder: Path, secret: Path) -> int:
    secret.write_text("correct horse battery staple 7\n", encoding="utf-8")
    told = ["--name", "Laboratory", "--admin", "Ruth Adler", "--passphrase-file", str(secret)]
    return main(["lab", "create", str(folder), *told])


def test_a_new_lab_folder_is_closed_to_other_accounts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert create(tmp_path / "sub" / "lab", tmp_path / "secret") == 0
    assert rights(tmp_path / "sub" / "lab") == 0o700
    assert "Note:" not in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "sub" / "lab")]) == 0
    assert "Note:" not in capsys.readouterr().out


def test_a_folder_that_was_there_keeps_its_rights_and_it_is_said_that_others_can_get_into_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder := tmp_path / "lab").mkdir()
    folder.chmod(0o755)
    assert create(folder, tmp_path / "secret") == 0
    assert rights(folder) == 0o755
    assert f"Other accounts of this computer can get into {folder} (rights 0755)" in capsys.readouterr().out


def test_verification_says_where_others_can_get_into_the_folder_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = make_bench(tmp_path / "lab")
    folder = bench.lab.folder.root
    bench.lab.close()
    folder.chmod(0o750)
    assert main(["verify", str(folder)]) == 0
    assert "(rights 0750)" in capsys.readouterr().out
    assert rights(folder) == 0o750
