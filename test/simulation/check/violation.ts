/** The promises that a run checks. */
export type Rule =
  | "no oversell by a request"
  | "the ledger is dense"
  | "the ledger adds up to the state"
  | "oversells are counted"
  | "a reservation ends once"
  | "a reservation holds until its time"
  | "a key takes effect once"
  | "an acknowledged mutation is in the ledger"
  | "a repeated key is answered the same"
  | "real time order holds"
  | "a read is as fresh as asked"
  | "nothing fails without a cause"
  | "a channel is never told an older number"
  | "a number is not raised over an unseen sale"
  | "a channel is told what it may show"
  | "a precondition holds"
  | "a kit is what its components allow"
  | "a cart is sold whole or not at all"
  | "what is told is in the ledger"
  | "a watcher never sees an older view"
  | "a watcher is told in time"
  | "who listens hears every event once"
  | "a channel is told in time"
  | "D1 is what the objects say"
  | "channels converge"
  | "orders are recorded once and whole"
  | "nothing is left undone"
  | "the service comes to rest"
  | "no promise is rejected unheard";

export interface Violation {
  readonly rule: Rule;
  readonly detail: string;
  readonly atMs: number;
}

/** Told of a broken promise. */
export type Report = (rule: Rule, detail: string) => void;
