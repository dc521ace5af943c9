import { Badge, type Tone } from "../design/components.tsx";
import { formatName } from "../design/format.ts";
import type { CvmStatus } from "../gql/graphql.ts";

const tones: Partial<Record<CvmStatus, Tone>> = {
  RUNNING: "success",
  STOPPED: "neutral",
  EXITED: "danger",
  ERROR: "danger",
  FAILED: "danger",
  OFFLINE: "warning",
  MAINTENANCE: "warning",
  OTHER: "neutral",
};

type Props = {
  readonly status: CvmStatus;
  readonly rawStatus?: string;
  readonly isBusy: boolean;
};

/** What a CVM is doing. */
export function StatusBadge({ status, rawStatus, isBusy }: Props) {
  const text = status === "OTHER" && rawStatus !== undefined ? rawStatus : status;
  const tone = tones[status] ?? "info";
  return (
    <Badge tone={isBusy && tone === "success" ? "info" : tone} isBusy={isBusy}>
      {formatName(text)}
      {isBusy && status === "RUNNING" && ", busy"}
    </Badge>
  );
}
