import { Badge, Card, Facts } from "../design/components.tsx";
import { shorten } from "../design/format.ts";
import { settingNames } from "./setting-names.ts";
import type { Plan } from "./use-review.ts";

/** Value of a setting. A text is described by its size and its hash, which is shortened here. */
function Value({ text }: { readonly text: string }) {
  if (text === "true") return "yes";
  if (text === "false") return "no";
  const [, size = "", hash = ""] = /^(.*, )sha256 ([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === "") return text;
  return (
    <>
      {size}
      <code title={`SHA-256 ${hash}`}>{shorten(hash)}</code>
    </>
  );
}

/** Settings that would change, with their present and their new values. */
function ChangeTable({ changes }: Pick<Plan, "changes">) {
  return (
    <table className="table-stacked">
      <caption className="visually-hidden">What changes</caption>
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">Now</th>
          <th scope="col">Then</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ field, before, after }) => (
          <tr key={field}>
            <th scope="row">{settingNames[field] ?? field}</th>
            <td data-label="Now">
              <Value text={before ?? "not set"} />
            </td>
            <td data-label="Then">
              <strong>
                <Value text={after ?? "removed"} />
              </strong>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function describeSignature({ requiresOnChainHash, hashAlreadyAllowed }: Plan): string {
  if (!requiresOnChainHash) return "no";
  if (hashAlreadyAllowed === true) return "yes, although the contract allows this configuration already";
  return "yes, a transaction of the owner of the app contract";
}

function Hash({ value }: { readonly value: string | null | undefined }) {
  return value === null || value === undefined ? "not known before the change" : <code>{value}</code>;
}

/** What the dry run predicts about the CVM. */
export function PlanMeaning({ plan, price }: { readonly plan: Plan; readonly price: string | null }) {
  const { restarts, composeHashBefore, composeHashAfter, envKeysAdded, envKeysRemoved } = plan;
  const keepsHash = composeHashBefore === composeHashAfter;
  return (
    <Card title="What it means">
      <Facts
        items={[
          [
            "Restarts",
            <Badge key="restarts" tone={restarts ? "warning" : "success"} isPlain>
              {restarts ? "yes" : "no"}
            </Badge>,
          ],
          ["Signature needed", describeSignature(plan)],
          ["Compose hash now", <Hash key="before" value={composeHashBefore} />],
          ["Compose hash then", keepsHash ? "the same" : <Hash key="after" value={composeHashAfter} />],
          ["Price per hour", price],
          ["New variables", envKeysAdded.length === 0 ? null : envKeysAdded.join(", ")],
          ["Removed variables", envKeysRemoved.length === 0 ? null : envKeysRemoved.join(", ")],
        ]}
      />
    </Card>
  );
}

/** Settings that would change. */
export function PlanChanges({ plan: { changes } }: { readonly plan: Plan }) {
  return (
    <Card title="What changes">
      {changes.length === 0 ? (
        <p className="muted">Nothing. The CVM has this configuration already.</p>
      ) : (
        <ChangeTable changes={changes} />
      )}
    </Card>
  );
}
