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


KYIV = ("50.450000, 30.523333", WELL_FORMED)
DECIMAL = ("50.450100, 30.523400", WELL_FORMED)
FORMS = {
    "N 50\u00b027.000 E 30\u00b031.400": KYIV,
    "N 50\u00b0 27.000 E 030\u00b0 31.400": KYIV,
    "N50\u00b027'00\" E30\u00b031'24\"": KYIV,
    "N50\u00b027'00\", E30\u00b031'24\" N51\u00b027'00\", E100\u00b0": KYIV,
    "50\u00ba27'00\"N 30\u00ba31'24\"E": KYIV,
    "50\u00b027'00\"N  30\u00b031'24\"E": KYIV,
    "50.4501\u00b0 N, 30.5234\u00b0 E": DECIMAL,
    "50,4501\u00b0 N 30,5234\u00b0 E": DECIMAL,
    "N 50.4501\u00b0 E 30.5234\u00b0": DECIMAL,
    "50.4501N, 30.5234E": DECIMAL,
    "50.4501,  30.5234": DECIMAL,
    "50,4501; 30,5234": DECIMAL,
    '{"lat":50.4501,"lon":30.5234}': DECIMAL,
    '{"lng": 30.5234, "lat": "50.4501"}': DECIMAL,
    '<trkpt lat="50.4501" lon="30.5234">': DECIMAL,
    "latitude=50.4501&longitude=30.5234": DECIMAL,
    "S 33\u00b051'36\" W 151\u00b012'36\"": ("-33.860000, -151.210000", WELL_FORMED),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "latin-1"])
@pytest.mark.parametrize("text", FORMS)
def test_places_are_found_as_receivers_maps_and_programs_write_them(text: str, encoding: str) -> None:
    found = [
        (one.text, one.validity) for one in find_all(f"at {text} so".encode(encoding)) if one.kind == "coordinates"
    ]
    assert found == [FORMS[text]]


@pytest.mark.parametrize(
    "text",
    [
        "N 50\u00b0 E 30\u00b0",
        "N 45\u00b030'00\" E 100.00 feet",
        "N 50\u00b027.000 E 30\u00b031.400x",
        "50,4501, 30,5234",
        "N50\u00b027'00\" E30\u00b031'24\"f",
        "N 91\u00b027.000 E 30\u00b031.400",
        "N 50\u00b067.000 E 30\u00b031.400",
        "lat:91.0000,lon:30.0000",
        "flat=50.45,lon=30.52",
        "lat=50.4501&lon=30.5234.1",
        "150,4501; 30,5234",
        "50.45N, 30.52E",
        "50.4501\u00b0 N, 230.5234\u00b0 E",
        "lat=5,lon=6",
    ],
)
def test_what_is_no_pair_of_coordinates_is_not_found(text: str) -> None:
    assert places(f" {text} ") == []
