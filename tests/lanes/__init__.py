"""Runs the tests beside one another against real services, for `make test` and `make check`."""
