"""A client that waits for its answers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from types import TracebackType
from typing import Any, Self

from augury.client.opening import open_blocking
from augury.client.question import Question, check_batch, iter_batches, make_path, write_record
from augury.client.reading import Answered, check_answer, read_batch, read_prediction, read_schema
from augury.client.retry import Attempts, check_retries
from augury.errors import RecordError, ServiceError
from augury.prediction import Prediction


class Client:
    """Ask a service as one would ask the model itself; may be used from several threads.

    Args:
        base_url: where the service is, such as ``http://localhost:9696``; with a path where a proxy has it under one.
        model: the name of one of several models; the service's default one when not given.
        headers: sent with every request, such as the ``Authorization`` that a proxy before the service wants.
        timeout: the seconds that one question may take, each time it is asked.
        retries: how often a question is asked again when the connection fails, or the service says that it is busy or
            restarts; the waits between grow from a tenth of a second to two, or are what ``Retry-After`` says.

    Raises:
        UsageError: an argument cannot be honoured, or httpx2 is not installed (``augury[client]``).
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        retries: int = 3,
    ) -> None:
        check_retries(retries)
        self._transport = open_blocking(base_url, headers or {}, timeout)
        self._model = model
        self._retries = retries
        self._random = Random()  # noqa: S311 - waits, not secrets

    def predict(self, record: Mapping[str, object], *, explain: bool = False) -> Prediction:
        """Score one record: a mapping of field names to scalars (Python's, NumPy's or pandas').

        Raises:
            RecordError: the service refuses the record; ``faults`` holds everything that is wrong with it.
            ServiceError: there is no answer, for the reason that its class says.
        """
        path = make_path(self._model, "explain" if explain else "predict")
        return read_prediction(self._ask(Question("POST", path, write_record(record))))

    def explain(self, record: Mapping[str, object]) -> Prediction:
        """Score one record and tell what each field adds to its margin, in log-odds against the baseline.

        Raises:
            RecordError: the service refuses the record.
            ServiceError: there is no answer.
        """
        return self.predict(record, explain=True)

    def predict_many(
        self, records: Iterable[Mapping[str, object]], *, batch: int = 1000, explain: bool = False
    ) -> Iterator[Prediction | RecordError]:
        """Score records, ``batch`` a request, as they are taken from the iterator.

        Yields:
            For each record, in order, its prediction, or the error with everything that is wrong with it.

        Raises:
            ServiceError: there is no answer; records before the batch have had theirs.
            UsageError: no service takes batches of this size.
        """
        check_batch(batch)
        path = make_path(self._model, "explain" if explain else "predict")
        return self._iter_answers(path, records, batch)

    def ping(self) -> str:
        """Ask whether an Augury service answers, and which model: ``churn@`` and twelve digits of its digest.

        Raises:
            ServiceError: none does.
        """
        return check_answer(self._ask(Question("GET", "/ping")))

    def schema(self) -> dict[str, Any]:
        """Ask for the contract as JSON Schema.

        Raises:
            ServiceError: there is no answer.
        """
        return read_schema(self._ask(Question("GET", make_path(self._model, "schema"))))

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _iter_answers(
        self, path: str, records: Iterable[Mapping[str, object]], batch: int
    ) -> Iterator[Prediction | RecordError]:
        for gathered in iter_batches(records, batch):
            if gathered.bodies:
                yield from read_batch(self._ask(Question("POST", path, gathered.write())), gathered)
            else:
                yield from (place for place in gathered.places if place is not None)

    def _ask(self, question: Question) -> Answered:
        """Ask, again where that may help, and return the answer; raise what there is instead."""
        attempts = Attempts(self._retries, self._random, time.time)
        while True:
            outcome = self._transport.send(question)
            wait = attempts.find_wait(outcome)
            if wait is None:
                break
            time.sleep(wait)
        if isinstance(outcome, ServiceError):
            raise outcome
        return outcome
