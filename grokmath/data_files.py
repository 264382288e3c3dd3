"""A user's data matrix from a file: .npy, .npz (SciPy sparse, or one array), or text with one point a line.

Nothing in a file is executed: pickled objects are refused. Text is numbers separated by commas, semicolons, tabs or
spaces; lines that start with # are comments, and one line of column names at the top is skipped.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from grokmath.parameters import DomainError, domain_error, shown

_TEXT = {".csv", ".tsv", ".txt", ".dat"}


def read_matrix(path: str | Path) -> Any:
    """The matrix in a file, a NumPy array or a SciPy sparse array.

    Raises :class:`DomainError` for a file that is not read as a matrix of numbers, and ``OSError`` for one that cannot
    be opened.
    """
    import numpy as np

    path = Path(path)
    suffix = path.suffix.lower()
    try:
        if suffix == ".npy":
            with path.open("rb") as file:
                return np.load(file, allow_pickle=False)
        if suffix == ".npz":
            return _archive(path)
        if suffix in _TEXT:
            return _text(path)
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = re.split(r"[.;] (?=If |use )", str(error))[0]  # without advice on how to call NumPy
        raise DomainError(f"read_matrix: {shown(path.name)} is not a matrix of numbers: {reason}") from None
    known = ", ".join(sorted({".npy", ".npz", *_TEXT}))
    raise domain_error("read_matrix", "file", path.name, f"a file named {known}", "convert it")


def _archive(path: Path) -> Any:
    import numpy as np
    import scipy.sparse as sp

    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        names = list(archive.files)
        if "format" in names:
            file.seek(0)
            return sp.csr_array(sp.load_npz(file))
        if len(names) != 1:
            raise ValueError(f"it holds {len(names)} arrays; save one, or a SciPy sparse matrix")
        return archive[names[0]]


def _text(path: Path) -> Any:
    import numpy as np

    with path.open(encoding="utf-8-sig") as file:
        lines = [line.strip() for line in file]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        raise ValueError("it has no lines of numbers")
    delimiter = next((mark for mark in ",;\t" if mark in lines[0]), None)
    if not _is_numbers(lines[0].split(delimiter)):
        lines = lines[1:]
    if not lines:
        raise ValueError("it has column names and no numbers")
    return np.loadtxt(lines, delimiter=delimiter, ndmin=2, dtype=np.float64, comments=None)


def _is_numbers(fields: list[str]) -> bool:
    try:
        return all(isinstance(float(field), float) for field in fields)
    except ValueError:
        return False
