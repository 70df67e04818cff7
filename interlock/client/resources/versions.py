"""The versions of an app.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

import json
from collections.abc import Iterator
from typing import Any

from interlock.client.calls import Calls, part, rows
from interlock.contract.registration import NewVersion, VersionPage, Withdrawal
from interlock.contract.registry import UploadTicket, Version
from interlock.contract.version_check import VersionCheck, VersionCheckResult


class VersionsResource:
    """The versions of an app."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def check(self, publisher: str, name: str, body: VersionCheck, *, key: str = "") -> VersionCheckResult:
        """Say what publishing would find of a part of a bundle that only the platform knows.

        Libraries are compared with the operator's advisories, AWS is asked about the definitions, and hosts are held
        against the deployment's network. Nothing is stored.
        """
        return VersionCheckResult.model_validate_json(
            self._calls.fetch("POST", f"/v1/publishers/{part(publisher)}/apps/{part(name)}/checks", body, key=key)
        )

    def list(self, publisher: str, name: str, *, limit: int | None = None, cursor: str | None = None) -> VersionPage:
        """List an app's versions; only the listed ones for callers outside the publisher.

        A page may be short and not the last.
        """
        return VersionPage.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions",
                query={"limit": limit, "cursor": cursor},
            )
        )

    def iterate(self, publisher: str, name: str, *, most: int | None = None) -> Iterator[Version]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(publisher, name, limit=limit, cursor=cursor),
            lambda page: page.versions,
            most,
            100,
        )

    def create(self, publisher: str, name: str, body: NewVersion, *, key: str = "") -> UploadTicket:
        """Register a version, and answer the form with which its bundle is uploaded."""
        return UploadTicket.model_validate_json(
            self._calls.fetch("POST", f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions", body, key=key)
        )

    def get(self, publisher: str, name: str, version: str) -> Version:
        """Show one version."""
        return Version.model_validate_json(
            self._calls.fetch("GET", f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}")
        )

    def get_bill_of_materials(self, publisher: str, name: str, version: str) -> dict[str, Any]:
        """Show the bill of materials of a version, in CycloneDX."""
        return json.loads(
            self._calls.fetch(
                "GET", f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/sbom"
            )
        )

    def set_status(self, publisher: str, name: str, version: str, body: Withdrawal, *, key: str = "") -> Version:
        """Deprecate or yank a listed version, or take a deprecation back."""
        return Version.model_validate_json(
            self._calls.fetch(
                "POST",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/status",
                body,
                key=key,
            )
        )
