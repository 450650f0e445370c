# H11: what makes an exploit harder is in the binary, and the unit file locks the service in.
import configparser
import pathlib
import re
import shutil
import subprocess

import row
from ground import tried
from planted import has_faults, named

UNIT = pathlib.Path(__file__).resolve().parents[3] / "deploy" / "parleyd.service"
ENDBR64 = b"\xf3\x0f\x1e\xfa"  # what -fcf-protection puts there; whether the kernel enforces it, Debian's start files decide
LOCKED = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes", "PrivateUsers": "yes", "MemoryDenyWriteExecute": "yes", "DynamicUser": "yes",
          "RestrictNamespaces": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes", "ProtectKernelModules": "yes", "ProtectKernelTunables": "yes", "ProtectKernelLogs": "yes", "ProtectControlGroups": "yes",
          "CapabilityBoundingSet": "", "SystemCallFilter": "@system-service", "SystemCallArchitectures": "native", "UMask": "0077", "LimitCORE": "0"}


def readelf(options, server):
    return subprocess.run(["readelf", "-W", options, str(server)], capture_output=True, text=True, check=True, errors="replace").stdout


def of_the_binary(server, findings):
    head, dynamic, program = readelf("-h", server), readelf("-d", server), readelf("-l", server)
    symbols = readelf("--dyn-syms", server)
    findings.check("DYN" in head and "PIE" in dynamic, "it is position-independent", re.findall("Type:.*", head))
    findings.check("GNU_RELRO" in program, "relocations become read-only")
    findings.check("BIND_NOW" in dynamic or "NOW" in dynamic, "all of them, at the start")
    findings.check(not re.search("RPATH|RUNPATH", dynamic), "it looks for libraries nowhere else", re.findall(".*(?:RPATH|RUNPATH).*", dynamic))
    stack = re.search(r"GNU_STACK.*", program)
    findings.check(stack and "RWE" not in stack[0] and "RW" in stack[0], "the stack cannot be executed", stack and stack[0])
    findings.check(not re.search(r"LOAD.* RWE ", program), "nothing that can be written can be executed")
    findings.check("__stack_chk_fail" in symbols, "stacks are guarded")
    fortified = set(re.findall(r"__(\w+)_chk@", symbols))
    findings.check(len(fortified) >= 3, "calls are fortified", fortified)
    findings.check(not has_faults(server), "no fault can be planted")
    content = server.read_bytes()
    left = [name for kind in ("failpoint", "mutant") for name in named(kind) if name.encode() in content]
    findings.check(not left, "nothing is left of failpoints and mutants", left)
    if "X86-64" in head:
        marks = content.count(ENDBR64)
        findings.check(marks > 10_000, "where jumps may land is marked", marks)
    return fortified


def of_the_unit(findings):
    unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters=["="])
    unit.optionxform = str
    unit.read_string(UNIT.read_text())
    for name, value in LOCKED.items():
        findings.check(unit["Service"].get(name) == value, f"the unit has {name}={value}", unit["Service"].get(name))


def run(size, server):
    if not shutil.which("readelf"):
        raise row.NotHere("no readelf")

    async def main(findings):
        fortified = of_the_binary(server, findings)
        of_the_unit(findings)
        findings.note(f"fortified: {', '.join(sorted(fortified))}")

    return tried("properties of the binary and its unit", main)
