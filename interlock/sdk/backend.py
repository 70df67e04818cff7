"""How effects are really done: the protocol, and the backend of a running step, which uses the vended session.

The only file of the SDK that imports boto3 and botocore, and only when an effect needs them.
"""

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import quote, urlencode

from interlock.contract.catalog import Asset, AssetChange, AssetPage, AssetWrite
from interlock.contract.core.base import Json
from interlock.contract.core.failure import (
    Failure,
    Forbidden,
    GateError,
    GateFailure,
    Throttled,
    Unavailable,
    from_problem,
)
from interlock.contract.egress import Target
from interlock.contract.envelope import Session
from interlock.contract.language_model import ModelAnswer, ModelRequest, step_failure
from interlock.sdk.http import HttpRequest, HttpResponse, send

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

API_SECONDS = 29
"""Longer than the platform waits for a model (limits.MODEL_SECONDS), and as long as an HTTP API waits for anything."""
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ExpiredToken", "ExpiredTokenException")
_THROTTLED = ("Throttling", "ThrottlingException", "SlowDown", "TooManyRequestsException")
_UNSEEN = ("AccessDenied", "403")
"""S3's answer for an absent key to who may not list the bucket: the session may list below its own prefix alone, which
S3 does not take into account there. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""
_ABSENT = ("NoSuchKey", "404", "ResourceNotFoundException")


class Clients(Protocol):
    """What is used of a boto3 session."""

    def client(self, service_name: str, *, endpoint_url: str | None, config: "Config") -> Any:
        """A client of a service."""
        ...


class Backend(Protocol):
    """What a step's context needs done. Failures are those of `interlock.contract.core.failure`."""

    def asset(self, qualified_name: str) -> Asset | None:
        """One asset, or None."""
        ...

    def search(
        self, *, type_name: str | None, tag: str | None, prefix: str | None, cursor: str | None, limit: int
    ) -> AssetPage:
        """One page of at most `limit` assets; what is None does not narrow."""
        ...

    def write(self, writes: Sequence[AssetWrite]) -> Sequence[AssetChange]:
        """Apply up to `MAX_BATCH` writes, in order; one change for each."""
        ...

    def emit(self, name: str, detail: Json, key: str) -> str:
        """Emit an event once for `key`; the event's change id."""
        ...

    def state_get(self, key: str) -> str | None:
        """The JSON text under `key`, or None."""
        ...

    def state_put(self, key: str, text: str) -> None:
        """Keep JSON text under `key`."""
        ...

    def state_delete(self, key: str) -> None:
        """Forget `key`; nothing happens if it is not there."""
        ...

    def state_keys(self, prefix: str) -> Sequence[str]:
        """The keys that begin with `prefix`, sorted."""
        ...

    def secret(self, name: str) -> str | None:
        """The value of a secret of the install, or None where the tenant gave none."""
        ...

    def send(self, request: HttpRequest, target: Target) -> HttpResponse:
        """One HTTP call to a checked target."""
        ...

    def converse(self, request: ModelRequest) -> ModelAnswer:
        """One call of the operator's language model."""
        ...


