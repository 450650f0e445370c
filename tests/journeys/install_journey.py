# Installs the libraries and builds the smallest example against them: so much of `embedding_journey.py` every test run has time for.
import pathlib
import tempfile

from installed import BUILD, SOURCE, call, chat, check_headers, check_pkg_config, cpu
from support import done, note, run


async def main():
    with tempfile.TemporaryDirectory() as folder:
        prefix, built = pathlib.Path(folder) / "usr", pathlib.Path(folder) / "examples"
        call("cmake", "--install", BUILD, "--prefix", prefix, "--component", "dev")
        check_headers(prefix)
        call("cmake", "-S", SOURCE / "examples", "-B", built, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
        call("cmake", "--build", built, "--target", "embed_minimal")
        chat(built / "embed_minimal")
        done("an example against what is installed")
        check_pkg_config(prefix, built)
    note(f"{cpu():.0f} s of CPU")


if __name__ == "__main__":
    run(main)
