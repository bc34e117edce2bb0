"""An answer that goes on: sent piece by piece as it is made, after the worker that began it is free again."""

from __future__ import annotations

from collections.abc import Iterator

from werkzeug.wrappers import Request, Response

#: The server's: how many bytes it collects before it sends any.
_COLLECTED = "eventlet.minimum_write_chunk_size"


def stream(request: Request, pieces: Iterator[bytes]) -> Response:
    """Server-sent events. The connection counts as one that waits for its client: when there are too many, it goes
    before those that are being answered.
    """
    request.environ[_COLLECTED] = 1
    # The second header is nginx's: to hand on each piece as it comes.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(pieces, headers=headers, content_type="text/event-stream")
