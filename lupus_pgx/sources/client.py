"""Ask a public interface politely: slowly, again after a failure, and only for whole answers."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from lupus_pgx._version import __version__
from lupus_pgx.bounded import parse_json
from lupus_pgx.errors import InputError, InputMissingError

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT = 120.0
_REDIRECTS = 3
_PART = 1 << 16


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a source.

    Attributes
    ----------
    url : str
        As asked, with its parameters.
    body : bytes
        Whole, as sent; for an answer in pages, all rows as one JSON array.
    etag, last_modified : str
        What the source says of its version; empty where it says nothing.
    """

    url: str
    body: bytes
    etag: str = ""
    last_modified: str = ""

    @property
    def place(self) -> str:
        """Address without its parameters, for people: those of some questions fill a page."""
        return _place(self.url)

    def json(self) -> Any:
        """Return the parsed body.

        Raises
        ------
        InputError
            If it is not JSON.
        """
        try:
            return parse_json(self.body.decode())
        except ValueError as error:
            raise InputError(f"{self.place}: expected JSON; the answer cannot be read ({error})") from error


@dataclass(slots=True)
class Client:
    """A client of one source.

    Attributes
    ----------
    base : str
        Address under which the paths stand.
    interval : float
        Least time between two questions, in seconds.
    headers : mapping of str to str
        Sent with every question, such as an access key.
    tries : int
        How often one question is asked before it is given up.
    timeout : tuple of float
        Seconds to connect, and between two parts of an answer.
    deadline : float
        Longest time for one answer, in seconds.
    largest : int
        Longest answer, in bytes.
    sleep, clock : callable
        Of the module ``time``; others in tests.
    """

    base: str
    interval: float = 0.5
    headers: Mapping[str, str] = field(default_factory=dict)
    tries: int = 4
    timeout: tuple[float, float] = (10.0, 60.0)
    deadline: float = 300.0
    largest: int = 200_000_000
    sleep: Callable[[float], None] = field(default_factory=lambda: time.sleep)
    clock: Callable[[], float] = time.monotonic
    _session: requests.Session = field(default_factory=requests.Session)
    _last: float = float("-inf")

    def get(self, path: str, params: Mapping[str, str] | None = None, known: Answer | None = None) -> Answer:
        """Return the answer to one question.

        Parameters
        ----------
        path : str
        params : mapping of str to str, optional
        known : Answer, optional
            An earlier answer: the source is asked whether it still holds, and it is returned if so.

        Raises
        ------
        InputMissingError
            If the source cannot be reached, refuses, or fails again and again.
        InputError
            If it answers with something else than whole JSON, or sends us elsewhere.
        """
        url = requests.Request("GET", f"{self.base.rstrip('/')}/{path}", params=params).prepare().url or ""
        reason = ""
        for attempt in range(self.tries):
            if attempt:
                self.sleep(min(_LONGEST_WAIT, 2.0 ** (attempt - 1)))
            try:
                response, body = self._ask(url, known)
            except requests.RequestException as error:
                reason = _reason(error)
                continue
            if response.status_code in _AGAIN:
                reason = f"it answers {response.status_code}"
                self.sleep(_asked_to_wait(response))
                continue
            if response.status_code == 304 and known is not None:
                return known
            return self._taken(url, response, body)
        raise InputMissingError(
            f"{_place(url)}: asked {self.tries} times without an answer ({reason}); "
            "try later, or give an earlier snapshot"
        )

    def pages(self, path: str, params: Mapping[str, str], size: int = 1000) -> Answer:
        """Return all rows of a PostgREST table, asked in pages by ``limit`` and ``offset``.

        Raises
        ------
        InputError
            If an answer is not an array of rows, or a page comes twice.
        """
        rows: list[Any] = []
        urls: list[str] = []
        page: Any = None
        seen: list[Any] = []
        # A source may send fewer rows a page than it is asked for: only an empty page is the end.
        while page != []:
            answer = self.get(path, {**params, "limit": str(size), "offset": str(len(rows))})
            page = answer.json()
            urls.append(answer.url)
            if not isinstance(page, list):
                raise InputError(f"{answer.place}: expected an array of rows, found {type(page).__name__}")
            if page and page in seen:
                raise InputError(f"{answer.place}: the source sends a page again; nothing was taken")
            seen.append(page)
            rows += page
        return Answer(urls[0], json.dumps(rows, ensure_ascii=False, sort_keys=True).encode())

    def _ask(self, url: str, known: Answer | None) -> tuple[requests.Response, bytes]:
        """Ask once, following redirects of the same host."""
        headers = {"Accept": "application/json", "User-Agent": f"lupus-pgx/{__version__}", **self.headers}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        elif known is not None and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        place = url
        for _ in range(_REDIRECTS):
            self.sleep(max(0.0, self._last + self.interval - self.clock()))
            self._last = self.clock()
            response = self._session.get(
                place, headers=headers, timeout=self.timeout, allow_redirects=False, stream=True
            )
            with response:
                if not response.is_redirect:
                    return response, b"".join(self._parts(url, response))
                target = urljoin(place, response.headers["Location"])
            if urlsplit(target)[:2] != urlsplit(url)[:2]:
                raise InputError(
                    f"{_place(url)}: the source sends us to {target}; give its new address if that is right"
                )
            place = target
        raise InputError(f"{_place(url)}: the source redirects without end")

    def _parts(self, url: str, response: requests.Response) -> Iterator[bytes]:
        started, size = self.clock(), 0
        while part := _next_part(response):
            size += len(part)
            if size > self.largest:
                raise InputError(f"{_place(url)}: the answer is longer than {self.largest:,} bytes; nothing was taken")
            if self.clock() - started > self.deadline:
                raise requests.Timeout(f"no whole answer within {self.deadline:g} s")
            yield part

    @staticmethod
    def _taken(url: str, response: requests.Response, body: bytes) -> Answer:
        if response.status_code in (401, 403):
            raise InputMissingError(
                f"{_place(url)}: the source refuses ({response.status_code}); it asks for an access key"
            )
        if response.status_code != 200:
            raise InputMissingError(
                f"{_place(url)}: the source answers {response.status_code} {response.reason or ''}".rstrip()
            )
        kind = response.headers.get("Content-Type", "")
        if "json" not in kind:
            raise InputError(f"{_place(url)}: expected JSON, the source sends {kind or 'no content type'}")
        answer = Answer(url, body, response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""))
        answer.json()
        return answer


def _next_part(response: requests.Response) -> bytes:
    """Return what has come of an answer; nothing at its end.

    ``iter_content`` waits for a whole part, which a source that sends a byte a second never fills.
    """
    try:
        part: bytes = getattr(response.raw, "read1", response.raw.read)(_PART, decode_content=True)
    except urllib3.exceptions.TimeoutError as error:
        raise requests.Timeout(str(error)) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(str(error)) from error
    return part


def _place(url: str) -> str:
    return url.partition("?")[0]


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        return "no answer in time"
    if isinstance(error, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)):
        return "the answer breaks off"
    return "no connection"


def _asked_to_wait(response: requests.Response) -> float:
    """Return the seconds that a source asks us to wait (Retry-After: a number, or a date), at most two minutes."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), _LONGEST_WAIT)
    try:
        moment = email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return 0.0
    return min(max(moment - time.time(), 0.0), _LONGEST_WAIT)
