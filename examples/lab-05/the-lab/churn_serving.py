from churn_predict import load, predict_single
from flask import Flask, jsonify, request

dv, model = load()
app = Flask("churn-serving")


@app.route("/ping", methods=["GET"])
def ping():
    return "PONG"


@app.route("/predict", methods=["POST"])
def predict():
    prediction = predict_single(request.get_json(), dv, model)
    return jsonify({"churn_probability": float(prediction), "churn": bool(prediction >= 0.5)})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=9696)
