"""A queue in two parts: what our own side asks for comes before what an engine says."""

import threading
from collections import deque
from collections.abc import Callable

NEWS_LIMIT = 256
"""How many unread messages of engines are held before their readers have to wait."""

Event = Callable[[], None]


class Mailbox:
    """Events for one thread that serves them.

    Orders (submit, stop) never wait and are served first, so that an engine that floods us with
    messages cannot hold up Stop. News wait when there are too many, so that it cannot fill memory.
    """

    def __init__(self) -> None:
        self._orders: deque[Event] = deque()
        self._news: deque[Event] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def order(self, event: Event) -> None:
        """Add an order; never waits."""
        with self._changed:
            self._orders.append(event)
            self._changed.notify_all()

    def report(self, event: Event) -> None:
        """Add news, waiting while there are too many; dropped after `close`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._news) < NEWS_LIMIT)
            if not self._closed:
                self._news.append(event)
                self._changed.notify_all()

    def take(self) -> Event | None:
        """Return the next event, waiting for one; None after `close`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._orders or self._news)
            if self._closed:
                return None
            event = self._orders.popleft() if self._orders else self._news.popleft()
            self._changed.notify_all()
            return event

    def close(self) -> None:
        """Drop everything and let whoever waits go on."""
        with self._changed:
            self._closed = True
            self._orders.clear()
            self._news.clear()
            self._changed.notify_all()
