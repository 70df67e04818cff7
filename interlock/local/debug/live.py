"""Answers a debugged step's catalog reads while `--live` is on: the command asks the API, the step has no token."""

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from multiprocessing import AuthenticationError
from multiprocessing.connection import Listener
from typing import Any

from interlock.contract.core.base import Json
from interlock.contract.core.failure import Failure

Read = Callable[[str, Mapping[str, Any]], Json]
"""Does a read: `asset` or `search`, and the arguments of the backend's method of that name."""


class LiveReads:
    """Listens on this machine for one debugged process that knows the key."""

    def __init__(self, read: Read) -> None:
        """Listen; a thread answers one call after the other until the process ends."""
        self.key = secrets.token_hex(16)
        self._listener = Listener(authkey=self.key.encode())
        self._read = read
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return str(self._listener.address)

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                with self._listener.accept() as line:
                    line.send_bytes(json.dumps(self._answer(json.loads(line.recv_bytes()))).encode())
            except AuthenticationError:
                continue
            except (OSError, EOFError):
                return

    def _answer(self, values: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"value": self._read(str(values["op"]), values["words"])}
        except Failure as failure:
            return {"problem": dict(failure.problem())}
