"""Prints the ratios that quality asks for: `python -m tests.benchmarks [topic[.row] ...]`.

Nothing here passes or fails: a number means something only on a machine that is otherwise idle.
"""

import importlib
import logging
import os
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator

from tests.benchmarks.measure import Row

_logger = logging.getLogger(__name__)

TOPICS = {
    "capturing": "capturing",
    "clicks": "click → painted",
    "strip": "a long strip",
    "startup": "start",
    "engine": "engine",
    "heartbeat": "the window while the engine works",
    "later": "to come",
}
WIDTHS = (44, 22, 12)


def main(wanted: list[str]) -> int:
    """Measure the topics named, all if none is, and return the exit status."""
    unknown = [name for name in wanted if name.partition(".")[0] not in TOPICS]
    if unknown:
        print(f"no topic {', '.join(unknown)}; there are {', '.join(TOPICS)}", file=sys.stderr)
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(f"{os.cpu_count()} cores, load {_load()}; every time is a median\n")
    show([Row("what", "must reach", "measured", "beside")])
    for name in wanted or TOPICS:
        start = time.perf_counter()
        topic, _, only = name.partition(".")
        print(f"\n-- {TOPICS[topic]}", flush=True)
        show(_rows(topic, only))
        print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    return 0


def _rows(topic: str, only: str) -> Iterator[Row]:
    try:
        module = importlib.import_module(f"tests.benchmarks.{topic}")
    except ImportError as error:
        yield Row(topic, "", "not built yet", str(error))
        return
    for measure in module.MEASURES:
        if only not in ("", measure.__name__):
            continue
        try:
            yield measure()
        except Exception as error:
            # The other rows are still worth having.
            _logger.exception("%s.%s", topic, measure.__name__)
            yield Row((measure.__doc__ or "").strip(), "", "failed", repr(error))


def show(rows: Iterable[Row]) -> None:
    """Print rows as they come, long cells wrapped inside their columns."""
    for row in rows:
        cells = [row.what, row.must, row.measured]
        columns = [textwrap.wrap(c, w) or [""] for c, w in zip(cells, WIDTHS, strict=True)]
        columns.append(textwrap.wrap(row.beside, 60) or [""])
        for i in range(max(map(len, columns))):
            parts = [column[i] if i < len(column) else "" for column in columns]
            widths = (*WIDTHS, 0)
            print("  ".join(p.ljust(w) for p, w in zip(parts, widths, strict=True)).rstrip())
        sys.stdout.flush()


def _load() -> str:
    try:
        return f"{os.getloadavg()[0]:.1f}"
    except (AttributeError, OSError):
        return "unknown"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
