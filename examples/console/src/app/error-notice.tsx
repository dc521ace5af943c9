import { useQuery } from "@apollo/client/react";
import type { ReactNode } from "react";
import { describeProblem } from "../changes/problem.ts";
import { Notice } from "../design/components.tsx";
import { ReadErrorCatalogDocument } from "../gql/graphql.ts";
import { RenewCredential } from "../sign-in/renew-credential.tsx";
import { REMEDIES } from "./remedies.ts";

/** Return what to do about an error, from the catalogue of the gateway. */
function useRemedy(code: string | null): string | null {
  const { data } = useQuery(ReadErrorCatalogDocument, { skip: code === null });
  if (code === null) return null;
  const known = data?.errorCatalog.find((entry) => entry.code === code);
  return REMEDIES[code] ?? known?.remedy ?? null;
}

type Props = {
  readonly title: string;
  readonly error: unknown;
  /** Replaces what the catalogue says to do. */
  readonly remedy?: ReactNode;
  readonly actions?: ReactNode;
};

/** What failed, why, and what to do. */
export function ErrorNotice({ title, error, remedy, actions }: Props) {
  const { code, message, fields, requestId } = describeProblem(error);
  const isSignedOut = code === "UNAUTHENTICATED";
  const known = useRemedy(isSignedOut ? null : code);
  return (
    <Notice tone="danger" title={title} isLive actions={isSignedOut ? <RenewCredential /> : actions}>
      <p>{message}</p>
      {fields.length > 0 && (
        <ul>
          {fields.map((field) => (
            <li key={field.path + field.message}>
              <code>{field.path.replace(/^input\./, "")}</code>: {field.message}
            </li>
          ))}
        </ul>
      )}
      {(remedy ?? known) && <p>{remedy ?? known}</p>}
      {(code !== null || requestId !== null) && (
        <p className="small muted">
          {code !== null && <code>{code}</code>}
          {requestId !== null && (
            <>
              {" "}
              · request <code>{requestId}</code>
            </>
          )}
        </p>
      )}
    </Notice>
  );
}
