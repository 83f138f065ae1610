"""Every way an engine can end: one clear message, and the next run works."""

import time
from pathlib import Path

import pytest

from lenet_viz.engine.messages import Lost, Ready, RunDone
from tests.engine.fakes import Talk, fake, request

DEATHS = {
    "sigkill": ("os.kill(os.getpid(), signal.SIGKILL)", ["SIGKILL", "memory"]),
    "sigsegv": ("os.kill(os.getpid(), signal.SIGSEGV)", ["SIGSEGV", "compiled code"]),
    "abort": ("os.abort()", ["SIGABRT"]),
    "realtime signal": ("os.kill(os.getpid(), signal.SIGRTMIN + 3)", ["signal"]),
    "os._exit": ("os._exit(41)", ["exit code 41"]),
    "exit 0": ("os._exit(0)", ["exit code 0"]),
    "traceback": ("raise ValueError('x')", ["exit code 1"]),
    "closes the pipe": ("replies.close(); os.close(1); time.sleep(60)", ["closed its pipe"]),
    "text": ("raw(b'Hello, this is a print of a model\\n' * 10)", ["no message"]),
    "huge length": ("raw(struct.pack('>I', 2**32 - 1)); time.sleep(60)", ["4294967295 bytes"]),
    "no json": ("raw(struct.pack('>I', 5) + b'[1, 2'); time.sleep(60)", ["no message"]),
    "json of no kind": ("raw(struct.pack('>I', 2) + b'{}'); time.sleep(60)", ["no message"]),
    "json list": ("raw(struct.pack('>I', 2) + b'[]'); time.sleep(60)", ["no message"]),
    "deep json": ("raw(struct.pack('>I', 9**6) + b'[' * 9**6); time.sleep(60)", ["no message"]),
    "wrong type": (
        'b = b\'{"kind": "RunDone", "run": 1, "capture": 5, "weights": "",'
        " \"grads\": null}'; raw(struct.pack('>I', len(b)) + b); time.sleep(60)",
        ["RunDone.capture is a int"],
    ),
    "a request": ("say(request); time.sleep(60)", ["RunRequest"]),
    "part of a length": ("raw(b'\\0\\0'); os._exit(5)", ["exit code 5"]),
    "part of a frame": ("raw(struct.pack('>I', 99) + b'{'); os._exit(6)", ["exit code 6"]),
    "part of a frame, closed": (
        "raw(struct.pack('>I', 99) + b'{'); os.close(1); time.sleep(60)",
        ["closed its pipe"],
    ),
}


@pytest.mark.parametrize("name", DEATHS)
def test_one_message_and_the_next_run_works(tmp_path: Path, name: str) -> None:
    act, words = DEATHS[name]
    body = f"""
def run(request):
    if me == 0:
        print("last words", file=sys.stderr, flush=True)
        {act}
serve(run)
"""
    with Talk(fake(tmp_path, body)) as talk:
        talk.client.submit(request(1))
        talk.client.submit(request(2))  # did nothing wrong: it goes to the next engine
        talk.next(Ready)
        lost = talk.next(Lost)
        assert (lost.run, lost.wanted, lost.followed) == (1, False, True)
        assert lost.for_one_run is not None
        assert "Forward" not in str(lost.for_one_run)
        for word in [*words, "Press Forward"]:
            assert word in str(lost.message)
        assert "last words" in lost.details
        talk.next(Ready)
        assert talk.next(RunDone).run == 2
        talk.quiet(0.05)


def test_an_idle_engine_that_ends_is_said_once_and_replaced(tmp_path: Path) -> None:
    body = """
if me == 0:
    say(Ready("fake"))
    time.sleep(0.3)
    os._exit(9)
serve()
"""
    with Talk(fake(tmp_path, body)) as talk:
        talk.next(Ready)
        lost = talk.next(Lost)
        assert lost.run is None
        assert "exit code 9" in str(lost.message)
        talk.next(Ready)
        talk.client.submit(request(1))
        assert talk.next(RunDone).run == 1


def test_after_too_many_spares_ended_no_engine_follows_until_a_run_is_asked_for(
    tmp_path: Path,
) -> None:
    go = tmp_path / "go"
    body = f"""
if 0 < me < 4:
    os._exit(9)
def run(request):
    while request.preset == "die":
        if os.path.exists({str(go)!r}):
            os._exit(1)
        time.sleep(0.01)
serve(run)
"""
    with Talk(fake(tmp_path / "engines", body)) as talk:
        talk.client.submit(request(1, preset="die"))
        talk.next(Ready)
        until = time.monotonic() + 5
        while not (tmp_path / "engines" / "3").exists() and time.monotonic() < until:
            time.sleep(0.01)
        talk.quiet(0.3)
        go.touch()
        lost = talk.next(Lost)
        assert (lost.run, lost.followed) == (1, False)
        talk.quiet(0.3)
        talk.client.submit(request(2))
        talk.next(Ready)
        assert talk.next(RunDone).run == 2


def test_a_spare_that_ends_is_replaced_in_silence(tmp_path: Path) -> None:
    body = """
if me == 1:
    say(Ready("fake"))
    os._exit(9)
serve(lambda request: os._exit(1) if me == 0 else None)
"""
    with Talk(fake(tmp_path, body)) as talk:
        talk.next(Ready)
        talk.quiet(0.3)
        talk.client.submit(request(1))
        assert talk.next(Lost).run == 1
        talk.next(Ready)
        talk.client.submit(request(2))
        assert talk.next(RunDone).run == 2
