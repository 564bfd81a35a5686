from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from msgspec import structs

from augury.amendment import Amendment, amend
from augury.artifact.evaluation import HeldOut
from augury.card import write_card
from augury.errors import UsageError
from augury.report.report import Report
from tests.html_page import Page
from tests.unit.artifact.documents import make_document
from tests.unit.report.reports import (
    HOSTILE,
    NAME,
    ROWS,
    make_bare_report,
    make_hostile_document,
    make_report,
    make_wide_document,
)

LARGEST = 500_000  # bytes: a page that can be sent by mail


@pytest.fixture(scope="module")
def report() -> Report:
    """A report with everything that a report can have."""
    return make_report()


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    """Its page."""
    return report.to_html()


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    """Its page, read."""
    return Page(html)


def test_the_sections_stand_in_an_auditors_order(page: Page) -> None:
    """The page goes from what the model is for to where it comes from, and its contents lead to each part."""
    titles = [
        "What the model is for",
        "At a glance",
        "Data and contract",
        "Performance",
        "The model",
        "Examples with reasons",
        "Provenance",
    ]
    assert page.texts["h2"] == ["Contents", *titles]
    assert page.texts["a"] == titles
    assert [link["href"] for link in page.find("a")] == [f"#{section['id']}" for section in page.find("section")]


