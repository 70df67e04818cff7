"""The outline of a step record: all that tells two visits apart, without what makes a record large.

It is an attribute of the record's item, so that a list of thousands reads outlines alone; `run.Outline` reads it.
"""

import hashlib
import json
from typing import Any

from interlock.contract.run import Body, StepRecord

DIGEST_CHARS = 32
_FIELDS = {
    "run", "execution", "state", "step", "entered", "redrive", "index", "attempt", "digest", "status", "started",
    "duration_ms", "reused", "asked", "stopped", "effects_key", "summary",
}  # fmt: skip


def outline_text(record: StepRecord, key: str) -> str:
    """The outline as JSON, without the fields that have their default.

    Args:
        record: the record.
        key: its sort key.
    """
    fields: dict[str, Any] = record.model_dump(mode="json", include=_FIELDS, exclude_defaults=True)
    fields |= {"key": key, "input": _body(record.input)}
    if record.output is not None:
        fields["output"] = _body(record.output)
    if record.error is not None:
        fields["error"] = {"name": record.error.name, "type": record.error.type, "message": record.error.message}
    if not record.effects_key:
        effects = [[row.kind, row.op, row.request, row.result, row.error] for row in record.effects]
        fields["effects_digest"] = hashlib.sha256(json.dumps(effects, sort_keys=True).encode()).hexdigest()[
            :DIGEST_CHARS
        ]
    return json.dumps(fields, separators=(",", ":"))


def _body(body: Body) -> dict[str, Any]:
    return {"size": body.size, "digest": body.digest}
