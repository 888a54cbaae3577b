"""A process that judges runs of entries for another one: ``python -m chain_of_custody.worker``.

In threads, a fifth of the time is lost where one waits for another to let go of Python. A worker ends when its
standard input does, which is at the latest when whoever started it is gone.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import IO

from chain_of_custody.blocks import judge_block
from chain_of_custody.messages import from_block, read_frame, to_keys, to_task, write_frame


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Judge runs of entries until there are no more.

    Raises:
        OSError: nobody reads the answers.
        ValueError: the questions end inside one.
    """
    frame = read_frame(questions)
    if frame is None:
        return
    public_keys = to_keys(frame)
    while (frame := read_frame(questions)) is not None:
        task = to_task(frame)
        block = judge_block(task, public_keys, read_together=len(task.entries))
        write_frame(answers, from_block(task, block))


def main() -> int:
    """Serve over standard input and output. A keyboard's interruption is left to whoever started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with os.fdopen(os.dup(0), "rb") as questions, os.fdopen(os.dup(1), "wb") as answers:
        serve(questions, answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
