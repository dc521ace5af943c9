import { z } from "zod";

/** Query of a list that is paged by number. Pages count from 1. */
export function pageQuery(defaultSize: number, maxSize = 100) {
  return z.looseObject({
    page: z.coerce.number().int().min(1).default(1),
    page_size: z.coerce.number().int().min(1).max(maxSize).default(defaultSize),
  });
}

/** One page of a list. The envelope around it differs per endpoint. */
export type Page<Item> = {
  readonly items: readonly Item[];
  readonly total: number;
  readonly page: number;
  readonly page_size: number;
  readonly pages: number;
};

/** Cut one page out of a list. */
export function paginate<Item>(
  all: readonly Item[],
  { page, page_size: size }: { readonly page: number; readonly page_size: number },
): Page<Item> {
  return {
    items: all.slice((page - 1) * size, page * size),
    total: all.length,
    page,
    page_size: size,
    pages: Math.ceil(all.length / size),
  };
}
