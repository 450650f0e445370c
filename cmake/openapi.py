# Makes docs/openapi.yaml a C++ source with the same document as JSON, plain and compressed.
import gzip
import hashlib
import json
import sys

import yaml

LINE = 32  # bytes


def words(data):
    lines = (data[at:at + LINE] for at in range(0, len(data), LINE))
    return "\n".join("".join(f"{byte}," for byte in line) for line in lines)


def source(document):
    """The functions that transport/rest/description.hpp declares."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    parts = {"openapi_document": text, "openapi_document_gzip": gzip.compress(text, 9, mtime=0)}
    tag = hashlib.sha256(text).hexdigest()[:32]
    out = ['// Made by cmake/openapi.py from docs/openapi.yaml.\n#include "transport/rest/description.hpp"\n\nnamespace parley {\n']
    for name, data in parts.items():
        out.append(f"static const unsigned char {name}_bytes[] = {{\n{words(data)}}};\n")
        out.append(f"std::string_view {name}() {{ return {{reinterpret_cast<const char*>({name}_bytes), sizeof {name}_bytes}}; }}\n")
    out.append(f'std::string_view openapi_document_tag() {{ return "\\"{tag}\\""; }}\n\n}} // namespace parley\n')
    return "\n".join(out)


def main(given, made):
    with open(given, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    with open(made, "w", encoding="utf-8") as file:
        file.write(source(document))


main(*sys.argv[1:])
