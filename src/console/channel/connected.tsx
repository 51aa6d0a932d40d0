import { useEffect, useState } from "preact/hooks";
import type { ChannelView } from "../../protocol/channel.ts";
import type { Findings } from "../../protocol/reconciliation.ts";
import { ask, path } from "../api.ts";
import { Once } from "../parts/once.tsx";
import { Failure, Loading } from "../parts/states.tsx";
import { addressOf } from "../route.ts";
import { useAction } from "../use-action.ts";
import { FindingList } from "./findings.tsx";

/** After a channel was connected or changed: its secret, if there is one to show, and whether it can be reached. */
export function Connected({ channel }: { channel: ChannelView }) {
  const { id, signingSecret } = channel;
  const action = useAction();
  const [result, setResult] = useState<Findings>();
  const test = () =>
    action.run(async () => {
      setResult(undefined);
      setResult(await ask<Findings>(path`/v1/channels/${id}/test`, { method: "POST" }));
    });
  useEffect(() => void test(), []);
  return (
    <div class="panel stack">
      <h2>{id} is set up</h2>
      {signingSecret !== undefined && (
        <Once
          label="Signing secret"
          words="Every request to the channel is signed with it. It is shown this once: put it where the receiver can verify with it."
          value={signingSecret}
        />
      )}
      <h3>Connection test</h3>
      <div role="status">
        {action.error !== undefined ? (
          <Failure error={action.error} retry={() => void test()} />
        ) : result === undefined ? (
          <Loading rows={3} label="Testing the connection" />
        ) : (
          <FindingList result={result} />
        )}
      </div>
      <p class="toolbar">
        <a class="button primary" href={addressOf(["channels", id])}>
          Go to the channel
        </a>
        <a class="button" href={addressOf(["connect"], { id })}>
          Change the settings
        </a>
        <button type="button" disabled={action.isRunning} onClick={() => void test()}>
          Test again
        </button>
      </p>
    </div>
  );
}
