"""Use cases: one public function each, named by its verb. No HTTP, no Lambda; AWS only through `interlock.aws`."""
