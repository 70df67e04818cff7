"""Decorators of this app."""

from functools import wraps


def counted(function):
    @wraps(function)
    def wrapper(*arguments, **named):
        wrapper.calls += 1
        return function(*arguments, **named)

    wrapper.calls = 0
    return wrapper


def clamped(low, high):
    def decorate(function):
        @wraps(function)
        def wrapper(asset):
            return max(low, min(high, function(asset)))

        return wrapper

    return decorate
