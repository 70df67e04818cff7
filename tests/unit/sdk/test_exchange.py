"""Why a call got no answer, in words that a person who set up a webhook understands."""

import http.client
import socket
import ssl

import pytest

from interlock.sdk.exchange import why_unanswered


def certificate() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "certificate has expired"
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "it refuses connections"),
        (TimeoutError("the time for the call is over"), "it took too long"),
        (ConnectionResetError(104, "Connection reset by peer"), "it closed the connection"),
        (http.client.RemoteDisconnected("no answer"), "it closed the connection"),
        (http.client.BadStatusLine("SSH-2.0"), "its answer is not HTTP"),
        (certificate(), "its certificate is not valid (certificate has expired)"),
        (ssl.SSLError(1, "wrong version number"), "it does not speak TLS"),
        (OSError(113, "No route to host"), "No route to host"),
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (OSError(), "OSError"),
    ],
)
def test_reason_has_no_name_of_an_exception(error: Exception, expected: str) -> None:
    assert why_unanswered(error) == expected
