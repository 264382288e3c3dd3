"""The three readings of a quantity, chosen by the input alone, in one place.

The contract, for a function f of the arguments x, y, ... and of parameters that were read before:

* an argument or parameter with a free SymPy symbol: ``symbolic(x, y, ...)`` with SymPy numbers and expressions;
* numbers and ``digits=n``: ``certified(x, y, ..., n)`` with exact numbers, one call for every element of the broadcast
  arguments; arrays give an object array of the results;
* numbers and no ``digits``: ``float64(x, y, ...)`` with Python floats or float64 arrays.

In use::

    return read("f", [Argument("x", x, POSITIVE), Argument("y", y)], digits,
                symbolic=..., certified=..., float64=..., parameters=[self.lam])

``digits`` together with a free symbol raises :class:`DomainError`, as does every value outside its domain.
:func:`exact_complex` and :func:`complex_argument` read complex arguments, :func:`sympy_number` turns what was read into
SymPy numbers, :func:`plain` makes a Python number of an array of dimension 0.
"""

from __future__ import annotations

import cmath
import numbers
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from grokmath.exact import Exact, ExactAlgebraic
from grokmath.parameters import (
    REAL,
    Domain,
    array_argument,
    digits_argument,
    domain_error,
    exact,
    float_argument,
    is_array,
    is_symbolic,
)


class Argument(NamedTuple):
    """An argument as the caller gave it: its name, its value, and the domain it must lie in.

    ``is_complex`` lets a complex number pass; it is then read as a pair of exact numbers (real, imaginary) or, in the
    float64 reading, as a float or complex (array).
    """

    name: str
    value: Any
    domain: Domain = REAL
    is_complex: bool = False


def read(
    function: str,
    arguments: Sequence[Argument],
    digits: int | None,
    *,
    symbolic: Callable[..., Any],
    certified: Callable[..., Any],
    float64: Callable[..., Any],
    parameters: Sequence[Any] = (),
) -> Any:
    """Call the reading that the input asks for (see the top of the file) and return what it returns."""
    arguments = [argument._replace(value=_unpacked(argument.value)) for argument in arguments]
    if digits is not None:
        digits = digits_argument(digits, function)
        for index, parameter in enumerate(parameters):  # exact numbers by now, or expressions with a free symbol
            if is_symbolic(parameter):
                exact(parameter, _name(parameter, index), function)
        return _certified(function, arguments, digits, certified)
    if any(is_symbolic(value) for value in [*parameters, *(argument.value for argument in arguments)]):
        return symbolic(*(_symbolic_argument(argument, function) for argument in arguments))
    return float64(*(_float_argument(argument, function) for argument in arguments))


def _name(parameter: Any, index: int) -> str:
    return str(parameter) if getattr(parameter, "is_Symbol", False) else f"parameter {index + 1}"


def _unpacked(value: Any) -> Any:
    """The element of an array of dimension 0; anything else as it is."""
    if hasattr(value, "__array__") and not isinstance(value, numbers.Number) and getattr(value, "ndim", 1) == 0:
        return value[()]
    return value


def _exact_argument(argument: Argument, function: str) -> Any:
    if argument.is_complex:
        return exact_complex(argument.value, argument.name, function)
    return exact(argument.value, argument.name, function, argument.domain)


def _float_argument(argument: Argument, function: str) -> Any:
    if argument.is_complex:
        return complex_argument(argument.value, argument.name, function)
    return float_argument(argument.value, argument.name, function, argument.domain)


def _symbolic_argument(argument: Argument, function: str) -> Any:
    if is_symbolic(argument.value):
        return argument.value
    number = _exact_argument(argument, function)
    if isinstance(number, tuple):
        import sympy

        return sympy_number(number[0]) + sympy.I * sympy_number(number[1])
    return sympy_number(number)


def _certified(function: str, arguments: Sequence[Argument], digits: int, certified: Callable[..., Any]) -> Any:
    if not any(is_array(argument.value) for argument in arguments):
        return certified(*(_exact_argument(argument, function) for argument in arguments), digits)
    import numpy as np

    try:
        columns = np.broadcast_arrays(*(np.asarray(argument.value, dtype=object) for argument in arguments))
    except ValueError:
        shapes = ", ".join(str(np.shape(argument.value)) for argument in arguments)
        names = ", ".join(argument.name for argument in arguments)
        raise domain_error(
            function, names, shapes, "shapes that broadcast", "give arrays of one shape, or scalars"
        ) from None
    result = np.empty(columns[0].shape, dtype=object)
    for index in np.ndindex(result.shape):
        element = [a._replace(value=column[index]) for a, column in zip(arguments, columns, strict=True)]
        result[index] = certified(*(_exact_argument(argument, function) for argument in element), digits)
    return result


def sympy_number(x: Exact | int) -> Any:
    """An exact number as a SymPy number."""
    if isinstance(x, ExactAlgebraic):
        return x.expr
    import sympy

    return sympy.Rational(x.numerator, x.denominator)


def exact_complex(value: Any, argument: str, function: str) -> tuple[Exact, Exact]:
    """The real and imaginary part of a real or complex number, exactly; floats are read as shortest decimals."""
    if isinstance(value, complex):  # NumPy's complex128 too; a float is no complex
        return exact(value.real, argument, function), exact(value.imag, argument, function)
    if getattr(value, "is_number", False) and hasattr(value, "as_real_imag"):  # a SymPy number
        real, imaginary = value.as_real_imag()
        return exact(real, argument, function), exact(imaginary, argument, function)
    return exact(value, argument, function), Fraction(0)


def complex_argument(value: Any, argument: str, function: str) -> Any:
    """The value as a float or float64 array where it is real, else as a complex or complex128 array; finite."""
    if isinstance(value, complex):
        if cmath.isfinite(value):
            return complex(value)
        raise domain_error(function, argument, value, "a finite number", "choose a finite value")
    if hasattr(value, "as_real_imag") and getattr(value, "is_number", False):
        real, imaginary = (float(part) for part in exact_complex(value, argument, function))
        return complex(real, imaginary) if imaginary else real
    if is_array(value):
        import numpy as np

        array = array_argument(value, argument, function)
        if array.dtype.kind == "O":
            flat = [complex_argument(item, argument, function) for item in array.ravel()]
            return np.array(flat).reshape(array.shape)
        if array.dtype.kind == "c":
            if np.isfinite(array).all():
                return array.astype(np.complex128)
            first = complex(array[~np.isfinite(array)].flat[0])
            raise domain_error(function, argument, first, "finite numbers", "choose finite values")
    return float_argument(value, argument, function)


def plain(result: Any) -> Any:
    """A Python float or complex for an array of dimension 0 or a NumPy scalar; an array as it is."""
    return result.item() if getattr(result, "ndim", 1) == 0 else result
