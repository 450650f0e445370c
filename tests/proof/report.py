# What follows from results, the facts of the machine, and the table in docs/proof.md.
import os
import pathlib
import platform
import subprocess


def bound(result):
    """What follows when nothing failed: the rule of three. Empty when something did, and where trials are a list or are judged together."""
    if result["status"] != "passed" or not result["bounded"] or result["tried"] < 10:
        return ""
    return f"less than {3 / result['tried']:.2g} each at 95 %"


def machine(place):
    """What one needs to know of the machine to judge the figures."""
    model = next((line.partition(":")[2].strip() for line in read("/proc/cpuinfo").splitlines()
                  if line.startswith("model name")), platform.machine())
    memory = next((int(line.split()[1]) for line in read("/proc/meminfo").splitlines() if line.startswith("MemTotal:")), 0)
    return {"processors": os.cpu_count(), "model": model, "memory": f"{memory / 2**20:.0f} GiB",
            "kernel": platform.release(), "system": system_name(), "files on": file_system(place)}


def read(path):
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""


def system_name():
    for line in read("/etc/os-release").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return platform.system()


def file_system(place):
    try:
        return subprocess.run(["findmnt", "--noheadings", "--output", "FSTYPE", "--target", place], text=True, capture_output=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def line_of(row, result):
    """One row of the table."""
    if result is None and row.module is None:
        result = {"status": "not built", "notes": row.stands_in}
    status = result["status"] if result else "not run"
    if status in ("passed", "failed") and result["tried"]:
        came = f"{result['tried']:,} {result['what']}, {len(result['failures'])} failed"
        follows = bound(result)
        seconds = f"{result['seconds']:.0f}"
    else:
        came, follows, seconds = (result or {}).get("notes", ""), "", ""
        if status == "failed":
            came = "; ".join(result["failures"])
    cells = [row.id, row.title, row.criterion, f"**{status}**" if status == "failed" else status, came, follows, seconds]
    return "| " + " | ".join(map(cell, cells)) + " |"


def write_report(path, kept, catalogue):
    """The last table, with what it was run on."""
    facts = "\n".join(f"| {name} | {cell(value)} |" for name, value in kept["machine"].items())
    lines = "\n".join(line_of(row, kept["rows"].get(row.id)) for row in catalogue)
    notes = [f"- {row.id}: {' '.join(kept['rows'][row.id]['notes'].split())}" for row in catalogue
             if kept["rows"].get(row.id, {}).get("status") == "passed" and kept["rows"][row.id]["notes"]]
    path.write_text(f"""# The proof

`./dev prove {kept['size']}` puts the promises to the test, row by row. This is what it said last, of commit `{kept['commit']}`
(program {kept['server']}, seed {kept['seed']}). Without a failure in *n* trials that are thrown by chance and judged one by one a fault is,
at 95 % confidence, rarer than 3/*n*; where they are a list, or are judged together, no bound follows.
A row that is not built says so, and what shows it, or a part of it, meanwhile.

| | |
|---|---|
{facts}

| | Row | What must hold | | What was tried, or what stands in | Bound | Seconds |
|---|---|---|---|---|---|---|
{lines}

{chr(10).join(notes)}
""".rstrip() + "\n")
