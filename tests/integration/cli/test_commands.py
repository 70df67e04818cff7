"""Commands against the API: what they print for people and for machines, and how they end."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.api import contexts
from interlock.aws.services.artifacts import write_json
from interlock.aws.tables.catalog import Catalog
from interlock.contract.catalog import AssetWrite
from interlock.contract.core.names import ADVISORIES
from interlock.contract.directory import PublishedApp
from interlock.contract.fork_job import ForkJobFilter, ForkJobRequest
from interlock.contract.registry import Membership, Publisher, Role
from interlock.control.apps.listing import list_app
from interlock.control.events.catalog import write_assets
from interlock.control.runs.bulk_fork import request_bulk_fork
from tests.support.api import caller
from tests.support.api_server import command_line
from tests.support.cli import Cli
from tests.support.cloud import AT, TENANT, Cloud, listed

LISTS: dict[tuple[str, ...], str] = {
    ("install", "list"): "There are no installs. Add one: interlock install add publisher/name",
    ("run", "list"): "No run matches. To start one: interlock run start publisher/name",
    ("run", "failures"): "No run failed.",
    ("schedule", "list"): "No workflow starts by the clock.",
    ("webhook", "list"): "There are no webhooks. Add one: interlock webhook add",
    ("asset", "list"): "There are no assets.",
    ("event", "dead", "list"): "There are no dead letters.",
    ("approval", "list"): "No approval is waiting.",
    ("app", "search", "nothing-like-it"): "No app matches.",
}
PERSON = "01234567-89ab-cdef-0123-456789abcdef"
ADD: tuple[str, ...] = ("install", "add", "acme/app", "--config", '{"n": 1}', "--secret", "key=v")


@pytest.fixture
def cli(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cli]:
    with command_line(cloud, caller(cloud, monkeypatch), tmp_path / "home") as result:
        list_app(cloud.registry, "acme/app")
        yield result


@pytest.fixture
def install(cli: Cli) -> str:
    """An install of acme/app, by the command line."""
    return str(cli.ok(*ADD, "--yes", "--as", TENANT)["id"])


@pytest.mark.parametrize("fields", LISTS, ids=" ".join)
def test_an_empty_list_says_so_and_is_json_for_machines(cli: Cli, fields: tuple[str, ...]) -> None:
    done = cli(*fields, "--as", TENANT)
    assert (done.code, done.err) == (0, "")
    assert LISTS[fields] in done.out
    assert cli.ok(*fields, "--as", TENANT) in ([], {"groups": []})


def test_an_app_is_found_installed_stopped_and_started(cli: Cli, install: str) -> None:
    result = cli("app", "search", "app", "--as", TENANT)
    assert "acme/app  1.0.0" in result.out
    shown = cli("install", "list", "--as", TENANT)
    assert "acme/app" in shown.out and "active" in shown.out
    assert cli("install", "stop", install, "--reason", "it is loud", "--as", TENANT).code == 0
    assert cli.ok("install", "show", install, "--as", TENANT)["stopped"] == "it is loud"
    assert cli("install", "start", install, "--as", TENANT).code == 0
    assert cli.ok("install", "show", install, "--as", TENANT)["stopped"] == ""
    assert "rate(1 day)" in cli("schedule", "list", "--as", TENANT).out


def test_a_newer_version_is_upgraded_to_and_back(cli: Cli, cloud: Cloud, install: str) -> None:
    listed(cloud, version="1.1.0")
    assert cli("install", "upgrade", install, "--yes", "--as", TENANT).code == 0
    assert cli.ok("install", "show", install, "--as", TENANT)["version"] == "1.1.0"
    assert cli("install", "rollback", install, "--as", TENANT).code == 0
    assert cli.ok("install", "show", install, "--as", TENANT)["version"] == "1.0.0"


def test_an_install_without_consent_is_refused_with_findings(cli: Cli) -> None:
    done = cli(*ADD, "--as", TENANT, "--json")
    assert (done.code, done.out) == (3, "")
    wanted = {"catalog:read", "secret:key", "state"}
    assert {row["where"] for row in done.problem["findings"]} == wanted
    text = cli(*ADD, "--config", '{"n": "three"}', "--yes", "--as", TENANT)
    assert text.code == 3
    assert "install.config" in text.err
    assert cli.ok("install", "list", "--as", TENANT) == []


def test_a_run_is_accepted_and_found(cli: Cli, cloud: Cloud, install: str) -> None:
    done = cli("run", "start", "acme/app", "--input", '{"a": 1}', "--as", TENANT)
    assert done.code == 0
    run = done.out.split()[1]
    assert f"interlock run watch {run}" in done.out
    assert cli("run", "show", run, "--as", TENANT, "--json").problem["code"] == "not-found"


def test_fork_jobs_are_listed_shown_and_stopped(cli: Cli) -> None:
    assert "There are no fork jobs." in cli("run", "fork-job", "list", "--as", TENANT).out
    request = ForkJobRequest(filter=ForkJobFilter(app="acme/app"), limit=7)
    job = request_bulk_fork(contexts.forks(), TENANT, request, "me").id
    text = cli("run", "fork-job", "list", "--as", TENANT).out
    assert job in text and "counting" in text and "app=acme/app" in text
    assert [row["id"] for row in cli.ok("run", "fork-job", "list", "--as", TENANT)] == [job]
    assert cli.ok("run", "fork-job", "show", job, "--as", TENANT)["request"]["limit"] == 7
    assert "stopped: 0 forked" in cli("run", "fork-job", "stop", job, "--as", TENANT).out
    absent = cli("run", "fork-job", "stop", "absent", "--as", TENANT, "--json")
    assert (absent.code, absent.problem["code"]) == (4, "unknown-fork-job")


def test_a_change_is_in_the_audit_log(cli: Cli, install: str) -> None:
    rows = cli.ok("audit", "list", "--as", TENANT)
    # The first try had no consent yet: the command asks with what the version wants.
    assert {row["action"] for row in rows} == {"install"}
    assert {row["outcome"] for row in rows} == {"done", "refused"}
    assert "install" in cli("audit", "list", "--as", TENANT).out


REFUSALS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "no such run": (("run", "show", "absent"), 4, "not-found"),
    "no such install": (("install", "show", "absent"), 4, "not-found"),
    "no such app": (("install", "add", "acme/absent", "--yes"), 4, "unknown-version"),
    "no such tool": (("tool", "call", "absent"), 4, "unknown-tool"),
    "no alert": (("alert", "show"), 4, "no-alert"),
    "no JSON": (("run", "start", "acme/app", "--input", "{nope"), 1, "bad-request"),
    "no such file": (("run", "start", "acme/app", "--input", "@/nowhere.json"), 1, "bad-request"),
    "a breakpoint of nothing": (("break", "list", "absent"), 4, "not-found"),
    "an inner address": (("alert", "set", "https://127.0.0.1/x"), 1, "alert-url"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_has_a_code_a_next_step_and_an_exit_code(cli: Cli, case: str) -> None:
    fields, code, name = REFUSALS[case]
    done = cli(*fields, "--as", TENANT, "--json")
    assert (done.code, done.problem["code"], done.out) == (code, name, "")
    assert done.problem["detail"] and done.problem["next"]
    text = cli(*fields, "--as", TENANT)
    assert text.code == code
    assert done.problem["detail"] in " ".join(text.err.split())


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ((), 2),
        (("no-such-command",), 2),
        (("run", "list", "--limit", "0"), 2),
        (("install", "add"), 2),
        (("run", "list", "--as", "stranger"), 5),
    ],
)
def test_wrong_usage_and_a_stranger_have_exit_codes_of_their_own(cli: Cli, fields: tuple[str, ...], code: int) -> None:
    assert cli(*fields).code == code


def test_another_tenants_data_is_refused(cli: Cli) -> None:
    done = cli("install", "list", "--tenant", "other", "--as", TENANT, "--json")
    assert (done.code, done.problem["code"]) == (1, "forbidden")


def test_the_process_ends_as_the_call_does(cli: Cli) -> None:
    """One of the commands above in a process of its own: the same words on both streams, and the same exit code."""
    for fields in (("install", "list", "--as", TENANT, "--json"), ("run", "show", "absent", "--as", TENANT, "--json")):
        here, there = cli(*fields), cli.process(*fields)
        assert (there.code, there.out) == (here.code, here.out)
        assert [json.loads(line) for line in there.err.splitlines()] == [
            json.loads(line) for line in here.err.splitlines()
        ]


def test_whoami_says_what_commands_act_as_and_why(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cli.ok("whoami")
    assert (first["profile"], first["chosen_by"]) == ("operator", "the only operator here")
    assert first["profiles"] == str(cli.home / "profiles.json")
    cli.ok("use", TENANT)
    now = cli.ok("whoami")
    assert (now["profile"], now["chosen_by"], now["principal"]) == (TENANT, "interlock use", TENANT)
    assert [row["scope"] for row in now["memberships"]] == [f"tenant/{TENANT}"]
    monkeypatch.setenv("INTERLOCK_PROFILE", "publisher")
    assert cli.ok("whoami")["chosen_by"] == "INTERLOCK_PROFILE"
    shown = cli("whoami", "--profile", TENANT)
    assert shown.code == 0 and "--profile" in shown.out and f"tenant/{TENANT}" in shown.out


def test_a_token_is_printed_alone(cli: Cli) -> None:
    done = cli("auth", "token", "--profile", TENANT)
    assert (done.code, done.out, done.err) == (0, f"{TENANT}\n", "")
    assert cli.ok("auth", "token", "--profile", TENANT)["token"] == TENANT


def test_a_doctor_reaches_the_api_with_the_profile(cli: Cli) -> None:
    rows = {row["name"]: row for row in json.loads(cli("doctor", "--profile", TENANT, "--json").out)}
    assert (rows["API"]["state"], rows["clock"]["state"]) == ("ok", "ok")
    assert "by --profile" in rows["profile"]["detail"]
    shown = cli("doctor", "--profile", "stranger")
    assert shown.code == 1 and "interlock use NAME" in shown.out


def test_assets_are_listed_page_by_page_or_all(cli: Cli) -> None:
    write_assets(Catalog(TENANT), [AssetWrite(qualified_name=f"db/t{one}", type="table") for one in range(5)])
    first = cli("asset", "list", "--limit", "2", "--profile", TENANT)
    assert "db/t1" in first.out and "db/t2" not in first.out
    cursor = shlex.split(first.err)[-1]
    page = cli.ok("asset", "list", "--limit", "2", "--cursor", cursor, "--profile", TENANT)
    assert [row["qualified_name"] for row in page] == ["db/t2", "db/t3"]
    done = cli("asset", "list", "--all", "--json", "--profile", TENANT)
    assert len(done.json) == 5 and done.err == ""
    assert [row["qualified_name"] for row in cli.ok("asset", "search", "T4", "--profile", TENANT)] == ["db/t4"]


def test_asset_is_changed_by_field_and_keeps_the_rest(cli: Cli) -> None:
    before = AssetWrite(qualified_name="db/t", type="table", attributes={"rows": 60, "note": "old"}, owners=("ada",))
    write_assets(Catalog(TENANT), [before])
    options = ("--owner", "bob", "--owner", "cleo", "--attribute", "note=a = b", "--attribute", "score=[1, 2]")
    change = cli.ok("asset", "set", "db/t", *options, "--add-tag", "gold", "--profile", TENANT)
    assert (change["outcome"], set(change["changed"])) == ("updated", {"attributes", "owners", "tags"})
    (asset,) = cli.ok("asset", "list", "--profile", TENANT)
    assert asset["attributes"] == {"rows": 60, "note": "a = b", "score": [1, 2]}
    assert (asset["owners"], asset["tags"]) == (["bob", "cleo"], ["gold"])
    again = cli("asset", "set", "db/t", *options, "--add-tag", "gold", "--profile", TENANT)
    assert "db/t is unchanged." in again.out
    cli.ok("asset", "set", "db/t", "--owner", "", "--attribute", "note=", "--remove-tag", "gold", "--profile", TENANT)
    (asset,) = cli.ok("asset", "list", "--profile", TENANT)
    assert (asset["attributes"], asset["owners"], asset["tags"]) == ({"rows": 60, "score": [1, 2]}, [], [])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ((), "--owner"),
        (("--attribute", "note"), "NAME=VALUE"),
        (("--attribute", "=x"), "NAME=VALUE"),
        (("--add-tag", "Not A Tag"), "must be at most 64 small letters"),
        (("--owner", "ada", "--tenant", "other"), "other"),
    ],
)
def test_asset_that_is_set_wrongly_stays(cli: Cli, options: tuple[str, ...], text: str) -> None:
    write_assets(Catalog(TENANT), [AssetWrite(qualified_name="db/t", type="table")])
    done = cli("asset", "set", "db/t", *options, "--profile", TENANT)
    assert done.code != 0 and text in done.out + done.err, (done.code, done.out, done.err)
    assert "Traceback" not in done.err
    (asset,) = cli.ok("asset", "list", "--profile", TENANT)
    assert (asset["attributes"], asset["owners"], asset["tags"]) == ({}, [], [])


def test_asset_that_is_not_there_is_not_made(cli: Cli) -> None:
    assert "there is no asset db/none" in cli("asset", "set", "db/none", "--owner", "a", "--profile", TENANT).err


def test_a_tenant_without_tools_is_told_where_they_come_from(cli: Cli) -> None:
    assert "No installed app has a tool" in cli("tool", "list", "--profile", TENANT).out
    assert cli.ok("tool", "list", "--profile", TENANT) == []


@pytest.mark.parametrize(
    "command",
    [
        ("app", "yank", "acme/app@1.0.0"),
        ("event", "dead", "drop", "01LETTER"),
        ("webhook", "remove", "01HOOK"),
        ("tenant", "offboard", "nobody"),
        ("tenant", "credential", "revoke", "ci"),
        ("install", "delete", "01INSTALL"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_undone_is_confirmed_first(cli: Cli, cloud: Cloud, command: tuple[str, ...]) -> None:
    cloud.calls.clear()
    done = cli(*command, "--json")
    assert (done.code, done.problem["code"]) == (1, "not-confirmed")
    assert cli(*command).code == 1
    assert cloud.calls == []
    assert cli(*command, "--yes", "--json").err.find("not-confirmed") < 0


def test_who_did_it_is_shown_by_name(cloud: Cloud, cli: Cli, install: str) -> None:
    cloud.registry.join(Membership(principal=TENANT, scope=f"tenant/{TENANT}", role=Role.ADMIN, name="ann"))
    cli.ok("support", "open", "acme/app", "--reason", "ticket", "--as", TENANT)
    cli.ok("tenant", "member", "invite", PERSON, "--name", "bo", "--as", TENANT)
    for fields in (("support", "list"), ("tenant", "member", "invited")):
        done = cli(*fields, "--as", TENANT)
        assert " ann " in done.out


@pytest.mark.parametrize("name", ["app", "acme/app"], ids=["name", "app"])
def test_a_breakpoint_is_set_on_an_install_by_name(cli: Cli, install: str, name: str) -> None:
    rule = cli.ok("break", "add", name, "--state", "Hello", "--as", TENANT)["id"]
    assert [row["breakpoint"]["id"] for row in cli.ok("break", "list", install, "--as", TENANT)] == [rule]
    cli.ok("break", "remove", name, rule, "--as", TENANT)
    assert cli.ok("break", "list", name, "--as", TENANT) == []


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (("tenant", "credential", "create", "Bad Name!"), "name must be"),
        (("webhook", "add", "https://example.com/", "--event", "Not An Event"), "must be an event such as run.failed"),
    ],
)
def test_value_of_the_wrong_form_is_said_in_words(cli: Cli, command: tuple[str, ...], sentence: str) -> None:
    done = cli(*command, "--as", TENANT)
    assert done.code != 0 and sentence in done.out + done.err, (done.code, done.out, done.err)
    assert "Traceback" not in done.err and "^" not in done.err


def test_an_install_that_nobody_has_is_said(cli: Cli, install: str) -> None:
    for fields in (("run", "list"), ("run", "fork", "--all", "--error", "Boom", "--yes")):
        done = cli(*fields, "--install", "wset", "--as", TENANT, "--json")
        assert (done.code, done.problem["code"]) == (4, "unknown-install"), fields
        assert "interlock install list --all" in done.problem["next"]
    for known in (install, "app"):
        assert cli.ok("run", "list", "--install", known, "--as", TENANT) == []


def test_runs_of_a_removed_install_are_still_listed(cli: Cli, install: str) -> None:
    assert cli("install", "remove", install, "--as", TENANT).code == 0
    assert cli.ok("run", "list", "--install", "app", "--as", TENANT) == []


@pytest.fixture
def folder(cli: Cli, tmp_path: Path) -> Path:
    """A folder of acme/app, of which 1.0.0 is listed."""
    result = tmp_path / "app"
    cli.ok("app", "init", "acme/app", "--into", str(result))
    manifest = result / "interlock.toml"
    manifest.write_text(manifest.read_text().replace('version = "0.1.0"', 'version = "1.0.0"'))
    return result


def test_a_check_names_what_a_listed_version_forbids(cli: Cli, folder: Path) -> None:
    checked = ("app", "check", str(folder), "--as", "publisher", "--json")
    assert "manifest.version-listed" in [row["code"] for row in cli(*checked).json]
    manifest = folder / "interlock.toml"
    manifest.write_text(manifest.read_text().replace("1.0.0", "1.0.1"))
    assert cli(*checked).json == []


def test_a_check_asks_the_platform_what_publishing_would_find(cli: Cli, cloud: Cloud, folder: Path) -> None:
    affected = [{"package": {"ecosystem": "PyPI", "name": "old"}, "versions": ["1.0"]}]
    advisory = {"id": "GHSA-x", "affected": affected, "database_specific": {"severity": "HIGH"}}
    write_json(cloud.bucket, ADVISORIES, [advisory])
    manifest = folder / "interlock.toml"
    manifest.write_text(manifest.read_text().replace("1.0.0", "1.0.1"))
    vendored = folder / "data" / "old-1.0.dist-info"
    vendored.mkdir(parents=True)
    (vendored / "METADATA").write_text("Metadata-Version: 2.1\nName: old\nVersion: 1.0\n")
    done = cli("app", "check", str(folder), "--as", "publisher", "--json")
    assert ("code.vulnerable", 3) in [(row["code"], done.code) for row in done.json]


def test_a_check_by_somebody_else_says_what_was_not_asked(cli: Cli, folder: Path) -> None:
    manifest = folder / "interlock.toml"
    manifest.write_text(manifest.read_text().replace("1.0.0", "1.0.1"))
    done = cli("app", "check", str(folder), "--as", TENANT)
    assert done.code == 0 and "The platform was not asked" in done.err


def test_a_check_without_a_platform_says_so(tmp_path: Path, folder: Path) -> None:
    done = Cli(tmp_path / "nobody")("app", "check", str(folder))
    assert (done.code, "nobody is signed in" in done.err) == (0, True)


@pytest.mark.parametrize("wrong", [("--name", "West!"), ("--config", "[1]")], ids=["name", "config"])
def test_a_wrong_field_of_an_install_is_said_in_words(cli: Cli, wrong: tuple[str, str]) -> None:
    done = cli("install", "add", "acme/app", *wrong, "--yes", "--as", TENANT, "--json")
    assert (done.code, done.problem["code"]) == (1, "bad-request")
    assert wrong[0].removeprefix("--") in done.problem["detail"] + done.problem["where"]
    assert "pydantic" not in done.err.lower()


def test_an_operator_lists_who_the_platform_has(cli: Cli, cloud: Cloud) -> None:
    cloud.registry.create_publisher(Publisher(id="acme", title="Acme", created=AT))
    tenants, publishers = (cli(kind, "list", "--as", "operator") for kind in ("tenant", "publisher"))
    assert tenants.code == publishers.code == 0
    assert f"{TENANT} " in tenants.out and "active" in tenants.out
    assert "acme " in publishers.out and "Acme" in publishers.out
    assert [row["id"] for row in cli.ok("publisher", "list", "--as", "operator")] == ["acme"]


def test_a_publisher_lists_its_own_apps(cli: Cli, cloud: Cloud) -> None:
    assert "interlock app init acme/NAME" in cli("app", "list", "--as", "publisher").out
    cloud.registry.keep_app(PublishedApp(app="acme/app", since=AT))
    assert [row["app"] for row in cli.ok("app", "list", "--as", "publisher")] == ["acme/app"]
    assert "acme/app " in cli("app", "list", "--as", "publisher").out


def test_an_operator_who_mistypes_a_tenant_hears_it(cli: Cli) -> None:
    for command in (("run", "list"), ("tenant", "credential", "create", "pipeline"), ("event", "dead", "list")):
        whose = "--of" if command[0] == "tenant" else "--tenant"
        done = cli(*command, whose, "acm", "--as", "operator")
        assert done.code != 0 and "tenant acm does not exist" in done.err, done
        assert "interlock tenant list" in done.err
