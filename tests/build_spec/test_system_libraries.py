"""The list of shared libraries in dev.py against what the installed Qt asks the loader for."""

import importlib.util
import platform
import sys
from pathlib import Path

import pytest

from build_spec.workshop import debian
from tests.build_spec.elf import needed_libraries

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in {"x86_64", "aarch64"}, reason="Qt's ELF files are on Linux"
)
PLUGINS = (
    "platforms/libqxcb.so",
    "platforms/libqwayland.so",
    "platforms/libqoffscreen.so",
    "wayland-graphics-integration-client/libqt-plugin-wayland-egl.so",
    "xcbglintegrations/libqxcb-glx-integration.so",
    "xcbglintegrations/libqxcb-egl-integration.so",
    "platformthemes/libqxdgdesktopportal.so",
    "imageformats/libqjpeg.so",
    "imageformats/libqsvg.so",
    "multimedia/libffmpegmediaplugin.so",
)
MODULES = (
    "Core",
    "DBus",
    "Gui",
    "Network",
    "Svg",
    "SvgWidgets",
    "Widgets",
    "XcbQpa",
    "WaylandClient",
    "PrintSupport",
    "Multimedia",
)
FFMPEG = ("libavcodec.so.61", "libavformat.so.61", "libavutil.so.59", "libswresample.so.5", "libswscale.so.8")
COMES_WITH_LINUX = {
    *("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2"),
    *("libgcc_s.so.1", "libstdc++.so.6", "libz.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"),
}


@pytest.fixture(scope="module")
def qt() -> Path:
    found = importlib.util.find_spec("PySide6")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "Qt"


def asked_for(qt: Path) -> set[str]:
    files = [qt / "plugins" / name for name in PLUGINS] + [qt / "lib" / f"libQt6{name}.so.6" for name in MODULES]
    files += [qt / "lib" / name for name in FFMPEG]
    assert all(path.exists() for path in files), [str(path) for path in files if not path.exists()]
    names = {name for path in files for name in needed_libraries(path)}
    return {name for name in names if not (qt / "lib" / name).exists()} - COMES_WITH_LINUX


def test_every_library_that_qt_asks_for_is_on_the_list(qt: Path) -> None:
    assert asked_for(qt) - set(debian.QT_LIBRARIES) == set()


def test_the_list_holds_nothing_that_qt_does_not_ask_for(qt: Path) -> None:
    assert set(debian.QT_LIBRARIES) - asked_for(qt) == set()


def test_a_library_that_is_nowhere_is_missed() -> None:
    assert debian.missing_libraries(["libc.so.6", "libno-such-thing.so.9"]) == ["libno-such-thing.so.9"]


@pytest.mark.skipif(not debian.is_debian(), reason="packages are asked of dpkg")
def test_a_package_that_is_not_installed_is_missed() -> None:
    assert debian.missing_packages(["dpkg", "no-such-package-exists"]) == ["no-such-package-exists"]


def test_the_command_to_type_names_each_package_once() -> None:
    assert debian.command_to_type(["libgl1", "libegl1", "libgl1"]) == "sudo apt-get install -y libegl1 libgl1"
