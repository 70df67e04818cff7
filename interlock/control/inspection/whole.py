"""Records and bodies put together from wherever they lie, as far as a function has room for them."""

from interlock.aws.tables.bodies import Bodies
from interlock.contract.core.failure import NotFound
from interlock.contract.run import Body, StepRecord

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
