"""A small language: `name: value` in each line."""

from minimark.lines import pairs


def parse(text):
    return dict(pairs(text))
