# Rows that are journeys already: the journey is taken as it is, and what it checked is counted.
import contextlib
import inspect
import io
import re

from ground import tried

CHECKED = re.compile(r"^ok  (.*) \((\d+)x\)$", re.M)


def travelled(what, main, times=1):
    """Runs a journey's `main` so many times; each line in which it reports a check counts as often as it was tried."""
    async def again_and_again(findings):
        for _ in range(times):
            said = io.StringIO()
            try:
                with contextlib.redirect_stdout(said):
                    if inspect.iscoroutine(going := main()):
                        await going
            finally:
                checks = CHECKED.findall(said.getvalue())
                findings.tried += sum(int(count) for _, count in checks)
        findings.note("; ".join(name for name, _ in checks)[:600])

    return tried(what, again_and_again)
