"""What a run used, by step, from its records. Pure.

A transition is counted for each attempt of a Task, and for each other state of the workflow once: what Choices left out
and what Maps repeated is not known without the history, so it is an estimate where a workflow has many of them.
"""

from collections.abc import Mapping, Sequence

from interlock.contract.language_model import ModelUse
from interlock.contract.price import GATE_MEMORY_GB
from interlock.contract.registry import Version
from interlock.contract.run import Run, StepRecord
from interlock.contract.usage import WHOLE, Amount, UsageRow

MB_PER_GB = 1024
INVOCATIONS = 2
"""A step's function, and the gate that waits for it."""


def meter(
    run: Run, version: Version, records: Sequence[StepRecord], models: Mapping[str, ModelUse] = {}
) -> list[UsageRow]:
    """One row for each step, and one for the run as a whole; an attempt that was only served costs the gate alone.

    Args:
        run: the run that is over.
        version: what it ran.
        records: its attempts.
        models: what its calls of language models used, by step.
    """
    steps = version.manifest.steps if version.manifest else {}
    plan = version.workflows.get(run.workflow)
    others = max(plan.states - plan.tasks, 0) if plan else 0
    values: dict[str, Amount] = {WHOLE: Amount(runs=1, transitions=others)}
    for record in records:
        memory_gb = steps[record.step].memory_mb / MB_PER_GB if record.step in steps else 0.0
        ran = not record.reused
        used = Amount(
            invocations=INVOCATIONS if ran else 1,
            gb_seconds=(memory_gb * record.step_ms + GATE_MEMORY_GB * record.duration_ms) / 1000 if ran else 0.0,
            transitions=1,
            bytes=record.input.size + (record.output.size if record.output else 0),
            events=sum(effect.kind == "emit" and effect.performed for effect in record.effects) if ran else 0,
        )
        values[record.step] = values.get(record.step, Amount()).plus(used)
    for step, use in models.items():
        values[step] = values.get(step, Amount()).plus(_of_models(use))
    day = (run.ended or run.started)[:10]
    fields = {"day": day, "app": run.app, "version": run.version, "workflow": run.workflow}
    fields |= {"install": run.install, "install_name": run.install_name}
    return [UsageRow.model_validate(fields | {"step": step, "amount": amount}) for step, amount in values.items()]


def _of_models(use: ModelUse) -> Amount:
    return Amount(
        model_calls=use.calls,
        input_tokens=use.input_tokens,
        output_tokens=use.output_tokens,
        model_dollars=use.dollars,
        unpriced_tokens=use.unpriced_tokens,
    )
