#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Records docs/animation.svg: examples/fireworks, edited, saved and rebuilt while it runs.

    docs/record_animation.py            records; about a minute
    docs/record_animation.py --check    prints the source as edited; fails if an edit no longer applies, or if
                                        the animation shows another one

Nothing is staged but the typing: the program runs in a terminal, the target dymod_watch builds what is saved, and
each is shown at the time at which it said something. Needs Debian's cmake, g++, ninja-build and python3-pyte, and
/usr/bin/python3, which is the one that has it.

An SVG that CSS moves: it plays wherever a README shows pictures, its text is sharp, and it stands still for those who
want no motion. Tried: a GIF of such a recording. At 10 frames a second and with 48 colours, which are too few, it had
600 kB; this has 12 frames a second and 343 colours.
"""

import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from xml.etree import ElementTree
from xml.sax.saxutils import escape

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples/fireworks"
SOURCE = "fireworks.cpp"
ANIMATION = ROOT / "docs/animation.svg"

# Lines of the source, and what is typed over what in each.
EDITS = [
    ("colour paint(float hue) { return gold(hue); }", [("gold", "rainbow")]),
    ("float reach(float /*turn*/) { return 1; }",
     [("/*turn*/", "turn"), ("1", "0.9F + 0.4F * std::cos(5 * turn)")]),
    ("const float gravity = 8;", [("8", "-8")]),
]
OPENING = 0.9  # seconds, until the first rocket bursts: not shown
BEGINNING, KEY, BEFORE_SAVE, ENJOYING, END = 1.1, 0.035, 0.2, 1.7, 0.6  # seconds

COLUMNS, ROWS = 72, 20  # of the picture; one more row has words
PIXEL = 9
CELL_WIDTH, LINE = PIXEL, 20  # of text
FRAME = 0.08  # seconds
# What is not as usual in the picture is drawn in these, so that neighbours have one colour and are drawn as one.
LEVELS = [0, 17, 51, 85, 136, 187, 255]
UNSEEN = 24  # of 255: a difference that nobody misses
LIMIT = 500_000  # bytes

BORDER, BAR, GROUND, EDITED = "#6e7681", "#21262d", "#0d1117", "#1f2f46"
TEXT, DIM, GOOD, DIRTY, CURSOR = "#e6edf3", "#9198a1", "#56d364", "#e3b341", "#79c0ff"
TOKENS = [(r"/\*.*?\*/", "#9198a1"), (r"\b(?:const|float|return|colour)\b", "#ff7b72"),
          (r"\b\d[\d.]*F?\b", "#79c0ff"), (r"\b\w+(?=\()", "#d2a8ff")]


def edited(line, changes):
    """The line after its changes, each of which has one place."""
    for old, new in changes:
        if line.count(old) != 1:
            raise SystemExit(f"'{line}' has '{old}' {line.count(old)} times")
        line = line.replace(old, new)
    return line


def edited_source(source, count):
    lines = source.splitlines()
    for line, changes in EDITS[:count]:
        if lines.count(line) != 1:
            raise SystemExit(f"{EXAMPLE / SOURCE} has the line '{line}' {lines.count(line)} times")
        lines[lines.index(line)] = edited(line, changes)
    return "\n".join(lines) + "\n"


class Editor:
    """What is on the screen below the program, and since when."""

    def __init__(self, source):
        lines = source.splitlines()
        places = [lines.index(line) for line, _ in EDITS]
        self.first = min(places) + 1
        self.lines = lines[min(places):max(places) + 1]
        self.cursor = None
        self.state = ""
        self.words = ""
        self.history = []
        self.remember()

    def remember(self):
        self.history.append((time.monotonic(), list(self.lines), self.cursor, self.state, self.words))

    def type_over(self, line, changes):
        row = self.lines.index(line)
        for old, new in changes:
            start = self.lines[row].index(old)
            end = start + len(old)
            self.cursor = (row, end)
            self.remember()
            time.sleep(0.2)
            self.state = "modified"
            for end in range(end - 1, start - 1, -1):
                self.put(row, self.lines[row][:end] + self.lines[row][end + 1:], end)
            for key in new:
                self.put(row, self.lines[row][:end] + key + self.lines[row][end:], end + 1)
                end += 1

    def put(self, row, text, column):
        self.lines[row] = text
        self.cursor = (row, column)
        self.remember()
        time.sleep(KEY)


def record(work):
    """What the program wrote, the editor, and from when to when both are shown."""
    source = (EXAMPLE / SOURCE).read_text()
    subprocess.run(["cp", "-r", EXAMPLE, work / "source"], check=True)
    subprocess.run(["cmake", "-S", "source", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                    f"-DDYMOD_SOURCE={ROOT}"], cwd=work, check=True)
    subprocess.run(["cmake", "--build", "build"], cwd=work, check=True)

    watch = subprocess.Popen(["cmake", "--build", "build", "--target", "dymod_watch"], cwd=work, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    for line in watch.stdout:
        if "nothing to build" in line:
            break
    editor = Editor(source)

    def listen():
        for line in watch.stdout:
            if line.startswith("dymod_watch:"):
                editor.words = line.rstrip()
                editor.state = ""
                editor.remember()
    threading.Thread(target=listen, daemon=True).start()

    terminal, end_of_program = pty.openpty()
    program = subprocess.Popen([work / "build/meadow"], stdout=end_of_program, start_new_session=True)
    os.close(end_of_program)
    written = []

    def read():
        try:
            while data := os.read(terminal, 1 << 16):
                written.append((time.monotonic(), data))
        except OSError:  # Linux: the program has ended
            pass
    reader = threading.Thread(target=read)
    reader.start()

    def wait_for(words):
        deadline = time.monotonic() + 60
        while words not in b"".join(data for _, data in written[-50:]):
            if time.monotonic() > deadline:
                raise SystemExit(f"the program never wrote {words}")
            time.sleep(0.01)

    try:
        wait_for(b"generation 1")
        time.sleep(OPENING)
        begin = time.monotonic()
        time.sleep(BEGINNING)
        for count, (line, changes) in enumerate(EDITS, start=1):
            editor.type_over(line, changes)
            time.sleep(BEFORE_SAVE)
            (work / "source" / SOURCE).write_text(edited_source(source, count))
            editor.state = "saved"
            editor.remember()
            wait_for(f"generation {count + 1}".encode())
            time.sleep(ENJOYING)
        time.sleep(END)
        end = time.monotonic()
    finally:
        program.send_signal(signal.SIGINT)
        os.killpg(watch.pid, signal.SIGINT)
        program.wait()
        watch.wait()
        reader.join()
    return written, editor, begin, end


class Drawing:
    """What is seen from one time to another, as SVG."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.rules, self.parts = [], []

    def always(self, part):
        self.parts.append(part)

    def seen(self, start, end, part):
        if not part or start >= end:
            return
        if start <= 0 and end >= self.seconds:
            return self.always(part)
        name = f"k{len(self.rules)}"
        # The end of one is the start of the next to the last digit: there is never none, and never both.
        moments = [(0, start <= 0), (start, True), (min(end, self.seconds), False)]
        steps = {f"{100 * at / self.seconds:.3f}".rstrip("0").rstrip("."): visible for at, visible in moments}
        self.rules.append(f"@keyframes {name}{{" + "".join(
            f"{at}%{{visibility:{'visible' if visible else 'hidden'}}}" for at, visible in steps.items()) + "}")
        still = " z" if end >= self.seconds else ""
        self.parts.append(f'<g class="a{still}" style="animation-name:{name}">{part}</g>')

    def track(self, states, draw):
        """Of (time, what is to be drawn): each until the next other one."""
        changes = [state for before, state in zip([(0, None)] + states, states) if state[1] != before[1]]
        for (start, what), (end, _) in zip(changes, changes[1:] + [(self.seconds, None)]):
            self.seen(start, end, draw(what))

    def text(self, width, height):
        style = (f".a{{visibility:hidden;animation:{self.seconds:.2f}s step-end infinite}}"
                 "text{font:15px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
                 f"white-space:pre;fill:{TEXT}}}.b{{font-weight:600;font-size:13px;fill:{DIM}}}"
                 f"path{{fill:none}}{''.join(self.rules)}"
                 "@media(prefers-reduced-motion:reduce){.a{animation:none}.z{visibility:visible}}")
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
                f'height="{height}"><title>Fireworks in a terminal. Their colours, their shape and gravity are edited '
                f'in the source, and change when it is saved, while they burn.</title><style>{style}</style>'
                + "\n".join(self.parts) + "</svg>\n")


