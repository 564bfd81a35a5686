"""The intermediate representation: what a fitted model means, as plain values."""
