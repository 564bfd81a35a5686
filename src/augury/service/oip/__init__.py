"""The Open Inference Protocol, version 2, over HTTP: records as columns of tensors, in JSON or in binary."""