def words(x, y, text, kind=""):
    """A cell to each letter, whatever the font's own advance."""
    if not text:
        return ""
    width = len(text) * (8 if kind else CELL_WIDTH)
    return f'<text{kind} x="{x}" y="{y}" textLength="{width}" lengthAdjust="spacingAndGlyphs">{text_of(text)}</text>'


def text_of(line):
    """Coloured, if it is source."""
    colours = [""] * len(line)
    if ";" in line:
        for pattern, colour in reversed(TOKENS):
            for found in re.finditer(pattern, line):
                colours[found.start():found.end()] = [colour] * (found.end() - found.start())
    text, start = "", 0
    for end in range(1, len(line) + 1):
        if end == len(line) or colours[end] != colours[start]:
            part = escape(line[start:end])
            text += f'<tspan fill="{colours[start]}">{part}</tspan>' if colours[start] else part
            start = end
    return text


def pixels(screen):
    """Two to a cell, as (red, green, blue)."""
    rows = []
    for row in range(ROWS):
        cells = [screen.buffer[row][column] for column in range(COLUMNS)]
        if any(cell.data != "\u2580" for cell in cells):
            raise SystemExit(f"row {row} is not a row of the picture")
        rows += [[tuple(bytes.fromhex(cell.fg)) for cell in cells], [tuple(bytes.fromhex(cell.bg)) for cell in cells]]
    return rows


