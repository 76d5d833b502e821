"""Banned patterns, each with what to write instead."""
import dataclasses
import re

from .layers import Layers
from .source import Source, Violation


@dataclasses.dataclass(frozen=True)
class Rule:
    name: str
    pattern: str
    instead: str
    where: str = "src"  # src: C++ of src/ but its tests; cpp: all C++; tests: tests; headers; code: any program text
    text: str = "code"  # code: without comments and strings; strings: without comments; all
    except_folders: tuple[str, ...] = ()
    unless: str = ""  # what comes before, back to the line's start, and makes it right


# Programs for the terminal may write to it.
_TERMINAL = ("app", "cli", "phone", "bench")

RULES = (
    Rule("print", r"\bstd::(?:cout|cerr|clog)\b|\b(?:std::)?f?printf\s*\(|\bputs\s*\(",
         "base/log.h: log(level, area, message, fields)", except_folders=_TERMINAL),
    Rule("endl", r"\bstd::endl\b", r"'\n'", where="cpp"),
    Rule("assert", r"(?<!static_)\bassert\s*\(", "CHECK(...) of base/check.h, which stays in every build"),
    Rule("new", r"(?<!operator )\bnew\s+(?=[\w:])", "std::make_unique or a value; unique_ptr<T>(new T) for a private constructor", where="cpp",
         unless=r"_ptr<[^;{}]*\(\s*$"),
    Rule("delete", r"(?<!operator )\bdelete\b(?:\s*\[\s*\])?\s+[\w*(]", "an owner: unique_ptr or a member", where="cpp"),
    Rule("allocate", r"\b(?:malloc|calloc|realloc|strdup)\s*\(", "std::vector, std::string or unique_ptr"),
    Rule("sleep", r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\b|(?<![.\w>])(?:::)?sleep\s*\(\s*\d",
         "a fake clock, or wait for the event itself", where="cpp"),
    Rule("detach", r"\.\s*detach\s*\(\s*\)\s*;", "an owner that joins the thread", where="cpp"),
    Rule("unfinished", r"\b(?:TODO|FIXME|XXX|HACK)\b", "finish it, or file an issue", where="code", text="all"),
    Rule("skipped", r"\bGTEST_SKIP\b|\bDISABLED_\w+", "a test that runs, or none", where="cpp"),
    Rule("silenced", r"\bNOLINT|GCC diagnostic ignored", "write it so that the tool agrees",
         where="cpp", text="all"),
    Rule("swallowed", r"\bcatch\s*\([^)]*\)\s*\{\s*\}", "turn it into an Error", where="cpp"),
    Rule("c-string", r"\b(?:strcpy|strcat|sprintf|vsprintf|strtok|gets)\s*\(", "fmt::format or std::string", where="cpp"),
    Rule("number", r"\b(?:atoi|atol|atof|strtol|strtoul|strtod)\s*\(|\bstd::sto(?:i|l|ll|u|ul|ull|f|d)\s*\(",
         "std::from_chars, which neither throws nor skips blanks"),
    Rule("regex", r"\bstd::w?regex\b", "a small parser: std::regex recurses on input"),
    Rule("shell", r"\b(?:system|popen)\s*\(", "posix_spawn with an argument vector", where="cpp"),
    Rule("using", r"\busing\s+namespace\s+(?!std::(?:chrono_|string_view_|)literals\b|std::chrono_literals\b)",
         "name what you use: a header's using reaches everybody", where="headers"),
    Rule("machine-path", r"(?<![\w.])/(?:work|home|root)/\w", "a path relative to the source folder", where="code", text="all"),
    Rule("registry", r"\bregistry\.(?:npmjs|yarnpkg)\b|\b(?:deb|security)\.debian\.org\b|\bpypi\.org\b",
         "let the machine's own configuration say where packages come from", where="code", text="all"),
)

_VENDORS = re.compile(r"vonage|nexmo|twilio|voipnow|4psa", re.IGNORECASE)


def check_source(layers: Layers, source: Source) -> list[Violation]:
    folder = layers.folder_of(source.path.removeprefix("src/")) if source.in_src else None
    found = []
    for rule in RULES:
        if not _applies(rule, source, folder):
            continue
        text = {"code": source.code, "strings": source.without_comments, "all": source.text}[rule.text] \
            if source.is_cpp else source.text
        for match in re.finditer(rule.pattern, text):
            before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
            if rule.unless and re.search(rule.unless, before):
                continue
            found.append(_violation(source, match.start(), rule.name, f"`{match[0].strip()}`: {rule.instead}"))
    if source.is_cpp:
        found += _check_co_await(source)
        found += _check_vendors(layers, source, folder)
        found += _check_guard(source)
    return found


def _applies(rule: Rule, source: Source, folder: str | None) -> bool:
    if rule.where == "code":
        return True
    if not source.is_cpp:
        return False
    if rule.where == "headers":
        return source.path.endswith(".h")
    if rule.where == "src":
        return source.in_src and not source.is_test and (folder or "").split("/")[0] not in rule.except_folders
    return True


def _violation(source: Source, offset: int, rule: str, message: str) -> Violation:
    return Violation(source.path, source.line_of(offset), rule, message)


def _check_co_await(source: Source) -> list[Violation]:
    """g++ 12 destroys an aggregate or lambda twice if it is built inside a co_await expression."""
    found = []
    for match in re.finditer(r"\bco_await\b", source.code):
        depth = 0
        for end in range(match.end(), len(source.code)):
            char = source.code[end]
            depth += (char in "([") - (char in ")]")
            if depth < 0 or (char == ";" and depth == 0) or (char == "{" and depth == 0 and source.code[end - 1] in " )"):
                break
            if char == "{":
                found.append(_violation(source, end, "co-await", "an aggregate or lambda inside co_await: name it first"))
                break
    return found


def _check_vendors(layers: Layers, source: Source, folder: str | None) -> list[Violation]:
    if folder not in layers.vendor_free or source.is_test:
        return []
    return [
        _violation(source, match.start(), "vendor", f"{match[0]} in {folder}: say what it does, without the vendor's name")
        for match in _VENDORS.finditer(source.without_comments)
    ]


def _check_guard(source: Source) -> list[Violation]:
    if not source.path.endswith(".h") or source.text.startswith("#pragma once\n"):
        return []
    return [Violation(source.path, 1, "guard", "a header begins with #pragma once")]


def check_lock_file(source: Source) -> list[Violation]:
    """A lock file that names hosts ties every machine to them."""
    return [
        _violation(source, match.start(), "registry",
                   "a host in a lock file: npm config set omit-lockfile-registry-resolved true, and lock again")
        for match in re.finditer(r'"resolved"\s*:\s*"\w+://', source.text)
    ]
