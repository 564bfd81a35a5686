"""What Prometheus reads of a service."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

# A sample's name and labels.
Sample = tuple[str, tuple[tuple[str, str], ...]]


def read_samples(text: bytes) -> dict[Sample, float]:
    """Read every sample, each of which stands once."""
    samples: dict[Sample, float] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in samples, f"{key} stands twice"
            samples[key] = sample.value
    return samples


def find_nonzero(samples: dict[Sample, float], name: str) -> dict[tuple[str, ...], float]:
    """Find the samples of a name that are not 0, by the values of their labels in the order of the labels' names."""
    return {tuple(v for _, v in labels): value for (key, labels), value in samples.items() if key == name and value}
