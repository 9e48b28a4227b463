"""Benchmarks: `python -m tests.bench` prints one JSON object a line. They judge nothing; the goals stand beside."""
