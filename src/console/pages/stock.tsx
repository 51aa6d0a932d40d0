import { useEffect, useState } from "preact/hooks";
import type { StockView } from "../../protocol/stock.ts";
import { ask } from "../api.ts";
import { useCell } from "../cell.ts";
import { statusWords } from "../format.ts";
import type { PageProps } from "../page.ts";
import { PagedList } from "../paged.ts";
import { Quantity } from "../parts/quantity.tsx";
import { Empty, Failure, Loading } from "../parts/states.tsx";
import { StatusMark } from "../parts/status.tsx";
import { VirtualList } from "../parts/virtual-list.tsx";
import { refine } from "../place.ts";
import { addressOf } from "../route.ts";
import { useMedia } from "../use-media.ts";
import { useStock } from "../use-stock.ts";

const pageItems = 200;
const searchPauseMs = 200;

interface Filter {
  readonly query: string;
  readonly status: string;
}

/** All SKUs in order of name: searched, filtered, and live where one looks. */
export function Page({ query: given }: PageProps) {
  const [text, setText] = useState(given["query"] ?? "");
  const status = given["status"] ?? "";
  useEffect(() => {
    const timer = window.setTimeout(() => refine({ query: text.trim(), status }), searchPauseMs);
    return () => window.clearTimeout(timer);
  }, [text]);
  return (
    <section class="page page-fill">
      <div class="page-head">
        <h1 tabIndex={-1}>Stock</h1>
      </div>
      <form class="toolbar" role="search" onSubmit={(event) => event.preventDefault()}>
        <input
          type="search"
          class="search"
          placeholder="Search SKU or title"
          aria-label="Search SKU or title"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <select
          aria-label="Status"
          value={status}
          onChange={(event) => refine({ query: text.trim(), status: event.currentTarget.value })}
        >
          <option value="">All states</option>
          {Object.entries(statusWords).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </form>
      <Skus key={`${given["query"] ?? ""}\n${status}`} query={given["query"] ?? ""} status={status} />
    </section>
  );
}

function Skus(filter: Filter) {
  const [list] = useState(() => newList(filter));
  useEffect(() => {
    list.want(1);
    return () => list.close();
  }, []);
  const { items, isWhole, error, isLoading } = useCell(list.state);
  const isNarrow = useMedia("(max-width: 720px)");
  if (items.length === 0) {
    if (error !== undefined) return <Failure error={error} retry={() => list.retry()} />;
    if (isWhole) return <NoSkus {...filter} />;
    return <Loading rows={12} label="Loading SKUs" />;
  }
  return (
    <>
      {error !== undefined && !isLoading && <Failure error={error} retry={() => list.retry()} />}
      <VirtualList
        label="Stock"
        count={items.length}
        rowHeight={isNarrow ? 56 : 36}
        onWindow={({ end }) => list.want(end + pageItems)}
        head={<Head />}
        row={(index) => {
          const stock = items[index];
          return stock !== undefined && <Row key={stock.sku} index={index} from={stock} />;
        }}
      />
    </>
  );
}

function newList({ query, status }: Filter): PagedList<StockView> {
  return new PagedList((cursor, signal) =>
    ask("/v1/skus", { query: { query, status, cursor, limit: pageItems }, signal }),
  );
}

function Head() {
  return (
    <div class="rows-head" role="rowgroup">
      <div class="stock-row" role="row" aria-rowindex={1}>
        <span role="columnheader">SKU</span>
        <span role="columnheader" class="stock-title">
          Title
        </span>
        <span role="columnheader" class="stock-status">
          Status
        </span>
        <span role="columnheader" class="number">
          Available
        </span>
        <span role="columnheader" class="number stock-more">
          On hand
        </span>
        <span role="columnheader" class="number stock-more">
          Committed
        </span>
        <span role="columnheader" class="number stock-more">
          Reserved
        </span>
        <span role="columnheader" class="number stock-more">
          Incoming
        </span>
      </div>
    </div>
  );
}

function Row({ index, from }: { index: number; from: StockView }) {
  const stock = useStock(from);
  return (
    <div class="stock-row row" role="row" aria-rowindex={index + 2} data-row={index}>
      <span role="cell" class="stock-sku">
        <a href={addressOf(["skus", stock.sku])}>{stock.sku}</a>
      </span>
      <span role="cell" class="stock-title">
        {stock.title}
      </span>
      <span role="cell" class="stock-status">
        <StatusMark status={stock.status} />
      </span>
      <span role="cell" class="number stock-available">
        <Quantity value={stock.available} />
      </span>
      <span role="cell" class="number stock-more">
        <Quantity value={stock.onHand} dim />
      </span>
      <span role="cell" class="number stock-more">
        <Quantity value={stock.committed} dim />
      </span>
      <span role="cell" class="number stock-more">
        <Quantity value={stock.reserved} dim />
      </span>
      <span role="cell" class="number stock-more">
        <Quantity value={stock.incoming} dim />
      </span>
    </div>
  );
}

function NoSkus({ query, status }: Filter) {
  if (query !== "" || status !== "") {
    return (
      <Empty title="No SKU fits">
        <p>
          Nothing matches this search. <a href="#/">Show all SKUs</a>
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="No stock yet">
      <p>
        Count something, connect a channel and import its listings, or send the first request as in{" "}
        <a href="/docs">the API reference</a>.
      </p>
    </Empty>
  );
}
