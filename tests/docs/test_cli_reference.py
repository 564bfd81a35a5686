import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_reference_of_the_command_line_is_up_to_date() -> None:
    """The page is what `python docs/generate_cli.py` would write."""
    generator = runpy.run_path(str(DOCS / "generate_cli.py"))
    assert generator["PAGE"].read_text("utf-8") == generator["generate"]()


def test_every_verb_has_its_section() -> None:
    """The page has each verb with its options and their variables."""
    page = DOCS.joinpath("reference", "cli.md").read_text("utf-8")
    for verb in ("contract", "compile", "inspect", "verify", "amend", "predict", "sample", "serve", "dataset"):
        assert f"\n## augury {verb}\n" in page
        assert f"`AUGURY_{verb.upper()}_JSON`" in page
