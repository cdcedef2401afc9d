#!/usr/bin/python3
"""A small client of chat.v1: it prints what is said in a room, says the lines of
its standard input, and comes back after any cut with nothing lost and nothing
doubled. docs/protocol.md has the reasons. It needs websocket-client, which Debian
calls python3-websocket.

    client.py [--server ws://localhost:9090] [--name Ann] [--room lobby]
"""
import argparse
import contextlib
import json
import queue
import random
import sys
import threading
import time
import urllib.parse
import uuid

import websocket


class Client:
    """What outlives a connection."""

    def __init__(self, url, room):
        self.url, self.room = url, room
        self.news = queue.Queue()  # (source, what): a line, or an event or end of a connection
        self.epoch, self.last = None, None  # everything up to this rev was printed
        self.outbox = []  # [(id, text)], what is not acknowledged, in order
        self.ended = False  # standard input has

    def run(self):
        threading.Thread(target=self.read_lines, daemon=True).start()
        wait = 0.5
        while True:
            self.live = self.asked = False
            try:
                return self.talk()
            except websocket.WebSocketBadStatusException as refused:
                if 400 <= refused.status_code < 429:
                    sys.exit(f"refused: {refused}")  # a wrong name or room stays wrong
                error = refused
            except (OSError, websocket.WebSocketException) as cut:
                error = cut
            if self.live:  # the server was there: begin anew
                wait = 0.5
            print("coming back:", error, file=sys.stderr)
            time.sleep(random.uniform(wait / 2, wait * 3 / 2))  # or everybody comes at once
            wait = min(2 * wait, 30)

    def read_lines(self):
        for line in sys.stdin:
            self.news.put((None, line.strip()))
        self.news.put((None, None))

    def talk(self):
        """The life of one connection; it returns when all is said."""
        # If nothing comes for a minute, not even the answer to a ping, it is dead.
        self.ws = websocket.create_connection(
            self.url, subprotocols=["chat.v1"], suppress_origin=True, timeout=60)
        threading.Thread(target=self.read, args=(self.ws,), daemon=True).start()
        try:
            self.converse()
        finally:
            with contextlib.suppress(OSError):
                self.ws.abort()  # wakes the reader

    def read(self, ws):
        """Hands over what comes, and at last what ended it."""
        try:
            while text := ws.recv():
                self.news.put((ws, json.loads(text)))
            end = websocket.WebSocketConnectionClosedException("closed by the server")
        except (OSError, ValueError, websocket.WebSocketException) as error:
            end = error
        self.news.put((ws, end))
        ws.shutdown()

    def converse(self):
        ping = time.monotonic() + 20
        while True:
            with contextlib.suppress(queue.Empty):
                source, what = self.news.get(timeout=5)
                if source is None:
                    self.ended = what is None
                    if what:
                        self.outbox.append((str(uuid.uuid4()), what))
                elif source is self.ws:  # of an earlier connection it is of no use
                    if isinstance(what, Exception):
                        raise websocket.WebSocketException(str(what))
                    self.hear(what)
            if time.monotonic() > ping:
                ping = time.monotonic() + 20
                self.say(cmd="ping")
            if self.live and not self.asked:
                if self.outbox:  # one at a time: so all is said in order
                    self.asked = True
                    draft, text = self.outbox[0]  # the id makes sending twice saying once
                    self.say(cmd="send", room=self.room, id=draft, text=text)
                elif self.ended:
                    return self.ws.send_close()

    def say(self, **command):
        self.ws.send(json.dumps(command))

    def hear(self, e):
        """Does what an event asks for."""
        kind = e["event"]
        if kind == "welcome":
            self.welcomed = e["epoch"]
            self.join()
        elif kind == "message":  # is a page of one
            self.page({"event": kind, "since": e["rev"] - 1, "rev": e["rev"], "messages": [e]})
        elif kind in ("room", "changes"):
            self.page(e)
        elif kind == "ack":
            self.answered(e["id"])
        elif kind == "error":
            print("not said:", e["message"], file=sys.stderr)
            if e["code"] in ("not_stored", "busy", "internal"):
                raise websocket.WebSocketException(e["code"])  # come back, and send it again
            self.answered(e.get("id"))

    def join(self):
        """Enters the room, or asks for what was missed."""
        known = {} if self.last is None else {"since": self.last, "epoch": self.epoch}
        self.say(cmd="join", room=self.room, **known)

    def answered(self, draft):
        """Takes a draft out of the outbox: it is stored, or never will be."""
        if self.outbox and self.outbox[0][0] == draft:
            self.outbox.pop(0)
            self.asked = False

    def page(self, e):
        """Prints what is new of a page, by the order law."""
        if self.last is None or e.get("reset"):  # the newest page: nothing before it is ours
            self.last = e["since"]
        if e["since"] > self.last:  # something was missed
            return self.join()
        for message in e["messages"]:
            self.answered(message["id"])
            if message["rev"] > self.last:
                print(f"{message['from']}: {message['text']}", flush=True)
        self.last = max(self.last, e["rev"])
        if e["event"] == "room":
            self.epoch, self.live = self.welcomed, not e["more"]
        if e.get("more"):
            self.join()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A small client of chat.v1.")
    parser.add_argument("--server", default="ws://localhost:9090", help="the server's URL")
    parser.add_argument("--name", default="Pythia", help="who you are")
    parser.add_argument("--room", default="lobby", help="where to talk")
    args = parser.parse_args()
    Client(f"{args.server}/chat/{urllib.parse.quote(args.name, safe='')}?frame_bytes=256000", args.room).run()
