import { useState } from "preact/hooks";
import type { ChannelStatusView } from "../../protocol/channel.ts";
import type { Findings } from "../../protocol/reconciliation.ts";
import { announce } from "../announce.ts";
import { ask, path } from "../api.ts";
import { Dialog, DialogForm } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { go } from "../place.ts";
import { useAction } from "../use-action.ts";
import { FindingList } from "./findings.tsx";

interface Props {
  readonly status: ChannelStatusView;
  readonly reload: () => void;
}

/** What can be done with a channel as a whole. */
export function ChannelActions({ status, reload }: Props) {
  const { id, state } = status;
  const [open, setOpen] = useState<"test" | "remove">();
  const action = useAction();
  const verb = state === "paused" ? "resume" : "pause";
  const toggle = () =>
    action.run(async () => {
      await ask(path`/v1/channels/${id}/${verb}`, { method: "POST" });
      announce(verb === "pause" ? `${id} is paused.` : `${id} is told again.`);
      reload();
    });
  return (
    <div class="page-head-actions">
      {action.error !== undefined && <p class="field-error">{action.error.message}</p>}
      <button type="button" onClick={() => setOpen("test")}>
        Test connection
      </button>
      <button type="button" disabled={action.isRunning} onClick={() => void toggle()}>
        {verb === "pause" ? "Pause" : "Resume"}
      </button>
      <button type="button" class="danger" onClick={() => setOpen("remove")}>
        Remove
      </button>
      {open === "test" && <TestDialog id={id} onClose={() => setOpen(undefined)} />}
      {open === "remove" && <RemoveDialog id={id} onClose={() => setOpen(undefined)} />}
    </div>
  );
}

function TestDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const action = useAction();
  const [result, setResult] = useState<Findings>();
  const test = () =>
    action.run(async () => {
      setResult(await ask<Findings>(path`/v1/channels/${id}/test`, { method: "POST" }));
    });
  return (
    <Dialog title={`Test the connection to ${id}`} onClose={onClose}>
      <DialogForm
        action={action}
        verb={result === undefined ? "Test" : "Test again"}
        onSubmit={() => void test()}
      >
        <p class="hint">
          Calls the channel and looks at what the connection needs. It changes nothing there.
        </p>
        <div role="status">{result !== undefined && <FindingList result={result} />}</div>
      </DialogForm>
    </Dialog>
  );
}

function RemoveDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const action = useAction();
  const [typed, setTyped] = useState("");
  const remove = () =>
    action.run(async () => {
      await ask(path`/v1/channels/${id}`, { method: "DELETE" });
      announce(`${id} is removed.`);
      go(["channels"]);
    });
  return (
    <Dialog title={`Remove ${id}`} onClose={onClose}>
      <DialogForm
        action={action}
        verb="Remove"
        isDanger
        isReady={typed === id}
        onSubmit={() => void remove()}
      >
        <p>
          Its listings, settings and credentials are forgotten, and it is told nothing more. The ledger keeps
          what it sold. To stop it for a while, pause it instead.
        </p>
        <TextField label={`Type ${id} to confirm`} value={typed} onValue={setTyped} />
      </DialogForm>
    </Dialog>
  );
}
