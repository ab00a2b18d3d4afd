"""Scenes: places made for one request, in which it can succeed: a group with the very person banned from it whom the path names, a
task of the very project. What is drawn by itself hardly ever fits together, and what was made at the start is used up.

Each maker tells what goes into the request, by the names of its parameters and fields; whatever else was drawn stays. `me` is whoever
calls, `them` a helper; names of operations over the plain API stand beside those of the whole.
"""

import struct
import zlib
from urllib.parse import quote

import requests
from people import PASSWORD, URL, new_name, new_person, send

# In place of a value: what is optional is left out.
DROP = object()
# Open to the end: whoever follows their events is here.
followed = []


def png():
    """One grey pixel."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0\x80")), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def space_of(whose, guest, kind, **more):
    """A group or room of somebody's; the guest is in it, if there is one."""
    if kind == "groups":
        members = [guest.id] if guest else []
        return whose.send("POST", "/groups", {"name": new_name(), "members": members, "visibility": "public", **more})["id"]
    space = whose.send("POST", "/rooms", {"name": new_name()})["room"]["id"]
    if guest:
        guest.send("POST", f"/rooms/{space}/join")
    return space


def in_space(me, them, procedure):
    kind, verb = procedure.split(".", 1)
    at = f"/{kind}"
    if verb in ("join", "leave", "decline", "links.join", "links.preview"):
        space = space_of(them, me if verb == "leave" else None, kind)
        if verb == "decline":
            them.send("PUT", f"{at}/{space}/invited/{me.id}")
        if verb.startswith("links."):
            return {"token": them.send("POST", f"{at}/{space}/links", {})["token"]}
    elif verb in ("approve", "declineRequest"):
        space = space_of(me, None, kind, approval=True)
        them.send("POST", f"{at}/{space}/join")
    elif verb in ("addMember", "invite", "revokeInvitation"):
        space = space_of(me, None, kind)
        if verb == "revokeInvitation":
            me.send("PUT", f"{at}/{space}/invited/{them.id}")
    else:
        space = space_of(me, them, kind)
        before = {"unban": "banned", "unsilence": "silenced"}.get(verb)
        if before:
            me.send("PUT", f"{at}/{space}/{before}/{them.id}")
        if verb == "restore":
            me.send("POST", f"{at}/{space}/archive")
        if verb == "links.revoke":
            return {"linkId": me.send("POST", f"{at}/{space}/links", {})["id"]}
    return {"conversationId": space, "id": space, "userId": them.id, "user_id": them.id, "capacity": DROP}


def new_space(me, them, procedure):
    return {"name": new_name(), "members": [them.id], "capacity": DROP}


def in_conversation(me, them, procedure):
    if procedure == "conversations.keep":
        # Between two people; of groups and rooms it is a setting.
        return {"conversationId": me.send("POST", "/conversations/direct", {"userId": them.id})["conversation"]["id"]}
    space = space_of(me, them, "groups")
    message = me.send("POST", f"/conversations/{space}/messages", {"text": "Hello"})["id"]
    place = {"conversationId": space, "conversation_id": space, "mentions": [them.id]}
    if procedure in ("messages.react", "messages.unreact"):
        # Lengths are judged as it stands in the path: one that is joined of several is too long there.
        place["emoji"] = quote("👍")
    if procedure != "messages.send":
        return {**place, "id": message, "message_id": message, "seq": 1}
    return {**place, "id": DROP, "replyTo": message, "reply_to": message, "files": DROP, "receiver_user": DROP, "receiver_group": DROP}


def searched(me, them, procedure):
    return {**in_conversation(me, them, procedure), "text": "Hello", "authorId": me.id}


def project_of(whose, guest):
    project = whose.send("POST", "/projects", {"name": new_name()})["id"]
    if guest:
        whose.send("POST", f"/projects/{project}/members", {"userId": guest.id, "role": "member"})
    return project


def in_project(me, them, procedure):
    verb = procedure.removeprefix("projects.")
    if verb in ("leave", "links.join", "links.preview", "invitations.accept", "invitations.decline"):
        project = project_of(them, me if verb == "leave" else None)
        if verb.startswith("links."):
            return {"token": them.send("POST", f"/projects/{project}/links", {})["token"]}
        if verb.startswith("invitations."):
            return {"invitationId": them.send("POST", f"/projects/{project}/invitations", {"userId": me.id})["id"]}
    else:
        is_outside = verb in ("members.add", "invitations.create", "invitations.revoke")
        project = project_of(me, None if is_outside else them)
        if verb == "invitations.revoke":
            return {"invitationId": me.send("POST", f"/projects/{project}/invitations", {"userId": them.id})["id"]}
    return {"projectId": project, "id": project, "userId": them.id, "user_id": them.id}


