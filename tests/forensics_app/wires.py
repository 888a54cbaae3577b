"""A wire between a workstation and its server, which can be cut at a word that passes through it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

Cut = Literal["before", "after"]


@dataclass
class Wire:
    """Listens on a port of this computer and passes on what comes.

    ``cut_at`` is a word of the workstation: *before* cuts the wire instead of passing it on, *after* passes it on,
    waits for the answer, and cuts the wire instead of passing the answer back. A wire that was cut takes new
    connections, unless it ``stays_cut``.
    """

    server_socket: str
    cut_at: tuple[Cut, bytes] | None = None
    stays_cut: bool = False
    cuts: int = 0
    _listener: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.cuts and self.stays_cut:
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.server_socket)
            answer_is_lost = threading.Event()
            for way in (self._pass_on, self._pass_back):
                threading.Thread(target=way, args=(near, far, answer_is_lost), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket, answer_is_lost: threading.Event) -> None:
        with suppress(OSError):
            while sent := near.recv(1 << 16):
                if self.cut_at and self.cut_at[1] in sent:
                    when, self.cut_at = self.cut_at[0], None
                    self.cuts += 1
                    if when == "before":
                        break
                    answer_is_lost.set()
                far.sendall(sent)
        _hang_up(near, far)

    def _pass_back(self, near: socket.socket, far: socket.socket, answer_is_lost: threading.Event) -> None:
        with suppress(OSError):
            while (answer := far.recv(1 << 16)) and not answer_is_lost.is_set():
                near.sendall(answer)
        _hang_up(near, far)


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
