"""The build of the page beside what `interlock up` does; a page that can't be built leaves the platform up."""

import threading

from interlock.cli.terminal.render import Steps
from interlock.contract.core.failure import Failure
from interlock.local.page import build_page


class PageBuild:
    """A build in a thread of its own, begun when this is made."""

    def __init__(self) -> None:
        """Begin."""
        self._error = ""
        # A daemon: a platform that does not start ends the command, whatever npm does.
        self._thread = threading.Thread(target=self._build, daemon=True)
        self._thread.start()

    def wait(self, steps: Steps) -> str:
        """Why it failed, once it is over; empty where the page is there."""
        if self._thread.is_alive():
            steps.step("Build the console")
            self._thread.join()
        return self._error

    def _build(self) -> None:
        try:
            build_page()
        except Failure as failure:
            self._error = f"{failure.what} {failure.next_step}".strip()
