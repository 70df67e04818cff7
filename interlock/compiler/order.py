"""Whether a trigger's `order_by` names a field that its event can have. Pure."""

from typing import Any, get_args

from pydantic import BaseModel

from interlock.contract.event import AppDetail, CatalogDetail, CatalogEvent, RunDetail, RunEvent

SCALARS = (str, int, float, bool)


def order_fault(event: str, path: str) -> str:
    """What is wrong with a path into an event's detail; empty where nothing is."""
    kind: Any = AppDetail
    kind = CatalogDetail if event in set(CatalogEvent) else RunDetail if event in set(RunEvent) else kind
    walked: list[str] = []
    for part in path.split("."):
        inner = _model(kind)
        if inner is None:
            # Below a field of any JSON whatever may stand; below a text or a number, nothing.
            return f"{'.'.join(walked)} has no fields" if kind in SCALARS else ""
        if part not in inner.model_fields:
            known = ", ".join(sorted(inner.model_fields))
            return f"{'.'.join(walked) or 'the detail'} of {event} has no field {part!r}, but {known}"
        kind = inner.model_fields[part].annotation
        walked.append(part)
    return f"{path} is an object, and a single value is needed" if _model(kind) is not None else ""


def _model(kind: Any) -> type[BaseModel] | None:
    """The model that an annotation stands for, also where it may be None."""
    for model in (kind, *get_args(kind)):
        if isinstance(model, type) and issubclass(model, BaseModel):
            return model
    return None
