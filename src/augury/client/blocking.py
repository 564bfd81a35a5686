"""A client that waits for its answers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from random import Random
from types import TracebackType
from typing import Any, Self

from augury.client.opening import open_blocking
from augury.client.question import Batch, Question, check_batch, iter_batches, make_path, write_record
from augury.client.reading import Answered, read_batch, read_prediction
from augury.client.retry import Attempts, check_retries
from augury.client.sent_headers import check_headers, make_passed
from augury.client.served import ServedModel, read_default, read_label, read_models, read_schema
from augury.client.timeouts import Timeouts, cut_timeouts, find_timeouts
from augury.errors import RecordError, ServiceError
from augury.prediction import Prediction


class Client:
    """Ask a service as one would ask the model itself; may be used from several threads.

    Args:
        base_url: where the service is, such as ``http://localhost:9696``; with a path where a proxy has it under one.
        model: the name of one of several models; the service's default one when not given.
        api_key: the key that the service asks for; it is shown nowhere.
        headers: sent with every request, such as the ``Authorization`` that a proxy before the service wants.
        timeout: the seconds that an answer may take each time it is asked for, or each kind of ``Timeouts``.
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
        api_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | Timeouts = 10.0,
        retries: int = 3,
    ) -> None:
        check_retries(retries)
        self._timeouts = find_timeouts(timeout)
        self._transport = open_blocking(base_url, check_headers(headers or {}, api_key))
        self._passed: dict[str, str] = {}
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
        return read_prediction(self._ask("POST", path, write_record(record)))

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
        label = read_label(self._ask("GET", "/ping"))
        return label or read_default(self._ask("GET", "/models"))

    def schema(self) -> dict[str, Any]:
        """Ask for the contract as JSON Schema.

        Raises:
            ServiceError: there is no answer.
        """
        return read_schema(self._ask("GET", make_path(self._model, "schema")))

    def models(self) -> tuple[ServedModel, ...]:
        """Ask which models are served.

        Raises:
            ServiceError: there is no answer.
        """
        return read_models(self._ask("GET", "/models"))

    def within(self, *, request_id: str | None = None, traceparent: str | None = None) -> Self:
        """Make a client of the same connections that asks on behalf of a request that is being answered.

        What it is given goes along as ``X-Request-Id`` and ``traceparent``, and is left out where it is malformed.
        """
        client = copy(self)
        client._passed = make_passed(request_id, traceparent)  # noqa: SLF001 - the copy is ours
        return client

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def __repr__(self) -> str:
        return f"Client({self._transport.base!r}, model={self._model!r})"

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
            yield from self._ask_batch(path, gathered)

    def _ask_batch(self, path: str, gathered: Batch) -> list[Prediction | RecordError]:
        if not gathered.bodies:
            return [place for place in gathered.places if place is not None]
        answers = read_batch(self._ask("POST", path, gathered.write()), gathered)
        if answers is None:
            answers = [answer for half in gathered.halve() for answer in self._ask_batch(path, half)]
        return answers

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Answered:
        """Ask, again where that may help, and return the answer; raise what there is instead."""
        question = Question(method, path, body, self._passed)
        attempts = Attempts(self._retries, self._random, time.time, self._timeouts.total)
        while True:
            timeouts = cut_timeouts(self._timeouts, attempts.seconds_left)
            outcome = self._transport.send(question, timeouts)
            wait = attempts.find_wait(outcome)
            if wait is None:
                break
            time.sleep(wait)
        if isinstance(outcome, ServiceError):
            raise outcome
        return outcome
