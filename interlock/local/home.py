"""Where the command line and the local platform keep what they have.

Each user has one place, found from any folder: profiles in the user's folder for configuration, the local platform in
the one for data (on Linux the XDG folders). INTERLOCK_HOME, or `interlock --home DIR`, puts all of it into one folder.
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from interlock.contract.core.failure import BadRequest, Failure

VARIABLE = "INTERLOCK_HOME"
NAME = "interlock"
SOURCES = Path(__file__).parent.parent.parent
"""The repository: the platform deploys from source."""
ANOTHER = "Set INTERLOCK_HOME, or write `interlock --home DIR`, to use a folder that you may write"


class NoSources(Failure):
    """Interlock was installed without what the platform is deployed from."""

    default_code = "no-sources"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for its owner only: two commands may write the same one at once."""
    own_folder(path.parent)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
        # Before it takes the old one's place: after a power loss it is the one or the other.
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)


def own_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter, with those above it; one that is there stays as it is."""
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    return path


@dataclass(frozen=True)
class Home:
    """The folders of one local platform, and of the command line.

    Attributes:
        root: the platform's folders are below it.
        tools: where Node, the CDK CLI and the engine's environments are; several platforms may share them.
        config: where the profiles are.
    """

    root: Path
    tools: Path
    config: Path

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
    """The folders below `root`; by default those of INTERLOCK_HOME, else the user's own.

    Raises:
        BadRequest: this user has no home folder, and none is named.
    """
    named = root or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None:
        path = named.expanduser().resolve()
        return Home(root=path, tools=(tools or path).resolve(), config=path)
    from platformdirs import user_config_path, user_data_path

    try:
        data, config = user_data_path(NAME, appauthor=False), user_config_path(NAME, appauthor=False)
    except RuntimeError as error:
        raise BadRequest("this user has no home folder", where="HOME", next_step=f"{ANOTHER}.") from error
    return Home(root=data.resolve(), tools=(tools or data).resolve(), config=config.resolve())


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
