import { useEffect, useState } from "preact/hooks";
import type { StockStatus, StockView } from "../../protocol/stock.ts";
import { ask } from "../api.ts";
import { PagedList } from "../paged.ts";
import { type Resource, useResource } from "../resource.ts";

export interface SkuFilter {
  /** Part of a SKU or title; empty for all. */
  readonly query: string;
  /** Empty for all. */
  readonly status: StockStatus | "";
}

export type Counts = Partial<Record<StockStatus, number>>;

const pageItems = 500;
const countsEveryMs = 10_000;

/** The list of a filter. Under a new filter, the old list stays until there is something of the new one to show. */
export function useSkuList(filter: SkuFilter): {
  readonly list: PagedList<StockView>;
  readonly isOld: boolean;
} {
  const key = `${filter.status}\n${filter.query}`;
  const [shown, setShown] = useState(() => ({ key, list: newList(filter) }));
  useEffect(() => {
    const list = shown.key === key ? shown.list : newList(filter);
    const stop = list.state.watch(({ items, isWhole, error }) => {
      if (items.length > 0 || isWhole || error !== undefined) setShown({ key, list });
    });
    list.want(1);
    return () => {
      stop();
      list.close();
    };
  }, [key]);
  return { list: shown.list, isOld: shown.key !== key };
}

/** How many SKUs of each status a search finds. */
export function useCounts(query: string): Resource<Counts> {
  return useResource(query, (signal) => loadCounts(query, signal), countsEveryMs);
}

export function total(counts: Counts, status: StockStatus | ""): number {
  if (status !== "") return counts[status] ?? 0;
  return Object.values(counts).reduce((sum, howMany) => sum + howMany, 0);
}

async function loadCounts(query: string, signal: AbortSignal): Promise<Counts> {
  const answer = await ask<{ counts?: Counts }>("/v1/skus", {
    query: { query, counts: "true", limit: 1 },
    signal,
  });
  return answer.counts ?? {};
}

function newList({ query, status }: SkuFilter): PagedList<StockView> {
  return new PagedList((cursor, signal) =>
    ask("/v1/skus", { query: { query, status, cursor, limit: pageItems }, signal }),
  );
}
