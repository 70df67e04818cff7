"""What is known of a run, worked out: graph, timeline, first cause, replay matching, redaction. Pure."""
