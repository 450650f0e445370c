# Counts what each stage of a message's way costs in instructions, and compares with what is recorded.
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
RECORDED = HERE / "recorded.json"
PROGRAM = HERE.parent.parent / "build" / "release" / "parley_counts"

TOLERANCE = 0.10      # of the recorded figure, in either direction
ALLOCATIONS = 0.02    # a count near none may differ by this much
SKIPPED = 77          # ctest's word for it is SKIP_RETURN_CODE
PATIENCE = 120        # seconds for one run that should take two
DEBIAN_12 = "g++ 12.2.0, glibc 2.36, x86_64"

# Each stage is run with both numbers of rounds: what a run costs beside its rounds is in both.
ROUNDS = {
    "decode": (200, 1200),
    "decode_json": (200, 700),
    "conversation": (200, 1200),
    "batch_of_1": (200, 1200),
    "batch_of_32": (20, 70),
    "encode": (200, 2200),
    "encode_json": (200, 1200),
    "shard_of_1": (20, 120),
    "shard_of_32": (20, 120),
}

# The C library and OpenSSL choose code by the processor's abilities: here by those that all have.
BEYOND_ALL = (
    "SSSE3 SSE4_1 SSE4_2 AVX AVX2 AVX512F AVX512VL BMI1 BMI2 LZCNT MOVBE ERMS FSRM RTM AVX_Fast_Unaligned_Load"
    " Fast_Unaligned_Copy Fast_Copy_Backward Fast_Rep_String Slow_SSE4_2 Prefer_PMINUB_for_stringop"
)
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=" + ",".join(f"-{each}" for each in BEYOND_ALL.split()),
    "OPENSSL_ia32cap": "~0x1000180000000000:0",
}


class Failed(Exception):
    """Nothing could be counted."""


def run(*command):
    """Runs a program in the fixed environment and returns what it prints."""
    try:
        ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE)
    except FileNotFoundError:
        raise Failed(f"there is no {command[0]}; `./dev setup` installs valgrind, `./dev build` makes the rest")
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(command)} took more than {PATIENCE} s")
    if ended.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {ended.returncode}: {ended.stderr.strip()}")
    return ended.stdout


def allocations_in(profile):
    """How often malloc and its kin were called, by callgrind's own format (its manual, chapter 3)."""
    allocators, calls, callee = set(), 0, None
    for line in profile.splitlines():
        if line.startswith("calls="):
            calls += int(line[6:].split()[0]) if callee in allocators else 0
        elif match := re.match(r"c?fn=\((\d+)\)(?: (.*))?", line):
            number, name = match.groups()
            if name in ("malloc", "calloc", "realloc"):
                allocators.add(number)
            if line.startswith("cfn="):
                callee = number
    return calls


def profile_of(program, stage, rounds):
    """Instructions, allocations and units of one run, and what a unit is."""
    with tempfile.TemporaryDirectory() as place:
        out = pathlib.Path(place) / "profile"
        printed = run("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", str(program), stage, str(rounds))
        profile = out.read_text()
    units, unit = printed.split()
    instructions = re.search(r"^(?:summary|totals): (\d+)", profile, re.MULTILINE)
    if not instructions:
        raise Failed(f"callgrind wrote no sum for {stage}")
    return int(instructions[1]), allocations_in(profile), int(units), unit


def measure(program, stage):
    """What one more message or delivery costs at this stage."""
    few, many = (profile_of(program, stage, rounds) for rounds in ROUNDS[stage])
    units = many[2] - few[2]
    return {
        "per": many[3],
        "instructions": round((many[0] - few[0]) / units, 1),
        "allocations": round((many[1] - few[1]) / units, 3),
    }


def is_near(recorded, measured, key):
    """Whether the figure is within the tolerance."""
    slack = TOLERANCE * recorded[key] + (ALLOCATIONS if key == "allocations" else 0)
    return abs(measured[key] - recorded[key]) <= slack


def deviations(stage, recorded, measured):
    """Sentences on what is not as it was recorded."""
    if recorded is None:
        return [f"{stage} is not recorded"]
    return [
        f"{stage}: {key} per {measured['per']} were recorded as {recorded[key]}, measured are {measured[key]}"
        f" ({100 * (measured[key] / recorded[key] - 1) if recorded[key] else 100:+.1f} %)"
        for key in ("instructions", "allocations")
        if not is_near(recorded, measured, key)
    ]


def begin_table():
    """Prints the table's head."""
    print("| stage | per | instructions | recorded | allocations |\n|---|---|---:|---:|---:|", flush=True)


def show(stage, recorded, measured):
    """Prints one row of the table."""
    before = f"{recorded['instructions']:,}" if recorded else "–"
    print(f"| `{stage}` | {measured['per']} | {measured['instructions']:,} | {before} | {measured['allocations']} |",
          flush=True)


def compare(program, build, stages):
    """Measures, prints the table, and returns the exit status."""
    known = json.loads(RECORDED.read_text())
    if build != known["build"]:
        print(f"recorded with {known['build']}, this is {build}: the counts cannot be compared")
        return 1 if build == DEBIAN_12 else SKIPPED
    wrong = []
    begin_table()
    for stage in stages:
        recorded, measured = known["stages"].get(stage), measure(program, stage)
        show(stage, recorded, measured)
        wrong += deviations(stage, recorded, measured)
    for sentence in wrong:
        print(sentence)
    if wrong:
        print("If that is meant, record anew: /usr/bin/python3 bench/counts/counts.py --record")
    return 1 if wrong else 0


def record(program, build):
    """Measures everything and writes it down."""
    stages = {}
    begin_table()
    for stage in ROUNDS:
        stages[stage] = measure(program, stage)
        show(stage, None, stages[stage])
    RECORDED.write_text(json.dumps({"build": build, "stages": stages}, indent=2) + "\n")
    return 0


def main():
    options = argparse.ArgumentParser(description="Instructions per message and per delivery, stage by stage.")
    options.add_argument("--program", type=pathlib.Path, default=PROGRAM, help="parley_counts of the release build")
    options.add_argument("--record", action="store_true", help="write what is measured into recorded.json")
    options.add_argument("stages", nargs="*", choices=[[], *ROUNDS], help="only these")
    asked = options.parse_args()
    if asked.record and asked.stages:
        options.error("all stages are recorded together")
    try:
        build = run(str(asked.program), "build").strip()
        if asked.record:
            return record(asked.program, build)
        return compare(asked.program, build, asked.stages or list(ROUNDS))
    except Failed as why:
        print(f"counts: {why}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
