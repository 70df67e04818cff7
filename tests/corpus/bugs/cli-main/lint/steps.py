"""Models, linted."""

from interlock import step

from .command import run


@step
def models(value: dict) -> dict:
    return {"models": [model for model in value["models"] if model["sql"]]}


@step
def lint(value: dict) -> dict:
    return {"problems": [run(["--rules", "all", model["sql"]]) for model in value["models"]]}
