"""Where the local platform keeps what it has: `.interlock/` of the current directory, or `INTERLOCK_HOME`."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from interlock.contract.core.failure import Failure

VARIABLE = "INTERLOCK_HOME"
SOURCES = Path(__file__).parent.parent.parent
"""The repository: the platform deploys from source."""


class NoSources(Failure):
    """Interlock was installed without what the platform is deployed from."""

    default_code = "no-sources"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: two commands may write the same one at once."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)


@dataclass(frozen=True)
class Home:
    """The folders of one local platform.

    Attributes:
        root: all of them are below it.
        tools: where Node, the CDK CLI and the engine's environments are; several platforms may share them.
    """

    root: Path
    tools: Path

    @property
    def engine(self) -> Path:
        """The engine's state."""
        return self.root / "engine"

    @property
    def deploy(self) -> Path:
        """The cloud assembly, the outputs and the log of the last deployment."""
        return self.root / "deploy"

    @property
    def record(self) -> Path:
        """What the CLI and the tests read."""
        return self.root / "platform.json"


def home(root: Path | None = None, tools: Path | None = None) -> Home:
    """The folders below `root`; by default what INTERLOCK_HOME names, or `.interlock/` of the current directory."""
    path = (root or Path(os.environ.get(VARIABLE) or ".interlock")).resolve()
    return Home(root=path, tools=(tools or path).resolve())


def sources() -> Path:
    """The repository.

    Raises:
        NoSources: this is an installed package.
    """
    if not (SOURCES / "infra" / "app.py").exists():
        raise NoSources(
            f"{SOURCES} holds no infra/app.py: the local platform is deployed from the repository",
            where="interlock up",
            next_step="Clone the repository, `uv sync` in it, and run `uv run interlock up` there",
        )
    return SOURCES
