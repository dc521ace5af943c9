import { useQuery } from "@apollo/client/react";
import { useEffect, useRef } from "react";
import { type CvmDetailsFragment, ReadConfigurationDocument } from "../gql/graphql.ts";

/** Read the parts of the configuration that cost calls of their own, again after each change of the CVM. */
export function useConfiguration({ id, configVersion }: Pick<CvmDetailsFragment, "id" | "configVersion">) {
  const { data, error, loading, refetch } = useQuery(ReadConfigurationDocument, {
    variables: { id },
    fetchPolicy: "cache-and-network",
  });
  const seen = useRef(configVersion);
  useEffect(() => {
    if (seen.current === configVersion) return;
    seen.current = configVersion;
    void refetch();
  }, [configVersion, refetch]);
  const configuration = data?.cvm ?? null;
  const key = configuration?.envEncryptionKey ?? null;
  return {
    configuration,
    error,
    isLoading: loading && configuration === null,
    refetch,
    /** Key to seal to, with the app that it has to belong to. */
    sealingKey:
      key === null ? null : { ...key, signature: key.signature ?? null, appId: configuration?.appId ?? null },
  };
}
