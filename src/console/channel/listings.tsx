import { useEffect, useState } from "preact/hooks";
import type { Page } from "../../client/paged.ts";
import type { ListingState, ListingView } from "../../protocol/channel.ts";
import { announce } from "../announce.ts";
import { ask, path } from "../api.ts";
import { useCell } from "../cell.ts";
import { clock } from "../clock.ts";
import { count, duration, units } from "../format.ts";
import { lagOf, standingOf } from "../listing.ts";
import { Ago } from "../parts/ago.tsx";
import { Empty, Failure, Loading, Stale } from "../parts/states.tsx";
import { Mark } from "../parts/status.tsx";
import { Table } from "../parts/table.tsx";
import { useResource } from "../resource.ts";
import { addressOf } from "../route.ts";
import { useAction } from "../use-action.ts";

const everyMs = 3_000;
/** How many are shown at first, and as one asks for more; the last is what the API gives in one page. */
const pageSizes = [50, 200, 500] as const;

interface Props {
  readonly id: string;
  /** Only listings of this state. */
  readonly state?: ListingState;
  /** Called when something was done that the channel's status shows. */
  readonly changed: () => void;
}

/** What the channel shows and should show; of those that it refused, why, and a way to tell it again. */
export function Listings({ id, state, changed }: Props) {
  const [size, setSize] = useState(0);
  const { value, error, reload } = useResource(
    `${id} ${state ?? ""}`,
    (signal) => {
      const query = { state, limit: pageSizes[size] };
      return ask<ListingPage>(path`/v1/channels/${id}/listings`, { query, signal });
    },
    everyMs,
  );
  useEffect(() => reload(), [size]);
  if (value === undefined) {
    if (error !== undefined) return <Failure error={error} retry={reload} />;
    return <Loading rows={4} label="Loading listings" />;
  }
  const { items, nextCursor } = value;
  if (items.length === 0) return state === "failed" ? <NothingRefused /> : <NothingListed />;
  const again = () => {
    reload();
    changed();
  };
  return (
    <>
      <Stale error={error} retry={reload} />
      {state === "failed" && (
        <RetryAll id={id} howMany={items.length} isWhole={nextCursor === undefined} changed={again} />
      )}
      <Table label="Listings">
        <thead>
          <tr>
            <th scope="col">SKU</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Shows
            </th>
            <th scope="col" class="number">
              Should show
            </th>
            <th scope="col" class="number">
              Lag
            </th>
            <th scope="col">Told</th>
          </tr>
        </thead>
        <tbody>
          {items.map((listing) => (
            <Row key={listing.sku} id={id} listing={listing} changed={again} />
          ))}
        </tbody>
      </Table>
      {nextCursor !== undefined &&
        (size + 1 < pageSizes.length ? (
          <button type="button" onClick={() => setSize(size + 1)}>
            Show more
          </button>
        ) : (
          <p class="hint">
            The first {items.length} are shown. Each SKU’s page shows where its channels stand.
          </p>
        ))}
    </>
  );
}

type ListingPage = Page<ListingView>;

function Row({ id, listing, changed }: { id: string; listing: ListingView; changed: () => void }) {
  const nowMs = useCell(clock);
  const { sku, wanted, published, failure } = listing;
  const { tone, words } = standingOf({ state: "running", listing });
  const lagMs = lagOf(listing, nowMs);
  return (
    <>
      <tr>
        <th scope="row">
          <a class="mono" href={addressOf(["skus", sku])}>
            {sku}
          </a>
        </th>
        <td>
          <Mark tone={tone}>{words}</Mark>
        </td>
        <td class="number strong">{published === undefined ? "–" : count(published.quantity)}</td>
        <td class="number">{wanted === undefined ? "–" : count(wanted.quantity)}</td>
        <td class="number">{lagMs === undefined ? "" : duration(lagMs)}</td>
        <td>{published === undefined ? "never" : <Ago at={published.at} />}</td>
      </tr>
      {failure !== undefined && listing.state === "failed" && (
        <tr class="row-note">
          <td colSpan={6}>
            <Refusal id={id} sku={sku} detail={failure.detail} at={failure.at} changed={changed} />
          </td>
        </tr>
      )}
    </>
  );
}

interface RefusalProps {
  readonly id: string;
  readonly sku: string;
  readonly detail: string;
  readonly at: string;
  readonly changed: () => void;
}

function Refusal({ id, sku, detail, at, changed }: RefusalProps) {
  const action = useAction();
  const retry = () =>
    action.run(async () => {
      await ask(path`/v1/channels/${id}/listings/${sku}/retry`, { method: "POST" });
      announce(`${id} is told about ${sku} again.`);
      changed();
    });
  return (
    <div class="notice notice-danger">
      <span class="notice-words">
        <q>{detail}</q> <Ago at={at} />
        {action.error !== undefined && <span class="field-error"> {action.error.message}</span>}
      </span>
      <button
        type="button"
        aria-label={`Tell it again about ${sku}`}
        disabled={action.isRunning}
        onClick={() => void retry()}
      >
        Tell it again
      </button>
    </div>
  );
}

interface RetryAllProps {
  readonly id: string;
  readonly howMany: number;
  readonly isWhole: boolean;
  readonly changed: () => void;
}

function RetryAll({ id, howMany, isWhole, changed }: RetryAllProps) {
  const action = useAction();
  const retry = () =>
    action.run(async () => {
      const { due } = await ask<{ due: number }>(path`/v1/channels/${id}/retry`, { method: "POST" });
      announce(`${id} is told about ${units(due, "listing")} again.`);
      changed();
    });
  return (
    <div class="toolbar">
      <p class="hint">
        The channel refused {isWhole ? units(howMany, "listing") : `more than ${howMany} listings`}. Each is
        tried again when its stock changes.
      </p>
      <button type="button" disabled={action.isRunning} onClick={() => void retry()}>
        Tell all again
      </button>
      {action.error !== undefined && <p class="field-error">{action.error.message}</p>}
    </div>
  );
}

function NothingRefused() {
  return (
    <Empty title="Nothing was refused">
      <p>The channel takes every number it is told.</p>
    </Empty>
  );
}

function NothingListed() {
  return (
    <Empty title="Nothing is listed">
      <p>A listing appears with the first stock of a SKU, by hand, or when listings are imported.</p>
    </Empty>
  );
}
