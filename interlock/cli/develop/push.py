"""One push: an app's folder as a development version, in a tenant's install on the platform of this machine."""

from __future__ import annotations

import hashlib
import io
import re
import tomllib
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from interlock.cli.apps.packing import pack, zip_files
from interlock.cli.apps.vendoring import LastVendored
from interlock.contract.core.failure import Rejected
from interlock.contract.core.finding import errors_of
from interlock.contract.manifest import MANIFEST, Manifest, Target, parse
from interlock.control.publishing.develop import (
    DevelopContext,
    DevelopmentSettings,
    deploy_development,
    development_version,
    drop_developments,
    place_development,
)
from interlock.local.develop import named_failures, push_number

if TYPE_CHECKING:
    from interlock.contract.registry import Install, Version

VERSION_LINE = re.compile(r'^(?P<before>\s*version\s*=\s*)(?P<quote>["\'])(?P<version>[^"\']*)(?P=quote)', re.MULTILINE)


@dataclass(frozen=True)
class Pushed:
    """What a push came to."""

    version: Version
    install: Install


@dataclass
class Pusher:
    """Pushes a folder again and again; what did not change is not pushed."""

    folder: Path
    tenant: str
    by: str
    context: DevelopContext
    settings: DevelopmentSettings
    _last: str = field(default="", init=False)
    _vendored: LastVendored = field(default_factory=LastVendored, init=False)

    def push(self) -> Pushed | None:
        """Check and deploy what the folder holds now; None where nothing changed since the last push.

        Raises:
            Rejected: the app has errors.
            Failure: it cannot be packed or deployed.
        """
        platform = self.context.publish.settings
        target = Target.model_validate({"python": platform.target_python, "architecture": platform.target_architecture})
        data = pack(self.folder, target, self._vendored).data
        digest = hashlib.sha256(data).hexdigest()
        if digest == self._last:
            return None
        app, version, bundle = renumbered(data)
        with named_failures():
            deployed = deploy_development(bundle, app, version, self.context)
            install = place_development(self.tenant, deployed, self.settings, self.by, self.context)
        self._last = digest
        # What was set once stays: a later push does not undo what was changed beside it.
        self.settings = DevelopmentSettings(install=self.settings.install)
        return Pushed(deployed, install)

    def tidy(self, app: str) -> None:
        """Delete the stacks of pushes that nobody needs any more."""
        with named_failures():
            drop_developments(app, self.context)


def renumbered(data: bytes) -> tuple[str, str, bytes]:
    """The app, a development version of its own, and the bundle with that version in its manifest.

    Raises:
        Rejected: the manifest has errors.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    text = files[MANIFEST].decode()
    manifest = parse(text)
    if not isinstance(manifest, Manifest):
        raise Rejected("the manifest has errors", errors_of(manifest), where=MANIFEST)
    version = development_version(manifest.app.version, push_number())
    files[MANIFEST] = _with_version(text, manifest.app.version, version).encode()
    return manifest.app.id, version, zip_files(files)


def _with_version(text: str, before: str, after: str) -> str:
    """The manifest with another version: the line that, changed, changes `app.version` and nothing else."""
    wanted = tomllib.loads(text)
    wanted["app"]["version"] = after
    for line in VERSION_LINE.finditer(text):
        if line["version"] != before:
            continue
        changed = f"{text[: line.start('version')]}{after}{text[line.end('version') :]}"
        if tomllib.loads(changed) == wanted:
            return changed
    step = f'Write it on a line of its own below [app]: version = "{before}".'
    raise Rejected(f"the version in the manifest can't be replaced. {step}", [], where=f"{MANIFEST}#app")
