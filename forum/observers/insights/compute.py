"""Figures about how the site runs, in Prometheus's words. None of them names a person, an address or an id."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass
class Figures:
    """What one process counts as it answers, and what it looks up when it is asked."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        """Names the figures."""
        labels = ("method", "route")
        self.requests = Counter("sala_requests", "Requests answered.", (*labels, "status"), registry=self.registry)
        self.seconds = Histogram(
            "sala_request_seconds", "Time to answer.", labels, registry=self.registry, buckets=_SECONDS
        )
        self._found: dict[str, Gauge] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one request; `route` is the template of its path, never the path."""
        self.requests.labels(method, route, f"{status // 100}xx").inc()
        self.seconds.labels(method, route).observe(seconds)

    def found(self, name: str, said: str, value: float, **labels: str) -> None:
        """Sets a figure that was looked up."""
        if name not in self._found:
            self._found[name] = Gauge(name, said, tuple(labels), registry=self.registry)
        gauge = self._found[name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def forget(self, name: str) -> None:
        """Drops the labels a figure had, so that what is gone does not stay at its last value."""
        if name in self._found:
            self._found[name].clear()

    def text(self) -> bytes:
        """All figures in the text format."""
        return generate_latest(self.registry)
