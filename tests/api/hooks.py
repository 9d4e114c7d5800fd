"""Hooks for schemathesis, so that generated requests get past authentication and basic validation."""

import hashlib

import schemathesis
import urllib3.util.connection

_connect = urllib3.util.connection.create_connection
_connections = 0
_keys = 0


def _from_anywhere(address, *args, **kwargs):
    # An address with too many failed authentications has to wait, and schemathesis fails on purpose: so each of its
    # connections comes from another address of the loopback interface.
    global _connections
    _connections += 1
    place = hashlib.sha256(str(_connections).encode()).digest()
    kwargs["source_address"] = (f"127.{place[0]}.{place[1]}.{place[2] % 254 + 1}", 0)
    return _connect(address, *args, **kwargs)


urllib3.util.connection.create_connection = _from_anywhere


def _is_key(text):
    return isinstance(text, str) and 0 < len(text) < 150 and all("!" <= character <= "~" for character in text)


def _is_dice(text):
    return isinstance(text, str) and hashlib.sha256(text.encode()).digest()[0] % 8 != 0


@schemathesis.hook
def before_call(context, case, kwargs):
    global _keys
    if case.meta is None or case.meta.generation.mode is not schemathesis.GenerationMode.POSITIVE:
        return  # what is meant to be wrong stays so
    headers, query = case.headers, case.query
    if headers and _is_key(headers.get("Idempotency-Key")):
        # Generated keys are short and repeat: with another request they are refused, with the same one they return
        # the earlier response, whose object may be deleted since. The stories repeat requests; here each is new.
        _keys += 1
        headers["Idempotency-Key"] = f"{headers['Idempotency-Key']}-{_keys}"
    # Generated cursors and versions are always invalid; one in eight is enough to see them refused.
    if query and _is_dice(query.get("cursor")):
        del query["cursor"]
    if headers and _is_dice(headers.get("If-Match")):
        headers["If-Match"] = "*"
