"""The edge: what stands between the network and everything that answers, and the fast lane through it."""
