"""What the service tells its administrators about each request, and what it keeps to itself.

Logs and metrics name the route (``/v1/talents/{talent_id}``), never the address that was asked: an id is a
person. An unforeseen error is logged as its type and the places in the code it passed, never its message:
drivers like to put the row that failed in there.
"""

import logging
import re
import time
import traceback
import uuid
from collections.abc import Iterator
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ErrorAnswer
from api.service import Models
from ranking.champion import LeftAside

logger = logging.getLogger(__name__)

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_UNMATCHED = "unmatched"
_MAX_FRAMES = 12  # the innermost; those around them are the web framework's

# The interactive page starts itself by a script in the page; it loads nothing from elsewhere.
_DOCS_PATHS = frozenset({"/docs"})
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Metrics:
    """The Prometheus metrics of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "kansrijk_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "kansrijk_http_request_duration_seconds",
            "Time from request to the last byte of the answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.in_progress = Gauge(
            "kansrijk_http_requests_in_progress", "Requests being answered.", registry=self.registry
        )
        self.shortlists = Counter(
            "kansrijk_shortlists",
            "Shortlists given, by what ordered them.",
            ("ranking_mode",),
            registry=self.registry,
        )
        self.import_lines = Counter(
            "kansrijk_import_lines",
            "Lines of bulk imports, by what became of them.",
            ("outcome",),
            registry=self.registry,
        )


class _ModelsCollector(Collector):
    """Asks what became of the models when somebody looks."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def collect(self) -> Iterator[Metric]:
        """Versions and reasons, and lists by the number: nothing of a person."""
        aside = GaugeMetricFamily(
            "kansrijk_model_left_aside",
            "1 for a model in force that does not serve.",
            labels=("role", "version", "reason"),
        )
        for role, one in left_aside(self._models):
            aside.add_metric((role, one.version or "unknown", one.flaw.value), 1.0)
        shadowed = CounterMetricFamily(
            "kansrijk_shadow_lists", "Lists by what the challenger made of them.", labels=("outcome",)
        )
        for outcome in ("scored", "dropped", "failed"):
            shadowed.add_metric((outcome,), float(self._models.shadowed.get(outcome, 0)))
        yield from (aside, shadowed)


def models_registry(models: Models) -> CollectorRegistry:
    """The metrics of champion and challenger at this moment."""
    registry = CollectorRegistry()
    registry.register(_ModelsCollector(models))
    return registry


def left_aside(models: Models) -> list[tuple[Literal["champion", "challenger"], LeftAside]]:
    """The models that do not serve, by role."""
    found: list[tuple[Literal["champion", "challenger"], LeftAside]] = []
    if models.champion is not None:
        found.append(("champion", models.champion))
    if models.challenger is not None:
        found.append(("challenger", models.challenger))
    return found


class Observability:
    """Outermost, pure ASGI: request id, security headers, access log, metrics, and the last resort."""

    def __init__(self, app: ASGIApp, metrics: Metrics, answer: ErrorAnswer) -> None:
        self._app = app
        self._metrics = metrics
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request, whatever happens inside."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        started = time.perf_counter()
        try:
            with self._metrics.in_progress.track_inprogress():
                await self._app(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001  the last resort; it is logged, and answered when it still can be
            _log_unforeseen(error, answer)
            if answer.status == 0:
                response = await self._answer(Request(scope), error)
                await response(scope, receive, answer.send)
        finally:
            self._note(scope, answer, time.perf_counter() - started)

    def _note(self, scope: Scope, answer: "_Answer", seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = getattr(scope.get("route"), "path", _UNMATCHED)
        self._metrics.requests.labels(method, route, str(answer.status)).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)
        logger.info(
            "request_id=%s method=%s route=%s status=%d bytes=%d ms=%.1f",
            answer.request_id,
            method,
            route,
            answer.status,
            answer.n_bytes,
            seconds * 1_000,
        )


class _Answer:
    """A send channel that adds headers and remembers what was answered.

    Attributes:
        request_id: the caller's own, when it is a decent one, else a new one.
        status: 0 until the answer started.
        n_bytes: of the body.
    """

    def __init__(self, scope: Scope, send: Send) -> None:
        given = Headers(scope=scope).get(REQUEST_ID_HEADER.lower(), "")
        self.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        self.status = 0
        self.n_bytes = 0
        self._docs = scope["path"] in _DOCS_PATHS
        self._send = send

    async def send(self, message: Message) -> None:
        """Passes a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID_HEADER] = self.request_id
            for name, value in _SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            if self._docs:
                headers["Content-Security-Policy"] = _DOCS_POLICY
        elif message["type"] == "http.response.body":
            self.n_bytes += len(message.get("body", b""))
        await self._send(message)


def _log_unforeseen(error: Exception, answer: _Answer) -> None:
    frames = traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:]
    places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    logger.error("request_id=%s failed with %s at %s", answer.request_id, type(error).__name__, places)
