"""Hold so many slow connections of every kind open at once, from one address, and open each anew when it is closed."""

import asyncio
import ssl
import sys
from itertools import cycle
from urllib.parse import urlsplit

HEAD = "Host: {host}\r\nUser-Agent: slow\r\n"
KINDS = {
    "says nothing": "",
    "half a head": "GET /stop HTTP/1.1\r\n" + HEAD,
    "half a body": "POST /stop HTTP/1.1\r\n" + HEAD + "Content-Length: 60000\r\n\r\n",
    "half a file": "POST /provider/imports HTTP/1.1\r\n" + HEAD + "Content-Length: 9000000\r\n\r\n",
    "in pieces": "POST /stop HTTP/1.1\r\n" + HEAD + "Transfer-Encoding: chunked\r\n\r\n",
    "too large": "POST /stop HTTP/1.1\r\n" + HEAD + "Content-Length: 900000000\r\n\r\n",
    "reads nothing": ("GET /static/vendor/htmx/htmx.min.js HTTP/1.1\r\n" + HEAD + "\r\n") * 3,
}
TRICKLES = {
    "half a head": b"X: y\r\n",
    "half a body": b"x",
    "half a file": b"x",
    "in pieces": b"1\r\nx\r\n",
    "too large": b"x" * 1000,
}


async def one(kind: str, place: dict[str, object], host: str, opened: list[int]) -> None:
    """Be slow for ever, in one way."""
    while True:
        try:
            reader, writer = await asyncio.open_connection(**place)
            opened[0] += 1
            writer.write(KINDS[kind].format(host=host).encode())
            while not (reader.at_eof() or writer.is_closing()):
                await asyncio.sleep(1)
                writer.write(TRICKLES.get(kind, b""))
                if kind != "reads nothing":
                    await writer.drain()
            writer.close()
        except OSError:
            pass
        await asyncio.sleep(5)


async def main(url: str, trusted: str, number: int) -> None:
    asked = urlsplit(url)
    place: dict[str, object] = {"host": "127.0.0.1", "port": asked.port, "limit": 1024}
    if asked.scheme == "https":
        place |= {"ssl": ssl.create_default_context(cafile=trusted), "server_hostname": "localhost"}
        place["ssl_handshake_timeout"] = 60
    opened, kinds = [0], cycle(KINDS)
    tasks = [asyncio.create_task(one(next(kinds), place, asked.netloc, opened)) for _ in range(number)]
    while True:
        await asyncio.sleep(0.5)
        sys.stdout.write(f"{opened[0]}\n")
        sys.stdout.flush()
        assert not any(task.done() for task in tasks)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
