import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

const text = read("Dockerfile");
const stages = text.split(/^(?=FROM )/m).filter((stage) => stage.startsWith("FROM"));
const last = stages.at(-1) ?? "";

describe("the container image", () => {
  it("is built in stages and ends in a small base image without npm", () => {
    expect(stages.length).toBeGreaterThan(1);
    expect(last).toMatch(/^FROM \S*(distroless|slim)/);
    expect(last).not.toMatch(/\bnpm\b/);
  });

  it("starts the pinned Node with the entry point of npm start", () => {
    const start = /^exec node (\S+)$/.exec(JSON.parse(read("package.json")).scripts.start)?.[1];
    expect(start).toBe("src/main.ts");
    expect(last).toContain(`ENTRYPOINT ["/usr/local/bin/node", "${start}"]`);
    expect(text).toContain("node_modules/node/bin/node");
    expect(JSON.parse(read("package.json")).devDependencies.node).toMatch(/^26\./);
  });

  it("contains no development dependency, and runs in production mode as a user other than root", () => {
    expect(stages[0]).toMatch(/npm ci[\s\S]*npm prune --omit=dev/);
    expect(last).toMatch(/^ENV .*NODE_ENV=production/m);
    expect(last).toMatch(/^USER gateway$/m);
    expect(last.indexOf("USER")).toBeLessThan(last.indexOf("ENTRYPOINT"));
  });

  it("has a health check", () => {
    expect(last).toMatch(/^HEALTHCHECK [\s\S]*\/health/m);
  });

  it("excludes files that the build does not need", () => {
    expect(read(".dockerignore").trim().split("\n")).toEqual([
      "*",
      "!package.json",
      "!package-lock.json",
      "!src",
      "!sandbox",
    ]);
  });
});
