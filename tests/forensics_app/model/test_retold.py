"""Sentences that the program recorded in English are known again, with their values, and nobody else's are."""

from __future__ import annotations

import pytest

import resources
from chain_of_custody.seals import fault_of
from evidence.errors import UnreadablePictureError
from evidence.filesystems import row_notes
from evidence.pictures import decode_picture
from evidence.unshown import VIDEOS
from forensics_app.model.dossier_paper import LANGUAGES, Stationery
from forensics_app.model.incident import SealCondition
from forensics_app.model.retold import SENTENCES, UNSHOWN, retold, retold_notes, retold_unshown
from forensics_app.model.told import Told
from forensics_app.reports.values import described
from forensics_app.reports.wording import WORDS, catalogue, words_of
from forensics_app.reports.words import as_told, speaking

pytestmark = pytest.mark.req("REQ-69")


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_every_sentence_is_in_each_catalogue(language: str) -> None:
    table = catalogue(language).tables[WORDS]
    assert [one for one in (*SENTENCES, *UNSHOWN) if one not in table] == []


@pytest.mark.parametrize("remarks", ["", "Bag torn: at its lower edge"])
@pytest.mark.parametrize(
    ("check", "number"),
    [
        (SealCondition.BROKEN, ""), (SealCondition.MISSING, ""), (SealCondition.DIFFERS, ""),
        (SealCondition.NEW, ""), (SealCondition.INTACT, "0048899"),
    ],
)  # fmt: skip
def test_what_the_rules_of_seals_say_is_known_again_with_its_values(check: str, number: str, remarks: str) -> None:
    fault = fault_of("0048802", number, check, remarks)
    assert fault is not None
    told = retold(fault.sentence)
    assert isinstance(told, Told)
    assert told == fault.sentence
    assert told.values["number"] == "0048802"
    assert told.values.get("found", "") == number
    assert told.values.get("remarks", "") == remarks
    with speaking(words_of(Stationery(language="fr"))):
        assert "scellé" in as_told(told)
        assert remarks in as_told(told)


def test_notes_of_a_row_are_known_one_by_one_and_others_stay() -> None:
    note = row_notes.joined(row_notes.REUSED, "something else", row_notes.NOTHING_STORED)
    assert note is not None
    told = retold_notes(note)
    assert told == note
    with speaking(words_of(Stationery(language="fr"))):
        said = as_told(told)
    assert "its record" not in said
    assert "something else" in said
    assert "sans empreinte" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            resources.path("demo/exhibit-photo-drive.jpg").read_bytes()[:3000],
            "elle est endommagée (sa fin manque)",
        ),
        (b"\0\0\0\x18ftypheic", "elle est au format HEIC"),
        (b"no picture", "elle n'est d'aucun format"),
    ],
    ids=["damaged", "HEIC", "none"],
)
def test_why_a_picture_is_not_shown_is_said_in_the_language_of_the_report(content: bytes, said: str) -> None:
    with pytest.raises(UnreadablePictureError) as caught:
        decode_picture(content, 10, 10)
    told = retold_unshown(caught.value.why)
    assert told == caught.value.why
    with speaking(words_of(Stationery(language="fr"))):
        assert as_told(told).startswith(said)


@pytest.mark.parametrize("is_inverted", [False, True])
def test_how_brightness_was_scaled_is_said_in_the_language_of_the_report_with_its_counts(is_inverted: bool) -> None:
    black, white = ("white", "black") if is_inverted else ("black", "white")
    words = f"its brightness is scaled: the value -0.5 is shown {black}, 37,700 {white}"
    told = retold_unshown(f"{words}; what is no finite number is shown as the least")
    assert told == f"{words}; what is no finite number is shown as the least"
    shown = ("blanc, 37700 en noir", "noir, 37700 en blanc")[not is_inverted]
    with speaking(words_of(Stationery(language="fr"))):
        assert as_told(told) == (
            f"sa luminosité est mise à l'échelle : la valeur -0.5 est montrée en {shown}; "
            "ce qui n'est pas un nombre fini est montré comme la plus petite valeur"
        )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Image of LH/01: EnCase image (E01), 1 file", "Image de LH/01 : Image EnCase (E01), 1 fichier"),
        ("Image of LH/01: Raw image, split, 12 files", "fichiers"),
        ("Image of LH/01: {0.__class__}, 1 file", "Image de LH/01 : {0.__class__}, 1 fichier"),
    ],
)
def test_the_description_that_the_program_gives_an_image_is_in_the_language_of_the_report(
    words: str, said: str
) -> None:
    with speaking(words_of(Stationery(language="fr"))):
        assert said in described(words)
        assert described("Image of the yard, 1 file") == "Image of the yard, 1 file"
    assert described(words) == words


def test_several_damaged_parts_of_a_picture_are_counted_in_the_language_of_the_report() -> None:
    told = retold_unshown("the checksum of its part IDAT at byte 1,041 is wrong, and 2 more")
    with speaking(words_of(Stationery(language="fr"))):
        said = as_told(told)
    assert "autres défauts : 2" in said
    assert "IDAT" in said
    assert "1,041" not in said


@pytest.mark.parametrize("shape", VIDEOS)
def test_why_a_video_is_not_shown_is_known_again_with_its_values(shape: str) -> None:
    values = {"codec": "ProRes 422", "container": "an ISO media file", "error": "libva.so.2: no such file"}
    named = {name: value for name, value in values.items() if f"{{{name}}}" in shape}
    told = retold_unshown(shape.format(**named))
    assert isinstance(told, Told)
    assert told.template == shape
    assert told.values == named


@pytest.mark.parametrize(
    "words", ["Water dripped on the bag.", "", "The seal was found.", "{number}", "The seal a b was found missing."]
)
def test_what_people_wrote_stays_as_it_is(words: str) -> None:
    assert retold(words) == words
    assert not isinstance(retold(words), Told)
