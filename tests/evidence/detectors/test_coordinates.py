"""Places on the earth: which side of the meridian is told only where it is certain, and no place of another body."""

import pytest

from evidence.detectors.base import AMBIGUOUS, WELL_FORMED
from evidence.detectors.scanning import find_all


def places(text: str) -> list[tuple[str, str]]:
    return [(one.text, one.validity) for one in find_all(text.encode()) if one.kind == "coordinates"]


def test_the_letter_o_is_told_as_east_and_as_west() -> None:
    both = "40.416389, 3.702500 (O as East) or 40.416389, -3.702500 (O as West)"
    for side in "Oo":
        assert places(f"en 40\u00b024'59\"N 3\u00b042'09\"{side}.") == [(both, AMBIGUOUS)]
    assert places("40\u00b024'59\"N 3\u00b042'09\"W") == [("40.416389, -3.702500", WELL_FORMED)]


@pytest.mark.parametrize(
    "text", ["geo:48.2,1637", "geo:48.2,163.7.1", "geo:48.2,16.3;crs=Moon-2011", "geo:48.2,16.3,100;CRS=wgs84-2"]
)
def test_what_is_cut_or_of_another_body_is_no_place_on_the_earth(text: str) -> None:
    assert places(f" {text} ") == []


@pytest.mark.parametrize("behind", ["", ".", ",100.5", ";crs=WGS84", ";crs=wgs84;u=10", ",9;u=10"])
def test_what_may_stand_behind_a_geo_address_hides_it_not(behind: str) -> None:
    assert places(f"at geo:48.2,16.37{behind} so") == [("48.200000, 16.370000", WELL_FORMED)]
