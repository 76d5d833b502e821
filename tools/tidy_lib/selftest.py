#!/usr/bin/env python3
"""Plants one violation of every rule in a small tree, and demands that each is found at its line and nothing else is."""
import pathlib
import re
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from tidy_lib import check, patterns  # noqa: E402

# Path -> text. A line that must be reported ends in `//! rule` (or `#! rule`), which is cut off before the check.
PLANTED = {
    "src/call/layers.h": """
        #pragma once

        #include "base/ids.h"
        #include "call/model.h"
        #include "net/udp.h"  //! layer
        #include "model.h"  //! layer

        #include <thread>  //! pure-include
        // #include "net/udp.h"
    """,
    "src/nowhere/lost.cpp": "int lost;  //! layer",
    "src/call/layers_test.cpp": """
        #include <fstream>
        #include <sys/socket.h>  //! pure-include
        #include "media/engine.h"  //! layer
    """,
    "src/sip/sip_test.cpp": """
        #include "sdp/session.h"
        #include "text/json.h"
    """,
    "src/dialect/vonage/calls.cpp": """
        #include "dialect/vonage/ncco.h"
        #include "dialect/twilio/twiml.h"  //! layer
        #include "flow/program.h"
        #include "sip/message.h"  //! layer
        const char* brand = "vonage";
    """,
    "src/call/CMakeLists.txt": """
        sotto_folder(DEPS hearing base
          net  # why not
          LIBS net)
    """,
    "src/flow/pure.cpp": """
        auto a = std::chrono::steady_clock::now();  //! pure-call
        int b = rand();  //! pure-call
        std::mutex c;  //! pure-call
        const char* d = std::getenv("HOME");  //! pure-call
        void e() { throw 1; }  //! pure-call
        const char* f = "for Twilio";  //! vendor
        int voipnow_extension;  //! vendor
        // As Twilio's page on <Dial> says; rand() is only named here, and so is std::mutex.
        const char* g = "call steady_clock::now() or throw";
        int operand(int brand) { return brand; }
        auto h = task(co_await_nothing);
    """,
    "src/net/banned.cpp": """
        void f() {
          std::cout << 1;  //! print
          printf("x");  //! print
          a << std::endl;  //! endl
          assert(x);  //! assert
          static_assert(sizeof(int) == 4);
          auto* p = new Thing();  //! new
          delete p;  //! delete
          delete[] p;  //! delete
          auto* q = ::new (place) Thing();
          std::shared_ptr<Thing> made(new Thing);
          f(new Thing);  //! new
          auto owned = std::unique_ptr<Thing>(new Thing(1));
          auto* m = malloc(4);  //! allocate
          std::this_thread::sleep_for(1ms);  //! sleep
          thread.detach();  //! detach
          // TODO: later  //! unfinished
          int i = atoi("3");  //! number
          int j = std::stoi("3");  //! number
          std::regex r;  //! regex
          system("ls");  //! shell
          char* s = strcpy(a, b);  //! c-string
          try { g(); } catch (const E&) {}  //! swallowed
          const char* home = "/home/me/data";  //! machine-path
          const char* url = "https://example.com/home/page";
          const char* words = "new delete assert( std::cout sleep_for";
          int separators = 1'000'000; int renewed = 2;
        }
        struct NoCopy {
          NoCopy(const NoCopy&) = delete;
          void* operator new(size_t size);
          void operator delete(void* memory);
        };
        int x;  // NOLINT  //! silenced
    """,
    "src/net/waits.cpp": """
        Task run() {
          co_await post(Options{.url = url});  //! co-await
          auto got = co_await post({});  //! co-await
          co_await spawn([&] { return 1; });  //! co-await
          if (auto r = co_await read(socket); !r) {
            co_return fail(r.error());
          }
          while (co_await next()) {
            ++n;
          }
          Options options{.url = url};
          co_await post(std::move(options));
          for (int i = 0; i < co_await count(); ++i) { use(i); }
        }
    """,
    "src/app/main.cpp": """
        int main() { std::cout << "for people"; }
    """,
    "src/net/waits_test.cpp": """
        TEST(A, B) {
          usleep(10);  //! sleep
          GTEST_SKIP();  //! skipped
        }
        TEST(A, DISABLED_C) {}  //! skipped
    """,
    "src/net/header.h": """
        // A comment first.  //! guard
        #pragma once
        using namespace std;  //! using
        using namespace std::chrono_literals;
    """,
    "tests/e2e/package-lock.json": """
        {"packages": {"a": {
          "resolved": "https://somewhere/a.tgz",
          "integrity": "sha512-x"}}}
    """,
    "tests/e2e/run.sh": """
        cd /home/someone/sotto  #! machine-path
        curl https://registry.npmjs.org/x  #! registry
        cd "$HOME/work/"
    """,
    "docs/page.md": "[there](page.md)\n[gone](missing.md)\n[out](https://example.com/x)",
    "packaging/Dockerfile": "RUN true  # FIXME  #! unfinished",
}
# Violations whose line cannot carry a mark.
UNMARKED = {
    ("src/call/CMakeLists.txt", 1, "layer"),
    ("tests/e2e/package-lock.json", 2, "registry"),
    ("docs/page.md", 2, "link"),
}


