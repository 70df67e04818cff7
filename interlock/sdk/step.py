"""`@step`: a typed function that a workflow's Task can call."""

import asyncio
import inspect
import typing
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from interlock.contract.core.base import Json
from interlock.sdk.context import Context
from interlock.sdk.sensitive import sensitive_pointers
from interlock.sdk.strict import parse_input, to_json

ATTRIBUTE = "__interlock_step__"
F = TypeVar("F", bound=Callable[..., Any])


class StepSpec:
    """How to call a step: its types, and whether it takes the context.

    Raises:
        TypeError: it takes more than an input and a context.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        """Read the signature; annotations are resolved when the step first runs, so that they may refer forward."""
        self.function = function
        self.name = str(getattr(function, "__name__", "step"))
        parameters = list(inspect.signature(function).parameters.values())
        named = [row for row in parameters if row.kind in (row.POSITIONAL_ONLY, row.POSITIONAL_OR_KEYWORD)]
        needed = [row for row in named if row.default is row.empty]
        only = [row for row in parameters if row.kind is row.KEYWORD_ONLY and row.default is row.empty]
        if len(needed) > 2 or only:
            raise TypeError(f"step {self.name} takes (input, ctx), (input), (ctx: Context) or nothing")
        self._parameters = named[:2] if len(needed) == 2 or self._is_context(named[1:2]) else named[:1]

    @staticmethod
    def _is_context(parameters: list[inspect.Parameter]) -> bool:
        return bool(parameters) and (
            parameters[0].annotation in (Context, "Context", "interlock.Context") or parameters[0].name == "ctx"
        )

    @property
    def takes_input(self) -> bool:
        """Whether the first parameter is the input."""
        return len(self._parameters) == 2 or bool(self._parameters and not self._is_context(self._parameters))

    @property
    def takes_context(self) -> bool:
        """Whether the last parameter is the context."""
        return len(self._parameters) == 2 or self._is_context(self._parameters)

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return typing.get_type_hints(self.function, include_extras=True)

    @cached_property
    def input_type(self) -> TypeAdapter[Any]:
        """Validates the input; anything for an input without annotation."""
        return TypeAdapter(self._hints.get(self._parameters[0].name, Any) if self.takes_input else Any)

    @cached_property
    def output_type(self) -> TypeAdapter[Any]:
        """Serialises the result; anything for a step without a return annotation."""
        return TypeAdapter(self._hints.get("return", Any))

    @cached_property
    def sensitive(self) -> tuple[str, ...]:
        """JSON pointers of what the types call sensitive, under `/input` and `/output`."""
        value = self._hints.get(self._parameters[0].name, Any) if self.takes_input else Any
        inner = sensitive_pointers(value), sensitive_pointers(self._hints.get("return", Any))
        return tuple(
            f"/{place}{word}" for place, parts in zip(("input", "output"), inner, strict=True) for word in parts
        )

    def check(self, which: str, value: Json) -> None:
        """Whether a JSON value fits the step's `input` or `output`; the step is not called.

        Raises:
            GateFailure: `Interlock.BadInput`: it does not, with each place and reason.
        """
        parse_input(self.input_type if which == "input" else self.output_type, value)

    def call(self, value: Json, ctx: Context, names: list[Any] | None = None) -> Json:
        """Run the step on a JSON value, and answer JSON.

        Args:
            value: the input.
            ctx: what the step calls.
            names: gets the parsed input, for who describes an error of the step.

        Raises:
            GateFailure: `Interlock.BadInput`, `Interlock.BadOutput` or `Interlock.SecretInOutput`.
            Exception: whatever the step raises.
        """
        arguments: list[Any] = [parse_input(self.input_type, value)] if self.takes_input else []
        if names is not None:
            names.extend(arguments)
        if self.takes_context:
            arguments.append(ctx)
        result = self.function(*arguments)
        if inspect.isawaitable(result):
            result = asyncio.run(_finish(result))
        output = to_json(self.output_type, result)
        ctx.check_output(output)
        return output


async def _finish(result: typing.Awaitable[Any]) -> Any:
    return await result


def spec_of(function: Any) -> StepSpec:
    """How to call a function: what `@step` found, or found now for a plain function.

    Raises:
        TypeError: it can't be called, or takes more than an input and a context.
    """
    spec = getattr(function, ATTRIBUTE, None)
    if isinstance(spec, StepSpec):
        return spec
    if not callable(function):
        raise TypeError(f"{function!r} is not a function")
    return StepSpec(cast(Callable[..., Any], function))


def step(function: F) -> F:
    """Mark a function as a step: `(input: T, ctx: Context) -> R`, or `(input)`, `(ctx: Context)`, sync or async.

    T and R are anything that pydantic knows, or bare JSON types. The function itself stays as it is: calling it
    calls it. The context's calls block, in async steps too.

    Raises:
        TypeError: it takes more than an input and a context.
    """
    vars(function)[ATTRIBUTE] = StepSpec(function)
    return function
