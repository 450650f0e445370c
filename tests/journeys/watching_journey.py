# Rules for alerts and the dashboard, held against what a server at work prints.
import json
import pathlib
import re
import tempfile

from client import Client
from rest import Rest
from support import Server, data_directory, done, require, run, run_program

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMTOOL = ROOT / "build" / "promtool" / "usr" / "bin" / "promtool"


def labels_of(metrics):
    """Each metric's labels, by its name."""
    labels = {}
    for line in metrics.splitlines():
        found = re.match(r"^(parley_\w+)(?:\{([^}]*)\})? ", line)
        if found:
            labels.setdefault(found[1], set()).update(re.findall(r"(\w+)=\"", found[2] or ""))
    return labels


def questions():
    """Every expression of the rules and of the dashboard, with where it stands."""
    rules = (ROOT / "deploy" / "alerts.yml").read_text()
    for line in re.findall(r"^ +expr: (.*)$", rules, re.M):
        yield "alerts.yml", line
    for panel in json.loads((ROOT / "deploy" / "dashboard.json").read_text())["panels"]:
        for target in panel["targets"]:
            for name in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                require(re.search(rf"by \([^)]*\b{name}\b", target["expr"]), "a legend names what is asked for", panel["title"], name)
            yield panel["title"], target["expr"]


def about_what_is_there(labels):
    """Nothing is asked for that no server prints."""
    asked = 0
    for where, expression in questions():
        metrics = set(re.findall(r"\bparley_\w+", expression))
        require(metrics or "up{" in expression, "it asks for something of ours", where, expression)
        for metric in metrics:
            require(metric in labels, "a metric that is printed", where, metric)
            used = set(re.findall(rf"{metric}\{{([^}}]*)\}}", expression))
            named = {name for part in used for name in re.findall(r"(\w+)=", part)}
            named |= {name.strip() for part in re.findall(r"by \(([^)]*)\)", expression) for name in part.split(",")}
            require(named - {"instance", "job"} <= labels[metric], "labels that it has", where, metric, named, labels[metric])
        asked += 1
    return asked


async def main():
    with data_directory() as data:
        server = Server(data)
        await server.start()
        client = await Client.open(server, await server.token("alice"))
        made = await client.ask("create", kind="group")
        await client.ask("send", conversation=made["conversation"], client_id="1", body="counted")
        root = Rest(server, await server.token("root", admin=True))
        status, _, metrics = await root.ask("GET", "/metrics")
        require(status == 200, "the metrics", status)
        await client.close()
        await server.stop()
    asked = about_what_is_there(labels_of(metrics.decode()))
    done("expressions of rules and dashboard", asked)
    require(PROMTOOL.exists(), "promtool, which ./dev test fetches", PROMTOOL)
    code, out, err = await run_program(str(PROMTOOL), "check", "rules", str(ROOT / "deploy" / "alerts.yml"))
    require(code == 0, "rules that Prometheus takes", out, err)
    code, out, err = await run_program(str(PROMTOOL), "test", "rules", str(pathlib.Path(__file__).with_name("alerts_test.yml")))
    require(code == 0, "they speak when they should", out, err)
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(metrics)
        file.flush()
        code, out, err = await run_program("sh", "-c", f"'{PROMTOOL}' check metrics < {file.name}")
    require(code == 0, "metrics as Prometheus wants them", out, err)
    done("promtool: rules, when they speak, and metrics", 3)


if __name__ == "__main__":
    run(main)
