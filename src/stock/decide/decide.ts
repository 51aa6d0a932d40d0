import type { Mutation } from "../mutation.ts";
import { unreachable } from "../refusal.ts";
import type { SkuState } from "../state.ts";
import { type Decision, events } from "./decision.ts";
import { decideDerive } from "./kits.ts";
import {
  decideAdjust,
  decideCount,
  decideExpect,
  decideReceive,
  decideSetUnavailable,
  decideTransfer,
} from "./levels.ts";
import { decideCancel, decideFulfil, decideOrder, decideReturn } from "./orders.ts";
import { decideReport } from "./report.ts";
import { decideCommit, decideExtend, decideRelease, decideReserve, expireDue } from "./reservations.ts";
import { decideCreate, decideRetire } from "./settings.ts";

/**
 * What a mutation does to a SKU at a moment: pure, and it never throws. Reservations that are due must have
 * been expired first; `transact` does that.
 */
export function decide(state: SkuState, mutation: Mutation, nowMs: number): Decision {
  switch (mutation.type) {
    case "create":
      return decideCreate(state, mutation, nowMs);
    case "adjust":
      return decideAdjust(state, mutation, nowMs);
    case "count":
      return decideCount(state, mutation, nowMs);
    case "retire":
      return decideRetire(state, mutation, nowMs);
    case "transfer":
      return decideTransfer(state, mutation, nowMs);
    case "set-unavailable":
      return decideSetUnavailable(state, mutation, nowMs);
    case "expect":
      return decideExpect(state, mutation, nowMs);
    case "receive":
      return decideReceive(state, mutation, nowMs);
    case "derive":
      return decideDerive(state, mutation, nowMs);
    case "reserve":
      return decideReserve(state, mutation, nowMs);
    case "extend":
      return decideExtend(state, mutation, nowMs);
    case "commit":
      return decideCommit(state, mutation, nowMs);
    case "release":
      return decideRelease(state, mutation, nowMs);
    case "expire":
      return events(...expireDue(state, nowMs));
    case "order":
      return decideOrder(state, mutation, nowMs);
    case "cancel":
      return decideCancel(state, mutation, nowMs);
    case "fulfil":
      return decideFulfil(state, mutation, nowMs);
    case "return":
      return decideReturn(state, mutation, nowMs);
    case "report":
      return decideReport(state, mutation, nowMs);
    default:
      return unreachable(mutation);
  }
}
