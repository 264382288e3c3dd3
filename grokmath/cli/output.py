"""Files that a verb writes: opened before the computation, in place only when complete."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from types import TracebackType

from grokmath.cli.common import UsageError, shown

__all__ = ["OutputFile"]


class OutputFile:
    """``path``, written as ``path.partial`` and renamed by :meth:`commit`; a pipe or a device is written directly.

    Opening it says at once whether it can be written: :class:`UsageError` if not. Left without a commit, nothing stays.
    """

    def __init__(self, path: str, verb: str) -> None:
        self._final = os.path.realpath(path) if os.path.islink(path) else path
        self._direct = os.path.exists(self._final) and not os.path.isfile(self._final)
        self._writing = self._final if self._direct else f"{self._final}.partial"
        self._done = False
        try:
            if os.path.exists(self._final) and not os.access(self._final, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
            if not os.path.basename(path):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
            self._file = open(self._writing, "wb")  # noqa: SIM115 - closed in __exit__
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"{verb}: cannot write {shown(path)}: {reason}") from None

    def __enter__(self) -> OutputFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._file.close()
        if not self._done and not self._direct:
            with suppress(OSError):
                os.unlink(self._writing)

    def commit(self, content: bytes) -> None:
        """Write the content and put the file in its place."""
        self._file.write(content)
        self._file.close()
        if not self._direct:
            os.replace(self._writing, self._final)
        self._done = True
