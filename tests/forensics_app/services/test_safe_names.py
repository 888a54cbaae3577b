"""Names out of evidence as names of files on any system."""

import string
from pathlib import Path

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from forensics_app.services.safe_names import TakenNames, free_path, safe_name, sameness


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("..", "_"),
        ("a:b|c.txt", "a_b_c.txt"),
        ("CON.txt", "_CON.txt"),
        ("aux .txt", "_aux .txt"),
        ("COM\u00b9", "_COM\u00b9"),
        ("CONIN$", "_CONIN$"),
        ("a\u202eb\x00.txt", "a_b_.txt"),
        ("a\udcff", "a_"),
        ("trailing. ", "trailing"),
        ("", "_"),
    ],
)
def test_a_name_of_evidence_becomes_a_safe_file_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_extension_and_fits() -> None:
    made = safe_name("\u0416" * 4000 + ".docx")
    assert made.endswith(".docx")
    assert len(made.encode()) <= 200


@seed(1)
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("./\\:. conCON\u0301e\u202e\ud800")), max_size=300))
def test_whatever_the_name_the_file_is_one_in_its_folder_and_windows_takes_it(name: str) -> None:
    made = safe_name(name)
    assert made == safe_name(made)
    assert made not in (".", "..")
    assert not set(made) & set('<>:"/\\|?*\0')
    assert made.isprintable()
    assert made[-1] not in ". "
    assert len(made.encode()) <= 200
    assert made.split(".")[0].rstrip().lower() not in ("con", "prn", "aux", "nul", "com1", "lpt9")


def test_names_that_some_file_system_takes_for_the_same_are_numbered() -> None:
    names = TakenNames()
    told = ["a.txt", "A.txt", "b", "B", "b.tar.gz", "\u00e9", "e\u0301", "a (2).txt", "stra\u00dfe", "STRASSE"]
    made = [names.take(name) for name in told]
    assert made[:5] == ["a.txt", "A (2).txt", "b", "B (2)", "b.tar.gz"]
    assert len({sameness(name) for name in made}) == len(told)
    assert set("".join(made)) <= {*string.ascii_letters, *string.digits, *" ().\u00e9\u0301\u00df"}


def test_a_free_path_is_one_that_nothing_bears(tmp_path: Path) -> None:
    (tmp_path / "A.TXT").touch()
    assert free_path(tmp_path, "a.txt") == tmp_path / "a (2).txt"


def test_many_equal_names_take_no_longer_each_than_the_first() -> None:
    class Counting(TakenNames):
        asked = 0

    class Asked(set[str]):
        def __contains__(self, name: object) -> bool:
            Counting.asked += 1
            return super().__contains__(name)

    names = Counting()
    names._taken = Asked()
    made = [names.take("a.TXT" if number % 2 else "A.txt") for number in range(2_000)]
    assert (made[0], made[1], made[-1]) == ("A.txt", "a (2).TXT", "a (2000).TXT")
    assert len({sameness(name) for name in made}) == 2_000
    assert Counting.asked < 5_000
