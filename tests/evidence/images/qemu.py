"""Disks of virtual machines, written and read back by qemu-img: the oracle for our readers."""

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

needs_qemu = pytest.mark.skipif(not shutil.which("qemu-img"), reason="qemu-img (Debian: qemu-utils) is not installed")


def run(*words: str | Path) -> str:
    done = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)
    return done.stdout


def converted(source: Path, target: Path, form: str, *options: str, source_form: str = "raw") -> Path:
    run("qemu-img", "convert", "-f", source_form, "-O", form, *options, source, target)
    return target


def as_raw(image: Path, form: str, *options: str) -> bytes:
    """What qemu-img finds in an image."""
    target = image.with_name(image.name + ".oracle")
    run("qemu-img", "convert", "-f", form, "-O", "raw", *options, image, target)
    data = target.read_bytes()
    target.unlink()
    return data


def written(image: Path, form: str, *commands: str) -> None:
    """Write into an image with commands of qemu-io, such as "write -P 7 64k 4k"."""
    words = [word for command in commands for word in ("-c", command)]
    run("qemu-io", "-f", form, *words, image)


def disk(path: Path, size_bytes: int, *, seed: int = 1) -> Path:
    """A disk with noise, text and zeros in pieces of odd sizes, as a sparse file."""
    rng = random.Random(seed)
    with path.open("wb") as file:
        os.truncate(file.fileno(), size_bytes)
        at = 0
        while at < size_bytes:
            length = min(rng.choice((512, 4096, 5120, 65536, 200_192)), size_bytes - at)
            kind = rng.random()
            file.seek(at)
            if kind < 0.3:
                file.write(rng.randbytes(length))
            elif kind < 0.6:
                file.write((b"%09d " % at * (length // 10 + 1))[:length])
            at += length
    return path
