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

  it("starts the bundle with the pinned Node", () => {
    expect(stages[0]).toMatch(/^RUN npm run build$/m);
    expect(last).toMatch(/^COPY --from=build \/app\/dist \.\/dist$/m);
    expect(last).toContain('ENTRYPOINT ["/usr/local/bin/node", "dist/main.js"]');
    expect(text).toContain("node_modules/node/bin/node");
    expect(JSON.parse(read("package.json")).devDependencies.node).toMatch(/^26\./);
  });

  it("builds on this Node and on bases with a full tag", () => {
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases[0]).toBe(`node:${read(".node-version").trim()}-bookworm-slim`);
    expect(bases[1]).toMatch(/^debian:bookworm-\d{8}-slim$/);
  });

  it("says what it is in labels", () => {
    for (const label of [
      "title",
      "description",
      "licenses",
      "source",
      "documentation",
      "version",
      "revision",
    ]) {
      expect(last).toContain(`org.opencontainers.image.${label}=`);
    }
    expect(last).toMatch(/^COPY package.json LICENSE NOTICE /m);
  });

  it("contains no packages besides the bundle, and runs in production mode as a user other than root", () => {
    expect(last).not.toContain("node_modules ");
    expect(last).toMatch(/^ENV .*NODE_ENV=production/m);
    expect(last).toMatch(/^USER 10001$/m);
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
      "!LICENSE",
      "!NOTICE",
      "!src",
      "!sandbox",
      "!scripts",
    ]);
  });
});
