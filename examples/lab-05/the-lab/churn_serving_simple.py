import json

from churn_predict import load, predict_single

dv, model = load()
with open("customer.json") as f_in:
    customer = json.load(f_in)

prediction = predict_single(customer, dv, model)
print("prediction: %.3f" % prediction)
print("verdict: Churn" if prediction >= 0.5 else "verdict: Not churn")
