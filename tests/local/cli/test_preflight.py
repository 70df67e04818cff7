"""An install is tested before it is used, and again after its secret was rotated."""

from __future__ import annotations

from tests.support.cli import Cli, Write
from tests.support.hello_app import MANIFEST, STEPS

PREFLIGHT = """

from interlock import Check


@step
def look(value: dict, ctx: Context) -> list[Check]:
    key = ctx.secrets.get("api_key") or ""
    if key == "broken":
        raise ConnectionError("the source does not answer")
    good = Check(name="greet", ok=True)
    return [good, Check(name="sign in", ok=key == "right", detail="as ann", fix="Set the secret api_key.")]
"""


def test_preflight_shows_each_check(cli: Cli, app: Write) -> None:
    declared = MANIFEST.replace("[app]\n", '[app]\npreflight = "look"\n').replace("NAME", "tested")
    declared += '\n[steps.look]\nhandler = "hello.steps:look"\n'
    files = {"interlock.toml": declared.replace("VERSION", "1.0.0"), "hello__steps.py": STEPS + PREFLIGHT}
    cli.ok("app", "publish", str(app("tested", **files)))
    added = cli("install", "add", "acme/tested", "--yes", "--secret", "api_key=wrong", "--json")
    assert added.code == 3, added
    install, report = added.json["id"], added.json["preflight"]
    assert [(row["name"], row["ok"]) for row in report["checks"]] == [("greet", True), ("sign in", False)]
    assert cli.ok("run", "show", report["run"])["title"] == "Preflight"

    changed = cli("install", "set", install, "--secret", "api_key=right")
    assert (changed.code, changed.out.strip()) == (0, "The next step that reads api_key gets the new value.")
    tested = cli("install", "test", install)
    assert (tested.code, "Every check passed." in tested.out) == (0, True), tested

    cli.ok("install", "set", install, "--secret", "api_key=broken")
    failed = cli("install", "test", install)
    assert failed.code == 3
    assert "ConnectionError: the source does not answer" in failed.out
    assert "interlock run explain" in failed.out


def test_app_without_preflight_says_so(cli: Cli, app: Write) -> None:
    cli.ok("app", "publish", str(app("untested")))
    added = cli.ok("install", "add", "acme/untested", "--yes")
    assert "preflight" not in added
    refused = cli("install", "test", added["id"], "--json")
    assert (refused.code, refused.problem["code"]) == (1, "no-preflight")
