"""Where the rows of a table go, and their streaming into it."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import IO, Protocol

from grokmath.tables.table import Row, Table

__all__ = ["Layout", "RowSink", "TextStream", "stream"]


class Layout(Protocol):
    """What turns a table into text: a head, one piece per row, and a foot."""

    def head(self) -> str: ...
    def row(self, row: Row) -> str: ...
    def foot(self) -> str: ...


class TextStream(Protocol):
    """What an open text stream must do to take rows."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...


class RowSink:
    """Where the rows go: FILE.partial, which :meth:`commit` renames to FILE, or an open stream.

    A FILE that exists and is no regular file (a pipe, a device) is written directly. Each row is flushed, so that an
    interrupted run leaves the rows that it had; ``rows`` counts them. Opening raises OSError where it cannot write.
    """

    def __init__(self, path: str | None, stream: TextStream | None = None) -> None:
        self.rows = 0
        self.writing: str | None = None
        self._final: str | None = None
        self._stream: TextStream = stream or sys.stdout
        self._file: IO[str] | None = None
        if path is None:
            return
        final = os.path.realpath(path) if os.path.islink(path) else path
        if os.path.isdir(final):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if os.path.exists(final) and not os.access(final, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        if os.path.exists(final) and not os.path.isfile(final):
            self.writing = final
        else:
            self._final = final
            self.writing = final + ".partial"
        self._stream = self._file = open(self.writing, "w", encoding="ascii", newline="")  # noqa: SIM115

    def __enter__(self) -> RowSink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with suppress(OSError):  # rows are flushed one by one; what cannot be written has been reported
                self._file.close()

    def write(self, text: str) -> None:
        """Write and flush."""
        self._stream.write(text)
        self._stream.flush()

    def write_row(self, text: str) -> None:
        """Write, flush and count."""
        self.write(text)
        self.rows += 1

    def commit(self) -> None:
        """Close the file and give it its name."""
        if self._file is not None:
            self._file.close()
        if self.writing is not None and self._final is not None:
            os.replace(self.writing, self._final)
            self.writing = self._final


def stream(table: Table, layout: Layout, sink: RowSink, tick: Callable[[], object] | None = None) -> int:
    """Write the table to the sink as its rows come, and commit it; the number of rows with entries left unproved.

    ``tick`` is called after each row. An interrupted table gets its foot too, so that what is there can be read.
    """
    unproved = 0
    sink.write(layout.head())
    try:
        for row in table.rows():
            sink.write_row(layout.row(row))
            unproved += not row.proved
            if tick is not None:
                tick()
    except KeyboardInterrupt:
        with suppress(OSError):
            sink.write(layout.foot())
        raise
    sink.write(layout.foot())
    sink.commit()
    return unproved
