import { z } from "zod";
import type { Random } from "../support/random.ts";
import type { Answer, Requests } from "./request.ts";
import {
  countEvent,
  type LoadedCvm,
  type LoadedCvms,
  type Received,
  type WriteAnswer,
  type WriteRecord,
} from "./types.ts";

const MUTATION = `mutation ($input: ConfigureCvmInput!) {
  configureCvm(input: $input) { ... on InProgress { status correlationId } }
}`;

const acceptedSchema = z.object({
  configureCvm: z.object({ status: z.string(), correlationId: z.string().nullable() }),
});

/** Classify the answer to a write. A 5xx that is passed on promises nothing. */
function classifyAnswer(answer: Answer): WriteAnswer {
  const [error] = answer.errors ?? [];
  if (error === undefined) return { kind: "accepted", ...acceptedSchema.parse(answer.data).configureCvm };
  const { code, retryable, upstream } = error.extensions;
  // A 5xx that is not retryable answered the write. A read before the write that failed with a 5xx is retryable.
  const failed = (upstream?.status ?? 0) >= 500 && retryable === false;
  const open = code === "OUTCOME_UNKNOWN" || code === "UPSTREAM_MALFORMED" || failed;
  return { kind: open ? "unknown" : "refused", code };
}

/** Create a function that makes one change of a random CVM, with repeats if it has an idempotency key. */
export function createWriteClient(
  requests: Requests,
  received: Received,
  cvms: LoadedCvms,
  random: Random,
): (client: number) => Promise<void> {
  const timeouts = new Map<LoadedCvm, number>();

  /** Choose a change: a new host name, or a shutdown timeout, which changes nothing. */
  function chooseChange(cvm: LoadedCvm) {
    const timeout = (timeouts.get(cvm) ?? 9) + 1;
    // The sandbox accepts timeouts of 10 to 1,200 s and stores none, so such a write changes nothing.
    if (random.chance(0.9) || timeout > 1_200) {
      const userConfig = JSON.stringify({ hostname: `host-${received.writes.length}` });
      return { changes: true, settings: { userConfig }, body: { user_config: userConfig } };
    }
    timeouts.set(cvm, timeout);
    const settings = { shutdownTimeoutSeconds: timeout };
    return { changes: false, settings, body: { shutdown_timeout: timeout } };
  }

  async function send(client: number, record: WriteRecord, input: unknown): Promise<void> {
    const startedAt = performance.now();
    countEvent(received, "write requests");
    try {
      const operation = { client, key: record.cvm.key, query: MUTATION, variables: { input } };
      record.answers.push(classifyAnswer(await requests.ask(operation)));
    } catch (error) {
      record.answers.push({ kind: "unanswered", startedAt, reason: String(error) });
    }
  }

  return async (client) => {
    const cvm = random.pick(cvms);
    const { changes, settings, body } = chooseChange(cvm);
    const keyed = random.chance(0.6);
    const marker = `${cvm.id} ${JSON.stringify(body)}`;
    const record: WriteRecord = { marker, cvm, changes, keyed, answers: [] };
    received.writes.push(record);
    const input = {
      id: cvm.id,
      ...settings,
      ...(keyed ? { idempotencyKey: marker } : {}),
      ...(random.chance(0.2) ? { waitIfBusySeconds: 2 } : {}),
    };
    const parallel = keyed ? random.below(3) : 0;
    const later = keyed ? random.below(3) : 0;
    await Promise.all(
      Array.from({ length: 1 + parallel }, (_, index) => send(client + index, record, input)),
    );
    for (let index = 1; index <= later; index += 1) await send(client + index, record, input);
  };
}
