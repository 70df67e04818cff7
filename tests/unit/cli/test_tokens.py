"""What a token endpoint's answer means: a token, a profile that it does not know, or a moment to wait."""

import io
from typing import Any

import pytest
import urllib3

from interlock.cli.terminal.tokens import exchange
from interlock.contract.core.failure import Failure, NotSignedIn, Unavailable

FORM = {"grant_type": "client_credentials"}


def answering(status: int, body: bytes) -> Any:
    def send(_method: str, _url: str, **_fields: Any) -> urllib3.BaseHTTPResponse:
        return urllib3.HTTPResponse(io.BytesIO(body), status=status)

    return send


def test_token_is_in_the_answer() -> None:
    assert exchange("http://idp", FORM, answering(200, b'{"access_token": "t"}'), name="acme") == {"access_token": "t"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, NotSignedIn), (401, NotSignedIn), (429, Unavailable), (500, Unavailable), (503, Unavailable)],
)
def test_busy_endpoint_does_not_refuse_anybody(status: int, kind: type[Failure]) -> None:
    with pytest.raises(Failure) as caught:
        exchange("http://idp", FORM, answering(status, b"no"), name="acme")
    assert (type(caught.value), caught.value.where) == (kind, "acme")
