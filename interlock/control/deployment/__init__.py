"""A deployment as a whole: exported into a folder, and imported again (ADR 0030)."""
