"""A process of a function begins anew: what it made or read once is made again, from the settings of now."""

import functools
import sys

from functions import contexts

LOGIC = "interlock.control."
CACHED = type(functools.cache(len))


def forget_contexts() -> None:
    """Drop what the functions of this process work with, and what their use cases read once."""
    logic = [module for name, module in list(sys.modules.items()) if name.startswith(LOGIC)]
    for module in (contexts, *logic):
        for member in list(vars(module).values()):
            if isinstance(member, CACHED):
                member.cache_clear()
