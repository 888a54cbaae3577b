"""The register of tools on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from forensics_app.__main__ import main
from forensics_app.services.program import TOOL, build_sha256
from tests.builders import PASSPHRASE, make_bench


@pytest.mark.req("REQ-34")
def test_tools_are_registered_validated_listed_and_those_of_a_case_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = make_bench(tmp_path / "lab")
    bench.case()
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    signs = ("--as", "Ingrid Solberg", "--passphrase-file", str(tmp_path / "word"))

    def call(*words: str) -> tuple[int, str]:
        status = main(["tool", *words, "--lab", str(tmp_path / "lab")])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    assert call("list") == (0, "No tool is registered.\n")
    assert call("add", *signs, "--this-program") == (0, f"Registered {TOOL}, SHA-256 {build_sha256().hex()}.\n")
    told = ("--name", "avml", "--version", "0.14", "--vendor", "Microsoft")
    assert call("add", *signs, *told) == (0, "Registered avml 0.14, SHA-256 not known.\n")
    status, said = call("list")
    assert (status, said.count("NOT VALIDATED: no validation is recorded up to")) == (0, 2)
    words = ("--on", "2020-03-02", "--scope", "Memory", "--result", "As expected", "--by", "Dr. Noor")
    assert call("validate", *signs, "--number", "1", *words) == (
        0, "Recorded for avml 0.14: 2020-03-02 by Dr. Noor: Memory.\n",
    )  # fmt: skip
    assert call("list")[1].count("NOT VALIDATED") == 1
    assert call("used", "--case", "2026-0147") == (0, "No act of this case states a tool yet.\n")
    assert call("validate", *signs, "--number", "3", *words)[0] == 2
