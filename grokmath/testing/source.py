"""Python code for what an assertion was given: SymPy expressions, exact numbers, models, and the user's own functions.

A function is written out from its source, with the names that it uses: modules and library functions as imports,
functions of the same module by their source, numbers and expressions by their value. What has none of these is left as
a comment that says so.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import keyword
import linecache
import re
import sys
import sysconfig
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.printing.str import StrPrinter

from grokmath.classification.two_point import TwoPointModel
from grokmath.exact import ExactAlgebraic, integer_text
from grokmath.regression.linear import LinearTeacherStudent

__all__ = ["Script"]

_NAME = re.compile(r"[A-Za-z_]\w*")
_MODELS: dict[type[Any], tuple[tuple[str, ...], dict[str, Any]]] = {
    LinearTeacherStudent: (
        ("lam", "eta", "d_out", "weight_decay", "init_scale", "label_noise", "decay_convention", "noise_model"),
        {
            "d_out": 1,
            "weight_decay": 0,
            "init_scale": 1,
            "label_noise": 0,
            "decay_convention": "paper",
            "noise_model": "exact",
        },
    ),
    TwoPointModel: (("lam", "eta", "sigma", "S0", "b0"), {}),
}


def _print_rational(printer: Any, expr: Any) -> str:
    return str(expr.p) if expr.q == 1 else f"Rational({expr.p}, {expr.q})"


_Printer: Any = type("_Printer", (StrPrinter,), {"_print_Rational": _print_rational})
"""SymPy's own notation, with fractions that Python does not turn into floats."""


