import { useEffect, useState } from "preact/hooks";
import type { SkuChannelView } from "../../protocol/channel.ts";
import type { StockView } from "../../protocol/stock.ts";
import { ask, path } from "../api.ts";
import { useCell } from "../cell.ts";
import { useLater } from "../later.ts";
import { type LedgerPage, LiveLedger } from "../live-ledger.ts";
import type { PageProps } from "../page.ts";
import { Quantity } from "../parts/quantity.tsx";
import { Failure, Loading } from "../parts/states.tsx";
import { StatusMark } from "../parts/status.tsx";
import { useResource } from "../resource.ts";
import { may } from "../session.ts";
import { AvailabilityChart } from "../sku/availability-chart.tsx";
import { SkuChannels } from "../sku/channels.tsx";
import { skuDialogs } from "../sku/dialogs.tsx";
import { Ledger } from "../sku/ledger.tsx";
import { Levels } from "../sku/levels.tsx";
import { type HoldPage, Reservations } from "../sku/reservations.tsx";
import { useStock } from "../use-stock.ts";

const ledgerItems = 100;
const channelsEveryMs = 5_000;
/** So long after a change what depends on it is asked for again. */
const settleMs = 400;

/** One SKU: how much there is, where, who holds it, what happened, and what the channels were told. */
export function Page({ params }: PageProps) {
  const sku = params["sku"] ?? "";
  const { value, error, reload } = useResource(sku, (signal) =>
    ask<StockView>(path`/v1/skus/${sku}`, { signal }),
  );
  return (
    <section class="page">
      <div class="page-head">
        <div>
          <h1 tabIndex={-1} class="mono">
            {sku}
          </h1>
          {value !== undefined && <p class="muted">{value.title ?? "No title"}</p>}
        </div>
        {value !== undefined && <HeadRest from={value} />}
      </div>
      {value !== undefined ? (
        <Sku from={value} />
      ) : error === undefined ? (
        <Loading rows={8} label={`Loading ${sku}`} />
      ) : (
        <Failure error={error} retry={reload} />
      )}
    </section>
  );
}

function HeadRest({ from }: { from: StockView }) {
  const stock = useStock(from);
  const [open, setOpen] = useState<string>();
  const Dialog = skuDialogs.find(([verb]) => verb === open)?.[1];
  return (
    <>
      <StatusMark status={stock.status} />
      {may("stock:write") && (
        <div class="page-head-actions">
          {skuDialogs.map(([verb]) => (
            <button key={verb} type="button" onClick={() => setOpen(verb)}>
              {verb}
            </button>
          ))}
        </div>
      )}
      {Dialog !== undefined && <Dialog stock={stock} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function Sku({ from }: { from: StockView }) {
  const stock = useStock(from);
  const { sku } = stock;
  const [ledger] = useState(() => new LiveLedger((cursor, signal) => loadLedger(sku, cursor, signal)));
  const entries = useCell(ledger.state);
  useEffect(() => ledger.follow(stock), [stock.epoch, stock.version]);
  useEffect(() => () => ledger.close(), []);
  const settled = useLater(stock.version, settleMs);
  const holds = useResource(`${sku} ${stock.reserved}`, (signal) =>
    ask<HoldPage>(path`/v1/skus/${sku}/reservations`, { signal, query: { limit: 50 } }),
  );
  const channels = useResource(
    sku,
    (signal) => ask<{ items: SkuChannelView[] }>(path`/v1/skus/${sku}/channels`, { signal }),
    channelsEveryMs,
  );
  useEffect(() => channels.reload(), [settled]);

  return (
    <>
      <Figures stock={stock} />
      <div class="panel">
        <h2>Available over time</h2>
        <AvailabilityChart stock={stock} ledger={entries} />
      </div>
      <div class="columns">
        <div class="panel">
          <h2>{stock.components === undefined ? "Levels" : "Made of"}</h2>
          <Levels stock={stock} />
          <h2>Channels</h2>
          {may("channels:manage") ? (
            <SkuChannels sku={sku} channels={channels} />
          ) : (
            <p class="hint">Needs a key with the scope channels:manage.</p>
          )}
          <h2>Reservations</h2>
          <Reservations holds={holds} />
        </div>
        <div class="panel">
          <h2>Ledger</h2>
          <Ledger ledger={ledger} state={entries} />
        </div>
      </div>
    </>
  );
}

function Figures({ stock }: { stock: StockView }) {
  const parts: readonly (readonly [string, number])[] = [
    ["On hand", stock.onHand],
    ["Committed", stock.committed],
    ["Reserved", stock.reserved],
    ["Unavailable", stock.unavailable],
    ["Safety stock", stock.safetyStock],
    ["Incoming", stock.incoming],
  ];
  return (
    <dl class="figures">
      <div class="figure figure-main">
        <dt>Available</dt>
        <dd>
          <span role="status" aria-atomic="true">
            <span class="visually-hidden">{stock.sku}: </span>
            <Quantity value={stock.available} />
            <span class="visually-hidden"> available</span>
          </span>
        </dd>
      </div>
      {parts.map(([name, value]) => (
        <div key={name} class="figure">
          <dt>{name}</dt>
          <dd>
            <Quantity value={value} dim />
          </dd>
        </div>
      ))}
      <div class="figure">
        <dt>Version</dt>
        <dd class="quantity">{stock.version}</dd>
      </div>
    </dl>
  );
}

function loadLedger(sku: string, cursor: string | undefined, signal: AbortSignal): Promise<LedgerPage> {
  return ask(path`/v1/skus/${sku}/ledger`, { query: { cursor, limit: ledgerItems }, signal });
}
