"""A job whose worker was killed ends, although a thread of it hangs."""

import subprocess
import sys

import psutil
import pytest

pytestmark = pytest.mark.pure

WORKER = """
import os, threading, time
from callcenter.inroom.agent import orphan
orphan.LOOK_SECONDS, orphan.GRACE_SECONDS = 0.05, 0.2
orphan.end_jobs_with_this_process()
orphan.watch_worker()
job = os.fork()
if job == 0:
    threading.Thread(target=threading.Event().wait).start()
else:
    print(job, flush=True)
    time.sleep(60)
"""


def test_a_hanging_job_ends_after_its_worker_and_not_before() -> None:
    with subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        job = psutil.Process(int(worker.stdout.readline()))
        with pytest.raises(psutil.TimeoutExpired):
            job.wait(1)
        worker.kill()
        job.wait(10)
