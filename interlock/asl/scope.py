"""What an expression can read beside its data: the context object and the workflow's variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from interlock.asl.values import Json, Object


@dataclass(frozen=True)
class Scope:
    """The context object (`$$`, `$states.context`) and the variables (`$name`) that are set before a state runs.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
    """

    context: Object = field(default_factory=dict[str, Json])
    variables: Mapping[str, Json] = field(default_factory=dict[str, Json])

    def with_context(self, **parts: Json) -> "Scope":
        """The scope with other parts of the context object, such as `Map`."""
        return replace(self, context={**self.context, **parts})

    def with_variables(self, values: Mapping[str, Json]) -> "Scope":
        """The scope after an Assign."""
        return replace(self, variables={**self.variables, **values}) if values else self


def language_of(state: Mapping[str, Json], outer: str = "JSONPath") -> str:
    """The query language of a state; `outer` is the workflow's."""
    spoken = state.get("QueryLanguage") or outer
    return spoken if spoken in ("JSONPath", "JSONata") else outer
