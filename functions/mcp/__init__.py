"""The copilots' endpoint."""
