"""Owner changes: an Interlock app that asks before it passes a change of owners on."""
