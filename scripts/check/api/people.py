"""People and requests for scenes: whoever calls, a helper, and accounts of their own for what ends them."""

import itertools
import os

import requests

PASSWORD = "q7-somebody of their own"
URL = os.environ["PARLEY_URL"]
numbers = itertools.count(1)
line = requests.Session()


class Refused(Exception):
    pass


class Person:
    def __init__(self, token, refresh=None, user=None):
        self.token = token
        self.refresh = refresh
        self.user = user or self.send("GET", "/me")["user"]
        self.id = self.user["id"]

    def send(self, method, path, body=None):
        return send(method, f"/api/v1{path}", self.token, json=body)


def send(method, path, token=None, **body):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = line.request(method, f"{URL}{path}", headers=headers, timeout=60, **body)
    if not answer.ok:
        raise Refused(f"{method} {path}: {answer.status_code} {answer.text}")
    return answer.json() if answer.content else None


def new_name():
    return f"scene{next(numbers)}"


def new_person():
    told = send("POST", "/api/v1/auth/register", json={"username": new_name(), "password": PASSWORD})
    return Person(told["tokens"]["accessToken"], told["tokens"]["refreshToken"], told["user"])


# Nobody, where nobody is signed in.
me = Person(os.environ["PARLEY_TOKEN"]) if "PARLEY_TOKEN" in os.environ else None
# The helper, who is in every scene, and the mortal, whose session may end.
parts = {}


def person_for(part):
    if part not in parts:
        parts[part] = new_person()
    return parts[part]


def leave(part):
    """The next one is somebody else."""
    parts.pop(part, None)
