"""Observability: what the platform promises, watched. On AWS only: the embedded engine has no metrics of functions."""

from aws_cdk import Stack
from constructs import Construct

from infra.control import Control
from infra.events import Events


class Observability(Stack):
    """Dashboard, alarms, traces' groups."""

    def __init__(self, scope: Construct, name: str, *, events: Events, control: Control, **words: object) -> None:
        """Make the stack."""
        super().__init__(scope, name, **words)  # pyright: ignore[reportArgumentType]
        self.events = events
        self.control = control
