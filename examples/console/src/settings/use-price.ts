import { useQuery } from "@apollo/client/react";
import type { DraftSettings } from "../changes/draft.ts";
import { type CvmDetailsFragment, ReadPricesDocument } from "../gql/graphql.ts";
import { findPrice, type Price } from "./price.ts";

/** Price per hour before a change, and after it where it can be found or estimated. */
export type PriceChange = { readonly before: string | null; readonly after: Price | null };

/** Find the price of the size in a draft. The prices of other CVMs are read only if the size changes. */
export function usePrice({ resources }: CvmDetailsFragment, settings: DraftSettings): PriceChange {
  const { vcpu = resources.vcpu, memoryMb = resources.memoryMb } = settings;
  const isSame = vcpu === resources.vcpu && memoryMb === resources.memoryMb;
  const { data } = useQuery(ReadPricesDocument, { fetchPolicy: "no-cache", skip: isSame });
  const others = data?.cvms.nodes.map((node) => node.resources) ?? [];
  return { before: resources.hourlyRate ?? null, after: findPrice(resources, { vcpu, memoryMb }, others) };
}

/** Return a change of the price in words. Null if the price does not change. */
export function describePrice({ before, after }: PriceChange): string | null {
  if (after === null || after.basis === "same") return null;
  const about = after.basis === "estimated" ? "about " : "";
  return `${before === null ? "unknown" : `$${before}`} → ${about}$${after.rate}`;
}
