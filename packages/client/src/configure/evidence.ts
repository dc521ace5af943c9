import { type ReadEvidenceData, ReadEvidenceDocument } from "../generated/internal-documents.ts";
import type { ConfigureCvmInput } from "../generated/types.ts";
import { createMissingCvmError } from "../live/follow.ts";
import { persist } from "./persist.ts";
import type { Run } from "./run.ts";
import type { Baseline, ConfigureState } from "./state.ts";

/** What the CVM shows after a write whose answer was lost. */
export type Evidence = NonNullable<ReadEvidenceData["cvm"]>;

/** An operation that began after the baseline. */
export type NewOperation = {
  readonly correlationId: string;
  readonly status: "COMPLETED" | "FAILED" | "IN_PROGRESS" | "UNKNOWN";
};

/** Types of operations that no change of the configuration starts. */
const LIFECYCLE = /^(?:start|stop|shutdown|restart|delete|create)/i;

/** Read the evidence. */
export async function readEvidence(
  { sender, signal, maxOfflineMs }: Run,
  { cvmId, input, registration }: ConfigureState,
): Promise<Evidence> {
  const withCompose = registration !== undefined || changesCompose(input);
  return persist(signal, maxOfflineMs, async () => {
    const variables = { id: cvmId, withCompose };
    const { data, error } = await sender.queryPartly(ReadEvidenceDocument, variables, { signal });
    if (data.cvm === null) throw error ?? createMissingCvmError();
    return data.cvm;
  });
}

function changesCompose(input: ConfigureCvmInput): boolean {
  const { dockerComposeFile, preLaunchScript, allowedEnvs, env } = input;
  return [dockerComposeFile, preLaunchScript, allowedEnvs, env].some(
    (value) => value !== null && value !== undefined,
  );
}

/** List the operations that began after the baseline and can belong to a change, newest first. */
export function listNewOperations({ operationIds }: Baseline, evidence: Evidence): NewOperation[] {
  if (operationIds === null) return [];
  const { operations, progress } = evidence;
  const rows = operations?.nodes ?? [];
  const isNew = (id: string) => !operationIds.includes(id);
  const listed = rows.filter(({ correlationId, type }) => isNew(correlationId) && !LIFECYCLE.test(type));
  const running = progress?.correlationId ?? null;
  const isListed = rows.some(({ correlationId }) => correlationId === running);
  if (running === null || isListed || !isNew(running)) return listed;
  return [{ correlationId: running, status: "IN_PROGRESS" }, ...listed];
}

/**
 * Whether the CVM has the settings of an input: `yes`, `no`, or `unknown` where reading cannot tell, as for the values
 * of an environment, or where only a text differs, which the REST API may have stored in another form.
 */
export function compareSettings(input: ConfigureCvmInput, evidence: Evidence): "yes" | "no" | "unknown" {
  const { resources, visibility, compose, os } = evidence;
  const exact: (readonly [unknown, unknown])[] = [
    [input.vcpu, resources.vcpu],
    [input.memoryMb, resources.memoryMb],
    [input.diskSizeGb, resources.diskSizeGb],
    [input.instanceType, resources.instanceType],
    [input.publicLogs, visibility.publicLogs],
    [input.publicSysinfo, visibility.publicSysinfo],
    [input.publicTcbinfo, visibility.publicTcbinfo],
  ];
  const given = exact.filter(([wanted]) => wanted !== null && wanted !== undefined);
  if (given.some(([wanted, present]) => wanted !== present)) return "no";

  const names = input.env?.encrypted?.keys ?? input.allowedEnvs ?? null;
  const texts: (readonly [string | null | undefined, string | null | undefined])[] = [
    [input.dockerComposeFile, compose?.dockerComposeFile],
    [input.preLaunchScript, compose === null ? undefined : (compose?.preLaunchScript ?? "")],
    [input.image, os?.name],
    [names === null ? null : sortNames(names), compose ? sortNames(compose.allowedEnvs) : undefined],
  ];
  const givenTexts = texts.filter(([wanted]) => wanted !== null && wanted !== undefined);
  const differs = givenTexts.some(([wanted, present]) => normalize(wanted) !== normalize(present));
  const hasUnreadable = Boolean(input.env) || Boolean(input.userConfig);
  if (differs || hasUnreadable) return "unknown";
  return given.length + givenTexts.length > 0 ? "yes" : "unknown";
}

function sortNames(names: readonly string[]): string {
  return [...names].sort().join(",");
}

function normalize(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : text.replaceAll("\r\n", "\n").trimEnd();
}
