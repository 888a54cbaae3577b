"""A process that verifies one lab for another process: ``forensics-app --lab-verifier``.

It reads one line, the folder; it opens the lab untouched, and writes lines: how far it is, several times a second, and
at the end the answer. It ends when nobody reads them any more.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import IO

from forensics_app.bootstrap import open_lab_untouched
from forensics_app.services.verified_apart import progress_to, report_to, root_from

_TICK_S = 0.1


def serve(questions: IO[bytes], answers: IO[bytes]) -> int:
    """Answer one question.

    Returns:
        1 without an answer where the lab was written to in a way that a reader of it cannot follow.

    Raises:
        AppError: The lab cannot be opened, or not be read.
        OSError: Nobody reads the answers.
    """
    lab = open_lab_untouched(root_from(questions.readline()))
    state, is_over = [0, 0], threading.Event()

    def note(done: int, total: int) -> None:
        state[:] = done, total

    def tick() -> None:
        while not is_over.wait(_TICK_S):
            try:
                answers.write(progress_to(*state))
                answers.flush()
            except OSError:
                os._exit(1)  # whoever asked is gone

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        report = lab.verification.verify(on_progress=note)
        is_whole = lab.database.is_as_opened()
    finally:
        is_over.set()
        ticker.join()
        lab.close()
    if is_whole:
        answers.write(report_to(report))
        answers.flush()
    return int(not is_whole)


def main() -> int:
    """Serve over standard input and output. A keyboard's interruption is left to whoever started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with os.fdopen(os.dup(0), "rb") as questions, os.fdopen(os.dup(1), "wb") as answers:
        return serve(questions, answers)
