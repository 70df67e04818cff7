"""The CDK app: `cdk deploy --all` for AWS; the local platform deploys the same stacks with its own target."""

import aws_cdk as cdk

from infra.control import Control
from infra.events import Events
from infra.foundation import Foundation
from infra.observability import Observability
from infra.suppressions import check
from infra.target import of_context

PREFIX = "interlock"


def build(app: cdk.App) -> list[cdk.Stack]:
    """Put the platform's stacks into an app."""
    target = of_context(app.node)
    words: dict[str, object] = {"analytics_reporting": False}
    if target.name == "local":
        words["synthesizer"] = cdk.CliCredentialsStackSynthesizer()
        words["env"] = cdk.Environment(account="000000000000", region="us-east-1")
    foundation = Foundation(app, f"{PREFIX}-foundation", target=target, **words)
    events = Events(app, f"{PREFIX}-events", foundation=foundation, **words)
    control = Control(app, f"{PREFIX}-control", foundation=foundation, events=events, **words)
    stacks: list[cdk.Stack] = [foundation, events, control]
    if target.name == "aws":
        stacks.append(Observability(app, f"{PREFIX}-observability", events=events, control=control, **words))
    return stacks


def main() -> None:
    """Synthesise."""
    app = cdk.App()
    build(app)
    if of_context(app.node).name == "aws":
        check(app)
    app.synth()


if __name__ == "__main__":
    main()
