"""A recipe: how a table is prepared, split and fitted, as plain values from a TOML file."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from augury.artifact.document import Scalar
from augury.contract.nearest import find_nearest
from augury.errors import UsageError
from augury.profile import MIN_COUNT
from augury.tables.members import explain_mistake, find_problems

Case = Literal["table", "lower"]


class Spelling(Struct, frozen=True, forbid_unknown_fields=True):
    """How fields and levels are spelt: as in the table, or in lower case with ``_`` for a space."""

    names: Case = "table"
    levels: Case = "table"


class Numbers(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands for a missing number, and whether numbers are centred and scaled to variance 1."""

    null: Literal["median", "mean"] | float = "median"
    scale: Literal["standard", "none"] = "standard"


class Categories(Struct, frozen=True, forbid_unknown_fields=True):
    """How texts become columns, what stands for a missing one, and in how few rows a level is rare."""

    encoder: Literal["one_hot", "dict_vectorizer"] = "one_hot"
    null: Literal["level", "most_frequent"] = "level"
    rare: int = MIN_COUNT


class Split(Struct, frozen=True, forbid_unknown_fields=True):
    """Which share of the rows is held out, by which seed, and whether each class keeps its share on both sides."""

    share: float = 0.2
    seed: int = 1
    stratified: bool = True


