import type { Cloud } from "../cloud/cloud.ts";
import type { Actor } from "../kernel/actor.ts";
import { type Answered, answered, type Call, callOf, requestOf } from "./calls.ts";
import type { Attempt, Deed, History } from "./history.ts";
import { inWords, type Step } from "./steps.ts";

/** Told of every answer as it comes. */
export interface Checker {
  /** A request leaves. */
  sent(deed: Deed, attempt: Attempt): void;
  answered(deed: Deed, attempt: Attempt): void;
}

/** Those who use the API: each step is somebody's, who tries again with the same key until there is an answer. */
export class Callers {
  readonly #cloud: Cloud;
  readonly #history: History;
  readonly #checker: Checker;

  constructor(cloud: Cloud, history: History, checker: Checker) {
    this.#cloud = cloud;
    this.#history = history;
    this.#checker = checker;
  }

  async perform(caller: Actor, step: Step): Promise<void> {
    const call = callOf(step, this.#history);
    if (call === undefined) return;
    const deed = this.#history.begin(step, call);
    this.#tell(caller, inWords(step.action));
    const answer = await this.#insist(caller, deed, call);
    if (answer === undefined || step.echoAfterMs === undefined) return;
    await caller.sleep(step.echoAfterMs);
    await this.#try(caller, deed, call);
  }

  /** Sends it until it is answered; undefined if the caller gives up. */
  async #insist(caller: Actor, deed: Deed, call: Call): Promise<Answered | undefined> {
    for (let left = deed.step.patience; ; left -= 1) {
      const answer = await this.#try(caller, deed, call);
      if (answer !== undefined && answer.status < 500) return answer;
      if (left === 0) return undefined;
      await caller.sleep(caller.random.delay(400, 20_000));
    }
  }

  async #try(caller: Actor, deed: Deed, call: Call): Promise<Answered | undefined> {
    const { timeline } = this.#cloud;
    const attempt: Attempt = { sentAtMs: timeline.nowMs };
    deed.attempts.push(attempt);
    this.#checker.sent(deed, attempt);
    try {
      const response = await this.#cloud.http(caller, requestOf(call, `key-${deed.step.id}`));
      const answer = await answered(response);
      attempt.answer = answer;
      attempt.answeredAtMs = timeline.nowMs;
      this.#tell(
        caller,
        `is answered ${answer.status}${answer.isReplay ? " (replayed)" : ""} ${answer.text}`,
      );
      this.#checker.answered(deed, attempt);
      return answer;
    } catch (error) {
      this.#tell(caller, `gets no answer: ${String(error)}`);
      return undefined;
    }
  }

  #tell(caller: Actor, text: string): void {
    this.#cloud.trace.add(this.#cloud.timeline.nowMs, "story", `${caller.name} ${text}`);
  }
}
