import type { EndedOperation } from "./ended-operation.ts";
import type { Metrics } from "./metrics.ts";
import type { OperationLabel } from "./operation-label.ts";

/** Count an operation, and time it unless it is a stream. A request that is no operation has type `none`. */
export function countOperation(
  { operations, operationSeconds }: Metrics,
  { codes: [code = "ok"], durationMs, isStream }: EndedOperation,
  label: OperationLabel,
): void {
  operations.inc({ ...label, outcome: code });
  if (!isStream) operationSeconds.observe(label, durationMs / 1000);
}
