import pytest

from augury.contract.fold import fold, has_control_character, has_lone_surrogate


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Month-to-month", "month_to_month"),
        ("Bank transfer (automatic)", "bank_transfer_(automatic)"),
        ("AZ az", "az_az"),
        (" a ", "_a_"),
        ("a  b", "a__b"),
        ("a\tb", "a\tb"),
        ("a\u00a0b", "a\u00a0b"),
        ("a–b", "a–b"),
        ("ÉTÉ a", "ÉtÉ_a"),
        ("İa", "İa"),
        ("\u212a-k", "\u212a_k"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    """A to Z become a to z, space and hyphen become underscores, and nothing else changes."""
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["1-2", "1 2", "-", " ", "é-É", "١ ٢", "Ω-Ω"])
def test_without_ascii_letter_nothing_folds(text: str) -> None:
    """A text without an ASCII letter is compared exactly."""
    assert fold(text) == text


@pytest.mark.parametrize("text", ["Month-to-month", "A B-C", "É a-", "1-2"])
def test_folding_twice_is_folding_once(text: str) -> None:
    """A fold folds to itself, and has as many characters as what was folded."""
    assert fold(fold(text)) == fold(text)
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "has"), [("a\x00", True), ("\x1f", True), ("\n", True), (" ~\x7f\x80", False), ("", False)]
)
def test_control_characters(text: str, has: bool) -> None:
    """U+0000 to U+001F are control characters, and no others."""
    assert has_control_character(text) is has


@pytest.mark.parametrize(("text", "has"), [("\ud800", True), ("a\udfff", True), ("\ud7ff\ue000", False), ("😀", False)])
def test_lone_surrogates(text: str, has: bool) -> None:
    """Half of a pair is told from a whole character."""
    assert has_lone_surrogate(text) is has
