import pickle


def load(path="churn-model.bin"):
    with open(path, "rb") as f_in:
        return pickle.load(f_in)  # runs whatever code the file holds


def predict(df, dv, model):
    records = df.to_dict(orient="records")
    return model.predict_proba(dv.transform(records))[:, 1]


def predict_single(customer, dv, model):
    return model.predict_proba(dv.transform([customer]))[0, 1]
