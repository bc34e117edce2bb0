"""What every page of ours asks of a browser, and what a browser says of who sends a form.

Beside `estafet.web`, which knows eventlet: the operator's console is served by threads.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from werkzeug.wrappers import Request


def page_headers(styles: str, *, files: bool = True) -> dict[str, str]:
    """The headers of a page that nobody else may frame, script or read.

    Args:
        styles: where its styles come from, as a content security policy says it.
        files: whether it has scripts and pictures, which are files of ours, or neither.
    """
    scripts = "script-src 'self'; connect-src 'self'; img-src 'self'; " if files else ""
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src {styles}; {scripts}"
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "same-origin",  # "no-referrer" would take the Origin from our own forms as well
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def is_foreign(request: Request, public_url: str) -> bool:
    """Whether the browser says that a form comes from elsewhere than from ``public_url``, or from where it was sent to.

    One that says nothing of it is not foreign by that: something else must prove the form.
    """
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    ours = {urlsplit(public_url).netloc, request.headers.get("Host", "")}
    return (origin is not None and urlsplit(origin).netloc not in ours) or site not in (None, "same-origin", "none")
