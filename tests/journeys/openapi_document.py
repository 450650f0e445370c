# The OpenAPI document as a test needs it: its operations, their examples, and whether an answer is what it says.
import json

import jsonschema

from asyncapi_document import read
from support import require

METHODS = ("get", "put", "post", "patch", "delete")


class Operation:
    """One method of one path."""

    def __init__(self, document, path, method, facts):
        self.document = document
        self.path = path
        self.method = method.upper()
        self.facts = facts
        self.id = facts["operationId"]
        self.parameters = [document.resolved(each) for each in facts.get("parameters", [])]
        self.body = document.resolved(facts["requestBody"]) if "requestBody" in facts else None

    def __repr__(self):
        return f"{self.id} ({self.method} {self.path})"

    def named(self, where, name):
        return next((each for each in self.parameters if (each["in"], each["name"]) == (where, name)), None)

    def of(self, where, required=None):
        """Its parameters in the path, the query or the head of a request."""
        return [each for each in self.parameters
                if each["in"] == where and required in (None, each.get("required", False))]

    @property
    def is_json(self):
        """Whether its body is one."""
        return self.body is not None and "application/json" in self.body["content"]

    @property
    def bodies(self):
        """The examples of its body, by name; nothing where it has none."""
        if self.body is None:
            return {}
        (content,) = self.body["content"].values()
        if "example" in content:
            return {"example": content["example"]}
        return {name: each["value"] for name, each in content.get("examples", {}).items()}

    @property
    def takes_anyone(self):
        """Whether it can be asked without a token."""
        needed = self.facts.get("security", self.document.all["security"])
        return needed == [] or {} in needed

    def good(self):
        return {int(status) for status in self.facts["responses"] if status.startswith("2")}

    def response(self, status):
        """What is said of an answer of this status; a status that is not named is a fault."""
        said = self.facts["responses"].get(str(status))
        require(said is not None, "the document says that this status may come", self, status)
        return self.document.resolved(said)


class Document:
    """All of it."""

    def __init__(self, all):
        self.all = all
        self.resolver = jsonschema.RefResolver("", all)
        self.operations = {}
        for path, item in all["paths"].items():
            for method in METHODS:
                if method in item:
                    found = Operation(self, path, method, item[method])
                    require(found.id not in self.operations, "each operationId once", found.id)
                    self.operations[found.id] = found

    @classmethod
    def read(cls):
        return cls(read("openapi.yaml"))

    def resolved(self, what):
        """What a reference means, or the thing itself."""
        while "$ref" in what:
            what = self.resolver.resolve(what["$ref"])[1]
        return what

    def fits(self, value, schema, *about):
        """Fails unless a value is what a schema says."""
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver)
        wrong = jsonschema.exceptions.best_match(validator.iter_errors(value))
        if wrong is not None:
            where = "/".join(str(each) for each in wrong.absolute_path)
            require(False, "the schema is kept", *about, where, wrong.message[:500], value)

    def examples_fit(self):
        """Every example is what its schema says; how many there are."""
        count = 0
        for operation in self.operations.values():
            for each in operation.parameters:
                require(each["in"] != "path" or "example" in each, "an example of what is in a path", operation, each)
                if "example" in each:
                    self.fits(each["example"], each["schema"], operation, each["name"])
                    count += 1
            for status, said in operation.facts["responses"].items():
                for content in self.resolved(said).get("content", {}).values():
                    if "example" in content:
                        self.fits(content["example"], content["schema"], operation, status)
                        count += 1
            if operation.body is None:
                continue
            require(operation.bodies, "an example of the body", operation)
            (content,) = operation.body["content"].values()
            for name, value in operation.bodies.items():
                self.fits(value, content["schema"], operation, name)
                count += 1
        return count

    def judge(self, operation, answer):
        """Fails unless an answer is one that the document describes: its status, headers, type and body."""
        said = operation.response(answer.status)
        for name, header in said.get("headers", {}).items():
            header = self.resolved(header)
            value = answer.headers.get(name)
            require(value is not None or not header.get("required"), "a header that is promised", operation, answer, name)
            if value is not None:
                schema = self.resolved(header["schema"])
                self.fits(int(value) if schema.get("type") == "integer" else value, schema, operation, name)
        for name in ("ETag", "Link", "Location", "Retry-After", "X-Request-Id", "WWW-Authenticate"):
            require(name not in answer.headers or name in said.get("headers", {}), "no header but those named", operation, answer, name)
        if answer.method == "HEAD" or "content" not in said:
            return require(not answer.body, "no body", operation, answer)
        type = answer.headers["Content-Type"].partition(";")[0]
        content = said["content"].get(type) or said["content"].get("*/*")
        require(content is not None, "a media type that the document names", operation, type)
        if type.endswith("json"):
            self.fits(json.loads(answer.body), content["schema"], operation, answer.status)
        return None
