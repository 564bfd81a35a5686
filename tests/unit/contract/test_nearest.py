import pytest

from augury.contract.nearest import find_nearest

KEYS = ("tenure", "contract", "monthlycharges", "totalcharges", "gender")


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("tenur", "tenure"),
        ("TENURE_", "tenure"),
        ("monthly charges", "monthlycharges"),
        ("totalCharge", "totalcharges"),
        ("kontract", "contract"),
        ("age", None),
        ("", None),
    ],
)
def test_nearest(word: str, nearest: str | None) -> None:
    """The most similar candidate is found, compared folded; none where nothing is close."""
    assert find_nearest(word, KEYS) == nearest


def test_a_candidate_comes_back_as_it_is_spelt() -> None:
    """Comparing folded does not change what is suggested."""
    assert find_nearest("two-yeer", ["Two year", "One year"]) == "Two year"


@pytest.mark.parametrize(("length", "found"), [(64, True), (65, False)])
def test_long_words_are_not_compared(length: int, found: bool) -> None:
    """A word or candidate of more than 64 characters is not looked at, so that it costs nothing."""
    word = "a" * length
    assert (find_nearest(word, [word]) is not None) is found
    assert (find_nearest("a" * 60, [word]) is not None) is found


@pytest.mark.parametrize(("candidates", "found"), [(200, True), (201, False)])
def test_many_candidates_are_not_compared(candidates: int, found: bool) -> None:
    """Among more than 200 candidates nothing is searched for."""
    names = [f"name{index}" for index in range(candidates)]
    assert (find_nearest("name7", names) is not None) is found
