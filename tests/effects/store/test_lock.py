"""Only one run of a name at a time, whatever its holder dies of."""

import os
import signal
import subprocess
import sys

import pytest

from dunning.errors import RunRefused
from tasks.store.engine import Store
from tasks.store.lock import only_one

HOLDER = """
import sys, time
from tasks.store.engine import Store
from tasks.store.lock import only_one
with only_one(Store(sys.argv[1]), "intake"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_is_refused_and_the_next_one_not(store: Store) -> None:
    other = Store(store.url.render_as_string(hide_password=False))
    with only_one(store, "intake"):
        with pytest.raises(RunRefused) as refused, only_one(other, "intake"):
            pytest.fail("two at once")
        with only_one(other, "dunning-run"):
            pass
    assert (refused.value.reason, refused.value.what) == ("another_run", "another intake is at work")
    with only_one(other, "intake"):
        pass
    other.close()


def test_an_error_frees_the_lock(store: Store) -> None:
    with pytest.raises(RuntimeError, match="broken"), only_one(store, "intake"):
        raise RuntimeError("broken")
    with only_one(store, "intake"):
        pass


def test_a_killed_holder_frees_the_lock(store: Store) -> None:
    url = store.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunRefused), only_one(store, "intake"):
            pytest.fail("two at once")
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    _until_free(store)


def _until_free(store: Store) -> None:
    """PostgreSQL hears of the death a moment later; trying is all the waiting there is."""
    for _ in range(2_000):
        try:
            with only_one(store, "intake"):
                return
        except RunRefused:
            continue
    pytest.fail("the lock outlived its holder")
