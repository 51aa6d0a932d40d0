import { useState } from "preact/hooks";
import type { ChannelKindView, ChannelView } from "../../protocol/channel.ts";
import { ask, path } from "../api.ts";
import { ConnectForm } from "../channel/connect-form.tsx";
import { Connected } from "../channel/connected.tsx";
import { kindWords } from "../channel/kinds.ts";
import type { PageProps } from "../page.ts";
import { Failure, Loading } from "../parts/states.tsx";
import { useResource } from "../resource.ts";
import { addressOf } from "../route.ts";

interface Ground {
  readonly kinds: readonly ChannelKindView[];
  /** The channel that is changed; absent: a new one is connected. */
  readonly channel?: ChannelView;
}

/** Connects a channel step by step: its kind, what that kind needs, and a test. Also changes one that is there. */
export function Page({ query }: PageProps) {
  const id = query["id"];
  const { value, error, reload } = useResource(id ?? "", (signal) => load(id, signal));
  return (
    <section class="page page-narrow">
      <div class="page-head">
        <h1 tabIndex={-1}>{id === undefined ? "Connect a channel" : `Settings of ${id}`}</h1>
      </div>
      {value === undefined ? (
        error === undefined ? (
          <Loading rows={6} label="Loading the kinds of channels" />
        ) : (
          <Failure error={error} retry={reload} />
        )
      ) : (
        <Wizard ground={value} kindName={query["kind"]} />
      )}
    </section>
  );
}

async function load(id: string | undefined, signal: AbortSignal): Promise<Ground> {
  const { items } = await ask<{ items: ChannelKindView[] }>("/v1/channel-kinds", { signal });
  if (id === undefined) return { kinds: items };
  return { kinds: items, channel: await ask<ChannelView>(path`/v1/channels/${id}/settings`, { signal }) };
}

function Wizard({ ground, kindName }: { ground: Ground; kindName: string | undefined }) {
  const [done, setDone] = useState<ChannelView>();
  const { channel, kinds } = ground;
  const kind = kinds.find((one) => one.kind === (channel?.kind ?? kindName));
  if (done !== undefined) return <Connected channel={done} />;
  if (kind === undefined) return <Kinds kinds={kinds} />;
  return <ConnectForm key={kind.kind} kind={kind} channel={channel} onDone={setDone} />;
}

function Kinds({ kinds }: { kinds: readonly ChannelKindView[] }) {
  return (
    <>
      <p class="page-lead">
        Where do you sell? A channel is told about every change of stock as soon as it happens.
      </p>
      <ul class="kinds">
        {kinds.map(({ kind }) => {
          const { title, words } = kindWords(kind);
          return (
            <li key={kind}>
              <a class="kind" href={addressOf(["connect"], { kind })}>
                <strong>{title}</strong>
                <span>{words}</span>
              </a>
            </li>
          );
        })}
      </ul>
    </>
  );
}
