import { assertNotAborted } from "../abort.ts";
import type { Transaction } from "../error-types.ts";
import { CvmGatewayError } from "../gateway-error.ts";
import { ReadHashAllowedDocument } from "../generated/internal-documents.ts";
import { readBaseline, toBaseline } from "./prepare.ts";
import type { Run } from "./run.ts";
import type { ConfigureState, Registration } from "./state.ts";
import type { SignContext } from "./types.ts";

/** Transaction hash for a compose hash that was registered before, by a transaction that is not known. */
export const REGISTERED_BEFORE = "0x";

/** State with a registration. */
export type RegisteringState = ConfigureState & { readonly registration: Registration };

/**
 * Let the owner sign what registers the compose hash: stage `registering`.
 *
 * @returns the state of the stage `confirming`
 * @throws {CvmGatewayError} `SIGNATURE_REQUIRED`, `BAD_SIGNATURE_RESULT`; what `sign` rejects with
 */
export async function register(
  run: Run,
  given: RegisteringState,
  isResumed: boolean,
): Promise<ConfigureState> {
  const { registration } = given;
  // An earlier run asked the owner and did not learn the result: the transaction may have been sent.
  if (isResumed && given.isSigning && (await isHashAllowed(run, given))) {
    return run.save(await toConfirming(run, given, REGISTERED_BEFORE));
  }
  const ready = await signPrerequisites(run, given, registration.prerequisites);
  const signing = await run.save({ ...ready, isSigning: true });
  let transactionHash: string;
  try {
    transactionHash = await sign(run, given, registration.transaction, "compose-hash");
  } catch (error) {
    // Asked again later, the owner has to be asked again.
    await run.options.onPrepared?.({ ...signing, isSigning: false });
    throw error;
  }
  // The hash is handed out before anything else can fail.
  await run.options.onPrepared?.({ ...signing, stage: "confirming", isSigning: false, transactionHash });
  return run.save(await toConfirming(run, signing, transactionHash));
}

/** Let the owner sign the prerequisites that were not sent yet. */
export async function signPrerequisites<State extends ConfigureState>(
  run: Run,
  given: State,
  prerequisites: readonly Transaction[],
): Promise<State> {
  let state = given;
  for (const transaction of prerequisites) {
    const sent = state.sent ?? [];
    if (sent.includes(transaction.data)) continue;
    await sign(run, state, transaction, "device");
    state = { ...state, sent: [...sent, transaction.data] };
    await run.save(state);
  }
  return state;
}

async function sign(
  run: Run,
  { cvmId, registration }: ConfigureState,
  transaction: Transaction,
  purpose: SignContext["purpose"],
): Promise<string> {
  const { signal, options } = run;
  const composeHash = registration?.composeHash ?? "";
  if (options.sign === undefined) {
    throw new CvmGatewayError(
      "SIGNATURE_REQUIRED",
      "The owner of the app has to register the compose hash on chain. Nothing was applied. Resume with the option sign.",
      { composeHash, prerequisites: [...(registration?.prerequisites ?? []), transaction] },
    );
  }
  assertNotAborted(signal);
  run.report("signing", { transaction });
  const hash = await options.sign(transaction, { purpose, cvmId, composeHash, signal });
  if (/^0x[0-9a-f]{64}$/i.test(hash)) return hash;
  throw new CvmGatewayError(
    "BAD_SIGNATURE_RESULT",
    "The option sign must resolve with the hash of the transaction: 0x and 64 hex digits.",
    { composeHash },
  );
}

/** The configuration may have changed while the owner signed, so the confirmation has a baseline of its own. */
async function toConfirming(
  run: Run,
  state: RegisteringState,
  transactionHash: string,
): Promise<ConfigureState> {
  const baseline = toBaseline(await readBaseline(run, state.cvmId, false));
  return { ...state, stage: "confirming", isSigning: false, transactionHash, baseline };
}

/** Whether the contract allows the compose hash of this change already. False if that cannot be found out. */
export async function isHashAllowed(
  { sender, signal }: Run,
  { input, registration }: RegisteringState,
): Promise<boolean> {
  const { idempotencyKey: _key, waitIfBusySeconds: _wait, ...change } = input;
  try {
    const { planCvmConfiguration: plan } = await sender.query(
      ReadHashAllowedDocument,
      { input: change },
      { signal },
    );
    return plan.hashAlreadyAllowed === true && plan.composeHashAfter === registration.composeHash;
  } catch (error) {
    assertNotAborted(signal);
    if (error instanceof CvmGatewayError) return false;
    throw error;
  }
}
