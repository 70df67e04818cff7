"""`scripts/attack`: runs the table of attacks and says of each what it got.

It prints a row for each attack, and exits with 1 where an answer is not the wanted one or took too long.
"""

import argparse
import json
import sys
from collections import Counter

from scripts.attacks.case import Outcome
from scripts.attacks.table import CATEGORIES, attack


def main() -> int:
    """Run the attacks."""
    parser = argparse.ArgumentParser(prog="scripts/attack", description="Run the table of attacks.")
    parser.add_argument("categories", nargs="*", metavar="CATEGORY", help=f"of: {', '.join(CATEGORIES)}")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    unknown = sorted(set(options.categories) - set(CATEGORIES))
    if unknown:
        parser.error(f"no category is named {unknown[0]}; there are: {', '.join(CATEGORIES)}")
    outcomes: list[Outcome] = []
    for outcome in attack(options.categories):
        outcomes.append(outcome)
        if not options.json:
            sys.stdout.write(_row(outcome))
            sys.stdout.flush()
    wrong = [outcome for outcome in outcomes if not outcome.holds]
    sys.stdout.write(json.dumps([_json(row) for row in outcomes], indent=1) + "\n" if options.json else _sum(outcomes))
    return 1 if wrong else 0


def _row(outcome: Outcome) -> str:
    mark = "ok  " if outcome.holds else "FAIL"
    cost = f"{outcome.seconds:5.2f} s {outcome.megabytes:4.0f} MB"
    case = outcome.case
    return f"{mark} {cost}  {case.category:10} {case.name}: {case.wanted} | {outcome.seen[:100]!r}\n"


def _json(outcome: Outcome) -> dict[str, object]:
    case = outcome.case
    fields: dict[str, object] = {"category": case.category, "name": case.name, "wanted": case.wanted}
    cost = {"seconds": round(outcome.seconds, 3), "megabytes": round(outcome.megabytes, 1)}
    return fields | {"seen": outcome.seen, "holds": outcome.holds} | cost


def _sum(outcomes: list[Outcome]) -> str:
    tried = Counter(row.case.category for row in outcomes)
    held = Counter(row.case.category for row in outcomes if row.holds)
    lines = [f"{category:10} {held[category]} of {count} as wanted" for category, count in tried.items()]
    slowest = max((row.seconds for row in outcomes), default=0.0)
    largest = max((row.megabytes for row in outcomes), default=0.0)
    cost = f"the slowest took {slowest:.2f} s, the largest {largest:.0f} MB"
    total = f"{held.total()} of {tried.total()} attacks got the wanted answer; {cost}"
    return "\n".join([*lines, total]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
