"""What schemathesis cannot read from the document: who calls, how some text is made, and which refusals are right.

JSON Schema cannot say that a name is taken or that a cursor is of another list: such a request is well formed, and refused all the
same. It is taken for refused rightly only where every field that the answer names is listed below, with that very message.

PARLEY_TOKEN: of whoever calls; absent: nobody is signed in. PARLEY_URL: the server.
"""

import atexit
import json
import os
import re
import string

import people
import schemathesis
import stage
from hypothesis import strategies as st
from schemathesis.checks import CHECKS
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi.checks import ensure_resource_availability as built_in_availability
from schemathesis.specs.openapi.checks import positive_data_acceptance as built_in

# (procedures, field, message): what of a well-formed request is refused all the same. Without a field: (procedures, "", code).
REFUSALS = [
    # A cursor is what an earlier answer of the same list gave, a token what the server signed: made-up ones are none.
    (".*", "cursor", "is not a cursor of this list"),
    (r".*\.links\.(preview|join)", "token", "is no link"),
    (r"auth\.logout", "refreshToken|refresh", "is no refresh token of yours"),
    (r"auth\.resetPassword", "token", "is not right, has been used, or is too old: ask for a new letter"),
    # Which parameters of a query go together: OpenAPI has no words for it.
    (r"messages\.list", "fromSeq", "goes without a cursor"),
    (r"messages\.around", "id", "give either an id or a time"),
    (r"pads\.list", "conversationId", "give this or projectId, one of them"),
    # Whether people, tasks and files are what they are named as depends on what is stored.
    (r"(tasks|comments)\..*", "assignees|assigned_to|mentions", "must all be in the project"),
    (".*", "userId|user_id", "must be somebody else"),
    (r"messages\.send", "receiver_(user|group)", "is not whom the path names"),
    # Names that somebody has; over the plain API that is 400.
    (r"auth\.register|users\.(update|replace)", "username|email", "is taken"),
    (r"messages\.send", "files", "must be yours, of this conversation and in no message"),
    (r"tasks\.move", "version", "is of one task alone"),
    (r"tasks\.move", "place", "must not be one of those that are moved"),
    (r"tasks\.move", "status", "must be given, for they are of several"),
    (r"groups\.(create|update)", "capacity", "is less than who is in it"),
    # What is asked for depends on what else is given, forms and all.
    (r"auth\.register", "username|email|first_name|last_name", "must be given"),
    (r"auth\.register", "confirm_password", "is not the same password"),
    (r"messages\.send", "message|text", "must not be empty"),
    # Told in words: clients that are generated lose the fields where a choice stands beside them.
    (r"messages\.send", "text", "must not be empty without a file"),
    (r"auth\.register", "username", "give a username or an e-mail address"),
    # The fuzzer sends files without names, which are fields like others, and so there is neither a file nor a text.
    (r"messages\.send", "message", "Invalid input: expected string, received undefined"),
    (r"auth\.login", "username", "give a username or an e-mail address"),
    # Letters by any script, and labels that differ in more than letter case: no pattern says it.
    (r"messages\.search", "text", "has no word in it"),
    (r"tasks\..*", "labels", "must differ in more than letter case"),
    # A ticket says of how many bytes.
    ("filesUpload", "body", "is shorter than its ticket says"),
    # How large a file may be is set for each server.
    (r"files\.ticket", "", "TOO_LARGE"),
    (r"files\.ticket", "size", "does not fit into your quota"),
]

# These end the session of whoever calls, so that somebody does who is for that alone.
LAST_ACTS = re.compile(r"auth\.(logout|logoutEverywhere|changePassword|revokeSession)|users\.delete")

CHECKS.unregister("positive_data_acceptance")
CHECKS.unregister("ensure_resource_availability")


@schemathesis.check
def positive_data_acceptance(ctx, response, case):
    try:
        return built_in(ctx, response, case)
    except RejectedPositiveData:
        if is_right(procedure_of(case.operation), response):
            return None
        raise


@schemathesis.check
def ensure_resource_availability(ctx, response, case):
    # A ticket is not yet a file: there is one once its bytes are.
    if case.operation.definition.raw["operationId"] == "filesGet" and not stage.has_bytes(case.path_parameters["fileId"]):
        return None
    return built_in_availability(ctx, response, case)


def procedure_of(operation):
    """As the document names it; what stands beside the procedures is told by its id."""
    raw = operation.definition.raw
    named = re.search("^As the procedure `([^`]+)`", raw.get("description", ""))
    return named[1] if named else raw["operationId"]


def is_right(procedure, response):
    if response.status_code >= 500:
        return False
    error = response.json()["error"]
    faults = [(field, message) for field, messages in error.get("fields", {"": [error["code"]]}).items() for message in messages]
    return bool(faults) and all(is_listed(procedure, *fault) for fault in faults)


def is_listed(procedure, field, message):
    return any(
        re.fullmatch(procedures, procedure) and re.fullmatch(name, field) and text == message
        for procedures, name, text in REFUSALS
    )


class Caller:
    def set(self, case, token, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}


def is_last_act(context):
    return LAST_ACTS.fullmatch(procedure_of(context.operation)) is not None


if "PARLEY_TOKEN" in os.environ:

    @schemathesis.auth().skip_for(is_last_act)
    class Person(Caller):
        def get(self, case, context):
            return os.environ["PARLEY_TOKEN"]

    @schemathesis.auth(refresh_interval=None).apply_to(is_last_act)
    class Mortal(Caller):
        def get(self, case, context):
            return people.person_for("mortal").token


schemathesis.openapi.format("time-zone", st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]))
schemathesis.openapi.format("emoji", st.sampled_from(["😀", "👍🏽", "❤️", "🇩🇪", "👩‍👩‍👧", "1️⃣"]))
# Neither a common one nor only digits.
schemathesis.openapi.format(
    "password",
    st.text(string.ascii_letters + string.digits + " äß漢", min_size=9, max_size=20).map(lambda text: f"q7-{text}"),
)


def is_own(case):
    """Whether a request is of its operation, and not of a method there is none of."""
    return case.method.upper() == case.operation.method.upper()


turns = {}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Every other well-formed request of an operation is made in a scene. What follows from answers goes where they say."""
    raw = case.operation.definition.raw
    if case.meta is None or case.meta.generation.mode.value != "positive" or not is_own(case):
        return
    if raw["security"] and "PARLEY_TOKEN" not in os.environ:
        return
    if case.meta.phase.name.value == "stateful":
        stage.follow(raw["operationId"], case)
        return
    turns[raw["operationId"]] = turn = turns.get(raw["operationId"], 0) + 1
    if turn % 2 == 0:
        return
    values = stage.values_for(raw["operationId"], procedure_of(case.operation))
    if "as" in values:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {values['as']}"}
    if "bytes" in values:
        case.body = values["bytes"]
    for part in (case.path_parameters, case.query, case.body):
        stage.put(part, values)


# Ids of operations that did at least once.
succeeded = set()


@schemathesis.hook
def after_call(context, case, response):
    if not is_own(case) or not 200 <= response.status_code < 300:
        return
    operation = case.operation.definition.raw["operationId"]
    succeeded.add(operation)
    stage.succeeded(operation, case, response)
    if LAST_ACTS.fullmatch(procedure_of(case.operation)):
        people.leave("mortal")


@atexit.register
def tell():
    with open("succeeded.json", "w") as file:
        json.dump(sorted(succeeded), file)