class Script:
    """Code that grows by definitions; imports and definitions are kept in order and said once."""

    def __init__(self) -> None:
        self._imports: dict[str, set[str]] = {}
        self._definitions: dict[str, str] = {}
        self._functions: set[FunctionType] = set()
        self._values: dict[str, Any] = {}
        self._symbols: dict[Any, str] = {}

    def require(self, line: str) -> None:
        """An import that the script needs, in one of Python's two forms."""
        module, _, name = line.partition(" import ")
        self._imports.setdefault(module, set()).update([name] if name else [])

    def blocks(self) -> list[str]:
        """The imports as one block, then the definitions, values together and functions apart."""
        order = sorted(
            self._imports, key=lambda module: ("__future__" not in module, module.startswith("from"), module)
        )
        names = {module: ", ".join(sorted(self._imports[module])) for module in order}
        imports = [f"{module} import {names[module]}" if names[module] else module for module in order]
        blocks = ["\n".join(imports), ""]
        for code in self._definitions.values():
            if "\n" in code:
                blocks += [code, ""]
            else:
                blocks[-1] += ("\n" if blocks[-1] else "") + code
        return [block for block in blocks if block]

    def side(self, name: str, side: Any) -> str:
        """Define one side of a statement; the name by which the test may call it."""
        if isinstance(side, sympy.Basic):
            self._define(name, self._expression(side))
        elif callable(side):
            return self._callable(name, side)
        else:
            self._define(name, self.value(side))
        return name

    def value(self, value: Any) -> str:
        """An expression for an exact number, a SymPy object, a model, or a plain Python value."""
        if isinstance(value, Fraction):
            self.require("from fractions import Fraction")
            parts = (value.numerator,) if value.denominator == 1 else (value.numerator, value.denominator)
            return f"Fraction({', '.join(_integer(part) for part in parts)})"
        if isinstance(value, ExactAlgebraic):
            return self._expression(value.expr)
        if isinstance(value, sympy.Basic):
            return self._expression(value)
        if type(value) in _MODELS:
            return self._model(value)
        if isinstance(value, tuple | list):
            inner = ", ".join(self.value(part) for part in value)
            return f"[{inner}]" if isinstance(value, list) else f"({inner},)" if value else "()"
        return repr(value)

    def _define(self, name: str, code: str) -> None:
        self._definitions.setdefault(name, f"{name} = {code}")

    def _model(self, model: Any) -> str:
        self.require("import grokmath as gm")
        names, defaults = _MODELS[type(model)]
        values = {name: getattr(model, name) for name in names}
        parts = [f"{name}={self.value(value)}" for name, value in values.items() if defaults.get(name) != value]
        return f"gm.{type(model).__name__}({', '.join(parts)})"

    # SymPy

    def _expression(self, expr: Any) -> str:
        """Code for an expression; its symbols are declared with their assumptions, its heads imported from SymPy."""
        symbols = {symbol: self._symbol(symbol) for symbol in sorted(expr.free_symbols, key=str)}
        printed = {symbol: sympy.Symbol(name) for symbol, name in symbols.items()}
        code: str = _Printer({"order": "none"}).doprint(expr.xreplace(printed))
        own = {node.func.__name__ for node in expr.atoms(AppliedUndef)}
        for name in sorted(set(_NAME.findall(code)) - set(symbols.values())):
            if name in own:
                self._own_function(name)
            elif hasattr(sympy, name):
                self.require(f"from sympy import {name}")
        for symbol, name in symbols.items():
            self.require("from sympy import Symbol")
            self._define(name, sympy.srepr(symbol))
        return code

    def _symbol(self, symbol: Any) -> str:
        """The symbol's name in the script, its own one."""
        name = _identifier(symbol.name)
        while name in self._symbols.values() and symbol not in self._symbols:
            name += "_"
        return self._symbols.setdefault(symbol, name)

    def _own_function(self, name: str) -> None:
        vocabulary = sys.modules.get("grokmath.ledger.vocabulary")
        if vocabulary is not None and hasattr(vocabulary, name):
            self.require(f"from grokmath.ledger.vocabulary import {name}")
        else:
            self._missing(name, "a ball_function")

    # Functions

    def _callable(self, name: str, function: Callable[..., Any]) -> str:
        if isinstance(function, functools.partial):
            inner = self._callable(f"{name}_function", function.func)
            self.require("import functools")
            parts = [inner, *map(self.value, function.args)]
            parts += [f"{key}={self.value(value)}" for key, value in function.keywords.items()]
            self._define(name, f"functools.partial({', '.join(parts)})")
            return name
        if inspect.ismethod(function) and type(function.__self__) in _MODELS:
            self._define(name, f"{self._model(function.__self__)}.{function.__name__}")
            return name
        if _is_library(function):
            self._import_from(function, name)
            return name
        source = _source(function) if isinstance(function, FunctionType) else None
        if source is None or not isinstance(function, FunctionType):
            self._missing(name, f"the callable {getattr(function, '__qualname__', function)}")
            return name
        defined = name if isinstance(source, ast.Lambda) else function.__name__
        if function not in self._functions:  # functions may call one another
            self._functions.add(function)
            self._names(function, source)
            if isinstance(source, ast.Lambda):
                code = f"def {name}({ast.unparse(source.args)}):\n    return {ast.unparse(source.body)}"
            else:
                self.require("from __future__ import annotations")
                code = ast.unparse(source)
            self._definitions.setdefault(defined, code)
        return defined

    def _names(self, function: FunctionType, source: ast.AST) -> None:
        """Define or import every name that the source uses and does not bind itself."""
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        bound = {*_parameters(source), *function.__code__.co_varnames}
        local = {name: cell.cell_contents for name, cell in cells if _is_filled(cell)}
        for node in ast.walk(source):
            if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
                continue
            if node.id in local:
                self._name(node.id, local[node.id], function)
            elif node.id in function.__globals__ and node.id not in bound:
                self._name(node.id, function.__globals__[node.id], function)

    def _name(self, name: str, value: Any, user: FunctionType) -> None:
        if value is user or value is getattr(builtins, name, None):
            return
        known = self._values.setdefault(name, value)
        if known is not value and known != value:
            self._definitions[f"{name}, again"] = f"# {name}: has another value in {user.__qualname__}; rename one"
            return
        if isinstance(value, ModuleType):
            path = value.__name__
            self.require(f"import {path}" if path == name else f"import {path} as {name}")
        elif isinstance(value, sympy.Basic) and not isinstance(value, type):
            self._define(name, self._expression(value))
        elif isinstance(value, bool | int | str | float | Fraction | tuple | list | None) or type(value) in _MODELS:
            self._define(name, self.value(value))
        elif isinstance(value, type | FunctionType) and _is_library(value):
            self._import_from(value, name)
        elif isinstance(value, FunctionType):
            defined = self._callable(name, value)
            if defined != name:
                self._define(name, defined)
        else:
            self._missing(name, f"a {type(value).__name__}")

    def _import_from(self, value: Any, name: str) -> None:
        import grokmath

        module, own = value.__module__, value.__qualname__
        if module.startswith("grokmath.") and own in grokmath.__all__:
            module = "grokmath"
        self.require(f"from {module} import {own}" + (f" as {name}" if own != name else ""))

    def _missing(self, name: str, what: str) -> None:
        self._definitions.setdefault(name, f"# {name}: {what}, to be defined here as in your own module")


