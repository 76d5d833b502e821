"""tools/layers.txt: who may include whom, and what pure folders stay away from."""
import dataclasses
import pathlib
import re

from .source import Source, Violation

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)

_PURE_HEADERS = re.compile(
    r"thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token|atomic|fstream|filesystem"
    r"|iostream|random|unistd\.h|fcntl\.h|poll\.h|netdb\.h|ifaddrs\.h|sys/(?:socket|epoll|stat|random|eventfd|un|mman)\.h"
    r"|netinet/.*|net/if\.h|boost/(?:asio|beast).*|curl/.*|sqlite3\.h|libpq-fe\.h|ares\.h|liburing\.h|spdlog/.*"
)
_PURE_HEADERS_OF_TESTS = re.compile(
    r"netdb\.h|ifaddrs\.h|sys/(?:socket|epoll|eventfd|un)\.h|netinet/.*|boost/(?:asio|beast).*|curl/.*|sqlite3\.h"
)
_PURE_CALLS = {
    r"(?:steady|system|high_resolution)_clock::now\b": "take a base::Clock, or the time as an argument",
    r"\b(?:gettimeofday|clock_gettime|std::time|::time)\s*\(": "take a base::Clock, or the time as an argument",
    r"(?<![\w.>])(?:s?rand|drand48)\s*\(|std::(?:random_device|mt19937\w*)\b": "take a base::Random",
    r"std::(?:thread|jthread|mutex|async|condition_variable)\b": "leave threads to the shell",
    r"\b(?:getenv|fopen|std::ifstream|std::ofstream)\b": "take the value or the bytes as an argument",
    r"\b(?:throw|catch)\b": "return a Result; wrap a throwing library in one file",
    r"\bco_(?:await|return|yield)\b": "use an object with on_x() handlers and explicit state",
}


@dataclasses.dataclass
class Layers:
    kinds: dict[str, str] = dataclasses.field(default_factory=dict)
    allowed: dict[str, set[str]] = dataclasses.field(default_factory=dict)
    tests: dict[str, set[str]] = dataclasses.field(default_factory=dict)
    vendor_free: set[str] = dataclasses.field(default_factory=set)
    exceptions: dict[tuple[str, str], str] = dataclasses.field(default_factory=dict)

    def folder_of(self, path: str) -> str | None:
        """The folder of a path below src/: the longest that has a row."""
        parts = path.split("/")[:-1]
        for count in range(len(parts), 0, -1):
            folder = "/".join(parts[:count])
            if folder in self.kinds:
                return folder
        return None


def read(root: pathlib.Path) -> Layers:
    layers = Layers()
    for line in (root / "tools/layers.txt").read_text().splitlines():
        cells = [cell.strip() for cell in line.partition("#")[0].split("|")]
        if cells == [""]:
            continue
        if cells[0] == "vendor-free":
            layers.vendor_free = set(cells[1].split())
        elif cells[0] == "allow":
            layers.exceptions[cells[1], cells[2]] = cells[3]
        else:
            above = set(layers.kinds)
            layers.kinds[cells[0]] = cells[1]
            layers.allowed[cells[0]] = _folders(cells[2], above)
            layers.tests[cells[0]] = layers.allowed[cells[0]] | _folders(cells[3], above)
    return layers


def _folders(cell: str, above: set[str]) -> set[str]:
    if cell == "*":
        return above
    folders = set(cell.split()) - {"-"}
    if folders - above:
        raise SystemExit(f"tools/layers.txt: no row above names {' '.join(sorted(folders - above))}")
    return folders


def check_source(layers: Layers, source: Source) -> list[Violation]:
    if not (source.in_src and source.is_cpp):
        return []
    inside = source.path.removeprefix("src/")
    folder = layers.folder_of(inside)
    if folder is None:
        return [Violation(source.path, 1, "layer", "this folder has no row in tools/layers.txt: add one")]
    found = _check_includes(layers, source, folder)
    if layers.kinds[folder] == "pure":
        found += _check_pure(source, folder)
    return found


def _check_includes(layers: Layers, source: Source, folder: str) -> list[Violation]:
    allowed = layers.tests[folder] if source.is_test else layers.allowed[folder]
    found = []
    for match in _INCLUDE.finditer(source.without_comments):
        if match[1] is None:
            continue
        line = source.line_of(match.start(1))
        other = layers.folder_of(match[1])
        if other is None:
            found.append(Violation(source.path, line, "layer", f'"{match[1]}": write the path from src/, as "base/ids.h"'))
        elif other != folder and other not in allowed:
            names = " ".join(sorted(allowed)) or "nothing"
            found.append(Violation(source.path, line, "layer", f"{folder} may not include {other}, only: {names}"))
    return found


def _check_pure(source: Source, folder: str) -> list[Violation]:
    found = []
    headers = _PURE_HEADERS_OF_TESTS if source.is_test else _PURE_HEADERS
    for match in _INCLUDE.finditer(source.without_comments):
        if match[2] and headers.fullmatch(match[2]):
            line = source.line_of(match.start(2))
            message = f"<{match[2]}> in pure folder {folder}: have the shell pass in what it gives"
            found.append(Violation(source.path, line, "pure-include", message))
    if not source.is_test:
        for pattern, instead in _PURE_CALLS.items():
            for match in re.finditer(pattern, source.code):
                message = f"`{match[0].strip()}` in pure folder {folder}: {instead}"
                found.append(Violation(source.path, source.line_of(match.start()), "pure-call", message))
    return found


def check_cmake(layers: Layers, source: Source) -> list[Violation]:
    """DEPS and TEST_DEPS of a folder's CMakeLists.txt obey the same table."""
    folder = layers.folder_of(source.path.removeprefix("src/"))
    if folder is None:
        return [Violation(source.path, 1, "layer", "this folder has no row in tools/layers.txt: add one")]
    code = re.sub(r"#[^\n]*", "", source.text)
    found = []
    for keyword, allowed in (("DEPS", layers.allowed[folder]), ("TEST_DEPS", layers.tests[folder])):
        for match in re.finditer(rf"(?<!\w){keyword}\b((?:\s+[a-z_/0-9]+)+)", code):
            for other in set(match[1].split()) - allowed - {folder}:
                line = source.line_of(match.start())
                found.append(Violation(source.path, line, "layer", f"{folder} may not depend on {other} ({keyword})"))
    return found
