import pickle

import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

df = pd.read_csv("customers.csv")
df["TotalCharges"] = pd.to_numeric(df["TotalCharges"], errors="coerce").fillna(0)
df.columns = df.columns.str.lower().str.replace(" ", "_")
for column in df.columns:
    if not pd.api.types.is_numeric_dtype(df[column]):
        df[column] = df[column].str.lower().str.replace(" ", "_")

numerical = ["tenure", "monthlycharges", "totalcharges"]
categorical = [column for column in df.columns if column not in {"customerid", "churn", *numerical}]

df_train, df_test = train_test_split(df, test_size=0.2, random_state=1)
dv = DictVectorizer(sparse=False)
X_train = dv.fit_transform(df_train[categorical + numerical].to_dict(orient="records"))
model = LogisticRegression(solver="liblinear", C=0.5)
model.fit(X_train, (df_train["churn"] == "yes").to_numpy())

with open("churn-model.bin", "wb") as f_out:
    pickle.dump((dv, model), f_out)

scores = model.predict_proba(dv.transform(df[categorical + numerical].to_dict(orient="records")))[:, 1]
pd.DataFrame({"churn_probability": scores}).to_csv("scores.csv", index=False)
