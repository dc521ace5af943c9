import { useEffect, useState } from "react";
import type { EnvironmentDraft } from "../changes/draft.ts";
import { Notice } from "../design/components.tsx";
import { listEnvironmentProblems } from "./seal.ts";
import { hasChanges, readEffect } from "./variables.ts";

/** Explain what a new environment does to the variables that the CVM has now, before the review says so. */
export function EnvironmentNotices({ environment }: { readonly environment: EnvironmentDraft }) {
  const [problems, setProblems] = useState<readonly string[]>([]);
  useEffect(() => {
    let isCurrent = true;
    void listEnvironmentProblems(readEffect(environment)).then((found) => isCurrent && setProblems(found));
    return () => {
      isCurrent = false;
    };
  }, [environment]);
  if (!hasChanges(environment)) return null;
  const effect = readEffect(environment);
  return (
    <>
      {effect.kind === "names" && (
        <Notice tone="info" title="Only names are removed">
          <p>The other variables keep their values. A name that is added again has its value again.</p>
        </Notice>
      )}
      {effect.kind === "values" && effect.lostKeys.length > 0 && (
        <Notice tone="warning" title="These values would be lost" isLive>
          <p>
            <code>{effect.lostKeys.join(", ")}</code>
          </p>
          <p>
            A new environment replaces all values, and present ones cannot be read. Type the value of each
            variable again, or remove the variable.
          </p>
        </Notice>
      )}
      {problems.length > 0 && (
        <Notice tone="danger" title="The CVM would not start with these variables" isLive>
          <ul>
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  );
}
