"""Which names may stand in a pickle, how each was spelt over the years, and what the others are.

Nothing here is imported: a name is only text. The list decides what Augury understands, so that a file with anything
else is refused by name instead of being half understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from augury.frontends.standins import Name

SKLEARN = {
    # module today: (modules before, classes)
    "compose._column_transformer": ((), "ColumnTransformer make_column_selector _RemainderColsList"),
    "feature_extraction._dict_vectorizer": (("feature_extraction.dict_vectorizer",), "DictVectorizer"),
    "impute._base": (("impute",), "SimpleImputer MissingIndicator"),
    "linear_model._logistic": (("linear_model.logistic",), "LogisticRegression LogisticRegressionCV"),
    "linear_model._stochastic_gradient": (("linear_model.stochastic_gradient",), "SGDClassifier"),
    "linear_model._sgd_fast": (
        ("linear_model.sgd_fast",),
        "Hinge SquaredHinge Log ModifiedHuber SquaredLoss Huber EpsilonInsensitive SquaredEpsilonInsensitive",
    ),
    "_loss._loss": ((), "CyHalfBinomialLoss CyHalfSquaredError CyHuberLoss"),
    "model_selection._split": ((), "KFold StratifiedKFold"),
    "pipeline": ((), "Pipeline"),
    "preprocessing._data": (("preprocessing.data",), "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler"),
    "preprocessing._discretization": ((), "KBinsDiscretizer"),
    "preprocessing._encoders": ((), "OneHotEncoder OrdinalEncoder"),
    # a ColumnTransformer of 1.4 and later keeps "passthrough" as one of these
    "preprocessing._function_transformer": ((), "FunctionTransformer"),
    "utils._bunch": (("utils",), "Bunch"),
    "utils._metadata_requests": ((), "MetadataRequest MethodMetadataRequest"),
}
"""scikit-learn 0.20 to 1.9. 0.22 moved most modules behind an underscore; 0.21 moved ``impute``."""

OTHERS = {
    "numpy": "ndarray dtype bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 "
    "str_ bytes_ object_ longlong ulonglong intc uintc",
    "numpy._core.multiarray": "_reconstruct scalar",
    "numpy._core.numeric": "_frombuffer",
    # a random state that was given as ``random_state`` stays in the estimator; it stays inert here
    "numpy.random": "__RandomState_ctor",
    "numpy.random._pickle": "__randomstate_ctor __bit_generator_ctor __generator_ctor",
    "numpy.random._mt19937": "MT19937",
    "numpy.random._pcg64": "PCG64",
    "numpy.random.bit_generator": "SeedSequence __pyx_unpickle_SeedSequence",
    "numpy.random._bit_generator": "SeedSequence __pyx_unpickle_SeedSequence",
    "scipy.sparse._csr": "csr_matrix csr_array",
    "joblib.numpy_pickle": "NumpyArrayWrapper",
    "pandas": "Index RangeIndex StringDtype",
    "pandas.arrays": "StringArray",
    "pandas.core.indexes.base": "_new_Index Index",
    "pandas.core.indexes.range": "RangeIndex",
    "pandas.core.indexes.numeric": "Int64Index",
    "pandas._libs.arrays": "__pyx_unpickle_NDArrayBacked",
    "collections": "OrderedDict defaultdict",
    "copyreg": "_reconstructor",
    "_codecs": "encode",
    "builtins": "object bool int float str bytes bytearray list tuple dict set frozenset slice",
}

MOVED_MODULES = {
    "numpy.core.multiarray": "numpy._core.multiarray",
    "numpy.core.numeric": "numpy._core.numeric",
    "scipy.sparse.csr": "scipy.sparse._csr",
    "sklearn.externals.joblib.numpy_pickle": "joblib.numpy_pickle",  # scikit-learn 0.20 brought its own joblib
    "_loss": "sklearn._loss._loss",  # what Cython called it in scikit-learn 1.6 to 1.8
    **{f"sklearn.{old}": f"sklearn.{new}" for new, (olds, _) in SKLEARN.items() for old in olds},
}

ALLOWED = frozenset(
    f"{module}.{name}"
    for module, names in [*OTHERS.items(), *((f"sklearn.{new}", names) for new, (_, names) in SKLEARN.items())]
    for name in names.split()
)

MEANINGS = {
    "builtins": "runs or reaches any code",
    "operator": "reaches into any object",
    "functools": "calls a function",
    "os posix nt subprocess pty commands platform multiprocessing": "runs programs",
    "socket urllib http requests webbrowser smtplib ftplib asyncio": "speaks to the network",
    "sys importlib runpy code codeop pip pkgutil ctypes types marshal": "runs or loads any code",
    "io shutil pathlib tempfile fileinput glob zipfile tarfile": "reads or writes files",
    "pickle _pickle dill cloudpickle joblib": "brings code or another pickle with it",
    "__main__": "your own function or class",
    "sklearn": "a part of scikit-learn that Augury does not compile",
    "numpy scipy pandas polars": "a value or function that no model Augury compiles has",
    "pyarrow pandas.core.arrays.string_arrow": "text that pandas keeps in Arrow: give columns as list(columns)",
    "xgboost lightgbm catboost imblearn category_encoders feature_engine torch tensorflow keras statsmodels "
    "skopt optuna sklearn_pandas sklego mlxtend": "a part of a library that Augury does not compile",
    "sklearn.model_selection._search": "a search: save its best_estimator_",
    "sklearn.calibration": "a calibration, which Augury does not compile yet",
    "cloudpickle.cloudpickle": "a function saved as code: use pickle instead of cloudpickle",
}  # fmt: skip
"""What a name off the list is, by its module or the module's first part; the longer one wins."""

MEANING = {module: meaning for modules, meaning in MEANINGS.items() for module in modules.split()}
UNKNOWN = "unknown to Augury"

PLAIN_NAME = re.compile(r"[\w.<>()]{1,120}", re.ASCII)
"""What may be shown as it is; anything else is escaped, for a name can hold a terminal's control characters."""

MAX_SHOWN = 20
"""Names that one sentence lists: as many as faults in an answer."""


def current_name(dotted: str) -> str:
    """Spell a dotted name as the newest versions do."""
    module, _, name = dotted.rpartition(".")
    return f"{MOVED_MODULES.get(module, module)}.{name}"


def find_unsafe(names: Iterable[Name]) -> list[tuple[str, str]]:
    """List the names that are off the list, each with what it is; at most :data:`MAX_SHOWN`, then how many more."""
    unsafe = [name for name in names if current_name(name.dotted) not in ALLOWED]
    listed = [(_show(name.dotted), describe_name(name.module)) for name in unsafe[:MAX_SHOWN]]
    if len(unsafe) > MAX_SHOWN:
        listed.append((f"{len(unsafe) - MAX_SHOWN} more", "not shown"))
    return listed


def describe_name(module: str) -> str:
    """Say what a name of that module is."""
    return MEANING.get(module) or MEANING.get(module.partition(".")[0], UNKNOWN)


def is_plain(dotted: str) -> bool:
    """Tell whether a name reads as one; text that is no pickle seldom does."""
    return PLAIN_NAME.fullmatch(dotted) is not None


def _show(dotted: str) -> str:
    return dotted if is_plain(dotted) else ascii(dotted[:120])
