"""The console's page: where it signs people in, and what it may load; the same on AWS and on a machine.

https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
"""

from collections.abc import Sequence

from interlock.contract.core.base import Document

_OWN = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class PageConfig(Document):
    """What the page reads before it signs a person in: `/config.json`."""

    deployment: str
    authorize_url: str
    token_url: str
    logout_url: str
    client_id: str
    scope: str
    sign_in_help: str = ""


def page_policy(images: Sequence[str], connections: Sequence[str]) -> str:
    """The policy of the page: scripts, styles and workers of its own origin, and no other.

    Args:
        images: where images of apps are stored, as origins.
        connections: what the page calls beside its own origin: where tokens are.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "font-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            " ".join(("img-src 'self' data:", *images)),
            " ".join(("connect-src 'self'", *connections)),
            _OWN,
        )
    )


def site_policy() -> str:
    """The policy of the documentation, whose theme has scripts and styles in its pages."""
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; {_OWN}"
    )
