# I2: every test under ThreadSanitizer, as the last such run of this commit has it.
from left import tests_run


def run(size, server):
    return tests_run("tsan", "./dev tsan")
