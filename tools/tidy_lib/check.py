"""Runs every rule over a tree."""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess

from . import layers as layer_rules
from . import patterns
from .source import Source, Violation

_FUNCTION_LINES_MAX = 70
_FILE_LINES_MAX = 600
_TEST_FILE_LINES_MAX = 1000

_PROGRAM_SUFFIXES = (".cpp", ".h", ".py", ".sh", ".js", ".mjs", ".ts", ".tsx", ".cmake", ".txt", ".yml", ".service")
_SIZED_SUFFIXES = (".cpp", ".h", ".py", ".sh", ".js", ".mjs", ".ts", ".tsx", ".cmake")
_LOCK_FILES = ("package-lock.json", "npm-shrinkwrap.json")
# Data, not text of ours; and these rules, which have to spell what they ban.
_LEFT_OUT = re.compile(r"^(?:tests/(?:corpus|data)/|tools/tidy_lib/|third_party/)|/testdata/")


def check_tree(root: pathlib.Path) -> tuple[list[Violation], int]:
    layers = layer_rules.read(root)
    paths = [path for path in _files(root) if not _LEFT_OUT.search(path)]
    found = []
    for path in paths:
        found += _check_file(layers, root, path)
    found += _check_formatting(root, [path for path in paths if path.endswith((".cpp", ".h"))])
    return [violation for violation in found if (violation.path, violation.rule) not in layers.exceptions], len(paths)


def _files(root: pathlib.Path) -> list[str]:
    """What git tracks or would add; in a tree without git, everything outside build/."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (root / ".git").exists():
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
        return sorted(path for path in set(listed) if path and (root / path).is_file())
    everything = (path for path in root.rglob("*") if path.is_file())
    relative = (path.relative_to(root).as_posix() for path in everything)
    return sorted(path for path in relative if not path.startswith("build/") and "node_modules/" not in path)


def _check_file(layers: layer_rules.Layers, root: pathlib.Path, path: str) -> list[Violation]:
    name = path.rsplit("/", 1)[-1]
    is_program = path.endswith(_PROGRAM_SUFFIXES) or "." not in name
    if name in _LOCK_FILES:
        return patterns.check_lock_file(Source(root, path))
    if path.endswith(".md"):
        return _check_links(root, Source(root, path))
    if not is_program:
        return []
    source = Source(root, path)
    found = patterns.check_source(layers, source) + _check_sizes(source)
    if source.is_cpp:
        found += layer_rules.check_source(layers, source)
    if name == "CMakeLists.txt" and source.in_src:
        found += layer_rules.check_cmake(layers, source)
    return found


def _check_sizes(source: Source) -> list[Violation]:
    found = []
    limit = _TEST_FILE_LINES_MAX if source.is_test else _FILE_LINES_MAX
    if source.path.endswith(_SIZED_SUFFIXES) and source.line_count > limit:
        found.append(Violation(source.path, limit, "file-length", f"{source.line_count} lines of at most {limit}: split it"))
    if source.is_cpp:
        for function in source.functions():
            if function.lines > _FUNCTION_LINES_MAX:
                message = f"{function.lines} lines of at most {_FUNCTION_LINES_MAX}: {function.head[:60]}"
                found.append(Violation(source.path, function.first_line, "function-length", message))
    return found


def _check_links(root: pathlib.Path, source: Source) -> list[Violation]:
    found = []
    for match in re.finditer(r"\]\(([^)#\s]+)[^)]*\)", source.text):
        target = match[1]
        if ":" not in target and not (root / source.path).parent.joinpath(target).exists():
            found.append(Violation(source.path, source.line_of(match.start()), "link", f"{target} is not there"))
    return found


def _check_formatting(root: pathlib.Path, paths: list[str]) -> list[Violation]:
    """clang-format over what has changed since it last agreed: a file's digest is remembered in build/."""
    cache = root / "build/tidy.formatted"
    known = set(cache.read_text().split()) if cache.exists() else set()
    style = (root / ".clang-format").read_bytes()
    digests = {path: hashlib.sha256(style + (root / path).read_bytes()).hexdigest() for path in paths}
    unknown = [path for path in paths if digests[path] not in known]
    workers = os.cpu_count() or 1
    batches = [unknown[start::workers * 4] for start in range(min(len(unknown), workers * 4))]
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        found = sum(pool.map(lambda batch: _clang_format(root, batch), batches), [])
    wrong = {violation.path for violation in found}
    if cache.parent.is_dir():
        cache.write_text("\n".join(digests[path] for path in paths if path not in wrong) + "\n")
    return found


def _clang_format(root: pathlib.Path, paths: list[str]) -> list[Violation]:
    command = ["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", *paths]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    wrong = re.findall(r"^(\S+?):(\d+):\d+: error: ", result.stderr, re.MULTILINE)
    if result.returncode != 0 and not wrong:
        raise SystemExit(f"clang-format: {result.stderr.strip()[:500]}")
    first = {path: int(line) for path, line in reversed(wrong)}
    return [Violation(path, line, "format", "run ./dev format") for path, line in first.items()]
