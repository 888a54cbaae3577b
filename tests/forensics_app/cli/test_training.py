"""The competence register on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensics_app.__main__ import main
from tests.builders import PASSPHRASE, make_bench


@pytest.mark.req("REQ-37")
def test_a_training_is_recorded_listed_and_withdrawn_and_an_untrained_examiner_assigned_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = make_bench(tmp_path / "lab")
    bench.case()
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    (tmp_path / "certificate.pdf").write_bytes(b"certificate")
    signs = ("--as", "Ingrid Solberg", "--passphrase-file", str(tmp_path / "word"))

    def call(*words: str) -> tuple[int, str]:
        status = main([*words, "--lab", str(tmp_path / "lab")])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    assert call("training", "list") == (0, "No training is recorded; competence is not checked yet.\n")
    told = (
        "--name", "Tomasz Lis", "--subject", "Imaging", "--provider", "ECTEG", "--achieved-on", "2020-01-31",
        "--expires-on", "2020-12-31", "--document", str(tmp_path / "certificate.pdf"),
    )  # fmt: skip
    status, said = call("training", "add", *signs, *told)
    assert (status, said.split(";")[0]) == (
        0, "Recorded for Tomasz Lis: Imaging (ECTEG, 2020-01-31, until 2020-12-31)",
    )  # fmt: skip
    assert call("training", "list")[1].endswith("EXPIRED\n")
    assign = ("case", "assign", *signs, "--case", "2026-0147", "--name", "Ana Kovač")
    status, said = call(*assign)
    assert status != 0
    assert "No training of Ana Kovač is in the register" in said
    assert call(*assign, "--untrained-reason", "On duty alone") == (
        0, "Assigned Ana Kovač to 2026-0147; no training in force, which is an override.\n",
    )  # fmt: skip
    assert call("training", "withdraw", *signs, "--number", "1", "--reason", "Somebody else's")[0] == 0
    assert call("training", "list")[1].endswith("withdrawn: Somebody else's\n")
    assert call("training", "withdraw", *signs, "--number", "2", "--reason", "x")[0] == 2
