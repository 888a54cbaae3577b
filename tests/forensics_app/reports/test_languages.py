"""Reports in other languages, in a laboratory's own words, and with its letterhead."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID
from zoneinfo import available_timezones

import pytest
from PIL import Image

from forensics_app.errors import RefusedError
from forensics_app.model.dossier import Dossier, Stationery, Text
from forensics_app.model.dossier_paper import LANGUAGES
from forensics_app.model.image import ImageId
from forensics_app.model.report import TITLES
from forensics_app.model.target import Target, TargetArea
from forensics_app.model.told import Count, Told
from forensics_app.reports.enclosures import STEPS, enclosures
from forensics_app.reports.fixed_words import corrected, is_fixed
from forensics_app.reports.fonts import Face, shaper
from forensics_app.reports.pdf import _render_spoken
from forensics_app.reports.values import size
from forensics_app.reports.wording import DRAFT_WORDS, WORDS, catalogue, faults, placeholders, words_of
from forensics_app.reports.words import Words, as_told, say, say_act, speaking
from forensics_app.services.dossier_custody import REMARKS, SHA256_OF, VALUES
from forensics_app.services.folder import LabFolder
from forensics_app.services.stationery import begin_stationery, dressed
from tests.forensics_app.reports.pdftools import Oracle, rendered
from tests.forensics_app.reports.sample import bare_dossier, sample_dossier

pytestmark = pytest.mark.req("REQ-69")

OTHERS = tuple(language for language in LANGUAGES if language != "en")
ZONE_RULE = "Times in {zone} (tzdata {version}) unless another zone is named; the offset stands beside each."
SEVERAL_PLURALS = ("uk", "ro")
"""Languages in which the number before it decides between more than two forms of a noun."""


def in_language(dossier: Dossier, language: str) -> Dossier:
    return replace(dossier, stationery=Stationery(language=language))


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_a_catalogue_is_of_the_report_and_fills_what_the_english_one_fills(language: str) -> None:
    own, english = catalogue(language), catalogue("en")
    for english_text, text in own.tables[WORDS].items():
        assert placeholders(str(text)) == placeholders(english_text), english_text
    for part, table in own.tables.items():
        assert part == WORDS or set(table) <= set(english.tables[part]), part
    for part in ("enclosed", "verify"):
        steps = [step["command"] for step in english.tables[part]["steps"]]  # type: ignore[attr-defined]
        theirs = own.tables.get(part, {}).get("steps", [])
        assert not theirs or [step["command"] for step in theirs] == steps  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_lacks_no_text_that_english_or_french_has(language: str) -> None:
    own, english, french = catalogue(language).tables, catalogue("en").tables, catalogue("fr").tables
    assert french[WORDS].keys() - own[WORDS].keys() == set()
    for part, table in english.items():
        assert table.keys() - own.get(part, {}).keys() == set(), part
        for name, text in table.items():
            theirs = own[part][name]
            assert isinstance(theirs, str) if isinstance(text, str) else len(theirs) == len(text), (part, name)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", SEVERAL_PLURALS)
def test_no_number_stands_before_a_noun_whose_form_it_would_change(language: str) -> None:
    table = words_of(Stationery(language=language)).table
    counted = re.compile(r"\{(?:count|total|equal|missing|done|rest|sector)\} (?!ns\b|нс\b)[^\W\d]")
    ones = {"{count} byte"}  # is said of one alone
    assert {name: text for name, text in table.items() if counted.search(text)}.keys() - ones == set()
    with speaking(words_of(Stationery(language=language))):
        assert re.fullmatch(r"\w+: 1536 \(1,5 \w+\)", size(1536))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_of_a_catalogue_has_a_glyph_in_every_face(language: str) -> None:
    texts = "".join(map(str, catalogue(language).tables.values()))
    drawn = texts + Words(language=language).capitals(texts)
    for face in Face:
        for character in set(drawn) - {"\n"}:
            assert shaper(face).glyphs[character].text == character, (face, character)


@pytest.mark.parametrize("language", OTHERS)
def test_a_report_in_another_language_is_sound_says_that_it_is_unreviewed_and_keeps_its_values(
    language: str, tmp_path: Path
) -> None:
    oracle, dossier = Oracle(tmp_path), sample_dossier()
    pdf = rendered(in_language(dossier, language))
    assert "No syntax" in oracle.check(pdf)
    text, english = oracle.flat(pdf), oracle.flat(rendered(dossier))
    assert "unreviewedtranslation;wheretheydiffer,theEnglishwordsprevail." in text
    assert catalogue(language).tables[WORDS]["Limitations"] in text  # type: ignore[operator]
    stamp = r"\d{4}-\d\d-\d\d\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d"
    assert set(re.findall(stamp, text)) == set(re.findall(stamp, english))
    assert all(check.computed.hex() in text for check in dossier.images[0].digests if check.computed)
    pages = oracle.pages(pdf)
    rule = words_of(Stationery(language=language)).table[ZONE_RULE]
    told = re.sub(r"\s", "", rule.format(zone=dossier.head.zone, version=dossier.head.tzdata_version))
    assert all(told in re.sub(r"\s", "", page) for page in pages)
    assert oracle.overlaps(pdf) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_lacks_no_word_that_a_full_report_asks_for(language: str) -> None:
    dossier = in_language(sample_dossier(), language)
    words = words_of(dossier.stationery)
    asked: set[str] = set()
    spoken = Words(language=language, table=words.table, groups_digits=False, decimal=",", missing=asked)
    with speaking(spoken):
        _render_spoken(dossier, io.BytesIO(), ())
    data = repr(dossier)
    translated = set(words.table.values())
    left = {one for one in asked if one not in data and one not in translated and not _said_twice(one, words)}
    assert left == set()


@pytest.mark.parametrize("language", OTHERS)
def test_every_value_state_and_marking_is_in_each_catalogue(language: str) -> None:
    """A laboratory cannot put them into its own words, so nobody else would translate them."""
    french, own = words_of(Stationery(language="fr")).table, words_of(Stationery(language=language)).table
    assert {name for name in french if is_fixed(language, name)} - own.keys() == set()
    fixed = {name: text for name, text in own.items() if is_fixed(language, name)}
    opposites = [("intact", "altered"), ("allocated", "unallocated"), ("signed", "not signed"), ("equal", "DIFFERS"),
                 ("STORED", "CHECKED OUT"), ("RETURNED", "DESTROYED"), ("Disposal approved", "Disposal rejected"),
                 ("Trusted", "Refused"), ("verified {time}", "not verified when this report was made")]  # fmt: skip
    for one, other in opposites:
        assert fixed.get(one, one).casefold() != fixed.get(other, other).casefold(), (one, other)


def _said_twice(text: str, words: Words) -> bool:
    """Whether it was filled already, or is the number of a clause, which is the same in every language."""
    own = [one for one in words.table.values() if re.search(r"[^\W\d_]{2}", re.sub(r"\{\w+\}", "", one))]
    patterns = (re.sub(r"\\{\w+\\}", ".*", re.escape(one)) for one in own)
    return bool(re.fullmatch(r"[A-Z ]*[\d.]+", text)) or any(re.fullmatch(pattern, text) for pattern in patterns)


def test_an_i_keeps_its_dot_or_lack_of_it_and_georgian_begins_without_a_capital() -> None:
    azerbaijani, georgian = Words(language="az"), Words(language="ka")
    dotless = "\N{LATIN SMALL LETTER DOTLESS I}"
    assert azerbaijani.capitals(f"iş{dotless}q") == "İŞIQ"
    assert azerbaijani.small("İŞIQ") == f"iş{dotless}q"
    assert (azerbaijani.begun("imza"), azerbaijani.begun(f"{dotless}lan"), azerbaijani.begun("")) == (
        "İmza",
        "Ilan",
        "",
    )
    assert georgian.begun("არ არის") == "არ არის"
    assert (Words().begun("none"), Words().small("In UTC")) == ("None", "in utc")
    with speaking(words_of(Stationery(language="az"))):
        assert say_act("issued") == "verilib"
        assert say_act("case opened").startswith("iş ")


@pytest.mark.req("REQ-66")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_steps_that_travel_in_a_report_are_in_its_language_and_say_that_nobody_reviewed_them(language: str) -> None:
    dossier = in_language(bare_dossier(), language)
    text = next(one for one in enclosures(dossier, None) if one.name == STEPS).content.decode()
    own = catalogue(language).tables
    assert all(step["do"] in text for part in ("enclosed", "verify") for step in own[part]["steps"])  # type: ignore[attr-defined]
    words = own.get(WORDS, {})
    assert (
        str(words.get("{number}, version {version}", "{number}, version {version}")).format(number="R-1", version=1)
        in text
    )
    assert (DRAFT_WORDS in text) == (str(words.get(DRAFT_WORDS)) in text) == (language != "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_name_of_a_zone_takes_nothing_from_the_rule_at_the_foot(language: str, tmp_path: Path) -> None:
    bare = bare_dossier()
    zone = max(available_timezones(), key=len)
    dossier = replace(bare, head=replace(bare.head, zone=zone), stationery=Stationery(language=language))
    rule = words_of(dossier.stationery).table.get(ZONE_RULE, ZONE_RULE)
    told = re.sub(r"\s", "", rule.format(zone=zone, version=dossier.head.tzdata_version))
    assert all(told in re.sub(r"\s", "", page) for page in Oracle(tmp_path).pages(rendered(dossier)))


def test_numbers_cannot_be_mistaken_where_the_comma_is_the_decimal_sign() -> None:
    assert size(12_345_678) == "12,345,678 bytes (11.8 MiB)"
    with speaking(words_of(Stationery(language="fr"))):
        assert size(12_345_678) == "12345678 octets (11,8 Mio)"
        told = Told("{label}: {value}", label=Told("Bytes of media"), value=Count(69_206_016))
        assert as_told(told) == "Octets du support : 69206016"
    assert told == as_told(told) == "Bytes of media: 69,206,016"


@pytest.mark.parametrize("language", OTHERS)
def test_every_label_of_the_custody_record_and_title_of_a_kind_is_in_each_catalogue(language: str) -> None:
    own = catalogue(language).tables[WORDS]
    values = (one.replace("_", " ") for ones in VALUES.values() for one in ones)
    assert [one for one in (*REMARKS.values(), *SHA256_OF.values(), *TITLES.values(), *values) if one not in own] == []


@pytest.mark.parametrize(
    ("area", "path", "length_bytes", "english", "ukrainian"),
    [
        (TargetArea.MEDIA, "", 2_048, "the media, 2,048 bytes from byte 1,024", "носій, байтів: 2048, від байта 1024"),
        (TargetArea.UNALLOCATED, "", 1, "unallocated space of v1, 1 byte from byte 1,024",
         "невиділений простір: v1, 1 байт від байта 1024"),
        (TargetArea.FILE, "/{x}", 2, "v1/{x}, 2 bytes from byte 1,024", "v1/{x}, байтів: 2, від байта 1024"),
    ],
)  # fmt: skip
def test_a_cited_place_is_said_in_the_language_and_a_path_is_never_a_template(
    area: TargetArea, path: str, length_bytes: int, english: str, ukrainian: str
) -> None:
    place = Target(
        image_id=ImageId(UUID(int=1)), area=area, volume_id="v1", path=path, address="", entry_id=None,
        size_bytes=4_096, sha256=None, offset_bytes=1_024, length_bytes=length_bytes,
    )  # fmt: skip
    assert place.words == english
    with speaking(words_of(Stationery(language="uk"))):
        assert as_told(place.words) == ukrainian


def test_what_is_missing_in_a_catalogue_is_printed_in_english_and_values_are_never_templates() -> None:
    with speaking(Words(language="ka", table={"Image {image}": "სურათი {image}"})):
        assert say("Limitations") == "Limitations"
        assert as_told(Told("Image {image}", image="{0.__class__}")) == "სურათი {0.__class__}"
        assert as_told("Image {image}") == "Image {image}"
    assert Told("Image {image}", image="a") == "Image a"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (Text(part=WORDS, name="Image {image}", paragraphs=("Bild {bild}",)), "names {bild}"),
        (Text(part=WORDS, name="Image {image}", paragraphs=("Bild {image.__class__}",)), "holds something else"),
        (Text(part=WORDS, name="Image {image}", paragraphs=("Bild {image",)), "a brace is open"),
        (Text(part=WORDS, name="Image {image}", paragraphs=("Bild {image!r:>99999}",)), "holds something else"),
        (Text(part="end", name="text", paragraphs=("End of {password}",)), "names {password}"),
        (Text(part="end", name="texts", paragraphs=("End",)), "prints no text"),
        (Text(part="nothing", name="text", paragraphs=("End",)), "prints no text"),
    ],
)
def test_a_laboratorys_text_with_a_wrong_placeholder_is_refused_with_words(text: Text, fault: str) -> None:
    assert any(fault in one for one in faults(text))


@pytest.fixture
def folder(tmp_path: Path) -> LabFolder:
    return LabFolder(tmp_path / "lab")


def test_a_laboratory_corrects_words_fills_placeholders_and_takes_away_the_mark_of_a_draft(
    folder: LabFolder, tmp_path: Path
) -> None:
    written = begin_stationery(folder, "ka")
    assert {path.name for path in written} == {"letterhead.toml", "texts-ka.toml"}
    assert begin_stationery(folder, "ka") == ()
    texts = folder.stationery / "texts-ka.toml"
    corrected = texts.read_text(encoding="utf-8").replace('"შეზღუდვები"', '"საზღვრები"')
    corrected = corrected.replace('text = "ანგარიშის დასასრული"', 'text = "დასასრული {case}:"')
    texts.write_text('reviewed_by = "Nino Beridze, 2026-11-20"\n' + corrected, encoding="utf-8")
    dossier = dressed(in_language(bare_dossier(), "ka"), folder)
    text = Oracle(tmp_path).flat(rendered(dossier))
    assert "საზღვრები" in text
    assert "დასასრული2026-0001:R-1" in text
    assert "unreviewed" not in text
    assert {name for name, _ in dossier.stationery.files} == {"letterhead.toml", "texts-ka.toml"}


def test_letterhead_and_logo_are_printed_and_their_digests_too(folder: LabFolder, tmp_path: Path) -> None:
    place = folder.made_stationery()
    Image.new("RGBA", (300, 90), (10, 90, 200, 128)).save(place / "logo.png")
    (place / "letterhead.toml").write_text(
        'lines = ["Ministry of <b>Justice</b>"]\nlogo = "logo.png"\nplace_of_work = "Room 3"\n', encoding="utf-8"
    )
    dossier = dressed(bare_dossier(), folder)
    pdf = rendered(dossier)
    oracle = Oracle(tmp_path)
    assert "Ministry of <b>Justice</b>" in oracle.pages(pdf)[0]
    assert b"/DCTDecode" in pdf
    assert dossier.laboratory.place_of_work == "Room 3"
    text = oracle.flat(pdf)
    for name, sha256 in dossier.stationery.files:
        assert name in text
        assert f"SHA-256{sha256.hex()}" in text
    assert rendered(dressed(bare_dossier(), folder)) == pdf


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("letterhead.toml", b"lines = 7", "lines has to be a list"),
        ("letterhead.toml", b"lines = [", "no TOML file"),
        ("letterhead.toml", b"\xff\xfe", "no TOML file"),
        ("letterhead.toml", b'colour = "red"', "none of lines"),
        ("letterhead.toml", b'logo = "../../secret.png"', "in the same folder"),
        ("letterhead.toml", b'logo = "none.png"', "is not there"),
        ("letterhead.toml", b'logo = "a\\u0000b"', "in the same folder"),
        ("letterhead.toml", b"lines = " + b"[" * 2_000, "nested too deeply"),
        ("texts-en.toml", b".".join([b"a"] * 3_000) + b" = 1", "nested too deeply"),
        ("letterhead.toml", b'logo = "letterhead.toml"', "cannot be decoded"),
        ("texts-en.toml", b'[words]\n"Page {page} of" = "{pages}"', "names {pages}"),
        ("texts-en.toml", b"words = 1", "no part of the texts"),
        ("texts-en.toml", b"#" * (1024 * 1024 + 1), "more than"),
    ],
)
def test_paper_that_cannot_be_used_is_refused_and_not_left_out(
    folder: LabFolder, name: str, content: bytes, words: str
) -> None:
    (folder.made_stationery() / name).write_bytes(content)
    with pytest.raises(RefusedError, match=re.escape(words)):
        dressed(bare_dossier(), folder)


@pytest.mark.parametrize(
    ("language", "name", "text", "words"),
    [
        ("en", "deleted", "allocated", "“deleted” is a value"),
        ("en", "no", "yes", "“no” is a value"),
        ("en", "NO", "yes", "“NO” is a value"),
        ("en", "NOT VALIDATED: {why}", "validated {why}", "is a value"),
        ("en", "DRAFT, not signed", "Issued and signed", "a marking"),
        (
            "en",
            "Contents were not read: no types by content, no digests of files.",
            "Contents were read.",
            "is a value",
        ),
        ("ka", "deleted", "განაწილებულია", "“deleted” is a value"),
        ("ka", "unallocated", "დიახ", "“unallocated” is a value"),
        ("ka", "DIFFERS", "ემთხვევა", "“DIFFERS” is a value"),
        ("fr", "not signed", "signé", "“not signed” is a value"),
        ("fr", "DESTROYED", "CONSERVÉ", "“DESTROYED” is a value"),
        ("en", "Author", "reviewer", "“Author” and “Reviewer” would both be printed"),
        ("fr", "Created", "Accès", "“Created” and “Accessed” would both be printed"),
    ],
)
def test_a_laboratory_cannot_turn_a_value_a_state_or_a_marking_into_another(
    folder: LabFolder, language: str, name: str, text: str, words: str
) -> None:
    path = folder.made_stationery() / f"texts-{language}.toml"
    path.write_text(f'[words]\n"{name}" = "{text}"\n', encoding="utf-8")
    with pytest.raises(RefusedError, match=re.escape(words)):
        dressed(in_language(bare_dossier(), language), folder)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_programs_own_catalogue_copied_into_the_lab_is_accepted_and_corrects_nothing(
    folder: LabFolder, language: str
) -> None:
    begin_stationery(folder, language)
    dossier = dressed(in_language(bare_dossier(), language), folder)
    assert dossier.stationery.texts
    assert corrected(dossier.stationery) == 0


def test_a_report_says_how_many_words_the_laboratory_corrected(folder: LabFolder, tmp_path: Path) -> None:
    path = folder.made_stationery() / "texts-en.toml"
    path.write_text('[words]\n"Author" = "Written by"\n[end]\ntext = "It ends here"\n', encoding="utf-8")
    text = Oracle(tmp_path).flat(rendered(dressed(sample_dossier(), folder)))
    assert "wordscorrectedbythelaboratory:2" in text
    assert "Writtenby" in text
    assert "wordscorrected" not in Oracle(tmp_path).flat(rendered(sample_dossier()))


def test_a_name_of_four_thousand_characters_in_mixed_scripts_stands_whole_in_every_language(tmp_path: Path) -> None:
    name = "/" + "Zażółć Київ თბილისი Gəncə ș 发<b>&amp;{x}" * 100
    dossier = replace(bare_dossier(), files=(replace(sample_dossier().files[0], path=name),))
    flat = Oracle(tmp_path).flat(rendered(in_language(dossier, "ka")))
    assert flat.count("თბილისი") >= 100
    assert flat.count("[U+53D1]") >= 100
    assert flat.count("<b>&amp;{x}") >= 100
