"""Structured logs: one JSON object a line, with run, tenant, app and step as keys, secrets redacted.

The fields are those of Powertools' logger. Powertools itself is not used: the base install is pydantic alone, and
redaction has to sit in the formatter, where lines of the publisher's own `logging` pass too.
"""

import json
import logging
import sys
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from interlock.contract.core.base import moment
from interlock.contract.envelope import StepContext
from interlock.sdk.redact import PLACEHOLDER, Redactor, secret_name

LOGGER = "interlock.step"
_FIELDS = "interlock_fields"


class _Bound(NamedTuple):
    keys: Mapping[str, Any]
    redactor: Redactor


_bound: ContextVar[_Bound | None] = ContextVar("interlock_log", default=None)
_steps: list[_Bound] = []
"""The steps that run in this process: the lines of a thread that one of them started are its own."""


def keys_of(info: StepContext) -> dict[str, Any]:
    """What every line of a step says about where it comes from."""
    return {
        "run": info.run,
        "tenant": info.tenant,
        "install": info.install,
        "install_name": info.install_name,
        "app": info.app,
        "version": info.version,
        "step": info.step,
        "state": info.state,
        "attempt": info.attempt,
        **({} if info.index is None else {"index": info.index}),
    }


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        bound = _bound.get() or (_steps[-1] if _steps else None)
        redactor = bound.redactor if bound else Redactor()
        row: dict[str, Any] = {
            "level": record.levelname,
            "message": redactor.text(record.getMessage()),
            "timestamp": _time(record),
            "logger": record.name,
            **(bound.keys if bound else {}),
        }
        fields: Mapping[str, Any] = getattr(record, _FIELDS, {})
        for name, value in fields.items():
            row.setdefault(name, PLACEHOLDER if secret_name(name) else redactor.data(value, by_name=True))
        if record.exc_info and record.exc_info[0] is not None:
            row["exception"] = redactor.text("".join(traceback.format_exception(*record.exc_info)))
        return redactor.known(json.dumps(row, default=lambda value: redactor.text(repr(value)), ensure_ascii=False))


def _time(record: logging.LogRecord) -> str:
    from datetime import UTC, datetime

    return moment(datetime.fromtimestamp(record.created, UTC))


def install_formatter() -> None:
    """Make the process's root logger write JSON: Lambda's own handler where there is one."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler())
    for handler in root.handlers:
        if not isinstance(handler.formatter, JsonFormatter):
            handler.setFormatter(JsonFormatter())
    if root.level > logging.INFO or root.level == logging.NOTSET:
        root.setLevel(logging.INFO)


@contextmanager
def bound(info: StepContext, redactor: Redactor, more: Mapping[str, Any] | None = None) -> Generator[None]:
    """Put the step's keys, and `more`, on every line that is logged inside, by `ctx.log` or by `logging`."""
    step = _Bound({**keys_of(info), **(more or {})}, redactor)
    token = _bound.set(step)
    _steps.append(step)
    try:
        yield
    finally:
        # A line without an end is the step's too.
        sys.stdout.flush()
        sys.stderr.flush()
        _steps.remove(step)
        _bound.reset(token)


class Log:
    """`ctx.log`: a message and named fields."""

    def __init__(self) -> None:
        """Write to the logger `interlock.step`."""
        self._logger = logging.getLogger(LOGGER)

    def debug(self, message: str, **fields: Any) -> None:
        """For who is developing the step."""
        self._logger.debug(message, extra={_FIELDS: fields})

    def info(self, message: str, **fields: Any) -> None:
        """What happened."""
        self._logger.info(message, extra={_FIELDS: fields})

    def warning(self, message: str, **fields: Any) -> None:
        """What somebody should look at."""
        self._logger.warning(message, extra={_FIELDS: fields})

    def error(self, message: str, **fields: Any) -> None:
        """What went wrong."""
        self._logger.error(message, extra={_FIELDS: fields})

    def exception(self, message: str, **fields: Any) -> None:
        """What went wrong, with the traceback of the exception being handled."""
        self._logger.exception(message, extra={_FIELDS: fields})
