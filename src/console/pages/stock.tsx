import { useEffect, useState } from "preact/hooks";
import type { StockStatus } from "../../protocol/stock.ts";
import { useCell } from "../cell.ts";
import { count, statusWords } from "../format.ts";
import type { PageProps } from "../page.ts";
import { Empty, Failure, Loading } from "../parts/states.tsx";
import { VirtualList } from "../parts/virtual-list.tsx";
import { refine } from "../place.ts";
import { may } from "../session.ts";
import { AddDialog } from "../stock/add-dialog.tsx";
import { StockHead, StockRow, WaitingRow } from "../stock/rows.tsx";
import { type Counts, type SkuFilter, total, useCounts, useSkuList } from "../stock/sku-list.ts";
import { useMedia } from "../use-media.ts";

const searchPauseMs = 200;
/** Rows loaded beyond those that are looked at. */
const aheadRows = 200;

/** All SKUs in order of name: searched, filtered, and live where one looks. */
export function Page({ query: given }: PageProps) {
  const query = given["query"] ?? "";
  const status = statusOf(given["status"]);
  const counts = useCounts(query).value;
  const [isAdding, setIsAdding] = useState(false);
  return (
    <section class="page page-fill">
      <div class="page-head">
        <h1 tabIndex={-1}>Stock</h1>
        <Search query={query} />
        {may("stock:write") && (
          <div class="page-head-actions">
            <button type="button" onClick={() => setIsAdding(true)}>
              Add a SKU
            </button>
          </div>
        )}
      </div>
      <StatusFilter status={status} counts={counts} />
      <Skus query={query} status={status} counts={counts} />
      {isAdding && <AddDialog onClose={() => setIsAdding(false)} />}
    </section>
  );
}

function Search({ query }: { query: string }) {
  const [text, setText] = useState(query);
  useEffect(() => {
    if (text.trim() === query) return undefined;
    const timer = window.setTimeout(() => refine({ query: text.trim() }), searchPauseMs);
    return () => window.clearTimeout(timer);
  }, [text]);
  return (
    <form class="search" role="search" onSubmit={(event) => event.preventDefault()}>
      <input
        type="search"
        placeholder="Search SKU or title"
        aria-label="Search SKU or title"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}

function StatusFilter({ status, counts }: Pick<SkuFilter, "status"> & { counts: Counts | undefined }) {
  const choices: readonly (readonly [StockStatus | "", string])[] = [
    ["", "All"],
    ...(Object.entries(statusWords) as [StockStatus, string][]),
  ];
  return (
    <div class="filter" role="group" aria-label="Filter by status">
      {choices.map(([value, words]) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === status}
          onClick={() => refine({ status: value })}
        >
          {words}
          <span class="filter-count">{counts === undefined ? "" : count(total(counts, value))}</span>
        </button>
      ))}
    </div>
  );
}

function Skus({ counts, ...filter }: SkuFilter & { counts: Counts | undefined }) {
  const { list, isOld } = useSkuList(filter);
  const { items, isWhole, error, isLoading } = useCell(list.state);
  const isNarrow = useMedia("(max-width: 720px)");
  if (items.length === 0) {
    if (error !== undefined) return <Failure error={error} retry={() => list.retry()} />;
    return isWhole ? <NoSkus {...filter} /> : <Loading rows={12} label="Loading SKUs" />;
  }
  // Counted a moment ago, perhaps: what is loaded is there in any case, and of a whole list it is all.
  const counted = counts === undefined || isOld ? 0 : total(counts, filter.status);
  const rows = isWhole ? items.length : Math.max(items.length, counted);
  return (
    <>
      {error !== undefined && !isLoading && <Failure error={error} retry={() => list.retry()} />}
      <VirtualList
        key={list}
        label="Stock"
        count={rows}
        rowHeight={isNarrow ? 56 : 36}
        isDim={isOld}
        onWindow={({ end }) => list.want(end + aheadRows)}
        head={<StockHead />}
        row={(index) => {
          const stock = items[index];
          if (stock === undefined) return <WaitingRow key={index} index={index} />;
          return <StockRow key={stock.sku} index={index} from={stock} />;
        }}
      />
    </>
  );
}

function NoSkus({ query, status }: SkuFilter) {
  if (query !== "" || status !== "") {
    return (
      <Empty title="No SKU fits">
        <p>
          {query === "" ? "No SKU" : `Nothing that contains “${query}”`}
          {status === "" ? "" : ` is ${statusWords[status].toLowerCase()}`}. <a href="#/">Show all SKUs</a>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No stock yet">
      <p>
        Add a SKU here, <a href="#/connect">connect a channel</a>, or send the first request as{" "}
        <a href="/docs">the API reference</a> has it. What comes in appears here by itself.
      </p>
    </Empty>
  );
}

function statusOf(text: string | undefined): StockStatus | "" {
  return text !== undefined && text in statusWords ? (text as StockStatus) : "";
}
