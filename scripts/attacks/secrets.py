"""Steps that hand on a secret which they read: in outputs, events, state, the catalog, errors and logs."""

import base64
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from pydantic import BaseModel

from interlock.contract.catalog import AssetWrite
from interlock.sdk.context import Context
from interlock.sdk.log import install_formatter
from interlock.sdk.printed import printed
from interlock.testing import run_step
from scripts.attacks.case import Case

PASSWORD = "pa/ss#w?o[r@d"
KEY = f"postgres://svc:{PASSWORD}@db.example:5432/app"
_FOUND = "Interlock.SecretInOutput"


class Login(NamedTuple):
    """A named tuple with a secret field."""

    user: str
    password: str


@dataclass
class Connection:
    """A dataclass with a secret field."""

    password: str


class Settings(BaseModel):
    """A model with a secret field."""

    password: str


def cases() -> Iterator[Case]:
    """Every attack by a step that knows a secret."""
    for name, make in _OUTPUTS.items():
        yield Case("secrets", name, _FOUND, lambda make=make: _handed_on(lambda _, key: make(key), KEY))
    for name, (secret, output) in _PARTS.items():
        yield Case(
            "secrets", name, _FOUND, lambda secret=secret, output=output: _handed_on(lambda ctx, key: output, secret)
        )
    for name, write in _WRITES.items():
        yield Case("secrets", name, _FOUND, lambda write=write: _handed_on(write, KEY))
    for name, leak in _LOGGED.items():
        yield Case("secrets", name, "redacted", lambda leak=leak: _logged(leak))
    honest = "an output about a secret"
    yield Case("secrets", honest, "output", lambda: _handed_on(lambda _, key: {"length": len(key)}, KEY))


def _handed_on(act: Callable[[Context, str], Any], secret: str) -> str:
    def step(value: Any, ctx: Context) -> Any:
        return act(ctx, ctx.secrets["key"])

    result = run_step(step, {}, secrets={"key": secret})
    if result.error is None:
        return f"output {result.answer.output}"
    text = result.answer.model_dump_json()
    left = result.emitted or result.changes or result.state or secret in text or PASSWORD in text
    return f"{'left behind: ' if left else ''}{result.error.name}"


def _logged(leak: Callable[[str], object]) -> str:
    stream, root = io.StringIO(), logging.getLogger()
    root.handlers[:] = [logging.StreamHandler(stream)]
    install_formatter()

    def act(value: Any, ctx: Context) -> None:
        leak(ctx.secrets["key"])

    with printed():
        answer = run_step(act, {}, secrets={"key": KEY}).answer
    text = stream.getvalue() + answer.model_dump_json()
    shown = [form for form in (PASSWORD, json.dumps(PASSWORD)[1:-1], PASSWORD.encode().hex()) if form in text]
    return f"shown: {shown}" if shown else "redacted"


def _fail(key: str) -> None:
    raise ValueError(f"can't connect to {key}")


def _fail_behind(key: str) -> None:
    login = Login("svc", PASSWORD)
    try:
        _fail(key)
    except ValueError as error:
        raise RuntimeError(f"login of {login}") from error


_OUTPUTS: dict[str, Callable[[str], Any]] = {
    "the secret": lambda key: key,
    "inside a text": lambda key: f"connected to {key}.",
    "deep inside": lambda key: {"a": [[{"b": {"c": key}}]]},
    "as a name": lambda key: {key: True},
    "the password of the URL": lambda _: PASSWORD,
    "a field of a named tuple": lambda _: Login("svc", PASSWORD),
    "a field of a dataclass": lambda _: Connection(PASSWORD),
    "a field of a model": lambda _: Settings(password=PASSWORD),
    "in hex": lambda key: key.encode().hex(),
    "in capital hex": lambda _: PASSWORD.encode().hex().upper(),
    "in base64": lambda key: base64.b64encode(key.encode()).decode(),
    "in base64 behind a user": lambda _: base64.b64encode(f"svc:{PASSWORD}".encode()).decode(),
    "in base64 of URLs": lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "quoted for a URL": lambda _: quote(PASSWORD, safe=""),
    "quoted in part": lambda _: quote(PASSWORD),
    "each byte quoted": lambda _: "".join(f"%{byte:02x}" for byte in PASSWORD.encode()),
    "in JSON inside a text": lambda key: json.dumps({"url": key}),
}
_PARTS: dict[str, tuple[str, Any]] = {
    "the password of an ADO.NET string": ("Server=db;User Id=svc;Pwd=hunter22;", ["hunter22"]),
    "the password of an ODBC string in braces": ("Driver=x;PWD={hun;ter22}", "hun;ter22"),
    "the password of a libpq string": ("host=db password=hunter22 dbname=x", "hunter22"),
    "the quoted password of a libpq string": (r"host=db password='hun\'ter22'", "hun'ter22"),
    "the key of a storage account": ("AccountName=x;AccountKey=aGVsbG8gd29ybGQ=;", "aGVsbG8gd29ybGQ="),
    "a value of a JSON secret": ('{"username": "svc", "password": "hunter22"}', {"p": "hunter22"}),
    "a URL's password in a JSON secret": ('{"token": "redis://:hunter22@db/0"}', "hunter22"),
    "a number of a JSON secret": ('{"pin_token": 123456}', {"n": 123456}),
    "a token of a query": ("https://api.example/?user=svc&token=hunter22", "hunter22"),
    "a short secret as a word": ("12345", "the pin is 12345"),
}
_WRITES: dict[str, Callable[[Context, str], Any]] = {
    "in an event": lambda ctx, key: ctx.emit("done", {"url": key}),
    "in the state": lambda ctx, key: ctx.state.put("connection", {"url": key}),
    "as a name in the state": lambda ctx, _: ctx.state.put("x", {PASSWORD: 1}),
    "in the catalog": lambda ctx, key: ctx.catalog.upsert(
        AssetWrite(qualified_name="a", type="table", attributes={"url": key})
    ),
}
_LOGGED: dict[str, Callable[[str], object]] = {
    "printed": lambda key: sys.stdout.write(f"{key}\n"),
    "printed in pieces": lambda key: [sys.stdout.write(char) for char in key],
    "printed in hex": lambda _: sys.stdout.write(f"{PASSWORD.encode().hex()}\n"),
    "logged by logging": lambda key: logging.getLogger("app").warning("url %s", key),
    "in an error": _fail,
    "in the cause of an error, and in its locals": _fail_behind,
    "printed to standard error": lambda key: sys.stderr.write(f"{len(key)} {PASSWORD}\n"),
}
