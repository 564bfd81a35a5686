"""What a person says beside the table."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from augury.contract.fields import Contract
from augury.errors import UsageError
from augury.training.recipe import Recipe, read_recipe
from augury.training.threshold import Policy


class Options(Struct, frozen=True, kw_only=True):
    """What a person says beside the table; :func:`augury.train` explains each."""

    target: str
    positive: object = None
    identifiers: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    contract: Contract | str | None = None
    recipe: Recipe | str = "logistic"
    name: str | None = None
    time: str | None = None
    group: str | None = None
    test: object = None
    policy: Policy = Policy(fixed=0.5)
    by: tuple[str, ...] = ()
    class_weight: str | None = None
    rows: int | None = None
    seed: int | None = None
    delimiter: str | None = None


def find_recipe(options: Options) -> Recipe:
    """Find the recipe, with what the options say otherwise.

    Raises:
        UsageError: the recipe is none, or options contradict each other.
    """
    splits = [f"--{name}" for name in ("time", "group", "test") if getattr(options, name) is not None]
    if len(splits) > 1:
        raise UsageError(f"{' and '.join(splits)} each say which rows are held out", mend="give one of them")
    recipe = read_recipe(options.recipe)
    if options.seed is not None:
        if not 0 <= options.seed < 2**32:
            raise UsageError(f"the seed {options.seed} is out of range", mend="give an integer from 0 to 4294967295")
        recipe = replace(recipe, split=replace(recipe.split, seed=options.seed))
    match options.class_weight:
        case None:
            return recipe
        case "balanced" | "none":
            return replace(recipe, classifier=replace(recipe.classifier, class_weight=options.class_weight))
    raise UsageError(f"there is no class weight {options.class_weight!r}", mend="give balanced or none")
