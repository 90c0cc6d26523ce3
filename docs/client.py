"""A chat client: python client.py USER ROOM. See writing-a-client.md."""

import os
import queue
import sys
import threading
import time
import uuid

import grpc
from chat.v1 import chat_pb2 as chat
from chat.v1 import chat_pb2_grpc as chat_grpc

user, room = sys.argv[1], sys.argv[2]
outgoing = queue.SimpleQueue()  # envelopes; None half-closes the stream


def send(request_id="", **arm):
    outgoing.put(chat.ClientEnvelope(request_id=request_id, **arm))


answers = queue.SimpleQueue()  # to what `ask` asked; without a reason where it was taken
exit_code = 0


def ask(**arm):
    """Sends one envelope, again when that was too fast, and waits until it was answered."""
    while True:
        send(request_id="ask", **arm)
        answer = answers.get()
        if answer.reason != "rate_limited":
            return
        time.sleep(answer.retry_after_ms / 1000)


def read_lines():
    for line in sys.stdin:
        text = line.rstrip("\n")
        if text:
            ask(chat=chat.ChatPayload(room=room, content=text, message_id=str(uuid.uuid4())))
    ask(leave=chat.LeaveRequest(room=room))
    outgoing.put(None)


def printable(text):
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


# All three go out together: nothing here needs waiting.
send(request_id="hello", hello=chat.Hello(client="client.py/1", user_id=user))
send(request_id="join", join=chat.JoinRequest(room=room))
threading.Thread(target=read_lines, daemon=True).start()

position = 0


def advance(seq):
    """The next number, or the server broke its word."""
    global position
    if seq != position + 1:
        sys.exit(f"expected event {position + 1}, got {seq}")
    position = seq


def take(event):
    global position, exit_code
    arm = event.WhichOneof("event")
    if arm == "joined":
        position = event.joined.position.seq
        print(f"* {event.joined.welcome_message} ({event.joined.member_count} here)")
    elif arm == "broadcast":
        advance(event.broadcast.seq)
        print(f"{printable(event.broadcast.display_name)}: {printable(event.broadcast.content)}")
    elif arm == "notice":
        if event.notice.seq:
            advance(event.notice.seq)
        print(f"* {printable(event.notice.message)}")
    elif arm == "gap":
        print(f"* events {event.gap.from_seq} to {event.gap.to_seq} could not be delivered")
        position = event.gap.to_seq
    elif arm in ("ack", "left"):
        answers.put(chat.Error())
    elif arm == "error":
        if event.error.reason != "rate_limited":
            print(f"! {event.error.reason}: {printable(event.error.message)}")
        if event.error.request_id == "ask":
            answers.put(event.error)
        else:
            exit_code = 1
            outgoing.put(None)
    elif arm == "heartbeat" and not event.heartbeat.reply:
        send(heartbeat=chat.Heartbeat(nonce=event.heartbeat.nonce, reply=True))


def open_channel(server="localhost:50051"):
    ca = os.environ.get("CHAT_GRPC_CA")
    if not ca:
        return grpc.insecure_channel(server)
    with open(ca, "rb") as file:
        return grpc.secure_channel(server, grpc.ssl_channel_credentials(file.read()))


token = os.environ.get("CHAT_GRPC_TOKEN")
metadata = [("authorization", f"Bearer {token}")] if token else None
with open_channel() as channel:
    try:
        for event in chat_grpc.ChatServiceStub(channel).Channel(iter(outgoing.get, None), metadata=metadata):
            for one in event.batch or [event]:
                take(one)
    except grpc.RpcError as error:
        reason = dict(error.trailing_metadata() or ()).get("chat-reason", error.code().name)
        sys.exit(f"the stream ended: {reason}: {error.details()}")
sys.exit(exit_code)
