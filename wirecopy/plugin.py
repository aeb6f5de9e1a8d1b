"""The pages inside of Airflow: in its menu, and as a tab of DAGs and of runs, behind its login.

Airflow finds this by the entry point `airflow.plugins`: to install wirecopy into Airflow's environment is enough. Only
this file and runnotes.py, the other plugin, import Airflow in the package. Every process of Airflow loads its plugins,
but only its web server answers requests, so the app with its modules is made at the first one.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any, Final

from airflow.plugins_manager import AirflowPlugin

from wirecopy.log import get_log

log = get_log(__name__)

MOUNT: Final = "/wirecopy"
ROUTE: Final = "wirecopy"  # of Airflow's own address: /plugin/wirecopy
DAG: Final = "wirecopy_day"  # who may see its runs may see what they brought
OFF: Final = os.environ.get("WIRECOPY_PAGES", "").lower() == "off"

Scope = MutableMapping[str, Any]


class LateApp:
    """The ASGI app, made when it is first asked."""

    async def __call__(
        self, scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        """One request."""
        await _app()(scope, receive, send)

    def __repr__(self) -> str:
        return "the pages of wirecopy"


@cache
def _app() -> Any:
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi import Depends, HTTPException

    from wirecopy.pages.app import create_app

    def may_read(user: Any = Depends(get_user)) -> None:  # noqa: B008 - how FastAPI is told
        if not get_auth_manager().is_authorized_dag(method="GET", details=DagDetails(id=DAG), user=user):
            raise HTTPException(403, f"Your account in Airflow may not see {DAG}. Ask an administrator for that right.")

    open_store()
    return create_app(user=may_read, inside_airflow=True)


def open_store() -> None:
    """As `open_store` of the DAG files does. If it fails, the log says why, and the pages that they may not read."""
    from airflow.models.connection import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from wirecopy.errors import SettingsError
    from wirecopy.steps import store_connection, use_connection

    try:
        if name := store_connection():
            use_connection(Connection.get_connection_from_secrets(name))
    except (SettingsError, AirflowNotFoundException) as error:
        log.warning("%s", error)


class WirecopyPages(AirflowPlugin):
    """What Airflow's plugin manager reads."""

    name = "wirecopy"
    fastapi_apps: list[Any] = [] if OFF else [{"app": LateApp(), "url_prefix": MOUNT, "name": "pages of wirecopy"}]
    # Relative addresses: Airflow's <base> puts its path prefix before them.
    external_views: list[Any] = (
        []
        if OFF
        else [
            {"name": "wirecopy", "href": f"{ROUTE}/", "destination": "nav", "url_route": ROUTE},
            {
                "name": "Articles",
                "href": f"{ROUTE}/",
                "destination": "dag",
                "url_route": f"{ROUTE}-days",
            },
            {
                "name": "Articles",
                "href": f"{ROUTE}/runs/{{RUN_ID}}?dag={{DAG_ID}}",
                "destination": "dag_run",
                "url_route": f"{ROUTE}-run",
            },
        ]
    )
