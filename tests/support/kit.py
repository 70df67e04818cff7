"""What the gate's tests do on a platform: publish bundles made in memory, install them, run them, look at them.

Everything goes through the HTTP API, as the CLI does it; Step Functions is asked only for what the API does not say
(the histories that a comparison needs).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import boto3
from botocore.config import Config

from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import run_key
from interlock.cli.installs.settle import install_app
from interlock.cli.terminal.options import profile_from
from interlock.cli.terminal.profiles import Profile
from interlock.contract.core import names
from interlock.contract.core.base import Json
from interlock.contract.core.failure import NotFound
from interlock.contract.install import InstallRequest
from interlock.contract.registration import NewPublisher, NewTenant
from interlock.contract.registry import Role
from interlock.control.tenants.identities import IdentityContext, create_identity
from interlock.local.environment import talking_to
from interlock.local.platform import Platform
from tests.support.client import JsonClient

Found = TypeVar("Found")
PUBLISH_SECONDS = 240
RUN_SECONDS = 90


def eventually(read: Callable[[], Found | None], what: str, seconds: float = RUN_SECONDS) -> Found:
    """What `read` answers once it answers something; a failed test when it never does."""
    end = time.monotonic() + seconds
    between = threading.Event()
    pause = 0.05
    while True:
        value = read()
        if value is not None:
            return value
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        between.wait(pause)
        pause = min(pause * 1.3, 0.5)


def zipped(files: dict[str, str]) -> bytes:
    """A bundle of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name])
    return buffer.getvalue()


@dataclass(frozen=True)
class Installed:
    """An app of a test, installed."""

    app: str
    version: str
    install: str
    tenant: str


@dataclass
class Kit:
    """One platform with an operator, a publisher and a tenant."""

    platform: Platform
    operator: JsonClient
    publisher: JsonClient
    tenants: dict[str, JsonClient] = field(default_factory=dict[str, JsonClient])
    tenant: str = ""
    clients: dict[str, Any] = field(default_factory=dict[str, Any])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, service: str) -> Any:
        """The boto3 client of a service with the engine's root key."""
        with self.lock:
            if service not in self.clients:
                engine = self.platform.engine
                self.clients[service] = cast(Any, boto3).client(
                    service,
                    endpoint_url=engine.endpoint_url,
                    region_name=engine.region,
                    aws_access_key_id=engine.access_key,
                    aws_secret_access_key=engine.secret_key,
                    config=Config(retries={"total_max_attempts": 1}, max_pool_connections=20),
                )
            return self.clients[service]

    def onboard(self, name: str) -> JsonClient:
        """A new tenant, active."""
        credentials = self.operator.tenants.create(NewTenant(id=name)).credentials
        self.tenants[name] = JsonClient(profile_from(credentials, self.operator.profile, "tenant", name))
        eventually(
            lambda: True if self.operator.tenants.get(name).status == "active" else None,
            f"onboarding {name}",
            PUBLISH_SECONDS,
        )
        return self.tenants[name]

    def publish(self, name: str, files: dict[str, str], version: str = "1.0.0") -> str:
        """Publish a bundle by presigned upload; the app's id."""
        path = self.upload(name, files, version)

        def over() -> dict[str, Any] | None:
            result = self.publisher.get(path)
            return result if result["status"] in ("listed", "rejected") else None

        result = eventually(over, f"publishing {name}", PUBLISH_SECONDS)
        assert result["status"] == "listed", result["findings"]
        app = f"{self.publisher.profile.id}/{name}"
        # The version is listed first and the app's listing follows it: a tenant finds the app a moment later.
        eventually(lambda: self._listing(app), f"listing {name}", PUBLISH_SECONDS)
        return app

    def _listing(self, app: str) -> dict[str, Any] | None:
        try:
            return self.publisher.get(f"/v1/listing/{app}")
        except NotFound:
            return None

    def upload(self, name: str, files: dict[str, str], version: str = "1.0.0", *, review: bool = False) -> str:
        """Register a version and upload its bundle; the version's path."""
        data = zipped(files)
        base = f"/v1/publishers/{self.publisher.profile.id}/apps/{name}/versions"
        digest = hashlib.sha256(data).hexdigest()
        ticket = self.publisher.post(base, {"version": version, "digest": digest, "review": review})
        self.publisher.upload(ticket["form"]["url"], ticket["form"]["fields"], data)
        return f"{base}/{version}"

    def install(self, app: str, grant: tuple[str, ...] = (), tenant: str = "", **more: Json) -> Installed:
        """Install an app for a tenant."""
        who = tenant or self.tenant
        body: dict[str, Json] = {"app": app, "grant": list(grant), **more}
        subject = install_app(self.tenants[who], who, InstallRequest.model_validate(body))
        return Installed(app=app, version=subject.version, install=subject.id, tenant=who)

    def app(self, files: dict[str, str], grant: tuple[str, ...] = ()) -> Installed:
        """Publish a bundle whose manifest says APP for its id, and install it."""
        name = f"t{uuid.uuid4().hex[:10]}"
        app = f"{self.publisher.profile.id}/{name}"
        return self.install(self.publish(name, {path: text.replace("APP", app) for path, text in files.items()}), grant)

    def start(
        self, installed: Installed, workflow: str, value: Json = None, stop: tuple[tuple[str, str], ...] = ()
    ) -> str:
        """Ask for a run; `stop` arms breakpoints as (state, before|after|error)."""
        rules = [{"state": state, "at": at} for state, at in stop]
        who = installed.tenant
        body: dict[str, Json] = {"install": installed.install, "workflow": workflow, "input": value or {}}
        return str(self.tenants[who].post(f"/v1/tenants/{who}/runs", body | {"breakpoints": rules})["run"])

    def run(self, installed: Installed, run: str, whole: bool = False) -> dict[str, Any] | None:
        """A run as the API shows it; None before its message was served."""
        who = installed.tenant
        try:
            return self.tenants[who].get(f"/v1/tenants/{who}/runs/{run}", whole="true" if whole else None)
        except NotFound:
            return None

    def status(self, installed: Installed, run: str) -> str:
        """A run's status, from its item, which costs a tenth of a question to the API; empty before it is there."""
        key = run_key(installed.tenant, run)
        fields = {"pk": {"S": key.pk}, "sk": {"S": key.sk}}
        table = self.platform.record.runs_table
        item = self.client("dynamodb").get_item(TableName=table, Key=fields, ConsistentRead=True).get("Item")
        return json.loads(item["doc"]["S"])["status"] if item else ""

    def ended(self, installed: Installed, run: str, seconds: float = RUN_SECONDS) -> dict[str, Any]:
        """The run once it is over, with its whole output."""

        def over() -> bool | None:
            return True if self.status(installed, run) in ("succeeded", "failed", "aborted") else None

        eventually(over, f"run {run}", seconds)
        result = self.run(installed, run, whole=True)
        assert result is not None
        return result

    def steps(self, installed: Installed, run: str) -> list[dict[str, Any]]:
        """A run's step records, whole."""
        who = installed.tenant
        return self.tenants[who].get(f"/v1/tenants/{who}/runs/{run}/steps", whole="true")["steps"]

    def pauses(self, installed: Installed, run: str, status: str = "waiting") -> list[dict[str, Any]]:
        """A run's pauses of a status; none before its message was served."""
        who = installed.tenant
        try:
            result = self.tenants[who].get(f"/v1/tenants/{who}/runs/{run}/pauses")["pauses"]
        except NotFound:
            return []
        return [pause for pause in result if pause["status"] == status]

    def paused(self, installed: Installed, run: str) -> dict[str, Any]:
        """The run's one pause, once it waits."""
        return eventually(lambda: next(iter(self.pauses(installed, run)), None), f"a pause of {run}")

    def decide(self, installed: Installed, run: str, pause: str, **decision: Json) -> None:
        """Decide about a pause."""
        who = installed.tenant
        self.tenants[who].post(f"/v1/tenants/{who}/runs/{run}/pauses/{pause}", {"action": "go"} | decision)

    def execution(self, installed: Installed, workflow: str, run: str) -> str:
        """The ARN of a run's execution."""
        machine = names.machine_name(installed.app, installed.version, workflow)
        name = names.ExecutionName(installed.tenant, installed.install, run)
        engine = self.platform.engine
        return f"arn:aws:states:{engine.region}:{engine.account_id}:execution:{machine}:{name}"


