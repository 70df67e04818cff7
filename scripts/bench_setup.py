"""Makes the environment of `scripts/bench`, then hands over to it. Standard library only: nothing is installed yet."""

import os
import sys

from scripts import setup


def main() -> None:
    """Set up, and become the bench."""
    try:
        python = setup.sync()
    except setup.SetupError as error:
        sys.exit(str(error))
    os.chdir(setup.ROOT)
    os.execve(python, [str(python), "-m", "scripts.bench", *sys.argv[1:]], setup.environ())


if __name__ == "__main__":
    main()
