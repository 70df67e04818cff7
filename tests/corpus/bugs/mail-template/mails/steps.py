"""Renders mails."""

import brackets

from interlock import step
from mails.fields import shout


@step
def render(value: dict) -> dict:
    return {"mails": [brackets.render(value["template"], row, shout) for row in value["rows"]]}
