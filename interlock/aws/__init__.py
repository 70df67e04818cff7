"""The only place that calls AWS: one file for each store or service. Adapters only adapt."""
