"""The language of Interlock: pydantic models and names. No I/O; imports nothing else of ours."""
