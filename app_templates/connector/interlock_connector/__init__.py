"""The database connector: an Interlock app that crawls whatever SQLAlchemy can reach."""