def test_the_page_is_complete_in_itself(html: str, page: Page) -> None:
    """Nothing runs in the page and nothing is fetched, and its policy says so."""
    style = page.texts["style"][0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    [policy] = [one["content"] for one in page.find("meta") if one.get("http-equiv")]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert {tag for tag, _ in page.tags} & {
        "script",
        "link",
        "img",
        "iframe",
        "form",
        "object",
        "base",
        "image",
    } == set()
    names = {name for _, attributes in page.tags for name in attributes}
    assert [name for name in names if name.startswith("on") or name in {"style", "src", "srcset"}] == []
    assert re.search(r"https?://|url\((?!#)|@import", html) is None


def test_the_page_says_what_it_is(page: Page, report: Report) -> None:
    """The page has a language, a title and a width of its own."""
    assert page.find("html") == [{"lang": "en"}]
    assert page.texts["title"] == [f"Model report: churn@{report.model.digest[7:19]}"]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.find("meta")


def test_the_page_can_be_sent(html: str) -> None:
    """The page is at most half a megabyte."""
    assert len(html.encode()) <= LARGEST


def test_the_same_values_give_the_same_bytes(report: Report, html: str) -> None:
    """A page written again is the same, whatever the user's matplotlib is set to, which stays as it was."""
    with matplotlib.rc_context({"axes.facecolor": "black", "lines.linewidth": 9, "svg.hashsalt": "another"}):
        assert report.to_html() == html
        assert matplotlib.rcParams["lines.linewidth"] == 9


def test_every_plot_has_a_title_rows_and_words(page: Page) -> None:
    """Each plot has a title, is told in words to those who cannot see it, and says on which rows it was computed."""
    plots = [plot for plot in page.find("svg") if plot.get("role") == "img"]
    titles = [text for text in page.texts["p"] if text in TITLES]
    assert titles == TITLES
    assert len(plots) == len(page.texts["figcaption"]) == len(TITLES)
    assert all(re.search(r"\d", plot["aria-label"] or "") for plot in plots)
    held_out = f"On the {ROWS} rows held out at random within each class."
    chosen = "On out-of-fold predictions for the rows fitted on, where the threshold was chosen."
    assert [caption for caption in page.texts["figcaption"] if caption not in {held_out, chosen}] == []
    assert page.texts["figcaption"].count(chosen) == 2


TITLES = [
    "ROC curve",
    "Precision and recall",
    "Gain",
    "Lift",
    "Calibration",
    "Scores by class",
    "By threshold",
    "Profit by threshold",
    "By threshold, where it was chosen",
    "Profit by threshold, where it was chosen",
]


def test_no_two_elements_share_a_name(page: Page) -> None:
    """Every id on the page is one element's, and every reference within it leads somewhere."""
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    used = {attributes["href"] for name, attributes in page.tags if name in {"use", "a"}}
    used |= {(attributes["clip-path"] or "")[4:-1] for _, attributes in page.tags if "clip-path" in attributes}
    assert used
    assert used <= {f"#{name}" for name in ids}


def test_the_figures_are_the_artifacts(page: Page, report: Report) -> None:
    """The figures at a glance are those of the artifact, with their intervals."""
    evaluation = report.evaluation
    assert evaluation is not None
    auc = evaluation.metrics.auc
    assert auc is not None
    at = page.texts["td"].index("AUC")
    assert page.texts["td"][at + 1 : at + 3] == [f"{auc.value:.3f}", f"{auc.low:.3f}\u00a0to\u00a0{auc.high:.3f}"]
    true = evaluation.metrics.confusion
    assert true is not None
    at = page.texts["td"].index("is yes")
    assert page.texts["td"][at + 1] == f"{true.true_positives.value:,.0f}"


def test_what_was_noticed_is_told(page: Page) -> None:
    """Each notice is there with the option that changes it."""
    assert "customerID has another value in every row" in page.texts["td"]
    assert "--drop customerID" in page.texts["code"]
    assert "every fourth row is positive" in page.texts["td"]


def test_examples_have_their_reasons(page: Page, report: Report) -> None:
    """Each golden row is there with its answer and its strongest reason."""
    examples = [title for title in page.texts["h3"] if title.startswith("Example ")]
    assert len(examples) == len(report.model.examples)
    explained = report.model.explain(report.model.examples[0])
    answer = "yes" if explained.label else "no"
    assert examples[0] == f"Example 1: {explained.probability:.3f}, {answer}"
    assert explained.contributions is not None
    strongest = max(explained.contributions, key=lambda reason: abs(reason.value))
    first = page.texts["article"][0]
    assert first.index(strongest.field) < first.index(f"{strongest.value:+.4f}")


def test_the_digest_can_be_checked(page: Page, report: Report) -> None:
    """The page says how to compute the digest and what must come out; the command is the one of the how-to guide."""
    guide = (Path(__file__).parents[3] / "docs" / "how-to" / "verify-an-artifact.md").read_text()
    [command] = page.texts["pre"]
    assert command.replace("MODEL.augury.json", "churn.augury.json").splitlines()[0] in guide
    assert report.model.digest.removeprefix("sha256:") in page.texts["code"]


@pytest.mark.parametrize(
    ("held_out", "said"),
    [
        (HeldOut("random", None, ROWS, 0), f"the {ROWS} rows held out at random"),
        (HeldOut("time", "signed <up>", ROWS, 0), f"the last {ROWS} rows by signed <up>"),
        (HeldOut("group", "shop", ROWS, 0), f"the {ROWS} rows held out in whole groups of shop"),
        (
            HeldOut("table", None, ROWS + 2, 2),
            f"the {ROWS + 2} rows of a table of their own (2 of them the contract refused: no figure counts those)",
        ),
    ],
    ids=lambda value: value.how if isinstance(value, HeldOut) else "",
)
def test_which_rows_were_held_out(report: Report, held_out: HeldOut, said: str) -> None:
    """A model says in words which rows its figures were computed on."""
    document, evaluation = report.model.document, report.evaluation
    assert evaluation is not None
    evaluation = structs.replace(evaluation, held_out=held_out)
    changed = structs.replace(document, model=structs.replace(document.model, evaluation=evaluation))
    assert said in Page(write_card(changed)).texts["dd"]


def test_a_table_of_its_own_is_not_said_to_be_the_same() -> None:
    """Only rows that come from the table fitted on are said to, and of others that some may have been fitted on."""
    same = "The rows held out come from the same table"
    assert any(same in text for text in Page(make_report().to_html()).texts["li"])
    told = Page(make_report(held_out=HeldOut("table", None, ROWS, 0)).to_html()).texts["li"]
    assert not any(same in text for text in told)
    assert any("evaluated on a table of its own" in text for text in told)


def test_another_threshold_leaves_no_decisions() -> None:
    """Of a model whose threshold was changed the page says so, and nothing of the classes of its rows."""
    changed = Page(Report(amend(make_report().model, Amendment(threshold=0.3))).to_html())
    said = "The artifact holds no decisions: its threshold was set to another after the model was evaluated."
    assert said in changed.texts["p"]


def test_without_an_offer_there_is_no_profit() -> None:
    """A page tells of profit only where the threshold was chosen by it."""
    page = Page(make_report(offer=None).to_html())
    assert "By threshold" in page.texts["p"]
    assert "Profit by threshold" not in page.texts["p"]
    assert "Profit" not in page.texts["h4"]


def test_the_table_is_told_from_what_was_learned(page: Page, report: Report) -> None:
    """The rows of the whole table are one thing, those that the contract was learned from another."""
    told = dict(zip(page.texts["dt"], page.texts["dd"], strict=True))
    origin = report.model.document.model.provenance.table
    assert origin is not None
    assert told["learned from"] == "1,000 rows"
    assert told["table"] == f"1,000 rows, SHA-256 {origin.sha256}"


def test_an_artifact_alone_has_its_part() -> None:
    """Without curves and notices the page has what the artifact knows: bins and deciles are still drawn."""
    page = Page(structs.replace(make_report(), curves=None, notices=()).to_html())
    assert [text for text in page.texts["p"] if text in TITLES] == ["Gain", "Lift", "Calibration"]
    assert "What was noticed" not in page.texts["h3"]


def test_a_compiled_model_says_what_is_not_known() -> None:
    """A model without an evaluation has no performance, and the page says so instead of nothing."""
    page = Page(make_bare_report().to_html())
    assert "Performance" not in page.texts["h2"]
    assert any("holds no evaluation" in text for text in page.texts["p"])
    assert "How well it does is not known from the artifact." in page.texts["li"]
    body = make_document().model
    bare = structs.replace(body, profile=None, provenance=structs.replace(body.provenance, table=None, proofs=()))
    page = Page(make_bare_report(structs.replace(make_document(), model=bare)).to_html())
    assert any("compiled without a sample" in text for text in page.texts["p"])
    assert any("no proof of parity" in text for text in page.texts["p"])


def test_a_model_of_many_fields_has_a_page_that_can_be_read() -> None:
    """Of a thousand fields those that weigh most have their points, and what is left out is counted."""
    page = Page(make_bare_report(make_wide_document(1000)).to_html())
    named = [header for header in page.texts["th"] if header.startswith("f") and header != "field"]
    assert named == [f"f{number}" for number in range(999, 799, -1)]
    assert "and 800 more fields, which weigh less; the artifact has them all" in page.texts["p"]
    assert "the whole record" not in page.texts.get("summary", [])


@pytest.mark.parametrize("whole", [True, False], ids=["with curves", "the artifact alone"])
def test_hostile_names_are_text(whole: bool) -> None:
    """Names of fields, levels, classes, models and estimators are text on the page, whatever they hold."""
    document = make_hostile_document()
    report = make_report(document) if whole else make_bare_report(document)
    html = report.to_html()
    page = Page(html)
    html.encode()
    assert "<script" not in html
    assert {tag for tag, _ in page.tags} & {"script", "img"} == set()
    assert [name for _, attributes in page.tags for name in attributes if name.startswith("on")] == []
    assert NAME in page.texts["td"]
    assert f"no {HOSTILE}" in page.texts["bdi"]
    assert HOSTILE in page.texts["dd"]
    assert page.texts["bdi"].count(HOSTILE) > page.texts["td"].count(HOSTILE), "amid other text a name is kept apart"
    assert any("and 960 more, which weigh less" in text for text in page.texts["td"])


@pytest.mark.parametrize("whole", [True, False], ids=["report", "model"])
def test_hostile_names_are_text_in_a_notebook(whole: bool) -> None:
    """What a notebook shows is well-formed and nothing is injected into it."""
    report = make_report(make_hostile_document())
    shown = report if whole else report.model
    html = f"{shown._repr_html_()}{report.model.contract._repr_html_()}"
    page = Page(html)
    assert "<script" not in html
    assert NAME in page.texts["td"]


def test_a_notebook_is_shown_a_short_form(report: Report) -> None:
    """The report's short form has the figures and three plots; the model's has figures and fields, and no plot."""
    short = Page(report._repr_html_())
    assert [text for text in short.texts["p"] if text in TITLES] == ["ROC curve", "Calibration", "Scores by class"]
    assert "AUC" in short.texts["td"]
    card = Page(report.model._repr_html_())
    assert "figure" not in card.texts
    assert "AUC" in card.texts["td"]
    assert card.texts["summary"] == ["What weighs most", "Fields (19 features)"]
    assert "totalcharges" in card.texts["td"]


def test_a_model_that_was_compiled_says_so_in_a_notebook() -> None:
    """A model without an evaluation shows no figures, and says why."""
    bare = make_bare_report()
    card = Page(bare.model._repr_html_())
    assert "AUC" not in card.texts["td"]
    assert any("it was compiled, not trained here" in text for text in card.texts["dd"])
    assert any("holds no evaluation" in text for text in Page(bare._repr_html_()).texts["p"])


def test_an_answer_shows_its_reasons_in_a_notebook(report: Report) -> None:
    """An answer shows its probability, its notes and its reasons, the strongest first."""
    record = {**report.model.examples[0], "<b>": 1}
    answer = report.model.explain(record)
    shown = Page(answer._repr_html_())  # type: ignore[operator]
    assert shown.texts["p"][0].startswith(f"Probability {answer.probability:.3f}")
    assert "unknown_key" in shown.texts["td"]
    assert answer.contributions is not None
    weights = [abs(reason.value) for reason in answer.contributions]
    assert f"{max(weights):.4f}" in shown.texts["td"][3]
    assert "Against a baseline" not in "".join(Page(report.model.predict_one(record)._repr_html_()).texts["p"])  # type: ignore[operator]


def test_a_report_is_saved_whole_or_not_at_all(report: Report, html: str, tmp_path: Path) -> None:
    """A saved report is its page; one that cannot be written leaves nothing behind and says why."""
    path = tmp_path / "report.html"
    path.write_text("old")
    report.save(path)
    assert path.read_text(encoding="utf-8") == html
    with pytest.raises(UsageError, match=r"absent/report\.html: the report cannot be written: No such file"):
        report.save(tmp_path / "absent" / "report.html")
    with pytest.raises(UsageError, match="something else than a file"):
        report.save(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_report_says_what_it_is_in_text(report: Report) -> None:
    """The text form names the model."""
    assert repr(report) == f"<augury report of churn@{report.model.digest[7:19]}>"


SHOW = """
import sys
from pathlib import Path
sys.modules["matplotlib"] = None
from augury.api import load
from augury.report.report import Report
model = load("churn.augury.json")
assert "<svg" in model._repr_html_() and model.contract._repr_html_() and model.explain(model.examples[0])._repr_html_()
assert ("matplotlib is not installed" in Report(model)._repr_html_()) == (model.document.model.evaluation is not None)
try:
    print(Report(model).save("report.html"))
except Exception as error:
    print(type(error).__name__, error)
print(sorted({"numpy", "pandas", "scipy", "sklearn"} & set(sys.modules)))
"""


MISSING = (
    "UsageError the plots of a report are drawn by matplotlib, and matplotlib is not installed; "
    'install it with `pip install "augury[train]"`'
)


@pytest.mark.parametrize("evaluated", [False, True], ids=["compiled", "evaluated"])
def test_plots_alone_need_matplotlib(report: Report, evaluated: bool, tmp_path: Path) -> None:
    """Without matplotlib a compiled model has its page; one with figures to plot is told what to install."""
    model = report.model if evaluated else make_bare_report().model
    model.save(tmp_path / "churn.augury.json")
    ran = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=tmp_path, capture_output=True, check=True, text=True, timeout=60
    )
    assert ran.stdout.splitlines() == [MISSING if evaluated else "None", "[]"]
    assert (tmp_path / "report.html").exists() != evaluated
