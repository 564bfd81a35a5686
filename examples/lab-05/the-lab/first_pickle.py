import pickle

from churn_predict import load

dv, model = load()

# The lab's first try: the model alone. Mode "wb" has destroyed what was there before, also when the next line fails.
with open("model-alone.bin", "wb") as f_out:
    pickle.dump(model, f_out)
