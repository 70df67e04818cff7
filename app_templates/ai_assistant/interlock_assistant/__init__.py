"""Ask the catalog: an Interlock app whose tool answers questions on assets."""
