"""Manifests with lines changed, moved and repeated, through everything that reads one."""

import random

from interlock.compiler.archive import Bundle
from interlock.compiler.plan import plan_version
from interlock.compiler.version_plan import VersionPlan
from scripts.setup import ROOT

ODD = (
    *(
        "",
        "=",
        "[",
        "]]",
        '"',
        "'''",
        "{",
        "}",
        "\x00",
        "\ud800",
        "é",
        "1e999",
        "-0",
        "0x",
        "nan",
        "inf",
        "true",
        "[[tests]]",
    ),
    *(
        "1979-05-27T07:32:00Z",
        "[steps]",
        "[workflows.x]",
        "a.b.c = 1",
        '"" = 1',
        "= 1",
        "[app]",
        "[[app]]",
        "$ref",
        "../x",
    ),
)


def samples() -> list[str]:
    """The manifests of the app templates."""
    return [file.read_text() for file in sorted(ROOT.glob("app_templates/*/interlock.toml"))]


def mutated(text: str, chance: random.Random) -> str:
    """A manifest with one to five changes."""
    lines = text.splitlines()
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(lines))
        line = lines[at]
        place = chance.randrange(len(line) + 1)
        match chance.randrange(6):
            case 0:
                lines[at] = line[:place] + chance.choice(ODD) + line[place:]
            case 1:
                lines[at] = line[:place]
            case 2:
                lines[at] = lines[chance.randrange(len(lines))]
            case 3:
                key, sign, _ = line.partition("=")
                lines[at] = key + sign + chance.choice(ODD)
            case 4:
                lines.insert(at, chance.choice(ODD))
            case _:
                lines[at] = f"{chance.choice(ODD)}{line[place:]}"
    return "\n".join(lines)


def attempt(text: str) -> str:
    """Plan a bundle that is this manifest alone."""
    files = {"interlock.toml": text.encode("utf-8", "surrogatepass")}
    result = plan_version(Bundle(files=files, digest="0" * 64, size=1))
    return "planned" if isinstance(result, VersionPlan) else result[0].code
