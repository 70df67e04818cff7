"""The definition of a workflow, as people see it."""

from typing import Any

from interlock.contract.core.base import Document


class WorkflowDefinition(Document):
    """The workflow of a run, in Amazon States Language, as its app has it."""

    app: str
    version: str
    workflow: str
    definition: dict[str, Any]
