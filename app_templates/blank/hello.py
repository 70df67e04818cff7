"""The steps of this app: plain functions, whose inputs and outputs are Pydantic models."""

from pydantic import BaseModel

from interlock import Context, step


class Guest(BaseModel):
    """The arguments of the tool `hello`."""

    name: str


class Greeting(BaseModel):
    """What the workflow answers."""

    text: str


@step
def greet(guest: Guest, ctx: Context) -> Greeting:
    """Greet somebody by name."""
    ctx.log.info("greet", name=guest.name)
    return Greeting(text=f"Hello, {guest.name}!")
