"""What the clocks share: each item that is due is looked at, whatever became of the others, while there is time."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
InTime = Callable[[], bool]
log = logging.getLogger("interlock")


def always() -> bool:
    """There is time without end."""
    return True


@dataclass(frozen=True)
class Round(Generic[Item]):
    """What a clock came to see."""

    seen: tuple[Item, ...] = ()
    """Items that were looked at."""
    failed: tuple[Item, ...] = ()
    """Items that could not be looked at; they stay due, so that the next round sees them again."""
    ended: bool = True
    """Whether all that was due was seen, before the time was over."""


def look_at_each(
    items: Iterable[Item], look: Callable[[Item], object], what: Callable[[Item], str], in_time: InTime = always
) -> Round[Item]:
    """Look at each item. One that fails is reported in the log, and holds up no other.

    Args:
        items: what is due; read page by page.
        look: looks at one.
        what: what an item is called in the log.
        in_time: whether there is time for one more.
    """
    seen: list[Item] = []
    failed: list[Item] = []
    for item in items:
        if not in_time():
            return Round(tuple(seen), tuple(failed), ended=False)
        try:
            look(item)
        except Exception:
            # Whatever it was: the items behind it belong to others.
            log.exception("a clock could not look at an item", extra={"item": what(item)})
            failed.append(item)
        else:
            seen.append(item)
    return Round(tuple(seen), tuple(failed))
