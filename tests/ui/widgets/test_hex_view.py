from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ui.widgets.hex_blocks import BLOCK_BYTES, Blocks, Deliver, Refuse, parse_offset
from ui.widgets.hex_view import ROW_BYTES, HexView, Mark

Key = Qt.Key
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
TERABYTES_10 = 10_000_000_000_000


def byte_at(offset: int) -> int:
    return (offset * 7 + offset // 256) % 256


def read(offset: int, size: int, deliver: Deliver, refuse: Refuse) -> None:
    deliver(bytes(byte_at(at) for at in range(offset, offset + size)))


@pytest.fixture
def view(qtbot: QtBot) -> HexView:
    made = HexView(title="Bytes of LH/01")
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show_bytes(100_000, read, base_bytes=0x1000)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_keys_move_and_shift_selects(view: HexView, qtbot: QtBot) -> None:
    for key in (Key.Key_Down, Key.Key_Right, Key.Key_Right):
        qtbot.keyClick(view, key)
    assert view.selection == (ROW_BYTES + 2, 1)
    qtbot.keyClick(view, Key.Key_Right, SHIFT)
    qtbot.keyClick(view, Key.Key_Down, SHIFT)
    assert view.selection == (ROW_BYTES + 2, ROW_BYTES + 2)
    qtbot.keyClick(view, Key.Key_End)
    assert view.selection == (3 * ROW_BYTES - 1, 1)
    qtbot.keyClick(view, Key.Key_Home)
    assert view.selection == (2 * ROW_BYTES, 1)


def test_control_end_and_home_reach_the_ends(view: HexView, qtbot: QtBot) -> None:
    qtbot.keyClick(view, Key.Key_End, CONTROL)
    assert view.selection == (99_999, 1)
    qtbot.keyClick(view, Key.Key_Right)
    qtbot.keyClick(view, Key.Key_Down)
    assert view.selection == (99_999, 1)
    qtbot.keyClick(view, Key.Key_Home, CONTROL)
    qtbot.keyClick(view, Key.Key_Up)
    qtbot.keyClick(view, Key.Key_Left)
    assert view.selection == (0, 1)


def test_the_selection_is_told_with_exact_offsets_beyond_32_bits(qtbot: QtBot) -> None:
    view = HexView(title="Disk")
    qtbot.addWidget(view)
    view.resize(700, 300)
    view.show_bytes(TERABYTES_10, read)
    told: list[tuple[int, int]] = []
    view.selection_changed.connect(lambda offset, length: told.append((offset, length)))
    assert view.go_to(TERABYTES_10 - 5, 3)
    assert told == [(TERABYTES_10 - 5, 3)]
    assert not view.go_to(TERABYTES_10)


def test_any_row_of_a_huge_disk_can_be_reached_row_by_row_and_by_the_bar(qtbot: QtBot) -> None:
    view = HexView(title="Disk")
    qtbot.addWidget(view)
    view.resize(700, 300)
    view.show_bytes(TERABYTES_10, read)
    view.go_to(TERABYTES_10 // 2)
    before = view.selection[0]
    qtbot.keyClick(view, Key.Key_Down)
    assert view.selection == (before + ROW_BYTES, 1)
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(120, view.viewport().height() - 30))
    assert view.selection[0] > TERABYTES_10 - 20 * ROW_BYTES


def test_copy_gives_hex_and_text_of_exactly_the_selection(view: HexView, qtbot: QtBot) -> None:
    view.go_to(32, 4)
    qtbot.keyClick(view, Key.Key_C, CONTROL)
    data = bytes(byte_at(at) for at in range(32, 36))
    assert QGuiApplication.clipboard().text() == data.hex(" ")
    qtbot.keyClick(view, Key.Key_C, CONTROL | SHIFT)
    text = "".join(chr(value) if 32 <= value < 127 else "·" for value in data)
    assert QGuiApplication.clipboard().text() == text


def test_a_press_in_the_text_column_chooses_the_same_byte(view: HexView, qtbot: QtBot) -> None:
    column_of_text = int(view._text_x() + 5.5 * view._cell())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(column_of_text, 40))
    assert view.selection == (5, 1)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(int(view._byte_x(9)) + 3, 60))
    assert view.selection == (ROW_BYTES + 9, 1)


def test_the_row_is_told_to_a_screen_reader(view: HexView) -> None:
    view.go_to(17)
    assert view.accessibleDescription().startswith(f"1010: {byte_at(16):02x} {byte_at(17):02x}")


def test_ctrl_g_asks_for_an_offset(view: HexView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.offset_asked):
        qtbot.keyClick(view, Key.Key_G, CONTROL)


def test_a_marked_byte_and_a_selected_byte_are_drawn_on_different_grounds(view: HexView) -> None:
    view.show_bytes(100, read, marks=(Mark(offset_bytes=4, length_bytes=1),))
    view.go_to(6)
    image = view.grab().toImage()
    grounds = {at: image.pixelColor(int(view._byte_x(at)), 30).name() for at in (2, 4, 6)}
    assert len(set(grounds.values())) == 3


def test_nothing_is_shown_of_empty_data(qtbot: QtBot) -> None:
    view = HexView(title="Empty")
    qtbot.addWidget(view)
    view.show_bytes(0, read)
    qtbot.keyClick(view, Key.Key_Down)
    view.copy_hex()
    assert view.selection == (0, 0)
    assert not view.go_to(0)


def test_bytes_that_cannot_be_read_stay_unknown_and_are_never_zeros() -> None:
    def refuse_second(offset: int, size: int, deliver: Deliver, refuse: Refuse) -> None:
        (refuse if offset else deliver)("checksum of chunk 2 is wrong" if offset else bytes(size))  # type: ignore[arg-type]

    blocks = Blocks(3 * BLOCK_BYTES, refuse_second)
    assert blocks.at(BLOCK_BYTES - 2, 4) == [0, 0, None, None]
    assert blocks.refusal(BLOCK_BYTES) == "checksum of chunk 2 is wrong"
    assert blocks.refusal(0) == ""


def test_a_block_on_its_way_is_asked_for_once() -> None:
    waiting: list[Callable[[], None]] = []
    blocks = Blocks(100, lambda offset, size, deliver, refuse: waiting.append(lambda: deliver(bytes(range(size)))))
    assert blocks.at(0, 2) == [None, None]
    assert blocks.at(1, 2) == [None, None]
    assert len(waiting) == 1
    waiting[0]()
    assert blocks.at(0, 3) == [0, 1, 2]


@pytest.mark.parametrize(
    ("typed", "offset"),
    [
        ("0x1A4F", 0x1A4F - 0x1000),
        ("1A4Fh", 0x1A4F - 0x1000),
        ("6,735", 6735 - 0x1000),
        ("+512", 100 + 512),
        ("-0x10", 100 - 16),
        ("", None),
        ("zz", None),
        ("0x", None),
    ],
)
def test_an_offset_can_be_typed_in_hex_decimal_or_from_here(typed: str, offset: int | None) -> None:
    assert parse_offset(typed, 100, 0x1000) == offset
