"""Puts scenes on: which one a request is made in, how often there is a new one, and what the answers mean for the next."""

import re

import people
import scenes

# A cursor that is made up is none.
ANYWHERE = {"cursor": scenes.DROP, "fromSeq": scenes.DROP}
# By operation: how many there were, what goes into requests in the last, and whether it is used up.
made = {}
SCENES_EACH = 2
# Done twice, these do something else the second time.
USES_UP = ("POST", "DELETE")
# Their bodies name somebody, whom the answer is about as much as about the place.
WITH_SOMEBODY = ("projectsTransfer", "projectsMembersAdd", "projectsInvitationsCreate", "groupsTransfer", "roomsTransfer")
# What tickets promise, by the ids of files, and which of those have their bytes.
tickets, whole = {}, set()
SMALL_BYTES = 64 * 1024


def values_for(operation, procedure):
    """A scene is used again until it is used up, and the last one ever after."""
    make = next((make for procedures, make in scenes.SCENES if re.fullmatch(procedures, procedure)), None)
    if make is None or (people.me is None and not procedure.startswith("auth.")):
        return ANYWHERE
    count, values, is_used_up = made.get(operation, (0, None, True))
    if is_used_up and count < SCENES_EACH:
        try:
            values = make(people.me, people.person_for("helper"), procedure)
        except people.Refused:
            # The fuzzer, as an admin, may have suspended the helper.
            people.leave("helper")
            values = make(people.me, people.person_for("helper"), procedure)
        made[operation] = (count + 1, values, False)
    return {**ANYWHERE, **values}


def put(part, values):
    """Into a part of a request, where it has such names."""
    if not isinstance(part, dict):
        return
    for name, drawn in list(part.items()):
        if values.get(name) is scenes.DROP:
            del part[name]
        elif name in values:
            part[name] = values[name]
        else:
            put(drawn, values)


def succeeded(operation, case, response):
    if operation in made and case.method.upper() in USES_UP:
        made[operation] = (*made[operation][:2], True)
    if operation == "filesTicket":
        ticket = response.json()
        tickets[ticket["fileId"]] = (ticket["url"], case.body["size"])


def follow(operation, case):
    """What a request that follows from an answer needs beside the place that it names."""
    try:
        if operation == "tasksMove":
            put(case.body, scenes.in_tasks(people.me, None, "tasks.move", case.path_parameters["projectId"]))
        place = case.path_parameters.get("projectId") or case.path_parameters.get("conversationId")
        if operation in WITH_SOMEBODY:
            put(case.body, {"userId": people.person_for("helper").id})
        if operation == "projectsTransfer":
            people.me.send("POST", f"/projects/{place}/members", {"userId": people.person_for("helper").id, "role": "member"})
        if operation in ("groupsTransfer", "roomsTransfer"):
            space = operation.removesuffix("Transfer")
            people.me.send("PUT", f"/{space}/{place}/members/{people.person_for('helper').id}")
        if operation == "filesGet":
            file = case.path_parameters["fileId"]
            url, size = tickets.get(file, (None, SMALL_BYTES + 1))
            if size <= SMALL_BYTES:
                people.send("PUT", url, data=bytes(size))
                whole.add(file)
    except people.Refused:
        # By then it is gone, and the answer will say so.
        pass


def has_bytes(file):
    return file in whole
