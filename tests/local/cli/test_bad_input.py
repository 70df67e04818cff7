"""What people get wrong: each gets words, a stable code and the next step, and leaves nothing half done."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from interlock.aws.clients import client as aws
from interlock.aws.services import artifacts
from interlock.cli.apps.packing import pack
from interlock.cli.terminal.profiles import Profiles
from interlock.contract.core import limits, names
from interlock.contract.core.failure import Failure
from interlock.contract.manifest import Target
from interlock.local.environment import talking_to
from interlock.local.platform import Platform
from tests.support.cli import Cli, Write
from tests.support.client import JsonClient

TARGET = Target(python="3.11", architecture="x86_64")
BASE = "/v1/publishers/acme/apps"
DANGLING = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}})


def publisher(cli: Cli) -> JsonClient:
    """The publisher's client, past every check that the command line makes itself."""
    return JsonClient(Profiles.model_validate_json((cli.home / "profiles.json").read_text()).profiles["acme"])


def uploaded(cli: Cli, name: str, declared: bytes, sent: bytes, version: str = "1.0.0") -> dict[str, Any]:
    """Upload bytes as a version; the version once it is listed or rejected."""
    api = publisher(cli)
    digest = hashlib.sha256(declared).hexdigest()
    form = api.post(f"{BASE}/{name}/versions", {"version": version, "digest": digest})["form"]
    api.upload(form["url"], form["fields"], sent)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        result = api.get(f"{BASE}/{name}/versions/{version}")
        if result["status"] in ("listed", "rejected"):
            return result
        threading.Event().wait(0.1)
    raise TimeoutError(name)


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return buffer.getvalue()


def nothing_remains(platform: Platform, name: str, version: str = "1.0.0") -> None:
    """No stack, no upload."""
    with talking_to(platform.engine):
        stacks = aws("cloudformation").describe_stacks()["Stacks"]
        assert names.version_stack(f"acme/{name}", version) not in {row["StackName"] for row in stacks}
        result = aws("s3").list_objects_v2(Bucket=platform.record.artifact_bucket, Prefix=f"uploads/acme/{name}/")
        assert not result.get("Contents")


def test_bundles_with_a_defect_are_rejected_with_its_finding(cli: Cli, app: Write, platform: Platform) -> None:
    absent = 'handler = "hello.steps:absent"'
    toml = (app("ok") / "interlock.toml").read_text()
    with_workflow = toml.replace(
        '[workflows.bad]\nsteps = ["misbehave"]', '[workflows.bad]\ndefinition = "bad.asl.json"'
    )
    handler = app("handler", interlock_toml=None)
    (handler / "interlock.toml").write_text(
        toml.replace("acme/ok", "acme/handler").replace('handler = "hello.steps:greet"', absent)
    )
    dangling = app("dangling")
    (dangling / "interlock.toml").write_text(with_workflow.replace("acme/ok", "acme/dangling"))
    (dangling / "bad.asl.json").write_text(DANGLING)
    defects = {
        "broken": (b"PK\x03\x04 no zip at all", "archive.broken"),
        "no-manifest": (zipped(readme__txt="hello"), "manifest.missing"),
        "handler": (pack(handler, TARGET).data, "code.no-handler"),
        "dangling": (pack(dangling, TARGET).data, "asl.dangling"),
        "bomb": (bomb(), "archive.ratio"),
        "identity": (pack(app("ok"), TARGET).data, "bundle.identity"),
    }
    for name, (data, code) in defects.items():
        result = uploaded(cli, name, data, data)
        assert result["status"] == "rejected", name
        assert code in {row["code"] for row in result["findings"]}, (name, result["findings"])
        assert all(row["where"] and row["what"] and row["fix"] for row in result["findings"])
        nothing_remains(platform, name)


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * (40 * limits.MIB))
    return buffer.getvalue()


def test_the_stored_bytes_are_the_authority(cli: Cli, app: Write, platform: Platform) -> None:
    declared, other = pack(app("swap"), TARGET).data, pack(app("swap", hello__more="x"), TARGET).data
    result = uploaded(cli, "swap", declared, other)
    assert result["status"] == "rejected"
    assert [row["code"] for row in result["findings"]] == ["bundle.digest"]
    assert hashlib.sha256(other).hexdigest() in result["findings"][0]["what"]
    nothing_remains(platform, "swap")


