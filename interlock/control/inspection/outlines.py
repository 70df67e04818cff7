"""Outlines of a run's records: all that tells two visits apart, without what makes them large."""

import hashlib

from pydantic import TypeAdapter

from interlock.aws.tables.runs import Runs
from interlock.aws.tables.table import Row
from interlock.contract.outline import EffectOutline, OutlinePage, StepOutline

DIGEST_CHARS = 32
ENOUGH = 6_000
"""With so many a page is answered, which is every run: some 650 bytes each, and a function answers 6 MB at most."""


_EFFECTS = TypeAdapter(tuple[EffectOutline, ...])


def list_outlines(runs: Runs, tenant: str, run: str, cursor: str | None = None) -> OutlinePage:
    """A page of the outlines of a run's records, in the order in which their states were entered."""
    if cursor is None:
        runs.find(tenant, run)
    step_outlines: list[StepOutline] = []
    for rows in runs.record_pages(tenant, run, cursor):
        step_outlines.extend(map(_outline, rows))
        if len(step_outlines) >= ENOUGH:
            return OutlinePage(steps=tuple(step_outlines), cursor=step_outlines[-1].key)
    return OutlinePage(steps=tuple(step_outlines))


def _outline(row: Row) -> StepOutline:
    step_outline = row.read(StepOutline)
    message = (
        ""
        if step_outline.effects_key
        else hashlib.sha256(_EFFECTS.dump_json(step_outline.effects)).hexdigest()[:DIGEST_CHARS]
    )
    return step_outline.model_copy(update={"key": row.key.sk, "effects_digest": message})
