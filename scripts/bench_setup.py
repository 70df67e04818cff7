"""Makes the environment of a script such as `scripts/bench`, then hands over to it. Standard library only."""

import os
import sys

from scripts import setup


def become(module: str) -> None:
    """Set up, and become the module."""
    try:
        python = setup.sync()
    except setup.SetupError as error:
        sys.exit(str(error))
    os.chdir(setup.ROOT)
    os.execve(python, [str(python), "-m", module, *sys.argv[1:]], setup.environ())


if __name__ == "__main__":
    become("scripts.bench")
