"""JSON bodies: in their item up to a limit, above it in S3 under the tenant's prefix."""

import hashlib
import json
from typing import Any, cast

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_absent
from interlock.contract import payload
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json
from interlock.contract.core.failure import GateError, GateFailure, NotFound
from interlock.contract.envelope import Effect
from interlock.contract.run import Body, StepRecord


class Bodies:
    """Bodies of one run's records."""

    def __init__(self, bucket: str, tenant: str, run: str) -> None:
        """Name bucket and run; nothing is called."""
        self.bucket = bucket
        self.prefix = names.run_prefix(tenant, run)

    def keep(self, value: Json, *, at_most: int = limits.INLINE_BODY_BYTES) -> Body:
        """Keep a value: in the answer up to `at_most` bytes, else in S3 by its digest (written once)."""
        data = payload.canonical(value).encode()
        text = hashlib.sha256(data).hexdigest()
        weight = len(data)
        if weight <= at_most:
            return Body(value=value, size=weight, digest=text)
        key = f"{self.prefix}{text}.json"
        client("s3").put_object(Bucket=self.bucket, Key=key, Body=data, ContentType="application/json")
        return Body(key=key, size=weight, digest=text)

    def read(self, body: Body) -> Json:
        """The value of a body.

        Raises:
            NotFound: it was past its retention.
        """
        return self._fetch(body.key, body.digest) if body.key else body.value

    def effects(self, record: StepRecord) -> tuple[Effect, ...]:
        """The effects of a record, from wherever they lie."""
        if not record.effects_key:
            return record.effects
        digest = record.effects_key.rsplit("/", 1)[-1].removesuffix(".json")
        rows = cast(list[Any], self._fetch(record.effects_key, digest))
        return tuple(Effect.model_validate(row) for row in rows)

    def has(self, key: str) -> bool:
        """Whether a body is still there."""
        try:
            client("s3").head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if is_absent(error):
                return False
            raise
        return True

    def spill(self, value: Json) -> Json:
        """Keep a subtree in S3 and answer the marker for it."""
        body = self.keep(value, at_most=0)
        return payload.marker(body.key, body.digest, body.size)

    def put_back(self, value: Json) -> Json:
        """The value with what was spilled in its place.

        Raises:
            GateFailure: a marker that the gate of this run did not make.
        """
        return payload.put_back(value, self._unspill)

    def _unspill(self, marker: dict[str, Any]) -> Json:
        key = str(marker.get("key", ""))
        if not key.startswith(self.prefix):
            raise GateFailure(GateError.BAD_INPUT, "the input holds a marker of another run", where=key)
        return self._fetch(key, str(marker.get("digest", "")))

    def _fetch(self, key: str, digest: str) -> Json:
        try:
            text = client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if is_absent(error):
                raise NotFound(
                    "a payload was deleted at the end of its retention", where=key, next_step="Start the run again."
                ) from error
            raise
        value = json.loads(text)
        if payload.digest(value) != digest:
            raise GateFailure(GateError.BAD_INPUT, "a payload differs from its digest", where=key)
        return value
