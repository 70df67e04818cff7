"""A run as segments of X-Ray, made of its records: nothing in the path of a run has to send them. Pure.

Format: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from interlock.contract.core import limits
from interlock.contract.core.base import parse_moment
from interlock.contract.envelope import StepError
from interlock.contract.run import Run, StepRecord
from interlock.contract.trace import SERVICE

Document = dict[str, Any]


def is_sampled(run: Run, rate: float) -> bool:
    """Whether a run's trace is sent: every failed one is, and of the others a share, chosen by the trace's id."""
    if not run.trace:
        return False
    return bool(run.failed) or int(run.trace[-8:], 16) / 2**32 < rate


def segments(run: Run, records: Iterable[StepRecord]) -> list[Document]:
    """The run's segment and a subsegment for each attempt that ran; at most limits.TRACE_STEPS of them.

    An error gives its name and frames, and no message, which may hold the tenant's data.
    """
    began = parse_moment(run.started)
    root: Document = {
        "id": _id(run.id),
        "trace_id": run.trace,
        "name": SERVICE,
        "start_time": began.timestamp(),
        **_end(began, parse_moment(run.ended) if run.ended else None),
        "annotations": _annotations(run)
        | {"workflow": run.workflow, "version": run.version, "status": run.status.value},
    }
    if run.failed:
        root |= {"fault": True}
        root["annotations"] |= {"error": run.failed.error, "frame": run.failed.frame}
    ran = (record for record in records if not record.reused)
    return [root, *(_attempt(run, record) for record in islice(ran, limits.TRACE_STEPS))]


def _attempt(run: Run, record: StepRecord) -> Document:
    began = parse_moment(record.started)
    key = f"{run.id}#{record.entered}#{record.state}#{record.redrive}#{record.index}#{record.digest}#{record.attempt}"
    document: Document = {
        "type": "subsegment",
        "id": _id(key),
        "trace_id": run.trace,
        "parent_id": _id(run.id),
        "name": f"step {record.step}",
        "start_time": began.timestamp(),
        **_end(began, parse_moment(record.ended) if record.ended else None),
        "annotations": _annotations(run) | {"state": record.state, "attempt": record.attempt, "cold": record.cold},
    }
    if record.index is not None:
        document["annotations"]["index"] = record.index
    return document | (_fault(record.error, document["id"]) if record.error else {})


def _fault(error: StepError, segment: str) -> Document:
    exception: Document = {"id": _id(f"{segment}!"), "type": error.name}
    frames = [{"path": row.file, "line": row.line, "label": row.function} for row in error.frames[-MAX_FRAMES:]]
    if frames:
        exception["stack"] = frames[::-1]
    return {"fault": True, "cause": {"working_directory": "", "exceptions": [exception]}}


def _annotations(run: Run) -> Document:
    return {"run": run.id, "tenant": run.tenant, "app": run.app}


def _end(began: datetime, ended: datetime | None) -> Mapping[str, Any]:
    return {"in_progress": True} if ended is None else {"end_time": max(ended, began).timestamp()}


def _id(key: str) -> str:
    """The same for the same attempt: a second delivery of an end sends the same segments."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


MAX_FRAMES = 10
