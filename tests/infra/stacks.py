"""Synthesise AppStack and TenantStack into a folder, in a process of its own: `python -m tests.infra.stacks DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

import aws_cdk as cdk

from infra.app_stack import AppStack, PlatformArns
from infra.target import AWS
from infra.tenant_stack import TenantStack, TenantValues
from tests.infra.bundles import bundle_bytes


def main(folder: Path) -> None:
    """Write both stacks' templates."""
    app = cdk.App(outdir=str(folder / "out"))
    bundle = folder / "bundle.zip"
    bundle.write_bytes(bundle_bytes())
    words = {"analytics_reporting": False, "env": cdk.Environment(account="123456789012", region="us-east-1")}
    synthesizer = {"synthesizer": cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)}
    arns = PlatformArns(
        gate="arn:gate", pause="arn:pause", machine_role="arn:m", step_boundary="arn:b", sdk_layer="arn:l"
    )
    AppStack(app, bundle=bundle, platform=arns, target=AWS, **words, **synthesizer)
    values = TenantValues(
        tenant="acme",
        gate_role="arn:g",
        stream_function="arn:s",
        data_bucket="data",
        event_log_queue="arn:q",
        api_id="api",
    )
    synthesizer = {"synthesizer": cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)}
    TenantStack(app, values, **words, **synthesizer)
    app.synth()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
