"""Validates /v1/openapi.json as OpenAPI 3.1 with an independent validator."""

from openapi_spec_validator import OpenAPIV31SpecValidator

import envol

status, document = envol.ask("GET", "/v1/openapi.json")
assert status == 200
errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in OpenAPIV31SpecValidator(document).iter_errors()]
assert not errors, "\n".join(errors)
operations = [operation for path in document["paths"].values() for operation in path.values()]
print(f"{len(operations)} calls, valid")
