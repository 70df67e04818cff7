"""The whole table of attacks, by category."""

from collections.abc import Iterable, Iterator

from scripts.attacks import (
    archives,
    bundles,
    cards,
    confirmations,
    copilots,
    expressions,
    flows,
    identities,
    imports,
    secrets,
    sessions,
    terminal,
    tokens,
    urls,
)
from scripts.attacks.case import Case, Outcome, run

CATEGORIES: dict[str, str] = {
    "archives": "Zips that two readers see differently, or that hurt who unpacks them.",
    "names": "Names of files that lead elsewhere, look alike, or are not what they look like.",
    "code": "Code that burns time, changes its interpreter, or holds secrets. None of it is ever run.",
    "manifest": "Manifests that burn time or name what is not theirs.",
    "workflows": "Definitions that burn time or reach beyond the app's own steps.",
    "cards": "Cards of views that run scripts, load from elsewhere, start what is not theirs, or never end.",
    "schemas": "JSON Schemas that fetch, burn time, or lead nowhere.",
    "conditions": "Conditions of breakpoints that hang, grow or fail.",
    "flows": "Workflows that hang or grow when somebody opens the data flow of a run of theirs.",
    "tickets": "Tickets to the runtime API that the gate did not sign.",
    "sessions": "Calls of AWS by a hostile step, with the session of its install.",
    "tokens": "Tokens to the control API that the user pool did not make, or made for something else.",
    "imports": "Files of exported runs that run code, take the place of another run, or grow.",
    "secrets": "Steps that hand on or print a secret that they read, as it is or encoded.",
    "urls": "URLs of webhooks and steps that lead inside or are read in two ways, and slow receivers.",
    "terminal": "Texts of apps and tenants that would take over the terminal of who looks at them.",
    "copilots": "Tools that speak to a copilot by their definitions, unconfirmed calls, and pauses of people.",
}


def cases() -> Iterator[Case]:
    """Every attack."""
    for module in (
        archives,
        bundles,
        cards,
        confirmations,
        copilots,
        expressions,
        flows,
        identities,
        imports,
        secrets,
        sessions,
        terminal,
        tokens,
        urls,
    ):
        yield from module.cases()


def attack(categories: Iterable[str] = ()) -> Iterator[Outcome]:
    """Run the attacks of some categories; of all of them where none is named."""
    wanted = set(categories) or set(CATEGORIES)
    return (run(case) for case in cases() if case.category in wanted)
