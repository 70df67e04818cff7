"""The page of the table of attacks, docs/attacks.md."""

from scripts.attacks.case import MOST_MEGABYTES, MOST_SECONDS
from scripts.attacks.table import CATEGORIES, cases

HEAD = f"""# Attacks

`scripts/attack` runs this table and prints what each attempt got, its time and its memory. An attempt must get
the answer that begins as the table says, within {MOST_SECONDS:g} s and {MOST_MEGABYTES} MB. It is part of
`scripts/test`. [The threat model](threat-model.md) says who would try.

```console
$ scripts/attack                 # all of it
$ scripts/attack archives names  # some categories
$ scripts/attack --json
$ scripts/fuzz                   # a million changed archives, a hundred thousand changed manifests and workflows
$ scripts/fuzz workflows --count 5000 --seed 7
```
"""


FUZZED = """
## Fuzzing

What `scripts/fuzz` gave the readers of publishers' inputs, and the API as every kind of caller: last in full on
2026-11-26, seed 20261126. A failure is an exception, an answer of 5xx or one that is no problem document, or two
readers that see different things.

| target | inputs | failures |
|---|---|---|
| archives | 1,000,000 | 0 |
| manifests | 100,000 | 0 |
| workflows | 100,000 | 0 |
| requests to the API | 100,000 | 0 (400: 45,666, 403: 27,247, 404: 15,501, 200: 6,189, others the rest) |
"""


def attacks_page() -> str:
    """The page."""
    rows = list(cases())
    lines = [
        HEAD,
        f"{len(rows)} attempts in {len(CATEGORIES)} categories:",
        "",
        "| category | attempts | what is tried |",
        "|---|---|---|",
    ]
    for category, sentence in CATEGORIES.items():
        lines.append(f"| {category} | {sum(row.category == category for row in rows)} | {sentence} |")
    for category in CATEGORIES:
        lines += ["", f"## {category}", "", "| what is tried | the answer begins with |", "|---|---|"]
        lines += [
            f"| {row.name.replace('|', chr(92) + '|')} | {row.wanted} |" for row in rows if row.category == category
        ]
    return "\n".join([*lines, FUZZED])