def in_tasks(me, them, procedure, project=None):
    """In a project that is given, only the tasks are new."""
    there = project or project_of(me, them)
    new_task = lambda: me.send("POST", f"/projects/{there}/tasks", {"title": "Task"})["id"]
    task = new_task()
    values = {"taskId": task, "version": DROP}
    if procedure in ("tasks.create", "tasks.list", "tasks.move"):
        values = {"projectId": there, "id": there, "version": DROP, "taskIds": [task]}
    if procedure == "tasks.move":
        values |= {"before": new_task(), "after": new_task()}
    if them:
        values |= {"assignees": [them.id], "assigned_to": them.id, "mentions": [them.id]}
    return {"id": task, **values}


def in_comments(me, them, procedure):
    values = in_tasks(me, them, procedure)
    if procedure in ("comments.create", "comments.list"):
        return values
    comment = me.send("POST", f"/tasks/{values['taskId']}/comments", {"content": "Mine"})["id"]
    return {**values, "commentId": comment, "id": comment}


def in_pads(me, them, procedure):
    project = project_of(me, them)
    pad = me.send("POST", "/pads", {"projectId": project, "title": "Pad"})["id"]
    return {"id": pad, "projectId": project, "conversationId": DROP}


def with_friend(me, them, procedure):
    them = new_person()
    first, *then = {
        "accept": [(them, "request")],
        "decline": [(them, "request")],
        "cancel": [(me, "request")],
        "remove": [(me, "request"), (them, "accept")],
        "unblock": [(me, "block")],
    }.get(procedure.removeprefix("friends."), [None])
    for who, verb in [first, *then] if first else []:
        who.send("POST", f"/friends/{(them if who is me else me).id}/{verb}")
    # Suggestions are for oneself.
    return {"userId": them.id, "user_id": me.id}


def with_file(me, them, procedure):
    space = space_of(me, them, "groups")
    if procedure == "files.ticket":
        return {"conversationId": space, "size": 3}
    bytes_ = png()
    ticket = me.send("POST", "/files", {"conversationId": space, "name": "grey.png", "size": len(bytes_)})
    if procedure == "filesUpload":
        return {"id": ticket["url"].rsplit("/", 1)[1], "bytes": bytes_}
    file = send("PUT", ticket["url"], data=bytes_)["id"]
    return {"fileId": file, "file_id": file, "id": file}


def start_chat(me, them, procedure):
    if procedure == "conversations.start":
        # Over the plain API only with whoever is here.
        headers = {"Authorization": f"Bearer {them.token}"}
        followed.append(requests.get(f"{URL}/api/v1/events", headers=headers, stream=True, timeout=60))
    return {"userId": them.id, "id": them.id, "receiver_id": them.id}


def with_account(me, them, procedure):
    """Whoever asks has an account of their own, for it may be gone afterwards."""
    them = new_person()
    values = {"user_id": them.id, "password": PASSWORD, "currentPassword": PASSWORD}
    values |= {"username": them.user["username"], "login": them.user["username"], "refreshToken": them.refresh, "refresh": them.refresh}
    if procedure == "auth.revokeSession":
        values["sessionId"] = them.send("GET", "/me/sessions")["items"][0]["id"]
    if procedure in ("users.update", "users.replace"):
        name = new_name()
        values |= {"username": name, "email": f"{name}@example.org", "password": DROP, "current_password": DROP}
    # Whoever signs in is not signed in yet, and is named by one of two names.
    return values | ({"email": DROP} if procedure == "auth.login" else {"as": them.token} if me else {})


def newcomer(me, them, procedure):
    name = new_name()
    return {"username": name, "email": f"{name}@example.org", "password": PASSWORD, "confirm_password": PASSWORD}


# The first that fits.
SCENES = [
    (r"auth\.register", newcomer),
    (r"auth\.(login|refresh|logout|changePassword|revokeSession)|users\.(update|replace|delete)", with_account),
    (r"groups\.create|rooms\.joinOrCreate", new_space),
    (r"(groups|rooms)\.(?!list$|invitations$).*", in_space),
    (r"messages\.search", searched),
    (r"conversations\.start", start_chat),
    (r"messages\..*|files\.list|conversations\.(?!list$).*", in_conversation),
    (r"projects\.(?!create$|list$|invitations\.mine$|links\.revoke$).*", in_project),
    (r"tasks\..*", in_tasks),
    (r"comments\..*", in_comments),
    (r"pads\..*", in_pads),
    (r"friends\.(?!list$).*", with_friend),
    (r"files\.(?!usage$|list$).*|files(Upload|Download|Thumbnail)", with_file),
]
