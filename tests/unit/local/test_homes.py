"""Where profiles and the platform are: the user's folders, found from any folder, or one folder that is named."""

from pathlib import Path

import pytest

from interlock.contract.core.failure import BadRequest
from interlock.local.home import VARIABLE, home, own_folder, write_whole

FOLDERS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", VARIABLE)


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user whose home is empty, and who set nothing."""
    for name in FOLDERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path / "user"


def test_a_home_is_the_users_from_any_folder(user: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    homes = []
    for folder in ("a", "b/.interlock"):
        (tmp_path / folder).mkdir(parents=True)
        monkeypatch.chdir(tmp_path / folder)
        homes.append(home())
    assert homes[0] == homes[1]
    assert homes[0].config == user / ".config" / "interlock"
    assert homes[0].root == homes[0].tools == user / ".local" / "share" / "interlock"


def test_xdg_variables_name_the_folders(user: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert home().config == tmp_path / "config" / "interlock"
    assert home().root == tmp_path / "data" / "interlock"
    # The specification wants a relative one ignored: it would be another folder in each directory.
    monkeypatch.setenv("XDG_CONFIG_HOME", "config")
    assert home().config == user / ".config" / "interlock"


@pytest.mark.parametrize("value", ["", "relative"])
def test_a_home_variable_without_a_path_is_ignored(user: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HOME", value)
    place = home()
    assert place.config.is_absolute() and len(place.config.parts) > 3
    assert not place.config.is_relative_to(Path.cwd())


def test_a_user_without_a_home_is_told_what_to_set(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "")
    monkeypatch.setattr("os.getuid", lambda: 3_999_999_999)
    with pytest.raises(BadRequest, match="no home folder") as caught:
        home()
    assert "--home DIR" in caught.value.next_step


def test_a_named_home_holds_everything(user: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "project"))
    place = home()
    assert {place.root, place.config, place.tools, place.engine.parent} == {tmp_path / "project"}
    monkeypatch.setenv(VARIABLE, "~/project")
    assert home().root == user / "project"
    monkeypatch.setenv(VARIABLE, "")
    assert home().config == user / ".config" / "interlock"


def test_a_file_and_its_folders_are_for_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_whole(path, b"secret")
    write_whole(path, b"another")
    assert path.read_bytes() == b"another"
    assert path.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in (tmp_path / "a", tmp_path / "a" / "b")} == {0o700}
    assert [file.name for file in path.parent.iterdir()] == ["file"]
    before = tmp_path.stat().st_mode
    own_folder(tmp_path)
    assert tmp_path.stat().st_mode == before
