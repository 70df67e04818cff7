"""Records and bodies put together from wherever they lie, as far as a function has room for them."""

from dataclasses import dataclass

from interlock.aws.tables.bodies import Bodies
from interlock.contract.core.failure import NotFound, TooLarge
from interlock.contract.run import Body, Run, StepRecord

MAX_BODY_BYTES = 2_000_000
"""A body above this is left out: what reads it is a function of 512 MB."""


def whole_record(bodies: Bodies, record: StepRecord) -> StepRecord:
    """A record with its input, its output and its effects in place."""
    output = fetched_body(bodies, record.output) if record.output else None
    fields = {"input": fetched_body(bodies, record.input), "output": output, "effects": bodies.effects(record)}
    return record.model_copy(update=fields)


def exact_record(bodies: Bodies, record: StepRecord) -> StepRecord:
    """A record as it was, every body and all effects in place.

    Raises:
        NotFound: a part of it is past its retention.
    """
    output = exact_body(bodies, record.output) if record.output else None
    fields = {"input": exact_body(bodies, record.input), "output": output}
    return record.model_copy(update=fields | {"effects": bodies.effects(record), "effects_key": ""})


def exact_body(bodies: Bodies, body: Body) -> Body:
    """A body in place, with the parts that were stored apart put back.

    Raises:
        NotFound: it is past its retention.
    """
    return body.model_copy(update={"value": bodies.put_back(bodies.read(body)), "key": ""})


def fetched_body(bodies: Bodies, body: Body) -> Body:
    """A body in place; without its value where it is too large or past its retention."""
    if body.size > MAX_BODY_BYTES:
        return body.model_copy(update={"value": None, "key": ""})
    try:
        return body.model_copy(update={"value": bodies.put_back(bodies.read(body)), "key": ""})
    except NotFound:
        return body.model_copy(update={"value": None, "key": ""})


@dataclass
class ReadBudget:
    """What may still be read of a run whose data flow is computed.

    Attributes:
        run: its id.
        bytes: of inputs, outputs and effects.
        bodies: that are stored apart.
    """

    run: str
    bytes: int
    bodies: int

    def spend(self, size: int, *, apart: bool) -> None:
        """Count what is read.

        Raises:
            TooLarge: nothing is left.
        """
        self.bytes -= size
        self.bodies -= apart
        if self.bytes < 0 or self.bodies < 0:
            raise TooLarge(
                "the run has more data than the platform reads for its data flow",
                where=self.run,
                code="flow-too-large",
                next_step=f"Look at what its steps got and answered: interlock run show {self.run}",
            )


def read_run(bodies: Bodies, run: Run, budget: ReadBudget) -> Run:
    """A run with its input and output in place, but for what is past its retention."""
    output = read_body(bodies, run.output, budget) if run.output else None
    return run.model_copy(update={"input": read_body(bodies, run.input, budget), "output": output})


def read_record(bodies: Bodies, record: StepRecord, budget: ReadBudget) -> StepRecord:
    """A record with its input, its output and its effects in place, but for what is past its retention.

    Raises:
        TooLarge: it is more than the budget has left.
    """
    update: dict[str, object] = {
        "input": read_body(bodies, record.input, budget),
        "output": read_body(bodies, record.output, budget) if record.output else None,
    }
    if record.effects_key:
        try:
            effects = bodies.effects(record)
        except NotFound:
            effects = ()
        budget.spend(sum(len(effect.model_dump_json()) for effect in effects), apart=True)
        update |= {"effects": effects, "effects_key": ""}
    return record.model_copy(update=update)


def read_body(bodies: Bodies, body: Body, budget: ReadBudget) -> Body:
    """A body in place; with its key where it is past its retention.

    Raises:
        TooLarge: it is more than the budget has left.
    """
    budget.spend(body.size, apart=bool(body.key))
    try:
        return body.model_copy(update={"value": bodies.put_back(bodies.read(body)), "key": ""})
    except NotFound:
        return body
