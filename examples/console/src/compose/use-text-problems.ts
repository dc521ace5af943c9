import { useApolloClient } from "@apollo/client/react";
import { useEffect, useState } from "react";
import type { DraftSettings } from "../changes/draft.ts";
import type { Plan } from "../changes/use-review.ts";
import { readEffect } from "../environment/variables.ts";
import { PlanChangeDocument } from "../gql/graphql.ts";

/** How long a person has to pause before the text is checked, in milliseconds. */
const PAUSE_MS = 400;

/** Result of the check of the texts in a draft. */
export type TextCheck = {
  readonly status: "none" | "checking" | "checked" | "failed";
  readonly problems: Plan["problems"];
};

const NOTHING: TextCheck = { status: "none", problems: [] };

/** Names that the new environment would have, so that the check knows them. */
function listNames({ environment }: DraftSettings): readonly string[] | undefined {
  if (environment === undefined) return undefined;
  const effect = readEffect(environment);
  return effect.kind === "names" ? effect.allowedEnvs : effect.variables.map(({ key }) => key);
}

/** Check the compose file and the script of a draft with a dry run, a moment after the person stops typing. */
export function useTextProblems(cvmId: string, settings: DraftSettings | null, canPlan: boolean): TextCheck {
  const apollo = useApolloClient();
  const [check, setCheck] = useState<TextCheck>(NOTHING);
  const { dockerComposeFile, preLaunchScript } = settings ?? {};
  const names = settings === null ? undefined : listNames(settings)?.join(" ");
  useEffect(() => {
    if (!canPlan || (dockerComposeFile === undefined && preLaunchScript === undefined)) {
      setCheck(NOTHING);
      return;
    }
    let isCurrent = true;
    setCheck(({ problems }) => ({ status: "checking", problems }));
    const allowedEnvs = names === undefined ? undefined : names.split(" ").filter(Boolean);
    const input = { id: cvmId, dockerComposeFile, preLaunchScript, allowedEnvs };
    const timer = setTimeout(async () => {
      const { data } = await apollo
        .query({ query: PlanChangeDocument, variables: { input }, fetchPolicy: "no-cache" })
        .catch(() => ({ data: undefined }));
      if (!isCurrent) return;
      const problems = data?.planCvmConfiguration.problems;
      setCheck(problems === undefined ? { status: "failed", problems: [] } : { status: "checked", problems });
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [apollo, cvmId, dockerComposeFile, preLaunchScript, names, canPlan]);
  return check;
}
