"""Which estimators are read, and by what.

A key is a class's dotted name as the newest version spells it; :mod:`augury.frontends.allowlist` knows the older
spellings. Nothing is imported to look one up. A new estimator is one reader and one row here.
"""

from __future__ import annotations

from augury.frontends.bins import read_k_bins_discretizer
from augury.frontends.column_transformer import read_column_transformer
from augury.frontends.dict_vectorizer import read_dict_vectorizer
from augury.frontends.encoders import read_one_hot_encoder, read_ordinal_encoder
from augury.frontends.imputers import read_simple_imputer
from augury.frontends.linear import LinearReader, read_logistic, read_sgd
from augury.frontends.pipeline import COLUMN_TRANSFORMER, PIPELINE, read_identity, read_pipeline
from augury.frontends.reading import TransformerReader
from augury.frontends.scalers import (
    read_max_abs_scaler,
    read_min_max_scaler,
    read_robust_scaler,
    read_standard_scaler,
)

DICT_VECTORIZER = "sklearn.feature_extraction._dict_vectorizer.DictVectorizer"

TRANSFORMERS: dict[str, TransformerReader] = {
    DICT_VECTORIZER: read_dict_vectorizer,
    PIPELINE: read_pipeline,
    COLUMN_TRANSFORMER: read_column_transformer,
    "sklearn.preprocessing._encoders.OneHotEncoder": read_one_hot_encoder,
    "sklearn.preprocessing._encoders.OrdinalEncoder": read_ordinal_encoder,
    "sklearn.impute._base.SimpleImputer": read_simple_imputer,
    "sklearn.preprocessing._data.StandardScaler": read_standard_scaler,
    "sklearn.preprocessing._data.RobustScaler": read_robust_scaler,
    "sklearn.preprocessing._data.MaxAbsScaler": read_max_abs_scaler,
    "sklearn.preprocessing._data.MinMaxScaler": read_min_max_scaler,
    "sklearn.preprocessing._discretization.KBinsDiscretizer": read_k_bins_discretizer,
    "sklearn.preprocessing._function_transformer.FunctionTransformer": read_identity,
}

CLASSIFIERS: dict[str, LinearReader] = {
    "sklearn.linear_model._logistic.LogisticRegression": read_logistic,
    "sklearn.linear_model._logistic.LogisticRegressionCV": read_logistic,
    "sklearn.linear_model._stochastic_gradient.SGDClassifier": read_sgd,
}