@contextlib.contextmanager
def kit_of(platform: Platform) -> Generator[Kit]:
    """A kit with a publisher and a tenant of its own."""
    record = platform.record
    word = uuid.uuid4().hex[:6]
    with talking_to(platform.engine):
        context = IdentityContext(Registry(record.registry_table), record.user_pool, record.token_url)
        identity = create_identity(context, "platform", Role.OPERATOR, f"op-{word}")
    operator = JsonClient(
        Profile(
            name="operator",
            kind="operator",
            api_url=record.api_url,
            api_host=record.api_host,
            token_url=record.token_url,
            client_id=identity.client_id,
            client_secret=identity.client_secret,
        )
    )
    credentials = operator.publishers.create(NewPublisher(id=f"pub{word}")).credentials
    publisher = JsonClient(profile_from(credentials, operator.profile, "publisher", f"pub{word}"))
    kit = Kit(platform=platform, operator=operator, publisher=publisher, tenant=f"ten{word}")
    kit.onboard(kit.tenant)
    yield kit


def manifest(steps: dict[str, str], workflows: tuple[str, ...], more: str = "") -> str:
    """The manifest of a test's app: steps as name -> further lines; each workflow has a file of its name."""
    text = '[app]\nid = "APP"\nversion = "1.0.0"\ntitle = "Test"\nsummary = "Test."\ncategory = "automation"\n' + more
    for name, lines in steps.items():
        text += f'\n[steps.{name}]\nhandler = "steps:{name}"\n{lines}\n'
    for name in workflows:
        text += f'\n[workflows.{name}]\ndefinition = "workflows/{name}.asl.json"\n'
    return text


def bundle(code: str, steps: dict[str, str], workflows: dict[str, dict[str, Any]], more: str = "") -> dict[str, str]:
    """The files of an app."""
    files = {"interlock.toml": manifest(steps, tuple(workflows), more), "steps.py": code}
    return files | {f"workflows/{name}.asl.json": json.dumps(raw) for name, raw in workflows.items()}


def task(step: str, **more: Any) -> dict[str, Any]:
    """A Task that ends its workflow unless told otherwise."""
    return {"Type": "Task", "Resource": f"${{{step}}}"} | ({} if "Next" in more else {"End": True}) | more


def single(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A workflow of one state named Only."""
    return {"StartAt": "Only", "States": {"Only": state}} | more
