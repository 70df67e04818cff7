"""`Context`: what a step is handed besides its input."""

import itertools
import json
from collections.abc import Mapping

from interlock.contract.core.base import Json
from interlock.contract.core.names import run_id
from interlock.contract.envelope import StepContext, Trigger
from interlock.sdk.backend import Backend
from interlock.sdk.catalog import Catalog
from interlock.sdk.http import Http, Transport
from interlock.sdk.journal import Journal
from interlock.sdk.log import Log
from interlock.sdk.model import Converse, LanguageModel
from interlock.sdk.state import Secrets, State


class Context:
    """Who is running and on whose behalf, and the only way to the tenant's data; every call is recorded.

    Attributes:
        info: everything the platform says about this attempt.
        catalog: the tenant's assets.
        state: JSON values that the install keeps between runs.
        secrets: what the tenant gave the install in confidence.
        http: calls to declared egress.
        model: the operator's language model.
        log: structured logs with the run's keys.
    """

    def __init__(
        self,
        info: StepContext,
        backend: Backend,
        journal: Journal,
        send: Transport | None = None,
        converse: Converse | None = None,
    ) -> None:
        """Bind the parts to one journal; nothing is called.

        Args:
            info: about the attempt.
            backend: does the effects.
            journal: records them.
            send: answers HTTP in place of the backend.
            converse: answers for the language model in place of the backend.
        """
        self.info = info
        self.catalog = Catalog(journal, backend)
        self.state = State(journal, backend)
        self.secrets = Secrets(journal, backend, info.secrets)
        self.http = Http(journal, info.egress, send or backend.send)
        self.model = LanguageModel(journal, converse or backend.converse)
        self.log = Log()
        self._journal = journal
        self._backend = backend
        self._emits = itertools.count()

    @property
    def run(self) -> str:
        """The run's id."""
        return self.info.run

    @property
    def tenant(self) -> str:
        """The tenant whose install this is."""
        return self.info.tenant

    @property
    def install_name(self) -> str:
        """What the tenant calls this install, among its installs of the app."""
        return self.info.install_name

    @property
    def trigger(self) -> Trigger:
        """What started the run: an event (with the whole event), a schedule, a tool call, or a fork."""
        return self.info.trigger

    @property
    def config(self) -> Mapping[str, Json]:
        """The install's configuration, valid by the app's schema."""
        return self.info.config

    @property
    def visit(self) -> str:
        """The same for every try of one entry into the state: an idempotency key for calls to other systems."""
        return self.info.visit

    @property
    def attempt(self) -> int:
        """0 for the first try of this visit."""
        return self.info.attempt

    @property
    def dry(self) -> bool:
        """Whether writes are captured and not done."""
        return self._journal.dry

    def emit(self, name: str, detail: Mapping[str, Json]) -> str:
        """Emit an event of the app on the tenant's bus, once: a retry of the step emits the same again under one id.

        Args:
            name: an event that the manifest declares.
            detail: a JSON object.

        Returns:
            The event's change id.

        Raises:
            GateFailure: `Interlock.Denied`, the manifest does not declare it.
            ValueError: NaN or Infinity.
            TypeError: JSON can't hold it.
            GateFailure: `Interlock.SecretInOutput`, it holds a secret that a step of the install read.
        """
        key = run_id(self.info.run, self.info.visit, name, str(next(self._emits)))
        body = json.loads(json.dumps(dict(detail), allow_nan=False))
        request = {"name": name, "detail": body, "id": key}
        return str(self._journal.write("emit", "emit", request, lambda: self._backend.emit(name, body, key), key))

    def summary(self, text: str) -> None:
        """Say in one line what the step did, such as `42 columns`: people see it beside the step in lists and trees.

        Args:
            text: at most limits.SUMMARY_CHARS characters are kept, without secrets, as in a log. The last one counts.
        """
        self._journal.summary = str(text)

    def check_output(self, output: Json) -> None:
        """Refuse an output that holds a secret.

        Raises:
            GateFailure: `Interlock.SecretInOutput`, with the field.
        """
        self._journal.secrets.refuse("output", output)
