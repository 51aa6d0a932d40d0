import type { ChannelRefusal, Refused } from "../channel/contract.ts";
import { unreachable } from "../stock/refusal.ts";
import { ProblemError } from "../http/problem.ts";

/** The one place where a channel's refusal becomes a problem. */
export function channelProblem(id: string, { refusal }: Refused): ProblemError {
  return new ProblemError(...problemOf(id, refusal));
}

function problemOf(id: string, refusal: ChannelRefusal): ConstructorParameters<typeof ProblemError> {
  switch (refusal.code) {
    case "channel-not-found":
      return [refusal.code, { detail: `there is no channel ${id}; connect it with PUT /v1/channels/{id}` }];
    case "listing-not-found":
      return [refusal.code, { detail: "the channel has no listing of this SKU" }];
    case "listing-conflict":
    case "channel-cannot-be-read":
    case "run-not-found":
      return [refusal.code, { detail: refusal.detail }];
    case "import-running": {
      const sort = refusal.isDryRun ? "a dry run" : "an import that lists";
      return [
        refusal.code,
        { detail: `${sort} is under way; wait for it with GET /v1/channels/{id}/import` },
      ];
    }
    case "kind-unknown": {
      const detail = `known kinds are ${refusal.kinds.join(", ")}`;
      return ["channel-settings-invalid", { detail, errors: [{ pointer: "/kind", detail }] }];
    }
    case "kind-fixed": {
      const detail = `channel ${id} is of kind ${refusal.kind} for good; connect another one under a new id`;
      return ["channel-settings-invalid", { detail, errors: [{ pointer: "/kind", detail }] }];
    }
    case "invalid": {
      const errors = refusal.issues.map((issue) => ({ ...issue }));
      return [
        "channel-settings-invalid",
        { detail: errors.map((e) => `${e.pointer}: ${e.detail}`).join("; "), errors },
      ];
    }
    default:
      return unreachable(refusal);
  }
}