def test_an_oversize_bundle_is_refused_by_form_and_check(cli: Cli, tmp_path: Path) -> None:
    big = b"PK\x03\x04" + b"\0" * limits.BUNDLE_BYTES
    api = publisher(cli)
    form = api.post(f"{BASE}/big/versions", {"version": "1.0.0", "digest": hashlib.sha256(big).hexdigest()})["form"]
    with pytest.raises(Failure, match="EntityTooLarge"):
        api.upload(form["url"], form["fields"], big)
    (tmp_path / "big.zip").write_bytes(big)
    done = cli("app", "publish", "--bundle", str(tmp_path / "big.zip"), "--json")
    assert done.code == 3
    assert done.problem["findings"][0]["code"] == "archive.size"


def test_a_version_is_immutable(cli: Cli, app: Write) -> None:
    first = cli.ok("app", "publish", str(app("fixed")))
    again = cli.ok("app", "publish", str(app("fixed")))
    assert again["digest"] == first["digest"]
    done = cli("app", "publish", str(app("fixed", hello__more="x")), "--json")
    assert (done.code, done.problem["code"]) == (1, "version-exists")
    assert "Raise the version" in done.problem["next"]


def test_absent_files_and_names(cli: Cli, tmp_path: Path) -> None:
    assert cli("app", "publish", "--bundle", str(tmp_path / "absent.zip")).code == 2
    assert cli("app", "check", str(tmp_path)).code == 4
    for fields in (("run", "list"), ("asset", "list"), ("install", "list"), ("event", "send", "a.b")):
        done = cli(*fields, "--tenant", "nobody", "--as", "operator", "--json")
        assert (done.code, done.problem["code"]) == (4, "unknown-tenant"), fields
        assert "interlock tenant create nobody creates it" in done.problem["next"]
    other = cli("asset", "list", "--tenant", "nobody", "--as", "globex", "--json")
    assert (other.code, other.problem["code"]) == (1, "forbidden")
    assert cli("run", "show", "absent", "--json").problem["code"] == "not-found"
    assert cli("tool", "call", "absent", "--json").problem["code"] == "unknown-tool"
    assert cli("install", "add", "acme/absent", "--json").problem["code"] == "unknown-version"
    assert cli("run", "list", "--as", "stranger", "--json").code == 5


def test_installs_are_checked_before_anything_is_written(cli: Cli, app: Write) -> None:
    cli.ok("app", "publish", str(app("checked")))
    without = cli("install", "add", "acme/checked", "--json")
    assert without.code == 3
    assert {row["where"] for row in without.problem["findings"]} == {"catalog:read", "secret:api_key", "state"}
    for fields, code in (
        (("--config", '{"greeting": 3}'), "install.config"),
        (("--config", '{"colour": "red"}'), "install.config"),
        (("--secret", "other=1"), "install.secret"),
    ):
        done = cli("install", "add", "acme/checked", "--yes", *fields, "--json")
        assert done.code == 3
        assert code in {row["code"] for row in done.problem["findings"]}
    assert "acme/checked" not in {row["app"] for row in cli.ok("install", "list")}


def test_a_step_that_misbehaves_fails_its_run_by_name(cli: Cli, app: Write) -> None:
    cli.ok("app", "publish", str(app("bad")))
    cli.ok("install", "add", "acme/bad", "--yes")
    expected = {
        "raise": "LookupError",
        "exit": "Interlock.StepExit",
        "nan": "Interlock.BadOutput",
        "object": "Interlock.BadOutput",
        "hang": "States.Timeout",
    }
    for word, error in expected.items():
        value = json.dumps({"do": word, "name": "Ada"})
        workflow = "stuck" if word == "hang" else "bad"
        done = cli("run", "start", "acme/bad", "--workflow", workflow, "--input", value, "--wait", "--json")
        assert done.code == 1
        failed = done.json["failed"]
        assert failed["error"] == error, (word, failed)
        if word == "raise":
            assert failed["frame"].startswith("hello/steps.py:")
            frame = done.json["steps"][0]["error"]["frames"][-1]
            assert "raise LookupError" in "".join(frame["source"])
            assert "hunter2" not in json.dumps(frame["locals"])


def test_an_event_for_nobody_starts_nothing(cli: Cli) -> None:
    before = {row["id"] for row in cli.ok("run", "list")}
    sent = cli.ok("event", "send", "nobody.cares")
    end = time.monotonic() + 20
    while time.monotonic() < end and sent["id"] not in {row["id"] for row in cli.ok("event", "tail")}:
        threading.Event().wait(0.2)
    assert sent["id"] in {row["id"] for row in cli.ok("event", "tail")}
    assert {row["id"] for row in cli.ok("run", "list")} == before


def test_a_presigned_form_is_for_one_object(platform: Platform) -> None:
    with talking_to(platform.engine):
        form = artifacts.presign(platform.record.artifact_bucket, "uploads/a/b/1.0.0/x.zip")
        assert form.fields["key"] == "uploads/a/b/1.0.0/x.zip"
        assert form.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
