"""A web server of several processes, under load: they compute each page once between them.

python examples/python/09_web_server.py
"""

import os
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer

from warp_cache import SharedMemory, cache

folder = tempfile.TemporaryDirectory()


@cache(backend=SharedMemory(path=folder.name), ttl=60.0, single_flight=True)
def page(path: str) -> bytes:
    return f"<h1>{path}</h1>, written by {os.getpid()}".encode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = page(self.path)
        self.send_response(200)
        self.send_header("Worker", str(os.getpid()))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args): ...


def ask(number):
    connection = HTTPConnection("127.0.0.1", server.server_port)
    connection.request("GET", f"/{number % 5}")
    answer = connection.getresponse()
    said = answer.getheader("Worker"), answer.read()
    connection.close()
    return said


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Handler)
    workers = []
    while len(workers) < 3:
        workers.append(os.fork())
        if workers[-1] == 0:
            server.serve_forever()  # until it is told to end; all take from the one socket
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(ask, range(400)))
    for worker in workers:
        os.kill(worker, signal.SIGTERM)
        os.waitpid(worker, 0)
    server.server_close()
    info = page.cache_info()
    print(f"400 requests to {len({worker for worker, _ in answers})} processes: {info}")
    assert len({body for _, body in answers}) == 5, "a page is the same whoever serves it"
    assert (info.misses, info.hits) == (5, 395)
    folder.cleanup()
