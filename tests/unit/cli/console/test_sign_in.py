"""How a browser becomes a profile on this machine: a one-time code, a session, and the code flow with PKCE."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from interlock.cli.console.codes import SignIn, make_code, take_code
from interlock.cli.console.sessions import MOST, Sessions


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def test_a_code_is_good_once(tmp_path: Path) -> None:
    code = make_code(tmp_path, "acme")
    assert take_code(tmp_path, code) == "acme"
    assert take_code(tmp_path, code) is None
    assert list(tmp_path.iterdir()) == []


def test_a_code_is_in_no_file(tmp_path: Path) -> None:
    code = make_code(tmp_path, "acme")
    [file] = tmp_path.iterdir()
    assert code not in file.name + file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_a_code_that_is_too_old_is_worth_nothing(tmp_path: Path) -> None:
    code = make_code(tmp_path, "acme")
    [file] = tmp_path.iterdir()
    file.write_text(SignIn(profile="acme", until=1.0).model_dump_json())
    assert take_code(tmp_path, code) is None


def test_strange_codes_name_nobody(tmp_path: Path) -> None:
    make_code(tmp_path, "acme")
    for code in ("", "../../profiles", "x" * 10_000, "\0"):
        assert take_code(tmp_path, code) is None


def test_a_session_redeems_with_its_verifier_alone() -> None:
    sessions = Sessions()
    cookie = sessions.begin("acme")
    code = sessions.authorize(cookie, _challenge("verifier"))
    assert code is not None
    assert sessions.redeem(code, "another") is None
    # A code that was tried with a wrong verifier is used up.
    assert sessions.redeem(code, "verifier") is None
    again = sessions.authorize(cookie, _challenge("verifier"))
    assert again is not None
    assert sessions.redeem(again, "verifier") == "acme"


def test_nobody_is_signed_in_without_a_session() -> None:
    sessions = Sessions()
    assert sessions.authorize("", _challenge("v")) is None
    assert sessions.authorize("forged", _challenge("v")) is None
    cookie = sessions.begin("acme")
    assert sessions.authorize(cookie, "") is None
    sessions.end(cookie)
    assert sessions.authorize(cookie, _challenge("v")) is None


def test_sessions_do_not_grow_without_bound() -> None:
    sessions = Sessions()
    first = sessions.begin("acme")
    for _ in range(MOST):
        sessions.begin("globex")
    assert sessions.refresh(first) is None