class AwsBackend:
    """Does effects with the short-lived credentials of the install."""

    def __init__(self, session: Session, http: Any = None) -> None:
        """Keep the session; clients are made when they are needed.

        Args:
            session: vended by the gate.
            http: sends a prepared request of botocore; a `URLLib3Session` by default.
        """
        self._session = session
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {} if http is None else {"http": http}
        self._keys: list[Any] = []

    def renew(self, session: Session) -> None:
        """Go on with another ticket or other credentials of the same install: clients stay, and sign with these.

        Each environment of the gate vends its own, and making a client takes longer than most steps.
        """
        self._session = session
        for keys in self._keys:
            keys.access_key, keys.secret_key = session.access_key_id, session.secret_access_key
            keys.token = session.session_token

    def serves(self, session: Session) -> bool:
        """Whether `session` is of the same install and the same places, whatever its ticket and credentials."""
        return _place(session) == _place(self._session)

    def asset(self, qualified_name: str) -> Asset | None:
        """See `Backend`."""
        page = AssetPage.model_validate(self._call("GET", "/runtime/assets", {"qualified_name": qualified_name}))
        return page.assets[0] if page.assets else None

    def search(
        self, *, type_name: str | None, tag: str | None, prefix: str | None, cursor: str | None, limit: int
    ) -> AssetPage:
        """See `Backend`."""
        query = {"type": type_name, "tag": tag, "prefix": prefix, "cursor": cursor, "limit": str(limit)}
        return AssetPage.model_validate(
            self._call("GET", "/runtime/assets", {name: value for name, value in query.items() if value is not None})
        )

    def write(self, writes: Sequence[AssetWrite]) -> Sequence[AssetChange]:
        """See `Backend`."""
        body = {"writes": [write.model_dump(mode="json", exclude_defaults=True) for write in writes]}
        answer = cast(Mapping[str, Any], self._call("POST", "/runtime/assets:batch", body=body))
        return [AssetChange.model_validate(row) for row in answer["changes"]]

    def emit(self, name: str, detail: Json, key: str) -> str:
        """See `Backend`."""
        answer = self._call("POST", "/runtime/events", body={"name": name, "detail": detail, "id": key})
        return str(cast(Mapping[str, Any], answer)["id"])

    def state_get(self, key: str) -> str | None:
        """See `Backend`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self.s3().get_object(Bucket=self._session.bucket, Key=self._state_key(key))
            return answer["Body"].read().decode()
        except (ClientError, BotoCoreError) as error:
            if _code(error) in _ABSENT or (_code(error) in _UNSEEN and self._is_absent(key)):
                return None
            raise _failure(error, f"ctx.state {key!r}") from error

    def _is_absent(self, key: str) -> bool:
        """Whether the session has the install's state, and this key is not in it: by a list below its own prefix."""
        from botocore.exceptions import BotoCoreError, ClientError

        name = self._state_key(key)
        try:
            answer = self.s3().list_objects_v2(Bucket=self._session.bucket, Prefix=name, MaxKeys=1)
        except (ClientError, BotoCoreError):
            return False
        return name not in [row.get("Key") for row in answer.get("Contents", [])]

    def state_put(self, key: str, text: str) -> None:
        """See `Backend`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.s3().put_object(
                Bucket=self._session.bucket,
                Key=self._state_key(key),
                Body=text.encode(),
                ContentType="application/json",
            )
        except (ClientError, BotoCoreError) as error:
            raise _failure(error, f"ctx.state {key!r}") from error

    def state_delete(self, key: str) -> None:
        """See `Backend`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.s3().delete_object(Bucket=self._session.bucket, Key=self._state_key(key))
        except (ClientError, BotoCoreError) as error:
            raise _failure(error, f"ctx.state {key!r}") from error

    def state_keys(self, prefix: str) -> Sequence[str]:
        """See `Backend`."""
        from botocore.exceptions import BotoCoreError, ClientError

        base = self._session.state_prefix
        try:
            pages = (
                self.s3()
                .get_paginator("list_objects_v2")
                .paginate(Bucket=self._session.bucket, Prefix=f"{base}{prefix}")
            )
            keys = [row.get("Key", "") for page in pages for row in page.get("Contents", [])]
        except (ClientError, BotoCoreError) as error:
            raise _failure(error, f"ctx.state {prefix!r}") from error
        return sorted(key[len(base) : -len(".json")] for key in keys if key.endswith(".json"))

    def secret(self, name: str) -> str | None:
        """See `Backend`."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return (
                self._secrets().get_secret_value(SecretId=f"{self._session.secrets_prefix}{name}").get("SecretString")
            )
        except (ClientError, BotoCoreError) as error:
            if _code(error) in _ABSENT:
                return None
            raise _failure(error, f"ctx.secrets {name!r}") from error

    def send(self, request: HttpRequest, target: Target) -> HttpResponse:
        """See `Backend`."""
        return send(request, target)

    def converse(self, request: ModelRequest) -> ModelAnswer:
        """See `Backend`."""
        body = request.model_dump(mode="json", exclude_defaults=True)
        try:
            return ModelAnswer.model_validate(self._call("POST", "/runtime/model:converse", body=body))
        except Failure as failure:
            raise step_failure(failure) from failure

    def _state_key(self, key: str) -> str:
        return f"{self._session.state_prefix}{key}.json"

    def _boto(self) -> "Clients":
        from boto3.session import Session as BotoSession

        session = BotoSession(
            aws_access_key_id=self._session.access_key_id,
            aws_secret_access_key=self._session.secret_access_key,
            aws_session_token=self._session.session_token,
            region_name=self._session.region,
        )
        self._keys.append(session.get_credentials())
        # boto3's stubs know a client of every service by its own type, of which most are not installed.
        return cast("Clients", session)

    def s3(self) -> "S3Client":
        """The client of the install's state, made once; it signs with the newest credentials."""
        with self._lock:
            if "s3" not in self._clients:
                local = self._session.endpoint_url or None
                self._clients["s3"] = self._boto().client("s3", endpoint_url=local, config=_config(local))
            return cast("S3Client", self._clients["s3"])

    def _secrets(self) -> "SecretsManagerClient":
        with self._lock:
            if "secrets" not in self._clients:
                local = self._session.endpoint_url or None
                client = self._boto().client("secretsmanager", endpoint_url=local, config=_config(local))
                self._clients["secrets"] = client
            return cast("SecretsManagerClient", self._clients["secrets"])

    def _http(self) -> Any:
        from botocore.httpsession import URLLib3Session

        with self._lock:
            if "http" not in self._clients:
                self._clients["http"] = URLLib3Session(timeout=API_SECONDS)
            return self._clients["http"]

    def _call(self, method: str, path: str, query: Mapping[str, str] | None = None, body: Json = None) -> Json:
        """Call the runtime API, signed; a refusal comes back as the failure it was."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        from botocore.exceptions import HTTPClientError

        session = self._session
        url = f"{session.api_url}{path}"
        if query:
            url += "?" + urlencode(sorted(query.items()), quote_via=quote, safe="")
        headers = {"X-Interlock-Ticket": session.ticket, "Accept": "application/json"}
        if session.api_host:
            headers["Host"] = session.api_host
        data = b""
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body, allow_nan=False).encode()
        request = AWSRequest(method=method, url=url, data=data, headers=headers)
        keys = Credentials(session.access_key_id, session.secret_access_key, session.session_token)
        SigV4Auth(keys, "execute-api", session.region).add_auth(request)
        try:
            answer = self._http().send(request.prepare())
        except HTTPClientError as error:
            raise Unavailable(
                f"the runtime API did not answer: {type(error).__name__}", where=path, next_step="Retry the step."
            ) from error
        return _read_answer(int(answer.status_code), bytes(answer.content), path)


def _config(local: str | None) -> "Config":
    """Three tries at most; where an endpoint is given (the embedded engine), buckets have no host names."""
    from botocore.config import Config

    retries: Any = {"mode": "standard", "total_max_attempts": 3}
    return Config(retries=retries, s3={"addressing_style": "path" if local else "auto"})


def _read_answer(status: int, content: bytes, path: str) -> Json:
    try:
        value: Json = json.loads(content or b"null")
    except ValueError:
        raise Unavailable(
            f"the runtime API answered {status} without JSON", where=path, next_step="Retry the step."
        ) from None
    if status < 400:
        return value
    problem: dict[str, Any] = dict(cast(Mapping[str, Any], value)) if isinstance(value, dict) else {}
    failure = from_problem({"where": path, **problem, "status": problem.get("status", status)})
    if isinstance(failure, Forbidden):
        raise GateFailure(GateError.DENIED, failure.what, where=failure.where, next_step=failure.next_step)
    raise failure


def _code(error: Exception) -> str:
    answer = cast(Mapping[str, Any], getattr(error, "response", {}))
    return str(answer.get("Error", {}).get("Code", ""))


def _failure(error: Exception, where: str) -> Failure:
    code = _code(error)
    if code in _DENIED:
        return GateFailure(
            GateError.DENIED,
            f"the session of the install may not do this ({code})",
            where=where,
            next_step="Declare the permission in interlock.toml, and publish a new version.",
        )
    if code in _THROTTLED:
        return Throttled(f"AWS throttled the call ({code})", where=where, next_step="Retry the step later.")
    return Unavailable(f"an AWS call failed: {code or type(error).__name__}", where=where, next_step="Retry the step.")


def _place(session: Session) -> Session:
    return session.model_copy(update={"access_key_id": "", "secret_access_key": "", "session_token": "", "ticket": ""})


_KEPT: list[AwsBackend] = []


def backend_for(session: Session) -> AwsBackend:
    """The backend of a session; kept while the next steps of this process are of the same install."""
    if not _KEPT or not _KEPT[0].serves(session):
        _KEPT[:] = [AwsBackend(session)]
    else:
        _KEPT[0].renew(session)
    return _KEPT[0]


def scrub_values(session: Session | None) -> Iterable[str]:
    """What of a session must never show in a record."""
    return () if session is None else (session.secret_access_key, session.session_token, session.ticket)
