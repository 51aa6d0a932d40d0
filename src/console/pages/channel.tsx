import type { ChannelStatusView } from "../../protocol/channel.ts";
import { ask, path } from "../api.ts";
import { ChannelActions } from "../channel/actions.tsx";
import { DriftPanel } from "../channel/drift.tsx";
import { breakerWords, healthOf } from "../channel/health.ts";
import { Inbox } from "../channel/inbox.tsx";
import { LagPanel } from "../channel/lag.tsx";
import { Listings } from "../channel/listings.tsx";
import { SettingsPanel } from "../channel/settings.tsx";
import { count, duration } from "../format.ts";
import type { PageProps } from "../page.ts";
import { Ago, Until } from "../parts/ago.tsx";
import { Failure, Loading, Stale } from "../parts/states.tsx";
import { Mark } from "../parts/status.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { type Resource, useResource } from "../resource.ts";

const everyMs = 2_000;

/** One channel: how it is doing, what it refuses, where it drifts, what it told, and how it is set up. */
export function Page({ params, query }: PageProps) {
  const id = params["id"] ?? "";
  const status = useResource(
    id,
    (signal) => ask<ChannelStatusView>(path`/v1/channels/${id}`, { signal }),
    everyMs,
  );
  const { value, error, reload } = status;
  return (
    <section class="page">
      <div class="page-head">
        <h1 tabIndex={-1}>{id}</h1>
        {value !== undefined && (
          <>
            <Mark tone={healthOf(value).tone}>{healthOf(value).words}</Mark>
            <span class="muted">{value.kind}</span>
            <ChannelActions status={value} reload={reload} />
          </>
        )}
      </div>
      {value === undefined ? (
        error === undefined ? (
          <Loading rows={8} label={`Loading ${id}`} />
        ) : (
          <Failure error={error} retry={reload} />
        )
      ) : (
        <Channel status={value} resource={status} tab={query["tab"] ?? "refused"} />
      )}
    </section>
  );
}

interface ChannelProps {
  readonly status: ChannelStatusView;
  readonly resource: Resource<ChannelStatusView>;
  readonly tab: string;
}

function Channel({ status, resource, tab }: ChannelProps) {
  const { id, failed, drift, inbound } = status;
  return (
    <>
      <Stale error={resource.error} retry={resource.reload} />
      <Troubles status={status} />
      <Figures status={status} />
      <LagPanel id={id} />
      <div class="panel panel-tabs">
        <Tabs
          label="About this channel"
          current={tab}
          tabs={[
            { name: "refused", title: `Refused (${count(failed)})` },
            { name: "listings", title: "Listings" },
            { name: "drift", title: `Drift (${count(drift.open)})` },
            { name: "inbox", title: `Inbox (${count(inbound.waiting + inbound.parked)})` },
            { name: "settings", title: "Settings" },
          ]}
        >
          {tab === "refused" && <Listings key="failed" id={id} state="failed" changed={resource.reload} />}
          {tab === "listings" && <Listings key="all" id={id} changed={resource.reload} />}
          {tab === "drift" && <DriftPanel status={status} />}
          {tab === "inbox" && <Inbox status={status} changed={resource.reload} />}
          {tab === "settings" && <SettingsPanel status={status} />}
        </Tabs>
      </div>
    </>
  );
}

/** What stops the channel from being told, and what went wrong last, in its own words. */
function Troubles({ status }: { status: ChannelStatusView }) {
  const { pausedBecause, heldUntil, lastFailure, breaker } = status;
  return (
    <div class="troubles">
      {pausedBecause !== undefined && (
        <p class="notice notice-warning">Nothing is sent: {pausedBecause}. What changes meanwhile is kept.</p>
      )}
      {heldUntil !== undefined && (
        <p class="notice notice-warning">
          <span>
            The channel asked for silence. It is told again in <Until at={heldUntil} />.
          </span>
        </p>
      )}
      {lastFailure !== undefined && (
        <p class={breaker === "closed" ? "notice" : "notice notice-danger"}>
          <span>
            Last failure, <Ago at={lastFailure.at} />: <q>{lastFailure.detail}</q>
          </span>
        </p>
      )}
    </div>
  );
}

function Figures({ status }: { status: ChannelStatusView }) {
  const { breaker, due, failed, lag, lastSuccessAt } = status;
  const percentiles = [
    ["Lag p50", lag?.p50Ms],
    ["Lag p95", lag?.p95Ms],
    ["Lag p99", lag?.p99Ms],
  ] as const;
  return (
    <dl class="figures">
      <div class="figure">
        <dt>Waiting</dt>
        <dd>{count(due)}</dd>
      </div>
      <div class="figure">
        <dt>Refused</dt>
        <dd class={failed > 0 ? "danger-text" : undefined}>{count(failed)}</dd>
      </div>
      <div class="figure">
        <dt>Breaker</dt>
        <dd>{breakerWords[breaker]}</dd>
      </div>
      {percentiles.map(([name, ms]) => (
        <div key={name} class="figure">
          <dt>{name}</dt>
          <dd>{ms === undefined ? "–" : duration(ms)}</dd>
        </div>
      ))}
      <div class="figure">
        <dt>Last told</dt>
        <dd>{lastSuccessAt === undefined ? "never" : <Ago at={lastSuccessAt} />}</dd>
      </div>
    </dl>
  );
}
