"""One source file: its text, its code without comments and strings, and the functions in it."""
import bisect
import dataclasses
import functools
import pathlib
import re

_TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)
_BLANK = re.compile(r"[^\n]")


@dataclasses.dataclass(frozen=True, order=True)
class Violation:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclasses.dataclass(frozen=True)
class Function:
    head: str
    first_line: int
    lines: int


class Source:
    """`path` is relative to the root, with slashes."""

    def __init__(self, root: pathlib.Path, path: str):
        self.path = path
        self.text = (root / path).read_text(encoding="utf-8", errors="replace")
        parts = path.split("/")
        self.is_cpp = path.endswith((".cpp", ".h"))
        self.is_test = bool(re.search(r"_(test|race|fuzz)\.\w+$|_testing\.h$", path)) or "testing" in parts[:-1] \
            or parts[0] == "tests"
        self.in_src = parts[0] == "src"

    @functools.cached_property
    def _starts(self) -> list[int]:
        return [0] + [match.end() for match in re.finditer(r"\n", self.text)]

    def line_of(self, offset: int) -> int:
        return bisect.bisect_right(self._starts, offset)

    @property
    def line_count(self) -> int:
        return self.text.count("\n") + (not self.text.endswith("\n") and bool(self.text))

    @functools.cached_property
    def without_comments(self) -> str:
        """Same offsets; comments are spaces, strings are kept."""
        return _TOKENS.sub(lambda m: _BLANK.sub(" ", m[0]) if m[0].startswith(("//", "/*")) else m[0], self.text)

    @functools.cached_property
    def code(self) -> str:
        """Same offsets; comments and the insides of strings are spaces."""

        def blank(match: re.Match) -> str:
            token = match[0]
            if token.startswith(("//", "/*")):
                return _BLANK.sub(" ", token)
            return token[0] + _BLANK.sub(" ", token[1:-1]) + token[-1]

        return _TOKENS.sub(blank, self.text)

    def functions(self) -> list[Function]:
        return list(_functions(self))


_SCOPE = re.compile(r"^\s*(?:template\s*<.*>\s*)?(?:inline\s+)?(?:class|struct|union|enum|namespace|extern)\b", re.DOTALL)
_TAIL = r"(?:\s*(?:const|noexcept(?:\s*\(.*\))?|override|final|&&?|mutable|try|requires\b.*|->.*))*\s*$"
_FUNCTION_HEAD = re.compile(r"\)" + _TAIL, re.DOTALL)
_MEMBER_INITIALISER = re.compile(r"\)\s*(?:noexcept(?:\s*\(.*?\))?\s*)?:(?!:)(?:.*,)?\s*[\w:<>]+\s*$", re.DOTALL)
_INIT_LIST = re.compile(r"\)\s*(?:noexcept(?:\s*\(.*?\))?\s*)?:(?!:)", re.DOTALL)


def _kind_of(head: str) -> str:
    if _SCOPE.match(head) and not _FUNCTION_HEAD.search(head):
        return "scope"
    if _MEMBER_INITIALISER.search(head):
        return "initialiser"
    if "operator" not in head and re.search(r"(?<![=!<>])=(?!=)", _without_parentheses(head)):
        return "other"
    if _FUNCTION_HEAD.search(head) or (_INIT_LIST.search(head) and head.rstrip().endswith(("}", ")"))):
        return "function"
    return "other"


def _without_parentheses(head: str) -> str:
    previous = None
    while previous != head:
        previous, head = head, re.sub(r"\([^()]*\)|<[^<>]*>", "", head)
    return head


def _functions(source: Source):
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: _BLANK.sub(" ", m[0]), source.code, flags=re.MULTILINE)
    stack: list[tuple[str, int]] = []  # kind of each open brace and where its head starts
    head_start = 0
    for match in re.finditer(r"[{};]|\b(?:public|private|protected)\s*:", code):
        token, offset = match[0], match.start()
        outside = not stack or stack[-1][0] == "scope"
        if token == "{":
            kind = _kind_of(code[head_start:offset]) if outside else "inner"
            stack.append((kind, head_start))
            if kind == "scope":
                head_start = match.end()
        elif token == "}" and stack:
            kind, start = stack.pop()
            outside = not stack or stack[-1][0] == "scope"
            if kind == "function":
                body_head = code[start:offset]
                first = start + len(body_head) - len(body_head.lstrip())
                lines = source.line_of(offset) - source.line_of(first) + 1
                name = " ".join(code[first:offset].split("{")[0].split())
                yield Function(name, source.line_of(first), lines)
            if outside and kind != "initialiser":
                head_start = match.end()
        elif outside:
            head_start = match.end()
