"""``retention``: a period is set, and what is kept of a case is erased by two people."""

from pathlib import Path

import pytest

from tests.builders import PASSPHRASE, Bench
from tests.forensics_app.cli.calls import run


@pytest.mark.req("REQ-70")
def test_a_case_is_kept_until_a_day_and_erased_by_two_people(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    (tmp_path / "pass").write_text(f"{PASSPHRASE}\n")
    report = bench.lab.folder.paper(case.id, bytes(32), ".pdf")
    report.write_bytes(b"scanned")

    def call(command: str, *words: object, who: str = "", status: int = 0) -> str:
        signs = ("--as", who, "--passphrase-file", tmp_path / "pass") if who else ()
        of_case = () if command == "list" else ("--case", case.number)
        done = run("retention", command, "--lab", bench.lab.folder.root, *of_case, *words, *signs, status=status)
        return done.stdout + done.stderr

    assert "No period is set for 1 case" in call("list")
    call("set", "--until", "2020-01-31", "--basis", "Rule 7", who="Ingrid Solberg")
    assert "OVER" in call("list", status=1)
    wanted = ("--what", "papers", "--authority", "Order 1", "--reason", "over")
    assert "papers: proposed" in call("propose", *wanted, who="Tomasz Lis")
    assert "not approved" in call("erase", "--erasure", 1, who="Tomasz Lis", status=2)
    call("decide", "--erasure", 1, "--approve", "--comment", "yes", who="Ingrid Solberg")
    assert report.exists()
    assert "There is no erasure number 2" in call("erase", "--erasure", 2, who="Tomasz Lis", status=2)
    assert "1 file erased by Tomasz Lis" in call("erase", "--erasure", 1, who="Tomasz Lis")
    assert not report.exists()
    assert f"papers/{bytes(32).hex()}.pdf" in call("erasures")
    assert "Everything verifies" in run("verify", bench.lab.folder.root).stdout
