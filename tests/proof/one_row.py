# Runs one row of the proof in this process and writes what came of it to a file; prove.py starts it.
import argparse
import importlib.util
import json
import os
import pathlib
import sys
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "journeys")]

import row  # noqa: E402: only now is it found


def load(path):
    """The row's module."""
    described = importlib.util.spec_from_file_location(path.stem, path)
    module = sys.modules[path.stem] = importlib.util.module_from_spec(described)  # forked workers look for it there
    described.loader.exec_module(module)
    return module


def outcome_of(module, size, server):
    """What the row says, as plain data. A row that cannot go on has failed."""
    try:
        came = module.run(size, server)
    except row.NotHere as why:
        return {"status": "not here", "notes": str(why)}
    except row.NotRun as why:
        return {"status": "not run", "notes": str(why)}
    except Exception as fault:
        return {"status": "failed", "tried": 0, "what": "", "failures": [f"{type(fault).__name__}: {fault}"],
                "notes": traceback.format_exc()}
    tried_nothing = [] if came.tried > 0 else ["nothing was tried"]
    failures = [str(each) for each in came.failures] or tried_nothing
    return {"status": "failed" if failures else "passed", "tried": came.tried, "what": came.what,
            "failures": failures, "notes": came.notes, "bounded": came.bounded}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("module", type=pathlib.Path)
    options.add_argument("--size", required=True)
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--seconds", type=float, required=True)
    options.add_argument("--server", type=pathlib.Path, required=True)
    options.add_argument("--into", type=pathlib.Path, required=True)
    given = options.parse_args()
    os.environ["PARLEYD"] = os.environ["PARLEYD_RELEASE"] = str(given.server)
    size = row.Size(given.size, given.seed, given.seconds)
    came = outcome_of(load(given.module), size, given.server)
    beside = given.into.with_suffix(".part")
    beside.write_text(json.dumps(came))
    beside.replace(given.into)


if __name__ == "__main__":
    main()
