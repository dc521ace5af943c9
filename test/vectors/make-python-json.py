"""Writes python-json.json: values and the text that Python's own json.dumps makes of them.

Run with any Python 3 from this folder: python3 make-python-json.py
"""

import hashlib
import json
import random

SEED = 20260522
CASES = 300

# Every place where two languages could differ: each control character, DEL, the two line separators,
# the ends of the BMP around the surrogates, characters beyond it, and JSON's own punctuation.
ALPHABET = (
    [chr(point) for point in range(0x20)]
    + list('abzABZ019_-.:,{}[]<>&/\\"\' $')
    + [chr(point) for point in (0x7F, 0x80, 0xE9, 0x105, 0x2028, 0x2029, 0xD7FF, 0xE000, 0xFEFF, 0xFF01, 0xFFFD)]
    + [chr(point) for point in (0x10000, 0x1F600, 0x1F680, 0x10FFFF)]
)

EDGES = [
    {},
    [],
    "",
    None,
    True,
    False,
    0,
    -1,
    2**53 - 1,
    -(2**53) + 1,
    0.1,
    -2.5,
    1e-4,
    9.999e-5,
    1e-5,
    1.5e-7,
    -1e-10,
    5e-324,
    123456.789,
    [[], {}, [{}], {"a": []}],
    {"\uff01": 1, "\U0001f600": 2, "\ue000": 3, "a": 4, "": 5, "A": 6, "\u00e9": 7},
    {"10": 1, "9": 2, "1": 3, "01": 4},
    {"__proto__": {"b": 1, "a": 2}, "constructor": 1},
    {"a": '": ', "b": '{"x": "y", "z": [1, 2]}'},
]


def make_text(rng):
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randrange(9)))


def make_value(rng, depth):
    kind = rng.randrange(9 if depth < 4 else 6)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return rng.randrange(-(2**53) + 1, 2**53)
    if kind == 2:
        return rng.randrange(-100, 100)
    if kind == 3:
        # A fraction of one half keeps every one of these from being a whole number, which JavaScript
        # could not tell from an integer.
        return (rng.randrange(-(2**20), 2**20) + 0.5) * 10.0 ** -rng.randrange(0, 14)
    if kind in (4, 5):
        return make_text(rng)
    if kind == 6:
        return [make_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {make_text(rng): make_value(rng, depth + 1) for _ in range(rng.randrange(6))}


def is_whole_float(value):
    if isinstance(value, float):
        return value.is_integer()
    if isinstance(value, dict):
        return any(is_whole_float(member) for member in value.values())
    return isinstance(value, list) and any(is_whole_float(item) for item in value)


def main():
    rng = random.Random(SEED)
    values = list(EDGES)
    while len(values) < CASES:
        value = {make_text(rng): make_value(rng, 1) for _ in range(1 + rng.randrange(6))}
        if not is_whole_float(value):
            values.append(value)
    cases = []
    for value in values:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=4, separators=(",", ":"))
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        cases.append({"value": value, "text": text, "sha256": digest})
    with open("python-json.json", "w", encoding="ascii") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
