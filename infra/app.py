"""The CDK app: `cdk deploy --all` for AWS; the local platform deploys the same stacks with its own target.

With `-c interlock:outputs=FILE` (what `cdk deploy --all --outputs-file FILE` wrote) it is one stack instead: with
`-c interlock:bundle=APP.zip` a first-party app's version (`interlock app pack` makes the bundle of a folder), with
`-c interlock:tenant=ID` a tenant.
"""

import json
import os
from pathlib import Path

import aws_cdk as cdk

from infra.app_stack import AppStack, arns_of
from infra.console import Console
from infra.control import Control
from infra.events import Events
from infra.foundation import Foundation
from infra.network import Network
from infra.observability import Observability
from infra.suppressions import check
from infra.target import of_context
from infra.tenant_stack import TenantStack, values_of

PREFIX = "interlock"


def build(app: cdk.App) -> list[cdk.Stack]:
    """Put the platform's stacks into an app."""
    target = of_context(app.node)
    fields: dict[str, object] = {"analytics_reporting": False}
    if target.name == "local":
        fields["synthesizer"] = cdk.CliCredentialsStackSynthesizer()
        fields["env"] = cdk.Environment(account="000000000000", region="us-east-1")
    foundation = Foundation(app, f"{PREFIX}-foundation", target=target, **fields)
    events = Events(app, f"{PREFIX}-events", foundation=foundation, **fields)
    network = Network(app, f"{PREFIX}-network", **fields) if target.network else None
    steps = network.steps if network else None
    control = Control(app, f"{PREFIX}-control", foundation=foundation, events=events, network=steps, **fields)
    stacks: list[cdk.Stack] = [foundation, events, *([network] if network else []), control]
    if target.name == "aws":
        stacks.append(Console(app, f"{PREFIX}-console", foundation=foundation, control=control, **fields))
        stacks.append(Observability(app, f"{PREFIX}-observability", events=events, control=control, **fields))
    return stacks


def build_one(app: cdk.App, outputs: Path) -> list[cdk.Stack]:
    """Put one version's or one tenant's stack into an app.

    Args:
        app: the app, whose context names a bundle or a tenant.
        outputs: the outputs of the platform's stacks, as the CDK CLI wrote them.
    """
    values: dict[str, dict[str, str]] = json.loads(outputs.read_text())
    account, region = os.environ.get("CDK_DEFAULT_ACCOUNT"), os.environ.get("CDK_DEFAULT_REGION")
    fields: dict[str, object] = {"analytics_reporting": False, "env": cdk.Environment(account=account, region=region)}
    fields["synthesizer"] = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
    bundle, tenant = app.node.try_get_context("interlock:bundle"), app.node.try_get_context("interlock:tenant")
    if bundle:
        target = of_context(app.node)
        return [AppStack(app, bundle=Path(str(bundle)), platform=arns_of(values), target=target, **fields)]
    return [TenantStack(app, values_of(values, str(tenant)), **fields)]


def main() -> None:
    """Synthesise."""
    app = cdk.App()
    outputs = app.node.try_get_context("interlock:outputs")
    if outputs:
        build_one(app, Path(str(outputs)))
        app.synth()
        return
    build(app)
    if of_context(app.node).name == "aws":
        check(app)
    app.synth()


if __name__ == "__main__":
    main()
