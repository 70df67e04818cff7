"""A busy life on a platform: what people do at once, again and again, and what the platform acknowledged of it."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from interlock.contract.approval import Verdict
from interlock.contract.core.failure import Failure
from interlock.contract.install import UpgradeRequest
from interlock.contract.registry import WatchRule
from tests.support.kit import Installed, Kit, bundle, task

CODE = """
from pathlib import Path
from interlock import step

@step
def work(value, ctx):
    with Path(value["file"]).open("a") as file:
        file.write(f"{ctx.info.run} {ctx.info.state}\\n")
    return value
"""
STATES = {
    "First": task("work", Next="Wait"),
    "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Second"},
    "Second": task("work", Next="Third"),
    "Third": task("work"),
}
APPROVED = {
    "Ask": {
        "Type": "Task",
        "Resource": "${platform.approve}",
        "Parameters": {"question": "Go on?", "approvers": ["admin"], "deadline": "PT2H"},
        "ResultPath": "$.approval",
        "Next": "Fourth",
    },
    "Fourth": task("work"),
}
EFFECTS = {"main": 3, "approved": 1}
"""How many steps of each workflow have an effect."""
AT_ONCE = 6
"""So many runs may be under way."""
PAUSED_EACH = 4
"""One run of so many is paused, and then goes on."""
APPROVED_EACH = 5
"""One run of so many asks people."""
UPGRADED_EACH = 2
"""The install is upgraded to one version of so many."""
TENANT_EACH = 3
"""A tenant is onboarded after so many versions."""
OVER = ("succeeded", "failed", "aborted")
NAP_SECONDS = 0.2


@dataclass
class Acknowledged:
    """What the platform acknowledged, and so must not lose."""

    runs: dict[str, str] = field(default_factory=dict[str, str])
    """Each with its workflow."""
    approvals: list[str] = field(default_factory=list[str])
    upgrades: list[str] = field(default_factory=list[str])
    decided: list[str] = field(default_factory=list[str])
    versions: list[str] = field(default_factory=list[str])
    tenants: list[str] = field(default_factory=list[str])


class Life:
    """The people, each in a thread; a call without an answer is made again."""

    def __init__(self, kit: Kit, file: Path) -> None:
        """Publish and install the app that they use."""
        self.kit = kit
        self.file = file
        self.done = Acknowledged()
        self.name = "busy"
        self._paused: list[str] = []
        self.over = threading.Event()
        self.installed: Installed = kit.install(kit.publish(self.name, self.files("1.0.0")))
        self._threads = [
            threading.Thread(target=self._loop, args=(act,))
            for act in (self.run, self.resume, self.approve, self.build)
        ]

    def files(self, version: str) -> dict[str, str]:
        """The app's bundle."""
        app = f"{self.kit.publisher.profile.id}/{self.name}"
        workflows = {"main": {"StartAt": "First", "States": STATES}, "approved": {"StartAt": "Ask", "States": APPROVED}}
        files = bundle(CODE, {"work": ""}, workflows)
        return {path: text.replace("APP", app).replace("1.0.0", version) for path, text in files.items()}

    def begin(self) -> None:
        """Begin to live."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """End, when each has done what it is about."""
        self.over.set()
        for thread in self._threads:
            thread.join()
        # A run that was paused last goes on too.
        self.wait(self._all_go_on)

    def run(self) -> None:
        """Start a run; pause some, and let them go on."""
        open_runs = [
            one for one in list(self.done.runs)[-AT_ONCE * 2 :] if self.status(one) in ("", "running", "paused")
        ]
        if len(open_runs) >= AT_ONCE:
            return
        paused = len(self.done.runs) % PAUSED_EACH == PAUSED_EACH - 1
        stop = (("Third", "before"),) if paused else ()
        asks = len(self.done.runs) % APPROVED_EACH == APPROVED_EACH - 1 and not paused
        workflow = "approved" if asks else "main"
        run = self.kit.start(self.installed, workflow, {"file": str(self.file)}, stop=stop)
        self.done.runs[run] = workflow
        if paused:
            self._paused.append(run)

    def resume(self) -> None:
        """Let the runs that are paused go on."""
        for run in [one for one in self._paused if one not in self.done.decided]:
            for pause in self.kit.pauses(self.installed, run):
                self.again(lambda run=run, pause=pause: self.kit.decide(self.installed, run, pause["id"]))
                # Refused is also who decides while a restart opens the pause again: that is no decision.
                waits = [row for state in ("wanted", "waiting") for row in self.kit.pauses(self.installed, run, state)]
                if pause["id"] not in [row["id"] for row in waits]:
                    self.done.decided.append(run)

    def approve(self) -> None:
        """Approve what runs ask."""
        client, tenant = self.kit.tenants[self.kit.tenant], self.kit.tenant
        for approval in client.approvals.list(tenant).approvals:
            self.again(lambda approval=approval: client.approvals.decide(tenant, approval.id, Verdict(approve=True)))
            self.done.approvals.append(approval.id)

    def upgrade(self, version: str) -> None:
        """Upgrade the install."""
        # A run that a kill cut fails: that must not take the upgrade back.
        request = UpgradeRequest(version=version, watch=WatchRule(rate=1.0))
        self.again(
            lambda: self.kit.tenants[self.kit.tenant].installs.upgrade(self.kit.tenant, self.installed.install, request)
        )
        self.done.upgrades.append(version)
        self.wait(lambda: self.is_at(version))

    def is_at(self, version: str) -> bool:
        """Whether the install is at a version, or at a later one, which its channel brought."""
        present = self.kit.tenants[self.kit.tenant].installs.get(self.kit.tenant, self.installed.install).version
        return _numbers(present) >= _numbers(version)

    def build(self) -> None:
        """Publish a version, upgrade to it, and at times onboard a tenant."""
        count = len(self.done.versions) + 1
        version = f"1.0.{count}"
        path = f"/v1/publishers/{self.kit.publisher.profile.id}/apps/{self.name}/versions/{version}"
        self.again(lambda: self.kit.upload(self.name, self.files(version), version))
        self.done.versions.append(path)
        self.wait(lambda: self.kit.publisher.get(path)["status"] in ("listed", "rejected"))
        if count % UPGRADED_EACH == 0:
            self.upgrade(version)
        if count % TENANT_EACH == 0:
            name = f"t{count}-{self.kit.tenant}"[:20]
            self.again(lambda: self.kit.operator.post("/v1/tenants", {"id": name}))
            self.done.tenants.append(name)

    def status(self, run: str) -> str:
        """A run's status, once it can be read."""
        statuses: list[str] = []
        self.again(lambda: statuses.append(self.kit.status(self.installed, run)))
        return statuses[-1] if statuses else ""

    def again(self, act: Callable[[], object]) -> None:
        """Do something until the platform answers; what it refuses was done by the call that had no answer."""
        while True:
            try:
                act()
                return
            except Failure as failure:
                if failure.code not in ("no-answer", "no-platform", "unavailable", "internal", "call-under-way"):
                    return
            except Exception as error:
                if "Connect" not in repr(error) and "connect" not in repr(error):
                    raise
            threading.Event().wait(NAP_SECONDS)

    def wait(self, is_so: Callable[[], bool], seconds: float = 300.0) -> bool:
        """Wait until something is so, also over the ends of the engine."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            # The engine may be away.
            with contextlib.suppress(Exception):
                if is_so():
                    return True
            threading.Event().wait(NAP_SECONDS)
        return False

    def _all_go_on(self) -> bool:
        self.resume()
        self.approve()
        open_runs = [
            run
            for run, workflow in self.done.runs.items()
            if (run in self._paused and run not in self.done.decided) or workflow == "approved"
        ]
        return all(self.status(run) in OVER for run in open_runs)

    def effects(self) -> Counter[str]:
        """How often each state of each run had its effect."""
        return Counter(self.file.read_text().splitlines()) if self.file.exists() else Counter()

    def _loop(self, act: Callable[[], None]) -> None:
        while not self.over.is_set():
            # Where it fails, nothing was acknowledged.
            with contextlib.suppress(Exception):
                act()
            self.over.wait(NAP_SECONDS)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
