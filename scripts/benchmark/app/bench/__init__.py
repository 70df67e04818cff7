"""An app to measure with."""
