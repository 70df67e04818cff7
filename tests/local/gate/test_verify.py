"""A new version over recorded runs, with captured effects: what differs, and where first."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.cli.runs.verify import verify_all
from interlock.contract.fork import ForkRequest
from tests.support.kit import Kit, bundle, task

RUNS = 20
CODE = """
from interlock import Context, step


@step
def count(value, ctx: Context):
    seen = ctx.state.get(f"seen-{value['n']}") or 0
    ctx.state.put(f"seen-{value['n']}", seen + 1)
    return {"n": value["n"], "seen": seen, "even": value["n"] % 2 == 0}


@step
def price(value, ctx: Context):
    return {"n": value["n"], "total": {"net": value["n"] * 10, "gross": value["n"] * 12}}


@step
def odd(value, ctx: Context):
    return {"n": value["n"], "total": {"net": 0, "gross": 0}}
"""
FLOW: dict[str, Any] = {
    "StartAt": "Count",
    "States": {
        "Count": task("count", Next="Which"),
        "Which": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.even", "BooleanEquals": True, "Next": "Price"}],
            "Default": "Price",
        },
        "Price": task("price"),
        "Odd": task("odd"),
    },
}
MORE = "\n[permissions]\nstate = true\n"


def published(kit: Kit, app: str, version: str, code: str, flow: dict[str, Any]) -> None:
    files = bundle(code, dict.fromkeys(("count", "price", "odd"), ""), {"flow": flow}, MORE)
    files["interlock.toml"] = files["interlock.toml"].replace('version = "1.0.0"', f'version = "{version}"')
    kit.publish(app.split("/")[1], {path: text.replace("APP", app) for path, text in files.items()}, version)


def test_a_version_is_verified_against_recorded_runs(kit: Kit) -> None:
    reachable = FLOW | {"States": FLOW["States"] | {"Which": FLOW["States"]["Which"] | {"Default": "Odd"}}}
    installed = kit.app(
        bundle(CODE, dict.fromkeys(("count", "price", "odd"), ""), {"flow": reachable}, MORE), grant=("state",)
    )
    runs = [kit.start(installed, "flow", {"n": 2 * number}) for number in range(RUNS)]
    for run in runs:
        assert kit.ended(installed, run)["status"] == "succeeded"
    published(kit, installed.app, "1.0.1", CODE, reachable)
    published(kit, installed.app, "1.1.0", CODE.replace("* 12", "* 13 + 1"), reachable)
    published(kit, installed.app, "1.2.0", CODE.replace("seen + 1)", "seen + 2)"), reachable)
    swapped = reachable["States"]["Which"] | {"Default": "Price"}
    swapped["Choices"] = [{"Variable": "$.even", "BooleanEquals": True, "Next": "Odd"}]
    published(kit, installed.app, "1.3.0", CODE, FLOW | {"States": reachable["States"] | {"Which": swapped}})
    client = kit.tenants[kit.tenant]

    def verified(version: str, count: int) -> list[Any]:
        request = ForkRequest(whole=True, dry=True, version=version)
        return verify_all(client, kit.tenant, runs[:count], request, quiet=True)

    same = verified("1.0.1", 3)
    assert [row.same for row in same] == [True] * 3, same
    output = verified("1.1.0", RUNS)
    assert [(row.same, row.first.aspect, row.first.where, row.first.field) for row in output] == [
        (False, "output", "Price", "/total/gross")
    ] * RUNS
    effect = verified("1.2.0", 2)
    assert {(row.first.aspect, row.first.where) for row in effect} == {("effect", "Count state.put")}
    path = verified("1.3.0", 2)
    assert {(row.first.aspect, row.first.where) for row in path} == {("path", "Price")}
    with pytest.raises(Exception, match="version .* does not exist"):
        verified("9.9.9", 1)
    graph = client.runs.get_graph(kit.tenant, runs[0])
    assert {row.name: row.status.value for row in graph.states}["Which"] == "succeeded"
    assert (graph.source, graph.poll_s) == ("records", 0)
    assert client.runs.get_history(kit.tenant, runs[0]).key
    whole = client.runs.get_graph(kit.tenant, runs[0])
    assert (whole.source, whole.states) == ("history", graph.states)
    sure = [(row, other) for row, other in zip(graph.edges, whole.edges, strict=True) if row.taken is not None]
    assert sure and all(row.taken == other.taken for row, other in sure)
    # Nothing was performed: each recorded run counts from what it saw itself.
    again = kit.ended(installed, kit.start(installed, "flow", {"n": 0}))
    assert (
        next(row for row in kit.steps(installed, again["id"]) if row["state"] == "Count")["output"]["value"]["seen"]
        == 1
    )
