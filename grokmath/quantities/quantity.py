"""What a quantity of ``grokmath eval`` is: its call, its parameters, a line of help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import grokmath

__all__ = ["Options", "Quantity", "flag", "function"]

Options = dict[str, str | None]
"""Optional parameters with their defaults as text; None where leaving it out has a meaning of its own."""


class Quantity(NamedTuple):
    """What ``grokmath eval`` can compute: the call, the parameters needed, those with a default, and a line of help.

    ``parts`` are the attributes to print where the result is no number, ``integers`` the parameters that are integers.
    """

    compute: Callable[..., Any]
    needed: tuple[str, ...]
    optional: dict[str, str | None]
    help: str
    parts: tuple[str, ...] = ()
    integers: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters, those needed first."""
        return (*self.needed, *self.optional)

    def described(self, name: str, indent: str) -> str:
        """The quantity's name and parameters on one line, its help on the next, indented."""
        lines = "\n".join(f"{indent}    {line}" for line in self.help.splitlines())
        return f"{indent}{name} {self.usage()}\n{lines}"

    def usage(self) -> str:
        """The parameters as one would type them."""
        needed = [f"{flag(name)} {name.upper()}" for name in self.needed]
        return " ".join(needed + [f"[{flag(name)} {name.upper()}]" for name in self.optional])


def flag(name: str) -> str:
    """A parameter's name as it is typed: ``--weight-decay`` for weight_decay."""
    return f"--{name.replace('_', '-')}"


def function(name: str) -> Callable[..., Any]:
    """A public function of grokmath."""
    return lambda **arguments: getattr(grokmath, name)(**arguments)
