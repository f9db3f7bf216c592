"""Serve the page, the REST routes and MCP behind the guards, as one ASGI application."""

from __future__ import annotations

import socket
import threading
import time
import webbrowser
from dataclasses import dataclass, field

import gradio as gr
import uvicorn
from fastapi import FastAPI

from searchapp.client import SearchClient
from searchapp.errors import ConfigurationError
from ui.app import LOGO, PageOptions, build_app, looks
from ui.guards.bodies import MAX_BODY, BodyLimit
from ui.guards.headers import SecurityHeaders, security_headers
from ui.guards.hosts import AllowedHosts, HostGuard
from ui.guards.login import LoginGuard
from ui.metrics import Metrics, RequestMetrics, add_metrics
from ui.pool import ClientPool, Pool
from ui.rest.errors import unexpected
from ui.rest.routes import add_health, rest_app
from ui.safety import login_check
from ui.theme import LOGIN_STYLE, STYLE

STARTING = 30.0
"""Maximum seconds for a server to start."""


@dataclass(slots=True)
class Served:
    """A page that is being served.

    Attributes:
        address: Its address, such as `http://127.0.0.1:7860`.
    """

    address: str
    _server: uvicorn.Server = field(repr=False)
    _thread: threading.Thread = field(repr=False)

    def wait(self) -> None:
        """Wait until the server stops."""
        self._thread.join()

    def close(self) -> None:
        """Stop the server. Running requests have a few seconds to finish."""
        self._server.should_exit = True
        self._thread.join(timeout=10)


def web_app(
    source: SearchClient | Pool,
    *,
    options: PageOptions | None = None,
    host: str = "127.0.0.1",
) -> FastAPI:
    """Create the ASGI application: page at `/`, REST below `/v1`, and MCP if enabled.

    Args:
        source: A client, or a pool of clients; the caller keeps it open while the application is served.
        options: Permissions and limits; default: read-only.
        host: Address that the server listens on; its names are allowed in addition to `options.hosts`.
    """
    pool = ClientPool(source) if isinstance(source, SearchClient) else source
    allowed = options or PageOptions()
    app = FastAPI(openapi_url=None)
    metrics = Metrics()
    add_health(app, pool)
    add_metrics(app, metrics)
    app.mount("/v1", rest_app(pool, metrics=metrics, builds=allowed.builds))
    check = login_check(allowed.users) if allowed.users else None
    gr.mount_gradio_app(
        app,
        build_app(pool, options=allowed),
        path="/",
        auth=check,
        auth_message=login_message() if check else None,
        footer_links=[],
        run_history=False,
        show_error=True,
        ssr_mode=False,
        enable_monitoring=False,
        max_file_size=allowed.max_upload,
        mcp_server=allowed.mcp,
        app_kwargs={"exception_handlers": {Exception: unexpected}},
        **looks(),
    )
    page = app.routes[-1].app  # type: ignore[attr-defined]  # what Gradio has mounted

    def session(cookies: dict[str, str]) -> str | None:
        names = (f"access-token-{page.cookie_id}", f"access-token-unsecure-{page.cookie_id}")
        return next((page.tokens.get(cookies[name]) for name in names if name in cookies), None)

    app.add_middleware(BodyLimit, upload=allowed.max_upload + MAX_BODY)
    if check:
        app.add_middleware(LoginGuard, check=check, session=session)
    hosts = AllowedHosts.listening_on(host, allowed.hosts)
    app.add_middleware(HostGuard, allowed=hosts)
    app.add_middleware(SecurityHeaders, headers=security_headers(allowed.hosts))
    app.add_middleware(RequestMetrics, metrics=metrics)
    return app


def launch(
    source: SearchClient | Pool,
    *,
    host: str,
    port: int,
    options: PageOptions | None = None,
    open_browser: bool = False,
    block: bool = True,
) -> Served:
    """Serve the page until interrupted, or in the background.

    Args:
        source: A client, or a pool of clients.
        host: Address to listen on.
        port: Port to listen on; 0 for any that is free.
        options: Permissions and limits; default: read-only.
        open_browser: Open the page in a browser.
        block: Return only after the server has stopped.

    Raises:
        ConfigurationError: The port is in use, or the address does not belong to this machine.
    """
    config = uvicorn.Config(
        web_app(source, options=options, host=host),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
    )
    listening = _listen(host, port)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="searchapp-page", daemon=True)
    thread.start()
    until = time.monotonic() + STARTING
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.005)
    if not server.started:
        server.should_exit = True
        raise ConfigurationError(f"the page did not start on {host}:{port}; its log says why")
    named = f"[{host}]" if ":" in host else host
    served = Served(f"http://{named}:{listening.getsockname()[1]}", server, thread)
    if open_browser:
        webbrowser.open(served.address)
    if block:
        try:
            served.wait()
        except KeyboardInterrupt:
            served.close()
    return served


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another port, such as --port {port + 1}"
        ) from error
    return listening


def login_message() -> str:
    """Return the text above the login form, with title and stylesheet, which Gradio does not send before a login."""
    styles = "".join(path.read_text(encoding="utf-8") for path in (STYLE, LOGIN_STYLE))
    return (
        f'<title>searchapp</title><style>{styles}</style><span class="brand">{LOGO}</span>'
        "This page is for people with an account."
    )
