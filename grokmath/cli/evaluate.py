"""``grokmath eval``: one quantity to any number of proved digits."""

from __future__ import annotations

import argparse
import math
from fractions import Fraction
from typing import Any

from grokmath import __version__
from grokmath.cli.common import UsageError, digits_option, nearest, shown
from grokmath.quantities import QUANTITIES, WORDS, Quantity, flag

__all__ = ["PARAMETERS", "evaluate"]

PARAMETERS = tuple(dict.fromkeys(name for quantity in QUANTITIES.values() for name in quantity.parameters))
"""The names of all parameters of all quantities."""

_NO_TIMES = ("low", "high", "label_noise", "loss")
"""Parts of results that are no times."""


def evaluate(options: argparse.Namespace, extra: list[str]) -> int:
    """Run the verb; the exit status."""
    if options.list:
        return _list(options.json)
    name = options.quantity
    if name is None:
        raise UsageError("eval: no quantity given; 'grokmath eval --list' says what there is")
    if name not in QUANTITIES:
        raise UsageError(
            f"eval: there is no quantity {shown(name)}{nearest(name, list(QUANTITIES))} "
            "('grokmath eval --list' says what there is)"
        )
    quantity = QUANTITIES[name]
    given = {key: value for key, value in vars(options).items() if key in PARAMETERS and value is not None}
    _check_options(name, quantity, given, extra)
    arguments: dict[str, Any] = {key: value for key, value in quantity.optional.items() if value is not None} | given
    digits = digits_option(options.digits)
    for key in arguments.keys() & set(quantity.integers):
        arguments[key] = _integer(arguments[key], key, name)
    result = quantity.compute(**arguments, digits=digits)
    return _print_result(name, quantity, arguments, digits, result, options.json)


def _check_options(name: str, quantity: Quantity, given: dict[str, str], extra: list[str]) -> None:
    missing = [key for key in quantity.needed if key not in given]
    superfluous = [flag(key) for key in given if key not in quantity.parameters] + [shown(text) for text in extra]
    if missing or superfluous:
        problem = f"lacks {' '.join(map(flag, missing))}" if missing else ""
        problem += " and " if missing and superfluous else ""
        problem += f"does not take {' '.join(superfluous[:5])}" if superfluous else ""
        raise UsageError(f"eval: {name} {problem}; its options are {quantity.usage()} [--digits DIGITS] [--json]")


def _integer(text: str, argument: str, function: str) -> int:
    from grokmath.parameters import domain_error, parse_number

    number = parse_number(text)
    if number is None or number.denominator != 1 or abs(number) > 10**18:
        raise domain_error(function, argument, text, "an integer of modulus at most 10^18", "give a whole number")
    return int(number)


def _list(as_json: bool) -> int:
    if as_json:
        import json

        records = [
            {"quantity": name, "needed": q.needed, "optional": q.optional, "help": q.help.replace("\n", " ")}
            for name, q in QUANTITIES.items()
        ]
        print(json.dumps(records, indent=1))
    else:
        for name, quantity in QUANTITIES.items():
            print(quantity.described(name, ""))
    return 0


def _print_result(
    name: str, quantity: Quantity, arguments: dict[str, Any], digits: int, result: Any, as_json: bool
) -> int:
    """Print the number, or the parts of a result that is no number; 1 where a closed form has none, else 0."""
    parts: dict[str, Any] = {part: getattr(result, part, None) for part in quantity.parts}
    reason = getattr(result, "reason", None)
    missing = bool(parts) and all(value is None for value in parts.values())
    if as_json:
        import json

        parameters = _exact_parameters(quantity, arguments)
        record: dict[str, Any] = {"quantity": name, "parameters": parameters, "digits": digits}
        if parts:
            record |= {part: _json_number(value, part) for part, value in parts.items()}
            record |= {"method": getattr(result, "method", None), "reason": reason}
        else:
            record |= {**_json_number(result), "method": getattr(result, "method", None)}
        print(json.dumps({**record, "version": __version__}))
    elif parts:
        optional = quantity.parts[3:]  # which may have nothing to say
        told = {part: x for part, x in parts.items() if x is not None or (missing and part not in optional)}
        width = max(map(len, told))
        for part, value in told.items():
            print(f"{part:{width}}  {_text(value, part)}")
        if reason is not None:
            print(f"reason {reason}")
    else:
        print(result)
    return int(missing)


def _text(value: Any, part: str) -> str:
    return str(_json_number(value, part)["value"] or "none")


def _json_number(value: Any, part: str | None = None) -> dict[str, str | None]:
    """The texts of a number; infinity is "never" for a part that is a time, else "inf"."""
    from grokmath.table_formats import error_text

    if isinstance(value, int | Fraction):
        return {"value": str(value), "error": "0"}
    if value is None or isinstance(value, float):  # the logarithm of a time 0 is no number
        infinite = "inf" if part is None or part in _NO_TIMES else "never"
        return {"value": infinite if value == math.inf else None, "error": None}
    parts = {"real": str(value.real), "imag": str(value.imag)} if hasattr(value, "imag") else {}
    return {"value": str(value), "error": error_text(value.error), **parts}


def _exact_parameters(quantity: Quantity, arguments: dict[str, Any]) -> dict[str, str | None]:
    from grokmath.exact import exact_text
    from grokmath.parameters import parse_number

    texts: dict[str, str | None] = {}
    for key in quantity.parameters:
        value = arguments.get(key)
        number = None if key in WORDS or value is None else parse_number(str(value))
        default = "erf(sqrt(2))" if key == "accuracy" and value is None else None if value is None else str(value)
        texts[key] = default if number is None else exact_text(number)
    return texts
