"""Marks on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from forensics_app.model.catalogue import CatalogueQuery
from tests.builders import PASSPHRASE, make_bench
from tests.forensics_app.services.test_files_and_races import took_in


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_file_is_marked_exported_only_with_a_reason_and_its_mark_is_taken_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = make_bench(tmp_path / "lab")
    image = took_in(bench)
    bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    with bench.lab.catalogues.open(bench.lab.intake.get(image.id)) as catalogue:
        found = catalogue.rows(catalogue.ids(CatalogueQuery(extension="jpg")))
    entry = next(one for one in found if one.allocated and one.kind == "file")
    examiner, supervisor = bench.examiner.person.name, bench.supervisor.person.name
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    at = ("--lab", str(tmp_path / "lab"), "--case", "2026-0147")
    there = ("--image", image.number, "--volume", entry.volume_id, "--path", entry.path, "--id", str(entry.id))

    def signs(name: str) -> tuple[str, ...]:
        return ("--as", name, "--passphrase-file", str(tmp_path / "word"))

    assert main(["mark", "add", *at, *signs(examiner), *there, "--kind", "sensitive", "--reason", "Indecent"]) == 0
    capsys.readouterr()
    assert main(["mark", "list", *at, "--json"]) == 0
    (mark,) = json.loads(capsys.readouterr().out)
    assert (mark["path"], mark["kind"], mark["reason"], mark["author"]) == (
        entry.path,
        "sensitive",
        "Indecent",
        examiner,
    )
    assert main(["mark", "list", *at]) == 0
    assert re.search(rf"{examiner}, [-0-9]{{10}} [:0-9]{{8}}[+]0[12]:00: Indecent", capsys.readouterr().out)
    target = tmp_path / "out.jpg"
    assert main(["export", *at, *signs(examiner), *there, str(target)]) != 0
    assert "marked as sensitive" in capsys.readouterr().err
    assert not target.exists()
    assert main(["export", *at, *signs(examiner), *there, "--reason", "For the prosecutor", str(target)]) == 0
    assert target.stat().st_size == entry.size_bytes
    assert main(["mark", "withdraw", *at, *signs(supervisor), "--reason", "Mistaken", mark["id"]]) == 0
    capsys.readouterr()
    assert main(["mark", "list", *at]) == 0
    assert capsys.readouterr().out == "No marks.\n"
