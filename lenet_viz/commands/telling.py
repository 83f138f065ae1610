"""How a command tells on stderr what it is doing."""

from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from lenet_viz.engine.messages import Progress

_BAR: Final = 24
"""Letters that the progress bar is wide."""


class Teller:
    """Tells a run's stages: a bar that is redrawn on a terminal, else one line a stage."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._bar = stream is not None and stream.isatty()
        self._last = ""
        self._width = 0

    def __enter__(self) -> "Teller":
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None and self._width:
            self._stream.write("\r" + " " * self._width + "\r")  # what comes next starts clean
            self._stream.flush()

    def take(self, progress: "Progress") -> None:
        """Tell where a run is."""
        self.stage(progress.stage.english(), progress.fraction)

    def stage(self, text: str, fraction: float = 0.0) -> None:
        """Tell a stage, with how much is done, 0 to 1."""
        if self._stream is None:
            return
        if self._bar:
            full = round(_BAR * min(1.0, max(0.0, fraction)))
            line = f"[{'#' * full}{'.' * (_BAR - full)}] {text}"
            self._stream.write("\r" + line.ljust(self._width))
            self._width = max(self._width, len(line))
        elif text != self._last:
            self._stream.write(text + "\n")
        self._last = text
        self._stream.flush()
