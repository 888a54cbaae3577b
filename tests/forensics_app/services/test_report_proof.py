"""Reports that prove themselves: both sign, other programs agree, and whoever changes a byte is found out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from forensics_app.model.proof import Level
from forensics_app.services.report_verifying import check_report
from tests.forensics_app.reports.archive_rules import breaches
from tests.forensics_app.services.signed_reports import Signing, signed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signing]:
    signing = signed(tmp_path_factory.mktemp("signing"))
    yield signing
    signing.bench.lab.close()


@pytest.mark.req("REQ-66")
def test_a_signed_report_proves_itself(made: Signing) -> None:
    found = check_report(made.pdf, at=made.bench.clock())
    assert found.ok
    assert found.level is Level.B
    assert breaches(made.pdf) == []
