"""The sample's data-sharing platforms: what is asked for over HTTP, not sent as files.

What belongs here: taking a feed's rows out of the inbox, and answering for them on this machine as
its channel file says that such a platform does: a token, pages, changes by time. What does not:
what the rows say, and asking for them (`assets.sources.api`). Nothing of the product knows of it:
an address and secrets are all that it is given, as of a real platform.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_urlsafe
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

from assets.calendar import SHANGHAI
from assets.channels import Channel, Feed
from assets.channels.ways import Api
from assets.sources.connection import Connection
from assets.sources.manifest import Manifest
from assets.sources.windows import windows

_KEY = "miaoban"
_MANIFEST = ".manifest.json"


def asked(channels: Mapping[str, Channel]) -> list[tuple[str, str, Feed, Api]]:
    """The feeds that are asked for over HTTP: channel, name, feed and its interface."""
    return [
        (channel.channel, name, feed, feed.api)
        for channel in channels.values()
        for name, feed in channel.feeds.items()
        if feed.api is not None
    ]


def leave_as_fetched(inbox: Path, channels: Mapping[str, Channel], until: datetime) -> None:
    """Names the whole files of these feeds as a fetch that ended at an instant leaves them.

    So nothing is due on a home whose clock stands still there, and that no platform answers.
    """
    for channel, name, feed, api in asked(channels):
        [window] = windows(until.astimezone(UTC), None, api.begins_on, 0, None)
        for whole in (inbox / channel / name).glob(f"*-full.{feed.adapter}*"):
            ending = _MANIFEST if whole.name.endswith(_MANIFEST) else ""
            whole.rename(whole.with_name(window.file_name(feed.adapter) + ending))


def take_over(inbox: Path, folder: Path, channels: Mapping[str, Channel]) -> None:
    """Moves the files of these feeds out of an inbox: their rows are the platforms' from now on.

    Those of an earlier sample make room.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for channel, name, _, _ in asked(channels):
        (folder / channel).mkdir(parents=True, exist_ok=True)
        (inbox / channel / name).rename(folder / channel / name)


class Platform(ThreadingHTTPServer):
    """The interfaces of the senders whose rows lie below a folder, on a port of this machine.

    Args:
        folder: `<channel>/<feed>/` with the files that were taken over.
        channels: the senders.
    """

    daemon_threads = True

    def __init__(self, folder: Path, channels: Mapping[str, Channel]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        held = [one for one in asked(channels) if (folder / one[0] / one[1]).is_dir()]
        self.rows = {api.path: (api, _rows(folder / of / name)) for of, name, _, api in held}
        self.token_paths = {api.token_path for *_, api in held}
        self.secret, self.token = token_urlsafe(), token_urlsafe()
        self.calls = 0
        """Pages told."""
        link = Connection(
            url=SecretStr(f"http://127.0.0.1:{self.server_port}"),
            key=SecretStr(_KEY),
            secret=SecretStr(self.secret),
        )
        self.connections = {channel: link for channel, *_ in held}
        """How they are reached, by channel."""


@contextmanager
def serving(folder: Path, channels: Mapping[str, Channel]) -> Iterator[Platform]:
    """A platform that answers until the block ends."""
    with Platform(folder, channels) as platform:
        thread = Thread(target=platform.serve_forever, daemon=True)
        thread.start()
        try:
            yield platform
        finally:
            platform.shutdown()
            thread.join()


def _rows(folder: Path) -> list[tuple[datetime, dict[str, Any]]]:
    """Each row once, with the instant that it was last sent at, in the order of sending."""
    changed: dict[str, datetime] = {}
    for file in sorted(folder.glob("*.jsonl")):
        told = Manifest.model_validate_json(file.with_name(file.name + _MANIFEST).read_bytes())
        for line in file.read_text("utf-8").splitlines():
            changed[line] = max(told.sent_at, changed.get(line, told.sent_at))
    ordered = sorted(changed.items(), key=lambda one: one[1])
    return [(instant, json.loads(line)) for line, instant in ordered]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Platform

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the terminal belongs to the demo."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(parse_qsl(body))
        known = {"client_id": _KEY, "client_secret": self.server.secret}
        if self.path not in self.server.token_paths:
            self._answer({}, 404)
        elif not known.items() <= form.items():
            self._answer({"error": "invalid_client"}, 401)
        else:
            self._answer({"access_token": self.server.token, "token_type": "Bearer"})

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path not in self.server.rows:
            self._answer({}, 404)
        elif self.headers["Authorization"] != f"Bearer {self.server.token}":
            self._answer({"error": "invalid_token"}, 401)
        else:
            self.server.calls += 1
            self._answer(_page(*self.server.rows[url.path], dict(parse_qsl(url.query))))

    def _answer(self, told: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(told, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _page(
    api: Api, rows: list[tuple[datetime, dict[str, Any]]], asked_for: dict[str, str]
) -> dict[str, Any]:
    """The members that the channel file names, of the rows changed within what was asked for."""

    def instant(name: str | None, otherwise: datetime) -> datetime:
        told = asked_for.get(name or "")
        if told is None:
            return otherwise
        return datetime.strptime(told, api.time_format).replace(tzinfo=SHANGHAI)

    since = instant(api.since, datetime.min.replace(tzinfo=UTC))
    until = instant(api.until, datetime.max.replace(tzinfo=UTC))
    found = [row for changed, row in rows if since <= changed < until]
    number, size = int(asked_for[api.page]), int(asked_for[api.size])
    page: dict[str, Any] = {}
    members = {**api.succeeded, api.total: len(found)}
    for name, value in (*members.items(), (api.records, found[(number - 1) * size :][:size])):
        *within, last = name.split(".")
        part = page
        for one in within:
            part = part.setdefault(one, {})
        part[last] = value
    return page
