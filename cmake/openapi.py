# Makes docs/openapi.yaml or docs/asyncapi.yaml a C++ source with the same document as JSON, plain and compressed.
import gzip
import hashlib
import json
import pathlib
import sys

import yaml

LINE = 32  # bytes


def words(data):
    lines = (data[at:at + LINE] for at in range(0, len(data), LINE))
    return "\n".join("".join(f"{byte}," for byte in line) for line in lines)


def source(document, name):
    """The functions that transport/rest/description.hpp declares."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    text = text.replace('"openapi.yaml#/', '"openapi.json#/').encode() + b"\n"  # as it is called where it is served
    parts = {f"{name}_document": text, f"{name}_document_gzip": gzip.compress(text, 9, mtime=0)}
    tag = hashlib.sha256(text).hexdigest()[:32]
    out = [f'// Made by cmake/openapi.py from docs/{name}.yaml.\n#include "transport/rest/description.hpp"\n\nnamespace parley {{\n']
    for function, data in parts.items():
        out.append(f"static const unsigned char {function}_bytes[] = {{\n{words(data)}}};\n")
        out.append(f"std::string_view {function}() {{ return {{reinterpret_cast<const char*>({function}_bytes), sizeof {function}_bytes}}; }}\n")
    out.append(f'std::string_view {name}_document_tag() {{ return "\\"{tag}\\""; }}\n\n}} // namespace parley\n')
    return "\n".join(out)


def main(given, made):
    document = pathlib.Path(given)
    pathlib.Path(made).write_text(source(yaml.safe_load(document.read_text("utf-8")), document.stem), "utf-8")


main(*sys.argv[1:])
