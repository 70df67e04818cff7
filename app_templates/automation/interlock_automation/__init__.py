"""Notify the owners: an Interlock app that passes changed tags on."""
