import { describe, expect, it } from "vitest";
import { parseEnvFile } from "../../examples/console/src/environment/env-file.ts";

describe("an .env file that is pasted into the console", () => {
  it.each([
    ["A=1 # a comment", "1"],
    ["export A=1", "1"],
    ["A = a b \r", "a b"],
    ["A=", ""],
    ["A= # a comment", ""],
    ["A=pass#word", "pass#word"],
    ["A=#word", "#word"],
    ['A=a"b"c', 'a"b"c'],
    ["A='a # b' # a comment", "a # b"],
    ['A="a # b"', "a # b"],
    ['A="a\\n\\"b\\" \\\\ \\x"', 'a\n"b" \\ \\x'],
    ["A='a\\n'", "a\\n"],
    ['A="-----BEGIN KEY-----\nabc=\n-----END KEY-----\n"', "-----BEGIN KEY-----\nabc=\n-----END KEY-----\n"],
  ])("has one value: %j", (text, value) => {
    const file = parseEnvFile(`# before\n\n${text}\nB=2\n`);
    expect(file).toEqual({
      variables: [
        { key: "A", value },
        { key: "B", value: "2" },
      ],
      unreadLines: [],
    });
  });

  it("names the lines that it cannot read, and leaves nothing else out", () => {
    const file = parseEnvFile("A=\"1\n2\"\nnot a variable\nB=\"open\nC=3\n1D=4\nE='it''s'");
    expect(file.variables).toEqual([
      { key: "A", value: "1\n2" },
      { key: "C", value: "3" },
    ]);
    expect(file.unreadLines).toEqual([3, 4, 6, 7]);
  });
});
