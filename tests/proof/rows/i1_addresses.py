# I1: every test under the sanitizers of addresses, leaks and undefined behaviour, as the last test run of this commit has it.
from left import tests_run


def run(size, server):
    return tests_run("asan", "./dev test")
