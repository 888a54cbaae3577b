"""Takes the pictures of the user guide from the demonstration lab, into the folder that is named."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SIZE_PX = (1280, 800)
COLOURS = 128
WAIT_S = 60.0
SETTLE_S = 1.2
PREVIEW_S = 4.0
WHO, EXAMINER, CASE = "Ingrid Solberg", "Ana Kovač", "2026-0031"


def main(target: Path) -> int:
    """Makes the lab by the program's own demonstration, shows page after page, and keeps what is seen."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QSettings, QSize
    from PySide6.QtWidgets import QApplication

    from ui.application import Application
    from ui.preferences import Preferences

    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="guide-") as folder:
        made = subprocess.run(
            [sys.executable, "-m", "forensics_app", "demo", f"{folder}/demo"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        passphrases = dict(re.findall(r"^ *(.+?), .*; passphrase (\S+)$", made.stdout, re.M))
        make_timeline(Path(folder), passphrases)
        app = QApplication([])
        settings = QSettings(f"{folder}/preferences.ini", QSettings.Format.IniFormat)
        application = Application(app, Preferences(settings))
        application.window.resize(QSize(*SIZE_PX))
        application.start()
        application.window.resize(QSize(*SIZE_PX))
        camera = Camera(application, target)
        camera.take("first-start")
        application.open_lab(Path(folder) / "demo" / "lab")
        camera.sign_in(passphrases[WHO])
        camera.walk()
        application.window.close()
        app.processEvents()
    return 0


def make_timeline(folder: Path, passphrases: dict[str, str]) -> None:
    """Let the examiner gather the times, so that they are there to be shown."""
    secret = folder / "secret"
    secret.touch(mode=0o600)
    secret.write_text(passphrases[EXAMINER])
    words = ["--lab", str(folder / "demo" / "lab"), "--case", CASE, "--as", EXAMINER, "--passphrase-file", str(secret)]
    command = [sys.executable, "-m", "forensics_app", "timeline", "make", *words]
    subprocess.run(command, capture_output=True, check=True)


class Camera:
    """Goes through the window and grabs what it shows."""

    def __init__(self, application: object, target: Path) -> None:
        """Args: the program with its window, and the folder of the pictures."""
        self._application, self._window = application, application.window  # type: ignore[attr-defined]
        self._target = target

    def take(self, name: str) -> None:
        """Let the window come to rest, then keep a picture with few colours: text stays sharp and the file small."""
        from PIL import Image

        self._settle(SETTLE_S)
        shown = self._window.grab().toImage().convertToFormat(self._format())
        size = (shown.width(), shown.height())
        picture = Image.frombytes("RGBA", size, bytes(shown.constBits()), "raw", "RGBA", shown.bytesPerLine())
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(self._target / f"{name}.png", optimize=True)

    def sign_in(self, passphrase: str) -> None:
        """Sign the supervisor in by the page for it."""
        from ui.lab.sign_in import Credentials, SignIn

        self._until(lambda: self._window.findChild(SignIn) is not None)
        self.take("sign-in")
        self._window.findChild(SignIn).sign_in_asked.emit(Credentials(name=WHO, passphrase=passphrase))
        self._until(lambda: self._window.at_work)

    def walk(self) -> None:
        """Every page of the rail with the demonstration case open, and what is worth a picture of its own."""
        from PySide6.QtWidgets import QTabWidget

        session = self._application.session  # type: ignore[attr-defined]
        case = session.lab.cases.list()[0]
        session.show_case(case)
        for key in ("cases", "exhibits", "custody", "review"):
            self._window.go_to(key)
            self.take(key)
        self._window.go_to("reports")
        self._settle(PREVIEW_S)
        self.take("reports")
        self._window.go_to("examine")
        self._settle(PREVIEW_S)
        self._press("subfoldersChip")
        self._press("picturesChip")
        self._settle(PREVIEW_S)
        self._choose_first_file()
        self._settle(PREVIEW_S)
        self.take("examine")
        self._press("openTimeline")
        self._settle(PREVIEW_S)
        self.take("timeline")
        self._window.go_to("lab")
        self._settle(SETTLE_S)
        tabs = self._window.findChild(QTabWidget, "labTabs")
        for at in range(tabs.count()):
            if tabs.widget(at).objectName() == "backups":
                tabs.setCurrentIndex(at)
        self.take("lab-backups")

    def _choose_first_file(self) -> None:
        from PySide6.QtWidgets import QTableView

        tables = [
            one for one in self._window.page.findChildren(QTableView) if one.isVisible() and one.model().rowCount()
        ]
        if tables:
            tables[0].selectRow(0)

    def _press(self, name: str) -> None:
        from PySide6.QtWidgets import QAbstractButton

        shown = [one for one in self._window.findChildren(QAbstractButton, name) if one.isVisible()]
        if not shown:
            raise LookupError(f"there is no button {name} in sight")
        shown[-1].click()

    def _settle(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        self._until(lambda: time.monotonic() > end_s)

    def _until(self, check: Callable[[], object]) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        give_up_s = time.monotonic() + WAIT_S
        while not check():
            if time.monotonic() > give_up_s:
                raise TimeoutError("the window did not show what was waited for")
            loop = QEventLoop()
            QTimer.singleShot(50, loop.quit)
            loop.exec()

    @staticmethod
    def _format() -> object:
        from PySide6.QtGui import QImage

        return QImage.Format.Format_RGBA8888


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
