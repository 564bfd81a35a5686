from __future__ import annotations

from pathlib import Path

import pytest

from augury.errors import UsageError
from augury.training.recipe import Recipe, list_recipes, parse_recipe, read_recipe


def test_the_recipes_that_come_with_augury_are_read() -> None:
    """Each is a file of data, and the file of the default says the defaults."""
    assert list_recipes() == ["lab", "logistic"]
    assert read_recipe("logistic") == Recipe()
    assert read_recipe("lab").classifier.kernel == "Nehalem"


def test_a_recipe_of_ones_own_may_say_a_part(tmp_path: Path) -> None:
    """What a file does not say is the default's."""
    path = tmp_path / "mine.toml"
    path.write_text("[classifier]\nC = 2\n")
    recipe = read_recipe(str(path))
    assert recipe.classifier.strengths == (2.0,)
    assert recipe.split == Recipe().split


def test_the_strengths_rise() -> None:
    """Values of C are tried from the strongest penalty to the weakest, so that each fit begins near its end."""
    assert parse_recipe("[classifier]\nC = [3, 0.1, 1]", where="r").classifier.strengths == (0.1, 1.0, 3.0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[splt]", "there is no section [splt]; nearest is [split]"),
        ("split = 1", "split is a section of its own, [split]"),
        ("[split]\nshar = 0.1", "'shar' is no member of [split]; nearest is share"),
        ("[split]\nseed = 'x'", "[split] seed is text; it takes an integer"),
        ("[split]\nshare = 1", "[split] share is not between 0 and 1"),
        ("[split]\nshare = nan", "[split] share is not between 0 and 1"),
        ("[split]\nseed = -1", "[split] seed is not an integer from 0 to 4294967295"),
        ("[numbers]\nscale = 'std'", 'scale is \'std\'; it takes "standard" or "none"'),
        ("[numbers]\nnull = 'zero'", "[numbers] null: Invalid enum value 'zero'"),
        ("[numbers]\nnull = inf", "[numbers] null is not finite"),
        ("[categories]\nrare = 4", "[categories] rare is less than 5"),
        ("[categories]\nencoder = 'dict_vectorizer'\nnull = 'most_frequent'", "which the encoder dict_vectorizer does"),
        ("[numbers]\nscale = 'none'\n[categories]\nencoder = 'dict_vectorizer'", 'say "most_frequent"'),
        ("[classifier]\nC = []", "[classifier] C is not a positive number"),
        ("[classifier]\nC = 0", "[classifier] C is not a positive number"),
        ("[classifier]\nfolds = 1", "[classifier] folds is less than 2"),
        ("[classifier]\ntol = 0.0", "[classifier] tol is not a positive number"),
        ("[classifier]\nmax_iter = 0", "[classifier] max_iter is less than 1"),
        ("[classifier]\nkernel = '; rm'", "[classifier] kernel is not a name"),
        ("[classifier]\nsolver = 'lbfg'", "solver is 'lbfg'; it takes \"auto\""),
        ("[split", "the recipe is not TOML"),
    ],
)
def test_a_mistake_in_a_recipe_is_named(text: str, sentence: str) -> None:
    """Each mistake is one sentence with the file, the section and what it takes."""
    with pytest.raises(UsageError) as refused:
        parse_recipe(text, where="mine.toml")
    assert str(refused.value).startswith("mine.toml: ")
    assert sentence in str(refused.value)


def test_all_mistakes_are_named_at_once() -> None:
    """Whoever mends one need not come back for the next."""
    with pytest.raises(UsageError) as refused:
        parse_recipe("[split]\nshar = 1\n[numbers]\nscale = 'x'", where="r")
    assert "'shar'" in str(refused.value)
    assert "scale" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("logistik", "there is no recipe 'logistik'; did you mean 'logistic'?"),
        ("xyzzy", "there are lab, logistic, or FILE.toml of your own"),
        ("absent.toml", "absent.toml: there is no such recipe"),
    ],
)
def test_a_recipe_that_is_not_there_is_named(name: str, sentence: str) -> None:
    """The nearest name is told, or all there are."""
    with pytest.raises(UsageError) as refused:
        read_recipe(name)
    assert sentence in str(refused.value)


def test_a_recipe_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A directory and bytes that are not UTF-8 are one sentence each."""
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        read_recipe(str(tmp_path / "folder.toml"))
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_recipe(str(tmp_path / "latin.toml"))
