#!/usr/bin/python3
"""A small client of chat.v1: it prints the messages of a room, sends the lines of
its standard input, and reconnects after any disconnect with nothing lost or
doubled. docs/protocol.md explains how. It needs websocket-client, which Debian
packages as python3-websocket.

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
    """The state that outlives a connection."""

    def __init__(self, url, room):
        self.url, self.room = url, room
        self.news = queue.Queue()  # (source, what): a line, or an event or end of a connection
        self.epoch, self.last = None, None  # everything up to this rev was printed
        self.shown = {}  # the text of each printed message, by id
        self.outbox = []  # unacknowledged [(id, text)], in order
        self.ended = False  # standard input has ended

    def run(self):
        threading.Thread(target=self.read_lines, daemon=True).start()
        wait = 0.5
        while True:
            self.live = self.asked = False
            try:
                return self.talk()
            except websocket.WebSocketBadStatusException as refused:
                if 400 <= refused.status_code < 429:
                    sys.exit(f"refused: {refused}")  # an invalid name or room stays invalid
                error = refused
            except (OSError, websocket.WebSocketException) as cut:
                error = cut
            if self.live:  # the server was reachable: reset the delay
                wait = 0.5
            print("coming back:", error, file=sys.stderr)
            time.sleep(random.uniform(wait / 2, wait * 3 / 2))  # or all clients reconnect at once
            wait = min(2 * wait, 30)

    def read_lines(self):
        for line in sys.stdin:
            self.news.put((None, line.strip()))
        self.news.put((None, None))

    def talk(self):
        """Runs one connection; returns when everything was sent and printed."""
        # Without any data for a minute, not even a pong, the connection is dead.
        self.ws = websocket.create_connection(
            self.url, subprotocols=["chat.v1"], suppress_origin=True, timeout=60)
        threading.Thread(target=self.read, args=(self.ws,), daemon=True).start()
        try:
            self.converse()
        finally:
            with contextlib.suppress(OSError):
                self.ws.abort()  # wakes the reader

    def read(self, ws):
        """Queues received events, and finally the error that ended the connection."""
        try:
            while True:
                # recv() would return '' for a close frame and for an empty message alike.
                opcode, data = ws.recv_data()
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    end = websocket.WebSocketConnectionClosedException("closed by the server")
                    break
                if data:  # ignore empty messages, which are no events
                    self.news.put((ws, json.loads(data)))
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
                elif source is self.ws:  # ignore events of earlier connections
                    if isinstance(what, Exception):
                        raise websocket.WebSocketException(str(what))
                    self.hear(what)
            if time.monotonic() > ping:
                ping = time.monotonic() + 20
                self.say(cmd="ping")
            if self.live and not self.asked:
                if self.outbox:  # one at a time, to keep the order
                    self.asked = True
                    draft, text = self.outbox[0]  # the id makes retries idempotent
                    self.say(cmd="send", room=self.room, id=draft, text=text)
                elif self.ended:
                    return self.ws.send_close()

    def say(self, **command):
        self.ws.send(json.dumps(command))

    def hear(self, e):
        """Handles an event."""
        kind = e["event"]
        if kind == "welcome":
            self.welcomed = e["epoch"]
            self.join()
        elif kind == "message":  # like a page with one message
            self.page({"event": kind, "since": e["rev"] - 1, "rev": e["rev"], "messages": [e]})
        elif kind in ("room", "changes"):
            self.page(e)
        elif kind == "ack":
            self.answered(e["id"])
        elif kind == "error":
            print("not said:", e["message"], file=sys.stderr)
            if e["code"] in ("not_stored", "busy", "internal"):
                raise websocket.WebSocketException(e["code"])  # reconnect, and send it again
            self.answered(e.get("id"))

    def join(self):
        """Joins the room, or requests what was missed."""
        known = {} if self.last is None else {"since": self.last, "epoch": self.epoch}
        self.say(cmd="join", room=self.room, **known)

    def answered(self, draft):
        """Removes a draft from the outbox: it is stored, or never will be."""
        if self.outbox and self.outbox[0][0] == draft:
            self.outbox.pop(0)
            self.asked = False

    def page(self, e):
        """Prints the new messages of a page, by the order law."""
        if self.last is None or e.get("reset"):  # the newest page: older messages are not printed
            self.last = e["since"]
        if e["since"] > self.last:  # something was missed
            return self.join()
        for message in e["messages"]:
            self.answered(message["id"])
            if message["rev"] > self.last:
                self.show(message)
        self.last = max(self.last, e["rev"])
        if e["event"] == "room":
            self.epoch, self.live = self.welcomed, not e["more"]
        if e.get("more"):
            self.join()

    def show(self, message):
        """Prints a message that is new, edited or deleted; reactions, pins and threads are not shown."""
        before = self.shown.get(message["id"])
        self.shown[message["id"]] = message["text"]
        if "deleted" in message:
            if before:
                print(f"{message['deleted']['by']['name']} deleted a message", flush=True)
        elif before is None:
            print(f"{message['from']}: {message['text']}", flush=True)
        elif before != message["text"]:
            print(f"{message['from']} edited: {message['text']}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A small client of chat.v1.")
    parser.add_argument("--server", default="ws://localhost:9090", help="the server's URL")
    parser.add_argument("--name", default="Pythia", help="who you are")
    parser.add_argument("--room", default="lobby", help="where to talk")
    args = parser.parse_args()
    Client(f"{args.server}/chat/{urllib.parse.quote(args.name, safe='')}?frame_bytes=256000", args.room).run()
