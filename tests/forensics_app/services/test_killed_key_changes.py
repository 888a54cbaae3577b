"""A program killed while a passphrase is changed or a key replaced leaves the old key or the new one, never none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from forensics_app.bootstrap import open_lab
from forensics_app.errors import SignInRefusedError
from tests.builders import PASSPHRASE, QUICK, make_bench

NEW = "quiet harbour with cranes"
ANA = "Ana Kovač"

WORKER = """
import os, shutil, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from forensics_app.bootstrap import open_lab
from tests.builders import PASSPHRASE, QUICK

ANA = "Ana Kovač"
act, new, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])


def work(copy, steps):
    lab = open_lab(copy, key_parameters=QUICK)
    admin = lab.people.sign_in("Ada Admin", PASSPHRASE)
    done = []

    def step(*_):
        if len(done) == steps:
            os.kill(os.getpid(), signal.SIGKILL)
        done.append(None)

    event.listen(Engine, "before_cursor_execute", lambda c, cursor, statement, *_: statement[:6] != "SELECT" and step())
    event.listen(Engine, "commit", step)
    if act == "change":
        lab.person_keys.change_passphrase(ANA, PASSPHRASE, new)
    else:
        lab.person_keys.replace(admin, lab.people.named(ANA).id, new, "forgotten")
    step()


for steps in range(100):
    copy = folder.parent / f"{act}-{steps}"
    shutil.copytree(folder, copy)
    child = os.fork()
    if not child:
        work(copy, steps)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
    print(copy, flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("act", ["change", "replace"])
def test_whenever_it_is_killed_one_of_the_two_passphrases_opens_a_key_and_the_record_says_which(
    tmp_path: Path, act: str
) -> None:
    bench = make_bench(tmp_path / "lab")
    bench.lab.close()
    done = subprocess.run(
        [sys.executable, "-c", WORKER, act, NEW, str(tmp_path / "lab")],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True,
    )  # fmt: skip
    opened = []
    for folder in done.stdout.splitlines():
        lab = open_lab(Path(folder), key_parameters=QUICK)
        told = {"person.passphrase", "key.replace"} & {event.action for event in lab.custody.lab_history()}
        opened.append(NEW if told else PASSPHRASE)
        assert lab.people.sign_in(ANA, opened[-1]).person.name == ANA
        with pytest.raises(SignInRefusedError):
            lab.people.sign_in(ANA, PASSPHRASE if told else NEW)
        assert lab.verification.verify().ok
        lab.close()
    assert opened == sorted(opened)
    assert (opened[0], opened[-1]) == (PASSPHRASE, NEW)
    assert len(opened) > 5
