import { useState } from "preact/hooks";
import type { MutationAnswer } from "../../client/types.ts";
import type { Reason } from "../../protocol/primitives.ts";
import { announce } from "../announce.ts";
import { mutate, path } from "../api.ts";
import { change, count, units } from "../format.ts";
import { line } from "../live.ts";
import { Dialog, DialogForm } from "../parts/dialog.tsx";
import { ChoiceField, NumberField, TextField, wholeNumber } from "../parts/field.tsx";
import { reasonWords } from "../story.ts";
import { useAction } from "../use-action.ts";
import {
  availableAt,
  type DialogProps,
  firstLocation,
  given,
  LocationField,
  onHandAt,
} from "./dialog-parts.tsx";

/** Reasons a person gives; those of counts and transfers are given by these. */
const reasons = Object.entries(reasonWords).filter(([reason]) => reason !== "count" && reason !== "transfer");

export function AdjustDialog({ stock, onClose }: DialogProps) {
  const action = useAction();
  const [delta, setDelta] = useState("");
  const [reason, setReason] = useState<string>("received");
  const [location, setLocation] = useState(firstLocation(stock));
  const [reference, setReference] = useState("");
  const by = wholeNumber(delta);
  const isReady = by !== undefined && by !== 0 && location !== "";
  const submit = () =>
    action.run(async (attempt) => {
      const body = { delta: by, reason: reason as Reason, location, ...given({ reference }) };
      const address = path`/v1/skus/${stock.sku}/adjustments`;
      line.take((await mutate<MutationAnswer>({ path: address, body }, attempt)).stock);
      announce(`${stock.sku}: ${change(by ?? 0)} at ${location}.`);
      onClose();
    });
  return (
    <Dialog title={`Adjust ${stock.sku}`} onClose={onClose}>
      <DialogForm action={action} verb="Adjust" isReady={isReady} onSubmit={() => void submit()}>
        <NumberField
          label="Change on hand by"
          hint={`+5 adds, -5 takes away. On hand at ${location}: ${count(onHandAt(stock, location))}.`}
          value={delta}
          onValue={setDelta}
        />
        <ChoiceField label="Reason" value={reason} options={reasons} onValue={setReason} />
        <LocationField label="Location" stock={stock} value={location} onValue={setLocation} />
        <TextField label="Reference (optional)" value={reference} onValue={setReference} />
      </DialogForm>
    </Dialog>
  );
}

export function CountDialog({ stock, onClose }: DialogProps) {
  const action = useAction();
  const [onHand, setOnHand] = useState("");
  const [location, setLocation] = useState(firstLocation(stock));
  const [seen, setSeen] = useState({ epoch: stock.epoch, version: stock.version });
  const counted = wholeNumber(onHand);
  const isReady = counted !== undefined && counted >= 0 && location !== "";
  const hasChanged = seen.version !== stock.version || seen.epoch !== stock.epoch;
  const submit = () =>
    action.run(async (attempt) => {
      const address = path`/v1/skus/${stock.sku}/levels/${location}`;
      const ifMatch = `"${seen.epoch}.${seen.version}"`;
      const body = { onHand: counted };
      line.take(
        (await mutate<MutationAnswer>({ path: address, method: "PUT", body, ifMatch }, attempt)).stock,
      );
      announce(`${stock.sku}: ${count(counted ?? 0)} counted at ${location}.`);
      onClose();
    });
  return (
    <Dialog title={`Count ${stock.sku}`} onClose={onClose}>
      <DialogForm action={action} verb="Record the count" isReady={isReady} onSubmit={() => void submit()}>
        <LocationField label="Location" stock={stock} value={location} onValue={setLocation} />
        <NumberField
          label="Units that are there"
          hint={`On hand by the ledger: ${count(onHandAt(stock, location))}. A count overwrites it.`}
          value={onHand}
          onValue={setOnHand}
        />
        {hasChanged && (
          <p class="notice notice-warning" role="status">
            <span>The stock has changed since you opened this. Check that your count still holds.</span>
            <button
              type="button"
              onClick={() => {
                setSeen({ epoch: stock.epoch, version: stock.version });
                action.clear();
              }}
            >
              It holds
            </button>
          </p>
        )}
      </DialogForm>
    </Dialog>
  );
}

export function TransferDialog({ stock, onClose }: DialogProps) {
  const action = useAction();
  const [from, setFrom] = useState(firstLocation(stock));
  const [to, setTo] = useState(stock.locations[1]?.location ?? "");
  const [text, setText] = useState("");
  const quantity = wholeNumber(text);
  const isReady = quantity !== undefined && quantity > 0 && from !== "" && to !== "" && from !== to;
  const submit = () =>
    action.run(async (attempt) => {
      const address = path`/v1/skus/${stock.sku}/transfers`;
      line.take(
        (await mutate<MutationAnswer>({ path: address, body: { from, to, quantity } }, attempt)).stock,
      );
      announce(`${units(quantity ?? 0)} of ${stock.sku} moved to ${to}.`);
      onClose();
    });
  return (
    <Dialog title={`Transfer ${stock.sku}`} onClose={onClose}>
      <DialogForm action={action} verb="Transfer" isReady={isReady} onSubmit={() => void submit()}>
        <LocationField label="From" stock={stock} value={from} onValue={setFrom} />
        <LocationField label="To" stock={stock} value={to} onValue={setTo} />
        <NumberField
          label="Units"
          hint={`Available at ${from || "the first"}: ${count(availableAt(stock, from))}. Units that somebody was promised stay.`}
          value={text}
          onValue={setText}
        />
      </DialogForm>
    </Dialog>
  );
}
