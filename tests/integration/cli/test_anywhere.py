"""The command line from any folder: as a process of its own, with a user's home that holds nothing, or is read-only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROFILE = {
    "kind": "tenant",
    "api_url": "http://127.0.0.1:9",
    "token_url": "http://127.0.0.1:9/token",
    "client_id": "c",
    "client_secret": "hunter2",
}
UNSET = ("INTERLOCK_HOME", "INTERLOCK_PROFILE", "XDG_CONFIG_HOME", "XDG_DATA_HOME")


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """The home of a user with two profiles."""
    folder = tmp_path / "user" / ".config" / "interlock"
    folder.mkdir(parents=True)
    profiles = {name: PROFILE | {"name": name, "id": name} for name in ("globex", "initech")}
    (folder / "profiles.json").write_text(json.dumps({"profiles": profiles}))
    return tmp_path / "user"


def interlock(user: str | Path, folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, as a user."""
    rest = {name: value for name, value in os.environ.items() if name not in UNSET}
    command = [str(Path(sys.executable).with_name("interlock")), *arguments]
    environment = rest | {"HOME": str(user)} | more
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


def test_a_profile_is_chosen_in_one_folder_and_used_in_another(user: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    done = interlock(user, tmp_path, "use", "globex")
    assert done.returncode == 0 and "Commands act as globex" in done.stdout, done.stderr
    listed = json.loads(interlock(user, tmp_path / "elsewhere", "use", "--json").stdout)
    assert listed["in_use"] == "globex" and [row["name"] for row in listed["profiles"]] == ["globex", "initech"]
    assert "hunter2" not in json.dumps(listed)
    assert not [path for path in tmp_path.rglob("*") if path.name == ".interlock"]
    file = user / ".config" / "interlock" / "profiles.json"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_wrong_profile_is_answered_with_the_right_ones(user: Path, tmp_path: Path) -> None:
    for arguments, more in (
        (("use", "stranger"), {}),
        (("run", "list", "--profile", "stranger"), {}),
        (("--profile", "stranger", "run", "list"), {}),
        (("run", "list"), {"INTERLOCK_PROFILE": "stranger"}),
    ):
        done = interlock(user, tmp_path, *arguments, **more)
        assert done.returncode == 5, done.stderr
        assert "interlock use NAME. The profiles are: globex, initech." in done.stderr


def test_a_home_is_named_before_the_command(tmp_path: Path) -> None:
    home = tmp_path / "project"
    done = interlock(tmp_path / "nobody", tmp_path, "--home", str(home), "use", "stranger")
    assert done.returncode == 5 and "nobody is signed in" in done.stderr
    done = interlock(tmp_path / "nobody", tmp_path, "--home", str(home), "status", "--json")
    assert done.returncode == 5 and json.loads(done.stdout)["home"] == str(home)


@pytest.mark.parametrize("home", ["", "/nonexistent"])
def test_a_user_without_a_home_can_look(tmp_path: Path, home: str) -> None:
    for arguments in (("status",), ("use",), ("--version",)):
        done = interlock(home, tmp_path, *arguments, XDG_DATA_HOME=str(tmp_path / "data"))
        assert "Traceback" not in done.stderr
        assert done.returncode == (5 if arguments == ("status",) else 0), done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/sys").is_dir(), reason="a folder that nobody may write")
def test_a_read_only_home_is_named_with_the_option(tmp_path: Path) -> None:
    done = interlock("/sys", tmp_path, "up")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "/sys/.local" in done.stderr and "--home DIR" in done.stderr
