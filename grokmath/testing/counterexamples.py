"""What a failed assertion says: the point, both sides, and a test that fails there, ready to paste."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grokmath.exact import ExactAlgebraic, exact_text
from grokmath.parameters import Undecidable
from grokmath.testing.source import Script

__all__ = ["NotDecided", "Refuted", "failing_test", "point_text"]


class Refuted(AssertionError):
    """A statement was disproved at exact parameters.

    ``point`` holds the parameters by name, ``code`` a complete Python file whose test fails there.
    """

    def __init__(self, message: str, point: Mapping[str, Any], code: str) -> None:
        super().__init__(message)
        self.point = dict(point)
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.point, self.code)


class NotDecided(Refuted, Undecidable):
    """A statement was neither supported nor disproved at exact parameters: this does not pass.

    It is an ``AssertionError`` and a :class:`grokmath.Undecidable`; attributes as for :class:`Refuted`.
    """


def point_text(point: Mapping[str, Any]) -> str:
    """``lam = 0.5, t = 1``; other things than numbers by their repr."""
    return ", ".join(f"{name} = {_value_text(value)}" for name, value in point.items()) or "the only point"


def _value_text(value: Any) -> str:
    return exact_text(value) if hasattr(value, "numerator") or isinstance(value, ExactAlgebraic) else repr(value)


def failing_test(
    function: str,
    sides: Mapping[str, Any],
    arguments: tuple[Any, ...],
    point: Mapping[str, Any],
    options: Mapping[str, Any],
) -> str:
    """A Python file that calls the assertion at one point: imports, definitions of the sides, and a test.

    ``arguments`` stand between the sides and the point; ``options`` are keyword arguments.
    """
    script = Script()
    script.require("from grokmath.testing import " + function)
    names = [script.side(name, side) for name, side in sides.items()]
    given = "{" + ", ".join(f"{name!r}: {script.value(value)}" for name, value in point.items()) + "}"
    parts = [*names, *(script.value(argument) for argument in arguments), given]
    parts += [f"{name}={script.value(value)}" for name, value in options.items()]
    test = ["def test_counterexample():", f"    {function}(", *(f"        {part}," for part in parts), "    )"]
    main = ['if __name__ == "__main__":', "    test_counterexample()"]
    blocks = [*script.blocks(), "\n".join(test), "\n".join(main)]
    return "\n\n\n".join(blocks) + "\n"
