import { useState } from "preact/hooks";
import { announce } from "../announce.ts";
import { mutate, path } from "../api.ts";
import { Dialog, DialogForm } from "../parts/dialog.tsx";
import { NumberField, TextField, wholeNumber } from "../parts/field.tsx";
import { go } from "../place.ts";
import { useAction } from "../use-action.ts";

/** Makes a SKU, with what is there of it, and goes to its page. */
export function AddDialog({ onClose }: { onClose: () => void }) {
  const action = useAction();
  const [name, setName] = useState("");
  const [title, setTitle] = useState("");
  const [location, setLocation] = useState("default");
  const [text, setText] = useState("0");
  const sku = name.trim();
  const onHand = wholeNumber(text);
  const isReady = sku !== "" && location.trim() !== "" && onHand !== undefined && onHand >= 0;
  const submit = () =>
    action.run(async (attempt) => {
      const settings = title.trim() === "" ? {} : { title: title.trim() };
      await mutate({ path: path`/v1/skus/${sku}`, method: "PUT", body: settings }, attempt);
      // Without If-Match `*` the count would be refused; of a SKU that was just made there is nothing to overwrite.
      const count = { path: path`/v1/skus/${sku}/levels/${location.trim()}`, method: "PUT" as const };
      await mutate({ ...count, body: { onHand }, ifMatch: "*" }, attempt);
      announce(`${sku} is added.`);
      go(["skus", sku]);
    });
  return (
    <Dialog title="Add a SKU" onClose={onClose}>
      <DialogForm action={action} verb="Add" isReady={isReady} onSubmit={() => void submit()}>
        <TextField
          label="SKU"
          hint="As your channels and warehouse write it: upper and lower case count."
          value={name}
          onValue={setName}
        />
        <TextField label="Title (optional)" value={title} onValue={setTitle} />
        <NumberField label="On hand" value={text} onValue={setText} />
        <TextField label="Location" value={location} onValue={setLocation} />
      </DialogForm>
    </Dialog>
  );
}
