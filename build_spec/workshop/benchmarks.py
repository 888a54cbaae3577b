"""Runs tests/benchmarks/bench_*.py one after the other and keeps what they print in docs/performance.md.

The function main() of each prints its figures, and returns 1 when one of them misses its limit.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Container, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from build_spec.workshop.console import ROOT, StepError, say
from build_spec.workshop.environment import PYTHON

FOLDER = ROOT / "tests" / "benchmarks"
DOCUMENT = ROOT / "docs" / "performance.md"
PACKAGES = ("evidence", "chain_of_custody", "forensics_app", "ui", "resources")
LIMIT_MISSED, NOT_MEASURED = 10, 11
"""How a benchmark ends beside 0; one that cannot measure here exits with the second, and its rows of before stay."""
RUN_MAIN = f"import runpy, sys; sys.exit({LIMIT_MISSED} if runpy.run_path(sys.argv[1])['main']() else 0)"
HEAD = """\
# Speed

Written by `python3 build_spec/dev.py bench`; not edited by hand. Every benchmark measures this program and its peers
side by side, in turns, on the same data. Absolute times move from machine to machine; the ratios hold. The modules
are compiled beforehand, as they are in an installed program.
"""
SECTION = """\
## {title}

Measured {when}; {machine}; Python {python}

{output}
{note}"""


def run(names: list[str]) -> int:
    """Runs the benchmarks whose file names hold one of `names`, all without any; each renews its section.

    Returns:
        0; 1 when one failed, which leaves its section as it was, or missed a limit, which the section then says.

    Raises:
        StepError: no benchmark has such a name.
    """
    chosen = _chosen(names)
    packages = [name for name in PACKAGES if (ROOT / name).is_dir()]
    if packages:
        subprocess.run([str(PYTHON), "-m", "compileall", "-q", *packages], cwd=ROOT, check=True)
    outcomes = [(path, *_run_one(path)) for path in chosen]
    unmeasured = [path.stem for path, status, _ in outcomes if status == NOT_MEASURED]
    failed = [path.stem for path, status, _ in outcomes if status not in {0, LIMIT_MISSED, NOT_MEASURED}]
    missed = [path.stem for path, status, _ in outcomes if status == LIMIT_MISSED]
    fresh = {
        _title(path): _section(path, status, out)
        for path, status, out in outcomes
        if path.stem not in failed + unmeasured
    }
    if failed:
        say(f"Failed, so what {DOCUMENT.name} says of them stays as it was: {', '.join(failed)}")
    if unmeasured:
        say(f"Not measured here, so what {DOCUMENT.name} says of them stays as it was: {', '.join(unmeasured)}")
    if missed:
        say(f"Missed a limit: {', '.join(missed)}")
    if fresh:
        _renew(fresh)
        say(f"Written in {DOCUMENT.relative_to(ROOT)}: {', '.join(fresh)}")
    return 1 if failed or missed else 0


def _renew(fresh: dict[str, str]) -> None:
    """Puts sections in the place of those of the same title; those of benchmarks that are gone are dropped."""
    document = DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else ""
    kept = {part.partition("\n")[0]: f"## {part.rstrip()}\n" for part in document.split("\n## ")[1:]}
    titles = [_title(path) for path in sorted(FOLDER.glob("bench_*.py"))]
    sections = [(fresh.get(title) or kept[title]).rstrip() + "\n" for title in titles if title in {**kept, **fresh}]
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text("\n".join([HEAD, *_without(titles, {**kept, **fresh}), *sections]), encoding="utf-8")


def _without(titles: Iterable[str], measured: Container[str]) -> Iterator[str]:
    """Which benchmarks have no figures here, in a sentence."""
    if missing := [title for title in titles if title not in measured]:
        yield f"**Not measured yet**, so nothing is said of them here: {', '.join(missing)}.\n"


def _chosen(names: list[str]) -> list[Path]:
    chosen = [path for path in sorted(FOLDER.glob("bench_*.py")) if not names or any(n in path.stem for n in names)]
    if not chosen:
        named = " or ".join(names) or "bench_*.py"
        raise StepError(f"No benchmark in {FOLDER.relative_to(ROOT)} is named like {named}")
    return chosen


def _section(path: Path, status: int, output: str) -> str:
    return SECTION.format(
        title=_title(path),
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        machine=_machine(),
        python=sys.version.split()[0],
        output=_as_markdown(output),
        note="\nA limit was missed in this run.\n" if status == LIMIT_MISSED else "",
    )


def _run_one(path: Path) -> tuple[int, str]:
    say(f"{path.stem} ...")
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


def _machine() -> str:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        told = [line for line in cpuinfo.read_text("utf-8").splitlines() if line.startswith("model name")]
        model = told[0].partition(":")[2].strip() if told else model
    return f"{model}, {os.cpu_count()} logical processors, {platform.system()} {platform.release()}"
