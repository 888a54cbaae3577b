"""Runs tests/benchmarks/bench_*.py one after the other and keeps what they print in docs/performance.md."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from build_spec.workshop.console import ROOT, StepError, say
from build_spec.workshop.environment import PYTHON

FOLDER = ROOT / "tests" / "benchmarks"
DOCUMENT = ROOT / "docs" / "performance.md"
RUN_MAIN = "import runpy, sys; runpy.run_path(sys.argv[1])['main']()"
HEAD = """\
# Speed

Written by `python3 build_spec/dev.py bench`; not edited by hand. Every benchmark measures this program and its peers
side by side, in turns, on the same data. Absolute times move from machine to machine; the ratios hold.

- When: {when}
- Machine: {machine}
- Python: {python}
"""


def run(names: list[str]) -> int:
    """Runs the benchmarks whose file names hold one of `names`; writes the document when all of them ran.

    Raises:
        StepError: no benchmark has such a name.
    """
    chosen = [path for path in sorted(FOLDER.glob("bench_*.py")) if not names or any(n in path.stem for n in names)]
    if not chosen:
        raise StepError(
            f"No benchmark in {FOLDER.relative_to(ROOT)} is named like {' or '.join(names) or 'bench_*.py'}"
        )
    sections: list[str] = []
    failed: list[str] = []
    for path in chosen:
        say(f"{path.stem} ...")
        status, output = _run_one(path)
        if status != 0:
            failed.append(path.stem)
        sections.append(f"## {_title(path)}\n\n{_as_markdown(output)}\n")
    if failed:
        say(f"Failed, so {DOCUMENT.name} stays as it was: {', '.join(failed)}")
        return 1
    if names:
        say(f"Not all were run, so {DOCUMENT.name} stays as it was")
        return 0
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text("\n".join([_head(), *sections]), encoding="utf-8")
    say(f"Written: {DOCUMENT.relative_to(ROOT)}")
    return 0


def _run_one(path: Path) -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [str(PYTHON), "-c", RUN_MAIN, str(path)]
    lines: list[str] = []
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    return process.returncode, "".join(lines)


def _as_markdown(output: str) -> str:
    if any(line.startswith("|") for line in output.splitlines()):
        return output.strip()
    return f"```text\n{output.strip()}\n```"


def _title(path: Path) -> str:
    words = path.stem.removeprefix("bench_").replace("_", " ")
    return words[:1].upper() + words[1:]


def _head() -> str:
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return HEAD.format(when=when, machine=_machine(), python=sys.version.split()[0])


def _machine() -> str:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        told = [line for line in cpuinfo.read_text("utf-8").splitlines() if line.startswith("model name")]
        model = told[0].partition(":")[2].strip() if told else model
    return f"{model}, {os.cpu_count()} logical processors, {platform.system()} {platform.release()}"
