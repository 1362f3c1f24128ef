"""psycopg 3 in one cell of the comparison: its async pool, server-side prepared statements."""
import asyncio
import dataclasses
import datetime
import random
import uuid

import psycopg_pool
from psycopg.rows import class_row

import contract


@dataclasses.dataclass(slots=True)
class Conversation:
    id: uuid.UUID
    user_id: str
    title: str
    metadata: dict
    created_at: datetime.datetime
    updated_at: datetime.datetime
    deleted_at: datetime.datetime | None


@dataclasses.dataclass(slots=True)
class Message:
    id: uuid.UUID
    conversation_id: uuid.UUID
    role: str
    content: str
    metadata: dict
    created_at: datetime.datetime


@dataclasses.dataclass(slots=True)
class Hit:
    id: uuid.UUID
    similarity: float


def sql(text):
    return text.format(*["%s"] * 5)


W1, W2, W3 = sql(contract.W1), sql(contract.W2), sql(contract.W3)
W6 = contract.W6.format("%(vector)s::vector")
ADD_CONVERSATION, ADD_MESSAGE = sql(contract.ADD_CONVERSATION), sql(contract.ADD_MESSAGE)


async def copy(pool):
    start = datetime.datetime.now(datetime.timezone.utc)
    async with pool.connection() as connection, connection.cursor() as cursor:
        with contract.Bulk():
            async with cursor.copy("copy bulk_messages (id, conversation_id, role, content, "
                                   "metadata, created_at) from stdin") as rows:
                for i in range(contract.BULK_ROWS):
                    await rows.write_row((*contract.new_message(contract.new_id()),
                                          start + datetime.timedelta(microseconds=i)))


async def main():
    wanted = contract.options()
    size = 1 if wanted.workload == "W5" else wanted.pool
    settings = {"autocommit": True, "prepare_threshold": 0}
    async with psycopg_pool.AsyncConnectionPool(wanted.dsn, min_size=size, max_size=size,
                                                kwargs=settings) as pool:
        await pool.wait()
        if wanted.workload == "W5":
            return await copy(pool)

        async def all_of(row_class, text, parameters):
            async with pool.connection() as connection:
                cursor = connection.cursor(row_factory=class_row(row_class))
                await cursor.execute(text, parameters)
                return await cursor.fetchall()

        async with pool.connection() as connection:
            cursor = await connection.execute("select id from bench_keys order by n")
            keys = [row[0] for row in await cursor.fetchall()]
            cursor = await connection.execute("select v::text from bench_queries order by n")
            vectors = [[float(part) for part in row[0][1:-1].split(",")]
                       for row in await cursor.fetchall()]

        async def point_read():
            return len(await all_of(Conversation, W1, (random.choice(keys),))) == 1

        async def some():
            return len(await all_of(Message, W2, (random.choice(keys),))) == 50

        async def insert():
            return len(await all_of(Message, W3, contract.new_message(random.choice(keys)))) == 1

        async def insert_many():
            conversation = contract.new_id()
            async with pool.connection() as connection, connection.pipeline():
                async with connection.transaction():
                    await connection.execute(ADD_CONVERSATION, (conversation, "user-1",
                                                                "A conversation", contract.METADATA))
                    for _ in range(10):
                        await connection.execute(ADD_MESSAGE, contract.new_message(conversation))
            return True

        async def nearest():
            vector = "[" + ",".join(map(str, random.choice(vectors))) + "]"
            return len(await all_of(Hit, W6, {"vector": vector})) == 10

        operation = {"W1": point_read, "W2": some, "W3": insert, "W4": insert_many,
                     "W6": nearest}[wanted.workload]
        await contract.closed_loops(wanted, operation)


asyncio.run(main())