class Classifier(Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic regression.

    Args:
        solver: one of ``sklearn.linear_model.LogisticRegression``, or ``auto``.
        C: the inverse strength of the penalty, or several, of which cross-validation chooses.
        folds: of the cross-validation.
        class_weight: ``balanced`` gives both classes the same weight.
        tol, max_iter: when the solver stops.
        kernel: of the linear algebra library, where the numbers hang on it.
    """

    solver: Literal["auto", "lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"] = "auto"
    C: float | tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
    folds: int = 5
    class_weight: Literal["none", "balanced"] = "none"
    tol: float = 1e-4
    max_iter: int = 1000
    kernel: str | None = None

    @property
    def strengths(self) -> tuple[float, ...]:
        """The values of ``C`` to choose from, rising."""
        return tuple(sorted(self.C)) if isinstance(self.C, tuple) else (self.C,)


class Recipe(Struct, frozen=True, forbid_unknown_fields=True):
    """How a table becomes a fitted estimator."""

    spelling: Spelling = Spelling()
    numbers: Numbers = Numbers()
    categories: Categories = Categories()
    split: Split = Split()
    classifier: Classifier = Classifier()


_SECTIONS: dict[str, type[Struct]] = {
    "spelling": Spelling,
    "numbers": Numbers,
    "categories": Categories,
    "split": Split,
    "classifier": Classifier,
}


def list_settings(recipe: Recipe) -> dict[str, Scalar]:
    """List every key of a recipe with its value, several values as one text."""
    sections: dict[str, dict[str, Any]] = msgspec.to_builtins(recipe)
    return {
        f"{section}.{key}": ", ".join(f"{each:g}" for each in value) if isinstance(value, tuple | list) else value
        for section, settings in sections.items()
        for key, value in settings.items()
    }


def list_recipes() -> list[str]:
    """List the recipes that come with Augury."""
    return sorted(item.name.removesuffix(".toml") for item in _folder().iterdir() if item.name.endswith(".toml"))


def read_recipe(source: str | Recipe) -> Recipe:
    """Read a recipe: by its name, or from a file whose name ends in ``.toml``.

    Raises:
        UsageError: with every mistake in it.
    """
    if isinstance(source, Recipe):
        return _check(source, "the recipe passed")
    if source.endswith(".toml"):
        return parse_recipe(_read_file(Path(source)), where=source)
    names = list_recipes()
    if source not in names:
        nearest = find_nearest(source, names)
        hint = f"did you mean {nearest!r}?" if nearest else f"there are {', '.join(names)}, or FILE.toml of your own"
        raise UsageError(f"there is no recipe {source!r}", mend=hint)
    return parse_recipe((_folder() / f"{source}.toml").read_text(encoding="utf-8"), where=f"recipe {source}")


def parse_recipe(text: str, *, where: str) -> Recipe:
    """Parse a recipe.

    Raises:
        UsageError: with every mistake in it.
    """
    try:
        parsed = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"the recipe is not TOML: {error}", where=where, mend="correct the file") from None
    problems = list(_find_mistakes(parsed))
    if problems:
        raise _refuse(problems, where)
    return _check(msgspec.convert(parsed, Recipe), where)


def _folder() -> Any:
    return files("augury.training") / "recipes"


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError("there is no such recipe", where=str(path), mend="check the path") from None
    except OSError as error:
        raise UsageError(
            f"the recipe cannot be read: {error.strerror}", where=str(path), mend="check the path"
        ) from None
    except UnicodeDecodeError as error:
        what = f"the recipe is not UTF-8 (byte {error.start})"
        raise UsageError(what, where=str(path), mend="save it as UTF-8") from None


def _find_mistakes(parsed: Mapping[str, object]) -> Iterator[str]:
    for name, members in parsed.items():
        section = _SECTIONS.get(name)
        if section is None:
            nearest = find_nearest(name, _SECTIONS)
            yield f"there is no section [{name}]; " + (
                f"nearest is [{nearest}]" if nearest else f"there are {', '.join(f'[{known}]' for known in _SECTIONS)}"
            )
        elif not isinstance(members, dict):
            yield f"{name} is a section of its own, [{name}]"
        else:
            yield from _find_section_mistakes(name, section, members)


def _find_section_mistakes(name: str, section: type[Struct], members: Mapping[str, object]) -> Iterator[str]:
    problems = find_problems(section, members, f"of [{name}]")
    yield from problems
    known = {member: value for member, value in members.items() if member in section.__struct_fields__}
    for member, value in known.items():
        if any(problem.startswith(f"{member} is ") for problem in problems):
            continue
        try:
            msgspec.convert({member: value}, section)
        except msgspec.ValidationError as error:
            yield f"[{name}] {explain_mistake(str(error))}"


def _check(recipe: Recipe, where: str) -> Recipe:
    problems = list(_find_contradictions(recipe))
    if problems:
        raise _refuse(problems, where)
    return recipe


def _refuse(problems: list[str], where: str) -> UsageError:
    return UsageError("; ".join(problems), where=where, mend="correct the recipe and try again")


def _find_contradictions(recipe: Recipe) -> Iterator[str]:
    """Find numbers that mean nothing, and steps that do not go together; NaN fails every comparison here."""
    if not 0.0 < recipe.split.share < 1.0:
        yield "[split] share is not between 0 and 1"
    if not 0 <= recipe.split.seed < 2**32:
        yield "[split] seed is not an integer from 0 to 4294967295"
    if isinstance(recipe.numbers.null, float) and not math.isfinite(recipe.numbers.null):
        yield "[numbers] null is not finite"
    if recipe.categories.rare < MIN_COUNT:
        # Fewer rows could point at a person, and no artifact holds such a level.
        yield f"[categories] rare is less than {MIN_COUNT}"
    if recipe.categories.encoder == "dict_vectorizer":
        if recipe.numbers.scale == "standard":
            yield '[numbers] scale is "standard", which the encoder dict_vectorizer does not do'
        if recipe.categories.null == "level":
            yield '[categories] null is "level", which the encoder dict_vectorizer does not have; say "most_frequent"'
    yield from _find_classifier_contradictions(recipe.classifier)


def _find_classifier_contradictions(classifier: Classifier) -> Iterator[str]:
    if not classifier.strengths or not all(0.0 < c < math.inf for c in classifier.strengths):
        yield "[classifier] C is not a positive number, or a list of them"
    if classifier.folds < 2:
        yield "[classifier] folds is less than 2"
    if not 0.0 < classifier.tol < math.inf:
        yield "[classifier] tol is not a positive number"
    if classifier.max_iter < 1:
        yield "[classifier] max_iter is less than 1"
    if classifier.kernel is not None and not (classifier.kernel.isascii() and classifier.kernel.isalnum()):
        yield "[classifier] kernel is not a name of letters and digits"
