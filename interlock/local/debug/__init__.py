"""Runs a recorded step under a debugger on this machine: the exact bundle, the recorded input, effects, and stop.

`session` starts `child` in a process of its own; `stop` is where it stops. The child imports the SDK and debugpy only.
"""
