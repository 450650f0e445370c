"""A chat server as most tutorials build it: Flask-SocketIO on eventlet, messages through SQLAlchemy in SQLite."""

import sys

import eventlet

eventlet.monkey_patch()

from importlib.metadata import version  # noqa: E402  (after the patch, as eventlet asks)

from flask import Flask, request  # noqa: E402
from flask_socketio import SocketIO, emit, join_room  # noqa: E402
from sqlalchemy import Column, Integer, String, Text, UniqueConstraint, create_engine, event  # noqa: E402
from sqlalchemy.orm import declarative_base, sessionmaker  # noqa: E402
from sqlalchemy.pool import QueuePool  # noqa: E402

Base = declarative_base()


class Message(Base):
    """A stored message; `seq` is its number in the store."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("room", "sender", "client_id"),)

    seq = Column(Integer, primary_key=True)
    room = Column(String(64), nullable=False)
    sender = Column(String(64), nullable=False)
    client_id = Column(Integer, nullable=False)
    body = Column(Text, nullable=False)


def describe(durable):
    names = ["Flask-SocketIO", "eventlet", "SQLAlchemy"]
    synchronous = "FULL" if durable == "yes" else "NORMAL"
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    print(f"{versions} with SQLite, WAL, synchronous={synchronous}, durable: {durable}")


def open_store(path, durable):
    """An engine whose connections sync each commit, or leave that to the checkpoints.

    They are kept in a pool, as SQLAlchemy 2 does by default; with the default of 1.4 each message
    would open the file anew, and the end of the last connection would copy the whole WAL.
    """
    engine = create_engine(f"sqlite:///{path}", poolclass=QueuePool)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection, _record):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable == 'yes' else 'NORMAL'}")

    Base.metadata.create_all(engine)
    return sessionmaker(bind=engine)


def serve(directory, port, durable):
    app = Flask(__name__)
    socketio = SocketIO(app, async_mode="eventlet")
    new_session = open_store(f"{directory}/messages.sqlite", durable)

    @socketio.on("enter")
    def enter(data):
        join_room(data["room"])
        return "entered"

    @socketio.on("message")
    def message(data):
        with new_session() as session:
            stored = Message(room=data["room"], sender=request.sid, client_id=data["id"], body=data["body"])
            session.add(stored)
            session.commit()
            seq = stored.seq
        emit("message", {"room": data["room"], "seq": seq, "id": data["id"], "body": data["body"]}, to=data["room"])
        return "stored", seq

    socketio.run(app, host="127.0.0.1", port=int(port))


if __name__ == "__main__":
    if sys.argv[1] == "--describe":
        describe(sys.argv[2])
    else:
        serve(*sys.argv[1:4])
