"""Requests that are made to hurt: from the operations of docs/openapi.json, with values that programs trip over."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from interlock.contract.core.base import Json

DEEP = 200
"""How deeply nested a value is: more than a recursive reader takes, if each level costs several frames."""
LONG = 20_000
TEXTS = (
    "",
    " ",
    "\x00",
    "\ud800",
    "\u202e",
    "\u2028",
    "é",
    "ﬀ",
    "😀" * 50,
    "a" * LONG,
    "../..",
    "..%2f..",
    "%00",
    "%",
    "#",
    "?",
    "&a=b",
    "/",
    "//",
    "\\",
    "'",
    '"',
    "`",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "<script>",
    "null",
    "true",
    "NaN",
    "-1",
    "0",
    "1e999",
    "2026-13-45T99:99:99Z",
    "0000-00-00",
    "9999-12-31T23:59:59.999999999Z",
    "2h",
    "99999999999999h",
    "$",
    "$[",
    "(((",
    "[0",
    "x[9999999999999999999]",
    "STATE@-1",
    "a@b@c",
    "publisher/name@",
    "*",
    "[",
    "[!",
    "http://[::1",
    "https://a:b@c:99999999/",
    "https://\x7f",
    "a\r\nb",
    "[]",
    "{}",
    '{"pk": {"S": "x"}}',
    '{"pk":1}',
    "0.",
    "1.x",
    "٣",
    "¹",
    "−5",
    "１２",
)
NUMBERS: tuple[Json, ...] = (
    0,
    -1,
    1,
    2**31,
    2**63,
    2**64,
    -(2**63) - 1,
    10**400,
    1.5,
    -0.0,
    1e308,
    5e-324,
    float("inf"),
    float("nan"),
    True,
)
HEADERS: tuple[Mapping[str, str], ...] = (
    {},
    {},
    {},
    {"idempotency-key": "k"},
    {"idempotency-key": "k" * 500},
    {"idempotency-key": "\ud800é\x00"},
    {"if-match": "*"},
    {"if-match": '"x", é\x00'},
    {"if-none-match": '"\ud800"'},
    {"content-type": "text/plain; charset=utf-99"},
    {"content-type": "multipart/form-data; boundary=x"},
    {"accept-encoding": "gzip"},
)
"""What a caller may send of headers; mostly nothing."""
RAW_BODIES = (
    "",
    "{",
    "[]",
    "null",
    "5",
    '"x"',
    "\x00",
    "\ud800",
    "[" * 5_000,
    '{"a":' * 5_000,
    '{"a": 1, "a": 2}',
    '{"a": 1e999}',
    "[" * 50 + "]" * 50,
    '{"\\ud800": 1}',
    "NaN",
    "{}x",
    "\ufeff{}",
    '{"":""}',
)


@dataclass(frozen=True)
class HostileRequest:
    """One request, as API Gateway would hand it over."""

    operation: str
    method: str
    path: str
    query: str
    body: str | None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    base64: bool = False


class Requests:
    """Makes hostile requests from a document, the same ones from the same seed."""

    def __init__(self, document: Mapping[str, Any], known: Mapping[str, str], seed: int) -> None:
        """Take what there is: names that exist by path parameter, so that more is tried than a 404."""
        self.schemas: Mapping[str, Any] = document["components"]["schemas"]
        self.known = known
        self.random = random.Random(seed)
        self.operations = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]

    def make(self, number: int) -> HostileRequest:
        """One request of the operation whose turn it is."""
        method, path, operation = self.operations[number % len(self.operations)]
        parameters = [parameter for parameter in operation.get("parameters", []) if "in" in parameter]
        for parameter in parameters:
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", self._part(parameter["name"]))
        pairs = [
            (parameter["name"], self._text(parameter["schema"]))
            for parameter in parameters
            if parameter["in"] == "query" and self.random.random() < 0.4
        ]
        if self.random.random() < 0.05:
            pairs += [*pairs, (self._any_text(), self._any_text())]
        query = "&".join(f"{name}={quote(value.encode(errors='surrogatepass'), safe='')}" for name, value in pairs)
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        body = self._body(content["schema"]) if content else (self._body({}) if self.random.random() < 0.1 else None)
        encoded = body is not None and self.random.random() < 0.03
        if encoded and body is not None and self.random.random() < 0.7:
            body = base64.b64encode(body.encode(errors="replace")).decode()
        headers = self.random.choice(HEADERS)
        return HostileRequest(operation["operationId"], method, path, query, body, headers, base64=encoded)

    def _part(self, name: str) -> str:
        if name in self.known and self.random.random() < 0.85:
            return self.known[name]
        return quote(self._any_text()[:3_000].encode(errors="replace"), safe="") or "x"

    def _text(self, schema: Mapping[str, Any]) -> str:
        if self.random.random() < 0.5:
            return self._any_text()
        value = self._value(schema, 0)
        return value if isinstance(value, str) else json.dumps(value)

    def _any_text(self) -> str:
        return self.random.choice(TEXTS)

    def _body(self, schema: Mapping[str, Any]) -> str:
        if self.random.random() < 0.08:
            return self.random.choice(RAW_BODIES)
        return json.dumps(self._value(schema, 0))

    def _value(self, schema: Mapping[str, Any], depth: int) -> Json:
        """A value that mostly has the schema's shape."""
        if self.random.random() < 0.12 or depth > 8:
            return self._anything(depth)
        if "$ref" in schema:
            return self._value(self.schemas[schema["$ref"].rpartition("/")[2]], depth)
        if "anyOf" in schema:
            return self._value(self.random.choice(schema["anyOf"]), depth)
        if "const" in schema or "enum" in schema:
            return self.random.choice(schema.get("enum", [schema.get("const")]))
        if "examples" in schema and self.random.random() < 0.3:
            return self.random.choice(schema["examples"])
        match schema.get("type"):
            case "object":
                return self._object(schema, depth)
            case "array":
                many = self.random.choice((0, 1, 1, 2, 3, 120))
                return [self._value(schema.get("items", {}), depth + 1) for _ in range(many)]
            case "string":
                good = self.random.choice((*self.known.values(), "acme/app", "main", "one", "2h", "x", "1.0.0"))
                return good if self.random.random() < 0.6 else self._any_text()
            case "integer" | "number":
                return self.random.choice((1, 2, 5, 1, 2, 5, *NUMBERS))
            case "boolean":
                return self.random.random() < 0.5
            case "null":
                return None
            case _:
                return self._anything(depth)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Json]:
        required = schema.get("required", ())
        fields = {
            name: self._value(part, depth + 1)
            for name, part in schema.get("properties", {}).items()
            if name in required or self.random.random() < 0.5
        }
        more: Mapping[str, Any] | bool = schema.get("additionalProperties", False)
        if not isinstance(more, bool) or self.random.random() < 0.05:
            fields |= {self._any_text(): self._value({} if isinstance(more, bool) else more, depth + 1)}
        return fields

    def _anything(self, depth: int) -> Json:
        match self.random.randrange(8):
            case 0:
                return None
            case 1:
                return self.random.choice(NUMBERS)
            case 2 if depth < 3:
                return {self._any_text(): self._anything(depth + 1) for _ in range(3)}
            case 3 if depth < 3:
                return [self._anything(depth + 1) for _ in range(3)]
            case 4 if depth < 3:
                return json.loads("[" * DEEP + "]" * DEEP)
            case 5 if depth < 3:
                return json.loads('{"a":' * DEEP + "1" + "}" * DEEP)
            case _:
                return self._any_text()


def is_problem(body: str) -> bool:
    """Whether a body is a problem of RFC 9457 with a code and what to do next."""
    fields = json.loads(body)
    return {"title", "status", "detail", "code"} <= set(fields)


def event_of(request: HostileRequest, principal: str) -> dict[str, Any]:
    """What API Gateway hands over; it joins parameters of one name by commas."""
    path = unquote(request.path)
    query: dict[str, str] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True, errors="replace"):
        query[name] = f"{query[name]},{value}" if name in query else value
    return {
        "version": "2.0",
        "routeKey": f"{request.method} /v1/{{proxy+}}",
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": dict(request.headers),
        "body": request.body,
        "isBase64Encoded": request.base64,
        "requestContext": {
            "http": {"method": request.method, "path": path, "sourceIp": "127.0.0.1"},
            "authorizer": {"lambda": {"principal": principal}},
            "stage": "$default",
        },
    } | ({"queryStringParameters": query} if query else {})
