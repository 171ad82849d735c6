"""The interface for programs, said to people: every operation with its fields and an example."""

from typing import Any

from fastapi import APIRouter, Request, Response

from trialeukin.web.pages.render import page

METHODS = ("get", "post", "delete")
router = APIRouter()


@router.get("/api")
def whole(request: Request) -> Response:
    """Return the list of operations."""
    document = request.app.openapi()
    return page(request, "api.html.j2", {"document": document, "groups": _groups(document)})


def _groups(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the operations of an OpenAPI document by their tag."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                said = {"method": method.upper(), "path": path, "body": _body(document, operation)}
                groups.setdefault(operation["tags"][0], []).append(operation | said)
    return groups


def _body(document: dict[str, Any], operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the fields that the body of an operation has."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return []
    name = content["schema"]["$ref"].rsplit("/", 1)[1]
    return list(document["components"]["schemas"][name]["properties"].items())
