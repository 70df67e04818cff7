"""Profiles: which one a command acts as, and that nobody else reads the file."""

from pathlib import Path

import pytest

from interlock.cli.terminal.profiles import (
    FILE,
    VARIABLE,
    Kind,
    Profile,
    choose,
    load,
    own_name,
    resolve,
    resolve_any,
    save,
    use,
)
from interlock.contract.core.failure import BadRequest, NotSignedIn


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INTERLOCK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path / "home"


def profile(name: str, kind: Kind = "tenant", owner: str | None = None, place: str = "http://127.0.0.1:1") -> Profile:
    identity = name if owner is None else owner
    return Profile(name=name, kind=kind, id=identity, api_url=place, token_url=place, client_id=name)


def add(*profiles: Profile) -> None:
    for one in profiles:
        save(one)


def test_the_file_is_for_its_owner_and_keeps_every_profile(home: Path) -> None:
    add(profile("acme"), profile("globex"))
    add(profile("acme", "publisher"))
    assert (home / FILE).stat().st_mode & 0o777 == 0o600
    assert {one.name: one.kind for one in load().profiles.values()} == {"acme": "publisher", "globex": "tenant"}
    assert [file.name for file in home.iterdir()] == [FILE]


def test_a_publisher_does_not_take_the_name_of_a_tenants_profile() -> None:
    assert own_name("acme", "publisher") == "acme"
    add(profile("acme"))
    assert own_name("acme", "publisher") == "acme-publisher"
    assert own_name("acme", "tenant") == "acme", "the same tenant, registered again"


def test_without_a_file_there_is_no_profile() -> None:
    assert load().profiles == {}
    with pytest.raises(NotSignedIn) as caught:
        choose(None, "tenant")
    assert caught.value.next_step == "Start the platform: interlock up"


def test_a_named_profile_is_taken_whatever_its_kind() -> None:
    add(profile("acme", "publisher"), profile(".hidden"))
    assert choose("acme", "tenant").name == "acme"
    assert choose(".hidden", "tenant").name == ".hidden"
    with pytest.raises(NotSignedIn) as caught:
        choose("stranger", "tenant")
    assert ".hidden, acme" in caught.value.next_step


def test_the_only_profile_that_fits_is_taken() -> None:
    add(profile("operator", "operator", ""), profile("acme", "publisher"), profile("globex"), profile(".dry", "tenant"))
    assert choose(None, "tenant").name == "globex"
    assert choose(None, "publisher").name == "acme"
    assert choose(None, "operator").name == "operator"


def test_of_several_the_command_says_which_or_asks() -> None:
    add(profile("globex"), profile("initech"))
    assert choose(None, "tenant", "initech").name == "initech"
    with pytest.raises(BadRequest, match="globex, initech") as caught:
        choose(None, "tenant")
    assert caught.value.where == "--profile"
    assert "interlock use NAME" in caught.value.next_step


def test_a_tenants_own_profile_comes_before_its_people() -> None:
    add(profile("globex"), profile("olga", "tenant", "globex"))
    assert choose(None, "tenant", "globex").name == "globex"


def test_the_operator_acts_for_a_tenant_that_is_named() -> None:
    add(profile("operator", "operator", ""))
    assert choose(None, "tenant", "globex").name == "operator"
    with pytest.raises(NotSignedIn) as caught:
        choose(None, "publisher")
    assert caught.value.next_step == "interlock publisher create NAME"


def test_the_profile_in_use_is_taken_where_it_fits() -> None:
    add(profile("operator", "operator", ""), profile("globex"), profile("initech"), profile("acme", "publisher"))
    use("initech")
    assert resolve(None, "tenant") == (load().profiles["initech"], "interlock use")
    assert choose(None, "tenant", "globex").name == "globex"
    assert choose(None, "publisher").name == "acme"
    assert resolve_any(None).profile.name == "initech"
    add(profile("hooli"))
    assert choose(None, "tenant").name == "initech"


def test_a_named_profile_goes_before_the_one_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    add(profile("operator", "operator", ""), profile("globex"), profile("initech"))
    use("initech")
    monkeypatch.setenv(VARIABLE, "globex")
    assert resolve(None, "operator") == (load().profiles["globex"], VARIABLE)
    assert resolve("operator", "tenant").origin == "--profile"
    assert resolve_any(None) == (load().profiles["globex"], VARIABLE)
    monkeypatch.setenv(VARIABLE, "")
    assert resolve_any(None).profile.name == "initech"


def test_profiles_of_another_platform_are_not_chosen_alone() -> None:
    far = "https://elsewhere.example"
    add(profile("operator", "operator", ""), profile("hooli", place=far), profile("acme", "publisher"))
    use("hooli")
    with pytest.raises(NotSignedIn):
        choose(None, "publisher")
    with pytest.raises(NotSignedIn):
        choose(None, "operator")
    assert choose("operator", "operator").name == "operator"


@pytest.mark.parametrize("how", ["use", "--profile", "variable"])
def test_a_wrong_name_is_answered_with_the_right_ones(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    add(profile("globex"), profile("initech"))
    with pytest.raises(NotSignedIn, match="no profile 'stranger'") as caught:
        if how == "use":
            use("stranger")
        else:
            monkeypatch.setenv(VARIABLE, "stranger" if how == "variable" else "")
            choose("stranger" if how == "--profile" else None, "tenant")
    assert caught.value.next_step == "Choose one: interlock use NAME. The profiles are: globex, initech."
    assert load().in_use == ""


def test_a_profile_in_use_that_is_gone_is_named(home: Path) -> None:
    add(profile("globex"), profile("initech"))
    use("globex")
    (home / FILE).write_text((home / FILE).read_text().replace('"globex": {', '"other": {'))
    with pytest.raises(NotSignedIn, match="globex"):
        choose(None, "tenant")


def test_secrets_are_in_no_representation() -> None:
    secret = profile("acme").model_copy(update={"client_secret": "hunter2", "refresh_token": "tok-en"})
    assert "hunter2" not in repr(secret) and "tok-en" not in str(secret)
