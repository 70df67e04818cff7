"""An operator's first day, from what `cdk deploy` leaves to a tenant's first run: AWS credentials and nothing local."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.local.environment import environment, talking_to
from interlock.local.platform import Platform
from tests.support.cli import Cli, Write
from tests.support.hello_app import MANIFEST


@pytest.fixture
def outputs(platform: Platform, tmp_path: Path) -> Path:
    """What `cdk deploy --outputs-file` writes: the outputs of each stack."""
    with talking_to(platform.engine):
        stacks = client("cloudformation").describe_stacks()["Stacks"]
    rows = {row["StackName"]: row.get("Outputs", []) for row in stacks}
    file = tmp_path / "of-cdk.json"
    file.write_text(
        json.dumps({name: {one["OutputKey"]: one["OutputValue"] for one in row} for name, row in rows.items()})
    )
    return file


@pytest.fixture
def laptop(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A machine that has AWS credentials, and has never seen the platform."""
    for name, value in environment(platform.engine).items():
        monkeypatch.setenv(name, value)
    # The Region is the deployment's, whatever this one says.
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    return Cli(tmp_path / "home")


def test_from_deployed_stacks_to_a_tenants_first_run(
    laptop: Cli, outputs: Path, app: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = laptop.ok("operator", "create", "--outputs", str(outputs), "--name", "dayone")
    profile = json.loads((laptop.home / "profiles.json").read_text())["profiles"]["dayone"]
    assert created["client_id"] == profile["client_id"]
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    assert laptop.ok("whoami")["memberships"][0]["role"] == "operator"
    laptop.ok("tenant", "create", "firstday")
    laptop.ok("publisher", "create", "dayone-apps")
    folder = app("first", interlock__toml=None)
    manifest = MANIFEST.replace("NAME", "first").replace("VERSION", "1.0.0").replace("acme/", "dayone-apps/")
    (folder / "interlock.toml").write_text(manifest)
    assert laptop.ok("app", "publish", str(folder))["status"] == "listed"
    config = ("--config", '{"greeting": "Hi"}', "--secret", "api_key=x")
    laptop.ok("install", "add", "dayone-apps/first", "--yes", *config)
    done = laptop.ok("tool", "call", "greet_first", "--arguments", '{"name": "Ada"}', "--wait")
    assert done["output"]["value"]["text"] == "HI, ADA"


def test_a_machine_signs_in_from_the_outputs_alone(
    laptop: Cli, outputs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    laptop.ok("operator", "create", "--outputs", str(outputs), "--name", "pipeline")
    profile = json.loads((laptop.home / "profiles.json").read_text())["profiles"]["pipeline"]
    monkeypatch.setenv("INTERLOCK_CLIENT_SECRET", profile["client_secret"])
    other = Cli(tmp_path / "other")
    signed_in = other.ok("login", "--outputs", str(outputs), "--client-id", profile["client_id"])
    assert signed_in["memberships"][0]["scope"] == "platform"


def refused(cli: Cli, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = cli("operator", "create", *arguments, "--json")
    assert "Traceback" not in done.err and not (cli.home / "profiles.json").exists()
    return done.code, done.problem


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"interlock-control": {"ApiUrl": "x"}}', "[" * 100_000])
def test_a_file_that_is_no_outputs_is_refused(laptop: Cli, tmp_path: Path, text: str) -> None:
    file = tmp_path / "outputs.json"
    file.write_text(text)
    code, problem = refused(laptop, "--outputs", str(file))
    assert code == 1 and "cdk deploy" in problem["next"]
    file.unlink()
    assert refused(laptop, "--outputs", str(file))[0] == 1


def test_credentials_of_another_account_are_refused(laptop: Cli, outputs: Path, tmp_path: Path) -> None:
    file = tmp_path / "outputs.json"
    file.write_text(outputs.read_text().replace("000000000000", "111122223333"))
    code, problem = refused(laptop, "--outputs", str(file))
    assert problem["code"] == "aws-account" and "111122223333" in problem["detail"] and code != 0


def test_without_aws_credentials_it_says_so(laptop: Cli, outputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "AWS_PROFILE" in refused(laptop, "--outputs", str(outputs))[1]["next"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    assert "AWS refused" in refused(laptop, "--outputs", str(outputs))[1]["detail"]


@pytest.mark.parametrize(
    ("option", "value"), [("--name", "Not A Name"), ("--email", "nobody"), ("--email", "a b@c.de")]
)
def test_a_wrong_name_or_address_is_refused(laptop: Cli, outputs: Path, option: str, value: str) -> None:
    code, problem = refused(laptop, "--outputs", str(outputs), option, value)
    assert (code, problem["where"]) == (1, option)
