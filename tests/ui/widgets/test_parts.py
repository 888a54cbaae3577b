from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ui.theme import style
from ui.theme.tokens import DARK, LIGHT
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.badges import Badge, Integrity, IntegrityBadge, badge_width
from ui.widgets.buttons import Button, Chip, IconButton, RowButton
from ui.widgets.charts import ProgressBar, RateChart, axis_top
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import CutLabel, label
from ui.widgets.layout import hbox
from ui.widgets.notes import EmptyState, FilterRow, SearchBox, note
from ui.widgets.text_view import SHOWN_LIMIT, TextView


def test_an_icon_button_says_its_name_and_its_shortcut(qtbot: QtBot) -> None:
    button = IconButton("lock", "Lock the key now", name="lock", shortcut="Ctrl+L")
    qtbot.addWidget(button)
    assert (button.accessibleName(), button.toolTip()) == ("Lock the key now", "Lock the key now (Ctrl+L)")
    assert min(button.width(), button.height()) >= 24


def test_a_button_is_called_by_its_words_without_marks(qtbot: QtBot) -> None:
    button = Button("&Hand over…", name="hand", icon="transfer")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Hand over…"
    button.set_text("Sign")
    assert button.accessibleName() == "Sign"


def test_icons_follow_the_theme_while_the_program_runs(styled_app: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    button, badge = Button("Sign", name="sign", icon="sign"), Badge(Tone.OK, "Signed")
    for widget in (button, badge):
        qtbot.addWidget(widget)
        widget.show()
    light = button.icon().pixmap(16).toImage()
    light_badge = badge.grab().toImage()
    try:
        style.apply(styled_app, DARK, tmp_path)
        assert button.icon().pixmap(16).toImage() != light
        assert badge.grab().toImage() != light_badge
    finally:
        style.apply(styled_app, LIGHT, tmp_path)
    assert button.icon().pixmap(16).toImage() == light


def test_a_row_can_be_pressed_anywhere_and_by_key(qtbot: QtBot) -> None:
    row, presses = RowButton(name="row", tip="Open"), []
    row.setLayout(hbox(label("North")))
    row.adopt()
    qtbot.addWidget(row)
    row.clicked.connect(lambda: presses.append(1))
    row.show()
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    qtbot.keyClick(row, Qt.Key.Key_Return)
    qtbot.keyClick(row, Qt.Key.Key_Space)
    assert len(presses) == 3


def test_chips_of_one_list_exclude_each_other(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    chips = [Chip(text, name=text, exclusive=True, on=text == "All") for text in ("All", "Out")]
    parent.setLayout(hbox(*chips))
    chips[1].click()
    assert [chip.isChecked() for chip in chips] == [False, True]


def test_a_badge_is_as_wide_as_its_word_and_is_called_by_it(qtbot: QtBot) -> None:
    badge = Badge(Tone.LATE, "In transit, 3 h overdue")
    qtbot.addWidget(badge)
    assert badge.sizeHint().width() > badge_width("In transit")
    assert badge.accessibleName() == "In transit, 3 h overdue"


@pytest.mark.parametrize(
    ("tones", "shield"),
    [
        ((Tone.OK, Tone.OK, Tone.OK), "ok"),
        ((Tone.OK, Tone.BAD, Tone.WARN), "bad"),
        ((Tone.OK, Tone.WARN, Tone.OK), "warn"),
        ((Tone.NONE, Tone.OK, Tone.OK), "text2"),
    ],
)
def test_the_shield_takes_the_worst_of_the_three_answers(
    tones: tuple[Tone, Tone, Tone], shield: str, qtbot: QtBot
) -> None:
    intact, signed, trusted = tones
    shown = Integrity(intact=(intact, "Intact"), signed=(signed, "Signed"), trusted=(trusted, "Trusted"), caption="now")
    badge = IntegrityBadge(shown)
    qtbot.addWidget(badge)
    assert badge._shield._colour == shield
    assert badge.accessibleName() == "Integrity: Intact, Signed, Trusted. now"


def test_a_digest_is_copied_without_its_spaces(qtbot: QtBot) -> None:
    view = DigestView("SHA-256", bytes(range(32)))
    qtbot.addWidget(view)
    view.copy()
    assert QGuiApplication.clipboard().text() == bytes(range(32)).hex()
    assert view.accessibleName() == f"SHA-256: {bytes(range(32)).hex()}"


def test_a_cut_label_shows_the_whole_as_its_tooltip_only_when_it_is_cut(qtbot: QtBot) -> None:
    cut = CutLabel("a very long name of a laboratory in the north")
    qtbot.addWidget(cut)
    cut.resize(60, 20)
    cut.grab()
    assert cut.toolTip() == cut.text()
    cut.resize(600, 20)
    cut.grab()
    assert cut.toolTip() == ""


def test_an_error_stands_under_its_field_until_the_field_is_changed(qtbot: QtBot) -> None:
    field = forms.Field("Serial number", forms.line_edit(), name="serial", hint="As on the label")
    qtbot.addWidget(field)
    field.set_error("Write the serial number, or “none”.")
    assert field.error == "Write the serial number, or “none”."
    assert field.entry.accessibleDescription() == field.error
    field.set_text("PF-3")
    assert field.error == ""
    assert field.entry.accessibleName() == "Serial number"


def test_a_form_names_every_problem_and_goes_to_the_first(qtbot: QtBot) -> None:
    form = forms.Form(columns=2)
    qtbot.addWidget(form)
    first = form.add(forms.Field("A", forms.line_edit(), name="a"), rule=forms.required("Write A."))
    second = form.add(forms.Field("B", forms.choice(["", "x"]), name="b"), rule=forms.required("Choose B."))
    form.show()
    assert form.first_problem() == "Write A."
    assert not form.show_problems()
    assert (first.error, second.error) == ("Write A.", "Choose B.")
    assert form.focusWidget() is first.entry
    first.set_text("1")
    second.set_text("x")
    assert form.show_problems()


def test_a_passphrase_is_hidden_until_the_eye_is_pressed(qtbot: QtBot) -> None:
    edit = forms.PassphraseEdit()
    qtbot.addWidget(edit)
    assert edit.echoMode() is forms.PassphraseEdit.EchoMode.Password
    edit.actions()[0].trigger()
    assert edit.echoMode() is forms.PassphraseEdit.EchoMode.Normal
    assert edit.actions()[0].text() == "Hide what is typed"


def test_escape_empties_the_filter(qtbot: QtBot) -> None:
    row = FilterRow("Type to filter")
    qtbot.addWidget(row)
    row.box.setText("LH")
    qtbot.keyClick(row.box, Qt.Key.Key_Escape)
    assert row.box.text() == ""
    assert isinstance(row.box, SearchBox)


def test_a_note_and_an_empty_state_are_read_aloud(qtbot: QtBot) -> None:
    warning = note(Tone.WARN, "This cannot be removed.")
    empty = EmptyState("exhibit", "No exhibits yet.", Button("Take in the first", name="take"))
    for widget in (warning, empty):
        qtbot.addWidget(widget)
    warning.say(Tone.BAD, "The read-back differs.")
    assert (warning.accessibleName(), empty.accessibleName()) == ("The read-back differs.", "No exhibits yet.")
    assert warning.property("note") == "bad"


@pytest.mark.parametrize(("greatest", "top"), [(412, 500), (1, 1), (0, 1), (2100, 2500), (0.3, 0.5), (501, 1000)])
def test_an_axis_ends_at_a_round_number(greatest: float, top: float) -> None:
    assert axis_top(greatest) == pytest.approx(top)


def test_charts_say_their_numbers_in_words(qtbot: QtBot) -> None:
    chart, bar = RateChart(unit="MB/s"), ProgressBar()
    for widget in (chart, bar):
        qtbot.addWidget(widget)
        widget.show()
    chart.set_values([1, 2, 412])
    bar.set_share(0.614, "of 2 TB")
    assert chart.accessibleName() == "Rate, last value 412 MB/s"
    assert bar.accessibleName() == "61 % of 2 TB"


def test_a_very_long_text_is_cut_and_says_so(qtbot: QtBot) -> None:
    view = TextView(title="Text")
    qtbot.addWidget(view)
    view.show_text("x" * (SHOWN_LIMIT + 1))
    assert view.toPlainText().endswith("[Only the first 1,000,000 of 1,000,001 characters are shown here.]")


def test_a_word_is_found_again_from_the_other_end(qtbot: QtBot) -> None:
    view = TextView(title="Text")
    qtbot.addWidget(view)
    view.show_text("one two one")
    places = []
    for _ in range(3):
        assert view.find_next("one")
        places.append(view.textCursor().selectionStart())
    assert places == [0, 8, 0]
    assert not view.find_next("three")
