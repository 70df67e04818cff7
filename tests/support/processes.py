"""A process of a function begins anew: what it made once is made again, from the settings of now."""

from functions import contexts


def forget_contexts() -> None:
    """Drop what the functions of this process work with."""
    for member in vars(contexts).values():
        if hasattr(member, "cache_clear"):
            member.cache_clear()
