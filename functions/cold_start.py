"""Rests the garbage collector while a function's modules are imported: they make many objects and no garbage.

A handler imports `imports_done` before anything of ours, and calls it below its imports. Figures: ADR 0020.
"""

import gc

gc.disable()


def imports_done() -> None:
    """Let the collector work again, and never look at what the imports made (gc.freeze)."""
    gc.freeze()
    gc.enable()
