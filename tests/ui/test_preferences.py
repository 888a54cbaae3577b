from pathlib import Path

from PySide6.QtCore import QByteArray

from ui.preferences import RECENT_KEPT, Look, Preferences


def test_taste_is_remembered(preferences: Preferences) -> None:
    assert (preferences.look, preferences.scale_percent) == (Look.SYSTEM, 100)
    preferences.look, preferences.scale_percent = Look.DARK, 150
    preferences.geometry = QByteArray(b"place")
    again = Preferences(preferences.store)
    assert (again.look, again.scale_percent, again.geometry) == (Look.DARK, 150, QByteArray(b"place"))


def test_nonsense_in_the_file_is_passed_over(preferences: Preferences) -> None:
    preferences.store.setValue("window/look", "pink")
    preferences.store.setValue("window/scale", "-3")
    assert (preferences.look, preferences.scale_percent) == (Look.SYSTEM, 100)


def test_recent_labs_are_few_and_the_newest_is_first(preferences: Preferences) -> None:
    assert preferences.recent_labs == ()
    for number in range(9):
        preferences.remember_lab(Path(f"/labs/{number}"))
    preferences.remember_lab(Path("/labs/5"))
    assert preferences.recent_labs[:2] == (Path("/labs/5"), Path("/labs/8"))
    assert len(preferences.recent_labs) == RECENT_KEPT
