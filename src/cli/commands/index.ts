import type { Command } from "commander";
import type { Stage } from "../on-service.ts";
import { addBackup } from "./backup.ts";
import { addChanges, addReservations } from "./changes.ts";
import { addChannels } from "./channels.ts";
import { addCompletion } from "./completion.ts";
import { addKeys } from "./keys.ts";
import { addLedger } from "./ledger.ts";
import { addStock } from "./stock.ts";
import { addTools } from "./tools.ts";
import { addTransfer } from "./transfer.ts";
import { addVerify } from "./verify.ts";

/** Every command there is, in the order in which the help lists them. */
export function addCommands(program: Command, stage: Stage): void {
  addStock(program, stage);
  addChanges(program, stage);
  addReservations(program, stage);
  addChannels(program, stage);
  addKeys(program, stage);
  addLedger(program, stage);
  addVerify(program, stage);
  addTransfer(program, stage);
  addTools(program, stage);
  addBackup(program, stage);
  addCompletion(program, stage);
}
