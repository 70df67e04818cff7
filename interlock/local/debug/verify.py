"""Runs every recorded step of a run on this machine with the recorded inputs, and writes down what it did.

The path is the recorded one: no workflow is executed, and a step gets what it got then, whatever the one before it
answers now. A run on the platform (`run verify --version`) takes the path that the new outputs lead to.
"""

import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from interlock.contract import payload
from interlock.contract.core.failure import GateError
from interlock.contract.diff import Difference, RunDiff
from interlock.contract.envelope import StepAnswer, StepError, StepRequest
from interlock.contract.manifest import Manifest
from interlock.contract.platform_step import PLANS
from interlock.contract.run import Body, RecordStatus, Run, StepRecord
from interlock.contract.sensitive import PLACEHOLDER
from interlock.debugger.choose import context_of, place_of
from interlock.debugger.diff import diff_runs
from interlock.debugger.visits import visits
from interlock.local.debug.session import child_process, write_job
from interlock.local.debug.steps import Batch

CHILD = "interlock.local.debug.steps"
STEP_SECONDS = 120
"""A step that takes longer is ended."""
DECIDED = "decided by "


@dataclass(frozen=True)
class Verified:
    """How a run's steps do now.

    Attributes:
        found: what differs; nothing of the path, and nothing where either side is redacted.
        steps: visits that were run.
        left_out: visits that no step answered, or that have no end: a person decided, or nobody knows.
        redacted: differences that are not told because the record is redacted there.
        failed: places and errors of the steps that failed now.
        inputs: visits whose recorded input is redacted: the step got another one than it did.
    """

    found: RunDiff
    steps: int
    left_out: int
    redacted: int
    inputs: int
    failed: tuple[str, ...] = ()


def verify_run(root: Path, manifest: Manifest, run: Run, records: Sequence[StepRecord]) -> Verified:
    """Run each visit's last recorded attempt in a folder's code, and compare.

    Args:
        root: the folder of the code.
        manifest: its manifest.
        run: the recorded run.
        records: its records, with bodies and effects in place.
    """
    matches = [visit.record for visit in visits(run, ((str(at), row) for at, row in enumerate(records)))]
    own = [row for row in matches if row.step not in PLANS]
    done = [row for row in own if row.status is not RecordStatus.STARTED and not row.reused.startswith(DECIDED)]
    there = [row for row in done if row.step in manifest.steps]
    granted = manifest.permissions.scopes()
    requests = [_request(manifest, run, row, granted) for row in there]
    answers = list(_answers(root, requests))
    now = [_as_now(row, answer) for row, answer in zip(there, answers, strict=True)]
    run_diff = diff_runs(run, done, run, now, whole=False)
    differences = [row for row in run_diff.differences if not _is_redacted(row)]
    return Verified(
        found=run_diff.model_copy(update={"differences": tuple(differences)}),
        steps=len(there),
        left_out=len(matches) - len(done),
        failed=tuple(f"{place_of(row)}: {row.error.name}" for row in now if row.error is not None),
        redacted=len(run_diff.differences) - len(differences),
        inputs=sum(payload.digest(row.input.value) != row.digest or PLACEHOLDER in _text(row) for row in there),
    )


def _text(record: StepRecord) -> str:
    return payload.canonical(record.input.value)


def _request(manifest: Manifest, run: Run, record: StepRecord, granted: Sequence[str]) -> StepRequest:
    return StepRequest(
        handler=manifest.steps[record.step].handler,
        input=record.input.value,
        context=context_of(run, record, granted),
        dry=True,
        journal=record.effects,
        redact=run.redact,
    )


def _answers(root: Path, requests: Sequence[StepRequest]) -> Iterator[StepAnswer | StepError]:
    """An answer for each request; where a step ended its process, the next ones get a new process."""
    left = list(requests)
    while left:
        answers, ended = _batch(root, left)
        yield from answers
        left = left[len(answers) :]
        if left:
            yield ended
            left = left[1:]


def _batch(root: Path, requests: Sequence[StepRequest]) -> tuple[list[StepAnswer], StepError]:
    with tempfile.TemporaryDirectory(prefix="interlock-verify-") as folder:
        outcome = Path(folder) / "outcome.jsonl"
        batch = Batch(root=str(root), requests=tuple(requests), outcome=str(outcome))
        process = child_process(CHILD, write_job(Path(folder), batch), str(root), subprocess.DEVNULL)
        ended = _wait(process, outcome, len(requests))
        # Of bytes: to a text's lines U+2028 is an end too, and it may be in an answer.
        lines = outcome.read_bytes().splitlines() if outcome.exists() else []
        return [StepAnswer.model_validate_json(line) for line in lines], ended


def _wait(process: subprocess.Popen[bytes], outcome: Path, count: int) -> StepError:
    """Wait for the process as long as steps go on ending; why it ended, where it did before its time."""
    done = -1
    while True:
        try:
            code = process.wait(STEP_SECONDS)
            break
        except subprocess.TimeoutExpired:
            now = outcome.read_text().count("\n") if outcome.exists() else 0
            if now > done:
                done = now
                continue
            process.send_signal(signal.SIGKILL)
            process.wait()
            return _error(GateError.STEP_TIMEOUT, f"the step took more than {STEP_SECONDS} s here")
        except BaseException:
            process.kill()
            raise
    text = f"signal {-code}" if code < 0 else f"exit code {code}"
    return _error(GateError.STEP_EXIT, f"the step ended its process with {text}, one of {count}")


def _error(kind: GateError, what: str) -> StepError:
    return StepError(name=kind.value, type=kind.value, message=what)


def _as_now(record: StepRecord, answer: StepAnswer | StepError) -> StepRecord:
    """The record as it would be now; what the gate says of a process that ended is compared by its name only."""
    if isinstance(answer, StepError):
        was = record.error
        error = was if was is not None and was.name == answer.name else answer
        return record.model_copy(update={"status": RecordStatus.FAILED, "output": None, "error": error, "effects": ()})
    text = payload.canonical(answer.output)
    output = None if answer.error else Body(value=answer.output, size=len(text), digest=payload.digest(answer.output))
    return record.model_copy(
        update={
            "status": RecordStatus.FAILED if answer.error else RecordStatus.SUCCEEDED,
            "output": output,
            "error": answer.error,
            "effects": answer.effects,
            "duration_ms": answer.timing.duration_ms,
        }
    )


def _is_redacted(row: Difference) -> bool:
    """Whether the record does not say what it was compared with."""
    return PLACEHOLDER in payload.canonical(row.a)
