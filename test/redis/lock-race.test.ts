import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startMain } from "../support/process.ts";
import { createRandom } from "../support/random.ts";
import { startCluster } from "../support/redis/cluster.ts";
import { CVM, startScripted } from "../support/upstream/scripted.ts";

const CVMS = 10;
const ROUNDS = 1_000;

const WRITE = `mutation ($input: ConfigureCvmInput!) {
  configureCvm(input: $input) { ... on InProgress { correlationId } }
}`;

/**
 * A REST API without a lock of its own. It reads a CVM before it answers, and applies a write a moment after the
 * request: only the gateways keep two writes apart.
 */
async function startUpstream() {
  const random = createRandom(1);
  const vcpus = new Map<string, number>();
  const writes: string[] = [];
  const delay = () => sleep(1 + random.below(5));
  const upstream = await startScripted(async ({ method, path, body }) => {
    const id = path.split("/")[2] ?? "";
    if (method === "GET") {
      const vcpu = vcpus.get(id) ?? 1;
      await delay();
      return { body: { ...CVM, id, resource: { ...CVM.resource, vcpu } } };
    }
    writes.push(id);
    await delay();
    vcpus.set(id, JSON.parse(body).vcpu);
    return { status: 202, body: { correlation_id: `c-${writes.length}`, status: "in_progress" } };
  });
  return { ...upstream, writes };
}

type Gateway = Awaited<ReturnType<typeof startMain>>;

/** Let two gateways write to one CVM with the same expectedVersion. @returns the winners and the next version */
async function race(gateways: readonly Gateway[], id: string, expectedVersion: string, vcpus: number[]) {
  const answers = await Promise.all(
    gateways.map(async (gateway, index) => {
      const input = { id, expectedVersion, vcpu: vcpus[index] };
      return (await gateway.post(WRITE, {}, { input })).json();
    }),
  );
  const codes: string[] = answers.map(({ errors }) => errors?.[0]?.extensions.code ?? "won");
  const conflict = answers.find(({ errors }) => errors?.[0]?.extensions.code === "VERSION_CONFLICT");
  return { codes, version: conflict?.errors[0].extensions.currentVersion };
}

/** Race rounds on several CVMs at the same time. @returns how often each pair of outcomes occurred */
async function raceRounds(gateways: readonly [Gateway, Gateway], rounds: number) {
  const counts: Record<string, number> = {};
  const readVersion = async (id: string): Promise<string> => {
    const response = await gateways[0].post(`{ cvm(id: "${id}") { configVersion } }`);
    return (await response.json()).data.cvm.configVersion;
  };
  const ids = Array.from({ length: CVMS }, (_, index) => `cvm_race${index}`);
  await Promise.all(
    ids.map(async (id) => {
      let version = await readVersion(id);
      for (let round = 0; round < rounds / CVMS; round += 1) {
        const ended = await race(gateways, id, version, [2 * round + 2, 2 * round + 3]);
        const outcome = ended.codes.toSorted().join(" ");
        counts[outcome] = (counts[outcome] ?? 0) + 1;
        version = ended.version ?? (await readVersion(id));
      }
    }),
  );
  return counts;
}

const startPair = (environment: Readonly<Record<string, string>>) =>
  Promise.all([startMain(environment), startMain(environment)]);

describe("two gateways that race one expectedVersion", { tags: ["redis-server"], timeout: 90_000 }, () => {
  it(`never both win, in ${ROUNDS} rounds on a cluster`, async () => {
    await using cluster = await startCluster();
    await using upstream = await startUpstream();
    const settings = { UPSTREAM_URL: upstream.url, REDIS_URL: cluster.url, LOG_LEVEL: "warn" };
    const [one, two] = await startPair(settings);
    await using _one = one;
    await using _two = two;
    expect(await raceRounds([one, two], ROUNDS)).toEqual({ "VERSION_CONFLICT won": ROUNDS });
    expect(upstream.writes).toHaveLength(ROUNDS);
    expect(one.output() + two.output()).not.toContain("Redis");
  });

  it("both win at times without Redis, so the race is a real one", async () => {
    await using upstream = await startUpstream();
    const [one, two] = await startPair({ UPSTREAM_URL: upstream.url, LOG_LEVEL: "warn" });
    await using _one = one;
    await using _two = two;
    const counts = await raceRounds([one, two], 50);
    expect(counts["won won"]).toBeGreaterThan(0);
  });
});