def paths(picture, usual=None):
    """The picture as lines of one colour each; where it is as usual, nothing."""
    lines = defaultdict(list)
    for y, row in enumerate(picture):
        colours = []
        for x, colour in enumerate(row):
            if usual is None:
                colours.append("#" + bytes(colour).hex())
            elif all(abs(one - other) <= UNSEEN for one, other in zip(colour, usual[y][x])):
                colours.append(None)
            else:
                levels = [min(LEVELS, key=lambda level: abs(level - part)) for part in colour]
                colours.append("#" + "".join(f"{level // 17:x}" for level in levels))
        start = 0
        for x in range(1, len(row) + 1):
            if x == len(row) or colours[x] != colours[start]:
                lines[colours[start]].append((start, y, x - start))
                start = x
    lines.pop(None, None)
    text = ""
    for colour, runs in lines.items():
        text += f'<path stroke="{colour}" d="'
        at_x = at_y = 0
        for x, y, length in runs:
            text += f"m{x - at_x} {y - at_y}h{length}".replace(" -", "-")
            at_x, at_y = x + length, y
        text += '"/>'
    return text


def draw(written, editor, begin, end):
    import pyte
    screen = pyte.Screen(COLUMNS, ROWS + 1)
    stream = pyte.ByteStream(screen)
    frames = []
    for number in range(int((end - begin) / FRAME)):
        # A frame that the program has not finished is not shown.
        data = b"".join(each for at, each in written if begin + number * FRAME - 1 < at <= begin + number * FRAME)
        last = data.rfind(b"\x1b[K")
        stream.feed(data[data.rfind(b"\x1b[H", 0, last):last])
        frames.append((number * FRAME, pixels(screen), screen.display[ROWS].rstrip()))
    usual = [[Counter(picture[y][x] for _, picture, _ in frames).most_common(1)[0][0] for x in range(COLUMNS)]
             for y in range(2 * ROWS)]

    drawing = Drawing(len(frames) * FRAME)
    rows = len(editor.lines)
    picture_top = 25
    words_top = picture_top + 2 * ROWS * PIXEL
    editor_top = words_top + 26
    last_bar = editor_top + 24 + 9 + rows * LINE + 9
    width, height = COLUMNS * PIXEL + 2, last_bar + 25

    def bar(y):
        return f'<path stroke="{BAR}" stroke-width="24" d="M1 {y + 12}h{width - 2}"/>'
    box = f'x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6"'
    drawing.always(f'<clipPath id="c"><rect {box}/></clipPath><rect {box} fill="{GROUND}"/><g clip-path="url(#c)">'
                   + bar(1) + bar(editor_top) + bar(last_bar) + "</g>" + words(10, 18, "build/meadow", ' class="b"')
                   + words(10, editor_top + 17, SOURCE, ' class="b"'))
    drawing.always(f'<g transform="translate(1 {picture_top + PIXEL / 2})scale({PIXEL})" shape-rendering="crispEdges">'
                   + paths(usual))
    drawing.track([(at, paths(picture, usual)) for at, picture, _ in frames], lambda text: text)
    drawing.always("</g>")
    drawing.track([(at, said) for at, _, said in frames], lambda said: words(10, words_top + 18, said))

    history = [(max(at - begin, 0), *rest) for at, *rest in editor.history]
    for row in range(rows):
        y = editor_top + 33 + row * LINE
        drawing.track([(at, cursor is not None and cursor[0] == row) for at, _, cursor, _, _ in history],
                      lambda here: here and f'<path stroke="{EDITED}" stroke-width="{LINE}" '
                                            f'd="M1 {y + LINE // 2}h{width - 2}"/>')
        drawing.track([(at, lines[row]) for at, lines, _, _, _ in history], lambda line: words(10, y + 15, line))
        drawing.track([(at, cursor[1] if cursor and cursor[0] == row else None) for at, _, cursor, _, _ in history],
                      lambda column: column is not None and
                      f'<path stroke="{CURSOR}" stroke-width="2" d="M{10 + column * CELL_WIDTH} {y + 2}v16"/>')
    drawing.track([(at, state) for at, _, _, state, _ in history],
                  lambda state: words(width - 10 - 8 * len(state), editor_top + 17, state,
                                      f' class="b" style="fill:{DIRTY if state == "modified" else GOOD}"'))
    drawing.track([(at, said or "dymod_watch: looks for changes") for at, _, _, _, said in history],
                  lambda said: words(10, last_bar + 17, said, ' class="b"'))
    drawing.always(f'<rect {box} fill="none" stroke="{BORDER}"/>')
    return drawing.text(width, height), len(frames)


def check():
    source = (EXAMPLE / SOURCE).read_text()
    sys.stdout.write(edited_source(source, len(EDITS)))
    size = ANIMATION.stat().st_size
    if size > LIMIT:
        raise SystemExit(f"{ANIMATION} has {size} bytes, more than {LIMIT}")
    shown = {"".join(each.itertext()) for each in ElementTree.parse(ANIMATION).iter("{http://www.w3.org/2000/svg}text")}
    for line, changes in EDITS:
        for expected in (line, edited(line, changes)):
            if expected not in shown:
                raise SystemExit(f"{ANIMATION} does not show the line '{expected}'; record it again")


def main():
    if sys.argv[1:] == ["--check"]:
        return check()
    with tempfile.TemporaryDirectory(prefix="dymod-animation-") as name:
        text, frames = draw(*record(pathlib.Path(name)))
    ANIMATION.write_text(text)
    size = ANIMATION.stat().st_size
    print(f"{ANIMATION}: {frames} frames, {size} bytes")
    if size > LIMIT:
        raise SystemExit(f"more than {LIMIT} bytes")


if __name__ == "__main__":
    main()
