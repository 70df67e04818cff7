"""Copilots: the tools that a caller may use in a tenant, and a call of one.

One implementation for every way in (ADR 0012): the HTTP endpoint calls it, `interlock mcp` forwards to that.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from interlock.contract.copilot.answer import Answer, Arguments, RunStatusAnswer
from interlock.contract.copilot.tool import (
    CONFIRM,
    KEY,
    Hints,
    ToolAnswer,
    ToolDefinition,
    ToolPage,
    app_description,
    app_schema,
    clean,
    definition_digest,
    tool_name,
    tool_of,
)
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.core.validation import describe, field_name
from interlock.contract.payload import canonical
from interlock.contract.run_request import ToolCall
from interlock.control.access.audit import AuditedCall, begin_change, end_change, is_audited
from interlock.control.access.authorize import require
from interlock.control.copilot.act_tools import ACTS
from interlock.control.copilot.confirm import DestructiveCall, require_confirmed
from interlock.control.copilot.read_tools import READS
from interlock.control.copilot.run_status import pending_status
from interlock.control.copilot.tool import BuiltIn, Copilot
from interlock.control.installs.tools import InstalledTool, find_tool, list_app_tools, may_change
from interlock.control.runs.requests import call_tool as start_tool

BUILT_IN: Mapping[str, BuiltIn] = {tool.name: tool for tool in (*READS, *ACTS)}
START = "startRuns"
POST = "POST"


def open_copilot(copilot: Copilot) -> None:
    """Let a caller in, or not: a tenant that does not exist and one of others answer the same.

    Raises:
        Forbidden: the caller is no member of the tenant.
        NotFound: an operator asks for a tenant that is not there.
    """
    require(copilot.caller, "readTenant", copilot.scope)
    copilot.registry.tenant(copilot.tenant)


def list_tools(copilot: Copilot, cursor: str | None = None) -> ToolPage:
    """A page of the tools that the caller may call: ours on the first page, then those of installed apps."""
    own = [] if cursor else [_own(tool) for tool in BUILT_IN.values() if copilot.permits(tool.action)]
    if not copilot.permits(START):
        return ToolPage(tools=tuple(own))
    tools, after = list_app_tools(copilot.registry, copilot.tenant, cursor)
    return ToolPage(tools=(*own, *map(_of_app, tools)), cursor=after)


def call_tool(copilot: Copilot, name: str, arguments: Mapping[str, Json]) -> ToolAnswer:
    """Call a tool.

    Raises:
        NotFound: there is no such tool.
        Forbidden: the caller may not call it.
        BadRequest: the arguments are not what it takes, or want confirmation.
        Failure: whatever the use case behind it raises.
    """
    own = BUILT_IN.get(name)
    if own is None:
        return _told(_call_app(copilot, name, dict(arguments)), starts=True)
    require(copilot.caller, own.action, copilot.scope)
    try:
        parsed = own.arguments.model_validate(dict(arguments))
    except ValidationError as error:
        raise _misfit(name, error) from error
    return _told(_audited(copilot, own, parsed, arguments), starts=own.starts)


def _audited(copilot: Copilot, tool: BuiltIn, parsed: Arguments, arguments: Mapping[str, Json]) -> Answer:
    """Run a tool of ours; what it changes stands in the audit log, as it would for a call of the API."""
    if tool.hints.read_only or not is_audited(POST, tool.action):
        return tool.run(copilot, parsed)
    log, path = copilot.audit, f"/v1/tenants/{copilot.tenant}/mcp#{tool.name}"
    call = AuditedCall(tool.action, POST, path, canonical(dict(arguments)))
    change = begin_change(log, copilot.caller, copilot.scope, call)
    try:
        answer = tool.run(copilot, parsed)
    except Exception as error:
        end_change(log, change, error=error)
        raise
    end_change(log, change, status=HTTPStatus.OK)
    return answer


def _call_app(copilot: Copilot, name: str, arguments: dict[str, Json]) -> Answer:
    require(copilot.caller, START, copilot.scope)
    tool = find_tool(copilot.registry, copilot.tenant, tool_of(name)) if tool_of(name) else None
    if tool is None or tool_name(tool.install.app, tool.item.tool) != name:
        raise NotFound(
            f"tool {clean(name)} does not exist", where=copilot.tenant, code="unknown-tool", next_step="List the tools."
        )
    key, confirm = (str(arguments.pop(word, "")) for word in (KEY, CONFIRM))
    if may_change(tool.install):
        destructive = DestructiveCall(
            what=f"{name} of {tool.install.app}",
            tool=name,
            definition=f"{tool.install.id} {tool.item.definition} {tool.install.app}@{tool.install.version}",
            arguments=arguments | {KEY: key},
            confirm=confirm,
            field=CONFIRM,
        )
        require_confirmed(copilot, destructive)
    call = ToolCall(arguments=arguments, key=key)
    accepted = start_tool(copilot.requests, copilot.tenant, tool.item.tool, call, copilot.caller.principal)
    status = pending_status(tool.version, copilot.artifacts, accepted.run, accepted.workflow)
    return status.model_copy(update={"install": tool.install.id, "install_name": tool.install.name})


def _told(answer: Answer, *, starts: bool) -> ToolAnswer:
    run = answer.run if starts and isinstance(answer, RunStatusAnswer) else ""
    return ToolAnswer(said=answer.said(), data=answer.model_dump(mode="json"), run=run)


def _own(tool: BuiltIn) -> ToolDefinition:
    schema = schema_of(tool.arguments)
    return ToolDefinition(
        name=tool.name,
        title=tool.title,
        description=tool.about,
        input_schema=schema,
        output_schema=schema_of(tool.answer, answer=True),
        hints=tool.hints,
        definition=definition_digest(tool.name, tool.about, schema),
    )


def _of_app(tool: InstalledTool) -> ToolDefinition:
    app, changes = tool.install.app, may_change(tool.install)
    outside = any(scope.startswith(("egress:", "secret:")) for scope in tool.install.granted)
    return ToolDefinition(
        name=tool_name(app, tool.item.tool),
        title=f"{tool.item.tool} ({app})",
        description=app_description(
            app,
            tool.item.workflow,
            tool.trigger.description,
            install="" if tool.install.has_default_name else tool.install.name,
            confirm=changes,
        ),
        input_schema=app_schema(tool.schema, confirm=changes),
        output_schema=schema_of(RunStatusAnswer, answer=True),
        hints=Hints(read_only=False, destructive=changes, open_world=outside),
        definition=tool.item.definition,
        app=f"{app}@{tool.install.version}",
    )


def schema_of(kind: type[BaseModel], *, answer: bool = False) -> dict[str, Json]:
    """A model's JSON Schema, less the titles that repeat the names."""
    return _plain(kind.model_json_schema(mode="serialization" if answer else "validation"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        rows = cast(dict[str, Any], value)
        return {key: _plain(row) for key, row in rows.items() if not (key == "title" and isinstance(row, str))}
    return [_plain(row) for row in cast(list[Any], value)] if isinstance(value, list) else value


def _misfit(name: str, error: ValidationError) -> BadRequest:
    row = error.errors()[0]
    where = ".".join(str(part) for part in row["loc"]) or "arguments"
    what = describe(row, field_name(row, "the arguments"))
    return BadRequest(
        what, where=f"{name}.{where}", code="tool-arguments", next_step="Look at the input schema of the tool."
    )
