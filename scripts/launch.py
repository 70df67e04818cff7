"""Makes the environment of a script such as `scripts/bench`, then runs its module there. Standard library only."""

import os
import sys

from scripts import setup


def launch(module: str, *arguments: str) -> None:
    """Install what the lock file says, and become the module."""
    try:
        python = setup.sync()
    except setup.SetupError as error:
        sys.exit(str(error))
    os.chdir(setup.ROOT)
    os.execve(python, [str(python), "-m", module, *arguments], setup.environ())


if __name__ == "__main__":
    launch(*sys.argv[1:])
