"""Recorded runs, repeated dry with another version and compared; also the rehearsal of an upgrade.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.verification import Verification, VerificationPage, VerificationRequest, VerificationSummary


class VerificationsResource:
    """Recorded runs, repeated dry with another version and compared; also the rehearsal of an upgrade."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str, *, limit: int | None = None, cursor: str | None = None) -> VerificationPage:
        """List the verifications of a tenant with their counts, newest first.

        A page may be short and not the last.
        """
        return VerificationPage.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/verifications", query={"limit": limit, "cursor": cursor}
            )
        )

    def iterate(self, tenant: str, *, most: int | None = None) -> Iterator[VerificationSummary]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, limit=limit, cursor=cursor),
            lambda page: page.verifications,
            most,
            100,
        )

    def create(self, tenant: str, body: VerificationRequest, *, key: str = "") -> Verification:
        """Begin to repeat recorded runs dry with a version, and to compare each with its record.

        With `install`, its upgrade is rehearsed with its last runs. Nothing is performed: reads are answered from the
        records, and effects are captured and compared.
        """
        return Verification.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/verifications", body, key=key)
        )

    def get(self, tenant: str, job: str) -> Verification:
        """Show a verification with the verdict of each run.

        Dry runs that are over are compared when it is read.
        """
        return Verification.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/verifications/{part(job)}")
        )

    def stop(self, tenant: str, job: str, *, key: str = "") -> Verification:
        """Stop a verification.

        It starts and compares nothing more; the dry runs that it started go on.
        """
        return Verification.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/verifications/{part(job)}/stop", {}, key=key)
        )
