"""The debugged process: `python -m interlock.local.debug.child JOB`. Imports the SDK, and debugpy where it is used.

It does what `interlock.sdk.runtime` does for one attempt, with two differences: effects come from the record, and an
exception of the step is shown to the debugger before it becomes data.
"""

import os
import sys
from pathlib import Path

from interlock.contract import payload
from interlock.contract.core.base import Json
from interlock.contract.envelope import StepError
from interlock.contract.run import RecordStatus
from interlock.local.debug.job import Job, Outcome, Ready
from interlock.local.debug.lines import first_line, own_traceback, standing_in
from interlock.local.debug.recorded import RecordedBackend
from interlock.local.debug.stop import Debugpy, Evaluator, Pdb, Quit
from interlock.sdk.chain import path_to_root
from interlock.sdk.context import Context
from interlock.sdk.errors import describe
from interlock.sdk.journal import Journal
from interlock.sdk.log import bound, install_formatter
from interlock.sdk.redact import Redactor
from interlock.sdk.runtime import learn, load, use_vendored
from interlock.sdk.step import StepSpec

Debugger = Debugpy | Pdb | Evaluator


def main() -> None:
    """Run the job that the file names; the file is gone once it was read."""
    path = Path(sys.argv[1])
    job = Job.model_validate_json(path.read_bytes())
    path.unlink()
    debugger = _debugger(job)
    enter(job.root)
    if isinstance(debugger, Debugpy):
        _wait(debugger, job)
    for rule in job.breaks:
        debugger.break_at(rule.file, rule.line)
    outcome = _Attempt(job, debugger).run()
    Path(job.outcome).write_text(outcome.model_dump_json())


def _debugger(job: Job) -> Debugger:
    if job.evaluate is not None:
        return Evaluator(job.evaluate, job.root)
    return Pdb() if job.pdb else Debugpy()


def enter(root: str) -> None:
    """Stand where Lambda would: the code first on the path, its dependencies before those of this command."""
    os.environ["LAMBDA_TASK_ROOT"] = root
    os.chdir(root)
    sys.path.insert(0, root)
    use_vendored()
    install_formatter()


def _wait(debugger: Debugpy, job: Job) -> None:
    """Listen, say where, and wait for a client; standard output is the command's until then, the step's is stderr."""
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    port = debugger.listen(job.port)
    with stream:
        stream.write(Ready(port=port, pid=os.getpid()).model_dump_json() + "\n")
    debugger.wait()


class _Attempt:
    """One attempt of the step."""

    def __init__(self, job: Job, debugger: Debugger) -> None:
        self.job = job
        self.debugger = debugger
        self.redactor = Redactor()
        request = job.request
        self.backend = RecordedBackend(request.journal, job.secrets, job.live, job.live_key)
        self.journal = self._journal()
        self.stopped = False

    def run(self) -> Outcome:
        """Load the step, stop where it failed or where it begins, and tell how it ended."""
        with bound(self.job.request.context, self.redactor):
            try:
                output = self._call()
            except Quit:
                return self._outcome(Outcome(end="quit")).model_copy(update={"stopped": True})
            # A step's sys.exit() is shown like any other error; the debugger has seen it by now.
            except BaseException as error:
                return self._failed(error)
        same = self._recorded_output() == (True, payload.digest(output))
        return self._outcome(Outcome(end="output", output=output, same=same))

    def _call(self) -> Json:
        request, spec = self.job.request, None
        try:
            spec = load(request.handler)
            learn(self.redactor, request, spec)
            self._stop_first(spec)
            output = self._once(spec)
            if self._failed_warm():
                sys.stderr.write("It did not fail in a new process. It is called again, as in a warm one.\n")
                self.journal = self._journal()
                output = self._once(spec)
            return output
        except Quit:
            raise
        except BaseException as error:
            self._show(error, spec)
            raise

    def _once(self, spec: StepSpec) -> Json:
        context = Context(self.job.request.context, self.backend, self.journal)
        return self.debugger.call(lambda: _called(spec, self.job.request.input, context))

    def _failed_warm(self) -> bool:
        """Whether the recorded attempt raised in a process that had run the step's code before."""
        record = self.job.record
        return record.error is not None and bool(record.error.frames) and not record.cold

    def _journal(self) -> Journal:
        # A live session has no record to answer from; dry stays on, so that writes are captured either way.
        return Journal(self.redactor, dry=True, recorded=() if self.job.live else self.job.request.journal)

    def _stop_first(self, spec: StepSpec) -> None:
        """Stop at the step's first line where the record names no line of the publisher's."""
        error = self.job.record.error
        if error is not None and (error.frames or error.name == "Interlock.BadInput"):
            return
        place = first_line(spec.function)
        if place is not None:
            self.stopped = True
            self.debugger.break_at(*place)

    def _show(self, error: BaseException, spec: StepSpec | None) -> None:
        chain = [(link.error, own_traceback(link.error.__traceback__, self.job.root)) for link in path_to_root(error)]
        error, traceback = next((row for row in reversed(chain) if row[1] is not None), chain[0])
        if traceback is None and not self.stopped:
            traceback = standing_in(error, spec.function if spec else None, self.job.request.input)
        if traceback is not None:
            self.stopped = True
            self.debugger.stop_at(error, traceback)

    def _failed(self, error: BaseException) -> Outcome:
        current = describe(error, self.redactor)
        return self._outcome(Outcome(end="error", error=current, same=_alike(current, self.job.record.error)))

    def _outcome(self, outcome: Outcome) -> Outcome:
        look = self.debugger.look if isinstance(self.debugger, Evaluator) else None
        fields = {"effects": self.journal.effects, "stopped": self.stopped, "look": look}
        return outcome.model_copy(update=fields | {"input_digest": payload.digest(self.job.request.input)})

    def _recorded_output(self) -> tuple[bool, str]:
        record = self.job.record
        return record.status is RecordStatus.SUCCEEDED, record.output.digest if record.output else payload.digest(None)


def _called(spec: StepSpec, value: Json, context: Context) -> Json:
    return spec.call(value, context)


def _alike(error: StepError, recorded: StepError | None) -> bool:
    if recorded is None:
        return False
    # A library lies elsewhere on this machine, so places in the app are what can be compared.
    places = [
        [(frame.file, frame.line) for frame in one.frames if not Path(frame.file).is_absolute()]
        for one in (error, recorded)
    ]
    return error.name == recorded.name and places[0][-1:] == places[1][-1:]


if __name__ == "__main__":
    main()
