"""One command starts all of it, what staff switched outlives a new release, and nothing is left behind."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.sandbox.agency import SANDBOX_KEY
from deployments.up import Platform, PlatformFailed
from tasks.outbox.agency import credentials

pytestmark = pytest.mark.prefect

REPOSITORY = Path(__file__).parents[2]
PATIENCE_SECONDS = 120.0
FLOWS = '''
import time
from pathlib import Path

from prefect import flow


@flow
def greeting(number: int = 1) -> int:
    """Greets."""
    return number


@flow
def waiting(sign: str) -> None:
    """Waits until it is ended."""
    Path(sign).touch()
    time.sleep(600)
'''
PREFECT_FILE = """
deployments:
  - name: daily
    entrypoint: flows/toys.py:greeting
    schedules:
      - {cron: "0 7 * * 1-5", timezone: Europe/Berlin, slug: morning}
      - {cron: "0 8 * * 1-5", timezone: Europe/Berlin, slug: later}
    work_pool: {name: mahnlauf}
  - name: by-hand
    entrypoint: flows/toys.py:waiting
    work_pool: {name: mahnlauf}
"""


def product(root: Path) -> Path:
    """A small product of two flows in `root`; its prefect.yaml."""
    (root / "flows").mkdir()
    (root / "flows" / "toys.py").write_text(FLOWS)
    (root / "pyproject.toml").write_text((REPOSITORY / "pyproject.toml").read_text())
    prefect_file = root / "prefect.yaml"
    prefect_file.write_text(PREFECT_FILE)
    return prefect_file


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("product")


@pytest.fixture(scope="module")
def platform(root: Path) -> Iterator[Platform]:
    """A running one; when the tests are done it is stopped in the midst of a flow run, and must be gone."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
        environment.setenv("PREFECT_SERVER_UI_API_URL", "http://127.0.0.1:9/api")
        with Platform(root / "var", prefect_file=product(root), root=root) as platform:
            yield platform
            sign = root / "sign"
            start_run(platform, "waiting/by-hand", sign=str(sign))
            await_that(platform, sign.exists)
            began = time.monotonic()
    assert time.monotonic() - began < 5
    assert processes_that_know(root) == []


def call(platform: Platform, method: str, path: str, body: Any = None) -> Any:
    answer = httpx.request(method, f"{platform.api_url}/{path}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def deployment(platform: Platform, name: str) -> Any:
    return call(platform, "GET", f"deployments/name/{name}")


def start_run(platform: Platform, name: str, **parameters: object) -> str:
    path = f"deployments/{deployment(platform, name)['id']}/create_flow_run"
    run_id: str = call(platform, "POST", path, {"parameters": parameters})["id"]
    return run_id


def await_that(platform: Platform, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        platform.look()
        assert time.monotonic() < deadline
        time.sleep(0.1)


def processes_that_know(folder: Path) -> list[str]:
    """Command lines of the processes, this one aside, that have `folder` in their environment."""
    known = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.name != str(os.getpid()) and str(folder).encode() in (process / "environ").read_bytes():
                known.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # ended meanwhile, or another user's
    return known


def publish(platform: Platform, root: Path) -> None:
    arguments = [str(root / "prefect.yaml"), str(root / "var" / "prefect" / "deployed")]
    environment = {**os.environ, "PREFECT_API_URL": platform.api_url}
    subprocess.run([sys.executable, "-m", "deployments.publish", *arguments], cwd=root, env=environment, check=True)


def test_a_run_that_staff_start_is_completed(platform: Platform) -> None:
    run = start_run(platform, "greeting/daily", number=3)
    ended = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
    await_that(platform, lambda: call(platform, "GET", f"flow_runs/{run}")["state_type"] in ended)
    assert call(platform, "GET", f"flow_runs/{run}")["state_type"] == "COMPLETED"


def test_the_ui_is_the_classic_one_and_talks_to_this_server(platform: Platform) -> None:
    settings = httpx.get(f"{platform.ui_url}/ui-settings").json()
    assert (settings["api_url"], settings["default_ui"]) == (platform.api_url, "v1")


def test_settings_of_pyproject_reach_the_server(platform: Platform) -> None:
    services = call(platform, "GET", "admin/settings")["server"]["services"]
    assert services["task_run_recorder"]["batch_size"] == 100
    assert "flow_runs" in services["db_vacuum"]["enabled"]


def test_a_second_one_in_the_same_place_is_refused(platform: Platform) -> None:
    with pytest.raises(PlatformFailed, match=f"already up .*{platform.ui_url}"), Platform(platform.home):
        pass


def test_what_staff_switched_outlives_a_new_release(platform: Platform, root: Path) -> None:
    before = deployment(platform, "greeting/daily")
    path = f"deployments/{before['id']}"
    morning = next(schedule for schedule in before["schedules"] if schedule["slug"] == "morning")
    call(platform, "PATCH", f"{path}/schedules/{morning['id']}", {"active": False})
    evening = {"schedule": {"cron": "0 19 * * *", "timezone": "Europe/Berlin"}, "active": True}
    call(platform, "POST", f"{path}/schedules", [evening])
    call(platform, "PATCH", path, {"paused": True})

    switched = deployment(platform, "greeting/daily")["schedules"]

    publish(platform, root)
    assert deployment(platform, "greeting/daily")["schedules"] == switched  # the same, not made anew

    (root / "flows" / "toys.py").write_text(FLOWS.replace("number: int = 1", "number: int = 7"))
    publish(platform, root)
    released = deployment(platform, "greeting/daily")
    assert released["parameter_openapi_schema"]["properties"]["number"]["default"] == 7
    assert released["paused"]
    assert {(one["slug"], one["schedule"]["cron"], one["active"]) for one in released["schedules"]} == {
        ("morning", "0 7 * * 1-5", False),
        ("later", "0 8 * * 1-5", True),
        (None, "0 19 * * *", True),
    }


def test_the_sandbox_agency_answers_those_with_its_key(platform: Platform) -> None:
    look_up = f"{platform.agency_url}/collect/claim/?ClientCustomerRefNo=RE-1"
    assert httpx.get(look_up).status_code == 401
    assert httpx.get(look_up, headers=credentials(SANDBOX_KEY)).json() == {"aClaim": []}


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PlatformFailed, match=f"Port {port} is taken"), Platform(tmp_path, port=port):
            pass


def test_a_flow_that_does_not_load_ends_the_start_with_the_reason(tmp_path: Path) -> None:
    prefect_file = product(tmp_path)
    (tmp_path / "flows" / "toys.py").write_text("import nothing_of_this_name\n")
    broken = Platform(tmp_path / "var", prefect_file=prefect_file, root=tmp_path, sandbox=False)
    with pytest.raises(PlatformFailed, match="No module named 'nothing_of_this_name'"), broken:
        pass
    assert processes_that_know(tmp_path) == []
