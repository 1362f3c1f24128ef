"""asyncpg in one cell of the comparison: its pool, its statement cache, binary format."""
import asyncio
import dataclasses
import datetime
import random
import struct
import uuid

import asyncpg

import contract


@dataclasses.dataclass(slots=True)
class Conversation:
    id: uuid.UUID
    user_id: str
    title: str
    metadata: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    deleted_at: datetime.datetime | None


@dataclasses.dataclass(slots=True)
class Message:
    id: uuid.UUID
    conversation_id: uuid.UUID
    role: str
    content: str
    metadata: str
    created_at: datetime.datetime


@dataclasses.dataclass(slots=True)
class Hit:
    id: uuid.UUID
    similarity: float


def sql(text):
    return text.format("$1", "$2", "$3", "$4", "$5")


W1, W2, W3, W6 = sql(contract.W1), sql(contract.W2), sql(contract.W3), sql(contract.W6)
ADD_CONVERSATION, ADD_MESSAGE = sql(contract.ADD_CONVERSATION), sql(contract.ADD_MESSAGE)
VECTOR = struct.Struct(">HH384f")


async def vectors_in_binary(connection):
    # What pgvector's adapter for asyncpg registers.
    await connection.set_type_codec("vector", schema="public", format="binary",
                                    encoder=lambda values: VECTOR.pack(384, 0, *values),
                                    decoder=lambda data: VECTOR.unpack(data)[2:])


async def copy(pool):
    start = datetime.datetime.now(datetime.timezone.utc)

    def rows():
        for i in range(contract.BULK_ROWS):
            yield (*contract.new_message(contract.new_id()),
                   start + datetime.timedelta(microseconds=i))

    async with pool.acquire() as connection:
        with contract.Bulk():
            await connection.copy_records_to_table(
                "bulk_messages", records=rows(),
                columns=["id", "conversation_id", "role", "content", "metadata", "created_at"])


async def main():
    wanted = contract.options()
    size = 1 if wanted.workload == "W5" else wanted.pool
    async with asyncpg.create_pool(wanted.dsn, min_size=size, max_size=size,
                                   init=vectors_in_binary) as pool:
        if wanted.workload == "W5":
            return await copy(pool)
        keys = [row["id"] for row in await pool.fetch("select id from bench_keys order by n")]
        vectors = [row["v"] for row in await pool.fetch("select v from bench_queries order by n")]

        async def point_read():
            row = await pool.fetchrow(W1, random.choice(keys))
            return row is not None and bool(Conversation(*row))

        async def some():
            return len([Message(*row) for row in await pool.fetch(W2, random.choice(keys))]) == 50

        async def insert():
            row = await pool.fetchrow(W3, *contract.new_message(random.choice(keys)))
            return bool(Message(*row))

        async def insert_many():
            conversation = contract.new_id()
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute(ADD_CONVERSATION, conversation, "user-1",
                                         "A conversation", contract.METADATA)
                await connection.executemany(
                    ADD_MESSAGE, [contract.new_message(conversation) for _ in range(10)])
            return True

        async def nearest():
            return len([Hit(*row) for row in await pool.fetch(W6, random.choice(vectors))]) == 10

        operation = {"W1": point_read, "W2": some, "W3": insert, "W4": insert_many,
                     "W6": nearest}[wanted.workload]
        await contract.closed_loops(wanted, operation)


asyncio.run(main())
