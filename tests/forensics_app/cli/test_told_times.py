"""Times as they are typed: in the zone of the lab, unless they bear an offset."""

import pytest

from forensics_app.cli.common import told_time
from forensics_app.errors import UsageError
from tests.builders import Bench


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-07-01T02:30:00", "2026-07-01T02:30:00+02:00"),
        ("2026-12-01T02:30", "2026-12-01T02:30:00+01:00"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00"),
        ("2026-10-25T03:00:00", "2026-10-25T03:00:00+01:00"),
    ],
)
def test_a_time_without_an_offset_is_one_of_the_clocks_in_the_zone_of_the_lab(
    bench: Bench, typed: str, meant: str
) -> None:
    assert told_time(typed, bench.lab).isoformat() == meant


@pytest.mark.parametrize("typed", ["2026-10-25T02:30:00", "2026-03-29T02:30"])
def test_a_time_that_the_clocks_showed_twice_or_left_out_needs_its_offset(bench: Bench, typed: str) -> None:
    with pytest.raises(UsageError, match="shown twice or not at all"):
        told_time(typed, bench.lab)