def lines_of_function(name: str, count: int) -> str:
    return f"int {name}(int x) {{\n" + "  ++x;\n" * (count - 3) + "  return x;\n}\n"


def plant(root: pathlib.Path) -> set[tuple[str, int, str]]:
    expected = set(UNMARKED)
    for path, text in PLANTED.items():
        lines = text.strip("\n").rstrip().split("\n")
        indent = len(lines[0]) - len(lines[0].lstrip())
        for number, line in enumerate(lines, 1):
            mark = re.search(r"\s+(?://|#)! (\S+)$", line)
            if mark:
                expected.add((path, number, mark[1]))
                lines[number - 1] = line[: mark.start()]
        write(root, path, "\n".join(line[indent:] for line in lines) + "\n")
    write(root, "src/net/long.cpp", lines_of_function("fits", 70) + "\n" + long_functions())
    write(root, "src/net/large.h", "#pragma once\n" + "\n".join(f"extern int v{i};" for i in range(600)) + "\n")
    write(root, "src/net/large_test.cpp", "int v;\n" * 900)
    expected |= {("src/net/large.h", 600, "file-length"), ("src/net/long.cpp", 72, "function-length")}
    expected |= {("src/net/long.cpp", 145, "function-length"), ("src/net/long.cpp", 217, "function-length")}
    return expected


def long_functions() -> str:
    """71 lines each: a plain function, a constructor with braced initialisers, a method of a class in a namespace."""
    body = "  ++x;\n" * 69
    return (
        lines_of_function("too_long", 71)
        + "const int table[] = {\n" + "}\n".join([""]) + "};\n"
        + "Thing::Thing(int x) noexcept : a_{1}, b_(2) {\n" + body + "}\n"
        + "namespace n { class C {\n  auto method(int x) const -> int {\n" + body + "  }\n}; }\n"
    )


def write(root: pathlib.Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def selftest(root: pathlib.Path) -> list[str]:
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".clang-format", root)
    expected = plant(root)
    found, _ = check.check_tree(root)
    actual = {(v.path, v.line, v.rule) for v in found if v.rule != "format"}
    problems = [f"not found: {item}" for item in sorted(expected - actual)]
    problems += [f"found by mistake: {item}" for item in sorted(actual - expected)]
    never_planted = {rule.name for rule in patterns.RULES} - {rule for _, _, rule in expected}
    problems += [f"rule {rule} has no planted violation" for rule in sorted(never_planted)]
    formatted = {v.path for v in found if v.rule == "format"}
    problems += check_format_rule(root, formatted)
    return problems


def check_format_rule(root: pathlib.Path, first_run: set[str]) -> list[str]:
    """An ill-formatted file is reported each time, a remembered good one is not, and a changed one is again."""
    write(root, "build/exists", "")
    write(root, "src/net/neat.cpp", "int neat;\n")
    runs = []
    for text in ("int neat;\n", "int neat;\n", "int   neat;\n"):
        write(root, "src/net/neat.cpp", text)
        runs.append({v.path for v in check.check_tree(root)[0] if v.rule == "format"})
    untidy = "src/net/banned.cpp"
    problems = [] if untidy in first_run and all(untidy in run for run in runs) else [f"format: {untidy} not reported"]
    if ["src/net/neat.cpp" in run for run in runs] != [False, False, True]:
        problems.append("format: the remembered digest of a file hides or invents a violation")
    return problems


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        problems = selftest(pathlib.Path(folder))
    for problem in problems:
        print(problem)
    print(f"tidy self-test: {len(PLANTED)} planted files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
