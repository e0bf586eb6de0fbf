"""Downloads, from a server on this machine that can be told to fail."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hrm_probe.errors import InputError
from hrm_probe.sudoku.fetching import fetch

CONTENT = b"source,question,answer,rating\n" * 100_000


class Server(BaseHTTPRequestHandler):
    breaks_after = len(CONTENT)
    knows_ranges = True
    asked: list[str | None] = []  # noqa: RUF012  (reset for every test)

    def do_GET(self):
        asked = self.headers.get("Range")
        self.asked.append(asked)
        asked = asked if self.knows_ranges else None
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if start >= len(CONTENT):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(CONTENT)}")
            self.end_headers()
            return
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start : self.breaks_after])

    def log_message(self, *_):
        pass


@pytest.fixture
def address():
    Server.breaks_after, Server.knows_ranges, Server.asked = len(CONTENT), True, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_comes_whole_with_its_size_and_hash(address, tmp_path):
    (download,) = fetch(tmp_path, ("test.csv",), address)
    assert download.path.read_bytes() == CONTENT
    assert download.size == len(CONTENT)
    assert download.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == ["test.csv"]


def test_what_is_there_is_not_fetched_again(address, tmp_path):
    first, again = (fetch(tmp_path, ("test.csv",), address) for _ in range(2))
    assert first == again
    assert len(Server.asked) == 1


def test_a_cut_off_download_goes_on_where_it_ended(address, tmp_path):
    Server.breaks_after = 1_500_000
    with pytest.raises(InputError, match=r"could not be downloaded .*resume from"):
        fetch(tmp_path, ("test.csv",), address)
    assert not (tmp_path / "test.csv").exists()
    reached = (tmp_path / "test.csv.part").stat().st_size
    Server.breaks_after = len(CONTENT)
    fetch(tmp_path, ("test.csv",), address)
    assert (tmp_path / "test.csv").read_bytes() == CONTENT
    assert Server.asked[-1] == (f"bytes={reached}-" if reached else None)


def test_where_the_server_can_only_begin_anew_so_does_the_download(address, tmp_path):
    Server.knows_ranges = False
    (tmp_path / "test.csv.part").write_bytes(CONTENT[:1_500_000])
    fetch(tmp_path, ("test.csv",), address)
    assert (tmp_path / "test.csv").read_bytes() == CONTENT
    assert Server.asked == ["bytes=1500000-"]


def test_a_part_that_was_whole_is_only_renamed(address, tmp_path):
    (tmp_path / "test.csv.part").write_bytes(CONTENT)
    (download,) = fetch(tmp_path, ("test.csv",), address)
    assert download.path.read_bytes() == CONTENT


def test_no_network_is_one_clear_sentence_and_leaves_no_folder(tmp_path):
    with pytest.raises(InputError, match="check the network and run the command again"):
        fetch(tmp_path / "new", ("test.csv",), "http://127.0.0.1:9")  # nothing listens on port 9
    assert not (tmp_path / "new").exists()


def test_a_file_is_no_folder_to_download_into(tmp_path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(InputError, match="taken is a file; give a folder"):
        fetch(tmp_path / "taken", ("test.csv",), "http://127.0.0.1:9")
