"""Ask the catalog: an Interlock app that answers questions on assets and drafts their descriptions."""
