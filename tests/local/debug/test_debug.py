"""`interlock run debug` as an editor meets it: where it stops, on what input, with which effects; what it refuses."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import urllib3

from interlock.cli.terminal.client import Client
from interlock.cli.terminal.profiles import Profiles
from interlock.contract import payload
from tests.support.client import JsonClient
from tests.support.debug_session import HERE, Shop, attached

CASES: dict[str, tuple[Any, str]] = {
    "divide": ({"total": 3}, "exception"),
    "helper": ({"rows": [1]}, "exception"),
    "later": ({"name": "Ada"}, "exception"),
    "item": ({"rows": [{"n": 1}, {"n": 0}, {"n": 2}]}, "exception"),
    "typed": ({"id": "none"}, "exception"),
    "leave": ({}, "exception"),
    "die": ({}, "breakpoint"),
    "kill": ({}, "breakpoint"),
    "nonsense": ({}, "breakpoint"),
    "secret": ({}, "exception"),
    "fine": ({"n": 1}, "breakpoint"),
    "flaky": ({}, "exception"),
    "library": ({"id": []}, "exception"),
    "broken": ({}, "exception"),
    "slow": ({"name": "Bo"}, "breakpoint"),
}


def line_of(name: str) -> tuple[str, int]:
    """The file and line that the mark of a case is on."""
    for file in sorted((HERE / "faults").glob("*.py")):
        for number, text in enumerate(file.read_text().splitlines(), 1):
            if text.endswith(f"# stop: {name}"):
                return file.name, number
    raise LookupError(name)


@pytest.mark.parametrize("name", CASES)
def test_stops_where_the_step_failed(shop: Shop, name: str) -> None:
    value, reason = CASES[name]
    run = shop.run(name, value)
    (record, *_) = [row for row in shop.cli.ok("run", "show", run, "--whole")["steps"] if row["error"]] or [None]
    with shop.debug(run) as session, attached(session) as dap:
        stop = dap.stopped()
        assert (Path(stop.file).name, stop.line) == line_of(name)
        assert (session.ready["file"], session.ready["line"]) == (stop.file, stop.line)
        assert stop.reason == reason
        if name == "slow":
            return
        dap.go(stop)
        end = session.end()
    if name in ("die", "kill"):
        assert (end["end"], end["code"]) == ("exit", 4 if name == "die" else -9)
    else:
        assert end["same"], end
        assert end["input_digest"] == (record["digest"] if record else payload.digest(value))


def test_input_is_the_recorded_one_byte_by_byte(shop: Shop) -> None:
    value: dict[str, Any] = {
        "total": 3,
        "text": "ü\u2028😀",
        "big": 2**53 - 1,
        "small": 1e-7,
        "none": None,
        "deep": [[{"": []}]],
    }
    run = shop.run("divide", value)
    with shop.debug(run) as session, attached(session) as dap:
        stop = dap.stopped()
        fields = "__import__('json').dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=True)"
        shown = dap.evaluate(fields, stop.frame)
        assert json.loads(shown.strip("'").encode().decode("unicode_escape")) == value
        dap.go(stop)
        assert session.end()["input_digest"] == payload.digest(value)


def test_effects_come_from_the_journal_and_none_is_performed(shop: Shop) -> None:
    run = shop.run("divide", {"total": 3})
    with shop.debug(run) as session, attached(session) as dap:
        stop = dap.stopped()
        assert dap.variables(stop.frame)["found"] == "None"
        dap.go(stop)
        effects = session.end()["effects"]
    assert [(row["kind"], row["op"], row["performed"]) for row in effects] == [
        ("state", "put", False),
        ("catalog", "get", False),
        ("emit", "emit", False),
    ]
    recorded = shop.cli.ok("run", "show", run)["steps"][0]["effects"]
    assert [row["request"] for row in effects] == [row["request"] for row in recorded]


def test_live_reads_are_real_and_writes_are_not(shop: Shop) -> None:
    run = shop.run("divide", {"total": 3})
    asset = {"qualified_name": "wh/none", "type": "table"}
    client = JsonClient(Profiles.model_validate_json((shop.cli.home / "profiles.json").read_text()).profiles["globex"])
    base = "/v1/tenants/globex/assets:batch"
    client.post(base, {"writes": [asset]})
    try:
        with shop.debug(run, "--live") as session, attached(session) as dap:
            stop = dap.stopped()
            assert dap.evaluate("found.type", stop.frame) == "'table'"
            dap.go(stop)
            effects = session.end()["effects"]
    finally:
        client.post(base, {"writes": [{"qualified_name": "wh/none", "delete": True}]})
    assert [(row["kind"], row["performed"]) for row in effects] == [
        ("state", False),
        ("catalog", True),
        ("emit", False),
    ]


def test_break_stops_earlier(shop: Shop) -> None:
    run = shop.run("helper", {"rows": [1]})
    _, line = line_of("helper")
    with shop.debug(run, "--break", f"steps.py:{line}") as session, attached(session) as dap:
        first = dap.stopped()
        assert (first.reason, first.line) == ("breakpoint", line)
        dap.go(first)
        second = dap.stopped()
        assert (second.reason, second.line) == ("exception", line)
        dap.go(second)
        assert session.end()["same"]


def test_an_item_of_a_map_and_an_attempt(shop: Shop) -> None:
    run = shop.run("item", {"rows": [{"n": 1}, {"n": 0}, {"n": 2}]})
    with shop.debug(run, "--state", "One[0]") as session, attached(session) as dap:
        stop = dap.stopped()
        assert stop.reason == "breakpoint"
        assert dap.evaluate("value['n']", stop.frame) == "1"
    refused = shop.cli("run", "debug", run, "--state", "One[7]", "--json")
    assert (refused.code, refused.problem["code"]) == (4, "unknown-state")
    assert "One[0]" in refused.problem["next"]
    again = shop.run("flaky", {})
    with shop.debug(again, "--attempt", "1") as session, attached(session) as dap:
        stop = dap.stopped()
        assert dap.evaluate("ctx.attempt", stop.frame) == "1"


def test_a_working_copy_instead_of_the_bundle(shop: Shop, tmp_path: Path) -> None:
    run = shop.run("divide", {"total": 3})
    for path in (HERE / "faults").glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text())
    steps = tmp_path / "steps.py"
    steps.write_text(steps.read_text().replace("1 / (total - total)", "1 / total"))
    launch = tmp_path / ".vscode/launch.json"
    launch.parent.mkdir()
    launch.write_text('{"version": "0.2.0", "other": 1, "configurations": [{"name": "mine", "type": "x"}]}')
    with shop.debug(run, "--source", str(tmp_path), "--editor") as session, attached(session):
        end = session.end()
    assert end["end"] == "output"
    assert end["output"]["share"] == pytest.approx(1 / 3)
    written = json.loads(launch.read_text())
    assert written["other"] == 1
    assert [row["name"] for row in written["configurations"]] == ["mine", "Interlock: attach"]
    assert written["configurations"][1]["connect"]["port"] == session.ready["port"]
    launch.write_text("{// mine\n}")
    with shop.debug(run, "--source", str(tmp_path), "--editor") as session:
        assert session.ready["launch"] == ""
    assert launch.read_text() == "{// mine\n}"


def test_in_the_terminal(shop: Shop) -> None:
    run = shop.run("divide", {"total": 3})
    done = shop.cli.process("run", "debug", run, "--pdb", stdin="p total * 14\nq\n")
    assert done.code == 0
    assert f"steps.py({line_of('divide')[1]})divide()" in done.out
    assert "42" in done.out
    fine = shop.run("fine", {"n": 1})
    done = shop.cli.process("run", "debug", fine, "--pdb", stdin="p value\nc\n")
    assert f"steps.py({line_of('fine')[1]})fine()" in done.out
    assert "the same as recorded" in done.err


def test_secrets_are_asked_for(shop: Shop) -> None:
    run = shop.run("secret", {})
    with shop.debug(run, "--secret", "api_key=12345") as session, attached(session):
        end = session.end()
    assert (end["end"], end["output"], end["same"]) == ("output", {"n": 5}, False)
    assert shop.cli("run", "debug", run, "--secret", "other=1", "--json").code == 1
    assert shop.cli("run", "debug", run, "--secrets", "--as", "operator", "--tenant", "globex", "--json").code == 1


def test_refuses_what_it_can_not_debug(shop: Shop) -> None:
    run = shop.run("divide", {"total": 3})
    assert shop.cli("run", "debug", "none", "--json").code == 4
    unknown = shop.cli("run", "debug", run, "--state", "nowhere", "--json")
    assert (unknown.code, unknown.problem["code"], "divide" in unknown.problem["next"]) == (4, "unknown-state", True)
    assert shop.cli("run", "debug", run, "--break", "steps.py:9999", "--json").code == 1
    folder = next(path for path in (shop.cli.home / "bundles").iterdir() if (path / "code/broken.py").exists())
    (folder / "code/steps.py").write_text("raise SystemExit('edited')")
    (folder / "bundle.zip").write_bytes(b"PK tampered")
    with shop.debug(run) as session, attached(session) as dap:
        assert dap.stopped().line == line_of("divide")[1]


def test_an_export_is_debugged_elsewhere(shop: Shop, tmp_path: Path) -> None:
    run = shop.run("divide", {"total": 3, "card_token": "4111-1111-1111"})
    file, elsewhere = tmp_path / "run.zip", tmp_path / "home"
    events = shop.cli.ok("run", "export", run, "--out", str(file), "--with-code")
    assert {(row["path"], row["rule"]) for row in events["removed"]} >= {("/input/card_token", "name")}
    again = tmp_path / "again.zip"
    shop.cli.ok("run", "export", run, "--out", str(again), "--with-code")
    assert file.read_bytes() == again.read_bytes()
    there = type(shop.cli)(elsewhere)
    name = f"imported:{run}"
    assert there.ok("run", "import", str(file))["name"] == name
    # Nobody is signed in there, so the id alone can only be the imported run; here it is the platform's.
    assert there.ok("run", "show", run)["imported"]
    shop.cli.ok("run", "import", str(file))
    assert "imported" not in shop.cli.ok("run", "show", run)
    assert shop.cli.ok("run", "show", name)["imported"]
    shown = there.ok("run", "show", name)
    assert shown["steps"][0]["input"]["value"] == {"total": 3, "card_token": "[redacted]"}
    untrusted = there("run", "debug", name, "--json")
    assert (untrusted.code, untrusted.problem["code"]) == (1, "bundle-untrusted")
    # A machine that has spoken to the platform knows its key.
    (elsewhere / "trust.json").write_bytes((shop.cli.home / "trust.json").read_bytes())
    with shop.debug(name, home=elsewhere) as session, attached(session) as dap:
        stop = dap.stopped()
        assert (Path(stop.file).name, stop.line) == line_of("divide")
        assert elsewhere in Path(stop.file).parents
    assert shop.cli("run", "export", run, "--whole", "--out", str(again), "--json").code == 1
    assert shop.cli.ok("run", "export", run, "--whole", "--yes", "--out", str(again))["whole"] is True


def test_the_platform_writes_the_file_of_the_command(shop: Shop, tmp_path: Path) -> None:
    run = shop.run("divide", {"total": 3, "card_token": "4111-1111-1111"})
    file = tmp_path / "run.zip"
    shop.cli.ok("run", "export", run, "--out", str(file))
    profiles = Profiles.model_validate_json((shop.cli.home / "profiles.json").read_text())
    export = Client(profiles.profiles["globex"]).recorded_steps.export("globex", run)
    answer = urllib3.request("GET", export.url)
    assert answer.data == file.read_bytes()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{export.name}"'
    assert (export.name, export.bytes) == (f"{run}.interlock.zip", len(answer.data))
    assert export.digest == hashlib.sha256(answer.data).hexdigest()
    assert (export.steps, export.removed > 0) == (1, True)


@pytest.mark.parametrize("member", ["run.json", "steps.jsonl", "workflow.asl.json", "bundle.zip", "manifest.json"])
def test_a_tampered_export_is_refused_by_name(shop: Shop, tmp_path: Path, member: str) -> None:
    run = shop.run("divide", {"total": 3})
    file, bad = tmp_path / "run.zip", tmp_path / "bad.zip"
    shop.cli.ok("run", "export", run, "--out", str(file), "--with-code")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(bad, "w") as subject:
        for info in source.infolist():
            subject.writestr(info, source.read(info) + (b" " if info.filename == member else b""))
        subject.comment = source.comment
    there = type(shop.cli)(tmp_path / "home")
    refused = there("run", "import", str(bad), "--json")
    assert (refused.code, refused.problem["code"], refused.problem["where"]) == (1, "export-tampered", member)
    assert not list((tmp_path / "home").glob("imported/*"))
