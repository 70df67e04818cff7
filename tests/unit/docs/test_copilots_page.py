"""docs/copilots.md says of each tool what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from interlock.cli.agent.serve import TOOLS
from interlock.contract.copilot.tool import CONFIRM, KEY, NOTICE, SEPARATOR
from interlock.control.access.authorize import policies
from interlock.control.copilot.call_tool import BUILT_IN, schema_of

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "copilots.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROWS = {name: [cell.strip(" `") for cell in cells] for name, *cells in ROW.findall(PAGE)}
AGENT_ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
LEGAL = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def test_the_table_has_every_tool_and_no_other() -> None:
    assert set(ROWS) == {*BUILT_IN, "PUBLISHER__TOOL"}


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_a_row_says_what_the_tool_is(name: str) -> None:
    tool = BUILT_IN[name]
    action, reads, destructive, confirmed = ROWS[name]
    fields = {True: "yes", False: "no"}
    assert (action, reads, destructive) == (tool.action, fields[tool.hints.read_only], fields[tool.hints.destructive])
    assert (confirmed != "no") == ("confirm" in tool.arguments.model_fields)
    assert f'Action::"{tool.action}"' in policies()


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_a_tool_of_ours_is_plain_to_every_client(name: str) -> None:
    """A legal name without our separator, a schema of an object, every argument with words, no argument of any type."""
    tool = BUILT_IN[name]
    assert LEGAL.fullmatch(name)
    assert SEPARATOR not in name
    schema = schema_of(tool.arguments)
    assert (schema["type"], schema["additionalProperties"]) == ("object", False)
    for word, field in schema["properties"].items():
        assert field.get("description"), word
        assert isinstance(field.get("type", ""), str)
        assert {"type", "anyOf", "$ref"} & set(field), word
    assert not (tool.hints.read_only and tool.hints.destructive)
    assert tool.hints.destructive == ("confirm" in schema["properties"])


def test_the_table_of_a_coding_agent_has_every_tool() -> None:
    rows = {name: confirmed.strip() for name, confirmed in AGENT_ROW.findall(PAGE)}
    assert rows.keys() == TOOLS.keys()
    assert {name for name, confirmed in rows.items() if confirmed != "no"} == {
        name for name, tool in TOOLS.items() if tool.question
    }


@pytest.mark.parametrize("name", list(TOOLS))
def test_a_tool_of_a_coding_agent_is_plain(name: str) -> None:
    tool = TOOLS[name]
    schema = schema_of(tool.arguments)
    assert all(field.get("description") for field in schema["properties"].values())
    assert not (tool.hints.read_only and tool.hints.destructive)
    assert tool.about.endswith(".")


def test_the_page_names_the_words_that_clients_see() -> None:
    for word in (KEY, CONFIRM, "untrusted", "interlock/definition", "interlock/app", "interlock/problem"):
        assert f"`{word}`" in PAGE
    assert "instruction" in NOTICE
