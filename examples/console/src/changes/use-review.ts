import { useApolloClient } from "@apollo/client/react";
import { useEffect, useState } from "react";
import type { SealingKey } from "../environment/seal.ts";
import { PlanChangeDocument, type PlanChangeQuery } from "../gql/graphql.ts";
import { useSession } from "../sign-in/session.tsx";
import { type ChangeInput, createChangeInput } from "./change-input.ts";
import type { DraftSettings } from "./draft.ts";

/** What a change would do. */
export type Plan = PlanChangeQuery["planCvmConfiguration"];

/** Review of a draft. */
export type Review =
  | { readonly kind: "working" }
  | { readonly kind: "failed"; readonly error: unknown }
  | {
      readonly kind: "ready";
      readonly input: ChangeInput;
      /** Null for a person who may not make a dry run. */
      readonly plan: Plan | null;
    };

/**
 * Seal the environment of a draft, and ask what the change would do.
 *
 * @param key - null while it is being read
 * @param attempt - another number plans again
 */
export function useReview(
  cvmId: string,
  settings: DraftSettings,
  key: SealingKey | null,
  options: { readonly isReady: boolean; readonly canPlan: boolean; readonly attempt: number },
): Review {
  const apollo = useApolloClient();
  const { trustedRootKeys } = useSession().settings;
  const [review, setReview] = useState<Review>({ kind: "working" });
  const { isReady, canPlan, attempt } = options;
  const { publicKey, signature = null, appId = null } = key ?? {};
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` plans again
  useEffect(() => {
    if (!isReady) return;
    let isCurrent = true;
    const show = (next: Review) => {
      if (isCurrent) setReview(next);
    };
    const work = async (): Promise<Review> => {
      const sealingKey = publicKey === undefined ? null : { publicKey, signature, appId };
      const input = await createChangeInput(cvmId, settings, sealingKey, trustedRootKeys);
      if (!canPlan) return { kind: "ready", input, plan: null };
      const { data, error } = await apollo.query({
        query: PlanChangeDocument,
        variables: { input },
        fetchPolicy: "no-cache",
      });
      if (data === undefined) throw error ?? new Error("The gateway returned no plan.");
      return { kind: "ready", input, plan: data.planCvmConfiguration };
    };
    show({ kind: "working" });
    work().then(show, (error: unknown) => show({ kind: "failed", error }));
    return () => {
      isCurrent = false;
    };
  }, [apollo, cvmId, settings, publicKey, signature, appId, trustedRootKeys, isReady, canPlan, attempt]);
  return review;
}
