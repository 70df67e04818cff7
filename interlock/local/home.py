"""Where the command line and the local platform keep what they have.

Each user has one place, found from any folder: profiles in the user's folder for configuration, the local platform in
the one for data (on Linux the XDG folders). INTERLOCK_HOME, or `interlock --home DIR`, puts all of it into one folder.
"""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from interlock.contract.core.failure import BadRequest, Failure

VARIABLE = "INTERLOCK_HOME"
NAME = "interlock"
PACKAGE = Path(__file__).parent.parent
SHIPPED = PACKAGE / "_shipped"
"""In a wheel: what the repository has beside the package, laid out as there."""
DIGEST_CHARS = 12
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


def shipped() -> Path:
    """The folder with templates, schemas and the platform's sources: the repository, or a folder of the wheel."""
    return SHIPPED if SHIPPED.is_dir() else PACKAGE.parent


def sources() -> Path:
    """The folder that the platform is deployed from: the repository, or a copy of what the wheel brings.

    A copy, because a deployment writes beside its sources, and nobody should write into an installed package.

    Raises:
        NoSources: this package brings no sources.
    """
    root = shipped()
    if not (root / "infra" / "app.py").is_file():
        raise NoSources(
            f"{root} holds no infra/app.py, and the local platform is deployed from it",
            where="interlock up",
            next_step="Install Interlock again: pip install --force-reinstall 'interlock[local]'",
        )
    return _copied(home().root / "sources") if root == SHIPPED else root


def _copied(place: Path) -> Path:
    """The wheel's sources in a folder that is named by what is in it; it is made once, and older ones are removed."""
    files = {path.relative_to(SHIPPED): path for path in _files(SHIPPED)}
    files |= {path.relative_to(PACKAGE.parent): path for path in _files(PACKAGE) if not path.is_relative_to(SHIPPED)}
    digest = hashlib.sha256()
    for inside, path in sorted(files.items()):
        digest.update(f"\0{inside.as_posix()}\0".encode() + path.read_bytes())
    folder = place / digest.hexdigest()[:DIGEST_CHARS]
    if folder.is_dir():
        return folder
    own_folder(place)
    aside = Path(tempfile.mkdtemp(prefix=".", dir=place))
    for inside, path in files.items():
        (aside / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, aside / inside)
    for old in [one for one in place.iterdir() if one != aside]:
        shutil.rmtree(old, ignore_errors=True)
    aside.rename(folder)
    return folder


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