def _integer(n: int) -> str:
    """An integer, large powers of ten as such."""
    text = integer_text(n)
    zeros = len(text) - len(text.rstrip("0"))
    if zeros < 7:
        return text
    head = text[:-zeros]
    return f"10**{zeros}" if head == "1" else f"{head} * 10**{zeros}"


def _identifier(name: str) -> str:
    """A Python name for a symbol's name, one that is not SymPy's."""
    plain = re.sub(r"\W", "", name) or "x"
    if plain[0].isdigit() or keyword.iskeyword(plain) or hasattr(sympy, plain) or hasattr(builtins, plain):
        return f"{plain}_" if not plain[0].isdigit() else f"x{plain}"
    return plain


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _is_library(value: Any) -> bool:
    """Whether a function or class can be imported from an installed package, the standard library or grokmath."""
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    name = getattr(value, "__qualname__", "<>")
    if module is None or "." in name or getattr(module, name, None) is not value:
        return False
    if module.__name__.partition(".")[0] == "grokmath" or not getattr(module, "__file__", None):
        return module.__name__ != "__main__"
    paths = [sysconfig.get_path(key) for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    return any(Path(module.__file__ or "").is_relative_to(path) for path in paths)


def _parameters(source: ast.AST) -> set[str]:
    return {node.arg for node in ast.walk(source) if isinstance(node, ast.arg)}


def _source(function: FunctionType) -> ast.AST | None:
    """The function's definition as a syntax tree, or None where its source cannot be had."""
    code = function.__code__
    lines = linecache.getlines(code.co_filename)
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return None
    kinds: tuple[type[ast.AST], ...] = (ast.Lambda,) if code.co_name == "<lambda>" else (ast.FunctionDef,)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds) and _is_of(node, code)]
    if code.co_name == "<lambda>":  # the innermost of those that hold it
        found = [
            node for node in found if not any(inner is not node and inner in set(ast.walk(node)) for inner in found)
        ]
    return found[0] if len(found) == 1 else None


def _is_of(node: Any, code: Any) -> bool:
    """Whether the code may be compiled from the node: the same first line and, for a lambda, columns inside its own."""
    if not isinstance(node, ast.Lambda):
        first = min([node.lineno, *(part.lineno for part in node.decorator_list)])
        return bool(code.co_firstlineno == first and code.co_name == node.name)
    body = node.body
    start, end = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
    spots = [spot for spot in code.co_positions() if None not in spot and (spot[0] != spot[1] or spot[2] != spot[3])]
    return code.co_firstlineno == node.lineno and all(start <= (s[0], s[2]) and (s[1], s[3]) <= end for s in spots)
