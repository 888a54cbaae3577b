from pathlib import Path

import pytest

from evidence.images.segments import (
    EWF_SEGMENTS_MAX,
    ewf2_suffix,
    ewf_beside,
    ewf_first,
    ewf_name,
    ewf_number,
    ewf_suffix,
    missing_numbers,
)

KNOWN = [
    ("E", 1, ".E01"),
    ("E", 99, ".E99"),
    ("E", 100, ".EAA"),
    ("E", 125, ".EAZ"),
    ("E", 126, ".EBA"),
    ("E", 775, ".EZZ"),
    ("E", 776, ".FAA"),
    ("E", EWF_SEGMENTS_MAX, ".ZZZ"),
    ("e", 100, ".eaa"),
    ("s", 2, ".s02"),
    ("s", 100, ".saa"),
    ("L", 776, ".MAA"),
]


@pytest.mark.parametrize(("first", "number", "suffix"), KNOWN)
def test_suffixes_are_numbered_as_the_format_says(first: str, number: int, suffix: str) -> None:
    assert ewf_suffix(first, number) == suffix
    assert ewf_number(suffix, first) == number


@pytest.mark.parametrize(
    ("first", "number", "suffix"),
    [("Ex", 1, ".Ex01"), ("Ex", 100, ".ExAA"), ("Ex", 776, ".EyAA"), ("Ex", 2127, ".EzZZ"), ("Lx", 101, ".LxAB")],
)
def test_suffixes_of_version_2(first: str, number: int, suffix: str) -> None:
    assert ewf2_suffix(first, number) == suffix
    assert ewf_number(suffix, first) == number


def test_every_number_leads_to_its_own_name_and_back() -> None:
    for first in ("E", "e"):
        suffixes = [ewf_suffix(first, number) for number in range(1, EWF_SEGMENTS_MAX + 1)]
        assert len(set(suffixes)) == EWF_SEGMENTS_MAX
        assert [ewf_number(suffix, first) for suffix in suffixes] == list(range(1, EWF_SEGMENTS_MAX + 1))


@pytest.mark.parametrize("suffix", [".E00", ".e01", ".DAA", ".Eaa", ".EAa", ".E001", ".txt", "", ".E1A"])
def test_other_suffixes_are_no_segments_of_an_e01(suffix: str) -> None:
    assert ewf_number(suffix, "E") is None


@pytest.mark.parametrize(
    ("suffix", "first"), [(".E07", "E"), (".e07", "e"), (".FAB", "E"), (".saa", "s"), (".MAA", "L"), (".dd", None)]
)
def test_the_first_letter_of_a_set_follows_from_one_suffix(suffix: str, first: str | None) -> None:
    assert ewf_first(suffix, version_2=False) == first


def test_only_files_of_the_same_name_and_case_belong_together(tmp_path: Path) -> None:
    for name in ("disk.E01", "disk.E02", "disk.EAA", "disk.e03", "other.E03", "disk.txt", "disk.exe"):
        (tmp_path / name).touch()
    assert ewf_beside(tmp_path / "disk.E02", version_2=False) == {
        1: tmp_path / "disk.E01",
        2: tmp_path / "disk.E02",
        100: tmp_path / "disk.EAA",
    }
    assert ewf_beside(tmp_path / "disk.txt", version_2=False) == {1: tmp_path / "disk.txt"}


def test_a_name_that_fits_no_scheme_is_described_by_its_number() -> None:
    assert ewf_name(Path("evidence.bin"), 2, version_2=False) == "segment 2 of evidence.bin"
    assert ewf_name(Path("disk.E01"), 3, version_2=False) == "disk.E03"
    assert ewf_name(Path("disk.Ex01"), 3, version_2=True) == "disk.Ex03"


def test_gaps() -> None:
    assert missing_numbers([1, 4, 2], 1) == [3]
    assert missing_numbers([3], 1) == [1, 2]
    assert missing_numbers([], 1) == []
