"""What `interlock doctor` says of a machine where something is wrong: what, and what to do."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from interlock.cli.develop import checks
from interlock.cli.develop.checks import Check, run_checks
from interlock.cli.terminal.profiles import Profile, save
from interlock.local.record import PlatformRecord, write_platform


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (*checks.PROXIES, "no_proxy", "NO_PROXY", "INTERLOCK_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("INTERLOCK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def look(profile: str | None = None) -> dict[str, Check]:
    return {row.name: row for row in run_checks(profile)}


def person(url: str) -> Profile:
    return Profile(name="globex", kind="tenant", id="globex", api_url=url, token_url=f"{url}/token", client_id="c")


def test_a_new_machine_has_nothing_wrong() -> None:
    rows = look()
    assert [row for row in rows.values() if row.state == "wrong" and row.name != "port"] == []
    assert rows["engine"].fix == "interlock up"
    assert rows["profile"].state == "warning" and "interlock up" in rows["profile"].fix


def test_whatever_is_not_ok_says_what_to_do(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    save(person(f"http://127.0.0.1:{silent_port}"))
    assert [row for row in look().values() if row.state != "ok" and not row.fix] == []


def test_an_extra_that_is_absent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_mcp(name: str) -> object:
        return None if name == "mcp" else object()

    monkeypatch.setattr(checks, "find_spec", without_mcp)
    rows = {row.name: row for row in checks.look_at_extras()}
    assert rows["extra mcp"] == Check("extra mcp", "warning", "without mcp", "pip install 'interlock[mcp]'")
    assert rows["extra cli"].state == "ok"


def test_an_api_that_does_not_answer_is_wrong(silent_port: int) -> None:
    save(person(f"http://127.0.0.1:{silent_port}"))
    rows = look()
    assert rows["profile"].state == "ok" and "globex" in rows["profile"].detail
    assert rows["API"].state == "wrong" and rows["API"].fix


def test_a_wrong_profile_is_wrong() -> None:
    save(person("http://127.0.0.1:9"))
    row = look("stranger")["profile"]
    assert row.state == "wrong" and "interlock use NAME" in row.fix


def test_secrets_that_others_can_read_are_wrong(home: Path) -> None:
    save(person("http://127.0.0.1:9"))
    (home / "profiles.json").chmod(0o644)
    assert look()["secrets"] == Check(
        "secrets", "wrong", f"others can read {home}/profiles.json", f"chmod 600 {home}/profiles.json"
    )


def test_damaged_profiles_end_no_other_check(home: Path) -> None:
    home.mkdir()
    (home / "profiles.json").write_text("{")
    rows = look()
    assert rows["profile"].state == "wrong" and "login" in rows["profile"].fix
    assert rows["disk"].state == "ok"


@pytest.mark.parametrize(("free", "state"), [(0.2, "wrong"), (2, "warning"), (50, "ok")])
def test_a_full_disk_is_said(free: float, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(_path: object) -> SimpleNamespace:
        return SimpleNamespace(free=free * checks.GB)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    assert look()["disk"].state == state


@pytest.mark.skipif(not Path("/sys").is_dir(), reason="a folder that nobody may write")
def test_a_read_only_home_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLOCK_HOME", "/sys/interlock")
    row = look()["home of platform"]
    assert row.state == "wrong" and "--home DIR" in row.fix


@pytest.mark.parametrize(("direct", "state"), [("", "warning"), ("localhost,127.0.0.1", "ok"), ("*", "ok")])
def test_a_proxy_in_the_way_is_said(direct: str, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example")
    monkeypatch.setenv("NO_PROXY", direct)
    assert look()["proxy"].state == state


def test_a_port_of_another_program_is_wrong(home: Path) -> None:
    home.mkdir()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        record = PlatformRecord(endpoint_url=f"http://127.0.0.1:{port}", region="us-east-1", account="0")
        write_platform(home / "platform.json", record)
        row = look()["port"]
    assert row.state == "wrong" and str(port) in row.detail and "--port 0" in row.fix


def test_a_check_that_breaks_ends_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_path: object) -> object:
        raise ValueError("out of order")

    monkeypatch.setattr(shutil, "disk_usage", broken)
    rows = look()
    assert rows["disk"].state == "wrong" and "out of order" in rows["disk"].detail
    assert "profile" in rows
