"""Names of hidden content are found in texts in whatever form they are written, and nothing else is."""

import pytest

from forensics_app.services.hidden_words import HiddenWords

PATH = "/Users/l.mirel/IMG_2041.jpg"


@pytest.mark.req("REQ-40")
@pytest.mark.parametrize(
    "words",
    [
        PATH,
        "IMG_2041.jpg",
        "img_2041.JPG",
        "C:\\Users\\l.mirel\\IMG_2041.jpg",
        "(IMG_2041.jpg)",
        "file=IMG_2041.jpg",
        f"file://{PATH}#1",
        "href=/Users/l.mirel/IMG%5F2041.jpg",
        "IMG_2041 is it",
        "IMG_2041",
        "Seen:\tIMG_2041.jpg,IMG_2042.jpg",
        "見IMG_2041.jpg的",
        "IMG_2041.jpg:Zone.Identifier",
        "copy_of_IMG_2041_2.jpg",
    ],
)
def test_a_name_is_found_however_it_is_written(words: str) -> None:
    assert HiddenWords([PATH], []).are_in(words)


@pytest.mark.parametrize("words", ["IMG_20411.jpg", "PIMG_2041.jpg", "IMG_204", "2041", "jpg", "l.mirel", "", "\x00"])
def test_what_only_looks_like_it_is_not_taken_for_it(words: str) -> None:
    assert not HiddenWords([PATH], []).are_in(words)


def test_a_plain_word_is_looked_for_without_its_extension_only_where_people_write() -> None:
    hidden = HiddenWords(["/letters/counsel.docx"], [])
    assert hidden.are_in("He wrote of counsel.")
    assert not hidden.are_in("counsel"), "it may be a word of the program"
    assert hidden.are_in("counsel.docx")
    assert not HiddenWords(["/2026.pdf", "/a.b"], []).are_in("On 2026-11-20 a note"), "it would be in every text"
    assert HiddenWords(["/2026.pdf"], []).are_in("the file 2026.pdf")


def test_scripts_that_part_no_words_have_a_border_everywhere() -> None:
    hidden = HiddenWords(["/机密.txt"], [])
    assert hidden.are_in("见机密.txt文件")
    assert HiddenWords(["/Письмо.txt"], []).are_in("«письмо.TXT»")
    assert not HiddenWords(["/Письмо.txt"], []).are_in("Письмо.txtж")


def test_what_is_printed_tells_nothing() -> None:
    assert not HiddenWords([PATH], [PATH]).are_in(f"See {PATH}")
    assert not HiddenWords([PATH], [PATH])
    hidden = HiddenWords(["/docs.zip"], ["/docs.zip/plain.txt"])
    assert not hidden.are_in("/docs.zip/plain.txt")
    assert hidden.are_in("/docs.zip/other.txt")
    assert hidden.are_in("in docs.zip")


def test_it_agrees_with_looking_at_each_place() -> None:
    """Against a slow and plain way of doing it, for names and texts of few characters, so that they meet often."""
    from itertools import product

    def slowly(name: str, text: str) -> bool:
        ends = [at for at in range(len(text)) if text.startswith(name, at)]
        return any(
            not (at and text[at - 1].isalnum() and name[0].isalnum())
            and not (text[at + len(name) :][:1].isalnum() and name[-1].isalnum())
            for at in ends
        )

    for name in map("".join, product("a-_", repeat=3)):
        hidden = HiddenWords([f"/{name}"], [])
        for text in map("".join, product("a-_", repeat=5)):
            assert hidden.are_in(text) == slowly(name, text), (name, text)
