"""``grokmath separability``: a user's own points, separable from the origin or not, and what follows."""

from __future__ import annotations

import argparse
import math
from dataclasses import fields
from typing import Any

from grokmath import __version__
from grokmath.cli.common import UsageError, shown

__all__ = ["add_parser", "run"]

_HELP = "are the points in a file separable from the origin, and what follows for logistic regression on them"
_EPILOG = """\
FILE holds one point a row: .npy, .npz (one array, or a SciPy sparse matrix),
.csv, .tsv or .txt. The verdict is proved, or it is "undecided"."""


def add_parser(verbs: Any) -> None:
    """Add the verb's options."""
    parser = verbs.add_parser("separability", help=_HELP, description=_HELP + ".", epilog=_EPILOG)
    parser.add_argument("file", nargs="?", metavar="FILE", help="the points")
    parser.add_argument(
        "--feature-std",
        "--feature_std",
        dest="feature_std",
        help="standard deviation of new points (default: of these)",
    )
    parser.add_argument("--eta", default="1", help="learning rate (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="the verdict and its numbers as JSON, without the vectors")


def run(options: argparse.Namespace, extra: list[str]) -> int:
    """Run the verb; the exit status: 1 where the verdict is undecided."""
    if extra:
        raise UsageError(f"separability: there is no option {shown(extra[0])} ('grokmath separability --help')")
    if options.file is None:
        raise UsageError("separability: no file given; give the points, one a row, as .npy, .npz, .csv or .txt")
    from grokmath.classification.separability import separability
    from grokmath.data_files import read_matrix

    try:
        points = read_matrix(options.file)
    except OSError as error:
        raise UsageError(f"separability: cannot read {shown(options.file)}: {error.strerror or error}") from None
    found = separability(points, feature_std=options.feature_std, eta=options.eta)
    if options.json:
        import json

        numbers = {entry.name: getattr(found, entry.name) for entry in fields(found) if not entry.name.startswith("_")}
        record = {name: _plain(value) for name, value in numbers.items() if isinstance(value, _SCALAR)}
        print(json.dumps({**record, "lam": str(found.lam), "version": __version__}))
    else:
        print(found)
    return int(found.separable is None)


_SCALAR = (str, bool, int, float, tuple, type(None))


def _plain(value: Any) -> Any:
    """The value, infinities as text: JSON has no number for them."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
