import pytest

from augury.contract.fields import Contract, NumberField
from augury.errors import ContractError
from augury.ir.check import check_predictor
from augury.ir.nodes import Clip, Linear, Link, Number, Scalar, Standardize, Stretch

X = Number("x")
CONTRACT = Contract(fields=(NumberField(name="x"),))


@pytest.mark.parametrize(
    ("node", "says"),
    [
        (Standardize(X, 1.0, 0.0), "divides by zero"),
        (Stretch(X, 0.0, 1.0), "multiplies by zero"),
        (Stretch(X, -0.0, 1.0), "multiplies by zero"),
        (Clip(X, 1.0, 0.0), "limits crossed"),
        (Stretch(X, float("inf"), 1.0), "not finite"),
    ],
)
def test_arithmetic_without_a_meaning(node: Scalar, says: str) -> None:
    """Arithmetic that could make something other than a number of a number is refused."""
    with pytest.raises(ContractError, match=says):
        check_predictor(CONTRACT, Link((Linear((node,), (1.0,), 0.0),)))
