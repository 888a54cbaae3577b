"""Shared libraries and tools of the operating system, on Debian and what descends from it."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence

from build_spec.workshop.console import StepError, quietly, say

QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libXext.so.6": "libxext6",
    "libXrandr.so.2": "libxrandr2",
    "libbrotlidec.so.1": "libbrotli1",
    "libbrotlicommon.so.1": "libbrotli1",
    "libbz2.so.1": "libbz2-1.0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libdrm.so.2": "libdrm2",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libpulse.so.0": "libpulse0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libzstd.so.1": "libzstd1",
}
ENGINE_LIBRARIES = {"libmagic.so.1": "libmagic1"}
PACKAGING = ("binutils", "libmagic-mgc")
TRIAL = ("debootstrap",)
ORACLES = (
    "age",
    "apfsprogs",
    "btrfs-progs",
    "cryptsetup-bin",
    "dbus-daemon",
    "dosfstools",
    "e2fsprogs",
    "ewf-tools",
    "exfatprogs",
    "fdisk",
    "ffmpeg",
    "gdisk",
    "genisoimage",
    "hashdeep",
    "hfsutils",
    "libarchive-tools",
    "libemail-address-perl",
    "libemail-outlook-message-perl",
    "libgsf-bin",
    "libhivex-bin",
    "libimage-exiftool-perl",
    "libnss3-tools",
    "makefs",
    "matchbox-window-manager",
    "mtools",
    "ntfs-3g",
    "openssl",
    "p7zip-full",
    "poppler-utils",
    "qemu-utils",
    "qpdf",
    "sleuthkit",
    "softhsm2",
    "squashfs-tools",
    "thin-provisioning-tools",
    "udftools",
    "xfsprogs",
    "xauth",
    "xdotool",
    "xorriso",
    "xvfb",
    "zip",
)
APT_ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
INSTALL = ("apt-get", "install", "-y", "-q", "--no-install-recommends")


def is_debian() -> bool:
    """Whether packages come by apt-get here."""
    return sys.platform == "linux" and shutil.which("apt-get") is not None and shutil.which("dpkg-query") is not None


def is_root() -> bool:
    """Whether packages can be installed without asking for another account."""
    return sys.platform != "win32" and os.geteuid() == 0


def missing_libraries(wanted: Iterable[str]) -> list[str]:
    """Names the shared libraries among `wanted` that the loader does not find; none on systems other than Linux."""
    return [name for name in wanted if sys.platform == "linux" and not _loads(name)]


def missing_packages(wanted: Sequence[str]) -> list[str]:
    """Names the packages among `wanted` that are not installed."""
    command = ["dpkg-query", "--show", "--showformat", "${db:Status-Abbrev}${Package}\n", *wanted]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    there = {line.split()[1] for line in answer.splitlines() if line.startswith("ii")}
    return [name for name in wanted if name not in there]


def command_to_type(packages: Iterable[str]) -> str:
    """The one command that installs `packages`, for a person who is not root."""
    return "sudo apt-get install -y " + " ".join(sorted(set(packages)))


def install(packages: Iterable[str], why: str) -> None:
    """Installs packages as root.

    Raises:
        StepError: apt-get refused; the message holds what it said.
    """
    names = sorted(set(packages))
    _refresh_lists()
    quietly(f"Installing {why}: {' '.join(names)}", [*INSTALL, *names], env=APT_ENVIRONMENT)


def install_what_exists(packages: Iterable[str], why: str) -> list[str]:
    """Installs as root what this release has and returns the names that could not be installed."""
    try:
        install(packages, why)
    except StepError:
        say("Not all of them at once; trying one by one")
        return [name for name in sorted(set(packages)) if not _installs(name)]
    return []


def _installs(name: str) -> bool:
    try:
        quietly(f"Installing {name}", [*INSTALL, name], env=APT_ENVIRONMENT)
    except StepError:
        return False
    return True


def _refresh_lists() -> None:
    try:
        quietly("Refreshing the package lists (apt-get update)", ["apt-get", "update", "-q"], env=APT_ENVIRONMENT)
    except StepError as problem:
        say(f"The package lists could not be refreshed; going on with the old ones. {str(problem).strip()[-300:]}")


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
