"""The console's server without a platform behind it: what it answers, to whom, and with which headers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from interlock.cli.console.codes import make_code
from interlock.cli.console.server import create_server
from interlock.local.home import Home

ORIGIN = "http://127.0.0.1"


@pytest.fixture
def place(tmp_path: Path) -> Home:
    """A home without a platform."""
    return Home(root=tmp_path, tools=tmp_path, config=tmp_path)


@pytest.fixture
def browser(place: Home) -> Iterator[TestClient]:
    """A browser at a built page."""
    page = place.root / "dist"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<html>the page")
    (page / "assets" / "index-1.js").write_text("1")
    with TestClient(create_server(place, page), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


def test_every_address_is_the_page(browser: TestClient) -> None:
    for path in ("/", "/t/acme/runs", "/t/acme/runs/abc?tab=graph", "/p/acme", "/p/acme/apps/orders/versions/1.0.0"):
        answer = browser.get(path)
        assert (answer.status_code, answer.text) == (200, "<html>the page")
        assert answer.headers["cache-control"] == "no-cache"
    assert "immutable" in browser.get("/assets/index-1.js").headers["cache-control"]


def test_files_that_are_not_there_are_not_the_page(browser: TestClient) -> None:
    assert browser.get("/assets/old.js").status_code == 404
    assert browser.get("/robots.txt").status_code == 404
    assert browser.get("/%2e%2e/profiles.json").status_code == 404


def test_a_page_that_is_not_built_says_how(place: Home) -> None:
    with TestClient(create_server(place, place.root / "nothing"), base_url=ORIGIN) as client:
        answer = client.get("/")
    assert answer.status_code == 503
    assert "interlock console" in answer.text


def test_each_answer_has_the_policy(browser: TestClient) -> None:
    for path in ("/", "/config.json", "/v1/me", "/sign-in"):
        policy = browser.get(path).headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy


def test_a_name_of_elsewhere_is_refused(browser: TestClient) -> None:
    answer = browser.get("/v1/me", headers={"host": "evil.example"})
    assert answer.status_code == 400


def test_a_code_signs_in_once_and_stays_here(browser: TestClient, place: Home) -> None:
    code = make_code(place.root / "console" / "codes", "acme")
    answer = browser.get("/sign-in", params={"code": code, "to": "//evil.example"})
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    browser.cookies.clear()
    assert browser.get("/sign-in", params={"code": code}).status_code == 403


def test_codes_are_for_this_page_alone(browser: TestClient, place: Home) -> None:
    code = make_code(place.root / "console" / "codes", "acme")
    browser.get("/sign-in", params={"code": code})
    query = {"client_id": "console", "code_challenge": "c", "state": "s"}
    back = {"redirect_uri": f"{ORIGIN}/callback"}
    assert "code=" in browser.get("/oauth2/authorize", params=query | back).headers["location"]
    for wrong in ("https://evil.example/callback", f"{ORIGIN}/elsewhere", ""):
        assert browser.get("/oauth2/authorize", params=query | {"redirect_uri": wrong}).status_code == 400
    assert browser.get("/oauth2/authorize", params=query | back | {"client_id": "x"}).status_code == 400


def test_nobody_gets_a_token_without_a_session(browser: TestClient) -> None:
    query = {"client_id": "console", "code_challenge": "c", "state": "s", "redirect_uri": f"{ORIGIN}/callback"}
    assert "error=login_required" in browser.get("/oauth2/authorize", params=query).headers["location"]
    for form in (
        {"grant_type": "authorization_code", "code": "x", "code_verifier": "y"},
        {"grant_type": "refresh_token"},
    ):
        answer = browser.post("/oauth2/token", data=form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_without_a_platform_the_api_says_so(browser: TestClient) -> None:
    answer = browser.get("/v1/me")
    assert answer.status_code == 503
    assert answer.json()["code"] == "no-platform"
    assert answer.headers["content-type"] == "application/problem+json"
