"""Amazon States Language as AWS evaluates it: paths, intrinsics, choice rules, data flow, JSONata, a whole workflow.

Pure, and free of every dependency but the `jsonata` library, which only `jsonata.py` imports, so that the embedded
engine's own environment can load the package too. What AWS does, and where that is written, stands at each rule.
"""
