import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "augury"

QUESTIONED = 400  # lines of a module: past this, it needs a reason in LONG_MODULES
REFUSED = 600  # lines of a module: past this, nobody dares to cut it any more
LONGEST_FUNCTION = 50  # lines, without its docstring: more than a screen
DEEPEST_FOLDER = 2  # below src: src/augury/contract
DIVIDED = "service"  # the one room with so many modules that it has rooms of its own

# Modules past QUESTIONED lines, each with why it is not cut.
LONG_MODULES: dict[str, str] = {}


def _modules() -> list[Path]:
    modules = sorted(SOURCE.rglob("*.py"))
    assert modules, f"no module under {SOURCE}"
    return modules


def _lines(module: Path) -> int:
    return len(module.read_text().splitlines())


def _functions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the def to the end, less the docstring's."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return length
    docstring = function.body[0]
    return length - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def test_modules_are_short() -> None:
    """A module past 400 lines has a written reason, and none is past 600."""
    lengths = {str(module.relative_to(SOURCE)): _lines(module) for module in _modules()}
    assert {name: length for name, length in lengths.items() if length > REFUSED} == {}
    assert {name for name, length in lengths.items() if length > QUESTIONED} == set(LONG_MODULES)


def test_functions_are_short() -> None:
    """No function is longer than 50 lines, its docstring not counted."""
    long = {
        f"{module.relative_to(SOURCE)}:{function.lineno} {function.name}": _length(function)
        for module in _modules()
        for function in _functions(module)
        if _length(function) > LONGEST_FUNCTION
    }
    assert long == {}


def test_folders_are_shallow() -> None:
    """No module lies deeper than src/augury/ROOM/, and those of the service no deeper than one folder more."""
    places = [module.relative_to(SOURCE) for module in _modules()]
    deep = [str(place) for place in places if len(place.parts) > DEEPEST_FOLDER + (place.parts[0] == DIVIDED)]
    assert deep == []


def test_a_docstring_does_not_count() -> None:
    """The length of a function is that of its code."""
    tree = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n')
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    assert _length(function) == 2
