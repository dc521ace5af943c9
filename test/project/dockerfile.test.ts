import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

const text = read("Dockerfile");
const stages = text.split(/^(?=FROM )/m).filter((stage) => stage.startsWith("FROM"));
const last = stages.at(-1) ?? "";

describe("the container image", () => {
  it("is built in several stages on a small base without npm", () => {
    expect(stages.length).toBeGreaterThan(1);
    expect(last).toMatch(/^FROM \S*(distroless|slim)/);
    expect(last).not.toMatch(/\bnpm\b/);
  });

  it("runs the pinned Node on the entry point that npm start runs", () => {
    const start = /^exec node (\S+)$/.exec(JSON.parse(read("package.json")).scripts.start)?.[1];
    expect(start).toBe("src/main.ts");
    expect(last).toContain(`ENTRYPOINT ["/usr/local/bin/node", "${start}"]`);
    expect(text).toContain("node_modules/node/bin/node");
    expect(JSON.parse(read("package.json")).devDependencies.node).toMatch(/^26\./);
  });

  it("holds no development dependency, runs in production and not as root", () => {
    expect(stages[0]).toMatch(/npm ci[\s\S]*npm prune --omit=dev/);
    expect(last).toMatch(/^ENV .*NODE_ENV=production/m);
    expect(last).toMatch(/^USER gateway$/m);
    expect(last.indexOf("USER")).toBeLessThan(last.indexOf("ENTRYPOINT"));
  });

  it("checks its own health", () => {
    expect(last).toMatch(/^HEALTHCHECK [\s\S]*\/health/m);
  });

  it("takes nothing into the build that it does not need", () => {
    expect(read(".dockerignore").trim().split("\n")).toEqual([
      "*",
      "!package.json",
      "!package-lock.json",
      "!src",
      "!sandbox",
    ]);
  });
});
