"""The console's server on this machine: the page, its sign-in, and the control API on one port of loopback.

`python -m interlock.cli.console.server PORT` runs it for as long as the engine runs.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interlock.cli.console.codes import take_code
from interlock.cli.console.sessions import SESSION_SECONDS, Sessions
from interlock.cli.terminal.client import ProfileTransport
from interlock.cli.terminal.profiles import load, named
from interlock.contract.core.failure import Failure
from interlock.contract.core.names import API_SCOPE
from interlock.contract.page import PageConfig, page_policy
from interlock.local.engine.record import read_record, runs
from interlock.local.home import Home, home
from interlock.local.page import page_folder
from interlock.local.record import read_platform

LOOPBACK = "127.0.0.1"
COOKIE = "interlock-console"
CLIENT = "console"
CALLBACK = "/callback"
PASSED_ON = ("authorization", "content-type", "accept", "idempotency-key", "if-none-match")
ANSWERED = ("content-type", "etag", "retry-after", "cache-control", "interlock-poll")
API_SECONDS = 35.0
"""API Gateway answers within 30 s, or not at all."""
LOOK_SECONDS = 1.0
NOT_BUILT = "The console is not built yet. Build and open it: interlock console\n"
SIGN_IN = "This code was used, or is older than a minute. Get another: interlock console\n"


def create_server(place: Home, page: Path) -> Starlette:
    """The server of one platform.

    Args:
        place: where the platform, the profiles and the one-time codes are.
        page: the folder of the built page.
    """
    desk = _SignInDesk(place)
    api = httpx.AsyncClient(timeout=API_SECONDS, follow_redirects=False)

    @contextlib.asynccontextmanager
    async def life(_: Starlette) -> AsyncGenerator[None]:
        yield
        await api.aclose()

    async def proxy(request: Request) -> Response:
        return await _call_api(api, place, request)

    routes = [
        Route("/healthz", _healthy),
        Route("/config.json", _config),
        Route("/sign-in", desk.sign_in),
        Route("/oauth2/authorize", desk.authorize),
        Route("/oauth2/token", desk.token, methods=["POST"]),
        Route("/logout", desk.sign_out),
        Route("/v1/{path:path}", proxy, methods=["GET", "POST", "PUT", "DELETE"]),
        Route("/{path:path}", _Page(page).serve, methods=["GET"]),
    ]
    # A page of elsewhere that resolves its own name to loopback is refused by the name that it has.
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[LOOPBACK, "localhost"], www_redirect=False)
    return Starlette(routes=routes, middleware=[hosts, Middleware(_Headers, place=place)], lifespan=life)


async def _healthy(_: Request) -> Response:
    return PlainTextResponse("ok")


async def _config(_: Request) -> Response:
    config = PageConfig(
        deployment="local",
        authorize_url="/oauth2/authorize",
        token_url="/oauth2/token",
        logout_url="/logout",
        client_id=CLIENT,
        scope=f"openid {API_SCOPE}",
        sign_in_help="Run `interlock console` to sign in as a profile of this machine.",
    )
    return Response(config.model_dump_json(), media_type="application/json")


class _SignInDesk:
    """The routes by which a browser becomes a profile."""

    def __init__(self, place: Home) -> None:
        self._codes = place.root / "console" / "codes"
        self._sessions = Sessions()
        self._transports: dict[str, ProfileTransport] = {}

    async def sign_in(self, request: Request) -> Response:
        profile = take_code(self._codes, request.query_params.get("code", ""))
        if profile is None:
            return PlainTextResponse(SIGN_IN, status_code=403)
        to = request.query_params.get("to", "/")
        # A path of this page, and no address of elsewhere (`//host`, `/\\host`).
        answer = RedirectResponse(to if to.startswith("/") and to[1:2] not in ("/", "\\") else "/", status_code=303)
        cookie = self._sessions.begin(profile)
        answer.set_cookie(
            COOKIE, cookie, max_age=int(SESSION_SECONDS), path="/", httponly=True, samesite="strict", secure=False
        )
        return answer

    async def authorize(self, request: Request) -> Response:
        params = request.query_params
        back = urlsplit(params.get("redirect_uri", ""))
        if back.path != CALLBACK or back.netloc != request.url.netloc or params.get("client_id") != CLIENT:
            return PlainTextResponse("redirect_uri or client_id is not this console's\n", status_code=400)
        code = self._sessions.authorize(request.cookies.get(COOKIE, ""), params.get("code_challenge", ""))
        answer = {"code": code} if code else {"error": "login_required"}
        answer |= {"state": params.get("state", "")}
        return RedirectResponse(f"{CALLBACK}?{urlencode(answer)}", status_code=303)

    async def token(self, request: Request) -> Response:
        form = await request.form()
        refresh = str(form.get("refresh_token", ""))
        if form.get("grant_type") == "refresh_token":
            profile = self._sessions.refresh(refresh)
        else:
            profile = self._sessions.redeem(str(form.get("code", "")), str(form.get("code_verifier", "")))
        if profile is None:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        try:
            token, seconds = await run_in_threadpool(self._token_of, profile)
        except Failure as failure:
            return JSONResponse({"error": "invalid_grant", "error_description": str(failure)}, status_code=400)
        refresh = refresh or self._sessions.begin(profile)
        answer = {"access_token": token, "refresh_token": refresh, "token_type": "Bearer", "expires_in": int(seconds)}
        return JSONResponse(answer, headers={"cache-control": "no-store"})

    async def sign_out(self, request: Request) -> Response:
        self._sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer

    def _token_of(self, name: str) -> tuple[str, float]:
        profile = named(load().profiles, name, "profile")
        # Of one name there may be other credentials by now: its tenant was registered again.
        key = f"{profile.api_url} {profile.api_host} {profile.client_id} {profile.client_secret}"
        transport = self._transports.setdefault(key, ProfileTransport(profile))
        return transport.token(), transport.seconds_left()


async def _call_api(api: httpx.AsyncClient, place: Home, request: Request) -> Response:
    record = read_platform(place.record)
    if record is None or not record.api_url:
        return _problem("no-platform", "the local platform is not up", "Start it: interlock up")
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    query = f"?{request.url.query}" if request.url.query else ""
    # As the browser wrote it: a decoded `%2F` would be another path.
    path = request.scope["raw_path"].decode("ascii").split("?")[0]
    try:
        answer = await api.request(
            request.method,
            f"{record.api_url}{path}{query}",
            content=await request.body(),
            headers=headers | {"host": record.api_host},
        )
    except httpx.TimeoutException:
        return _problem("no-answer", "the platform took too long to answer", "interlock status")
    except httpx.HTTPError:
        return _problem("no-answer", "the platform did not answer", "interlock status")
    passed = {name: answer.headers[name] for name in ANSWERED if name in answer.headers}
    return Response(answer.content, status_code=answer.status_code, headers=passed)


def _problem(code: str, detail: str, next_step: str) -> Response:
    body = {"type": f"urn:interlock:error:{code}", "code": code, "title": detail, "status": 503, "detail": detail}
    return JSONResponse(
        body | {"where": "the local platform", "next": next_step},
        status_code=503,
        media_type="application/problem+json",
    )


class _Page:
    """The built files; every other path is the page itself, which routes by it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = StaticFiles(directory=folder, check_dir=False)

    async def serve(self, request: Request) -> Response:
        path = request.path_params["path"]
        index = self._folder / "index.html"
        if not index.is_file():
            return PlainTextResponse(NOT_BUILT, status_code=503)
        # A page's address may end with a version (`versions/1.0.0`).
        is_page = path.startswith(("t/", "p/")) or "." not in path.rsplit("/", 1)[-1]
        file = "index.html" if is_page and not path.startswith("assets/") else path
        answer = await self._files.get_response(file, request.scope)
        # Files of the build are named by their content.
        forever = path.startswith("assets/") and answer.status_code == 200
        answer.headers["cache-control"] = "public, max-age=31536000, immutable" if forever else "no-cache"
        return answer


class _Headers:
    """Headers that hold for every answer: what the page may load, and who may frame it."""

    def __init__(self, app: ASGIApp, place: Home) -> None:
        self._app, self._place = app, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                pairs = {"content-security-policy": self._policy(), "x-content-type-options": "nosniff"}
                pairs |= {"referrer-policy": "no-referrer", "cross-origin-opener-policy": "same-origin"}
                message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in pairs.items())]
            await send(message)

        await self._app(scope, receive, with_headers)

    def _policy(self) -> str:
        record = read_platform(self._place.record)
        return page_policy(images=[record.endpoint_url] if record else [], connections=[])


def main(arguments: list[str]) -> None:
    """Serve until the engine ends."""
    place = home()
    config = uvicorn.Config(
        create_server(place, page_folder()), host=LOOPBACK, port=int(arguments[0]), log_level="warning"
    )
    server = uvicorn.Server(config)

    def end_with_engine() -> None:
        over = threading.Event()
        while (record := read_record(place.engine)) is not None and runs(record.engine):
            over.wait(LOOK_SECONDS)
        server.should_exit = True

    threading.Thread(target=end_with_engine, daemon=True).start()
    server.run()


if __name__ == "__main__":
    main(sys.argv[1:])
