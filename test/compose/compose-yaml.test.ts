import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, PROVISION, UPDATE_COMPOSE } from "../support/mutations.ts";

const SECRET = "sup3r-secret-canary";

const wrong = [
  ["a tab", `services:\n\tapp:\n    image: ${SECRET}\n`, "Line 2, column 1"],
  ["an open quote", `services:\n  app:\n    image: "${SECRET}\n`, "Line 4, column 1"],
  ["a nested mapping", `services:\n  app: image: ${SECRET}\n`, "Line 2, column 8"],
  ["a repeated key", `services:\n  app: {}\n  app: {x: ${SECRET}}\n`, "Line 3, column 3"],
  ["an alias of an unknown anchor", `services:\n  app: *${SECRET.replaceAll("-", "")}\n`, "Line 2, column 8"],
  [
    "an alias of an anchor that is defined later",
    `services:\n  app: *x\n  web: &x { image: ${SECRET} }\n`,
    "Line 2, column 8",
  ],
  ["bad indentation", `services:\n  app:\n    image: x\n   ${SECRET}: y\n`, "Line 4"],
  ["two documents", `services: {}\n---\n${SECRET}: {}\n`, "Line"],
  ["a list at the top level", `- ${SECRET}\n`, "services"],
  ["plain text", SECRET, "services"],
  ["no services key", `name: ${SECRET}\n`, "services"],
  ["a list of services", `services:\n  - ${SECRET}\n`, "services"],
  ["a services key without a value", "services:\n", "services"],
  ["50,000 open brackets", "[".repeat(50_000), "Line"],
] as const;

describe("a Docker Compose file", () => {
  it.each(wrong)(
    "with %s is rejected by every mutation with a message that quotes none of its text",
    async (_name, text, expected) => {
      await using gateway = await startGateway();
      const inputs = [
        [CONFIGURE, { dockerComposeFile: text }, "input.dockerComposeFile"],
        [UPDATE_COMPOSE, { dockerComposeFile: text }, "input.dockerComposeFile"],
        [PROVISION, { appCompose: { dockerComposeFile: text } }, "input.appCompose.dockerComposeFile"],
      ] as const;
      for (const [query, input, path] of inputs) {
        const { errors } = await gateway.ask(query, { input: { id: "web-phala", ...input } });
        expect(errors?.[0]?.extensions).toMatchObject({
          code: "BAD_USER_INPUT",
          fields: expect.arrayContaining([{ path, message: expect.stringContaining(expected) }]),
        });
        expect(JSON.stringify(errors)).not.toContain(SECRET);
      }
      expect(await gateway.calls()).toEqual([]);
    },
  );

  it.each([
    [
      "anchors and merges",
      "x-base: &b\n  image: nginx:1\nservices:\n  app:\n    <<: *b\n    restart: always\n",
    ],
    ["services by alias", "x: &s\n  app: { image: nginx:1 }\nservices: *s\n"],
    ["the tags of Docker Compose", "services:\n  app:\n    image: nginx:1\n    ports: !reset []\n"],
    ["JSON", '{"services": {"app": {"image": "nginx:1"}}}'],
    ["Windows line endings", "services:\r\n  app:\r\n    image: nginx:1\r\n"],
    ["an empty map of services", "services: {}\n"],
  ])("with %s is sent unchanged", async (_name, text) => {
    await using gateway = await startGateway();
    const { data, errors } = await gateway.ask(UPDATE_COMPOSE, {
      input: { id: "web-phala", dockerComposeFile: text },
    });
    expect(errors).toBeUndefined();
    expect(data.updateDockerCompose.status).toBe("IN_PROGRESS");
    const writes = (await gateway.calls()).filter(({ method }) => method !== "GET");
    expect(writes).toHaveLength(1);
    expect(writes[0]?.body).toEqual(text.startsWith("{") ? JSON.parse(text) : text);
  });

  it("with aliases that expand to billions of nodes is handled within 2 seconds", async () => {
    await using gateway = await startGateway();
    const levels = Array.from({ length: 30 }, (_, level) => {
      const inner = level === 0 ? "x" : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array.from({ length: 9 }, () => inner).join(", ")}]`;
    });
    const started = performance.now();
    await gateway.ask(UPDATE_COMPOSE, {
      input: { id: "web-phala", dockerComposeFile: `${levels.join("\n")}\nservices: { app: *l29 }\n` },
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
